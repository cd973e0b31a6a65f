package handlers

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/store"
)

const (
	lyondellPage  = "/companies/" + lyondell
	lyondellNotes = lyondellPage + "/notes"
	adeleNote     = adelePage + "/note"
)

// noted is a form for the notes on a company.
func noted(tags, alias, reference string) url.Values {
	return url.Values{"tags": {tags}, "alias": {alias}, "reference": {reference}}
}

// note writes the notes on Lyondell, or the note on Adele.
func (b *browser) note(page, form string, fields url.Values) *page {
	b.t.Helper()
	return b.submit(b.get(page).want(http.StatusOK), form, fields)
}

func TestACompanysNotesAreSavedAndOnRecord(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	browser.get(lyondellPage).want(http.StatusOK).sound().says("#notes", "Notes", "unknown to Symphony", "No alias, reference or tags.", "Add notes")
	browser.get(lyondellNotes).want(http.StatusOK).sound()

	saved := browser.note(lyondellNotes, "#notes-form", noted(" Gold , süd  ost;GOLD\n", " LYB <b>& Co ", "CRM-0017"))

	p := browser.follow(saved).want(http.StatusOK).sound()
	p.says("main", "The notes are saved.").says("#notes", "LYB <b>& Co", "CRM-0017", "Change").says(".head-sub", "also LYB <b>& Co")
	if diff := cmp.Diff([]string{"Gold", "süd ost"}, p.texts("#notes .tag")); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	p.says("#history", "Changed the notes on", "Alias “LYB <b>& Co” · Reference “CRM-0017” · Tags added: Gold, süd ost", "Otto Onboarder")
	browser.get("/").says("#activity", "Changed the notes on", "Lyondell Trading")

	browser.note(lyondellNotes, "#notes-form", noted("Gold, New", "LYB", "CRM-0017")).want(http.StatusSeeOther)
	browser.note(lyondellNotes, "#notes-form", nil).want(http.StatusSeeOther) // as it is
	browser.note(lyondellNotes, "#notes-form", noted("", "", "")).want(http.StatusSeeOther)
	var values []string
	for _, e := range b.events(ledger.Filter{Action: ledger.NoteCompany}) {
		values = append(values, string(e.Before)+" "+string(e.After))
		if e.Company != (ledger.Company{ID: lyondell, Name: "Lyondell Trading"}) || e.Outcome != ledger.Succeeded || e.Actor.Name != "Otto Onboarder" {
			t.Errorf("the event is %+v", e)
		}
	}
	want := []string{
		`{"alias":"","reference":"","tags":[]} {"alias":"LYB \u003cb\u003e\u0026 Co","reference":"CRM-0017","tags":["Gold","süd ost"]}`,
		`{"alias":"LYB \u003cb\u003e\u0026 Co","tags":["Gold","süd ost"]} {"alias":"LYB","tags":["Gold","New"]}`,
		`{"alias":"LYB","reference":"CRM-0017","tags":["Gold","New"]} {"alias":"","reference":"","tags":[]}`,
	}
	if diff := cmp.Diff(want, values); diff != "" {
		t.Errorf("what the ledger has (-want +got):\n%s", diff)
	}
	browser.get(lyondellPage).says("#notes", "No alias, reference or tags.").says("#history", "Tags added: New · Tags removed: süd ost", "Alias removed, it was “LYB”")
}

func TestNotesThatCantBeKeptComeBackAsTyped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	many := make([]string, portal.MaxTags+1)
	for i := range many {
		many[i] = "tag" + string(rune('a'+i))
	}
	for _, test := range []struct {
		page, form string
		fields     url.Values
		says       string
	}{
		{lyondellNotes, "#notes-form", noted(strings.Join(many, ","), "x", "y"), "A company can have 20 tags at most; these are 21."},
		{lyondellNotes, "#notes-form", noted("short, "+strings.Repeat("ö", 41), "x", "y"), "must have 40 characters at most; it has 41."},
		{lyondellNotes, "#notes-form", noted("a\u202eb", "x", "y"), "has an invisible character (U+202E). Type it again."},
		{lyondellNotes, "#notes-form", noted("x", strings.Repeat("a", 101), "y"), "The alias must have 100 characters at most; this one has 101."},
		{lyondellNotes, "#notes-form", noted("x", "y", "\u3164"), "The reference has nothing that can be seen."},
		{lyondellNotes, "#notes-form", noted("x", "\u0301", "y"), "The alias has nothing that can be seen."},
		{lyondellNotes, "#notes-form", noted("x, \u0301\u200d", "y", "z"), "has nothing that can be seen."},
		{adeleNote, "#note-form", url.Values{"note": {"\u0301"}}, "The note has nothing that can be seen."},
		{adeleNote, "#note-form", url.Values{"note": {strings.Repeat("n", 2001)}}, "The note must have 2000 characters at most; this one has 2001."},
		{adeleNote, "#note-form", url.Values{"note": {"a\x00b"}}, "The note has an invisible character (U+0000). Type it again."},
	} {
		p := browser.note(test.page, test.form, test.fields).want(http.StatusUnprocessableEntity).sound()
		p.says("[data-error-summary]", test.says)
		values, _ := p.form(test.form)
		for name, typed := range test.fields {
			if values.Get(name) != strings.ReplaceAll(typed[0], "\x00", "\ufffd") {
				t.Errorf("%s: %q came back as %q", test.says, typed[0], values.Get(name))
			}
		}
	}
	if events := b.events(ledger.Filter{Action: ledger.NoteCompany}); len(events) != 0 {
		t.Errorf("the ledger has %v, want nothing", events)
	}
}

func TestWhoNotesAtTheSameTimeIsToldAndLosesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first, second := b.as(auth.Onboarder), b.as(auth.Admin)
	for _, test := range []struct {
		page, form, field, shown string
	}{
		{lyondellNotes, "#notes-form", "alias", "#notes"},
		{adeleNote, "#note-form", "note", "#note"},
	} {
		stale := second.get(test.page).want(http.StatusOK)
		first.note(test.page, test.form, url.Values{test.field: {"The first"}}).want(http.StatusSeeOther)

		p := second.submit(stale, test.form, url.Values{test.field: {"The second"}}).want(http.StatusConflict).sound()

		p.says("main", "This was changed since you opened the form", "Otto Onboarder changed what is noted at", "The first")
		if values, _ := p.form(test.form); values.Get(test.field) != "The second" {
			t.Errorf("%s: what was typed came back as %q", test.page, values.Get(test.field))
		}
		first.get(strings.TrimSuffix(strings.TrimSuffix(test.page, "/notes"), "/note")).says(test.shown, "The first")
		saved := second.follow(second.submit(p, test.form, nil))
		saved.says(test.shown, "The second")
		// Who has the same in mind is told nothing.
		second.submit(stale, test.form, url.Values{test.field: {"The second"}}).want(http.StatusSeeOther)
	}
}

func TestNotesAreReadByAllAndChangedByWhoMay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.as(auth.Onboarder).note(lyondellNotes, "#notes-form", noted("Gold", "LYB", "")).want(http.StatusSeeOther)
	b.as(auth.Viewer).note(adeleNote, "#note-form", url.Values{"note": {"Call first:\r\nshe travels"}}).want(http.StatusSeeOther)
	for _, role := range auth.AllRoles {
		browser := b.as(role)
		company, person := browser.get(lyondellPage).says("#notes", "LYB", "Gold"), browser.get(adelePage).sound().says("#note", "Call first: she travels", "unknown to Symphony")
		for _, form := range []struct {
			path, shown string
			page        *page
			may         bool
		}{
			{lyondellNotes, "#notes", company, role == auth.Onboarder || role == auth.Admin},
			{adeleNote, "#note", person, role != auth.Auditor},
		} {
			want, way := http.StatusForbidden, 0
			if form.may {
				want, way = http.StatusOK, 1
			} else {
				form.page.says(form.shown+" .forbidden", "Needs the role")
				browser.post(form.path, url.Values{"seen": {"x"}}).want(http.StatusForbidden)
			}
			browser.get(form.path).want(want)
			if got := form.page.find(form.shown + " a[href='" + form.path + "']").Length(); got != way {
				t.Errorf("%s: %d ways to change on the page of %s, want %d", role, got, form.path, way)
			}
		}
	}
}

func TestNotesNeedNoSymphony(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	browser.get(adelePage).want(http.StatusOK)
	browser.get(lyondellPage).want(http.StatusOK)
	b.fault(sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusServiceUnavailable})
	browser.note(lyondellNotes, "#notes-form", noted("Gold", "", "")).want(http.StatusSeeOther)
	browser.note(adeleNote, "#note-form", url.Values{"note": {"Away"}}).want(http.StatusSeeOther)
	browser.get("/companies/00000000-0000-4000-8000-000000000001/notes").want(http.StatusBadGateway)
	form := noted("a", "", "")
	form.Set("seen", "")
	browser.post("/companies/00000000-0000-4000-8000-000000000001/notes", form).want(http.StatusNotFound)
}

func TestTheListOfCompaniesHasTheirNotesAndIsNarrowedByThem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	meridian := "/companies/" + b.company("meridian").ID
	browser.get(meridian).want(http.StatusOK)
	browser.get("/companies")
	browser.note(lyondellNotes, "#notes-form", noted("Gold, Süd", "LYB", "CRM-0017")).want(http.StatusSeeOther)
	browser.note(meridian+"/notes", "#notes-form", noted("gold", "", "")).want(http.StatusSeeOther)
	names := func(query string) []string {
		t.Helper()
		names := browser.get("/companies?" + query).want(http.StatusOK).sound().texts("#companies tbody th > a")
		slices.Sort(names)
		return names
	}
	for query, want := range map[string]int{"tag=GOLD": 2, "tag=sud": 1, "tag=Gold&q=lyb": 1, "q=crm-0017": 1, "q=s%C3%BCd": 1, "q=gold": 2, "tag=none": 0} {
		if got := names(query); len(got) != want {
			t.Errorf("/companies?%s has %q, want %d", query, got, want)
		}
	}
	p := browser.get("/companies?tag=GOLD").says("#companies", "also LYB").says("#companies-filters .chip", "Tag: GOLD")
	if diff := cmp.Diff([]string{"Gold 2", "Süd 1"}, p.texts("#companies-filters .menu .tag")); diff != "" {
		t.Errorf("the tags to choose from (-want +got):\n%s", diff)
	}
	browser.get("/companies?tag=none").says("#companies", "No company has the tag “none”")
	browser.get("/companies?tag=" + strings.Repeat("x", 41)).want(http.StatusUnprocessableEntity)

	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(browser.get("/companies.csv?tag=sud").want(http.StatusOK).body, excelMark))).ReadAll()
	b.must(err)
	if diff := cmp.Diff([]string{"Gold, Süd", "LYB", "CRM-0017"}, rows[1][12:15]); diff != "" || len(rows) != 2 {
		t.Errorf("the file has %d rows (-want +got):\n%s", len(rows), diff)
	}
	if events := b.events(ledger.Filter{Action: ledger.Export}); events[0].Note != "companies.csv?tag=sud" {
		t.Errorf("the ledger says %q", events[0].Note)
	}
}

func TestTheSearchBoxFindsWhatIsNoted(t *testing.T) {
	t.Parallel()
	b := filled(t)
	browser := b.as(auth.Onboarder)
	browser.note(lyondellNotes, "#notes-form", noted("Gold, Süd", "Élan Vital", "0017-A")).want(http.StatusSeeOther)
	browser.note(adeleNote, "#note-form", url.Values{"note": {strings.Repeat("Before. ", 20) + "Ask Zoë\nQuirrenbach first. " + strings.Repeat("After. ", 40)}}).want(http.StatusSeeOther)

	for typed, to := range map[string]string{"elan vital": lyondellPage, "0017-a": lyondellPage, "vital sud": lyondellPage, "quirrenbach ZOE": adelePage} {
		if got := browser.get("/find?q=" + url.QueryEscape(typed)).want(http.StatusSeeOther).location(); got != to {
			t.Errorf("%q leads to %q, want %q", typed, got, to)
		}
	}
	browser.htmx("/find/suggest?q=quirren").says("body", "Note: …", "Zoë Quirrenbach first.", "…")
	browser.htmx("/find/suggest?q=0017").says("body", "Reference: 0017-A")
	browser.htmx("/find/suggest?q=nobody-notes-this").says("body", "Nothing found")

	// With a company that is called alike both are listed, and why.
	meridian := "/companies/" + b.company("meridian").ID
	browser.note(meridian+"/notes", "#notes-form", noted("Quirrenbach", "", "")).want(http.StatusSeeOther)
	p := browser.get("/find?q=quirrenbach").want(http.StatusOK).sound()
	p.says("#companies tbody th", "Tag: Quirrenbach").says("#people tbody th", "Adele Vance", "Note: …", "Zoë Quirrenbach first.")
	if marked := p.texts("#people mark"); !slices.Equal(marked, []string{"Quirrenbach"}) {
		t.Errorf("marked: %q", marked)
	}
	// Who is found by their name isn't found by the note once more.
	browser.note(adeleNote, "#note-form", url.Values{"note": {"Adele is away"}}).want(http.StatusSeeOther)
	if n := browser.get("/find?q=ade").find("#people tbody a[href='" + adelePage + "']").Length(); n > 1 {
		t.Errorf("Adele is found %d times, want once", n)
	}
}

func TestPeopleAreNarrowedByATagOfTheirCompany(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Onboarder)
	browser.get(adelePage).want(http.StatusOK)
	meridian := b.company("meridian").ID
	browser.note(lyondellNotes, "#notes-form", noted("Gold, Süd", "LYB", "CRM-0017")).want(http.StatusSeeOther)
	browser.note("/companies/"+meridian+"/notes", "#notes-form", noted("gold", "", "")).want(http.StatusSeeOther)
	browser.note(adeleNote, "#note-form", url.Values{"note": {"Away"}}).want(http.StatusSeeOther)
	all := b.everybody()
	of := func(ids ...string) (n int) {
		for _, u := range all {
			if slices.Contains(ids, u.company.ID) {
				n++
			}
		}
		return n
	}
	for query, want := range map[string]int{
		"tag=Gold": of(lyondell, meridian), "tag=S%C3%9CD": of(lyondell), "tag=gold&company=" + meridian: of(meridian), "tag=sud&company=" + meridian: 0, "tag=none": 0,
		"tag=gold&tag=sud": of(lyondell), "tag=gold&tag=sud&tag=none": 0, "tag=gold&tag=GOLD": of(lyondell, meridian),
		"company=lyb": of(lyondell), "tag=gold&q=adele+vance": 1,
	} {
		p := browser.get("/people?size=100&" + query).want(http.StatusOK).sound()
		shown := slices.Concat(browser.walk("/people?size=100&" + query)...)
		if len(shown) != want {
			t.Errorf("/people?%s has %d people, want %d", query, len(shown), want)
		}
		if count := p.text("#people-counts a:nth-child(1) b"); want > 0 && count != strconv.Itoa(want) || want == 0 && count != "0" {
			t.Errorf("/people?%s counts %s, want %d", query, count, want)
		}
	}
	browser.get("/people?tag=gold").says("#people-chips", "Company tag: gold").says("#people-saved", "Save what is set now")
	two := browser.get("/people?tag=gold&tag=sud").sound().says("#people-chips", "Company tag: gold", "Company tag: sud").says("main", "Another company tag")
	if form, _ := two.form("form.menu-form-wide"); !slices.Equal(form["tag"], []string{"gold", "sud", ""}) {
		t.Errorf("the form has the tags %q, want both and room for another", form["tag"])
	}
	browser.htmx("/people/values?column=tag&tag=GO").want(http.StatusOK)
	if values := browser.htmx("/people/values?column=tag&tag=s%C3%BC").find("option").AttrOr("value", ""); values != "Süd" {
		t.Errorf("the field suggests %q, want Süd", values)
	}
	browser.get("/companies/"+lyondell+"/users?tag=none&q=adele+vance").says("#people-table", "Adele Vance")

	p := browser.get("/people?q=adele+vance&columns=tags,reference,note").want(http.StatusOK).sound()
	p.says("#people-table tbody", "Gold, Süd", "CRM-0017", "Away")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(browser.get("/people.csv?q=adele+vance&tag=gold").want(http.StatusOK).body, excelMark))).ReadAll()
	b.must(err)
	if diff := cmp.Diff([]string{"Gold, Süd", "LYB", "CRM-0017", "Away"}, rows[1][19:]); diff != "" || len(rows) != 2 {
		t.Errorf("the file has %d rows (-want +got):\n%s", len(rows), diff)
	}
	line := browser.get("/people.jsonl?q=adele+vance").want(http.StatusOK).body
	for _, part := range []string{`"companyTags":["Gold","Süd"]`, `"companyAlias":"LYB"`, `"companyReference":"CRM-0017"`, `"note":"Away"`} {
		if !strings.Contains(line, part) {
			t.Errorf("the line is %s, want it to have %s", line, part)
		}
	}
}

func TestANoteIsErasedWithItsPerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Admin)
	browser.note(adeleNote, "#note-form", url.Values{"note": {"Zoë Quirrenbach knows her"}}).want(http.StatusSeeOther)
	browser.get(adelePage).says("#note", "Quirrenbach").says("#history", "Note “Zoë Quirrenbach knows her”")

	_, err := b.store.Redact(t.Context(), ledger.Event{Actor: auth.System("redact", ""), Reason: "order 17"}, store.Order{Person: adele})
	b.must(err)

	p := browser.get(adelePage).want(http.StatusOK).sound()
	p.says("#note", "Nothing is noted.").says("#history", "Changed the note on")
	for _, page := range []*page{p, browser.get("/audit?user=" + adele), browser.get("/find?q=quirrenbach"), browser.get("/people.csv")} {
		if body := strings.ReplaceAll(page.body, "q=quirrenbach", ""); strings.Contains(body, "knows her") {
			t.Errorf("%s still has the note", page.request)
		}
	}
	notes, err := b.store.PersonNotes(t.Context(), []directory.UserRef{{CompanyID: lyondell, UserID: adele}})
	if err != nil || len(notes) != 0 {
		t.Errorf("PersonNotes = %v, %v, want none", notes, err)
	}
}

// A program that sends less than the form has empties nothing by that.
func TestAFieldThatIsMissingEmptiesNoNote(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	browser.note(lyondellNotes, "#notes-form", noted("Gold", "LYB", "CRM-0017")).want(http.StatusSeeOther)
	browser.note(adeleNote, "#note-form", url.Values{"note": {"back in May"}}).want(http.StatusSeeOther)
	for _, field := range []string{"tags", "alias", "reference", "seen"} {
		browser.note(lyondellNotes, "#notes-form", url.Values{field: nil}).want(http.StatusBadRequest).says("main", "The form lacks the field "+field, "Nothing was changed")
	}
	for _, field := range []string{"note", "seen"} {
		browser.note(adeleNote, "#note-form", url.Values{field: nil}).want(http.StatusBadRequest).says("main", "The form lacks the field "+field)
	}
	browser.get(lyondellPage).says("#notes", "Gold", "LYB", "CRM-0017")
	browser.get(adelePage).says("main", "back in May")
}

// The search box looks through notes, and so does the table.
func TestTheTableFindsPeopleByTheNoteOnThem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Onboarder)
	browser.note(adeleNote, "#note-form", url.Values{"note": {"On leave until the équinoxe, says Adele"}}).want(http.StatusSeeOther)
	for _, path := range []string{"/people", "/companies/" + lyondell + "/users"} {
		p := browser.get(path+"?q=equinoxe+leave").want(http.StatusOK).sound().says("#people-noted", "Adele Vance", "équinoxe").says("#people-table", "Nobody matches but by a note")
		if href := p.find("#people-noted a").AttrOr("href", ""); href != adelePage {
			t.Errorf("it leads to %s", href)
		}
		for _, query := range []string{"q=solstice", "q=adele", "q=equinoxe&status=disabled", "q=equinoxe&domain=elsewhere.example", "q=equinoxe&to=2001-01-01"} {
			if p := browser.get(path + "?" + query).want(http.StatusOK); p.find("#people-noted").Length() != 0 {
				t.Errorf("%s?%s finds %s", path, query, p.text("#people-noted"))
			}
		}
		browser.get(path+"?q=equinoxe&status=active&domain=lyondell.example").says("#people-noted", "Adele Vance")

		// They are rows as the others, which can be ticked.
		picked := p.find("#people-selection #people-noted input[name=pick]").AttrOr("value", "")
		if want := lyondell + "/" + adele; picked != want {
			t.Fatalf("the row is ticked as %q, want %q", picked, want)
		}
		p.says("#people-noted tr", "adele.vance@lyondell.example", "Active").says(".pager", "1 person on this page")
		browser.post("/people/emails", url.Values{"pick": {picked}}).want(http.StatusOK).says("textarea", "adele.vance@lyondell.example")
	}
	beside := browser.get("/people?q=equinoxe+adele").want(http.StatusOK)
	if n := beside.find("tbody input[name=pick]").Length(); n != 1 {
		t.Errorf("who is noted is listed %d times", n)
	}
	if p := browser.get("/people?q=equinoxe&company=" + vega).want(http.StatusOK); p.find("#people-noted").Length() != 0 {
		t.Errorf("people of another company are found: %s", p.text("#people-noted"))
	}
}
