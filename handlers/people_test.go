package handlers

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"foyer/address"
	"foyer/auth"
	"foyer/folding"
	"foyer/internal/testfault"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
	"foyer/views/ui"
)

// readPeople reads the people of every company that is ready into the directory, as jobs
// do, and no statuses.
func (b *bench) readPeople() {
	b.t.Helper()
	_, _, stale, err := b.options.Directory.List(b.t.Context(), 0)
	b.must(cmp.Or(err, stale))
	for _, id := range b.readyCompanies() {
		b.readPeopleOf(id)
	}
}

func (b *bench) readPeopleOf(companyID string) {
	b.t.Helper()
	for again := time.Duration(1); again > 0; {
		var err error
		again, err = b.options.Directory.ReadPeople(b.t.Context(), companyID)
		b.must(err)
	}
}

// someone is a person as Symphony has them, with their company.
type someone struct {
	sapi.User
	company sapi.Company
}

// everybody is everybody whom Symphony has.
func (b *bench) everybody() []someone {
	b.t.Helper()
	companies, err := b.symphony.Companies.List(b.t.Context())
	b.must(err)
	var all []someone
	for _, c := range companies {
		if !c.State.Ready() {
			continue
		}
		for u, err := range b.symphony.Users.All(b.t.Context(), c.ID, portal.MaxPageSize) {
			b.must(err)
			all = append(all, someone{u, c})
		}
	}
	return all
}

// pickedIDs are the people on a page of a table, in its order.
func pickedIDs(p *page) []string {
	p.t.Helper()
	var ids []string
	for _, value := range p.find("input[name=pick]").Nodes {
		for _, a := range value.Attr {
			if a.Key == "value" {
				_, id, _ := strings.Cut(a.Val, "/")
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// walk follows 'Next' from a table to its end, and gives the pages.
func (b *browser) walk(path string) (pages [][]string) {
	b.t.Helper()
	for range 100 {
		p := b.get(path).want(http.StatusOK)
		if ids := pickedIDs(p); len(ids) > 0 {
			pages = append(pages, ids)
		}
		next := p.find(".pager-ways a:contains('Next')")
		if next.Length() == 0 {
			return pages
		}
		path = next.AttrOr("href", "")
	}
	b.t.Fatal("the table has no end")
	return nil
}

func TestEverybodyIsInOneTable(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	all := b.everybody()

	browser := b.as(auth.Viewer)

	p := browser.get("/people?size=20").want(http.StatusOK).sound()

	n := strconv.Itoa(len(all))
	p.says("h1", "People").says(".head-sub", "Everybody in 5 companies", "3 others aren’t ready", "read within the last minute")
	p.says("#people-matched", n+" people").says(".pager", "20 people on this page", "Next")
	want := []string{"All " + n, "Active 0", "Disabled 0", "Status unknown " + n, "Not listed any more 0"}
	if diff := gocmp.Diff(want, p.texts("#people-counts a")); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if got := len(pickedIDs(p)); got != 20 {
		t.Errorf("%d rows, want 20", got)
	}
	if got := len(pickedIDs(browser.get("/people"))); got != 20 {
		t.Errorf("the size of a page is not remembered: %d rows", got)
	}
	p.says("nav.side [aria-current]", "People")
	if p.find("[hx-get*='statuses']").Length() != 0 {
		t.Error("the table of everybody reads statuses by itself")
	}
}

func TestATableIsNarrowedByEveryFilter(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	b.must(b.options.Directory.FillStatuses(t.Context()))
	browser := b.as(auth.Viewer)
	all := b.everybody()
	byID := map[string]sapi.Status{}
	for _, u := range all {
		full, err := b.symphony.Users.Get(t.Context(), u.company.ID, u.ID)
		b.must(err)
		byID[u.ID] = full.Status
	}
	created := slices.SortedFunc(slices.Values(all), func(a, b someone) int { return a.CreatedAt.Compare(b.CreatedAt) })[len(all)/2].CreatedAt
	day := created.UTC().Truncate(24 * time.Hour)
	with := func(pick func(someone) string) string {
		i := slices.IndexFunc(all, func(u someone) bool { return pick(u) != "" })
		return pick(all[i])
	}
	department, title, location := with(func(u someone) string { return u.Department }), with(func(u someone) string { return u.Title }), with(func(u someone) string { return u.Location })
	domainOf := func(u someone) string { _, domain, _ := strings.Cut(address.Key(u.Email), "@"); return domain }

	for name, test := range map[string]struct {
		query url.Values
		want  func(someone) bool
		chip  string
	}{
		"a part of a name":        {url.Values{"q": {"adele"}}, func(u someone) bool { return strings.Contains(folding.Text(u.DisplayName+" "+u.Email), "adele") }, "Search: adele"},
		"a company":               {url.Values{"company": {lyondell}}, func(u someone) bool { return u.company.ID == lyondell }, "Company: Lyondell Trading"},
		"a company's name":        {url.Values{"company": {"LYONDELL trading"}}, func(u someone) bool { return u.company.ID == lyondell }, "Company: Lyondell Trading"},
		"a part of a name of one": {url.Values{"company": {"yond"}}, func(u someone) bool { return u.company.ID == lyondell }, "Company: Lyondell Trading"},
		"no company":              {url.Values{"company": {"nowhere at all"}}, func(someone) bool { return false }, "Company: nowhere at all"},
		"a domain":                {url.Values{"domain": {"@LYONDELL.example"}}, func(u someone) bool { return domainOf(u) == "lyondell.example" }, "Domain: lyondell.example"},
		"a department":            {url.Values{"department": {strings.ToUpper(department)}}, func(u someone) bool { return folding.Text(u.Department) == folding.Text(department) }, "Department: " + strings.ToUpper(department)},
		"a title":                 {url.Values{"title": {title}}, func(u someone) bool { return folding.Text(u.Title) == folding.Text(title) }, "Title: " + title},
		"a location":              {url.Values{"location": {location}}, func(u someone) bool { return folding.Text(u.Location) == folding.Text(location) }, "Location: " + location},
		"created from":            {url.Values{"from": {day.Format(time.DateOnly)}}, func(u someone) bool { return !u.CreatedAt.Before(day) }, "Created from: " + day.Format(time.DateOnly)},
		"created to":              {url.Values{"to": {day.Format(time.DateOnly)}}, func(u someone) bool { return u.CreatedAt.Before(day.AddDate(0, 0, 1)) }, "Created to: " + day.Format(time.DateOnly)},
		"active":                  {url.Values{"status": {"active"}}, func(u someone) bool { return byID[u.ID] == sapi.StatusActive }, ""},
		"disabled":                {url.Values{"status": {"disabled"}}, func(u someone) bool { return byID[u.ID] == sapi.StatusDisabled }, ""},
		"unknown":                 {url.Values{"status": {"unknown"}}, func(u someone) bool { return byID[u.ID] == sapi.StatusUnknown }, ""},
		"not listed":              {url.Values{"status": {"not-listed"}}, func(someone) bool { return false }, ""},
		"an old status":           {url.Values{"older": {"1h"}}, func(u someone) bool { return byID[u.ID] == sapi.StatusUnknown }, "Status older than: 1 hour"},
		"a status of any age":     {url.Values{"older": {"0h"}}, func(u someone) bool { return byID[u.ID] == sapi.StatusUnknown }, "Status older than: 0 hours"},
		"several together": {
			url.Values{"company": {lyondell}, "status": {"active"}, "department": {department}},
			func(u someone) bool {
				return u.company.ID == lyondell && byID[u.ID] == sapi.StatusActive && folding.Text(u.Department) == folding.Text(department)
			}, "Company: Lyondell Trading",
		},
	} {
		var want []string
		for _, u := range all {
			if test.want(u) {
				want = append(want, u.ID)
			}
		}
		test.query.Set("size", "100")
		path := "/people?" + test.query.Encode()
		got := slices.Concat(browser.walk(path)...)
		slices.Sort(want)
		slices.Sort(got)
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s: people (-want +got):\n%s", name, diff)
		}
		p := browser.get(path).want(http.StatusOK).sound().says("#people-matched", fmt.Sprintf("%d of %d people", len(want), len(all)))
		if test.chip == "" {
			continue
		}
		p.says("#people-chips", test.chip)
		if without := browser.get(p.find("#people-chips .chip a").First().AttrOr("href", "")).want(http.StatusOK).text("#people-chips"); strings.Contains(without, test.chip) {
			t.Errorf("%s: removed, the filter is still there: %s", name, without)
		}
	}
}

func TestATableIsSortedByEveryColumnAndPagedBothWays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	b.must(b.options.Directory.FillStatuses(t.Context()))
	browser := b.as(auth.Viewer)
	people := map[string]someone{}
	for _, u := range b.everybody() {
		people[u.ID] = u
	}
	keys := map[string]func(someone) string{
		"name":       func(u someone) string { return folding.Text(portal.UserName(u.User)) },
		"email":      func(u someone) string { return address.Key(u.Email) },
		"company":    func(u someone) string { return folding.Text(u.company.Name) },
		"department": func(u someone) string { return folding.Text(u.Department) },
		"title":      func(u someone) string { return folding.Text(u.Title) },
		"location":   func(u someone) string { return folding.Text(u.Location) },
		"created":    func(u someone) string { return u.CreatedAt.UTC().Format(time.RFC3339Nano) },
		"status":     nil, "seen": nil, // in an order of their own
	}
	p := browser.get("/people?columns=email,company,department,title,location,created,seen").want(http.StatusOK).sound()
	if n := p.find("thead a").Length(); n != len(keys) {
		t.Errorf("%d columns sort, want %d", n, len(keys))
	}
	for sort, key := range keys {
		for _, order := range []string{"asc", "desc"} {
			path := "/people?size=50&sort=" + sort + "&order=" + order
			pages := browser.walk(path)
			ids := slices.Concat(pages...)
			if unique := slices.Compact(slices.Sorted(slices.Values(ids))); len(ids) != len(people) || len(unique) != len(people) {
				t.Fatalf("%s: %d people, %d of them different, want %d", path, len(ids), len(unique), len(people))
			}
			if key != nil && !slices.IsSortedFunc(ids, func(a, b string) int {
				if c := strings.Compare(key(people[a]), key(people[b])); order == "asc" {
					return c
				} else {
					return -c
				}
			}) {
				t.Errorf("%s is not sorted", path)
			}
			second := browser.get(browser.get(path).find(".pager-ways a:contains('Next')").AttrOr("href", ""))
			first := browser.get(second.find(".pager-ways a:contains('Previous')").AttrOr("href", ""))
			if diff := gocmp.Diff(pages[0], pickedIDs(first)); diff != "" {
				t.Errorf("%s: one page on and back (-want +got):\n%s", path, diff)
			}
		}
	}
	head := browser.get("/people?sort=email").find("thead th[aria-sort=ascending] a").AttrOr("href", "")
	if head != "/people?order=desc&sort=email" {
		t.Errorf("the column that sorts leads to %s", head)
	}
}

func TestAnAddressThatCantBeIsRefusedOrLeadsSomewhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Viewer)
	ofCompany := "/companies/" + lyondell + "/users"

	for _, path := range []string{"/people", ofCompany, "/people.csv", "/people.jsonl", ofCompany + ".csv", ofCompany + ".jsonl"} {
		browser := b.as(auth.Viewer) // each has so many downloads
		for _, query := range []string{
			"?status=asleep", "?sort=shoe-size", "?order=sideways", "?department=%00", "?title=%ff", "?after=" + strings.Repeat("x", 2001), "?after=a&before=b",
		} {
			browser.get(path + query).want(http.StatusBadRequest).sound()
		}
		for _, query := range []string{
			"?from=yesterday", "?to=31.12.2026", "?older=7", "?older=9999999d", "?from=2026-10-02&to=2026-10-01", "?q=" + strings.Repeat("x", 321),
		} {
			if strings.HasSuffix(path, "csv") || strings.HasSuffix(path, "jsonl") {
				browser.get(path + query).want(http.StatusBadRequest).sound()
			} else {
				browser.get(path + query).want(http.StatusUnprocessableEntity).sound()
			}
		}
	}
	// As in the lists of the ledger, an address that leads to no page of a list is none.
	for _, query := range []string{
		"?size=7", "?columns=shoe-size", "?" + strings.Join(manyTags(21), "&"), "?after=nowhere", "?before=%3Cscript%3E", "?after=0.0", "?after=-1.zzzzzzzzzzzzzzzzzzzzz", "?after=name.", "?after=name.0.x.y", "?after=name.0.%21", "?after=email.0.1", "?sort=created&after=name.0.1",
	} {
		browser.get("/people" + query).want(http.StatusBadRequest).sound()
	}
	for _, query := range []string{
		"?page=3&size=50&status=disabled", "?page=x", "?nonsense=1",
		"?q=%22%3E%3Cscript%3E", "?company=%27+OR+1%3D1", "?department=%27%3B+DROP", "?q=++", "?reading=x&asked=y", "?q=%E2%80%8B",
	} {
		for _, path := range []string{"/people", ofCompany} {
			p := browser.get(path + query)
			if p.status == http.StatusSeeOther {
				p = browser.follow(p)
			}
			p.want(http.StatusOK).sound()
		}
	}
	const nobodys = "/companies/00000000-0000-4000-8000-000000000000/users"
	for _, path := range []string{nobodys, nobodys + ".csv", nobodys + ".jsonl"} {
		browser.get(path).want(http.StatusNotFound).sound()
	}
	onboarder := b.as(auth.Onboarder)
	if adds := onboarder.get("/people?company=nothing").want(http.StatusOK).sound().find("a[href$='/users/new']").Length(); adds != 0 {
		t.Errorf("people can be added to a company that there isn’t, in %d places", adds)
	}
	browser.get("/people/values?column=phone").want(http.StatusBadRequest)
	browser.get("/people/values?column=department&department=" + strings.Repeat("x", 1000)).want(http.StatusOK)
}

func TestColumnsAreChosenAndRemembered(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Viewer)

	p := browser.get("/people").want(http.StatusOK)
	if diff := gocmp.Diff([]string{"All 50 on this page", "Person↑", "E-mail", "Company", "Department", "Status", "Status seen"}, p.texts("thead th")); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	form, action := p.form("#people-columns form")
	if action != "" {
		t.Errorf("the form of the columns is sent to %s", action)
	}
	form["columns"] = []string{"none", "title", "created"}
	p = browser.get("/people?" + form.Encode()).want(http.StatusOK).sound()
	want := []string{"All 50 on this page", "Person↑", "Title", "Created", "Status"}
	if diff := gocmp.Diff(want, p.texts("thead th")); diff != "" {
		t.Errorf("chosen columns (-want +got):\n%s", diff)
	}
	if href := p.find("thead th:contains('Title') a").AttrOr("href", ""); !strings.Contains(href, "columns=title%2Ccreated") {
		t.Errorf("a link of a page whose address has columns leads to %s", href)
	}
	if diff := gocmp.Diff(want, browser.get("/people").texts("thead th")); diff != "" {
		t.Errorf("remembered columns (-want +got):\n%s", diff)
	}
	if got := browser.get("/companies/" + lyondell + "/users?columns=company,change").texts("thead th"); len(got) != 4 {
		t.Errorf("a company's people have the columns %v", got)
	}
}

func TestATableSaysHowOldItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)

	p := browser.get("/people").want(http.StatusOK).sound()
	p.says(".empty-nothing", "Nobody is here yet")

	_, _, _, err := b.options.Directory.List(t.Context(), 0)
	b.must(err)
	p = browser.get("/people").want(http.StatusOK).sound()
	p.says(".empty-not-loaded", "People are being read").says("#people-reading", "0 of 5 companies").says(".head-sub", "0 of 5 companies read so far")
	if p.find("noscript").Length() == 0 || p.find("#people-reading[hx-get]").Length() == 0 {
		t.Error("a page that fills doesn't look again, with a script or without")
	}
	fragment := browser.htmx(p.find("#people-reading").AttrOr("hx-get", "")).want(http.StatusOK).says("#people-reading", "0 of 5 companies")
	if fragment.header.Get("HX-Refresh") != "" {
		t.Error("a page that goes on filling is loaded again")
	}
	emptys := fragment.find("#people-reading").AttrOr("hx-get", "")

	b.readPeopleOf(lyondell)
	browser.get("/people").want(http.StatusOK).sound().says("#people-reading", "1 of 5 companies", "about 105 people").says("#people-matched", "105 people")
	p = browser.get("/people?q=nobody-has-this").want(http.StatusOK).sound()
	p.says(".empty-no-match", "Nobody matches “nobody-has-this”", "105 people were looked through, of 1 company. 4 companies are not read yet.", "Clear the filters")

	p = browser.get("/people?status=active").want(http.StatusOK).sound()
	p.says(".empty-no-match", "Nobody is known to be active", "The status of 105 isn’t known.")
	p = browser.get("/people?status=disabled&q=vance").want(http.StatusOK).sound()
	p.says(".empty-no-match", "Nobody who matches is known to be disabled", "The status of 1 isn’t known.")

	fulls := browser.get("/people").find("#people-reading").AttrOr("hx-get", "")
	fulls = browser.htmx(fulls).find("#people-reading").AttrOr("hx-get", "")
	b.readPeople()
	if done := browser.htmx(emptys).want(http.StatusOK); done.header.Get("HX-Refresh") != "true" {
		t.Error("a page on which nobody was is not loaded again when everybody is read")
	}
	if done := browser.htmx(fulls).want(http.StatusOK).says("#people-reading", "Everybody is read", "Show them"); done.header.Get("HX-Refresh") != "" {
		t.Error("a page that somebody may be at work on is loaded again")
	}
	b.clock.add(25 * time.Minute)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUsers", PathPrefix: "/api/v2/companies/" + lyondell}, Kind: sandbox.KindHTML})
	_, err = b.options.Directory.ReadPeople(t.Context(), lyondell)
	b.must(err)
	read := b.clock.Now().Add(-25 * time.Minute)
	asOf := "as of " + ui.When(read, b.clock.Now())
	p = browser.get("/people").want(http.StatusOK).sound()
	p.says(".head-sub", "Everybody in 5 companies", "read within the last 25 min", "Lyondell Trading", "could not be read, shown "+asOf)
	if p.find("#people-reading").Length() != 0 {
		t.Error("a page whose people were all read says that they are being read")
	}
	browser.get("/companies/"+lyondell+"/users").want(http.StatusOK).sound().says(".head-sub", "105 people", asOf, "could not be read at "+b.clock.Now().Format(time.TimeOnly)+" UTC")

	// Then nothing can be read: the page says so once, with the one time of the people.
	b.clock.add(time.Minute)
	b.fault(sandbox.Rule{Kind: sandbox.KindHTML})
	p = browser.get("/companies/"+lyondell+"/users").want(http.StatusOK).sound().says(".note-ask", "Symphony could not be read.", "What is shown is as of "+ui.When(read, b.clock.Now()))
	if text := p.text("main"); strings.Count(text, "as of") != 1 || strings.Count(text, "could not be read") != 1 {
		t.Errorf("the page says more than once how old it is: %s", text)
	}
}

func TestACompanyThatCouldNeverBeReadSaysWhy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)
	path := "/companies/" + lyondell + "/users"

	p := browser.get(path).want(http.StatusOK).sound().says(".empty-not-loaded", "These people are being read")
	if p.find("#people-reading[hx-get]").Length() == 0 {
		t.Error("the page doesn't look again")
	}
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUsers"}, Kind: sandbox.KindHTML})
	_, err := b.options.Directory.ReadPeople(t.Context(), lyondell)
	b.must(err)
	p = browser.get(path).want(http.StatusOK).sound().says(".empty-failed", "The people of Lyondell Trading could not be read", "Foyer goes on trying", "Look again")
	if p.find("#people-reading").Length() != 0 {
		t.Error("a page of people who can't be read says that they are being read")
	}
}

func TestACompanyIsReadAgainWithProgress(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	b.clock.add(10 * time.Minute)
	browser := b.as(auth.Viewer)

	p := browser.get("/companies/" + lyondell + "/users?q=adele").want(http.StatusOK)
	p = browser.follow(browser.submit(p, ".head-sub form", nil)).want(http.StatusOK).sound()
	if !strings.Contains(p.request, "q=adele") {
		t.Errorf("it leads to %s, without the filter", p.request)
	}
	p.says("#people-reading", "Reading the people of Lyondell Trading")
	poll := p.find("#people-reading").AttrOr("hx-get", "")
	browser.htmx(poll).want(http.StatusOK).says("#people-reading", "Reading the people of Lyondell Trading")
	b.readPeopleOf(lyondell)
	done := browser.htmx(poll).want(http.StatusOK).says("#people-reading", "were read", "105 people", "Show them")
	if done.find("[hx-get]").Length() != 0 {
		t.Error("it is asked for again when it is done")
	}

	b.clock.add(10 * time.Minute)
	p = browser.follow(browser.post("/companies/"+lyondell+"/users/read", url.Values{"everybody": {"yes"}, "query": {"status=active"}}))
	if p.request != "GET /people?asked="+strconv.FormatInt(b.clock.Now().Unix(), 10)+"&reading="+lyondell+"&status=active" {
		t.Errorf("from everybody's table it leads to %s", p.request)
	}
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUsers"}, Kind: sandbox.KindHTML})
	_, err := b.options.Directory.ReadPeople(t.Context(), lyondell)
	b.must(err)
	browser.htmx(p.find("#people-reading").AttrOr("hx-get", "")).says("#people-reading", "could not be read")

	// The reading that was broken off is gone on with, and tells what was so when it began.
	began := b.clock.Now()
	b.sandbox.Faults().Clear()
	b.clock.add(10 * time.Minute)
	p = browser.follow(browser.post("/companies/"+lyondell+"/users/read", nil)).want(http.StatusOK)
	poll = p.find("#people-reading").AttrOr("hx-get", "")
	browser.htmx(poll).says("#people-reading", "Reading the people of Lyondell Trading")
	b.readPeopleOf(lyondell)
	browser.htmx(poll).says("#people-reading", "were read", "as of", began.Format("15:04:05"))
}

func TestWhoIsNotListedAnyMoreIsFoundApart(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	b.must(b.sandbox.Faults().RemoveUser(t.Context(), adele))
	b.clock.add(time.Hour)
	b.readPeopleOf(lyondell)
	browser := b.as(auth.Viewer)

	browser.get("/people?q=adele.vance").want(http.StatusOK).says(".empty-no-match", "Nobody matches").says("#people-counts", "Not listed any more 1")
	p := browser.get("/people?q=adele.vance&status=not-listed").want(http.StatusOK).sound()
	p.says("tbody tr", "Adele Vance", "not listed since "+b.clock.Now().Format(time.DateOnly))
}

// What can't be filtered by comes back as it was typed, beside the other filters.
func TestARefusedFilterComesBackToBeMended(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Viewer)
	long := strings.Repeat("x", 321)
	for _, test := range []struct{ query, field, typed, says string }{
		{"from=2026-10-02&to=2026-10-01", "to", "2026-10-01", "before the day from which they were created, 2026-10-02"},
		{"from=yesterday", "from", "yesterday", "Enter a day such as"},
		{"to=31.12.2026", "to", "31.12.2026", "Enter a day such as"},
		{"older=7", "older", "7", "written as in 12h or 7d"},
		{"department=" + long, "department", long, "320 characters at most"},
		{"company=" + long, "company", long, "320 characters at most"},
		{"tag=" + long, "tag", long, "320 characters at most"},
		{"q=" + long, "q", long, "320 characters at most"},
	} {
		for _, path := range []string{"/people", "/companies/" + lyondell + "/users"} {
			if path != "/people" && (test.field == "company" || test.field == "tag") {
				continue // of one company these are no filters
			}
			p := browser.get(path + "?status=disabled&title=Analyst&" + test.query).want(http.StatusUnprocessableEntity).sound()
			p.says(".error-summary", test.says)
			field := p.find("#field-" + test.field)
			if got := field.AttrOr("value", field.Find("option[selected]").AttrOr("value", "")); got != test.typed {
				t.Errorf("%s: the field %s has %q, want %q", p.request, test.field, got, test.typed)
			}
			if test.field != "q" {
				p.says("#people-add-filter[open] .field-error", test.says)
			}
			if got, _ := p.form("#people-add-filter form"); got.Get("title") != "Analyst" || got.Get("status") != "disabled" {
				t.Errorf("%s: of the other filters the form has %v", p.request, got)
			}
			if p.find("tbody").Length() > 0 || strings.Contains(p.text("main"), "Nobody is here yet") {
				t.Errorf("%s lists people, or says that there are none", p.request)
			}
		}
	}
}

// Who types a part of a department is told that all of it is wanted, and led to the search.
func TestAFilterThatWantsAllOfAValueSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Viewer)
	for _, path := range []string{"/people", "/companies/" + lyondell + "/users"} {
		p := browser.get(path).want(http.StatusOK)
		for _, name := range []string{"domain", "department", "title", "location"} {
			p.says("#field-"+name+"-hint", "All of it, not a part")
		}
		p = browser.get(path + "?department=order").want(http.StatusOK).sound()
		p.says(".empty", "Nobody has exactly the department “order”", "the search finds a part of it, too", "Search for “order” instead")
		browser.get(p.find(".empty a").AttrOr("href", "")).want(http.StatusOK).says("tbody", "Order Processing")
		p = browser.get(path + "?title=Ana&status=disabled&q=vance").want(http.StatusOK).sound()
		if href := p.find(".empty a").AttrOr("href", ""); href != path+"?q=vance+Ana&status=disabled" {
			t.Errorf("beside other filters it leads to %q", href)
		}
	}
}

func TestPeopleLeaveAsFilesOfWhatIsFiltered(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Viewer)

	for path, what := range map[string]string{
		"/people.csv?department=FX+Options&sort=email":        "people.csv?department=FX+Options&sort=email",
		"/companies/" + lyondell + "/users.csv?q=adele":       "people.csv?company=" + lyondell + "&q=adele",
		"/people.csv?company=Lyondell+Trading&page=7&size=20": "people.csv?company=" + lyondell,
	} {
		table := strings.Replace(strings.Replace(path, ".csv", "", 1), "size=20", "size=100", 1)
		p := browser.get(path).want(http.StatusOK)
		if name := p.header.Get("Content-Disposition"); name != "attachment; filename=people-"+b.clock.Now().UTC().Format(time.DateOnly)+".csv" {
			t.Errorf("%s is kept as %q", path, name)
		}
		if kind := p.header.Get("Content-Type"); kind != "text/csv; charset=utf-8" {
			t.Errorf("%s is %s", path, kind)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.body, excelMark))).ReadAll()
		b.must(err)
		shown := slices.Concat(browser.walk(table)...)
		var sent []string
		for _, row := range rows[1:] {
			sent = append(sent, row[16])
		}
		if diff := gocmp.Diff(shown, sent); diff != "" {
			t.Errorf("%s: people (-shown +sent):\n%s", path, diff)
		}
		lines := browser.get(strings.Replace(path, ".csv", ".jsonl", 1)).want(http.StatusOK)
		sent = nil
		for line := range strings.Lines(lines.body) {
			var u struct {
				UserID, SymphonyID, Email, Status string
				Listed                            bool
			}
			b.must(json.Unmarshal([]byte(line), &u)) // ids are texts, which no program rounds
			sent = append(sent, u.UserID)
			if u.Email == "" || u.Status != "unknown" || !u.Listed {
				t.Errorf("%s has the line %s", path, line)
			}
		}
		if diff := gocmp.Diff(shown, sent); diff != "" {
			t.Errorf("%s: lines (-shown +sent):\n%s", path, diff)
		}
		events := b.events(ledger.Filter{Action: ledger.Export})
		csvEvent, linesEvent := events[len(events)-2], events[len(events)-1]
		if csvEvent.Note != what || string(csvEvent.After) != fmt.Sprintf(`{"rows":%d}`, len(shown)) || linesEvent.Note != strings.Replace(what, ".csv", ".jsonl", 1) {
			t.Errorf("the ledger says %s with %s, and %s; want %s with %d rows", csvEvent.Note, csvEvent.After, linesEvent.Note, what, len(shown))
		}
	}
	if body := browser.get("/people.csv?q=hyperlink").body; !strings.Contains(body, "'@SUM(A1:A9)") || !strings.Contains(body, "'=") {
		t.Errorf("a cell that is a formula stays one: %s", body)
	}
}

func TestNothingLeavesThatIsNotRecorded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Viewer)
	before := browser.get("/people").want(http.StatusOK)
	b.faults.Set(func(c testfault.Call) error {
		if c.Writes {
			return testfault.ErrInjected
		}
		return nil
	})

	for _, path := range []string{"/people.csv", "/people.jsonl", "/companies/" + lyondell + "/users.csv"} {
		if p := browser.get(path); p.status < 500 || strings.Contains(p.body, "adele.vance") {
			t.Errorf("%s = %d with a ledger that can't be written", path, p.status)
		}
	}
	pick := before.find("input[name=pick]").First().AttrOr("value", "")
	for _, path := range []string{"/people/selected.csv", "/people/emails"} {
		if p := browser.post(path, url.Values{"pick": {pick}}); p.status < 500 {
			t.Errorf("%s = %d with a ledger that can't be written", path, p.status)
		}
	}
}

func TestPeopleWhoAreTickedCanBeHad(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Viewer)

	p := browser.get("/people?q=lyondell&size=20").want(http.StatusOK).sound()
	form, action := p.form("#people-selection")
	if len(form["pick"]) != 0 {
		t.Errorf("%d people are ticked before anybody ticked them", len(form["pick"]))
	}
	p.says(".pick-bar", "All 105 that match", "Copy e-mails", "Download these as CSV")
	ids := pickedIDs(p)
	form["pick"] = []string{lyondell + "/" + ids[3], lyondell + "/" + ids[1], lyondell + "/" + ids[3], lyondell + "/" + b.unknownID()}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(browser.post(action, form).want(http.StatusOK).body, excelMark))).ReadAll()
	b.must(err)
	if len(rows) != 3 || rows[1][16] != ids[3] || rows[2][16] != ids[1] {
		t.Errorf("of two people the file has the rows %v", rows[1:])
	}
	emails := browser.post("/people/emails", form).want(http.StatusOK).sound().says("h1", "E-mail addresses of 2 people")
	if got := strings.Fields(emails.find("textarea").Text()); len(got) != 2 {
		t.Errorf("the addresses are %v", got)
	}

	form["all"] = []string{"match"}
	rows, err = csv.NewReader(strings.NewReader(strings.TrimPrefix(browser.post(action, form).want(http.StatusOK).body, excelMark))).ReadAll()
	b.must(err)
	if len(rows) != 106 {
		t.Errorf("all 105 who match are a file of %d rows", len(rows)-1)
	}
	browser.post("/people/emails", form).want(http.StatusOK).says("h1", "E-mail addresses of 105 people")
	of := browser.get("/companies/" + lyondell + "/users?size=20&department=FX+Options").want(http.StatusOK)
	form, _ = of.form("#people-selection")
	form["all"] = []string{"match"}
	rows, err = csv.NewReader(strings.NewReader(strings.TrimPrefix(browser.post(action, form).want(http.StatusOK).body, excelMark))).ReadAll()
	b.must(err)
	if n := len(slices.Concat(browser.walk("/companies/" + lyondell + "/users?size=100&department=FX+Options")...)); len(rows)-1 != n || n == 0 {
		t.Errorf("all %d of a department of a company are a file of %d rows", n, len(rows)-1)
	}
	events := b.events(ledger.Filter{Action: ledger.Export})
	if n := len(events); n != 5 || events[0].Note != "people.csv: 4 selected" || events[2].Note != "people.csv?q=lyondell" {
		t.Errorf("%d exports are in the ledger: %v", n, events)
	}
	for _, form := range []url.Values{{}, {"pick": {"x"}}, {"pick": {"a/b c"}}, {"pick": make([]string, 101)}, {"all": {"match"}, "status": {"asleep"}}} {
		browser.post("/people/selected.csv", form).want(http.StatusBadRequest)
		browser.post("/people/emails", form).want(http.StatusBadRequest)
	}
}

func TestAFilterIsSavedUnderAName(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	vera, otto, ada := b.as(auth.Viewer), b.as(auth.Onboarder), b.as(auth.Admin)
	save := func(browser *browser, path, name string, shared bool) *page {
		changes := url.Values{"filterName": {name}}
		if shared {
			changes["shared"] = []string{"yes"}
		}
		return browser.submit(browser.get(path).want(http.StatusOK).sound(), "#save-filter", changes)
	}
	names := func(browser *browser) []string {
		return browser.get("/people").want(http.StatusOK).sound().texts(".saved a")
	}

	if vera.get("/people?sort=email").find("#save-filter").Length() != 0 {
		t.Error("a table without a filter can be saved")
	}
	p := vera.follow(save(vera, "/people?status=disabled&q=adele&sort=email&page=2", "  Adele, disabled ", false)).want(http.StatusOK)
	p.says("[role=status]", "The filter “Adele, disabled” was saved.")
	if href := p.find(".saved a[aria-current]").AttrOr("href", ""); href != "/people?q=adele&status=disabled" {
		t.Errorf("the filter leads to %s", href)
	}
	vera.follow(save(vera, "/companies/"+lyondell+"/users?department=FX+Options", "FX of Lyondell", true))
	if diff := gocmp.Diff([]string{"Adele, disabled", "FX of Lyondell"}, names(vera)); diff != "" {
		t.Errorf("her own filters (-want +got):\n%s", diff)
	}
	shared := otto.get("/people").find(".saved a").AttrOr("href", "")
	if diff := gocmp.Diff([]string{"FX of Lyondell"}, names(otto)); diff != "" || shared != "/people?company="+lyondell+"&department=FX+Options" {
		t.Errorf("another's filters, of %s (-want +got):\n%s", shared, diff)
	}

	vera.follow(save(vera, "/people?q=adele", "Adele, disabled", false))
	if got := vera.get("/people").find(".saved a").First().AttrOr("href", ""); got != "/people?q=adele" || len(names(vera)) != 2 {
		t.Errorf("one of the same name leads to %s, and there are %v", got, names(vera))
	}

	for _, name := range []string{"", " \u200b ", strings.Repeat("x", 61)} {
		p = save(otto, "/people?q=adele", name, true).want(http.StatusUnprocessableEntity).sound()
		if p.find("#save-filter .field-error").Length() != 1 || p.find("#people-chips .chip").Length() != 1 {
			t.Errorf("the name %q: nothing is said, or the filter is gone", name)
		}
	}

	del := func(browser *browser, name string) string {
		return browser.get("/people").find(".saved li:contains('"+name+"') form").AttrOr("action", "")
	}
	if del(otto, "FX of Lyondell") != "" {
		t.Error("another's filter can be deleted")
	}
	id := del(vera, "FX of Lyondell")
	otto.post(id, nil).want(http.StatusForbidden)
	otto.post(del(vera, "Adele, disabled"), nil).want(http.StatusNotFound)
	ada.follow(ada.post(del(ada, "FX of Lyondell"), nil)).says("[role=status]", "deleted")
	vera.post(id, nil).want(http.StatusNotFound)
	vera.follow(vera.post(del(vera, "Adele, disabled"), nil))
	if got := names(vera); len(got) != 0 {
		t.Errorf("deleted filters are still there: %v", got)
	}

	var recorded []string
	for _, action := range []ledger.Action{ledger.SaveFilter, ledger.DeleteFilter} {
		for _, e := range b.events(ledger.Filter{Action: action}) {
			recorded = append(recorded, e.Actor.Name+": "+string(e.Action)+" "+e.Note)
		}
	}
	if diff := gocmp.Diff([]string{"Vera Viewer: filter.save FX of Lyondell", "Ada Admin: filter.delete FX of Lyondell"}, recorded); diff != "" {
		t.Errorf("the ledger (-want +got):\n%s", diff)
	}
}

// A name that is refused comes back as it was typed, also where nobody can be shown.
func TestTheNameOfAFilterIsNotLostWhileTheDirectoryCantBeUsed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	vera := b.as(auth.Viewer)
	everybody, ofCompany := vera.get("/people?department=FX+Options"), vera.get("/companies/"+lyondell+"/users?department=FX+Options")
	b.loseDirectory()
	tooLong := strings.Repeat("long ", 20)
	for _, shown := range []*page{everybody, ofCompany} {
		p := vera.submit(shown, "#save-filter", url.Values{"filterName": {tooLong}, "shared": {"yes"}}).want(http.StatusUnprocessableEntity).sound()
		form, _ := p.form("#save-filter")
		if form.Get("filterName") != tooLong || form.Get("shared") != "yes" || !strings.Contains(form.Get("query"), "department=FX+Options") {
			t.Errorf("the form comes back as %v", form)
		}
		p.says("#save-filter .field-error", "60").says("main .empty", "The directory of people can’t be used now")
	}
	vera.follow(vera.submit(everybody, "#save-filter", url.Values{"filterName": {"FX"}})).says("[role=status]", "“FX” was saved")
}

func TestAFieldOfTheFilterSuggestsWhatThereIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Viewer)
	departments := map[string]bool{}
	for _, u := range b.everybody() {
		if strings.Contains(folding.Text(u.Department), "op") {
			departments[u.Department] = true
		}
	}

	values := func(path string) []string {
		p := browser.htmx(path).want(http.StatusOK)
		var values []string
		for _, o := range p.find("option").Nodes {
			values = append(values, o.Attr[0].Val)
		}
		return values
	}
	got := values("/people/values?column=department&department=OP")
	if diff := gocmp.Diff(slices.Sorted(maps.Keys(departments)), slices.Sorted(slices.Values(got))); diff != "" {
		t.Errorf("departments (-want +got):\n%s", diff)
	}
	if got := values("/people/values?column=company&company=tokyo"); len(got) != 1 || got[0] != "東京証券 Tōkyō Securities" {
		t.Errorf("companies: %v", got)
	}
	if got := values("/people/values?column=company"); len(got) != 5 {
		t.Errorf("all companies: %v", got)
	}
}

// A count that would take long is given up, and made exact when somebody asks.
func TestAnExactCountIsOneClickAway(t *testing.T) {
	t.Parallel()
	counts := directory.Counts{Active: directory.Count{N: 10_000, More: true}, Unknown: directory.Count{N: 3}}
	if got := counts.Of(directory.AnyStatus); got != (directory.Count{N: 10_003, More: true}) {
		t.Errorf("Of(AnyStatus) = %v", got)
	}
	b := newBench(t)
	b.readPeople()
	b.as(auth.Viewer).get("/people?q=lyondell&count=exact").want(http.StatusOK).says("#people-matched", "105 of")
}

// manyTags are so many parameters that filter by different tags.
func manyTags(n int) []string {
	tags := make([]string, n)
	for i := range tags {
		tags[i] = "tag=" + strings.Repeat("x", i+1)
	}
	return tags
}

func TestAPageThatIsGoneIsTheFirstAndSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Viewer)
	const isFirst = "isn’t there any more: this is the first one"
	p := browser.get("/people?after=name.0.zzzzz&size=20").want(http.StatusOK).sound().says("#people-table", isFirst)
	first := browser.get("/people?size=20").want(http.StatusOK)
	if diff := gocmp.Diff(first.texts("#people-table tbody th"), p.texts("#people-table tbody th")); diff != "" {
		t.Errorf("it is another one (-first +got):\n%s", diff)
	}
	next := browser.get(first.find(".pager a:contains('Next')").AttrOr("href", "")).want(http.StatusOK)
	for _, p := range []*page{first, next} {
		if strings.Contains(p.text("main"), isFirst) {
			t.Errorf("%s says that it is gone", p.request)
		}
	}
}

// A form without JavaScript sends all of its fields, and the address is to be passed on.
func TestAnAddressHasNoParametersThatAreEmpty(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Viewer)
	for _, path := range []string{"/people", "/companies/" + lyondell + "/users"} {
		form, action := browser.get(path + "?status=active").want(http.StatusOK).form("form.menu-form-wide")
		form.Set("department", "Sales")
		if to := browser.get(action + "?" + form.Encode()).want(http.StatusSeeOther).location(); to != path+"?department=Sales&status=active" {
			t.Errorf("the form leads to %s", to)
		}
		if to := browser.get(path + "?q=&company=&tag=").want(http.StatusSeeOther).location(); to != path {
			t.Errorf("a form with nothing in it leads to %s, want %s", to, path)
		}
		browser.htmx(path + "?q=").want(http.StatusOK)
	}
}

// A text of which nothing is left stands in everybody, and is looked for in nobody.
func TestWhatHasNothingToLookForFindsNobodyAndSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.readPeople()
	browser := b.as(auth.Viewer)
	for _, q := range []string{"q=-", "q=%E2%80%8B", "q=...", "q=%2B", "department=%C2%AD", "title=%E2%80%8B", "q=-&status=active", "q=-&company=Lyondell+Trading"} {
		browser := b.as(auth.Viewer) // with downloads of its own
		for _, path := range []string{"/people?", "/companies/" + lyondell + "/users?"} {
			browser.get(path+q).want(http.StatusOK).sound().says(".empty-no-match", "nothing to look for in").says("#people-matched", "0 of")
		}
		for _, file := range []string{"/people.csv?", "/companies/" + lyondell + "/users.csv?"} {
			if lines := strings.Count(strings.TrimSpace(browser.get(file+q).want(http.StatusOK).body), "\n"); lines != 0 {
				t.Errorf("%s%s has %d people", file, q, lines)
			}
		}
		if body := browser.get("/people.jsonl?" + q).want(http.StatusOK).body; body != "" {
			t.Errorf("/people.jsonl?%s has %s", q, body)
		}
		form, err := url.ParseQuery(q)
		b.must(err)
		form.Set("all", "yes")
		if lines := strings.Count(strings.TrimSpace(browser.post("/people/selected.csv", form).want(http.StatusOK).body), "\n"); lines != 0 {
			t.Errorf("all who match %s are %d people", q, lines)
		}
		browser.post("/people/emails", form).want(http.StatusOK).says("h1", "0 people")
	}
	browser.get("/people?q=-").says(".empty-no-match", "“-”", "no letter and no digit")
	browser.get("/people?q=%E2%80%8B").says(".empty-no-match", "can’t be seen")
	browser.get("/find?q=-").want(http.StatusOK).says(".empty", "Nothing found for “-”", "no letter and no digit")
	browser.htmx("/find/suggest?q=-").says("body", "no letter and no digit")
	browser.get("/companies?q=%E2%80%8B").want(http.StatusOK).says(".empty-no-match", "can’t be seen")
	browser.get("/people?q=0000000").want(http.StatusOK).says(".empty-no-match", "Nobody matches")
}
