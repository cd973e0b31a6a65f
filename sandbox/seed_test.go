package sandbox_test

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"foyer/sandbox"
)

var stamps = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)

func TestSeedIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	read := func(p *partner) []string {
		meridian := "/api/v2/companies/" + companies(p)["meridian"].ID
		return []string{
			string(p.get("/api/v2/companies").body),
			string(p.get(lyondell + "/users").body),
			string(p.get(meridian + "/users").body),
		}
	}
	first := read(setup(t))
	if diff := cmp.Diff(first, read(setup(t))); diff != "" {
		t.Errorf("two sandboxes of the same moment differ:\n%s", diff)
	}

	later := newClock()
	later.Advance(1000 * time.Hour)
	second := read(setup(t, func(o *sandbox.Options) { o.Now = later.Now }))
	for i := range first {
		if first[i] == second[i] {
			t.Errorf("times do not follow the moment of seeding in %.80s", first[i])
		}
		if stamps.ReplaceAllString(first[i], "") != stamps.ReplaceAllString(second[i], "") {
			t.Errorf("more than times follows the moment of seeding in %.80s", first[i])
		}
	}
}

func TestNoSeed(t *testing.T) {
	t.Parallel()
	p := setup(t, func(o *sandbox.Options) { o.Seed = sandbox.SeedNone })
	if got := string(p.get("/api/v2/companies").body); got != "[]" {
		t.Errorf("companies = %s, want []", got)
	}
	path := create(p, "lyondell")
	p.clock.Advance(time.Minute)
	p.post(path+"/users", people(20, "lyondell.example")).want(http.StatusCreated)
}

// TestDemo walks through the directory that a newcomer meets.
func TestDemo(t *testing.T) {
	t.Parallel()
	p := setup(t, func(o *sandbox.Options) { o.Seed = sandbox.SeedDemo })
	p.faults.Set(func(s *sandbox.Settings) { s.ListActive = true })

	states, total := make(map[string]int), 0
	for _, c := range companies(p) {
		states[c.State]++
		if c.State == "COMPLETED" {
			var page userPage
			p.get("/api/v2/companies/" + c.ID + "/users?pageSize=1").want(http.StatusOK).into(&page)
			total += page.Total
		}
	}
	wantStates := map[string]int{
		"COMPLETED": 36, "STARTED": 3, "TENANT_CREATION_ERROR": 1, "AUTH0_CONFIG_ERROR": 1, "TENANT_CONFIG_ERROR": 1,
	}
	if diff := cmp.Diff(wantStates, states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if total < 24_000 || total > 26_000 {
		t.Errorf("people = %d, want about 25,000", total)
	}
	if got := companies(p)["socgen"].ErrorMessage; got != "Please contact Symphony support by providing the X-Trace-Id = KUfkYm" {
		t.Errorf("errorMessage = %q, want the published one", got)
	}
	for _, c := range companies(p) {
		if !slices.Contains([]string{"STARTED", "TENANT_CREATED", "COMPLETED", "TENANT_CREATION_ERROR", "AUTH0_CONFIG_ERROR", "TENANT_CONFIG_ERROR"}, c.State) {
			t.Errorf("%s is %s, which is no state of the published contract", c.VanityName, c.State)
		}
	}
	wantVariety(t, sample(t, p))

	building := func() [3]string {
		all := companies(p)
		return [3]string{all["oresund"].State, all["kestrel-hart"].State, all["tidewater"].State}
	}
	p.clock.Advance(3 * time.Minute)
	if got, want := building(), [3]string{"TENANT_CREATED", "STARTED", "STARTED"}; got != want {
		t.Errorf("states after 3 min = %v, want %v", got, want)
	}
	p.clock.Advance(17 * time.Minute)
	if got, want := building(), [3]string{"COMPLETED", "COMPLETED", "STARTED"}; got != want {
		t.Errorf("states after 20 min = %v, want %v", got, want)
	}
}

// A listed is a person of a page, with what may be missing.
type listed struct {
	Email, DisplayName, Title, Department, PhoneNumber, Location string
	Active                                                       bool
}

// sample reads every tenth page of Lyondell's 121, the first and the last among
// them: reading them all takes long under the race detector.
func sample(t *testing.T, p *partner) []listed {
	t.Helper()
	var all []listed
	for n := 0; n <= 120; n += 10 {
		r, err := p.try(t.Context(), http.MethodGet, lyondell+"/users?currentPage="+strconv.Itoa(n), nil)
		if err != nil {
			t.Fatal(err)
		}
		var page struct {
			Total int
			Users []listed
		}
		r.want(http.StatusOK).into(&page)
		if page.Total != 12_004 {
			t.Fatalf("page %d: total = %d, want 12,004", n, page.Total)
		}
		all = append(all, page.Users...)
	}
	if len(all) != 1204 || all[0].DisplayName != "Adele Vance" {
		t.Fatalf("pages hold %d people, the first being %q; want 1,204 and Adele Vance", len(all), all[0].DisplayName)
	}
	return all
}

func wantVariety(t *testing.T, all []listed) {
	t.Helper()
	addresses := make(map[string]bool)
	count := make(map[string]int)
	in := map[string]*unicode.RangeTable{
		"Latin": unicode.Latin, "Greek": unicode.Greek, "Cyrillic": unicode.Cyrillic, "Han": unicode.Han, "Hangul": unicode.Hangul,
		"Arabic": unicode.Arabic, "Hebrew": unicode.Hebrew, "Thai": unicode.Thai, "Devanagari": unicode.Devanagari,
	}
	for _, u := range all {
		addresses[u.Email] = true
		for script, table := range in {
			if strings.ContainsFunc(u.DisplayName, func(r rune) bool { return unicode.Is(table, r) }) {
				count[script]++
			}
		}
		for what, is := range map[string]bool{
			"disabled": !u.Active, "no title": u.Title == "", "no department": u.Department == "",
			"no phone": u.PhoneNumber == "", "no location": u.Location == "", "very long": len(u.DisplayName) > 100,
			"apostrophe": strings.ContainsAny(u.DisplayName, "'’"), "markup": u.DisplayName == `<b>Bold</b> & "Quoted"`,
		} {
			if is {
				count[what]++
			}
		}
	}
	if len(addresses) != len(all) {
		t.Errorf("%d people have %d addresses, want one each", len(all), len(addresses))
	}
	least := map[string]int{
		"Latin": 500, "Greek": 10, "Cyrillic": 10, "Han": 10, "Hangul": 10, "Arabic": 10, "Hebrew": 10, "Thai": 10,
		"Devanagari": 10, "disabled": 30, "no title": 50, "no department": 50, "no phone": 200, "no location": 50,
		"very long": 1, "apostrophe": 10, "markup": 1,
	}
	for what, n := range least {
		if count[what] < n {
			t.Errorf("people with %s = %d, want at least %d", what, count[what], n)
		}
	}
}

func TestAsManyPeopleAsAreAskedFor(t *testing.T) {
	t.Parallel()
	p := setup(t, func(o *sandbox.Options) { o.Seed, o.People = sandbox.SeedDemo, 3000 })
	all, largest, list := 0, 0, companies(p)
	for _, c := range list {
		var page struct{ Total int }
		p.get("/api/v2/companies/" + c.ID + "/users?pageSize=1").want(http.StatusOK).into(&page)
		all, largest = all+page.Total, max(largest, page.Total)
	}
	if len(list) != 200 || all != 3000 || largest != 300 {
		t.Errorf("%d people in %d companies, the largest with %d, want 3000 in 200 and 300", all, len(list), largest)
	}
}
