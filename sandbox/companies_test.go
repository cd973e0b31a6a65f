package sandbox_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/sandbox"
)

type company struct {
	ID, Name, VanityName, PublicURL, State, ErrorMessage string
	EmailDomains                                         []string
	CreatedAt, UpdatedAt                                 time.Time
}

func newCompany(name, vanityName string, domains ...string) map[string]any {
	return map[string]any{"name": name, "vanityName": vanityName, "emailDomains": domains}
}

func companies(p *partner) map[string]company {
	p.tb.Helper()
	var list []company
	p.get("/api/v2/companies").want(http.StatusOK).into(&list)
	byVanityName := make(map[string]company)
	for _, c := range list {
		byVanityName[c.VanityName] = c
	}
	return byVanityName
}

func readCompany(p *partner, path string) company {
	p.tb.Helper()
	var c company
	p.get(path).want(http.StatusOK).into(&c)
	return c
}

func stateOf(p *partner, path string) string { p.tb.Helper(); return readCompany(p, path).State }

// create makes a company and gives its path.
func create(p *partner, vanityName string) string {
	p.tb.Helper()
	var made company
	p.post("/api/v2/companies", newCompany("The "+vanityName, vanityName, vanityName+".example")).want(http.StatusAccepted).into(&made)
	return "/api/v2/companies/" + made.ID
}

func TestSearchCompanies(t *testing.T) {
	t.Parallel()
	p := setup(t)

	all := companies(p)
	if len(all) != 8 {
		t.Errorf("companies = %d, want 8", len(all))
	}
	for _, others := range []string{"corporate", "northwind", "lyondell-legacy", "quietharbour"} {
		if _, there := all[others]; there {
			t.Errorf("%s is listed, want only the partner's own companies", others)
		}
	}

	tests := []struct {
		vanityName string
		found      []string
	}{
		{"lyondell", []string{"lyondell"}},
		{"lyond", nil},
		{"LYONDELL", nil},
		{"northwind", nil},
		{"l'; DROP TABLE tenants", nil},
	}
	for _, test := range tests {
		var list []company
		r := p.get("/api/v2/companies?vanityName=" + url.QueryEscape(test.vanityName))
		r.want(http.StatusOK).into(&list)
		var found []string
		for _, c := range list {
			found = append(found, c.VanityName)
		}
		if diff := cmp.Diff(test.found, found); diff != "" {
			t.Errorf("vanityName=%s (-want +got):\n%s", test.vanityName, diff)
		}
		if len(found) == 0 && string(r.body) != "[]" {
			t.Errorf("vanityName=%s = %s, want []", test.vanityName, r.body)
		}
	}
	for _, bad := range []string{"", "x", strings.Repeat("x", 151)} {
		p.get("/api/v2/companies?vanityName="+bad).refuses(http.StatusBadRequest, http.StatusBadRequest, "")
	}
}

func TestCreateCompany(t *testing.T) {
	t.Parallel()
	p := setup(t)
	var made company
	p.post("/api/v2/companies", newCompany("  Acme & Sons ", "acme", "Acme.EXAMPLE", "acme-fx.example", "acme.example")).
		want(http.StatusAccepted).into(&made)
	want := company{
		ID: made.ID, Name: "Acme & Sons", VanityName: "acme", EmailDomains: []string{"acme.example", "acme-fx.example"},
		PublicURL: "https://acme.on.symphony.com", State: "STARTED", CreatedAt: p.clock.Now(), UpdatedAt: p.clock.Now(),
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, readCompany(p, "/api/v2/companies/"+made.ID)); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
}

func TestProvisioning(t *testing.T) {
	t.Parallel()
	tests := []struct {
		vanityName string
		states     [4]string // at the start, at 40 %, just before the end, at the end
		failed     bool
	}{
		{"acme", [4]string{"STARTED", "TENANT_CREATED", "TENANT_CREATED", "COMPLETED"}, false},
		{"a-fail-tenant", [4]string{"STARTED", "TENANT_CREATION_ERROR", "TENANT_CREATION_ERROR", "TENANT_CREATION_ERROR"}, true},
		{"a-fail-auth0", [4]string{"STARTED", "TENANT_CREATED", "TENANT_CREATED", "AUTH0_CONFIG_ERROR"}, true},
		{"a-fail-config", [4]string{"STARTED", "TENANT_CREATED", "TENANT_CREATED", "TENANT_CONFIG_ERROR"}, true},
		{"stuck-for-ever", [4]string{"STARTED", "STARTED", "STARTED", "STARTED"}, false},
	}
	p := setup(t)
	start := p.clock.Now()
	at := []time.Duration{0, 8 * time.Second, 20*time.Second - time.Microsecond, 20 * time.Second}
	paths := make([]string, len(tests))
	for i, test := range tests {
		paths[i] = create(p, test.vanityName)
	}
	for step, after := range at {
		p.clock.Advance(start.Add(after).Sub(p.clock.Now()))
		for i, test := range tests {
			c := readCompany(p, paths[i])
			if c.State != test.states[step] {
				t.Errorf("%s after %v = %s, want %s", test.vanityName, after, c.State, test.states[step])
			}
			told := strings.HasPrefix(c.ErrorMessage, "Please contact Symphony support by providing the X-Trace-Id = ")
			if wantTold := test.failed && strings.HasSuffix(c.State, "_ERROR"); told != wantTold {
				t.Errorf("%s after %v: errorMessage = %q, want it only when it has failed", test.vanityName, after, c.ErrorMessage)
			}
		}
	}
	if got, want := readCompany(p, paths[0]).UpdatedAt, start.Add(20*time.Second); !got.Equal(want) {
		t.Errorf("updatedAt = %v, want the time of completion %v", got, want)
	}
}

func TestProvisioningTimeIsOfTheCompany(t *testing.T) {
	t.Parallel()
	p := setup(t, func(o *sandbox.Options) { o.Provisioning = time.Hour })
	slow := create(p, "slow")
	p.faults.Set(func(s *sandbox.Settings) { s.Provisioning = time.Second })
	quick := create(p, "quick")
	p.clock.Advance(time.Second)
	if got := [2]string{stateOf(p, slow), stateOf(p, quick)}; got != [2]string{"STARTED", "COMPLETED"} {
		t.Errorf("states = %v, want STARTED and COMPLETED", got)
	}
}

func TestCreateCompanyInvalid(t *testing.T) {
	t.Parallel()
	p := setup(t)
	eleven := make([]string, 11)
	for i := range eleven {
		eleven[i] = fmt.Sprintf("acme%d.example", i)
	}
	tests := map[string]any{
		"no JSON":                 "{",
		"nothing":                 "{}",
		"null":                    "null",
		"an array":                "[]",
		"name too short":          newCompany("A", "acme", "acme.example"),
		"name of blanks":          newCompany("   ", "acme", "acme.example"),
		"name too long":           newCompany(strings.Repeat("é", 101), "acme", "acme.example"),
		"vanity name too short":   newCompany("Acme", "a", "acme.example"),
		"vanity name too long":    newCompany("Acme", strings.Repeat("a", 64), "acme.example"),
		"vanity name upper case":  newCompany("Acme", "Acme", "acme.example"),
		"vanity name with a dot":  newCompany("Acme", "ac.me", "acme.example"),
		"vanity name ends in -":   newCompany("Acme", "acme-", "acme.example"),
		"vanity name begins in -": newCompany("Acme", "-acme", "acme.example"),
		"vanity name and a line":  newCompany("Acme", "acme\n", "acme.example"),
		"no domain":               newCompany("Acme", "acme"),
		"eleven domains":          newCompany("Acme", "acme", eleven...),
		"domain without a dot":    newCompany("Acme", "acme", "acme"),
		"domain with an @":        newCompany("Acme", "acme", "x@acme.example"),
		"domain that is a URL":    newCompany("Acme", "acme", "https://acme.example"),
		"domain that is a number": newCompany("Acme", "acme", "127.0.0.1"),
		"empty domain":            newCompany("Acme", "acme", ""),
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p.in(t).post("/api/v2/companies", body).refuses(http.StatusBadRequest, http.StatusBadRequest, "")
		})
	}

	longest := newCompany(strings.Repeat("é", 100), strings.Repeat("a", 63), eleven[:10]...)
	p.post("/api/v2/companies", longest).want(http.StatusAccepted)
}

func TestCreateCompanyConflicts(t *testing.T) {
	t.Parallel()
	p := setup(t)
	before := companies(p)
	tests := []struct {
		name   string
		body   map[string]any
		status int
		code   string
		says   string
	}{
		{"our name", newCompany("lyondell TRADING", "acme", "acme.example"), http.StatusConflict, "", "same name"},
		{"a customer's name", newCompany("Corporate Holdings", "acme", "acme.example"), http.StatusConflict, "", "same name"},
		{"our vanity name", newCompany("Acme", "lyondell", "acme.example"), http.StatusConflict, "", "same vanity name"},
		{"another partner's vanity name", newCompany("Acme", "northwind", "acme.example"), http.StatusConflict, "", "same vanity name"},
		{"our domain", newCompany("Acme", "acme", "acme.example", "LYONDELL-fx.example"), http.StatusNotFound, "40103", "lyondell-fx.example"},
		{"another partner's domain", newCompany("Acme", "acme", "northwind.example"), http.StatusNotFound, "40103", "northwind.example"},
		{"a hidden tenant's domain", newCompany("Acme", "acme", "quietharbour.example"), http.StatusNotFound, "40103", "quietharbour.example"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := p.in(t)
			detail := p.post("/api/v2/companies", test.body).refuses(test.status, test.status, test.code)
			if !strings.Contains(detail, test.says) {
				t.Errorf("detail = %q, want it to say %q", detail, test.says)
			}
			if diff := cmp.Diff(before, companies(p)); diff != "" {
				t.Errorf("a refused company changed the list (-before +after):\n%s", diff)
			}
		})
	}
}

func TestRetrieveCompanyThatIsNotOurs(t *testing.T) {
	t.Parallel()
	p := setup(t)
	for _, id := range []string{nobodyID, "x", "%00", strings.Repeat("x", 10_000), "lyondell"} {
		p.get("/api/v2/companies/"+id).refuses(http.StatusNotFound, http.StatusNotFound, "40102")
	}
}

func TestAddDomains(t *testing.T) {
	t.Parallel()
	p := setup(t)
	domains := func(list ...string) map[string]any { return map[string]any{"emailDomains": list} }
	was := readCompany(p, lyondell)
	p.clock.Advance(time.Hour)

	r := p.patch(lyondell, domains("lyondell-fx.example", "LYONDELL.example")).want(http.StatusNotModified)
	if len(r.body) != 0 {
		t.Errorf("304 with the body %q, want none", r.body)
	}
	if diff := cmp.Diff(was, readCompany(p, lyondell)); diff != "" {
		t.Errorf("a 304 changed the company (-before +after):\n%s", diff)
	}

	p.patch(lyondell, domains("lyondell.example", "Lyondell-New.example")).want(http.StatusOK)
	want := was
	want.EmailDomains = []string{"lyondell.example", "lyondell-fx.example", "lyondell-new.example"}
	want.UpdatedAt = p.clock.Now()
	if diff := cmp.Diff(want, readCompany(p, lyondell)); diff != "" {
		t.Errorf("after adding (-want +got):\n%s", diff)
	}
	p.post(lyondell+"/users", []map[string]string{person("x@lyondell-new.example")}).want(http.StatusCreated)

	detail := p.patch(lyondell, domains("fresh.example", "meridian.example")).refuses(http.StatusNotFound, http.StatusNotFound, "40103")
	if !strings.Contains(detail, "meridian.example") || strings.Contains(detail, "fresh.example") {
		t.Errorf("detail = %q, want it to name meridian.example alone", detail)
	}
	p.patch(lyondell, domains("corporate.example")).refuses(http.StatusNotFound, http.StatusNotFound, "40103")
	for _, body := range []any{"{}", "[]", domains(), domains("nonsense"), domains(slices.Repeat([]string{"a.example"}, 11)...)} {
		p.patch(lyondell, body).refuses(http.StatusBadRequest, http.StatusBadRequest, "")
	}
	if diff := cmp.Diff(want, readCompany(p, lyondell)); diff != "" {
		t.Errorf("refused domains changed the company (-before +after):\n%s", diff)
	}
}

func TestTenDomainsAtMost(t *testing.T) {
	t.Parallel()
	p := setup(t)
	full := "/api/v2/companies/" + companies(p)["concordia"].ID
	p.patch(full, map[string][]string{"emailDomains": {"eleventh.example"}}).refuses(http.StatusBadRequest, http.StatusBadRequest, "")
	p.patch(full, map[string][]string{"emailDomains": {"concordia.example"}}).want(http.StatusNotModified)
	if got := len(readCompany(p, full).EmailDomains); got != 10 {
		t.Errorf("domains = %d, want 10", got)
	}
}

func TestOnlyACompletedCompanyCanDoAnything(t *testing.T) {
	t.Parallel()
	p := setup(t)
	paths := map[string]string{"nobody's": "/api/v2/companies/" + nobodyID}
	if err := p.faults.SetCompanyState(t.Context(), companies(p)["vega"].ID, "TENANT_MIGRATING", ""); err != nil {
		t.Fatal(err)
	}
	for _, vanityName := range []string{"oresund", "socgen", "vega"} {
		paths[vanityName] = "/api/v2/companies/" + companies(p)[vanityName].ID
	}
	for name, path := range paths {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			people := []map[string]string{person("a@generique.example")}
			p.get(path+"/users").refuses(http.StatusNotFound, http.StatusNotFound, "40102")
			p.get(path+"/users/"+nobodyID).refuses(http.StatusNotFound, http.StatusNotFound, "40102")
			p.patch(path, map[string][]string{"emailDomains": {"fresh.example"}}).refuses(http.StatusNotFound, http.StatusNotFound, "40102")
			p.patch(path+"/users/"+nobodyID, map[string]bool{"active": true}).refuses(http.StatusNotFound, http.StatusNotFound, "40102")
			p.post(path+"/users", people).refuses(http.StatusBadRequest, http.StatusNotFound, "40102")
		})
	}
}
