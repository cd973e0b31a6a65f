package session

import (
	"fmt"
	"testing"
	"time"
)

func TestAnAllowanceIsUsedUpAndComesBack(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	a := newAllowance(func() time.Time { return at }, 3, 0.5)
	use := func(address string, amount float64, want time.Duration) {
		t.Helper()
		if got := a.allow(address, amount); got != want {
			t.Errorf("allow(%s, %v) = wait %v, want %v", address, amount, got, want)
		}
	}
	use("203.0.113.7", 2, 0)
	use("203.0.113.7", 2, 2*time.Second)
	use("203.0.113.7", 1, 0)
	use("203.0.113.7", 1, 2*time.Second)
	use("203.0.113.8", 3, 0) // another address has its own
	at = at.Add(2 * time.Second)
	use("203.0.113.7", 1, 0)
	use("203.0.113.7", 1, 2*time.Second)
	a.take("203.0.113.7", -1) // given back
	use("203.0.113.7", 1, 0)
	a.take("203.0.113.9", -5) // nobody gets more than there is
	use("203.0.113.9", 4, 2*time.Second)
}

func TestAnAllowanceCountsBoundedlyManyAddresses(t *testing.T) {
	t.Parallel()
	a := newAllowance(func() time.Time { return time.Time{} }, 3, 0.5)
	for n := range maxUses + 10 {
		a.take(fmt.Sprintf("2001:db8:%x:%x::1", n>>16, n&0xffff), 1)
	}
	if n := len(a.used); n > maxUses {
		t.Errorf("%d addresses are counted, want at most %d", n, maxUses)
	}
}

func TestWhatCountsAsOneAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ address, want string }{
		{"203.0.113.7", "203.0.113.7/32"},
		{"::ffff:203.0.113.7", "203.0.113.7/32"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"fe80::1%eth0", "fe80::/64"},
		{"", "invalid Prefix"},
		{"@", "invalid Prefix"},
	} {
		if got := network(tt.address).String(); got != tt.want {
			t.Errorf("network(%q) = %s, want %s", tt.address, got, tt.want)
		}
	}
}
