package wording

import (
	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
)

// RecordedName is how an event calls a person.
func RecordedName(u ledger.User, redacted bool) string {
	nobody := "a person"
	if redacted {
		nobody = erased
	}
	return portal.FirstSeen(u.Name, u.Email, u.ID, nobody)
}

// erased stands where a name was before it was erased on legal order.
const erased = "(erased)"

// ActorName is who did it, as histories call them.
func ActorName(a auth.Actor, redacted bool) string {
	if name := portal.FirstSeen(a.Name, a.Email); name != "" {
		return name
	}
	if redacted {
		return erased
	}
	return portal.FirstSeen(a.Subject, "somebody who was not signed in")
}
