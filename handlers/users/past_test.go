package users

import (
	"testing"
	"time"
)

func TestParsePast(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 9, 30, 18, 0, 0, 0, time.UTC)
	day := func(h, m, s int) time.Time { return time.Date(2026, 9, 30, h, m, s, 0, time.UTC) }
	tests := []struct {
		typed   string
		want    time.Time
		problem bool
	}{
		{"", time.Time{}, false},
		{"  ", time.Time{}, false},
		{"2026-09-30", day(0, 0, 0), false},
		{"2026-09-30T17:30", day(17, 30, 0), false},
		{" 2026-09-30T17:30 ", day(17, 30, 0), false},
		{"2026-09-30T17:30:15", day(17, 30, 15), false},
		{"2026-09-30T17:30Z", day(17, 30, 0), false},
		{"2026-09-30T17:30:15Z", day(17, 30, 15), false},
		{"2026-09-30T17:30+02:00", day(15, 30, 0), false},
		{"2026-09-30T17:30:15.123456Z", day(17, 30, 15).Add(123456 * time.Microsecond), false},
		{"2026-09-30 17:30", day(17, 30, 0), false},
		{"2026-09-30 17:30:15 UTC", day(17, 30, 15), false},
		{"2026-09-30T18:00Z", now, false},
		{"2026-09-30T18:00:01Z", time.Time{}, true},
		{"2026-10-01", time.Time{}, true},
		{"2026-09-31", time.Time{}, true},
		{"0000-01-01", time.Time{}, true},
		{"30.9.2026", time.Time{}, true},
		{"2026-09-30T17:30 02:00", time.Time{}, true}, // a plus that nobody escaped
		{"yesterday", time.Time{}, true},
	}
	for _, test := range tests {
		got, problem := parsePast(test.typed, now)
		if !got.Equal(test.want) || (problem != "") != test.problem {
			t.Errorf("parsePast(%q) = %v, %q, want %v", test.typed, got, problem, test.want)
		}
		if test.problem || got.IsZero() {
			continue
		}
		if again, _ := parsePast(atParam(got), now); !again.Equal(got) {
			t.Errorf("parsePast(atParam(%v)) = %v, want the same time", got, again)
		}
		if again, _ := parsePast(atValue(got, ""), now); !again.Equal(got) {
			t.Errorf("parsePast(atValue(%v)) = %v, want the same time", got, again)
		}
	}
}
