package handlers

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/sandbox"
	"foyer/views/ui"
)

func TestTheListShowsEveryCompanyWithItsState(t *testing.T) {
	t.Parallel()
	b := newBench(t)

	p := b.as(auth.Viewer).get("/companies").want(http.StatusOK).sound()

	want := []string{"Concordia Group", "Halcyon Trust", "Lyondell Trading", "Meridian Bank", "Öresund Capital", "Société Générique", "Vega Markets", "東京証券 Tōkyō Securities"}
	if diff := cmp.Diff(want, p.texts("tbody th a")); diff != "" {
		t.Errorf("companies (-want +got):\n%s", diff)
	}
	p.says("tbody tr:nth-child(5)", "oresund.on.symphony.com", "Being built, 6 min")
	p.says("tbody tr:nth-child(6)", "Failed: tenant")
	p.says("tbody tr:nth-child(7)", "TENANT_MIGRATING", "vega.example +1")
	p.says(".head", "8 sponsored companies", "as of "+b.clock.Now().Format(time.TimeOnly)+" UTC")
	if diff := cmp.Diff([]string{"All 8", "Ready 5", "Being built 1", "Need attention 2"}, p.texts(".segmented a")); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

func TestTheListIsNarrowedSortedAndPaged(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)

	tests := []struct {
		query string
		first string // the first company shown
		rows  int
		chips []string
	}{
		{"?q=LYOND", "Lyondell Trading", 1, []string{"Search: LYOND"}},
		{"?q=vega-fx.example", "Vega Markets", 1, []string{"Search: vega-fx.example"}},
		{"?q=" + lyondell, "Lyondell Trading", 1, []string{"Search: " + lyondell}},
		{"?q=tokyo", "東京証券 Tōkyō Securities", 1, []string{"Search: tokyo"}},
		{"?group=building", "Öresund Capital", 1, []string{"State: Being built"}},
		{"?group=attention&sort=name&order=desc", "Vega Markets", 2, []string{"State: Need attention"}},
		{"?sort=changed&order=desc", "Vega Markets", 8, nil},
		{"?sort=domain", "Concordia Group", 8, nil},
		{"?q=bank&group=ready", "Meridian Bank", 1, []string{"Search: bank", "State: Ready"}},
		{"?page=7&size=20", "Concordia Group", 8, nil}, // beyond the last: the last
	}
	for _, test := range tests {
		p := browser.get("/companies" + test.query).want(http.StatusOK)
		if got := p.texts("tbody th a"); len(got) != test.rows || got[0] != test.first {
			t.Errorf("%s shows %v, want %d, first %s", test.query, got, test.rows, test.first)
		}
		var chips []string
		for _, chip := range p.texts(".chip") {
			label, _, _ := strings.Cut(chip, " ×")
			chips = append(chips, label)
		}
		if diff := cmp.Diff(test.chips, chips); diff != "" {
			t.Errorf("%s: chips (-want +got):\n%s", test.query, diff)
		}
	}
}

func TestAColumnSortsAndTurnsRound(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)

	p := browser.get("/companies?q=a&group=ready").want(http.StatusOK)
	if got := p.find("thead th[aria-sort=ascending]").Text(); !strings.Contains(got, "Company") {
		t.Errorf("sorted by %q, want the company at first", got)
	}
	down := p.find("thead th[aria-sort] a").AttrOr("href", "")
	p = browser.get(down).want(http.StatusOK)
	if p.find("thead th[aria-sort=descending]").Length() != 1 {
		t.Errorf("%s is not sorted downwards", down)
	}
	values, _ := url.Parse(down)
	if want := "group=ready&order=desc&q=a"; values.RawQuery != want {
		t.Errorf("sorting asks for %q, want the filters kept: %q", values.RawQuery, want)
	}
}

func TestTheSizeOfAPageIsRemembered(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)

	if got := browser.get("/companies").text(".pager-sizes [aria-current]"); got != "50" {
		t.Errorf("size = %q at first, want 50", got)
	}
	browser.get("/companies?size=20").want(http.StatusOK)
	if got := browser.get("/companies").text(".pager-sizes [aria-current]"); got != "20" {
		t.Errorf("size = %q after choosing 20, want 20", got)
	}
}

func TestAListThatCantBeIsRefused(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)

	for _, query := range []string{
		"page=0", "page=-1", "page=x", "page=99999999999999999999", "size=0", "size=101", "size=NaN",
		"sort=secret", "group=none", "order=sideways", "q=%ff",
	} {
		browser.get("/companies?" + query).want(http.StatusBadRequest)
		if !strings.HasPrefix(query, "page") && !strings.HasPrefix(query, "size") {
			browser.get("/companies.csv?" + query).want(http.StatusBadRequest)
		}
	}
}

func TestATooLongSearchComesBackAsTyped(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)
	long := strings.Repeat("a", 201)
	p := browser.get("/companies?q="+long).want(http.StatusUnprocessableEntity).sound().says(".empty", "A search can have 200 characters at most")
	if got := p.find("#field-q").AttrOr("value", ""); got != long {
		t.Errorf("the box has %q", got)
	}
	browser.get("/companies.csv?q=" + long).want(http.StatusBadRequest)
}

func TestAListWithoutMatchesOffersToClearTheFilters(t *testing.T) {
	t.Parallel()
	p := newBench(t).as(auth.Viewer).get("/companies?q=" + url.QueryEscape(`<b class=canary>&"`)).want(http.StatusOK).sound()
	p.says(".empty-no-match", `No company matches “<b class=canary>&"”`, "8 companies are there without the filters")
	if got := p.find(".empty a").AttrOr("href", ""); got != "/companies" {
		t.Errorf("the filters are cleared by %q, want /companies", got)
	}
	if p.find("a[href^='/companies.csv']").Length() != 0 {
		t.Error("an empty list offers a file")
	}
}

func TestWhileSymphonyIsDownTheListIsTheOneReadBefore(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)
	browser.get("/companies").want(http.StatusOK)
	read := b.clock.Now()
	b.clock.add(5 * time.Minute)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getCompanies"}, Kind: sandbox.KindHTML})

	p := browser.get("/companies").want(http.StatusOK).sound()

	p.says(".note-ask", "Symphony could not be read.", "What is shown is as of "+ui.When(read, b.clock.Now()), "5 min ago", "Try again")
	if n := strings.Count(p.text("main"), "as of"); n != 1 {
		t.Errorf("the page says %d times as of when it is", n)
	}
	if n := p.find("tbody tr").Length(); n != 8 {
		t.Errorf("the list has %d rows, want the 8 read before", n)
	}
}

func TestAListThatWasNeverReadSaysThatItCouldNotBe(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getCompanies"}, Kind: sandbox.KindStatus})

	p := b.as(auth.Viewer).get("/companies").want(http.StatusBadGateway).sound()

	p.says(".empty-failed", "Symphony could not be read", "Nothing was changed", "Reference "+p.header.Get("X-Request-Id"), "Try again")
}

func TestReadingAgainAsksSymphonyAndKeepsTheFilters(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)
	p := browser.get("/companies?group=ready&sort=changed&order=desc").want(http.StatusOK)
	before := b.calls("getCompanies")

	p = browser.submit(p, "form[action='/companies/read']", nil).want(http.StatusSeeOther)

	if got, want := p.location(), "/companies?group=ready&order=desc&sort=changed"; got != want {
		t.Errorf("reading again leads to %q, want %q", got, want)
	}
	if got := b.calls("getCompanies"); got != before+1 {
		t.Errorf("Symphony was asked %d times, want once more than %d", got, before)
	}
	browser.follow(p).says(".note-ok", "The list was read again.")

	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getCompanies"}, Kind: sandbox.KindCloseBefore})
	p = browser.post("/companies/read", nil)
	browser.follow(p).says(".note-ask", "Symphony c", "The list is the one that was read before.")
}

func TestTheFileHoldsWhatTheListShows(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)
	list := browser.get("/companies?q=e&group=ready&sort=changed&order=desc&size=20").want(http.StatusOK)

	p := browser.get(list.find("a[href^='/companies.csv']").AttrOr("href", "")).want(http.StatusOK)

	if got := p.header.Get("Content-Type"); got != "text/csv; charset=utf-8" {
		t.Errorf("Content-Type = %q", got)
	}
	if got := p.header.Get("Content-Disposition"); got != "attachment; filename=companies-"+b.clock.Now().UTC().Format(time.DateOnly)+".csv" {
		t.Errorf("Content-Disposition = %q", got)
	}
	if !strings.HasPrefix(p.body, "\ufeffCompany,") || !strings.Contains(p.body, "\r\n") {
		t.Errorf("the file begins %q, want a byte order mark, the heading, and lines ended by CRLF", p.body[:min(len(p.body), 40)])
	}
	rows, err := csv.NewReader(strings.NewReader(p.body)).ReadAll()
	if err != nil {
		t.Fatalf("the file can't be read: %v", err)
	}
	var names []string
	for _, row := range rows[1:] {
		names = append(names, row[0])
	}
	if diff := cmp.Diff(list.texts("tbody th a"), names); diff != "" {
		t.Errorf("file and list differ (-list +file):\n%s", diff)
	}
	recorded := b.events(ledger.Filter{Action: ledger.Export})
	if len(recorded) != 1 || recorded[0].Note != "companies.csv?group=ready&order=desc&q=e&sort=changed" || recorded[0].Actor.Name != "Vera Viewer" {
		t.Errorf("the ledger has %+v, want the export", recorded)
	}
}

func TestACompanyThatIsReadyShowsItsFactsAndWhatCanBeDone(t *testing.T) {
	t.Parallel()
	b := newBench(t)

	p := b.as(auth.Onboarder).get("/companies/" + lyondell).want(http.StatusOK).sound()

	p.says("h1", "Lyondell Trading").says(".head", "Ready", "105 people", "just now")
	p.says(".fact-row", "lyondell.on.symphony.com", "lyondell.example", "lyondell-fx.example", lyondell)
	public := p.find("a[href='https://lyondell.on.symphony.com']")
	if public.Length() != 1 || !strings.Contains(public.AttrOr("rel", ""), "noopener") {
		t.Error("the public URL is not linked with rel=noopener")
	}
	p.says("pre", `<script src="https://lyondell.on.symphony.com/embed/sdk.js"`, `data-partner-id="sandbox-partner-id"></script>`)
	if diff := cmp.Diff([]string{"People", "Add or disable many", "Add domains", "Add people"}, p.texts(".head-actions .btn")); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
	p.says("main", "Symphony’s API can’t remove a domain, rename a company or edit a person: ask Symphony.")
	if p.find("[hx-trigger^=every], noscript meta").Length() != 0 {
		t.Error("a company that is ready is polled")
	}
}

func TestWhatARoleForbidsIsShownWithTheReason(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)

	p := browser.get("/companies/" + lyondell)
	p.says(".forbidden", "Add domains or people", "Needs the role onboarder or admin.")
	if p.find(".head-actions a[href$='/domains'], .head-actions a[href$='/new']").Length() != 0 {
		t.Error("a viewer is offered what only onboarders may do")
	}
	browser.get("/companies").says(".forbidden", "New company", "Needs the role onboarder or admin.")
}

func TestACompanyBeingBuiltSaysHowFarItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	oresund := b.company("oresund").ID
	browser := b.as(auth.Onboarder)

	p := browser.get("/companies/" + oresund).want(http.StatusOK).sound()

	p.says(".head", "Being built").says(".forbidden", "Once Symphony has built the company.")
	p.says(".step-done", "Requested").says(".step-now", "Tenant built", "6 min 0 s so far. Symphony says about 20 minutes.").says(".step-next", "Ready for people")
	p.says("#progress", "Last asked "+b.clock.Now().Format(time.TimeOnly)+" UTC", "You can close this page")
	if got := p.find("#progress").AttrOr("hx-trigger", ""); got != "every 6s" {
		t.Errorf("the page asks again %q, want every 6s: 20 minutes / 200", got)
	}
	if p.find("head noscript").Length() != 1 {
		t.Error("without JavaScript the page doesn't load itself again")
	}

	b.clock.add(4 * time.Minute) // past 40 % of the time
	part := browser.htmx(p.find("#progress").AttrOr("hx-get", "")).want(http.StatusOK)
	part.says(".step-done", "Tenant built").says(".step-now", "Ready for people", "10 min 0 s so far")
	part.says("#progress-status[hx-swap-oob]", "The tenant of Öresund Capital is built.")

	b.clock.add(time.Minute)
	part = browser.htmx(part.find("#progress").AttrOr("hx-get", "")).want(http.StatusOK)
	if part.find("#progress-status").Length() != 0 {
		t.Error("what has not changed is said again")
	}

	b.clock.add(10 * time.Minute)
	part = browser.htmx(part.find("#progress").AttrOr("hx-get", "")).want(http.StatusOK)
	if got := part.header.Get("HX-Refresh"); got != "true" {
		t.Errorf("HX-Refresh = %q once the company is ready, want true", got)
	}
	if part.find("[hx-trigger]").Length() != 0 {
		t.Error("polling goes on after the end")
	}
	browser.get("/companies/"+oresund).says(".head", "Ready", "0 people")
}

func TestAPageThatWaitsSaysWhenSymphonyCantBeAsked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	oresund := b.company("oresund").ID
	browser := b.as(auth.Viewer)
	p := browser.get("/companies/" + oresund).want(http.StatusOK)
	asked := b.clock.Now()
	b.clock.add(time.Minute)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getCompanyStatus"}, Kind: sandbox.KindStatus})

	part := browser.htmx(p.find("#progress").AttrOr("hx-get", "")).want(http.StatusOK)

	part.says("#progress", "Last asked "+asked.Format(time.TimeOnly), "Symphony could not be read; asking again")
	if part.find("#progress[hx-trigger]").Length() != 1 {
		t.Error("the page gives up asking")
	}
	browser.get("/companies/"+oresund).want(http.StatusOK).sound().says(".note-ask", "Symphony could not be read.", "1 min ago")
}

func TestACompanyThatTakesTooLongIsOverdue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	created := b.create(b.as(auth.Onboarder), "Stuck Bank", "stuck-bank", "stuck.example")
	b.clock.add(31 * time.Minute)

	p := b.as(auth.Onboarder).get("/companies/" + created).want(http.StatusOK).sound()

	p.says(".head", "Overdue")
	p.says("#progress .note-ask", "It takes longer than usual: 31 min 0 s so far, where Symphony says about 20 minutes.")
	p.says("#progress pre", "Subject: A company is not ready yet", "Company id: "+created, "State: STARTED", "Waiting for: 31 min 0 s")
}

func TestACompanyThatFailedGivesWhatSymphonyNeeds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	socgen := b.company("socgen").ID

	p := b.as(auth.Onboarder).get("/companies/" + socgen).want(http.StatusOK).sound()

	p.says(".head", "Failed: tenant").says(".forbidden", "Symphony could not build the company.")
	p.says(".note-bad", "Failed: the tenant could not be created", "X-Trace-Id KUfkYm", "only Symphony can help")
	p.says(".step-failed", "Tenant not built")
	p.says(".note-bad pre", "Company id: "+socgen, "Vanity name: socgen", "Environment: SANDBOX", "State: TENANT_CREATION_ERROR", "X-Trace-Id: KUfkYm")
	if got := p.find("[data-copy=KUfkYm]").Length(); got != 1 {
		t.Errorf("%d buttons copy the trace id, want 1", got)
	}
	if p.find("[hx-trigger^=every]").Length() != 0 {
		t.Error("a company that failed is polled")
	}
}

func TestAStateThatNobodyKnowsIsShownAsItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := b.as(auth.Onboarder).get("/companies/" + b.company("vega").ID).want(http.StatusOK).sound()
	p.says(".head .status-unknown", "TENANT_MIGRATING").says(".note-ask", "Foyer doesn’t know this state", "TENANT_MIGRATING")
	p.says(".forbidden", "Foyer doesn’t know the state that Symphony reports.")
}

func TestACompanyThatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Admin)
	for _, path := range []string{
		"/companies/00000000-0000-4000-8000-000000000000", "/companies/x", "/companies/..%2f..", "/companies/%00",
		"/companies/00000000-0000-4000-8000-000000000000/history", "/companies/00000000-0000-4000-8000-000000000000/domains",
	} {
		p := browser.get(path)
		if p.status != http.StatusNotFound && p.status != http.StatusBadRequest {
			t.Errorf("GET %s = %d, want 404 or 400", path, p.status)
		}
		p.sound()
	}
	gone := browser.htmx("/companies/00000000-0000-4000-8000-000000000000/progress").want(http.StatusNotFound)
	if gone.header.Get("HX-Refresh") != "true" {
		t.Error("a page of a company that is gone goes on asking")
	}
}

func TestPeopleThatCantBeCountedDontStopThePage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUsers"}, Kind: sandbox.KindTruncated})
	p := b.as(auth.Viewer).get("/companies/" + lyondell).want(http.StatusOK).sound()
	p.says(".fact-row", "could not be counted just now")
	if strings.Contains(p.text(".head-sub"), "people") {
		t.Error("the head counts people that could not be counted")
	}
}

func TestNamesAreInert(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	const name = `<b class="canary">&"'</b>`
	id := b.create(browser, name, "canary", "canary.example")

	for _, path := range []string{"/companies", "/companies/" + id, "/companies/" + id + "/history", "/companies/" + id + "/domains"} {
		browser.get(path).want(http.StatusOK).sound().says("main", name)
	}
	if got := browser.get("/companies.csv?q=canary"); !strings.Contains(got.body, `"<b class=""canary"">&""'</b>"`) {
		t.Errorf("the file has %q", got.body)
	}
}

func TestTheHistoryHasWhatWasDoneToACompanyByPages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	id := b.create(browser, "Ledger Bank", "ledger-bank", "ledger.example")

	browser.get("/companies/"+id+"/history").want(http.StatusOK).sound().says("h1", "History of Ledger Bank")
	browser.get("/companies/"+id+"/history?before=1").want(http.StatusOK).says("main", "Newest")
	browser.get("/companies/" + id + "/history?before=x").want(http.StatusBadRequest)
	browser.get("/companies/" + id + "/history?before=-1").want(http.StatusBadRequest)
}

// create walks through the forms for a new company, and gives its id.
func (b *bench) create(browser *browser, name, vanityName string, domains ...string) (id string) {
	b.t.Helper()
	p := browser.get("/companies/new").want(http.StatusOK)
	p = browser.submit(p, "#company-form", url.Values{
		"name": {name}, "vanityName": {vanityName}, "emailDomains": {strings.Join(domains, "\n")},
	}).want(http.StatusOK)
	p = browser.submit(p, "#check-form", nil).want(http.StatusSeeOther)
	id = b.company(vanityName).ID
	if want := "/companies/" + id; p.location() != want {
		b.t.Fatalf("creating leads to %q, want %q", p.location(), want)
	}
	return id
}

func TestGroupsOfTheListAddUp(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)
	all := browser.get("/companies").texts("tbody th a")
	var grouped []string
	for _, group := range []string{"ready", "building", "attention"} {
		grouped = append(grouped, browser.get("/companies?group="+group).texts("tbody th a")...)
	}
	slices.Sort(all)
	slices.Sort(grouped)
	if diff := cmp.Diff(all, grouped); diff != "" {
		t.Errorf("the groups don't add up to all (-all +groups):\n%s", diff)
	}
}
