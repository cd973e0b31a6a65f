package sapi

import (
	"context"
	"net/http"
)

// Users reads and changes the users of the partner's sponsored companies.
type Users struct{ client *Client }

const maxNewUsers = 20

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
// order sent, and what the answer holds beside them. Answers are matched by
// [NormalEmail], never by position; a user that came back in no answer is
// [ItemUnknown]. An error means that the call as a
// whole was refused or failed, or, if [IsUnknownOutcome], that any of the users
// may have been created.
//
// Upstream: POST /api/v2/companies/{companyId}/users (createUsers).
func (s *Users) Create(ctx context.Context, companyID string, users []NewUser) (CreateUsersResult, error) {
	var result CreateUsersResult
	k := call{
		op: "create users", operation: "createUsers", method: http.MethodPost, to: s.client.api,
		bearer: true, change: true, body: newUsersJSON(users),
	}
	if len(users) == 0 || len(users) > maxNewUsers {
		return CreateUsersResult{}, k.invalid("one call takes 1 to 20 users")
	}
	k, err := k.at(companyID, "users")
	if err != nil {
		return CreateUsersResult{}, err
	}
	k.decode = decodeCreated(k, users, &result)
	if err := s.client.do(ctx, k); err != nil {
		return CreateUsersResult{}, err
	}
	return result, nil
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
