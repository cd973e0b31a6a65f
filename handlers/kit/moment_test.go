package kit

import (
	"testing"
	"time"
)

func TestATimeIsTakenAsFoyerWritesIt(t *testing.T) {
	t.Parallel()
	at := func(h, m, s, ns int) time.Time { return time.Date(2026, 9, 30, h, m, s, ns, time.UTC) }
	tests := []struct {
		typed  string
		begin  time.Time
		length time.Duration
	}{
		{"2026-09-30", at(0, 0, 0, 0), 24 * time.Hour},
		{" 2026-09-30T17:30 ", at(17, 30, 0, 0), time.Minute},
		{"2026-09-30 17:30", at(17, 30, 0, 0), time.Minute},
		{"2026-09-30t17:30z", at(17, 30, 0, 0), time.Minute},
		{"2026-09-30 17:30 UTC", at(17, 30, 0, 0), time.Minute},
		{"2026-09-30 17:30:15 UTC", at(17, 30, 15, 0), time.Second},
		{"2026-09-30T17:30:15Z", at(17, 30, 15, 0), time.Second},
		{"2026-09-30T17:30:15.123Z", at(17, 30, 15, 123e6), time.Millisecond},
		{"2026-09-30T17:30:15,123456Z", at(17, 30, 15, 123456e3), time.Microsecond},
		{"2026-09-30T17:30:15.123456789Z", at(17, 30, 15, 123456789), time.Nanosecond},
		{"2026-09-30T17:30+02:00", at(15, 30, 0, 0), time.Minute},
		{"2026-09-30T17:30:15.5-0130", at(19, 0, 15, 5e8), 100 * time.Millisecond},
		{"2026-09-30 17:30 +02", at(15, 30, 0, 0), time.Minute},
	}
	for _, tt := range tests {
		begin, end, ok := ParseMoment(tt.typed)
		if !begin.Equal(tt.begin) || end.Sub(begin) != tt.length || !ok {
			t.Errorf("ParseMoment(%q) = %v, %v, %v, want %v for %v", tt.typed, begin, end, ok, tt.begin, tt.length)
		}
	}
	for _, typed := range []string{"", "yesterday", "2026-09-31", "0000-01-01", "30.9.2026", "2026-09-30T25:00", "2026-09-30T17", "2026-09-30T17:30.5", "2026-09-30T17:30 02:00", "2026-09-30T17:30+2", "2026-09-30Z", "2026-09-30T17:30:15.1234567890Z"} {
		if begin, _, ok := ParseMoment(typed); ok {
			t.Errorf("ParseMoment(%q) = %v, want none", typed, begin)
		}
	}
}

func FuzzParseMoment(f *testing.F) {
	f.Add("2026-09-30T17:30:15.123+02:00")
	f.Fuzz(func(t *testing.T, s string) {
		begin, end, ok := ParseMoment(s)
		if !ok {
			return
		}
		if again, _, ok := ParseMoment(begin.Format(time.RFC3339Nano)); !end.After(begin) || begin.Year() < 9999 && begin.Year() > 1 && (!ok || !again.Equal(begin)) {
			t.Errorf("ParseMoment(%q) = %v, %v, and of that %v, %v", s, begin, end, again, ok)
		}
	})
}
