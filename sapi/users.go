package sapi

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// Users reads and changes the users of the partner's sponsored companies.
type Users struct{ client *Client }

const (
	maxPageSize = 100
	maxNewUsers = 20

	// maxPages bounds the reading of a whole list: half a million users at 100 a page.
	maxPages = 5000
)

// List returns one page of a company's users, by creation date. Lists usually
// don't say whether a user is active: see [Status].
//
// Upstream: GET /api/v2/companies/{companyId}/users (getUsers).
func (s *Users) List(ctx context.Context, companyID string, page PageOptions) (UserPage, error) {
	page.Size = orDefault(page.Size, maxPageSize)
	result := UserPage{Page: page.Page, Size: page.Size}
	k := call{
		op: "list users", operation: "getUsers", method: http.MethodGet, to: s.client.api,
		query: url.Values{
			"currentPage": {strconv.Itoa(page.Page)},
			"pageSize":    {strconv.Itoa(page.Size)},
		},
		bearer: true, decode: decodeUserPage(&result),
	}
	if page.Page < 0 || page.Size < 1 || page.Size > maxPageSize {
		return UserPage{}, k.invalid("pages count from 0 and have 1 to 100 users")
	}
	k, err := k.at(companyID, "users")
	if err != nil {
		return UserPage{}, err
	}
	if err := s.client.do(ctx, k); err != nil {
		return UserPage{}, err
	}
	return result, nil
}

// All returns a company's users one after the other, each id once, reading pages
// of the given size (1–100; 0 means 100) as they are needed. It stops after an
// error. It ends in any case: on an empty page, on two pages in a row that bring
// nothing new, and after 5,000 pages. If Symphony's total says that users are
// missing then, the last thing that it yields is an error that [IsIncomplete]:
// what was not seen must not be taken for absent.
//
// Upstream: GET /api/v2/companies/{companyId}/users (getUsers).
func (s *Users) All(ctx context.Context, companyID string, size int) iter.Seq2[User, error] {
	return func(yield func(User, error) bool) {
		seen := make(map[string]bool)
		stale := 0
		for n := range maxPages {
			page, err := s.List(ctx, companyID, PageOptions{Page: n, Size: size})
			if err != nil {
				yield(User{}, err)
				return
			}
			stale++
			for _, u := range page.Users {
				key := orDefault(u.ID, NormalEmail(u.Email))
				if seen[key] {
					continue
				}
				seen[key], stale = true, 0
				if !yield(u, nil) {
					return
				}
			}
			missing := page.Total - int64(len(seen))
			// A server that counts pages from one answers 0 and 1 alike, so one stale page is no end.
			if missing == 0 || len(page.Users) == 0 || stale == 2 {
				if missing > 0 {
					yield(User{}, s.incomplete())
				}
				return
			}
		}
		yield(User{}, s.incomplete())
	}
}

func (s *Users) incomplete() error {
	k := call{op: "list all users", operation: "getUsers", method: http.MethodGet, to: s.client.api}
	return k.failure(ClassProtocol, errIncomplete)
}

// Get returns one user, with the status that lists leave out.
//
// Upstream: GET /api/v2/companies/{companyId}/users/{userId} (getUser).
func (s *Users) Get(ctx context.Context, companyID, userID string) (User, error) {
	var user User
	k := call{
		op: "get user", operation: "getUser", method: http.MethodGet, to: s.client.api,
		bearer: true, decode: decodeUser(&user),
	}
	k, err := k.at(companyID, "users", userID)
	if err != nil {
		return User{}, err
	}
	if err := s.client.do(ctx, k); err != nil {
		return User{}, err
	}
	return user, nil
}

// Create creates 1–20 users in a company and returns one result for each, in the
// order sent. Answers are matched by [NormalEmail], never by position; a user
// that came back in no answer is [ItemUnknown]. An error means that the call as a
// whole was refused or failed, or, if [IsUnknownOutcome], that any of the users
// may have been created.
//
// Upstream: POST /api/v2/companies/{companyId}/users (createUsers).
func (s *Users) Create(ctx context.Context, companyID string, users []NewUser) ([]UserResult, error) {
	var results []UserResult
	k := call{
		op: "create users", operation: "createUsers", method: http.MethodPost, to: s.client.api,
		bearer: true, change: true, body: newUsersJSON(users),
	}
	if len(users) == 0 || len(users) > maxNewUsers {
		return nil, k.invalid("one call takes 1 to 20 users")
	}
	k, err := k.at(companyID, "users")
	if err != nil {
		return nil, err
	}
	k.decode = decodeUserResults(k, users, &results)
	if err := s.client.do(ctx, k); err != nil {
		return nil, err
	}
	return results, nil
}

// SetActive enables or disables a user. A disabled user can't log in and is no
// longer associated with the partner; their chats are kept.
//
// Upstream: PATCH /api/v2/companies/{companyId}/users/{userId} (updateUser).
func (s *Users) SetActive(ctx context.Context, companyID, userID string, active bool) error {
	k := call{
		op: "disable user", operation: "updateUser", method: http.MethodPatch, to: s.client.api,
		bearer: true, change: true, body: activeJSON{active},
	}
	if active {
		k.op = "enable user"
	}
	k, err := k.at(companyID, "users", userID)
	if err != nil {
		return err
	}
	return s.client.do(ctx, k)
}
