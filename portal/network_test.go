package portal_test

import (
	"testing"

	"foyer/portal"
)

func TestWhatCountsAsOneAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ address, want string }{
		{"203.0.113.7", "203.0.113.7/32"},
		{"::ffff:203.0.113.7", "203.0.113.7/32"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"fe80::1%eth0", "fe80::/64"},
		{"", ""},
		{"@", ""},
	} {
		if got := portal.Network(tt.address); got != tt.want {
			t.Errorf("Network(%q) = %q, want %q", tt.address, got, tt.want)
		}
	}
}
