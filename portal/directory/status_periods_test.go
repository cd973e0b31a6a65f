package directory_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
)

// period is a StatusPeriod as a table of tests has it.
type period struct {
	From, To float64
	How      directory.Knowledge
	Status   sapi.Status
}

func TestStatusPeriods(t *testing.T) {
	t.Parallel()
	const (
		on, off, none = sapi.StatusActive, sapi.StatusDisabled, sapi.StatusUnknown
		disable       = ledger.DisableUser
		observed      = directory.Observed
		inferred      = directory.Inferred
		unknown       = directory.NotKnown
		second        = 1.0 / 3600
	)
	tests := []struct {
		name    string
		created float64
		runs    []directory.Observation
		events  []ledger.Event
		want    []period
	}{
		{name: "nothing is known, not even when they were created"},
		{name: "never read", created: 1, want: []period{{1, 20, unknown, none}}},
		{name: "read once, just now", created: 1, runs: []directory.Observation{active(20, 20)}, want: []period{{1, 20, unknown, none}, {20, 20, observed, on}}},
		{name: "read once, a while ago", created: 1, runs: []directory.Observation{active(8, 8)}, want: []period{{1, 8, unknown, none}, {8, 8, observed, on}, {8, 20, unknown, none}}},
		{name: "read until now, creation unknown", runs: []directory.Observation{active(8, 20)}, want: []period{{8, 20, observed, on}}},
		{name: "read before Symphony’s clock says created", created: 9, runs: []directory.Observation{active(8, 20)}, want: []period{{8, 20, observed, on}}},
		{name: "created after now, by Symphony’s clock", created: 21, runs: []directory.Observation{active(8, 20)}, want: []period{{8, 20, observed, on}}},
		{name: "read after now, by a clock that went back", runs: []directory.Observation{active(8, 21)}, want: []period{{8, 20, observed, on}}},
		{
			name: "changed outside", runs: []directory.Observation{active(8, 10), disabled(12, 20)},
			want: []period{{8, 10, observed, on}, {10, 12, unknown, none}, {12, 20, observed, off}},
		},
		{
			name: "the same before and after a gap", runs: []directory.Observation{active(8, 10), active(12, 20)},
			want: []period{{8, 10, observed, on}, {10, 12, inferred, on}, {12, 20, observed, on}},
		},
		{
			name: "Foyer disabled, and both readings are of that second", runs: []directory.Observation{active(8, 12-second), disabled(12+second, 20)},
			events: ledgerOf(foyerDid(disable, 12, 12+second, ledger.Succeeded, "disabled")),
			want:   []period{{8, 12 - second, observed, on}, {12 + second, 20, observed, off}},
		},
		{
			name: "Foyer disabled, and it was read hours before and after", runs: []directory.Observation{active(8, 10), disabled(14, 20)},
			events: ledgerOf(foyerDid(disable, 12, 12+second, ledger.Succeeded, "disabled")),
			want:   []period{{8, 10, observed, on}, {10, 12, inferred, on}, {12 + second, 14, inferred, off}, {14, 20, observed, off}},
		},
		{
			name: "a lost answer: not known until it was settled", runs: []directory.Observation{active(8, 12), disabled(13, 20)},
			events: ledgerOf(foyerDid(disable, 12, 13.001, ledger.Reconciled, "disabled")),
			want:   []period{{8, 12, observed, on}, {12, 13, unknown, none}, {13, 20, observed, off}},
		},
		{
			name: "Foyer disabled twice: one time through", runs: []directory.Observation{active(8, 10)},
			events: ledgerOf(foyerDid(disable, 12, 12, ledger.Succeeded, "disabled"), foyerDid(disable, 14, 14, ledger.Succeeded, "disabled")),
			want:   []period{{8, 10, observed, on}, {10, 12, inferred, on}, {12, 14, inferred, off}, {14, 20, unknown, none}},
		},
		{
			name: "disabled by Foyer and enabled by somebody else, without a reading between", runs: []directory.Observation{active(8, 20)},
			events: ledgerOf(foyerDid(disable, 12, 12, ledger.Succeeded, "disabled")),
			want:   []period{{8, 8, observed, on}, {8, 12, inferred, on}, {12, 20, unknown, none}, {20, 20, observed, on}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := directory.StatusEvidence{Observations: test.runs, Events: test.events}
			if test.created != 0 {
				e.CreatedAt = hour(test.created)
			}
			var got []period
			for _, p := range directory.StatusPeriods(e, hour(20)) {
				got = append(got, period{p.From.Sub(hour(0)).Hours(), p.To.Sub(hour(0)).Hours(), p.Known.How, p.Known.Status})
			}
			near := cmp.Comparer(func(a, b float64) bool { return a-b < 1e-6 && b-a < 1e-6 })
			if diff := cmp.Diff(test.want, got, near); diff != "" {
				t.Errorf("StatusPeriods (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever was observed and done: within a period the same is known at every time, and
// what lies between two periods is no longer than a change takes.
func TestPeriodsSayWhatIsKnownAtEachOfTheirTimes(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(9, 26))
	for range 300 {
		e := someEvidence(chance)
		periods := directory.StatusPeriods(e, hour(20))
		for i, p := range periods {
			for _, at := range []time.Time{p.From.Add(p.To.Sub(p.From) / 3), p.From.Add(p.To.Sub(p.From) / 2), p.To.Add(-p.To.Sub(p.From) / 5)} {
				got := directory.StatusKnown(at, e)
				if got.How != p.Known.How || got.Status != p.Known.Status || got.Changing != p.Known.Changing {
					t.Fatalf("period %d of %+v says %v %v at %v, StatusKnown says %v %v", i, e, p.Known.How, p.Known.Status, at, got.How, got.Status)
				}
			}
			if i > 0 && (p.From.Before(periods[i-1].To) || p.From.Sub(periods[i-1].To) > 20*time.Second) {
				t.Fatalf("period %d of %+v begins at %v, and the one before ends at %v", i, e, p.From, periods[i-1].To)
			}
		}
	}
}

// someEvidence is of a few runs, and of a few changes among them.
func someEvidence(chance *rand.Rand) directory.StatusEvidence {
	e := directory.StatusEvidence{CreatedAt: hour(chance.Float64() * 4)}
	at := 1.0
	for range chance.IntN(6) {
		first := at + chance.Float64()*2
		at = first + float64(chance.IntN(2))*chance.Float64()*2
		run := active(first, at)
		if chance.IntN(2) == 0 {
			run = disabled(first, at)
		}
		e.Observations = append(e.Observations, run)
	}
	var changes [][]ledger.Event
	sent := 1.0
	for range chance.IntN(5) {
		sent += chance.Float64() * 4
		action, found := ledger.DisableUser, "disabled"
		if chance.IntN(2) == 0 {
			action, found = ledger.EnableUser, "active"
		}
		outcome := []ledger.Outcome{ledger.Succeeded, ledger.Failed, ledger.Unknown, ledger.Reconciled}[chance.IntN(4)]
		changes = append(changes, foyerDid(action, sent, sent+chance.Float64()/10, outcome, found))
	}
	e.Events = ledgerOf(changes...)
	return e
}

func TestStatusMoments(t *testing.T) {
	t.Parallel()
	const (
		on, off = sapi.StatusActive, sapi.StatusDisabled
		disable = ledger.DisableUser
	)
	type moment struct {
		At, Before float64
		Status     sapi.Status
		By         directory.ChangedBy
		Asked      int64
	}
	readAround := []directory.Observation{active(8, 11), disabled(12.005, 20)}
	tests := []struct {
		name   string
		runs   []directory.Observation
		events []ledger.Event
		want   []moment
	}{
		{name: "never read"},
		{name: "never another one", runs: []directory.Observation{active(8, 10), active(12, 20)}},
		{name: "changed outside", runs: []directory.Observation{active(8, 10), disabled(12, 20)}, want: []moment{{12, 10, off, directory.OutsideFoyer, 0}}},
		{name: "changed by Foyer", runs: readAround, events: ledgerOf(foyerDid(disable, 12, 12.01, ledger.Succeeded, "disabled")), want: []moment{{12.01, 0, off, directory.ByFoyer, 1}}},
		{name: "changed by Foyer, which found it out later", runs: readAround, events: ledgerOf(foyerDid(disable, 12, 13, ledger.Reconciled, "disabled")), want: []moment{{13, 0, off, directory.ByFoyer, 1}}},
		{name: "Foyer tried, and was refused", runs: readAround, events: ledgerOf(foyerDid(disable, 11.5, 11.6, ledger.Failed, "")), want: []moment{{12.005, 11, off, directory.OutsideFoyer, 0}}},
		{name: "Foyer tried, and doesn’t know", runs: readAround, events: ledgerOf(foyerDid(disable, 12, 12.1, ledger.Unknown, "")), want: []moment{{12.005, 11, off, directory.PerhapsByFoyer, 1}}},
		{name: "Foyer tried after it was read", runs: readAround, events: ledgerOf(foyerDid(disable, 14, 14.1, ledger.Unknown, "")), want: []moment{{12.005, 11, off, directory.OutsideFoyer, 0}}},
		{
			name: "disabled by Foyer and enabled by somebody else", runs: []directory.Observation{active(8, 15)}, events: ledgerOf(foyerDid(disable, 12, 12.01, ledger.Succeeded, "disabled")),
			want: []moment{{12.01, 0, off, directory.ByFoyer, 1}, {15, 12.01, on, directory.OutsideFoyer, 0}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []moment
			for _, m := range directory.StatusMoments(directory.StatusEvidence{Observations: test.runs, Events: test.events}) {
				row := moment{At: m.At.Sub(hour(0)).Hours(), Status: m.Status, By: m.By, Asked: m.Asked.Seq}
				if !m.Before.IsZero() {
					row.Before = m.Before.Sub(hour(0)).Hours()
				}
				got = append(got, row)
			}
			near := cmp.Comparer(func(a, b float64) bool { return a-b < 1e-6 && b-a < 1e-6 })
			if diff := cmp.Diff(test.want, got, near); diff != "" {
				t.Errorf("StatusMoments (-want +got):\n%s", diff)
			}
		})
	}
}

// What was read for a page counts, though it could not be kept.
func TestAStatusHistoryHasTheReadingOfNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Clock.Tick = time.Millisecond
	company := w.Ready()
	user := w.Someone(company.ID)
	w.read(company.ID, user.ID)
	w.Clock.Forward(time.Hour)
	if _, err := w.Disable(company, user, portal.NewToken()); err != nil {
		t.Fatal(err)
	}
	w.Clock.Forward(time.Hour)
	record := directory.UserRecord{User: user, CompanyID: company.ID, ReadAt: w.Clock.Now(), StatusAt: w.Clock.Now()}
	record.Status = sapi.StatusActive

	history, err := w.Directory.StatusHistory(t.Context(), testworld.As(auth.Viewer), record)

	if err != nil || len(history.Moments) != 2 {
		t.Fatalf("StatusHistory = %+v, %v, want Foyer’s change and one outside", history, err)
	}
	if first := history.Moments[0]; first.By != directory.ByFoyer || first.Asked.Actor.Name == "" || first.Asked.Reason == "" {
		t.Errorf("the first change = %+v, want Foyer’s, with who asked and why", first)
	}
	if last := history.Last(); last.By != directory.OutsideFoyer || last.Status != sapi.StatusActive || !last.At.Equal(record.StatusAt) {
		t.Errorf("the last change = %+v, want one outside Foyer, seen now", last)
	}
	if last := history.Periods[len(history.Periods)-1]; last.Known.How != directory.Observed || last.Known.Status != sapi.StatusActive {
		t.Errorf("the last period = %+v, want observed as active", last)
	}
	if _, err := w.Directory.StatusHistory(t.Context(), auth.Actor{}, record); err == nil {
		t.Error("StatusHistory answers somebody without a role")
	}
}
