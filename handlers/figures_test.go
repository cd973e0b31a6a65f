package handlers

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/portal/directory"
	"foyer/sapi"
)

// rows are the lines of a part's table, their cells side by side.
func (p *page) rows(part string) []string {
	p.t.Helper()
	return p.find(part + " tbody tr").Map(func(_ int, row *goquery.Selection) string {
		return strings.Join(row.Find("th, td").Map(func(_ int, cell *goquery.Selection) string { return squeeze(cell.Text()) }), " | ")
	})
}

func TestHomeDrawsThePeopleOfTheLargestCompaniesAndSaysTheSameInATable(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	viewer := b.as(auth.Viewer)
	viewer.get("/").want(http.StatusOK).sound().says("#people-by-company", "No company’s people have been read yet")
	b.readEverybody()
	b.clock.add(3 * time.Second)

	p := viewer.get("/").want(http.StatusOK).sound()

	var want []string
	for _, c := range b.mostPeopleFirst() {
		count := map[sapi.Status]int{}
		for u, err := range b.symphony.Users.All(t.Context(), c.ID, 100) {
			b.must(err)
			u, err = b.symphony.Users.Get(t.Context(), c.ID, u.ID)
			b.must(err)
			count[u.Status]++
		}
		want = append(want, fmt.Sprintf("%s | %d | %d | 0 | %d", c.Name, count[sapi.StatusActive], count[sapi.StatusDisabled], count[sapi.StatusActive]+count[sapi.StatusDisabled]))
	}
	if diff := cmp.Diff(want, p.rows("#people-by-company")); diff != "" {
		t.Errorf("the table (-want +got):\n%s", diff)
	}
	first := p.find("#people-by-company svg a").First()
	if got := first.AttrOr("href", ""); got != "/companies/"+lyondell+"/users" || !strings.Contains(first.Text(), "Lyondell Trading") {
		t.Errorf("the first bar is %q and leads to %q, want it to lead to the people of Lyondell Trading", squeeze(first.Text()), got)
	}
	p.says("#people-by-company", "read within the last")
	if strings.Contains(p.body, " style=") {
		t.Error("the drawing has styles that the policy forbids")
	}
}

// mostPeopleFirst are the companies that are ready, in the order of how many people they
// have.
func (b *bench) mostPeopleFirst() []directory.CompanyRecord {
	b.t.Helper()
	companies, _, _, err := b.options.Directory.List(b.t.Context(), time.Hour)
	b.must(err)
	companies = slices.DeleteFunc(companies, func(c directory.CompanyRecord) bool { return !c.State.Ready() })
	slices.SortStableFunc(companies, func(a, b directory.CompanyRecord) int { return int(b.People - a.People) })
	return companies
}

func TestACompanysPageDrawsItsStatusesDayByDayAndWhatIsNotKnownAsSuch(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.clock.add(24*time.Hour - b.clock.Now().Sub(b.clock.Now().UTC().Truncate(24*time.Hour)) + time.Hour) // one in the night
	viewer := b.as(auth.Viewer)
	viewer.get("/companies/"+lyondell).want(http.StatusOK).sound().says("#statuses", "Nobody’s status has been read yet")
	b.readEverybody()
	first := b.clock.Now()
	viewer.get(adelePage).want(http.StatusOK)
	b.clock.add(48 * time.Hour)
	b.as(auth.Viewer).get(adelePage).want(http.StatusOK)
	b.clock.add(48 * time.Hour)
	onboarder := b.as(auth.Onboarder)
	onboarder.follow(onboarder.post(statusPath, onboarder.toDisable()))
	b.clock.add(time.Minute)

	p := b.as(auth.Viewer).get("/companies/" + lyondell).want(http.StatusOK).sound()

	day := func(n int) string { return first.UTC().AddDate(0, 0, n).Format(time.DateOnly) }
	rows := p.rows("#statuses")
	want := []string{
		day(4) + " | 0 | 1 | 104 | 105",                  // disabled today
		day(1) + " – " + day(3) + " | 1 | 0 | 104 | 105", // read again, and nobody else was
		day(0) + " | 101 | 4 | 0 | 105",                  // everybody was read
	}
	if diff := cmp.Diff(want, rows[:min(len(rows), len(want))]); diff != "" {
		t.Errorf("the table (-want +got):\n%s", diff)
	}
	for _, row := range rows[min(len(rows), len(want)):] {
		if !strings.Contains(row, " | 0 | 0 | 10") {
			t.Errorf("before anybody was read the table has %q, want that nobody was observed", row)
		}
	}
	p.says("#statuses", "last 14 days", "not observed", "it isn’t known")
	if p.find("#statuses svg[role=img] title").Length() == 0 || p.find("#statuses svg .fig-not-observed").Length() != 1 {
		t.Error("those who were not observed are not drawn as such")
	}
}

func TestHowLongACompanyTookIsSaidOnlyWhereFoyerSawIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	viewer := b.as(auth.Viewer)
	viewer.get("/").want(http.StatusOK).says("#builds", "Not known of any company yet")
	href := "/companies/" + b.create(b.as(auth.Onboarder), "Ledger Bank", "ledger-bank", "ledger.example")
	for range 10 {
		b.clock.add(5 * time.Minute)
		viewer = b.as(auth.Viewer)
		if p := viewer.get(href).want(http.StatusOK); strings.Contains(p.text(".head .status"), "Ready") {
			break
		}
	}

	p := viewer.get("/").want(http.StatusOK).sound()

	// The seed's company was begun six minutes before, and both are ready when Foyer looks.
	if diff := cmp.Diff([]string{"Ledger Bank | 20 min", "Öresund Capital | 26 min"}, p.rows("#builds")); diff != "" {
		t.Errorf("the table (-want +got):\n%s", diff)
	}
	p.says("#builds", "median 23 min", "Not known for 5 other companies")
	viewer.get(href).want(http.StatusOK).sound().says("#build", "This company", "Median of 2 companies", "about 20 minutes")
	if viewer.get("/companies/"+lyondell).find("#build").Length() != 0 {
		t.Error("a company that was ready before has a picture of how long it took")
	}
}
