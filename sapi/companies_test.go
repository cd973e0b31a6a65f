package sapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/sapi"
)

var lyondell = sapi.Company{
	ID:           companyID,
	CreatedAt:    time.Date(2023, 12, 22, 8, 53, 39, 269539000, time.UTC),
	UpdatedAt:    time.Date(2023, 12, 20, 10, 59, 54, 516494000, time.UTC),
	Name:         "Lyondell",
	VanityName:   "lyondell",
	EmailDomains: []string{"lyondell.com"},
	PublicURL:    "https://lyondell.on.symphony.com",
	State:        sapi.StateStarted,
}

func TestCompaniesList(t *testing.T) {
	t.Parallel()
	c := startChecked(t, newUpstream(map[string]http.HandlerFunc{
		"GET /prefix/api/v2/companies": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery != "" {
				t.Errorf("query = %q, want none", r.URL.RawQuery)
			}
			answer(w, 200, "["+published(t, "company")+","+published(t, "company_failed")+"]")
		},
	}))
	failed := lyondell
	failed.State = sapi.StateTenantCreationError
	failed.ErrorMessage = "Please contact Symphony support by providing the X-Trace-Id = KUfkYm"

	got, err := c.Companies.List(t.Context())
	if err != nil {
		t.Fatalf("List() = %v", err)
	}
	if diff := cmp.Diff([]sapi.Company{lyondell, failed}, got); diff != "" {
		t.Errorf("List() differs (-want +got):\n%s", diff)
	}
}

func TestCompaniesFindComparesExactly(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, answer string
		found        bool
	}{
		{"the one", "[" + published(t, "company") + "]", true},
		{"among others", `[{"id":"1","name":"n","vanityName":"lyondell-2","emailDomains":[],"state":"COMPLETED"},` + published(t, "company") + "]", true},
		{"only others", `[{"id":"1","name":"n","vanityName":"Lyondell","emailDomains":[],"state":"COMPLETED"}]`, false},
		{"none", "[]", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := startChecked(t, newUpstream(map[string]http.HandlerFunc{
				"GET /prefix/api/v2/companies": func(w http.ResponseWriter, r *http.Request) {
					if got := r.URL.Query().Get("vanityName"); got != "lyondell" {
						t.Errorf("vanityName = %q, want lyondell", got)
					}
					answer(w, 200, tt.answer)
				},
			}))
			got, found, err := c.Companies.Find(t.Context(), "lyondell")
			if err != nil || found != tt.found {
				t.Fatalf("Find(lyondell) = %v, %v, want %v", found, err, tt.found)
			}
			if found && !cmp.Equal(got, lyondell) {
				t.Errorf("Find(lyondell) differs:\n%s", cmp.Diff(lyondell, got))
			}
		})
	}
}

func TestCompaniesGet(t *testing.T) {
	t.Parallel()
	c := startChecked(t, newUpstream(map[string]http.HandlerFunc{
		"GET /prefix/api/v2/companies/" + companyID: answering(200, published(t, "company")),
		"GET /prefix/api/v2/companies/gone":         answering(404, published(t, "company_unavailable")),
	}))
	got, err := c.Companies.Get(t.Context(), companyID)
	if err != nil {
		t.Fatalf("Get() = %v", err)
	}
	if diff := cmp.Diff(lyondell, got); diff != "" {
		t.Errorf("Get() differs (-want +got):\n%s", diff)
	}
	if _, err := c.Companies.Get(t.Context(), "gone"); !sapi.IsNotFound(err) || !sapi.IsCompanyUnavailable(err) {
		t.Errorf("Get(gone) = %v, want not found", err)
	}
}

func TestCompaniesCreate(t *testing.T) {
	t.Parallel()
	c := startChecked(t, newUpstream(map[string]http.HandlerFunc{
		"POST /prefix/api/v2/companies": func(w http.ResponseWriter, r *http.Request) {
			wantBody(t, r, `{"name":"Lyondell","vanityName":"lyondell","emailDomains":["lyondell.com"]}`)
			answer(w, 202, published(t, "company"))
		},
	}))
	got, err := c.Companies.Create(t.Context(), sapi.NewCompany{
		Name: "Lyondell", VanityName: "lyondell", EmailDomains: []string{"lyondell.com"},
	})
	if err != nil {
		t.Fatalf("Create() = %v", err)
	}
	if diff := cmp.Diff(lyondell, got); diff != "" {
		t.Errorf("Create() differs (-want +got):\n%s", diff)
	}
}

func TestCompaniesCreateConflict(t *testing.T) {
	t.Parallel()
	c := startChecked(t, newUpstream(map[string]http.HandlerFunc{
		"POST /prefix/api/v2/companies": answering(409, `{"title":"Conflict","status":409,"detail":"Name is taken.","X-Trace-Id":"Jva4J2"}`),
	}))
	_, err := c.Companies.Create(t.Context(), sapi.NewCompany{
		Name: "Lyondell", VanityName: "lyondell", EmailDomains: []string{"lyondell.com"},
	})
	if !sapi.IsConflict(err) || !sapi.IsRefused(err) || sapi.IsUnknownOutcome(err) {
		t.Errorf("Create() = %v, want a refusal because of a conflict", err)
	}
}

func TestCompaniesAddDomains(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		status  int
		body    string
		changed bool
		is      func(error) bool
	}{
		{"added", 200, published(t, "company"), true, nil},
		{"added, without a body", 200, "", true, nil},
		{"all there", 304, "", false, nil},
		{"no such company", 404, published(t, "company_unavailable"), false, sapi.IsCompanyUnavailable},
		{"domain taken, though a 404", 404, published(t, "domain_taken"), false, func(err error) bool {
			return sapi.IsDomainTaken(err) && sapi.IsConflict(err) && !sapi.IsNotFound(err)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := startChecked(t, newUpstream(map[string]http.HandlerFunc{
				"PATCH /prefix/api/v2/companies/" + companyID: func(w http.ResponseWriter, r *http.Request) {
					wantBody(t, r, `{"emailDomains":["lyondell.com","lyondell.fr"]}`)
					answer(w, tt.status, tt.body)
				},
			}))
			changed, err := c.Companies.AddDomains(t.Context(), companyID, []string{"lyondell.com", "lyondell.fr"})
			if changed != tt.changed {
				t.Errorf("AddDomains() = %v, want %v", changed, tt.changed)
			}
			if tt.is == nil && err != nil || tt.is != nil && (!tt.is(err) || !sapi.IsRefused(err)) {
				t.Errorf("AddDomains() = %v", err)
			}
		})
	}
}

func TestCompanyState(t *testing.T) {
	t.Parallel()
	tests := []struct {
		state                          sapi.CompanyState
		known, ready, building, failed bool
	}{
		{sapi.StateStarted, true, false, true, false},
		{sapi.StateTenantCreated, true, false, true, false},
		{sapi.StateCompleted, true, true, false, false},
		{sapi.StateTenantCreationError, true, false, false, true},
		{sapi.StateAuth0ConfigError, true, false, false, true},
		{sapi.StateTenantConfigError, true, false, false, true},
		{"TENANT_MIGRATING", false, false, false, false},
		{"completed", false, false, false, false},
		{"", false, false, false, false},
	}
	for _, tt := range tests {
		s := tt.state
		got := []bool{s.Known(), s.Ready(), s.Building(), s.Failed()}
		want := []bool{tt.known, tt.ready, tt.building, tt.failed}
		if !cmp.Equal(got, want) {
			t.Errorf("%q: known, ready, building, failed = %v, want %v", s, got, want)
		}
	}
}

// startChecked is start, with every request and answer held against the description.
func startChecked(t *testing.T, u *upstream) *sapi.Client {
	t.Helper()
	return start(t, u, func(o *sapi.Options) { o.Transport = newChecked(t) })
}

// wantBody checks that a request's body is this JSON.
func wantBody(t *testing.T, r *http.Request, want string) {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Errorf("reading the request: %v", err)
	}
	if got := r.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type = %q, want application/json", got)
	}
	var g, w any
	if err := json.Unmarshal(body, &g); err != nil {
		t.Errorf("request is no JSON: %v", err)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("request differs (-want +got):\n%s", diff)
	}
}
