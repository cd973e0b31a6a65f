package session

import "testing"

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
