package kit

import (
	"testing"
	"time"
)

func TestAnAllowanceIsUsedUpAndComesBack(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	a := NewAllowance[string](func() time.Time { return at }, 3, 0.5)
	use := func(who string, amount float64, want time.Duration) {
		t.Helper()
		if got := a.Allow(who, amount); got != want {
			t.Errorf("Allow(%s, %v) = wait %v, want %v", who, amount, got, want)
		}
	}
	use("vera", 2, 0)
	use("vera", 2, 2*time.Second)
	use("vera", 1, 0)
	use("vera", 1, 2*time.Second)
	use("otto", 3, 0) // another has their own
	at = at.Add(2 * time.Second)
	use("vera", 1, 0)
	use("vera", 1, 2*time.Second)
	a.Take("vera", -1) // given back
	use("vera", 1, 0)
	a.Take("ada", -5) // nobody gets more than there is
	use("ada", 4, 2*time.Second)
}

func TestAnAllowanceCountsBoundedlyMany(t *testing.T) {
	t.Parallel()
	a := NewAllowance[int](func() time.Time { return time.Time{} }, 3, 0.5)
	for n := range maxUses + 10 {
		a.Take(n, 1)
	}
	if n := len(a.used); n > maxUses {
		t.Errorf("%d are counted, want at most %d", n, maxUses)
	}
}
