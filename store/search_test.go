package store_test

import (
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foyer/ledger"
	"foyer/store"
)

// grown is how many events a ledger has of which a part is indexed and a part is
// not: one full segment and the beginning of the next.
const grown = store.SegmentSize + 700

// analyse lets PostgreSQL gather its statistics, as its autovacuum does in time.
func analyse(t testing.TB, b bench) {
	t.Helper()
	if b.Dialect() == store.PostgreSQL {
		b.exec(t, `VACUUM ANALYZE ledger_event, ledger_user, ledger_term`)
	}
}

// combinations gives every way to use the filters of the desk together, in the
// values of workload: some that are common, some that are rare, some of nobody.
func combinations(b bench) iter.Seq[ledger.Filter] {
	end := b.clock.Now()
	none := func(*ledger.Filter) {}
	choices := [][]func(*ledger.Filter){
		{
			none,
			func(f *ledger.Filter) { f.Change = "change-777" },
			func(f *ledger.Filter) { f.Request = "request-2300" },
			func(f *ledger.Filter) { f.Trace = "trace-4500" },
			func(f *ledger.Filter) { f.UserID = "11111111-0000-4000-8000-000000000017" },
			func(f *ledger.Filter) { f.UserEmail = "user04111@company31.example" },
		},
		{none, func(f *ledger.Filter) { f.From, f.To = end.Add(-70*time.Minute), end.Add(-5*time.Minute) }},
		{none, func(f *ledger.Filter) { f.User = "name00" }, func(f *ledger.Filter) { f.User = "41" }},
		{
			none,
			func(f *ledger.Filter) { f.CompanyID = "00000000-0000-4000-8000-000000000000" },
			func(f *ledger.Filter) { f.Company = "no 07 hold" },
		},
		{none, func(f *ledger.Filter) { f.Action = ledger.DisableUser }},
		{none, func(f *ledger.Filter) { f.Outcome = ledger.Succeeded }, func(f *ledger.Filter) { f.Outcome = ledger.Reconciled }},
		{none, func(f *ledger.Filter) { f.Actor = "Number07" }},
		{none, func(f *ledger.Filter) { f.Text = "left the firm" }, func(f *ledger.Filter) { f.Text = "inc-41" }, func(f *ledger.Filter) { f.Text = "9" }},
	}
	return func(yield func(ledger.Filter) bool) {
		for n := 0; ; n++ {
			var f ledger.Filter
			rest := n
			for _, choice := range choices {
				choice[rest%len(choice)](&f)
				rest /= len(choice)
			}
			if rest > 0 || !yield(f) {
				return
			}
		}
	}
}

// folded is an event, with the texts that a filter may name a part of.
type folded struct {
	ledger.Event
	user, company, actor, text string
}

func fold(e ledger.Event) folded {
	u := e.Users[0]
	join := func(texts ...string) string { return ledger.Fold(strings.Join(texts, "\n")) }
	return folded{
		Event: e, user: join(u.Email, u.Name), company: join(e.Company.Name),
		actor: join(e.Actor.Name, e.Actor.Email, e.Actor.Subject), text: join(e.Reason, e.Ticket, e.Note),
	}
}

// meeting gives the numbers of the events that meet a filter, in the plainest way there is.
func meeting(events []folded, f ledger.Filter) (seqs []int64) {
	user, company, actor, text := ledger.Fold(f.User), ledger.Fold(f.Company), ledger.Fold(f.Actor), ledger.Fold(f.Text)
	is := func(want, got string) bool { return want == "" || got == want }
	for _, e := range events {
		u := e.Users[0]
		if is(f.Change, e.Change) && is(f.Request, e.Event.Actor.RequestID) && is(f.Trace, e.Symphony.TraceID) &&
			is(f.UserID, u.ID) && is(f.UserEmail, u.Email) && is(f.CompanyID, e.Company.ID) &&
			is(string(f.Action), string(e.Action)) && is(string(f.Outcome), string(e.Outcome)) &&
			strings.Contains(e.user, user) && strings.Contains(e.company, company) &&
			strings.Contains(e.actor, actor) && strings.Contains(e.text, text) &&
			!e.At.Before(f.From) && (f.To.IsZero() || e.At.Before(f.To)) {
			seqs = append(seqs, e.Seq)
		}
	}
	return seqs
}

// TestAGrownLedgerIsSearched promises what the index of full segments is for, and
// that nobody can turn it against who searches.
func TestAGrownLedgerIsSearched(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		fill(t, b, grown)
		t.Run("every list is what its filter says", func(t *testing.T) { listsAreRight(t, b) })
		t.Run("no filter scans the table", func(t *testing.T) { plansAreNarrow(t, b) })
		t.Run("who hides an event is found out", func(t *testing.T) { hidingIsDetected(t, b) })
		t.Run("what was erased can't be searched for", func(t *testing.T) { erasedIsNotFound(t, b) })
	})
}

// listsAreRight compares one in fifty combinations, others each time.
func listsAreRight(t *testing.T, b bench) {
	all, err := b.Events(t.Context(), ledger.Filter{}, ledger.Page{Limit: grown + 1})
	if err != nil || len(all) != grown {
		t.Fatalf("Events = %d events, %v, want %d", len(all), err, grown)
	}
	events := make([]folded, len(all))
	for i, e := range all {
		events[i] = fold(e)
	}
	for f := range combinations(b) {
		if rand.IntN(50) > 0 {
			continue
		}
		want := meeting(events, f)
		if n, err := b.CountEvents(t.Context(), f, grown); err != nil || n != len(want) {
			t.Errorf("CountEvents(%+v) = %d, %v, want %d", f, n, err, len(want))
		}
		if got := seqs(t, b, f, ledger.Page{Limit: grown}); !cmp.Equal(got, want, cmpopts.EquateEmpty()) {
			t.Errorf("Events(%+v) has %d events, want %d", f, len(got), len(want))
		}
		if n := len(want); n > 10 { // a page from the middle, which may go over the border of the index
			page := ledger.Page{Before: want[n/7], Limit: 9}
			if got := seqs(t, b, f, page); !cmp.Equal(got, want[n/7+1:min(n/7+10, n)]) {
				t.Errorf("Events(%+v, %+v) = %v, want %v", f, page, got, want[n/7+1:min(n/7+10, n)])
			}
		}
	}
}

// What a plan must not have. A list that is not bounded by its own statement may
// not walk the numbers of the ledger and leave out what it doesn't want: events
// that are rare would make it walk all of them. Only times may be left out so,
// where clocks went back.
var (
	scan = regexp.MustCompile(`(?m)^\s*SCAN |Seq Scan|Index Only Scan using \w+ on ledger_event`)
	walk = map[store.Dialect]*regexp.Regexp{
		store.SQLite:     regexp.MustCompile(`SEARCH e USING INTEGER PRIMARY KEY \(rowid[<>]`),
		store.PostgreSQL: regexp.MustCompile(`using ledger_event_pkey on ledger_event e\n\s+Index Cond: \(\(seq >= \S+\) AND \(seq <= \S+\)\)\n\s+Filter: .*(company_id|action|outcome|change_id|request|trace|_text)`),
	}
)

func plansAreNarrow(t *testing.T, b bench) {
	seen := make(map[string]bool)
	for f := range combinations(b) {
		// What is asked for matters to a plan, and not which value; whatever leaves few
		// events has the same plan with all the rest.
		rare := f.Change + f.Request + f.Trace + f.UserID + f.UserEmail
		if rare != "" && f.Actor == "" {
			continue
		}
		shape := fmt.Sprint(rare, f.From.IsZero(), f.User != "", f.CompanyID != "", f.Company != "", f.Action != "", f.Outcome != "", f.Actor != "", f.Text != "")
		if seen[shape] {
			continue
		}
		seen[shape] = true
		plans, err := b.Plans(t.Context(), f)
		if err != nil {
			t.Fatalf("Plans(%+v): %v", f, err)
		}
		unfiltered := f == ledger.Filter{From: f.From, To: f.To}
		for _, plan := range plans {
			if scan.MatchString(plan.Steps) || !plan.Bounded && !unfiltered && walk[b.Dialect()].MatchString(plan.Steps) {
				t.Errorf("the list of %+v scans the table:\n%s\n%s", f, plan.Statement, plan.Steps)
			}
		}
	}
}

func hidingIsDetected(t *testing.T, b bench) {
	// One after the other, each before those that were found already: that the first of
	// them is the first that is found says that all before it was sound.
	for _, tt := range []struct {
		name, edit string
		args       []any
		bad        int64
	}{
		{"a segment that is not full said to be indexed", `INSERT INTO ledger_term (segment, term, members) VALUES (1, 'Nzzz', $1)`, []any{[]byte{0, 9}}, store.SegmentSize + 1},
		{"an event left out", `UPDATE ledger_term SET members = $1 WHERE segment = 0 AND term = 'N-77'`, []any{[]byte{0, 77}}, 771},
		{"a term left out", `DELETE FROM ledger_term WHERE segment = 0 AND term = $1`, []any{"N-76"}, 77},
		{"a term added", `INSERT INTO ledger_term (segment, term, members) VALUES (0, 'Nzzz', $1)`, []any{[]byte{0, 9}}, 10},
	} {
		b.exec(t, tt.edit, tt.args...)
		bad, err := b.CheckIndex(t.Context())
		if err != nil || bad != tt.bad {
			t.Errorf("%s: CheckIndex = %d, %v, want %d", tt.name, bad, err, tt.bad)
		}
	}
	report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
	must(t, err)
	if report.FirstBad != 10 || report.Problems[0].Kind != ledger.Reindexed {
		t.Errorf("VerifyLedger = %v, want %s at 10", report.Problems, ledger.Reindexed)
	}
	b.exec(t, `DELETE FROM ledger_term`)
	b.open(t) // the index is made again
	if bad, err := b.CheckIndex(t.Context()); err != nil || bad != 0 {
		t.Errorf("CheckIndex after the index was made again = %d, %v, want 0", bad, err)
	}
}

func erasedIsNotFound(t *testing.T, b bench) {
	// In the full segment, and after it.
	for _, seq := range []int64{101, grown - 3} {
		e, err := b.Event(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		filter := ledger.Filter{Text: e.Ticket, User: e.Users[0].Email}
		if got := seqs(t, b, filter, ledger.Page{}); !slices.Equal(got, []int64{seq}) {
			t.Fatalf("Events(%+v) = %v, want %d", filter, got, seq)
		}
		if _, err := b.Redact(t.Context(), ledger.Event{Actor: vera, Reason: "order"}, store.Order{Events: []int64{seq}}); err != nil {
			t.Fatalf("Redact: %v", err)
		}
		if got := seqs(t, b, filter, ledger.Page{}); len(got) > 0 {
			t.Errorf("Events(%+v) = %v after it was erased", filter, got)
		}
	}
	var left int
	err := b.admin.QueryRowContext(t.Context(), `SELECT count(*) FROM ledger_term WHERE segment = 0 AND term = 'N100' AND members = $1`, []byte{0, 100}).Scan(&left)
	if err != nil || left > 0 {
		t.Errorf("the index still names the erased event: %v", err)
	}
	if report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{}); err != nil || !report.OK() || report.Redacted != 2 {
		t.Errorf("VerifyLedger = %d redacted, %v, %v, want 2 and no problem", report.Redacted, report.Problems, err)
	}
}

func TestEverySegmentIsLookedUpOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		first, last int64
		want        [][2]int64
	}{
		{0, -1, nil},
		{0, 0, [][2]int64{{0, 0}}},
		{3, 9, [][2]int64{{6, 9}, {3, 5}}},
		{0, 243, [][2]int64{{240, 243}, {224, 239}, {160, 223}, {96, 159}, {32, 95}, {0, 31}}},
	} {
		if got := store.Rounds(tt.first, tt.last); !cmp.Equal(got, tt.want) {
			t.Errorf("Rounds(%d, %d) = %v, want %v", tt.first, tt.last, got, tt.want)
		}
	}
}

// The calls of bulk changes can be most of a ledger: a list without them has everything
// else, and can be given up like any other.
func TestTheCallsOfBulkChangesAreLeftOutOfAList(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		const calls = 5000
		own, single := workload(0), workload(1)
		own.Action, own.Change, own.Actor.RequestID = ledger.StartBulk, "", ledger.BulkRequest(7)
		single.Actor.RequestID = "bulk" // as no request is called, and not of a bulk change
		events := []ledger.Event{own, single}
		for n := range calls {
			e := workload(n)
			e.Change, e.Actor.RequestID = fmt.Sprint("change-", n/2), own.Actor.RequestID
			events = append(events, e)
		}
		events = append(events, single, own)
		b.record(t, events...)
		last := int64(len(events))
		want := []int64{last, last - 1, 2, 1}

		without := ledger.Filter{NoCalls: true}
		if got := seqs(t, b, without, ledger.Page{Limit: 50}); !cmp.Equal(got, want) {
			t.Errorf("without the calls there are %v, want %v", got, want)
		}
		if got := seqs(t, b, without, ledger.Page{Limit: 50, Before: last}); !cmp.Equal(got, want[1:]) {
			t.Errorf("below number %d there are %v, want %v", last, got, want[1:])
		}
		if got := seqs(t, b, ledger.Filter{NoCalls: true, Change: "change-7"}, ledger.Page{Limit: 50}); len(got) > 0 {
			t.Errorf("of a call there are %v, want none", got)
		}
		if got := seqs(t, b, ledger.Filter{NoCalls: true, Text: "left the firm"}, ledger.Page{Limit: 50}); !cmp.Equal(got, want) {
			t.Errorf("with a text there are %v, want %v", got, want)
		}

		var found []int64
		page, rounds := ledger.Page{Limit: 50, Within: time.Nanosecond}, 1
		for ; ; rounds++ {
			events, err := b.Events(t.Context(), without, page)
			for _, e := range events {
				found = append(found, e.Seq)
			}
			gaveUp, ok := errors.AsType[*ledger.GaveUpError](err)
			if !ok {
				must(t, err)
				break
			}
			page.Before = gaveUp.Down
		}
		if !cmp.Equal(found, want) || rounds < 3 {
			t.Errorf("given up and gone on with, %d times: %v, want %v", rounds, found, want)
		}
	})
}
