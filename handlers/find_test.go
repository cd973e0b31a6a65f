package handlers

import (
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// filled is a Foyer whose directory has everybody, with the statuses that Symphony told.
func filled(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.readEverybody()
	return b
}

// readEverybody reads the people of all companies into the directory.
func (b *bench) readEverybody() {
	b.t.Helper()
	companies, _, _, err := b.options.Directory.List(b.t.Context(), 0)
	b.must(err)
	for _, c := range companies {
		if !c.State.Ready() {
			continue
		}
		for again := time.Duration(1); again > 0; {
			again, err = b.options.Directory.ReadPeople(b.t.Context(), c.ID)
			b.must(err)
		}
	}
	b.must(b.options.Directory.FillStatuses(b.t.Context()))
}

// readyCompanies are the ids of the companies that can have people.
func (b *bench) readyCompanies() (ids []string) {
	b.t.Helper()
	companies, err := b.symphony.Companies.List(b.t.Context())
	b.must(err)
	for _, c := range companies {
		if c.State.Ready() {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// personPath is the page of a person whom the directory has.
func (b *bench) personPath(email string) string {
	b.t.Helper()
	users, err := b.store.FindUsers(b.t.Context(), directory.UserKey{Email: email})
	b.must(err)
	if len(users) != 1 {
		b.t.Fatalf("the directory has %s %d times", email, len(users))
	}
	return views.UserPath(users[0].CompanyID, users[0].ID)
}

// peoplePaths are the pages of so many people of Lyondell's.
func (b *bench) peoplePaths(n int) iter.Seq[string] {
	b.t.Helper()
	page, err := b.symphony.Users.List(b.t.Context(), lyondell, sapi.PageOptions{Size: n})
	b.must(err)
	return func(yield func(string) bool) {
		for _, u := range page.Users {
			if !yield(views.UserPath(lyondell, u.ID)) {
				return
			}
		}
	}
}

// allCalls counts the requests that reached Symphony.
func (b *bench) allCalls() int {
	b.t.Helper()
	calls, err := b.sandbox.Faults().Calls(b.t.Context())
	b.must(err)
	return len(calls)
}

func findPath(text string) string { return "/find?q=" + url.QueryEscape(text) }

func TestASingleHitOpensAtOnce(t *testing.T) {
	t.Parallel()
	b := filled(t)
	b.done(ledger.Event{Action: ledger.CreateUsers, Outcome: ledger.Succeeded, Actor: by("vera"), Symphony: ledger.Symphony{TraceID: "Zb81pd"}})
	b.as(auth.Onboarder).disable().want(http.StatusSeeOther)
	disabled := b.events(ledger.Filter{Action: ledger.DisableUser})[0]
	change, reference := disabled.Change, disabled.Actor.RequestID
	person, company := "/companies/"+lyondell+"/users/"+adele, "/companies/"+lyondell
	soren := b.personPath("soren.oneill@lyondell.example")
	for text, want := range map[string]string{
		// What is pasted from mails, tickets and other programs.
		"adele.vance@lyondell.example":                        person,
		"  ADELE.vance@LYONDELL.example ":                     person,
		"Adele Vance <adele.vance@lyondell.example>":          person,
		`"Vance, Adele" <adele.vance@lyondell.example>;`:      person,
		"mailto:adele.vance@lyondell.example?subject=Sign-in": person,
		"adele.vance@lyondell.example,":                       person,
		"\u200b\ufeffadele.vance@lyondell.example\u00a0":      person,
		"'adele.vance@lyondell.example'":                      person,
		"\u202eadele.vance@lyondell.example\u202c":            person,
		"adele.vance@lyondell.example\x00":                    person,
		adele:                                                 person,
		strings.ToUpper(adele):                                person,
		"{" + adele + "}":                                     person,
		"user " + adele + " can't sign in":                    person,
		"695734946108125":                                     person,
		// Parts of names, in any order, and without what a keyboard hasn't got.
		"Adele Vance":      person,
		"vance   adele":    person,
		`"Vance, Adele"`:   person,
		"dele van":         person,
		"adele analyst":    person,
		"soren oneill":     soren,
		"SOREN ONEILL":     soren,
		"Søren O’Neill":    soren,
		"O'Neill So\u0308": soren,
		// Companies.
		//               company,
		"lyondell.example":              company,
		"@lyondell.example":             company,
		"lyondell":                      company,
		"LYONDELL TRADING":              company,
		lyondell:                        company,
		b.company("lyondell").PublicURL: company,
		"<" + b.company("lyondell").PublicURL + "/client/index.html>": company,
		"www.lyondell.example":                       company,
		"https://www.lyondell.example/contact?x=1#y": company,
		"http://eu.shop.lyondell.example:8080":       company,
		"tokyo securities":                           "/companies/" + b.company("tokyo").ID,
		"東京証券":                                       "/companies/" + b.company("tokyo").ID,
		"societe generique":                          "/companies/" + b.company("socgen").ID,
		// Foyer's own.
		publicURL + person + "?at=2026-01-01":             person + "?at=2026-01-01",
		strings.TrimPrefix(publicURL, "http://") + person: person,
		person + "/history":                               person + "/history",
		"/companies?q=bank":                               "/companies?q=bank",
		"/sessions":                                       "/sessions",
		"/audit/1":                                        "/audit/1",
		"#1":                                              "/audit/1",
		"Zb81pd":                                          "/audit?trace=Zb81pd",
		reference:                                         "/audit?request=" + reference,
		strings.ToLower(reference):                        "/audit?request=" + reference,
		"Reference " + reference:                          "/audit?request=" + reference,
		change:                                            "/changes/" + change,
		strings.ToUpper(change):                           "/changes/" + change,
	} {
		p := b.as(auth.Auditor).get(findPath(text)).want(http.StatusSeeOther)
		if p.location() != want {
			t.Errorf("%q leads to %s, want %s", text, p.location(), want)
		}
	}
	b.as(auth.Auditor).get("/find?q=tok").want(http.StatusOK).says("#companies", "tokyo") // a few letters mean nobody yet
}

// Whatever comes out of somebody's clipboard, the page says what it found or that it
// found nothing, and no character of it does anything else.
func TestHostileTextsFindNothing(t *testing.T) {
	t.Parallel()
	b := filled(t)
	texts := []string{
		`<b class="canary">&"`, `"><script class="canary">alert(1)</script>`, "' OR '1'='1", `"; DROP TABLE person; --`, "%", "%%%", "___", `zq" OR "qz`, "NEAR(adele vance)",
		"zadele* OR zvance*", "-adele", "name:adele", "^adele", `"`, `""`, "'", "!?.,;:-_*/\\", "🙂🙂🙂", "\u202e\u202d\u2066xyzzy", "xy\x00zzy", "\x01\x02", "--", "(", ")", "zqx AND zqx", "NOT zqx",
		strings.Repeat("x", 320), strings.Repeat("xq yq ", 50), "#0", "#99999999", "/nowhere", "//evil.example", `/\evil.example`, "https://evil.example/companies", "https://127.0.0.1.evil.example:8080/companies",
		publicURL + "@evil.example/companies", publicURL + "/../companies", publicURL + "/static/app.css", publicURL + "/companies.csv", publicURL + "/nowhere", "javascript:alert(1)", "00000000-0000-4000-8000-000000000000", "999999999999",
		strings.Repeat("9", 100), "+49 000 000000",
	}
	for batch := range slices.Chunk(texts, 15) {
		browser := b.as(auth.Admin)
		for _, text := range batch {
			p := browser.get(findPath(text)).want(http.StatusOK).sound()
			if p.find(".canary").Length() > 0 {
				t.Errorf("%q has become a part of the page", text)
			}
			if directory.Understand(text).Text != "" && p.find(".empty-title").Length() != 1 {
				t.Errorf("%q: the page doesn't say that nothing was found: %s", text, p.text("main"))
			}
			browser.htmx("/find/suggest?q=" + url.QueryEscape(text)).want(http.StatusOK)
		}
	}
}

func TestSeveralHitsAreListed(t *testing.T) {
	t.Parallel()
	p := filled(t).as(auth.Viewer).get("/find?q=on").want(http.StatusOK).sound()
	want := []string{"Concordia Group", "Halcyon Trust", "Lyondell Trading"}
	if diff := cmp.Diff(want, p.texts("#companies tbody th a")); diff != "" {
		t.Errorf("companies (-want +got):\n%s", diff)
	}
	p.says("h1", "Search for “on”").says(".head-sub", "3 companies", "5 companies (3 others aren’t ready), read within the last")
	if got := p.find("#search").AttrOr("value", ""); got != "on" {
		t.Errorf("the search box has %q", got)
	}
}

// What was found is marked in the name as it is written.
func TestTheMatchIsMarked(t *testing.T) {
	t.Parallel()
	b := filled(t)
	p := b.as(auth.Viewer).get("/find?q=fx+opt").want(http.StatusOK).sound()
	if got := p.texts("#people tbody mark"); !slices.Contains(got, "FX") || !slices.Contains(got, "Opt") {
		t.Errorf("marked is %q, want FX and Opt", got)
	}
	p = b.as(auth.Viewer).htmx("/find/suggest?q=oneil").want(http.StatusOK)
	if got := p.texts("mark"); !slices.Contains(got, "O’Neil") || !slices.Contains(got, "oneil") {
		t.Errorf("marked is %q, want O’Neil in the name and oneil in the address", got)
	}
}

// Where what was found is in nothing that is shown of somebody, it is shown.
func TestAHitSaysByWhatItWasFound(t *testing.T) {
	t.Parallel()
	b := filled(t)
	browser := b.as(auth.Viewer)
	of := func(p *page, rows string) string {
		return p.text(rows + ":contains('Adele Vance')")
	}
	for query, want := range map[string]string{"analyst": "Title: Analyst", "0975": "Phone: +33 1 09 75 83 51"} {
		for name, got := range map[string]string{
			"the box": of(browser.htmx("/find/suggest?q=adele+"+query).want(http.StatusOK), "a.suggest"),
			"find":    browser.get("/find?q=" + query).want(http.StatusOK).text("#people tbody"),
			"people":  of(browser.get("/people?columns=email&q=adele+"+query).want(http.StatusOK).sound(), "#people-table tbody tr"),
		} {
			if !strings.Contains(got, want) {
				t.Errorf("%s for %s says %q, want %q", name, query, got, want)
			}
		}
	}
	shown := browser.get("/people?columns=title,phone&q=adele+analyst").want(http.StatusOK)
	if got := of(shown, "#people-table tbody tr"); strings.Contains(got, "Title:") {
		t.Errorf("what a column shows is said twice: %q", got)
	}
	phone := browser.get("/people?columns=phone&q=0975").want(http.StatusOK)
	if got := phone.texts("#people-table tbody mark"); !slices.Contains(got, "09 75") {
		t.Errorf("marked in the column is %q", got)
	}
}

func TestASearchWithoutWordsSaysWhatCanBeTyped(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)
	for _, path := range []string{"/find", "/find?q=", "/find?q=++", "/find?q=%E2%80%8B"} {
		browser.get(path).want(http.StatusOK).sound().says("h1", "Find people and companies").says("main", "any part of a name", "vanity name", "Several addresses at once")
	}
}

func TestWhatIsNotFoundSaysWhatWasLookedThrough(t *testing.T) {
	t.Parallel()
	b := filled(t)
	b.clock.add(12 * time.Minute)
	browser := b.as(auth.Onboarder)
	tests := []struct {
		query, words string
		precheck     string
	}{
		{"nobody@unheard.example", "No company that you sponsor has the domain unheard.example.", "/precheck?email=nobody%40unheard.example"},
		{"nobody@lyondell.example", "Lyondell Trading, which has the domain, was asked again at", "/precheck?email=nobody%40lyondell.example"},
		{"nobody@oresund.example", "Öresund Capital has this domain and isn’t ready", "/precheck?email=nobody%40oresund.example"},
		{"Nobody Atall", "Looked through 5 companies (3 others aren’t ready), read within the last 12 min: nobody and no company has this.", "/precheck"},
		{"+33", "Looked through 5 companies (3 others aren’t ready), read within the last 12 min: nobody’s name or e-mail begins so, and no company has this.", "/precheck"},
		{"unheard.example", "Looked through 5 companies (3 others aren’t ready), read within the last 12 min", "/precheck?email=unheard.example"},
		{"999999999999", "Looked through 5 companies (3 others aren’t ready), read within the last 12 min", "/precheck"},
		{"00000000-0000-4000-8000-000000000000", "Looked through 5 companies (3 others aren’t ready), read within the last 12 min", "/precheck"},
		{"https://www.unheard.example/contact", "This is an address of the web. No company that you sponsor has its domain, unheard.example, or has it as its public address.", "/precheck?email=unheard.example"},
		{"https://unheard.on.symphony.com/client", "This is an address at Symphony. No company that you sponsor has it as its public address.", "/precheck"},
		{"7F3K-22QD-9M1X", "This is a reference of Foyer’s own", "/precheck"},
		{"Reference 7F3K-22QD-9M1X", "not for you to see. Needs the role auditor or admin.", "/precheck"},
		{"#987", "Needs the role auditor or admin.", "/precheck"},
		{"/audit", "Needs the role auditor or admin.", "/precheck"},
		{"/nowhere", "Foyer has no such page.", "/precheck"},
		{"!?", "There is no letter and no digit in it.", "/precheck"},
	}
	for _, test := range tests {
		p := browser.get(findPath(test.query)).want(http.StatusOK).sound()
		p.says(".empty-no-match", "Nothing found for “"+test.query+"”", test.words, "All companies", "Clear the search")
		if p.find(".empty a[href='"+test.precheck+"']").Length() != 1 {
			t.Errorf("%q: the pre-check is not offered with %s", test.query, test.precheck)
		}
	}
	if refused := b.outcomes(ledger.Denied); len(refused) > 0 {
		t.Errorf("%d refusals were recorded for what was only searched for", len(refused))
	}
	const unrecorded = "Nothing is on record with it. Whoever runs Foyer finds it in its log."
	b.as(auth.Auditor).get("/find?q=7F3K-22QD-9M1X").want(http.StatusOK).says(".empty", unrecorded)
	b.as(auth.Auditor).htmx("/find/suggest?q=7F3K-22QD-9M1X").want(http.StatusOK).says(".suggest-note", unrecorded)
	added := browser.submit(browser.get("/find?q=nobody@lyondell.example").says(".empty", "Add to Lyondell Trading"), ".empty form", nil).want(http.StatusOK)
	if values, _ := added.form("main form"); values.Get("users.0.email") != "nobody@lyondell.example" {
		t.Errorf("the form that adds people has %q, want the address that was searched for", values.Get("users.0.email"))
	}
	b.as(auth.Viewer).get("/find?q=nobody@lyondell.example").says(".empty .forbidden", "Add to Lyondell Trading", "Needs the role onboarder or admin.")
}

// An address that nobody has is no reason to open somebody with a similar one.
func TestALikeAddressIsNeverTakenForTheOneThatWasTyped(t *testing.T) {
	t.Parallel()
	p := filled(t).as(auth.Viewer).get("/find?q=vance@lyondell.example").want(http.StatusOK).sound()
	p.says(".note", "Nobody has exactly this address.", "Why can’t they sign in?").says("#people", "Adele Vance")
}

// An address is misspelt as names are, and tells who is meant all the same.
func TestAnAddressThatNobodyHasFindsWhoIsCalledSo(t *testing.T) {
	t.Parallel()
	browser := filled(t).as(auth.Viewer)
	for _, test := range []struct{ typed, finds string }{
		{"vance.adele@lyondell.example", "Adele Vance"},
		{"Adele Vance <adele-vance2@lyondell.example>", "Adele Vance"},
		{"vance2@lyondell.example", "Adele Vance"},
		{"soeren.oneill@lyondell.example", "Søren O’Neill"},
		{"adele.vance@unheard.example", "Adele Vance"},
	} {
		p := browser.get(findPath(test.typed)).want(http.StatusOK).sound()
		p.says(".note", "Nobody has exactly this address.", "Why can’t they sign in?").says("#people", test.finds)
	}
	for _, nobody := range []string{"vance@unheard.example", "nobody.vance@lyondell.example"} {
		browser.get(findPath(nobody)).want(http.StatusOK).sound().says(".empty-no-match", "Nothing found for")
	}
}

// A company has several domains, and callers mix them up.
func TestOfThoseWhoAreCalledSoTheCompanyOfTheDomainComesFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for companyID, domain := range map[string]string{lyondell: "lyondell.example", b.company("concordia").ID: "concordia-be.example"} {
		_, err := b.symphony.Users.Create(t.Context(), companyID, []sapi.NewUser{{Email: "zoe.prime@" + domain, FirstName: "Zoe", LastName: "Prime"}})
		b.must(err)
	}
	b.readEverybody()
	browser := b.as(auth.Viewer)
	for typed, first := range map[string]string{"zoe.prime@lyondell-fx.example": "Lyondell Trading", "zoe.prime@concordia.example": "Concordia Group"} {
		p := browser.get(findPath(typed)).want(http.StatusOK).says("#people", "Lyondell Trading", "Concordia Group")
		if got := strings.TrimSpace(p.find("#people tbody tr").First().Find("td").Eq(1).Text()); got != first {
			t.Errorf("%s finds somebody of %s first, want %s", typed, got, first)
		}
	}
}

// Who came after the directory was read is found by their address, for which Symphony is
// asked.
func TestWhoIsNewIsFoundByTheirAddress(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := b.as(auth.Viewer).get("/find?q=adele.vance@lyondell.example").want(http.StatusSeeOther)
	if want := "/companies/" + lyondell + "/users/" + adele; p.location() != want {
		t.Errorf("leads to %s, want %s", p.location(), want)
	}
}

// One of whom a part was typed is opened only when there can be nobody else.
func TestTheOnlyHitOfADirectoryThatIsNotFullIsListed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, _, _, err := b.options.Directory.List(t.Context(), 0)
	b.must(err)
	_, err = b.options.Directory.ReadPeople(t.Context(), lyondell)
	b.must(err)
	browser := b.as(auth.Viewer)
	browser.get("/find?q=adele+vance").want(http.StatusOK).sound().says("#people", "Adele Vance").says(".head-sub", "1 person found", "looked through 1 of 5 companies")
	b.readEverybody()
	browser.get("/find?q=adele+vance").want(http.StatusSeeOther)
}

// Companies are read again when nothing is found, and not more often than their list is.
func TestACompanyThatIsNewAtSymphonyIsFound(t *testing.T) {
	t.Parallel()
	b := filled(t)
	_, err := b.symphony.Companies.Create(t.Context(), sapi.NewCompany{Name: "Brand New", VanityName: "brand-new", EmailDomains: []string{"brandnew.example"}})
	b.must(err)
	browser := b.as(auth.Viewer)
	browser.get("/find?q=brand+new").want(http.StatusOK).says(".empty", "Nothing found")
	b.clock.add(2 * time.Minute)
	browser.get("/find?q=brand+new").want(http.StatusSeeOther)
	browser.htmx("/find/suggest?q=brand+ne").want(http.StatusOK).says("[role=group]", "Brand New")
}

// Who is in no list any more stays findable, and isn't passed off as listed.
func TestWhoIsNotListedAnyMoreIsFound(t *testing.T) {
	t.Parallel()
	b := filled(t)
	b.must(b.sandbox.Faults().RemoveUser(t.Context(), adele))
	b.clock.add(time.Hour)
	b.readEverybody()
	browser := b.as(auth.Viewer)
	for _, p := range []*page{browser.get("/find?q=adele.vance@lyondell.example,x@y.example"), browser.htmx("/find/suggest?q=adele.va")} {
		p.want(http.StatusOK).says("body", "Adele Vance", "not listed since")
	}
}

func TestSuggestionsAskSymphonyNothing(t *testing.T) {
	t.Parallel()
	b := filled(t)
	browser := b.as(auth.Viewer)
	before := b.allCalls()
	for _, text := range []string{"", "ade", "nobody@lyondell.example", "00000000-0000-4000-8000-000000000000", "999999999999"} {
		browser.htmx("/find/suggest?q=" + url.QueryEscape(text)).want(http.StatusOK)
	}
	b.clock.add(time.Hour)
	browser = b.as(auth.Viewer)
	browser.htmx("/find/suggest?q=ade").want(http.StatusOK).says("[role=group]", "Adele Vance")
	if calls := b.allCalls() - before; calls > 0 {
		t.Errorf("Symphony was asked %d times", calls)
	}
}

func TestSuggestionsAreGroupedLinks(t *testing.T) {
	t.Parallel()
	b := filled(t)
	browser := b.as(auth.Viewer)
	p := browser.htmx("/find/suggest?q=lyond").want(http.StatusOK)
	if diff := cmp.Diff([]string{"Companies", "People", "Everywhere"}, p.texts(".suggest-head")); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if n := p.find("[role=option]").Length(); n != 1+7+1 {
		t.Errorf("%d options, want the company, seven people and the search", n)
	}
	if href := p.find("[role=option]").Last().AttrOr("href", ""); href != "/find?q=lyond" {
		t.Errorf("the last option leads to %s", href)
	}
	p.says(".suggest-note", "5 companies (3 others aren’t ready), read within the last")
	p = browser.htmx("/find/suggest?q=a@x.example,adele.vance@lyondell.example").want(http.StatusOK)
	p.says("[role=listbox]", "Who is who: 2 addresses", "Adele Vance")
	p = browser.htmx("/find/suggest?q=adele.vance@lyond").want(http.StatusOK).says("[role=listbox]", "Adele Vance")
	if got := p.texts("mark"); !slices.Contains(got, "adele.vance@lyond") {
		t.Errorf("marked is %q", got)
	}
}

// What was opened is offered again to whoever opened it, and to nobody else.
func TestWhatWasOpenedLatelyIsOfferedBeforeAnythingIsTyped(t *testing.T) {
	t.Parallel()
	b := filled(t)
	vera, otto := b.as(auth.Viewer), b.as(auth.Onboarder)
	if got := vera.htmx("/find/suggest?q=").want(http.StatusOK).find("[role=option]").Length(); got != 0 {
		t.Errorf("%d are offered before anything was opened", got)
	}
	vera.get("/companies/" + lyondell).want(http.StatusOK)
	vera.get("/companies/" + lyondell + "/users/" + adele).want(http.StatusOK)
	vera.get("/companies/" + lyondell + "/users/" + adele).want(http.StatusOK)
	vera.get("/companies/" + lyondell + "/users/00000000-0000-4000-8000-000000000000").want(http.StatusNotFound)
	vera.get("/companies/" + strings.ToUpper(lyondell)).want(http.StatusOK)
	want := []string{"Lyondell Trading", "Adele Vance"}
	if diff := cmp.Diff(want, vera.htmx("/find/suggest?q=").texts(".suggest-name")); diff != "" {
		t.Errorf("offered (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, vera.get("/find").want(http.StatusOK).sound().texts("#recent a")); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	if got := otto.get("/find").find("#recent").Length(); got != 0 {
		t.Error("somebody else is offered what Vera opened")
	}
	for path := range b.peoplePaths(15) {
		vera.get(path).want(http.StatusOK)
	}
	if got := vera.htmx("/find/suggest?q=").find("[role=option]").Length(); got != 12 {
		t.Errorf("%d are offered, want a dozen", got)
	}
}

func TestSeveralAddressesAreATableOfWhoIsWho(t *testing.T) {
	t.Parallel()
	b := filled(t)
	list := "Adele Vance <adele.vance@lyondell.example>;\r\nsoren.oneill@lyondell.example, nobody@lyondell.example\tnobody@oresund.example\n<stranger@unheard.example>"
	for _, p := range []*page{b.as(auth.Onboarder).get(findPath(list)), b.as(auth.Onboarder).post("/find", url.Values{"q": {list}})} {
		p.want(http.StatusOK).sound().says("h1", "Who is who").says("#who h2", "5 addresses: 2 known, 3 not")
		rows := p.texts("#who tbody tr")
		for i, want := range [][]string{
			{"adele.vance@lyondell.example", "Adele Vance", "Lyondell Trading", "Active", "Open"},
			{"soren.oneill@lyondell.example", "Søren O’Neill", "Disabled", "Open"},
			{"nobody@lyondell.example", "Nobody known", "Lyondell Trading", "Add to Lyondell Trading"},
			{"nobody@oresund.example", "Öresund Capital", "Once Symphony has built the company."},
			{"stranger@unheard.example", "No company of yours", "Pre-check"},
		} {
			for _, words := range want {
				if !strings.Contains(rows[i], words) {
					t.Errorf("row %d is %q, want %q in it", i, rows[i], words)
				}
			}
		}
		copied := p.find("#who [data-copy]").First().AttrOr("data-copy", "")
		if !strings.Contains(copied, "adele.vance@lyondell.example\tAdele Vance\tLyondell Trading\tActive\t") {
			t.Errorf("copied is %q", copied)
		}
		values, action := p.form("#who form[action='/precheck']")
		if action != "/precheck" || values.Get("email") != "nobody@lyondell.example\nnobody@oresund.example\nstranger@unheard.example" {
			t.Errorf("the pre-check is asked with %v", values)
		}
	}
	p := b.as(auth.Viewer).get(findPath(list)).says("#who", "Needs the role onboarder or admin.")
	if p.find("#who form[action$='/users/check']").Length() > 0 {
		t.Error("a viewer is offered to add people")
	}
}

func TestWhatStandsBesideAnAddressGoesAlongToTheForms(t *testing.T) {
	t.Parallel()
	b := filled(t)
	list := `"Vance, Adele" <adele.vance@lyondell.example>; "Body, No" <nobody@lyondell.example>; Strange Stranger <stranger@unheard.example>; test@; not an address; vega.example; x`

	p := b.as(auth.Onboarder).post("/find", url.Values{"q": {list}}).want(http.StatusOK).sound()

	p.says("#who h2", "3 addresses: 1 known, 2 not").says(".note", "Not an e-mail address: test@, not an address, vega.example, and 1 other entry.")
	person, _ := p.form("#who form[action$='/users/check']")
	if got := person.Get("users.0.firstName") + " " + person.Get("users.0.lastName"); got != "No Body" {
		t.Errorf("the form that adds people is given the name %q", got)
	}
	asked, _ := p.form("#who form[action='/precheck']")
	if want := "\"Body, No\" <nobody@lyondell.example>\n\"Stranger, Strange\" <stranger@unheard.example>"; asked.Get("email") != want {
		t.Errorf("the pre-check is asked with %q, want %q", asked.Get("email"), want)
	}
}

// What is pasted by mistake is refused or looked through as far as it goes, whatever its
// size.
func TestAHugePasteIsLookedThroughAsFarAsItGoes(t *testing.T) {
	t.Parallel()
	b := filled(t)
	var list strings.Builder
	for i := range 6000 {
		fmt.Fprintf(&list, "somebody.%d@unheard.example\n", i)
	}
	list.WriteString(strings.Repeat("adele.vance@lyondell.example\n", 1000))
	p := b.as(auth.Viewer).post("/find", url.Values{"q": {list.String()}}).want(http.StatusOK).sound()
	p.says(".note", "Only the first 500 of 6001 addresses were looked for.")
	if n := p.find("#who tbody tr").Length(); n != 500 {
		t.Errorf("%d rows, want 500", n)
	}
	for _, text := range []string{strings.Repeat("words without an address ", 8000), strings.Repeat("x", 200_000), strings.Repeat("<", 100_000), strings.Repeat("@", 100_000)} {
		b.as(auth.Viewer).post("/find", url.Values{"q": {text}}).want(http.StatusBadRequest).sound().says("main", "320 characters")
	}
}

// A spreadsheet into which the table is pasted shows names and runs nothing.
func TestWhatIsCopiedRunsNothingInASpreadsheet(t *testing.T) {
	t.Parallel()
	p := filled(t).as(auth.Viewer).get(findPath("hyperlink@lyondell.example, adele.vance@lyondell.example")).want(http.StatusOK)
	p.find("#who [data-copy]").Each(func(_ int, s *goquery.Selection) {
		if copied := s.AttrOr("data-copy", ""); !strings.Contains(copied, "'@SUM(A1:A9)") {
			t.Errorf("copied is %q, want an apostrophe before what is no formula", copied)
		}
	})
}

func TestASearchWhileSymphonyIsDownSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getCompanies"}, Kind: sandbox.KindHTML})
	b.as(auth.Viewer).get("/find?q=lyondell").want(http.StatusBadGateway).sound().
		says(".empty-failed", "Symphony could not be read", "Reference", "Try again")
}

// Found is what was read before, and the page says from when that is.
func TestASearchWhileSymphonyIsDownFindsWhatWasRead(t *testing.T) {
	t.Parallel()
	b := filled(t)
	b.clock.add(2 * time.Hour)
	b.fault(sandbox.Rule{Kind: sandbox.KindHTML})
	browser := b.as(auth.Viewer)
	browser.get("/find?q=fx+options").want(http.StatusOK).sound().says("#people", "Søren O’Neill", "2 h ago").says(".head-sub", "read within the last 2 h")
	browser.get("/find?q=adele.vance@lyondell.example").want(http.StatusSeeOther)
	browser.get("/find?q=nobody@lyondell.example").want(http.StatusOK).sound().
		says(".empty", "Lyondell Trading has this domain, and could not be read just now", "Why can’t they sign in?")
}

// Empty, failed, stale and still filling are four different pages.
func TestADirectoryWithGapsSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, _, _, err := b.options.Directory.List(t.Context(), 0)
	b.must(err)
	browser := b.as(auth.Viewer)

	p := browser.get("/find?q=adele").want(http.StatusOK).sound()
	p.says(".empty-not-loaded", "Nothing found so far for “adele”", "Looked through 0 of 5 companies (3 others aren’t ready).").says(".note", "The directory is being filled for the first time.", "0 of 5 companies.")
	poll := p.find("[hx-get='/find/filling']")
	if poll.Length() != 1 {
		t.Error("the page doesn't look how far the reading is")
	}
	browser.htmx("/find/filling").want(http.StatusOK).says("p", "0 of 5 companies.")

	meridian := b.company("meridian")
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUsers"}, Kind: sandbox.KindHTML})
	_, err = b.options.Directory.ReadPeople(t.Context(), lyondell)
	b.must(err)
	b.sandbox.Faults().Clear()
	for _, c := range b.readyCompanies() {
		if c != lyondell && c != meridian.ID {
			_, err := b.options.Directory.ReadPeople(t.Context(), c)
			b.must(err)
		}
	}
	p = browser.get("/find?q=adele").want(http.StatusOK).sound()
	p.says(".note", "Lyondell Trading could not be read yet", "Read again")

	p = browser.get("/find?q=zuzana+adele").want(http.StatusOK).sound()
	p.says(".empty-not-loaded", "Looked through 3 of 5 companies")

	b.readEverybody()
	if got := browser.htmx("/find/filling").want(http.StatusNoContent).header.Get("HX-Refresh"); got != "true" {
		t.Errorf("HX-Refresh is %q once the directory is full", got)
	}
	read := b.clock.Now()
	b.clock.add(time.Hour)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUsers"}, Kind: sandbox.KindHTML})
	_, err = b.options.Directory.ReadPeople(t.Context(), lyondell)
	b.must(err)
	p = b.as(auth.Viewer).get("/find?q=fx+options").want(http.StatusOK).sound()
	p.says(".note", "Lyondell Trading could not be read, shown as of "+ui.When(read, b.clock.Now())).says("#people", "Søren O’Neill")
}

func TestASearchThatIsTooLongIsRefused(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)
	for _, q := range []string{strings.Repeat("x", 320+1), "%ff%fe"} {
		browser.get("/find?q="+q).want(http.StatusBadRequest).sound().says("main", "320 characters")
		browser.htmx("/find/suggest?q=" + q).want(http.StatusBadRequest)
	}
}

// Nobody types so fast that suggestions end, and a script finds an end.
func TestTypingHasABudgetThatPeopleDoNotReach(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)
	answers := map[int]int{}
	for range 300 {
		answers[browser.htmx("/find/suggest?q=x").status]++
	}
	if answers[http.StatusOK] < 60 || answers[http.StatusTooManyRequests] == 0 {
		t.Errorf("answers = %v, want 60 at least, and an end", answers)
	}
	browser.get("/find?q=lyondell").want(http.StatusSeeOther) // which has a budget of its own
}

// What was typed for whom is nobody's business but theirs: it is not logged.
func TestWhatIsSearchedForIsNotLogged(t *testing.T) {
	t.Parallel()
	b := filled(t)
	browser := b.as(auth.Viewer)
	browser.htmx("/find/suggest?q=xyzzy.canary")
	browser.get("/find?q=xyzzy.canary")
	browser.get("/find?q=xyzzy.canary@unheard.example")
	browser.post("/find", url.Values{"q": {"xyzzy.canary@unheard.example, xyzzy.canary@x.example"}})
	if strings.Contains(b.logs.String(), "xyzzy") {
		t.Errorf("the log has what was searched for:\n%s", b.logs)
	}
}
