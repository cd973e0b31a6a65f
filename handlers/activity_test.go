package handlers

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/views/ui"
)

// done puts events in the ledger, each a second after the one before.
func (b *bench) done(events ...ledger.Event) {
	b.t.Helper()
	for _, e := range events {
		b.clock.add(time.Second)
		b.must(b.store.Record(b.t.Context(), e))
	}
}

func by(name string) auth.Actor {
	return auth.Actor{Issuer: "https://idp.example", Subject: "sub-" + name, Name: name, Email: name + "@partner.example", RequestID: "REQ-" + name, Address: "192.0.2.7"}
}

var lyondellTrading = ledger.Company{ID: lyondell, Name: "Lyondell Trading"}

func TestTheActivityShowsEverybodysEventsInUTC(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.done(
		ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Intent, Change: "c1", Actor: by("otto"), Company: lyondellTrading, Users: []ledger.User{{ID: adele, Name: "Adele Vance"}}, Reason: "left the firm", Ticket: "HR-1"},
		ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Succeeded, Change: "c1", Actor: by("otto"), Company: lyondellTrading, Users: []ledger.User{{ID: adele, Name: "Adele Vance"}}, Reason: "left the firm", Ticket: "HR-1"},
	)

	p := b.as(auth.Auditor).get("/audit").want(http.StatusOK).sound()

	p.says("tbody tr:nth-child(1)", b.clock.Now().UTC().Format(time.DateTime), "otto", "otto@partner.example", "Disabled Adele Vance", "Lyondell Trading", "Done", "“left the firm”", "HR-1")
	p.says("tbody tr:nth-child(2)", "Asked to disable Adele Vance", "Asked").says(".pager", "2 events in all")
	if href := p.find("tbody tr:nth-child(1) th a").AttrOr("href", ""); href != "/audit/2" {
		t.Errorf("the newest event leads to %q, want /audit/2", href)
	}
}

func TestTheActivityIsFiltered(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.done(
		ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: by("vera")},
		ledger.Event{Action: ledger.Export, Outcome: ledger.Succeeded, Actor: by("otto"), Note: "companies.csv"},
		ledger.Event{Action: ledger.EnableUser, Outcome: ledger.Failed, Change: "change-1", Actor: by("otto"), Company: lyondellTrading, Users: []ledger.User{{ID: adele, Email: "adele@lyondell.example", Name: "Adele Vance"}}, Ticket: "HR-7", Symphony: ledger.Symphony{Operation: "updateUser", Status: 404, TraceID: "KUfkYm"}},
	)
	today := b.clock.Now().Format(time.DateOnly)
	tomorrow := b.clock.Now().AddDate(0, 0, 1).Format(time.DateOnly)
	auditor := b.as(auth.Auditor)
	tests := []struct {
		query string
		rows  int
		chip  string
	}{
		{"person=OTTO", 2, "Done by: OTTO"},
		{"user=adele", 1, "Done to: adele"},
		{"user=" + adele, 1, "Done to: " + adele},
		{"company=lyond", 1, "Company: lyond"},
		{"action=" + string(ledger.SignIn), 1, "Action: Sign-in"},
		{"outcome=failed", 1, "Outcome: Refused"},
		{"from=" + today, 3, "From: " + today},
		{"to=" + today, 3, "To: " + today},
		{"from=" + tomorrow, 0, "From: " + tomorrow},
		{"text=hr-7", 1, "Why: hr-7"},
		{"request=REQ-vera", 1, "Reference: REQ-vera"},
		{"trace=KUfkYm", 1, "Trace id: KUfkYm"},
		{"change=change-1", 1, "Change id: change-1"},
		{"person=vera&action=" + string(ledger.Export), 0, "Done by: vera"},
	}
	for _, test := range tests {
		p := auditor.get("/audit?" + test.query).want(http.StatusOK).sound()
		if n := p.find("tbody tr").Length(); n != test.rows {
			t.Errorf("%s shows %d events, want %d", test.query, n, test.rows)
		}
		chips := p.find(".chip").Map(func(_ int, s *goquerySelection) string {
			s.Find("a").Remove()
			return squeeze(s.Text())
		})
		if len(chips) == 0 || chips[0] != test.chip {
			t.Errorf("%s has the chips %q, want %q first", test.query, chips, test.chip)
		}
		if empty := p.find(".empty-no-match a[href='/audit']").Length() == 1; empty != (test.rows == 0) {
			t.Errorf("%s: the page offers to clear the filters: %v", test.query, empty)
		}
	}
}

func TestAFilterThatCantBeIsSaidAndNeverIgnored(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.done(ledger.Event{Action: ledger.SignOut, Outcome: ledger.Succeeded, Actor: by("vera")})
	auditor := b.as(auth.Auditor)
	tests := []struct{ query, field, words string }{
		{"action=dance", "action", "Choose one of the actions."},
		{"outcome=maybe", "outcome", "Choose one of the outcomes."},
		{"from=yesterday", "from", "Enter a day such as 2026-03-01"},
		{"to=2026-02-30", "to", "Enter a day such as 2026-03-01"},
		{"from=2026-03-02&to=2026-03-01", "to", "The end is before the beginning."},
		{"person=" + strings.Repeat("x", 254+1), "person", "254 characters at most"},
		{"text=%ff", "text", "254 characters at most"},
		{"person=otto&person=vera", "person", "Done by can be given once only."},
	}
	for _, test := range tests {
		p := auditor.get("/audit?" + test.query).want(http.StatusUnprocessableEntity).sound()
		p.says(".error-summary a[href='#field-"+test.field+"']", test.words).says("#field-"+test.field+"-error", test.words)
		if p.find("tbody").Length() != 0 || strings.Contains(p.text("main"), "Download CSV") {
			t.Errorf("%s: events are listed all the same", test.query)
		}
		auditor.get("/audit.csv?"+test.query).want(http.StatusBadRequest).says("main", test.words)
		auditor.get("/audit.zip?"+test.query).want(http.StatusBadRequest).says("main", test.words)
	}
	const unknown = "Foyer knows no filter ‘persn’."
	auditor.get("/audit?persn=otto").want(http.StatusUnprocessableEntity).sound().says(".error-summary", unknown)
	for _, path := range []string{"/audit.csv?persn=otto", "/audit.zip?persn=otto"} {
		auditor.get(path).want(http.StatusBadRequest).says("main", unknown)
	}
	for _, query := range []string{"before=x", "before=0", "before=-3"} {
		auditor.get("/audit?" + query).want(http.StatusBadRequest)
	}
	for _, path := range []string{"/audit/x", "/audit/0", "/audit/-1", "/audit/99", "/audit/99999999999999999999"} {
		auditor.get(path).want(http.StatusNotFound).sound()
	}
}

// A search that takes too long ends, and never as though there were nothing: it says how far
// it came, and goes on from there.
func TestASearchThatTakesTooLongSaysHowFarItCameAndGoesOn(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *Options) { o.SearchWithin = time.Nanosecond })
	events := make([]ledger.Event, 4096+100) // some of them are after what the index of the search has
	for i := range events {
		events[i] = ledger.Event{Action: ledger.Export, Outcome: ledger.Succeeded, Actor: by("otto"), Note: "file"}
	}
	events[16].Ticket, events[len(events)-7].Ticket = "HR-4711", "HR-4711"
	events[17].Ticket = "HR-4712"
	b.must(b.store.Record(t.Context(), events[:4096]...))
	b.clock.add(time.Hour)
	came := ui.UTC(b.clock.Now())
	b.must(b.store.Record(t.Context(), events[4096:]...))
	auditor := b.as(auth.Auditor)

	found := auditor.get("/audit?text=hr-4711").want(http.StatusOK).sound()
	found.says("[aria-label=Events] [role=status]", "Foyer stopped looking after half a second", "had come to the events of "+came, "Older ones were not looked through").says(".pager", "1 event found so far")
	if rows := found.find("tbody tr").Length(); rows != 1 {
		t.Errorf("%d events are listed, want the one that was found", rows)
	}
	older := auditor.get(linkTo(found, ".pager a:contains('Go on looking')")).want(http.StatusOK).sound().says("tbody", "HR-4711")
	end := auditor.get(linkTo(older, ".pager a:contains('Go on looking')")).want(http.StatusOK).sound().says(".empty", "No older event")
	if strings.Contains(end.text("main"), "stopped looking") {
		t.Error("it says that it stopped looking where it has come to the end")
	}

	nothing := auditor.get("/audit?text=hr-4712").want(http.StatusOK).sound()
	nothing.says(".empty", "No event found so far", "had come to the events of "+came, "narrow the search")
	auditor.get(linkTo(nothing, ".empty a:contains('Go on looking')")).want(http.StatusOK).says("tbody", "HR-4712")
	if rows := b.csvRows([]byte(auditor.get("/audit.csv?text=hr-4711").want(http.StatusOK).body)); len(rows) != 2 {
		t.Errorf("the file has %d events, want both: it takes the time that it needs", len(rows))
	}
}

// How often somebody was refused is said in words wherever its event is met.
func TestARefusalThatWasRepeatedSaysHowOften(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	refused := ledger.Event{Action: ledger.Denied, Outcome: ledger.Failed, Code: string(auth.Onboard), Actor: by("vera")}
	again := refused
	again.After = []byte(`{"repeated":24,"until":"` + b.clock.Now().UTC().Format(time.RFC3339Nano) + `"}`)
	words := "24 more times until " + b.clock.Now().UTC().Format(time.TimeOnly) + " UTC."
	b.done(refused, again)
	auditor := b.as(auth.Auditor)

	auditor.get("/audit?action="+string(ledger.Denied)).want(http.StatusOK).sound().says("tbody tr:nth-child(1)", "Was not allowed to create companies and people", words)
	event := auditor.get("/audit/2").want(http.StatusOK).sound().says("main", "It needs the permission to create companies and people, and add domains. "+words)
	if event.find("#values").Length() > 0 {
		t.Errorf("nothing was changed, and the page has values before and after: %s", event.text("#values"))
	}
	if rows := b.csvRows([]byte(auditor.get("/audit.csv?action=" + string(ledger.Denied)).want(http.StatusOK).body)); len(rows) != 2 || !strings.Contains(strings.Join(rows[0], "|"), words) {
		t.Errorf("the file has %q, want it to say %q", rows, words)
	}
}

// What people did is not to be looked for among the calls of a bulk change, and nobody who
// asks for more than whose and when misses any.
func TestTheCallsOfABulkChangeDontHideWhatPeopleDid(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto, foyer := by("otto"), auth.System("bulk", ledger.BulkRequest(7))
	otto.RequestID = ledger.BulkRequest(7)
	b.done(ledger.Event{Action: ledger.StartBulk, Outcome: ledger.Intent, Actor: otto, Company: lyondellTrading, Code: "create"})
	for n := range 60 {
		e := ledger.Event{Action: ledger.CreateUsers, Outcome: ledger.Intent, Change: fmt.Sprint("call-", n), Actor: otto, Company: lyondellTrading, Users: []ledger.User{{Email: fmt.Sprintf("p%d@lyondell.example", n)}}}
		done := e
		done.Outcome = ledger.Succeeded
		b.done(e, done)
	}
	b.done(
		ledger.Event{Action: ledger.PauseBulk, Outcome: ledger.Succeeded, Actor: otto, Company: lyondellTrading, Code: "create"},
		ledger.Event{Action: ledger.StopBulk, Outcome: ledger.Succeeded, Actor: otto, Company: lyondellTrading, Code: "create"},
		ledger.Event{Action: ledger.EndBulk, Outcome: ledger.Succeeded, Actor: foyer, Company: lyondellTrading, Code: "create", After: []byte(`{"created":"60"}`)},
	)
	auditor := b.as(auth.Auditor)

	for _, query := range []string{"", "?company=lyondell", "?from=2020-01-01"} {
		p := auditor.get("/audit" + query).want(http.StatusOK).sound()
		p.says("[aria-label=Events]", "calls of bulk changes are left out", "4 events", "without the calls of bulk changes")
		p.says("tbody tr:nth-child(1)", "Ended a bulk change").says("tbody tr:nth-child(2)", "Stopped a bulk change").says("tbody tr:nth-child(3)", "Paused a bulk change").says("tbody tr:nth-child(4)", "Started a bulk change")
		all := auditor.get(linkTo(p, "[aria-label=Events] a:contains('List them, too')")).want(http.StatusOK).sound()
		all.says(".pager", "The newest 50 events").says("tbody tr:nth-child(4)", "Added")
		if back := linkTo(all, "[aria-label=Events] a:contains('Leave them out')"); back != "/audit"+query {
			t.Errorf("the way back leads to %s, want /audit%s", back, query)
		}
		if older := linkTo(all, ".pager a:contains('Older')"); !strings.Contains(older, "calls=listed") {
			t.Errorf("older ones are at %s, which leaves the calls out", older)
		}
	}
	for query, rows := range map[string]int{"person=otto": 3, "user=p7%40lyondell.example": 2, "change=call-7": 2, "action=users.create&from=2020-01-01": 50, "request=bulk-7": 50} {
		if got := auditor.get("/audit?" + query).want(http.StatusOK).sound().find("tbody tr").Length(); got != rows {
			t.Errorf("%s lists %d events, want %d", query, got, rows)
		}
	}
	if rows := b.csvRows([]byte(auditor.get("/audit.csv").want(http.StatusOK).body)); len(rows) != 1+120+3 {
		t.Errorf("the file has %d events, want all of them", len(rows))
	}
	auditor.get("/audit?calls=none").want(http.StatusUnprocessableEntity).says(".error-summary", "‘calls’ can only be ‘listed’")
}

func TestTheActivityIsPagedWithoutCountingTheLedger(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	events := make([]ledger.Event, 2*50+3)
	for i := range events {
		events[i] = ledger.Event{Action: ledger.Export, Outcome: ledger.Succeeded, Actor: by("otto"), Note: fmt.Sprint("file ", i)}
	}
	b.must(b.store.Record(t.Context(), events...))
	auditor := b.as(auth.Auditor)

	var counts []string
	rows := 0
	for href := "/audit?person=otto"; href != ""; {
		p := auditor.get(href).want(http.StatusOK).sound()
		counts = append(counts, p.text(".pager p"))
		rows += p.find("tbody tr").Length()
		older := p.find(".pager a").FilterFunction(func(_ int, s *goquerySelection) bool { return squeeze(s.Text()) == "Older" })
		href = older.AttrOr("href", "")
	}

	want := []string{"The newest 50 events that match", "50 events that match, between newer and older ones", "The oldest 3 events that match"}
	if diff := cmp.Diff(want, counts); diff != "" || rows != len(events) {
		t.Errorf("%d rows, want %d; counts (-want +got):\n%s", rows, len(events), diff)
	}
}

func TestTheActivityAsAFileHoldsWhatTheListShowsOnAllItsPages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	events := make([]ledger.Event, 500+20)
	for i := range events {
		events[i] = ledger.Event{Action: ledger.Export, Outcome: ledger.Succeeded, Actor: by("otto"), Note: fmt.Sprint("file ", i), Reason: "=1+1"}
	}
	b.must(b.store.Record(t.Context(), events...))
	b.done(ledger.Event{Action: ledger.SignOut, Outcome: ledger.Succeeded, Actor: by("vera")})

	file := b.as(auth.Auditor).get("/audit.csv?person=otto").want(http.StatusOK)

	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.body, excelMark))).ReadAll()
	b.must(err)
	if len(rows) != len(events)+1 || rows[1][0] != fmt.Sprint(len(events)) || rows[len(events)][0] != "1" || rows[1][19] != "'=1+1" {
		t.Errorf("the file has %d rows from %q to %q, want %d", len(rows), rows[1], rows[len(rows)-1], len(events)+1)
	}
	if len(rows[1]) != len(rows[0]) {
		t.Errorf("%d cells under %d columns", len(rows[1]), len(rows[0]))
	}
	exports := b.events(ledger.Filter{Actor: "Aida", Action: ledger.Export})
	if len(exports) != 1 || exports[0].Note != "audit.csv?person=otto" || string(exports[0].After) != fmt.Sprintf(`{"rows":%d}`, len(events)) {
		t.Errorf("recorded: %+v", exports)
	}
}

func TestAnEventShowsWhatChangedAndFromWhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	changed := ledger.Event{
		Action: ledger.AddDomains, Change: "11111111-2222-4333-8444-555555555555", Actor: by("otto"), Company: lyondellTrading,
		Before: []byte(`{"emailDomains":["a.example"],"state":"same"}`), After: []byte(`{"emailDomains":["a.example","<b class=\"canary\">&\""],"state":"same"}`),
		Symphony: ledger.Symphony{Operation: "updateCompany", Status: 200, TraceID: "trace-1"},
	}
	intent, outcome := changed, changed
	intent.Outcome, intent.Symphony, outcome.Outcome = ledger.Intent, ledger.Symphony{}, ledger.Succeeded
	b.done(intent, outcome)
	auditor := b.as(auth.Auditor)

	p := auditor.get("/audit/2").want(http.StatusOK).sound()

	p.says("h1", "Added the domain").says(".head-sub", "Done", ui.UTC(b.clock.Now()))
	p.says("#values tbody tr:nth-child(1)", "E-mail domains", "changed", "a.example", `<b class="canary">&"`)
	if p.says("#values tbody tr:nth-child(2)", "State", "same").find("#values tbody tr:nth-child(2) .badge").Length() != 0 {
		t.Error("a value that stayed as it was is marked as changed")
	}
	p.says("main", "192.0.2.7", "REQ-otto", "updateCompany", "200", "trace-1", "Change id")
	if n := p.find("#change tbody tr").Length(); n != 2 {
		t.Errorf("%d events of the change, want intent and outcome", n)
	}
	if p.find(".head-actions a[href='/changes/11111111-2222-4333-8444-555555555555']").Length() != 1 {
		t.Error("nothing leads to the change")
	}
	first := auditor.get("/audit/1").want(http.StatusOK).sound()
	if strings.Contains(first.text("main"), "What Symphony answered") {
		t.Error("an intent has an answer of Symphony's")
	}
}
