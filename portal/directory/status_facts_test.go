package directory_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/sapi"
)

// hour is a time of the day on which everything in these tests happens.
func hour(h float64) time.Time {
	return time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(h * float64(time.Hour)))
}

func active(first, last float64) directory.Observation {
	return directory.Observation{Status: sapi.StatusActive, First: hour(first), Last: hour(last)}
}

func disabled(first, last float64) directory.Observation {
	return directory.Observation{Status: sapi.StatusDisabled, First: hour(first), Last: hour(last)}
}

// ledger numbers events as they were appended.
func ledgerOf(changes ...[]ledger.Event) []ledger.Event {
	var events []ledger.Event
	for _, change := range changes {
		for _, e := range change {
			e.Seq = int64(len(events) + 1)
			events = append(events, e)
		}
	}
	return events
}

// change is a change of status with its intent at one hour and its end at
// another; the values are those that Foyer writes.
func foyerDid(action ledger.Action, sent, ended float64, outcome ledger.Outcome, found string) []ledger.Event {
	id := string(action) + hour(sent).String()
	end := ledger.Event{Change: id, Action: action, Outcome: outcome, At: hour(ended)}
	if found != "" {
		end.After = json.RawMessage(`{"status":"` + found + `"}`)
	}
	return []ledger.Event{{Change: id, Action: action, Outcome: ledger.Intent, At: hour(sent)}, end}
}

func TestStatusKnown(t *testing.T) {
	t.Parallel()
	const (
		on, off = sapi.StatusActive, sapi.StatusDisabled
		disable = ledger.DisableUser
		enable  = ledger.EnableUser
	)
	type fact = directory.StatusFact
	read := func(h float64, s sapi.Status) fact { return fact{At: hour(h), Status: s} }
	done := func(h float64, s sapi.Status, event int64) fact { return fact{At: hour(h), Status: s, Event: event} }
	observed := func(s sapi.Status, first, last float64) directory.PastStatus {
		return directory.PastStatus{How: directory.Observed, Status: s, Before: read(first, s), After: read(last, s)}
	}
	inferred := func(s sapi.Status, before, after fact) directory.PastStatus {
		return directory.PastStatus{How: directory.Inferred, Status: s, Before: before, After: after}
	}
	unknown := func(before, after fact) directory.PastStatus {
		return directory.PastStatus{How: directory.NotKnown, Before: before, After: after}
	}
	none := fact{}
	disabledByFoyer := ledgerOf(foyerDid(disable, 12, 12.01, ledger.Succeeded, "disabled"))

	tests := []struct {
		name    string
		at      float64
		created float64
		runs    []directory.Observation
		events  []ledger.Event
		want    directory.PastStatus
		since   float64
	}{
		{name: "nothing was ever read", at: 9, want: unknown(none, none)},
		{name: "created later", at: 9, created: 10, want: directory.PastStatus{How: directory.NotCreated}},
		{name: "created later, and read since", at: 9, created: 10, runs: []directory.Observation{active(11, 12)}, want: directory.PastStatus{How: directory.NotCreated, After: read(11, on)}, since: 11},
		{name: "created at that very time", at: 10, created: 10, want: unknown(none, none)},
		{name: "read before Symphony’s clock says created", at: 9, created: 10, runs: []directory.Observation{active(8, 9.5)}, want: observed(on, 8, 9.5), since: 8},

		{name: "before the first reading", at: 7, created: 1, runs: []directory.Observation{active(8, 9)}, want: unknown(none, read(8, on)), since: 8},
		{name: "at the first reading", at: 8, runs: []directory.Observation{active(8, 9)}, want: observed(on, 8, 9), since: 8},
		{name: "between readings that agree", at: 8.5, runs: []directory.Observation{active(8, 9)}, want: observed(on, 8, 9), since: 8},
		{name: "at the last reading", at: 9, runs: []directory.Observation{active(8, 9)}, want: observed(on, 8, 9), since: 8},
		{name: "after the last reading", at: 10, runs: []directory.Observation{active(8, 9)}, want: unknown(read(9, on), none), since: 8},
		{name: "at the only reading", at: 8, runs: []directory.Observation{disabled(8, 8)}, want: observed(off, 8, 8), since: 8},

		{name: "changed outside, in between", at: 11, runs: []directory.Observation{active(8, 10), disabled(12, 14)}, want: unknown(read(10, on), read(12, off)), since: 8},
		{name: "changed outside, before", at: 9, runs: []directory.Observation{active(8, 10), disabled(12, 14)}, want: observed(on, 8, 10), since: 8},
		{name: "changed outside, after", at: 13, runs: []directory.Observation{active(8, 10), disabled(12, 14)}, want: observed(off, 12, 14), since: 8},
		{name: "runs that touch: the later reading counts", at: 10, runs: []directory.Observation{active(8, 10), disabled(10, 12)}, want: observed(off, 10, 12), since: 8},
		{name: "two runs of the same status", at: 11, runs: []directory.Observation{active(8, 10), active(12, 14)}, want: inferred(on, read(10, on), read(12, on)), since: 8},
		{name: "the nearest of many runs count", at: 13.5, runs: []directory.Observation{active(1, 2), disabled(3, 4), active(12, 13), disabled(14, 15), active(16, 17)}, want: unknown(read(13, on), read(14, off)), since: 1},

		{name: "until Foyer disabled", at: 11.9, runs: []directory.Observation{active(8, 10), disabled(14, 15)}, events: disabledByFoyer, want: inferred(on, read(10, on), done(12, off, 2)), since: 8},
		{name: "while Foyer was disabling", at: 12.005, runs: []directory.Observation{active(8, 10), disabled(14, 15)}, events: disabledByFoyer, want: directory.PastStatus{How: directory.NotKnown, Changing: true, Before: read(10, on), After: done(12.01, off, 2)}, since: 8},
		{name: "when Foyer had disabled", at: 12.01, runs: []directory.Observation{active(8, 10), disabled(14, 15)}, events: disabledByFoyer, want: inferred(off, done(12.01, off, 2), read(14, off)), since: 8},
		{name: "after Foyer disabled", at: 13, runs: []directory.Observation{active(8, 10), disabled(14, 15)}, events: disabledByFoyer, want: inferred(off, done(12.01, off, 2), read(14, off)), since: 8},
		{name: "after Foyer disabled, never read again", at: 13, runs: []directory.Observation{active(8, 10)}, events: disabledByFoyer, want: unknown(done(12.01, off, 2), none), since: 8},
		{name: "before Foyer disabled, never read again", at: 11, runs: []directory.Observation{active(8, 10)}, events: disabledByFoyer, want: inferred(on, read(10, on), done(12, off, 2)), since: 8},
		{name: "the reading that confirms comes before the outcome is written", at: 11, runs: []directory.Observation{active(8, 10), disabled(12.005, 15)}, events: disabledByFoyer, want: inferred(on, read(10, on), done(12, off, 2)), since: 8},
		{name: "what the reading confirmed is observed", at: 13, runs: []directory.Observation{active(8, 10), disabled(12.005, 15)}, events: disabledByFoyer, want: observed(off, 12.005, 15), since: 8},
		{name: "another page read it before the intent’s time", at: 10.5, runs: []directory.Observation{active(8, 10), disabled(11.999, 15)}, events: disabledByFoyer, want: inferred(on, read(10, on), done(11.999, off, 2)), since: 8},
		{name: "read long before Foyer sent it: not Foyer’s doing", at: 10.5, runs: []directory.Observation{active(8, 10), disabled(11, 15)}, events: disabledByFoyer, want: unknown(read(10, on), read(11, off)), since: 8},

		{name: "disabled by Foyer and enabled by somebody else, without a reading between", at: 12.5, runs: []directory.Observation{active(8, 15)}, events: disabledByFoyer, want: unknown(done(12.01, off, 2), read(15, on)), since: 8},
		{name: "the same, before Foyer’s change", at: 11, runs: []directory.Observation{active(8, 15)}, events: disabledByFoyer, want: inferred(on, read(8, on), done(12, off, 2)), since: 8},
		{name: "the same, at the last reading", at: 15, runs: []directory.Observation{active(8, 15)}, events: disabledByFoyer, want: observed(on, 15, 15), since: 8},
		{
			name: "disabled and enabled by Foyer", at: 12.5, runs: []directory.Observation{active(8, 10), active(14, 15)},
			events: ledgerOf(foyerDid(disable, 12, 12.01, ledger.Succeeded, "disabled"), foyerDid(enable, 13, 13.01, ledger.Succeeded, "active")),
			want:   inferred(off, done(12.01, off, 2), done(13, on, 4)), since: 8,
		},
		{
			name: "a change that was refused moves nothing", at: 13, runs: []directory.Observation{active(8, 10), disabled(14, 15)},
			events: ledgerOf(foyerDid(disable, 12, 12.01, ledger.Failed, "")), want: unknown(read(10, on), read(14, off)), since: 8,
		},
		{
			name: "a lost answer that was settled as done", at: 11, runs: []directory.Observation{active(8, 10), disabled(13, 15)},
			events: ledgerOf(foyerDid(disable, 12, 13.001, ledger.Reconciled, "disabled")), want: inferred(on, read(10, on), done(12, off, 2)), since: 8,
		},
		{
			name: "while the answer was lost", at: 12.5, runs: []directory.Observation{active(8, 10), disabled(13, 15)},
			events: ledgerOf(foyerDid(disable, 12, 13.001, ledger.Reconciled, "disabled")),
			want:   directory.PastStatus{How: directory.NotKnown, Changing: true, Before: read(10, on), After: done(13, off, 2)}, since: 8,
		},
		{
			name: "a lost answer that was settled as not done", at: 13, runs: []directory.Observation{active(8, 10), disabled(14, 15)},
			events: ledgerOf(foyerDid(disable, 12, 12.5, ledger.Reconciled, "active")), want: unknown(read(10, on), read(14, off)), since: 8,
		},
		{
			name: "a lost answer whose settling was erased", at: 13, runs: []directory.Observation{active(8, 10), disabled(14, 15)},
			events: ledgerOf(foyerDid(disable, 12, 12.5, ledger.Reconciled, "")), want: unknown(read(10, on), read(14, off)), since: 8,
		},
		{
			name: "an answer that is still lost", at: 13, runs: []directory.Observation{active(8, 10), disabled(14, 15)},
			events: ledgerOf(foyerDid(disable, 12, 12.5, ledger.Unknown, "")), want: unknown(read(10, on), read(14, off)), since: 8,
		},
		{
			name: "the clock went back while Foyer was disabling", at: 11.4, runs: []directory.Observation{active(8, 10), disabled(13, 15)},
			events: ledgerOf(foyerDid(disable, 12, 11.5, ledger.Succeeded, "disabled")), want: inferred(on, read(10, on), done(11.5, off, 2)), since: 8,
		},
		{
			name: "the clock went back, and what happened then is not told apart", at: 11.7, runs: []directory.Observation{active(8, 10), disabled(13, 15)},
			events: ledgerOf(foyerDid(disable, 12, 11.5, ledger.Succeeded, "disabled")),
			want:   directory.PastStatus{How: directory.NotKnown, Changing: true, Before: read(10, on), After: done(12, off, 2)}, since: 8,
		},
		{
			name: "an old change of Foyer’s doesn’t explain a new one", at: 13, runs: []directory.Observation{active(1, 2), disabled(3, 4), active(10, 12), disabled(14, 15)},
			events: ledgerOf(foyerDid(disable, 2.5, 2.6, ledger.Succeeded, "disabled")), want: unknown(read(12, on), read(14, off)), since: 1,
		},
		{
			name: "sent and done at the time of a reading", at: 13, runs: []directory.Observation{active(8, 12), disabled(14, 15)},
			events: ledgerOf(foyerDid(disable, 12, 12, ledger.Succeeded, "disabled")), want: inferred(off, done(12, off, 2), read(14, off)), since: 8,
		},
		{
			name: "everything at one time", at: 12, runs: []directory.Observation{disabled(12, 12)},
			events: ledgerOf(foyerDid(disable, 12, 12, ledger.Succeeded, "disabled")), want: observed(off, 12, 12), since: 12,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			evidence := directory.StatusEvidence{Observations: test.runs, Events: test.events}
			if test.created != 0 {
				evidence.CreatedAt = hour(test.created)
			}
			if test.since != 0 {
				test.want.Since = hour(test.since)
			}
			if diff := cmp.Diff(test.want, directory.StatusKnown(hour(test.at), evidence)); diff != "" {
				t.Errorf("StatusKnown (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChangedOutside(t *testing.T) {
	t.Parallel()
	const (
		on, off = sapi.StatusActive, sapi.StatusDisabled
		disable = ledger.DisableUser
		enable  = ledger.EnableUser
	)
	gaveUp := foyerDid(disable, 9.5, 9.6, ledger.Unknown, "")
	gaveUp[1].Actor = auth.System("settle", "")
	tests := []struct {
		name   string
		last   directory.Observation
		is     sapi.Status
		readAt float64
		events []ledger.Event
		want   bool
		was    directory.StatusFact
	}{
		{name: "the same as before", last: active(8, 9), is: on, readAt: 10},
		{name: "another one, and Foyer did nothing", last: active(8, 9), is: off, readAt: 10, want: true},
		{name: "Foyer did it", last: active(8, 9), is: off, readAt: 10, events: ledgerOf(foyerDid(disable, 9.5, 9.6, ledger.Succeeded, "disabled"))},
		{name: "Foyer is doing it", last: active(8, 9), is: off, readAt: 10, events: ledgerOf(foyerDid(disable, 9.5, 9.6, ledger.Succeeded, "disabled")[:1])},
		{name: "Foyer is doing it since after the reading began", last: active(8, 9), is: off, readAt: 10, events: ledgerOf(foyerDid(disable, 10.1, 10.2, ledger.Succeeded, "disabled")[:1])},
		{name: "Foyer did it, and the answer is lost", last: active(8, 9), is: off, readAt: 10, events: ledgerOf(foyerDid(disable, 9.5, 9.6, ledger.Unknown, ""))},
		{name: "Foyer did it, as reading settled", last: active(8, 9), is: off, readAt: 10, events: ledgerOf(foyerDid(disable, 8.5, 9.6, ledger.Reconciled, "disabled"))},
		{name: "Foyer’s change was refused", last: active(8, 9), is: off, readAt: 10, events: ledgerOf(foyerDid(disable, 9.5, 9.6, ledger.Failed, "")), want: true},
		{name: "Foyer’s change was settled as not done", last: active(8, 9), is: off, readAt: 10, events: ledgerOf(foyerDid(disable, 9.5, 9.6, ledger.Reconciled, "active")), want: true},
		{name: "Foyer did the opposite", last: active(8, 9), is: off, readAt: 10, events: ledgerOf(foyerDid(enable, 9.5, 9.6, ledger.Unknown, "")), want: true},
		{name: "Foyer did it before the last reading", last: active(8, 9), is: off, readAt: 10, events: ledgerOf(foyerDid(disable, 6, 7, ledger.Succeeded, "disabled")), want: true},
		{name: "Foyer gave up asking after the last reading", last: active(8, 9), is: off, readAt: 10, events: ledgerOf(gaveUp)},
		{name: "Foyer gave up asking before the last reading", last: active(8, 9.7), is: off, readAt: 10, events: ledgerOf(gaveUp), want: true, was: directory.StatusFact{At: hour(9.7), Status: on}},
		{
			name: "what Foyer did was undone before anybody read it", last: active(8, 9), is: on, readAt: 10,
			events: ledgerOf(foyerDid(disable, 9.5, 9.6, ledger.Succeeded, "disabled")), want: true, was: directory.StatusFact{At: hour(9.6), Status: off, Event: 2},
		},
		{
			name: "what Foyer did, Foyer is undoing", last: active(8, 9), is: on, readAt: 10,
			events: ledgerOf(foyerDid(disable, 9.5, 9.6, ledger.Succeeded, "disabled"), foyerDid(enable, 9.8, 9.9, ledger.Succeeded, "active")[:1]),
		},
		{
			name: "a reading that began before Foyer’s change was over may be older", last: active(8, 9), is: on, readAt: 9.55,
			events: ledgerOf(foyerDid(disable, 9.5, 9.6, ledger.Succeeded, "disabled")),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			reading := directory.StatusReading{UserReading: directory.UserReading{User: sapi.User{Status: test.is}, ReadAt: hour(test.readAt)}, Last: test.last, Events: test.events}
			was, got := directory.ChangedOutside(reading)
			if got != test.want {
				t.Errorf("ChangedOutside = %v, want %v", got, test.want)
			}
			if !test.want {
				return
			}
			if test.was == (directory.StatusFact{}) {
				test.was = directory.StatusFact{At: test.last.Last, Status: test.last.Status}
			}
			if diff := cmp.Diff(test.was, was); diff != "" {
				t.Errorf("what was known before (-want +got):\n%s", diff)
			}
		})
	}
}
