package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/sandbox"
)

type wireUser struct {
	ID             string
	SymphonyUserID int64
	Email          string
	DisplayName    string
	Active         *bool
	CreatedAt      time.Time
	Status         int
	Error          *struct {
		Title           string
		Status          int
		Detail          string
		DetailErrorCode string
	}
}

type userPage struct {
	Total, PageSize, CurrentPage int
	Users                        []wireUser
}

func person(email string) map[string]string {
	return map[string]string{"email": email, "firstName": "Jane", "lastName": "Doe"}
}

func people(n int, domain string) []map[string]string {
	list := make([]map[string]string, n)
	for i := range list {
		list[i] = person(fmt.Sprintf("jane%d@%s", i, domain))
	}
	return list
}

func readPage(p *partner, query string) userPage {
	p.tb.Helper()
	var page userPage
	p.get(lyondell + "/users" + query).want(http.StatusOK).into(&page)
	return page
}

func activeOf(p *partner, path string) bool {
	p.tb.Helper()
	var u wireUser
	p.get(path).want(http.StatusOK).into(&u)
	return *u.Active
}

func TestPages(t *testing.T) {
	t.Parallel()
	p := setup(t)
	tests := []struct {
		query               string
		page, size, entries int
	}{
		{"", 0, 100, 100},
		{"?currentPage=0", 0, 100, 100},
		{"?currentPage=1", 1, 100, 5},
		{"?currentPage=2", 2, 100, 0},
		{"?currentPage=2147483647", 2147483647, 100, 0},
		{"?currentPage=5&pageSize=20", 5, 20, 5},
		{"?pageSize=1", 0, 1, 1},
	}
	for _, test := range tests {
		page := readPage(p, test.query)
		got := [4]int{page.Total, page.CurrentPage, page.PageSize, len(page.Users)}
		if want := [4]int{105, test.page, test.size, test.entries}; got != want {
			t.Errorf("users%s: total, page, size, entries = %v, want %v", test.query, got, want)
		}
	}

	var all []wireUser
	for n := range 11 {
		all = append(all, readPage(p, fmt.Sprintf("?pageSize=10&currentPage=%d", n)).Users...)
	}
	seen := make(map[string]bool)
	ties := 0
	for i, u := range all {
		if seen[u.ID] {
			t.Errorf("%s is on two pages", u.ID)
		}
		seen[u.ID] = true
		if i > 0 && u.CreatedAt.Before(all[i-1].CreatedAt) {
			t.Errorf("entry %d was created before the one ahead of it", i)
		}
		if i > 0 && u.CreatedAt.Equal(all[i-1].CreatedAt) {
			ties++
		}
		if u.Active != nil {
			t.Errorf("entry %d has active, which the published page leaves out", i)
		}
	}
	if len(all) != 105 || ties == 0 {
		t.Errorf("pages hold %d people and %d equal times, want 105 and some", len(all), ties)
	}
}

func TestPagingRefused(t *testing.T) {
	t.Parallel()
	p := setup(t)
	for _, query := range []string{"pageSize=0", "pageSize=101", "pageSize=-1", "pageSize=x", "pageSize=1e1"} {
		detail := p.get(lyondell+"/users?"+query).refuses(http.StatusBadRequest, http.StatusBadRequest, "")
		if detail != "getUsers.arg2: page size must be between 1 and 100" {
			t.Errorf("%s: detail = %q, want the published one", query, detail)
		}
	}
	for _, query := range []string{"currentPage=-1", "currentPage=x", "currentPage=99999999999"} {
		p.get(lyondell+"/users?"+query).refuses(http.StatusBadRequest, http.StatusBadRequest, "")
	}
}

func TestListActive(t *testing.T) {
	t.Parallel()
	p := setup(t)
	p.faults.Set(func(s *sandbox.Settings) { s.ListActive = true })
	page := readPage(p, "?pageSize=2")
	if got := [2]bool{*page.Users[0].Active, *page.Users[1].Active}; got != [2]bool{true, false} {
		t.Errorf("active of Adele and Søren = %v, want true and false", got)
	}
}

func TestCreateUsers(t *testing.T) {
	t.Parallel()
	p := setup(t)
	before := readPage(p, "").Total

	var items []map[string]any
	p.post(lyondell+"/users", []map[string]any{
		{
			"email": "Jane.Doe@Lyondell.example", "firstName": "Jane", "lastName": "Doe", "displayName": "JD", "active": false,
			"title": "Broker", "department": "Rates", "location": "Paris", "phoneNumber": "+33 1", "unheardOf": true,
		},
		{"email": "plain@lyondell-fx.example", "firstName": "Plain", "lastName": "Person"},
	}).want(http.StatusCreated).into(&items)

	stamp := "2026-03-01T09:00:00.123456Z"
	want := []map[string]any{
		{
			"email": "Jane.Doe@Lyondell.example", "firstName": "Jane", "lastName": "Doe", "displayName": "JD", "active": true,
			"title": "Broker", "department": "Rates", "location": "Paris", "phoneNumber": "+33 1",
			"createdAt": stamp, "updatedAt": stamp, "status": 201.0,
		},
		{
			"email": "plain@lyondell-fx.example", "firstName": "Plain", "lastName": "Person", "displayName": "Plain Person", "active": true,
			"createdAt": "2026-03-01T09:00:00.123457Z", "updatedAt": "2026-03-01T09:00:00.123457Z", "status": 201.0,
		},
	}
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item["id"].(string)
		if item["symphonyUserId"].(float64) < 1<<48 {
			t.Errorf("symphonyUserId = %v, want one beyond 48 bits", item["symphonyUserId"])
		}
		delete(item, "id")
		delete(item, "symphonyUserId")
	}
	if diff := cmp.Diff(want, items); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	for _, id := range ids {
		if !activeOf(p, lyondell+"/users/"+id) {
			t.Errorf("%s is disabled, want people created active", id)
		}
	}
	if after := readPage(p, "").Total; after != before+2 {
		t.Errorf("total = %d, want %d", after, before+2)
	}
	last := readPage(p, "?currentPage=1").Users
	if got := last[len(last)-2].Email; got != "Jane.Doe@Lyondell.example" {
		t.Errorf("last but one in the pages = %s, want the first one created now", got)
	}
}

func TestCreateUsersInPart(t *testing.T) {
	t.Parallel()
	p := setup(t)
	var items []wireUser
	p.post(lyondell+"/users", []map[string]string{
		person("new@lyondell.example"),
		person("jane@gmail.example"),
		person("ADELE.Vance@lyondell.EXAMPLE"),
		person("old.hand@lyondell.example"), // on another tenant
		person("NEW@lyondell.example"),      // the same as the first
		person("jane@sub.lyondell.example"),
	}).want(http.StatusMultiStatus).into(&items)

	var got []string
	for _, item := range items {
		code := ""
		if item.Error != nil {
			code = item.Error.DetailErrorCode
		}
		got = append(got, fmt.Sprintf("%s %d %s", item.Email, item.Status, code))
	}
	want := []string{
		"new@lyondell.example 201 ",
		"jane@gmail.example 400 40001",
		"ADELE.Vance@lyondell.EXAMPLE 400 40002",
		"old.hand@lyondell.example 400 40002",
		"NEW@lyondell.example 400 40002",
		"jane@sub.lyondell.example 400 40001",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	const says = "User's email address is not allowed for this company. It must be one of: lyondell.example, lyondell-fx.example"
	if items[1].Error.Detail != says {
		t.Errorf("detail = %q, want %q", items[1].Error.Detail, says)
	}
	if total := readPage(p, "").Total; total != 106 {
		t.Errorf("total = %d, want 106", total)
	}
}

// TestRefusedItemAsPublished compares one with the published example, member by
// member.
func TestRefusedItemAsPublished(t *testing.T) {
	t.Parallel()
	p := setup(t)
	r := p.post(lyondell+"/users", []map[string]string{{
		"email": "AdeleV@gmail.com", "firstName": "Adele", "lastName": "Vance", "title": "Mr.",
	}}).want(http.StatusMultiStatus)
	const want = `[{"id":null,"createdAt":null,"updatedAt":null,"status":400,` +
		`"error":{"title":"Bad Request","status":400,` +
		`"detail":"User's email address is not allowed for this company. It must be one of: lyondell.example, lyondell-fx.example",` +
		`"detailErrorCode":"40001"},` +
		`"email":"AdeleV@gmail.com","firstName":"Adele","lastName":"Vance","displayName":"Adele Vance",` +
		`"active":null,"phoneNumber":null,"department":null,"title":null,"location":null}]`
	if diff := cmp.Diff(want, string(r.body)); diff != "" {
		t.Errorf("refused item (-want +got):\n%s", diff)
	}
}

func TestCreateUsersInvalid(t *testing.T) {
	t.Parallel()
	p := setup(t)
	without := func(field string) []map[string]string {
		u := person("x@lyondell.example")
		delete(u, field)
		return []map[string]string{person("fine@lyondell.example"), u}
	}
	tests := map[string]any{
		"no JSON":           "[",
		"an object":         person("x@lyondell.example"),
		"null":              "null",
		"nobody":            "[]",
		"a null":            "[null]",
		"twenty-one":        people(21, "lyondell.example"),
		"no e-mail":         without("email"),
		"no first name":     without("firstName"),
		"no last name":      without("lastName"),
		"no address at all": []map[string]string{person("lyondell.example")},
		"a named address":   []map[string]string{person("Jane <x@lyondell.example>")},
		"two lines":         []map[string]string{person("x@lyondell.example\r\nBcc: y@lyondell.example")},
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := p.in(t)
			p.post(lyondell+"/users", body).refuses(http.StatusBadRequest, http.StatusBadRequest, "")
			if total := readPage(p, "?pageSize=1").Total; total != 105 {
				t.Errorf("total = %d, want 105: a refused request creates nobody", total)
			}
		})
	}
}

func TestTwentyUsersAtOnce(t *testing.T) {
	t.Parallel()
	p := setup(t)
	var items []wireUser
	p.post(lyondell+"/users", people(20, "lyondell.example")).want(http.StatusCreated).into(&items)
	ids := make([]int64, len(items))
	for i, item := range items {
		ids[i] = item.SymphonyUserID
	}
	slices.Sort(ids)
	if got := len(slices.Compact(ids)); got != 20 {
		t.Errorf("different Symphony ids = %d, want 20", got)
	}
}

func TestDisableAndEnable(t *testing.T) {
	t.Parallel()
	p := setup(t)
	total := readPage(p, "").Total
	for _, active := range []bool{false, false, true} {
		if r := p.patch(adele, map[string]bool{"active": active}).want(http.StatusOK); len(r.body) != 0 {
			t.Errorf("PATCH user answered %q, want an empty body", r.body)
		}
		if got := activeOf(p, adele); got != active {
			t.Errorf("active = %v, want %v", got, active)
		}
		if page := readPage(p, "?pageSize=1"); page.Total != total || page.Users[0].DisplayName != "Adele Vance" {
			t.Errorf("page = %v, want Adele in it, disabled or not", page)
		}
	}
	for _, body := range []any{"", "{}", `{"active":null}`, `{"active":"true"}`, `{"active":1}`, "[]"} {
		p.send(http.MethodPatch, adele, orSpace(body)).refuses(http.StatusBadRequest, http.StatusBadRequest, "")
	}
}

// orSpace keeps an empty body typed as JSON.
func orSpace(body any) any {
	if body == "" {
		return " "
	}
	return body
}

func TestUserOfNoOrAnotherCompany(t *testing.T) {
	t.Parallel()
	p := setup(t)
	adeleElsewhere := "/api/v2/companies/" + companies(p)["meridian"].ID + "/users/5bec2e8b-da45-46c7-9370-5669de1b1a78"
	for _, path := range []string{adeleElsewhere, lyondell + "/users/" + nobodyID, lyondell + "/users/x"} {
		p.get(path).refuses(http.StatusNotFound, http.StatusNotFound, "40106")
		p.patch(path, map[string]bool{"active": false}).refuses(http.StatusNotFound, http.StatusNotFound, "40106")
	}
	if !activeOf(p, adele) {
		t.Error("Adele was disabled through another company")
	}
}

// TestSameAddressAtOnce sends one address from many at the same time.
func TestSameAddressAtOnce(t *testing.T) {
	t.Parallel()
	p := setup(t)
	statuses := make(chan int)
	for range 20 {
		go func() {
			r, err := p.try(p.tb.Context(), http.MethodPost, lyondell+"/users", []map[string]string{person("one@lyondell.example")})
			if err != nil {
				t.Error(err)
			}
			statuses <- r.status
		}()
	}
	count := make(map[int]int)
	for range 20 {
		count[<-statuses]++
	}
	if diff := cmp.Diff(map[int]int{http.StatusCreated: 1, http.StatusMultiStatus: 19}, count); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

// FuzzCreateUsers holds that no body is an internal error, that the answer keeps
// to the contract, and that as many users are there as were said to be created.
func FuzzCreateUsers(f *testing.F) {
	for _, body := range []string{
		`[{"email":"a@lyondell.example","firstName":"A","lastName":"B"}]`,
		`[{"email":"a@lyondell.example","firstName":"A","lastName":"B"},{"email":"A@lyondell.example","firstName":"A","lastName":"B"}]`,
		`[{"email":"a@else.example","firstName":"\u0000","lastName":"\ud800"}]`,
		`[{"email":"\"a b\"@lyondell.example","firstName":"A","lastName":"B"}]`,
		`[null,{}]`, `{"users":[]}`, `[[[[`, `"x"`, `[{"email":5}]`, "\xff", ``,
	} {
		f.Add(body)
	}
	shared := setup(f)
	f.Fuzz(func(t *testing.T, body string) {
		p := new(*shared)
		p.tb = t
		before := readPage(p, "?pageSize=1").Total
		if body == "" {
			body = " "
		}
		r := p.post(lyondell+"/users", body)
		created := 0
		if r.status < 300 {
			var items []wireUser
			r.into(&items)
			for _, item := range items {
				if item.Status == http.StatusCreated {
					created++
				}
			}
		}
		if r.status >= 500 {
			t.Errorf("Create users with %q = %d, want no internal error", body, r.status)
		}
		if after := readPage(p, "?pageSize=1").Total; after != before+created {
			t.Errorf("total = %d, want %d", after, before+created)
		}
	})
}

// BenchmarkPage reads the last page of the largest seeded company.
func BenchmarkPage(b *testing.B) {
	s, err := sandbox.Open(b.Context(), sandbox.Options{Database: ":memory:"})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	handler := s.Handler()
	tokenBody, err := json.Marshal(credentials(nil))
	if err != nil {
		b.Fatal(err)
	}
	ask := func(method, path, token, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(b.Context(), method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(ask(http.MethodPost, "/oauth/token", "", string(tokenBody)).Body.Bytes(), &token); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if w := ask(http.MethodGet, lyondell+"/users?currentPage=119", token.AccessToken, ""); w.Code != http.StatusOK {
			b.Fatalf("page = %d, want 200", w.Code)
		}
	}
}
