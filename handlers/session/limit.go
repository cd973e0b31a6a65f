package session

import (
	"time"

	"foyer/handlers/kit"
)

// Limits are what each address may cost by signing in and out without a session.
type Limits struct {
	// Starts are sign-ins that were begun and not finished: each is a row in the store.
	// A whole office may share an address.
	Starts *allowance
	// Failures are returns from the provider that belong to no sign-in of the browser's
	// own. Nobody has many of them in good faith, and each goes on record for ever.
	Failures *allowance
	// SignIns are those that succeed, by person: each is on record for ever.
	SignIns *allowance
	// Logouts are logout tokens that don't verify. Each may have Foyer ask for the
	// provider's keys; beyond them only tokens by the keys that are known are taken.
	Logouts *allowance
}

// allowance is counted by networks, or people.
type allowance = kit.Allowance[string]

// A form that is kept while its person signs in is larger than a sign-in alone.
const (
	startCost = 1
	draftCost = 5
)

// NewLimits counts for each address.
func NewLimits(now func() time.Time) Limits {
	return Limits{
		Starts:   kit.NewAllowance[string](now, 300, 5),
		SignIns:  kit.NewAllowance[string](now, 30, 1.0/60),
		Failures: kit.NewAllowance[string](now, 30, 0.1),
		Logouts:  kit.NewAllowance[string](now, 30, 0.1),
	}
}
