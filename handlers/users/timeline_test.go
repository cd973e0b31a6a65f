package users

import (
	"errors"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/sapi"
)

func TestTheAnswerSaysWhoMayHaveChangedAStatus(t *testing.T) {
	t.Parallel()
	const on, off, unknown = sapi.StatusActive, sapi.StatusDisabled, sapi.StatusUnknown
	now := time.Date(2026, 11, 23, 9, 41, 7, 0, time.UTC)
	last := func(by directory.ChangedBy, s sapi.Status) []directory.StatusMoment {
		m := directory.StatusMoment{At: now.AddDate(0, 0, -21), Status: s, By: by}
		if by != directory.ByFoyer {
			m.Before = m.At.AddDate(-1, 0, 0)
		}
		if by != directory.OutsideFoyer {
			m.Asked = ledger.Event{Change: "c1", Actor: auth.Actor{Name: "Omar Haddad"}, Reason: "Back from leave"}
		}
		return []directory.StatusMoment{m}
	}
	inAnHour := func(at time.Time) []directory.StatusMoment {
		return []directory.StatusMoment{{At: at, Before: at.Add(-time.Hour), Status: off, By: directory.OutsideFoyer}}
	}
	inAMinute := func(at time.Time) []directory.StatusMoment {
		return []directory.StatusMoment{{At: at, Before: at.Truncate(time.Minute), Status: off, By: directory.OutsideFoyer}}
	}
	watched := func(s sapi.Status, since time.Time) []directory.StatusPeriod {
		return []directory.StatusPeriod{
			{From: now.AddDate(-2, 0, 0), To: since, Known: directory.PastStatus{How: directory.NotKnown}},
			{From: since, To: now, Known: directory.PastStatus{How: directory.Observed, Status: s}},
		}
	}
	for _, tt := range []struct {
		name    string
		is      sapi.Status
		stale   error
		history directory.StatusHistory
		meaning string
		by      string // and what they did
		rest    string
	}{
		{"enabled in Foyer", on, nil, directory.StatusHistory{Moments: last(directory.ByFoyer, on)}, "and can sign in.", "Omar Haddad enabled them on 2026-11-02", ""},
		{"disabled in Foyer", off, nil, directory.StatusHistory{Moments: last(directory.ByFoyer, off)}, "and can’t sign in.", "Omar Haddad disabled them on 2026-11-02", ""},
		{"disabled outside", off, nil, directory.StatusHistory{Moments: last(directory.OutsideFoyer, off)}, "and can’t sign in.", "", "Disabled outside Foyer, at some time between 2025-11-02 and 2026-11-02."},
		{"disabled outside on one day", off, nil, directory.StatusHistory{Moments: inAnHour(now.AddDate(0, 0, -21))}, "and can’t sign in.", "", "Disabled outside Foyer, at some time on 2026-11-02."},
		{"disabled outside today", off, nil, directory.StatusHistory{Moments: inAnHour(now)}, "and can’t sign in.", "", "Disabled outside Foyer, at some time today between 08:41 and 09:41 UTC."},
		{"disabled outside within a minute", off, nil, directory.StatusHistory{Moments: inAMinute(now)}, "and can’t sign in.", "", "Disabled outside Foyer, today at 09:41 UTC."},
		{"perhaps in Foyer", off, nil, directory.StatusHistory{Moments: last(directory.PerhapsByFoyer, off)}, "and can’t sign in.", "", "Disabled, perhaps by Omar Haddad, at some time between 2025-11-02 and 2026-11-02."},
		{"never changed", on, nil, directory.StatusHistory{Periods: watched(on, now.AddDate(0, -1, 0))}, "and can sign in.", "", "No change is known since Foyer first read their status, on 2026-10-23."},
		{"just read", on, nil, directory.StatusHistory{Periods: watched(on, now)}, "and can sign in.", "", "Foyer has just read their status for the first time."},
		{"not read now", on, errors.New("down"), directory.StatusHistory{Moments: last(directory.ByFoyer, on)}, "when last read; Symphony can’t be read at the moment.", "Omar Haddad enabled them on 2026-11-02", ""},
		{"not told, though it was changed", unknown, nil, directory.StatusHistory{Moments: last(directory.ByFoyer, on)}, "because Symphony didn’t say whether they can sign in.", "", ""},
		{"never read", unknown, errors.New("down"), directory.StatusHistory{}, "because Symphony could not be read just now.", "", ""},
	} {
		u := directory.User{Stale: tt.stale}
		u.Status = tt.is
		got := newAnswer(u, tt.history, now)
		by := ""
		if got.By != "" {
			by = got.By + " " + got.Did + " " + got.On
		}
		if got.Meaning != tt.meaning || by != tt.by || got.Rest != tt.rest {
			t.Errorf("%s: %q, %q, %q; want %q, %q, %q", tt.name, got.Meaning, by, got.Rest, tt.meaning, tt.by, tt.rest)
		}
	}
}
