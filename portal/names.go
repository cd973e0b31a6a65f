package portal

import (
	"cmp"
	"strings"

	"foyer/sapi"
)

// UserName is how a person is called: by their display name, their names, their
// address or their id, whichever they have first. It is never empty.
func UserName(u sapi.User) string {
	return cmp.Or(u.DisplayName, strings.TrimSpace(u.FirstName+" "+u.LastName), u.Email, u.ID, "(no name)")
}

// NewUserName is how a person to be created is called, as UserName says it.
func NewUserName(u sapi.NewUser) string {
	return UserName(sapi.User{DisplayName: u.DisplayName, FirstName: u.FirstName, LastName: u.LastName, Email: u.Email})
}
