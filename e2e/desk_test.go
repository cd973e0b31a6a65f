package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// Who could sign in at a company at a date; who disabled somebody, when and why;
// and what proves it.
//
//nolint:tparallel // one auditor looks at one thing after the other
func TestAnAuditorFindsWhatHappenedAndProvesIt(t *testing.T) {
	t.Parallel()
	f := startFoyer(t)
	m := busyMorning(t, f)
	p := f.signedIn(t, auditor)

	for _, question := range []struct {
		name   string
		answer func(*Page, morning)
	}{
		{"activity, narrowed by each filter", narrowActivity},
		{"activity, by time", narrowByTime},
		{"activity, by what can't be", refuseFilters},
		{"activity, older events", goOnToOlder},
		{"an event", openEvent},
		{"histories", lookUpHistories},
		{"people at a date", lookBackAtPeople},
		{"a person at a date", lookBackAtPerson},
		{"a spreadsheet", exportSpreadsheet},
		{"an archive with proofs", exportArchive},
		{"files of people at a date", exportPeopleAtDate},
		{"the proof of an event", proveEvent},
		{"all of it with the keyboard alone", useTheKeyboard},
	} {
		p.part(t, question.name, func(*testing.T) { question.answer(p, m) })
	}

	p.DisableScripts()
	p.part(t, "without JavaScript", func(*testing.T) {
		narrowByTime(p, m)
		goOnToOlder(p, m)
		proveEvent(p, m)
	})
}

// morning is what had been done before the auditor came.
type morning struct {
	// company is the path of Halcyon Trust, to which four people were added at
	// once; grace of one of them, who was disabled; alan of another one, whose
	// status was read before that and after.
	company, grace, alan string
	// before is a moment before Grace was disabled; after is one when she was, and
	// nobody had read so.
	before, after time.Time
}

// busyMorning is what Omar Haddad does: he adds four people to Halcyon Trust, and
// disables one of them, and Adele Vance of Lyondell, and exports a list more often
// than a page of the activity has lines.
func busyMorning(t *testing.T, f foyer) morning {
	t.Helper()
	p := f.signedIn(t, onboarder)
	ofCompany("halcyon", "")(p)
	m := morning{company: path(p)}

	p.Goto(m.company + "/users/new")
	p.Fill("#field-paste", "e-mail;first name;last name\n"+
		"grace@halcyon.example;Grace;Hopper\n"+
		"alan@halcyon.example;Alan;Turing\n"+
		"mary@halcyon.example;Mary;Jackson\n"+
		"ada@halcyon.example;Ada;Lovelace\n")
	p.FollowNamed("button", "Fill the rows")
	p.FollowNamed("button", "Check these people")
	p.Follow("main form button.btn-primary")
	p.WaitForText("main", "4 created")

	p.Goto(m.company + "/users")
	p.WaitIdle() // the statuses are read after the page has come
	m.grace, m.alan = p.linkTo("Grace Hopper"), p.linkTo("Alan Turing")
	m.before = time.Now()
	p.Goto(m.grace + "/status")
	f.answerOnce(t, m.grace)
	p.disable("Left the company on Friday", "OPS-4711")
	m.after = time.Now()
	f.allIsWell(t)
	p.Goto(m.grace)
	p.Goto(m.alan)

	p.Goto("/companies/" + lyondell + "/users/" + adele + "/status")
	p.disable("=On leave until January", "OPS-4712")

	for range 3 { // sessions, each of which may download so many at once
		exporting := f.signedIn(t, onboarder)
		exporting.Eval(`async () => {
			for (let i = 0; i < 20; i++) await (await fetch('/companies.csv?q=halcyon')).text()
			return ''
		}`)
	}
	return m
}

// disable fills and sends the form that disables somebody.
func (p *Page) disable(reason, ticket string) {
	p.t.Helper()
	p.Fill("#field-reason", reason)
	p.Fill("#field-ticket", ticket)
	p.FollowNamed("button", "Disable in SANDBOX")
	p.WaitForText("main [role=status]", "was disabled")
}

// linkTo is where the first link with these words leads.
func (p *Page) linkTo(words string) string {
	p.t.Helper()
	return p.Eval(`(words) => [...document.querySelectorAll('main a')].find(a => a.innerText === words).getAttribute('href')`, words)
}

// rows are the lines of the page's tables as they read.
func (p *Page) rows() []string {
	p.t.Helper()
	var rows []string
	text := p.Eval(`() => JSON.stringify([...document.querySelectorAll('main tbody tr')]
		.map(r => [...r.cells].map(c => c.innerText).join(' ').replace(/\s+/g, ' ').trim()))`)
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		p.t.Fatalf("read the rows of %s: %v", p.URL(), err)
	}
	return rows
}

// wantRows fails the test if the page's tables don't have so many lines, or one of
// them lacks the words.
func (p *Page) wantRows(n int, words string) {
	p.t.Helper()
	rows := p.rows()
	other := slices.IndexFunc(rows, func(row string) bool { return !strings.Contains(row, words) })
	switch {
	case other >= 0:
		p.t.Errorf("%s has %d lines, and among them %q, want %d with %q", p.URL(), len(rows), rows[other], n, words)
	case len(rows) != n:
		p.t.Errorf("%s has %d lines with %q, want %d", p.URL(), len(rows), words, n)
	}
}

// parameter is what the page's address has for it.
func (p *Page) parameter(name string) string {
	p.t.Helper()
	return p.Eval(`(name) => new URLSearchParams(location.search).get(name) ?? ''`, name)
}

// fact is the value that a page lists under its name.
func (p *Page) fact(name string) string {
	p.t.Helper()
	return p.Eval(`(name) => [...document.querySelectorAll('main dt')].find(t => t.textContent === name).nextElementSibling.firstElementChild.textContent`, name)
}

// lookUpHistories looks for who was added with others at once.
func lookUpHistories(p *Page, m morning) {
	const added, disabled, elsewhere = "Added 4 people", "Disabled Grace Hopper", "Adele Vance"
	for _, history := range []struct {
		of               string
		wanted, unwanted []string
	}{
		{m.company, []string{added, disabled}, []string{elsewhere}},
		{m.alan, []string{added}, []string{disabled, elsewhere}},
		{m.grace, []string{added, disabled}, []string{elsewhere}},
		{"/companies/" + lyondell + "/users/" + adele, []string{"Disabled " + elsewhere}, []string{added}},
	} {
		p.Peek(history.of + "/history")
		text := p.Text("main")
		for _, words := range append(history.wanted, "Omar Haddad") {
			if !strings.Contains(text, words) {
				p.t.Errorf("%s says nothing of %q", p.URL(), words)
			}
		}
		for _, words := range history.unwanted {
			if strings.Contains(text, words) {
				p.t.Errorf("%s speaks of %q, which is another one’s", p.URL(), words)
			}
		}
	}
}

// atMoment is the query that asks for a moment.
func atMoment(at time.Time) string {
	return "?" + url.Values{"at": {at.UTC().Format(time.RFC3339Nano)}}.Encode()
}

func lookBackAtPeople(p *Page, m morning) {
	for _, then := range []struct {
		query string
		want  map[string]string
	}{
		{"?at=2001-01-01", map[string]string{"Grace Hopper": "Not created yet"}},
		{atMoment(m.before), map[string]string{
			"Grace Hopper": "Active observed", "Alan Turing": "Active observed", "Ada Lovelace": "Unknown Last read as active",
		}},
		{atMoment(m.after), map[string]string{
			"Grace Hopper": "Disabled inferred Disabled by Foyer at", "Alan Turing": "Active observed", "Ada Lovelace": "Unknown Last read as active",
		}},
	} {
		p.Peek(m.company + "/users" + then.query)
		p.WaitForText("main", "It has been watching this company since "+m.before.UTC().Format(time.DateOnly))
		rows := strings.Join(p.rows(), "\n")
		for name, words := range then.want {
			if !lineHas(rows, name, words) {
				p.t.Errorf("%s doesn’t say of %s %q, but:\n%s", p.URL(), name, words, rows)
			}
		}
	}
	p.Goto(m.company + "/users" + atMoment(m.after))
	p.lookClosely()
	p.Follow(".segmented a[href*='status=disabled']")
	p.wantRows(1, "Grace Hopper")

	// Of whom Foyer had not yet heard, it says so.
	p.Peek("/companies/" + lyondell + "/users?size=20&at=2026-01-01T00:00")
	if rows := strings.Join(p.rows(), "\n"); !lineHas(rows, "Adele Vance", "Unknown Not watched yet") {
		p.t.Errorf("%s knows more than it can:\n%s", p.URL(), rows)
	}
	if got := p.Peek(m.company + "/users?at=2026-02-30"); got != http.StatusUnprocessableEntity || !p.Has(".error-summary") || p.Has("main table") {
		p.t.Errorf("%s was answered %d, want 422 with the problem and no list", p.URL(), got)
	}
}

func lineHas(lines string, words ...string) bool {
next:
	for line := range strings.Lines(lines) {
		for _, w := range words {
			if !strings.Contains(line, w) {
				continue next
			}
		}
		return true
	}
	return false
}

// lookClosely looks at the page on a phone in the dark, too.
func (p *Page) lookClosely() {
	p.t.Helper()
	p.Resize(phone)
	p.Scheme("dark")
	p.FitsWidth()
	p.Axe()
	p.Resize(desktop)
}

func lookBackAtPerson(p *Page, m morning) {
	p.Goto(m.company + "/users" + atMoment(m.after))
	p.FollowNamed("link", "Grace Hopper")
	for _, words := range []string{"As of " + m.after.UTC().Format(time.DateOnly), "Disabled inferred", "It has been watching this person since"} {
		p.WaitForText("main", words)
	}
	p.lookClosely()
	p.FollowNamed("link", "Back to now")
	p.WaitForText(".answer", "Disabled")
	if text := p.Text("main"); strings.Contains(text, "As of") {
		p.t.Error("back from the date the page still speaks of then")
	}
	p.Peek(m.grace + atMoment(m.before))
	p.WaitForText("main", "Active observed")
}
