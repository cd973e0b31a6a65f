package sapi

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

const (
	maxPageSize = 100

	// maxPages bounds the reading of a whole list: half a million users at 100 a page.
	maxPages = 5000
)

// listed is a page with what is needed to know whether it is the last one.
type listed struct {
	UserPage
	rows  int    // items, those included that are no users
	full  bool   // as many as were asked for, or as the server gives at most
	most  int    // how many that is
	fresh []User // those who were on no page before
}

// List returns one page of a company's users, by creation date. Lists usually
// don't say whether a user is active: see [Status].
//
// Upstream: GET /api/v2/companies/{companyId}/users (getUsers).
func (s *Users) List(ctx context.Context, companyID string, page PageOptions) (UserPage, error) {
	read, err := s.list(ctx, companyID, page)
	return read.UserPage, err
}

func (s *Users) list(ctx context.Context, companyID string, page PageOptions) (listed, error) {
	page.Size = orDefault(page.Size, maxPageSize)
	result := listed{UserPage: UserPage{Page: page.Page, Size: page.Size}}
	k := call{
		op: "list users", operation: "getUsers", method: http.MethodGet, to: s.client.api,
		query: url.Values{
			"currentPage": {strconv.Itoa(page.Page)},
			"pageSize":    {strconv.Itoa(page.Size)},
		},
		bearer: true, decode: decodeUserPage(&result),
	}
	if page.Page < 0 || page.Size < 1 || page.Size > maxPageSize {
		return listed{}, k.invalid("pages count from 0 and have 1 to 100 users")
	}
	k, err := k.at(companyID, "users")
	if err != nil {
		return listed{}, err
	}
	if err := s.client.do(ctx, k); err != nil {
		return listed{}, err
	}
	result.Total, result.AtLeast = result.count()
	result.More = result.rows > 0 && (result.full || result.AtLeast)
	return result, nil
}

// count says how many users there are. Rows that were received count: what Symphony
// gives as the total is believed as far as it doesn't contradict them.
func (l *listed) count() (total int64, atLeast bool) {
	seen := int64(l.Page)*int64(l.most) + int64(l.rows)
	switch {
	case l.rows == 0:
		return max(l.Said, 0), false
	case l.full && l.Said >= seen:
		return l.Said, false
	case l.full:
		return seen, true
	default: // the last page, unless Symphony speaks of more
		return seen, l.Said > seen
	}
}

// Pages returns the pages of a company's users as Symphony gives them, from the given
// one on, reading them as they are needed. It stops after an error.
//
// The last page is the first that is not full: that has fewer rows than were asked
// for, or than the answer gives as its own size if that is smaller. Symphony's total
// ends nothing, for it may lag or be missing. It only keeps a short page from being
// the last one while it speaks of more, in case the server gives fewer than it was
// asked for and does not say so; then an empty page is the last.
//
// It ends in any case: on two pages in a row that bring nothing new, and after 5,000
// pages. If the last of them was full, the end of the list was not seen, and what it
// yields then is an error that [IsIncomplete]: what was not seen must not be taken
// for absent.
//
// Upstream: GET /api/v2/companies/{companyId}/users (getUsers).
func (s *Users) Pages(ctx context.Context, companyID string, first PageOptions) iter.Seq2[UserPage, error] {
	return func(yield func(UserPage, error) bool) {
		for page, err := range s.pages(ctx, companyID, first) {
			if !yield(page.UserPage, err) {
				return
			}
		}
	}
}

// All returns a company's users one after the other, each id once, reading pages
// of the given size (1–100; 0 means 100) as they are needed. It ends as [Users.Pages]
// does, and stops after an error.
//
// Upstream: GET /api/v2/companies/{companyId}/users (getUsers).
func (s *Users) All(ctx context.Context, companyID string, size int) iter.Seq2[User, error] {
	return func(yield func(User, error) bool) {
		for page, err := range s.pages(ctx, companyID, PageOptions{Size: size}) {
			if err != nil {
				yield(User{}, err)
				return
			}
			for _, u := range page.fresh {
				if !yield(u, nil) {
					return
				}
			}
		}
	}
}

func (s *Users) pages(ctx context.Context, companyID string, next PageOptions) iter.Seq2[listed, error] {
	return func(yield func(listed, error) bool) {
		seen := make(map[string]bool)
		skipped, stale := next.Page*orDefault(next.Size, maxPageSize), 0
		for range maxPages {
			page, err := s.list(ctx, companyID, next)
			if err != nil {
				yield(listed{}, err)
				return
			}
			next.Page++
			page.fresh = unseen(page.Users, seen)
			if !yield(page, nil) {
				return
			}
			if stale++; len(page.fresh) > 0 {
				stale = 0
			}
			more := page.rows > 0 && page.Said > int64(skipped+len(seen))
			switch {
			case !page.full && !more:
				return
			// A server that counts pages from one answers 0 and 1 alike, so one stale page is no end.
			case stale == 2 && !page.full:
				return
			case stale == 2:
				yield(listed{}, s.incomplete())
				return
			}
		}
		yield(listed{}, s.incomplete())
	}
}

// unseen returns those of the users who were not seen yet, each once, and marks them.
func unseen(users []User, seen map[string]bool) []User {
	var fresh []User
	for _, u := range users {
		if key := orDefault(u.ID, NormalEmail(u.Email)); !seen[key] {
			seen[key] = true
			fresh = append(fresh, u)
		}
	}
	return fresh
}

func (s *Users) incomplete() error {
	k := call{op: "list all users", operation: "getUsers", method: http.MethodGet, to: s.client.api}
	return k.failure(ClassProtocol, errIncomplete)
}
