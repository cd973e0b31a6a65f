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
// and says this total.
func page(w http.ResponseWriter, total, first, end int) {
	var rows []string
	for i := first; i < end; i++ {
		rows = append(rows, fmt.Sprintf(`{"id":"u%d","email":"u%d@x"}`, i, i))
	}
	answer(w, 200, fmt.Sprintf(`{"total":%d,"pageSize":1,"currentPage":1,"users":[%s]}`, total, strings.Join(rows, ",")))
}

func TestUsersAll(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		serve      func(w http.ResponseWriter, n, size int)
		want       int // users
		requests   int64
		incomplete bool
	}{
		{"three pages", func(w http.ResponseWriter, n, size int) {
			page(w, 25, min(n*size, 25), min(n*size+size, 25))
		}, 25, 3, false},
		{"a full last page", func(w http.ResponseWriter, n, size int) {
			page(w, 20, min(n*size, 20), min(n*size+size, 20))
		}, 20, 2, false},
		{"nobody", func(w http.ResponseWriter, _, _ int) { page(w, 0, 0, 0) }, 0, 1, false},
		{"no total", func(w http.ResponseWriter, n, size int) {
			page(w, 0, min(n*size, 25), min(n*size+size, 25))
		}, 25, 4, false},
		{"pages smaller than asked for", func(w http.ResponseWriter, n, _ int) {
			page(w, 25, min(n*5, 25), min(n*5+5, 25))
		}, 25, 5, false},
		{"pages counted from one", func(w http.ResponseWriter, n, size int) {
			n = max(n, 1) - 1
			page(w, 25, min(n*size, 25), min(n*size+size, 25))
		}, 25, 4, false},
		{"somebody is added meanwhile", func(w http.ResponseWriter, n, size int) {
			total := 25 + n
			page(w, total, min(n*size, total), min(n*size+size, total))
		}, 27, 3, false},
		{"pages that overlap", func(w http.ResponseWriter, n, size int) {
			page(w, 25, min(n*(size-1), 25), min(n*(size-1)+size, 25))
		}, 25, 3, false},
		{"always the first page", func(w http.ResponseWriter, _, size int) {
			page(w, 25, 0, size)
		}, 10, 3, true},
		{"a total that is too high", func(w http.ResponseWriter, n, size int) {
			page(w, 30, min(n*size, 25), min(n*size+size, 25))
		}, 25, 4, true},
		{"a total that is too low", func(w http.ResponseWriter, n, size int) {
			page(w, 7, min(n*size, 25), min(n*size+size, 25))
		}, 25, 4, false},
		{"no end", func(w http.ResponseWriter, n, _ int) {
			page(w, 1<<40, n, n+1)
		}, 5000, 5000, true},
		{"no end and no total", func(w http.ResponseWriter, n, _ int) {
			page(w, 0, n, n+1)
		}, 5000, 5000, true},
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
			page(w, 25, 0, 10)
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
		"GET " + usersPath: func(w http.ResponseWriter, _ *http.Request) { requests.Add(1); page(w, 25, 0, 10) },
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
