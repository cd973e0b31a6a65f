package sapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"foyer/sapi"
)

// page answers with the people numbered from first up to, but not including, end,
// and says this total and this size of its own, in JSON, if any.
func page(w http.ResponseWriter, total, size any, first, end int) {
	rows := []string{}
	for i := first; i < end; i++ {
		rows = append(rows, fmt.Sprintf(`{"id":"u%d","email":"u%d@x"}`, i, i))
	}
	members := `"users":[` + strings.Join(rows, ",") + `]`
	if total != nil {
		members += fmt.Sprintf(`,"total":%v`, total)
	}
	if size != nil {
		members += fmt.Sprintf(`,"pageSize":%v`, size)
	}
	answer(w, 200, "{"+members+"}")
}

// paging serves so many people page by page, with this total.
func paging(people int, total any) func(w http.ResponseWriter, n, size int) {
	return func(w http.ResponseWriter, n, size int) {
		page(w, total, size, min(n*size, people), min(n*size+size, people))
	}
}

// Rows count, and totals don't.
func TestUsersAll(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		serve      func(w http.ResponseWriter, n, size int)
		want       int // users
		requests   int64
		incomplete bool
	}{
		{"three pages", paging(25, 25), 25, 3, false},
		{"a full last page", paging(20, 20), 20, 3, false},
		{"nobody", paging(0, 0), 0, 1, false},
		{"a total of nothing", paging(30, 0), 30, 4, false},
		{"a total that lags by one at a page's border", paging(21, 20), 21, 3, false},
		{"a total that is too low", paging(25, 7), 25, 3, false},
		{"a total that is too high", paging(25, 30), 25, 4, false},
		{"no total", paging(25, nil), 25, 3, false},
		{"a null total", paging(25, "null"), 25, 3, false},
		{"a negative total", paging(25, -1), 25, 3, false},
		{"a total in words", paging(25, `"many"`), 25, 3, false},
		{"pages smaller than asked for", func(w http.ResponseWriter, n, _ int) {
			page(w, 25, 5, min(n*5, 25), min(n*5+5, 25))
		}, 25, 6, false},
		{"pages smaller than asked for, of a server that does not say so", func(w http.ResponseWriter, n, size int) {
			page(w, 25, size, min(n*5, 25), min(n*5+5, 25))
		}, 25, 5, false},
		{"pages that don't say their size", func(w http.ResponseWriter, n, size int) {
			page(w, nil, nil, min(n*size, 25), min(n*size+size, 25))
		}, 25, 3, false},
		{"page and size swapped", func(w http.ResponseWriter, n, size int) {
			page(w, 25, n, min(n*size, 25), min(n*size+size, 25))
		}, 25, 4, false},
		{"a size that is none", func(w http.ResponseWriter, n, size int) {
			page(w, 25, -3, min(n*size, 25), min(n*size+size, 25))
		}, 25, 3, false},
		{"a full page with holes", func(w http.ResponseWriter, n, size int) {
			if n == 0 {
				answer(w, 200, `{"users":[null,{},{"id":"v1"},null,null,null,null,null,null,null]}`)
				return
			}
			page(w, nil, nil, min(n*size, 25), min(n*size+size, 25))
		}, 16, 3, false},
		{"pages counted from one", func(w http.ResponseWriter, n, size int) { paging(25, 25)(w, max(n, 1)-1, size) }, 25, 4, false},
		{"a full page counted from one", func(w http.ResponseWriter, n, size int) { paging(10, 10)(w, max(n, 1)-1, size) }, 10, 3, false},
		{"somebody is added meanwhile", func(w http.ResponseWriter, n, size int) { paging(25+n, 25+n)(w, n, size) }, 27, 3, false},
		{"pages that overlap", func(w http.ResponseWriter, n, size int) {
			page(w, 25, size, min(n*(size-1), 25), min(n*(size-1)+size, 25))
		}, 25, 3, false},
		{"always the first page", func(w http.ResponseWriter, _, size int) { page(w, 25, size, 0, size) }, 10, 3, true},
		{"always the first page, with no total", func(w http.ResponseWriter, _, size int) { page(w, nil, size, 0, size) }, 10, 3, true},
		{"always the first page, not full", func(w http.ResponseWriter, _, size int) { page(w, 25, size, 0, 7) }, 7, 3, false},
		{"no end", func(w http.ResponseWriter, n, _ int) { page(w, 1<<40, 1, n, n+1) }, 5000, 5000, true},
		{"no end and no total", func(w http.ResponseWriter, n, _ int) { page(w, 0, 1, n, n+1) }, 5000, 5000, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			u := newUpstream(map[string]http.HandlerFunc{
				"GET " + usersPath: func(w http.ResponseWriter, r *http.Request) {
					requests.Add(1)
					n, _ := strconv.Atoi(r.URL.Query().Get("currentPage"))
					size, _ := strconv.Atoi(r.URL.Query().Get("pageSize"))
					tt.serve(w, n, size)
				},
			})
			o := u.options("http://localhost")
			o.Observe = nil
			o.Transport = roundTripper(func(r *http.Request) (*http.Response, error) { // no network: thousands of pages
				w := httptest.NewRecorder()
				u.ServeHTTP(w, r)
				return w.Result(), nil
			})
			c := newClient(t, o)
			seen := map[string]bool{}
			var last error
			for u, err := range c.Users.All(t.Context(), companyID, 10) {
				if last != nil {
					t.Fatal("All() goes on after an error")
				}
				last = err
				if err == nil && seen[u.ID] {
					t.Errorf("All() yields %s twice", u.ID)
				}
				if err == nil {
					seen[u.ID] = true
				}
			}
			if len(seen) != tt.want || requests.Load() != tt.requests {
				t.Errorf("All() = %d users in %d requests, want %d in %d", len(seen), requests.Load(), tt.want, tt.requests)
			}
			if sapi.IsIncomplete(last) != tt.incomplete || !tt.incomplete && last != nil {
				t.Errorf("All() ends with %v, want incomplete = %v", last, tt.incomplete)
			}
		})
	}
}

func TestUsersAllStopsAfterAnError(t *testing.T) {
	t.Parallel()
	c := start(t, newUpstream(map[string]http.HandlerFunc{
		"GET " + usersPath: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("currentPage") != "0" {
				answer(w, 404, published(t, "company_unavailable"))
				return
			}
			page(w, 25, 10, 0, 10)
		},
	}), nil)
	var users, errs int
	for _, err := range c.Users.All(t.Context(), companyID, 10) {
		if err == nil {
			users++
			continue
		}
		errs++
		if !sapi.IsCompanyUnavailable(err) {
			t.Errorf("All() ends with %v, want 40102", err)
		}
	}
	if users != 10 || errs != 1 {
		t.Errorf("All() = %d users and %d errors, want 10 and 1", users, errs)
	}
}

func TestUsersAllReadsNoFurtherThanWanted(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	c := start(t, newUpstream(map[string]http.HandlerFunc{
		"GET " + usersPath: func(w http.ResponseWriter, _ *http.Request) { requests.Add(1); page(w, 25, 10, 0, 10) },
	}), nil)
	for _, err := range c.Users.All(t.Context(), companyID, 10) {
		if err != nil {
			t.Errorf("All() = %v", err)
		}
		break
	}
	if got := requests.Load(); got != 1 {
		t.Errorf("%d requests, want 1", got)
	}
}

// Pages come whole, with what is on two of them on both, from the wanted one on.
func TestUsersPages(t *testing.T) {
	t.Parallel()
	c := start(t, newUpstream(map[string]http.HandlerFunc{"GET " + usersPath: func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("currentPage"))
		page(w, 24, 10, min(n*9, 24), min(n*9+10, 24))
	}}), nil)
	for first, want := range map[int]string{0: "0: u0–u9, 1: u9–u18, 2: u18–u23", 2: "2: u18–u23", 7: "7: nobody"} {
		var got []string
		for page, err := range c.Users.Pages(t.Context(), companyID, sapi.PageOptions{Page: first, Size: 10}) {
			total := int64(24)
			if page.Page == 2 {
				total = 26 // six rows behind twenty: the total is too low for them
			}
			if err != nil || page.Size != 10 || page.Total != total || page.AtLeast {
				t.Errorf("Pages() = %+v, %v, want size 10 and a total of %d", page, err, total)
			}
			people := "nobody"
			if n := len(page.Users); n > 0 {
				people = page.Users[0].ID + "–" + page.Users[n-1].ID
			}
			got = append(got, fmt.Sprint(page.Page, ": ", people))
		}
		if got := strings.Join(got, ", "); got != want {
			t.Errorf("Pages() from %d = %s, want %s", first, got, want)
		}
	}
	for page, err := range c.Users.Pages(t.Context(), companyID, sapi.PageOptions{Size: 101}) {
		if !sapi.IsInvalid(err) {
			t.Errorf("Pages() of 101 = %+v, %v, want it invalid", page, err)
		}
	}
}

// The stand-in's lists end, and All has everybody, whatever the size of a page.
func TestUsersAllOfTheStandIn(t *testing.T) {
	t.Parallel()
	c, _ := standIn(t)
	company := someCompany(t, c)
	first, err := c.Users.List(t.Context(), company.ID, sapi.PageOptions{})
	if err != nil || first.Total < 2 {
		t.Fatalf("List() = %+v, %v, want several people", first, err)
	}
	for _, size := range []int{1, 2, int(min(first.Total, 100)), 100} {
		seen := 0
		for u, err := range c.Users.All(t.Context(), company.ID, size) {
			if err != nil {
				t.Fatalf("All() by %d = %+v, %v", size, u, err)
			}
			seen++
		}
		if int64(seen) != first.Total {
			t.Errorf("All() by %d = %d people, want %d", size, seen, first.Total)
		}
	}
}

// A page without a list of users is no empty page, unless there are none at all.
func TestUserPagesThatAreNone(t *testing.T) {
	t.Parallel()
	for body, ok := range map[string]bool{
		`{}`: false, `{"total":3}`: false, `{"total":3,"users":null}`: false, `{"users":null}`: false,
		`{"total":3,"users":{}}`: false,
		`{"total":0}`:            true, `{"total":0,"users":null}`: true, `{"users":[]}`: true, `{"total":2,"users":[null,7,{}]}`: true,
	} {
		c := start(t, newUpstream(map[string]http.HandlerFunc{"GET " + usersPath: answering(200, body)}), nil)
		page, err := c.Users.List(t.Context(), companyID, sapi.PageOptions{})
		if (err == nil) != ok || len(page.Users) != 0 {
			t.Errorf("List() of %s = %+v, %v, want an empty page: %v", body, page, err, ok)
		}
	}
}

// What was received counts, whatever Symphony says of how many there are.
func TestATotalIsBelievedAsFarAsRowsDontContradictIt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		total   any
		number  int // of the page, of ten
		rows    int
		want    int64
		atLeast bool
	}{
		{20, 0, 10, 20, false},
		{"20.0", 0, 10, 20, false},
		{`"20"`, 0, 10, 20, false},
		{`" 20 "`, 0, 10, 20, false},
		{"2e1", 0, 10, 20, false},
		{10, 0, 10, 10, false},
		{nil, 0, 10, 10, true},
		{"null", 0, 10, 10, true},
		{0, 0, 10, 10, true},
		{-1, 0, 10, 10, true},
		{"20.5", 0, 10, 10, true},
		{`"many"`, 0, 10, 10, true},
		{"1e300", 0, 10, 10, true},
		{"{}", 0, 10, 10, true},
		{9, 0, 10, 10, true},
		{nil, 1, 10, 20, true},
		{nil, 1, 3, 13, false},
		{0, 0, 3, 3, false},
		{-1, 0, 3, 3, false},
		{4, 0, 3, 3, true},
		{0, 0, 0, 0, false},
		{-1, 0, 0, 0, false},
		{20, 0, 0, 20, false},
		{nil, 7, 0, 0, false},
	}
	for _, tt := range tests {
		c := start(t, newUpstream(map[string]http.HandlerFunc{
			"GET " + usersPath: func(w http.ResponseWriter, _ *http.Request) { page(w, tt.total, nil, 0, tt.rows) },
		}), nil)
		got, err := c.Users.List(t.Context(), companyID, sapi.PageOptions{Page: tt.number, Size: 10})
		if err != nil || got.Total != tt.want || got.AtLeast != tt.atLeast {
			t.Errorf("%d rows on page %d with the total %v: %d, at least %v, %v; want %d, %v", tt.rows, tt.number, tt.total, got.Total, got.AtLeast, err, tt.want, tt.atLeast)
		}
	}
}
