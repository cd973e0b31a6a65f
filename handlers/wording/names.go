package wording

import (
	"foyer/auth"
	"foyer/ledger"
)

// RecordedName is how an event calls a person.
func RecordedName(u ledger.User, redacted bool) string {
	for _, name := range []string{u.Name, u.Email, u.ID} {
		if name != "" {
			return name
		}
	}
	if redacted {
		return erased
	}
	return "a person"
}

// erased stands where a name was before it was erased on legal order.
const erased = "(erased)"

// ActorName is who did it, as histories call them.
func ActorName(a auth.Actor, redacted bool) string {
	switch {
	case a.Name != "":
		return a.Name
	case a.Email != "":
		return a.Email
	case redacted:
		return erased
	case a.Subject != "":
		return a.Subject
	}
	return "somebody who was not signed in"
}
