package session

import (
	"net/netip"
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
	// Logouts are logout tokens that don't verify. Each may have Foyer ask for the
	// provider's keys; beyond them only tokens by the keys that are known are taken.
	Logouts *allowance
}

// allowance is counted by networks.
type allowance = kit.Allowance[netip.Prefix]

// A form that is kept while its person signs in is larger than a sign-in alone.
const (
	startCost = 1
	draftCost = 5
)

// NewLimits counts for each address.
func NewLimits(now func() time.Time) Limits {
	return Limits{
		Starts:   kit.NewAllowance[netip.Prefix](now, 300, 5),
		Failures: kit.NewAllowance[netip.Prefix](now, 30, 0.1),
		Logouts:  kit.NewAllowance[netip.Prefix](now, 30, 0.1),
	}
}

// network is what counts as one address: of IPv6 the 64 bits that one customer has at
// least, since they choose the rest themselves.
func network(address string) netip.Prefix {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{} // all that can't be told apart is one
	}
	ip = ip.Unmap().WithZone("")
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	of, _ := ip.Prefix(bits) // bits are in range
	return of
}
