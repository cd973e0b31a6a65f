package portal

import (
	"strings"

	"foyer/address"
	"foyer/sapi"
)

// UserName is how a person is called: by their display name, their names, their
// address or their id, whichever they have first that can be seen.
func UserName(u sapi.User) string {
	return FirstSeen(u.DisplayName, strings.TrimSpace(u.FirstName+" "+u.LastName), u.Email, u.ID, "(no name)")
}

// FirstSeen is the first of some texts in which there is something to see; empty when
// there is none.
func FirstSeen(texts ...string) string {
	for _, text := range texts {
		if !address.Blank(text) {
			return text
		}
	}
	return ""
}

// NewUserName is how a person to be created is called, as UserName says it.
func NewUserName(u sapi.NewUser) string {
	return UserName(sapi.User{DisplayName: u.DisplayName, FirstName: u.FirstName, LastName: u.LastName, Email: u.Email})
}
