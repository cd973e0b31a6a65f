package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foyer/sandbox"
)

func add(t *testing.T, p *partner, rule sandbox.Rule) {
	t.Helper()
	if _, err := p.faults.Add(rule); err != nil {
		t.Fatalf("Add(%v) = %v, want no error", rule, err)
	}
}

var onCreateUsers = sandbox.Match{Operation: "createUsers"}

// TestFaults injects each kind into a Create users of two people, and looks at
// the answer, at what was done and at what is remembered.
func TestFaults(t *testing.T) {
	t.Parallel()
	html := http.Header{"Content-Type": {"text/html; charset=utf-8"}}
	asJSON := http.Header{"Content-Type": {"application/json"}}
	tests := []struct {
		name   string
		rule   sandbox.Rule
		status int
		header http.Header
		body   func(string) bool
		worked bool
	}{
		{"status", sandbox.Rule{Kind: sandbox.KindStatus, Status: 418}, 418, asJSON, has(`"status":418`), false},
		{"status by default", sandbox.Rule{Kind: sandbox.KindStatus}, 503, asJSON, has(`"status":503`), false},
		{"status with a body", sandbox.Rule{Kind: sandbox.KindStatus, Body: "oops"}, 503, asJSON, is("oops"), false},
		{"status after the work", sandbox.Rule{Kind: sandbox.KindStatus, Status: 500, Work: true}, 500, asJSON, has(`"status":500`), true},
		{"retry after", sandbox.Rule{Kind: sandbox.KindRetryAfter, RetryAfter: "garbage"}, 429, http.Header{"Retry-After": {"garbage"}}, has(`"status":429`), false},
		{"retry after by default", sandbox.Rule{Kind: sandbox.KindRetryAfter, Status: 503}, 503, http.Header{"Retry-After": {"1"}}, has(`"status":503`), false},
		{"HTML", sandbox.Rule{Kind: sandbox.KindHTML}, 502, html, has("502 Bad Gateway"), false},
		{"HTML after the work", sandbox.Rule{Kind: sandbox.KindHTML, Work: true}, 502, html, has("502 Bad Gateway"), true},
		{"redirect", sandbox.Rule{Kind: sandbox.KindRedirect}, 302, http.Header{"Location": {"https://elsewhere.invalid/"}}, is(""), false},
		{"redirect elsewhere", sandbox.Rule{Kind: sandbox.KindRedirect, Status: 307, Location: "/x"}, 307, http.Header{"Location": {"/x"}}, is(""), false},
		{"latency", sandbox.Rule{Kind: sandbox.KindLatency, Delay: time.Millisecond}, 201, asJSON, emails("jane0", "jane1"), true},
		{"truncated", sandbox.Rule{Kind: sandbox.KindTruncated}, 201, asJSON, halved, true},
		{"empty", sandbox.Rule{Kind: sandbox.KindEmpty}, 201, asJSON, is(""), true},
		{"wrong type", sandbox.Rule{Kind: sandbox.KindWrongType}, 201, html, has("<!doctype html>"), true},
		{"reorder", sandbox.Rule{Kind: sandbox.KindReorder}, 201, asJSON, emails("jane1", "jane0"), true},
		{"drop items", sandbox.Rule{Kind: sandbox.KindDropItems}, 201, asJSON, emails("jane1"), true},
		{"null items", sandbox.Rule{Kind: sandbox.KindNullItems}, 201, asJSON, emails("", "jane1"), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := setup(t)
			test.rule.Match = onCreateUsers
			add(t, p, test.rule)

			r, err := p.try(t.Context(), http.MethodPost, lyondell+"/users", people(2, "lyondell.example"))
			if err != nil {
				t.Fatalf("Create users = %v, want an answer", err)
			}
			if r.status != test.status || !test.body(string(r.body)) {
				t.Errorf("answer = %d %q, want %d and another body", r.status, r.body, test.status)
			}
			for name := range test.header {
				if got, want := r.header.Get(name), test.header.Get(name); got != want {
					t.Errorf("%s = %q, want %q", name, got, want)
				}
			}
			wantWork(t, p, test.rule.Kind, test.worked)
		})
	}
}

func has(part string) func(string) bool {
	return func(body string) bool { return strings.Contains(body, part) }
}

func is(whole string) func(string) bool {
	return func(body string) bool { return body == whole }
}

func halved(body string) bool {
	return strings.HasPrefix(body, `[{"id":`) && !strings.HasSuffix(body, "]")
}

// emails wants the items to be of these people, "" for null.
func emails(locals ...string) func(string) bool {
	return func(body string) bool {
		var items []*struct{ Email string }
		if json.Unmarshal([]byte(body), &items) != nil {
			return false
		}
		var got []string
		for _, item := range items {
			local := ""
			if item != nil {
				local, _, _ = strings.Cut(item.Email, "@")
			}
			got = append(got, local)
		}
		return cmp.Equal(locals, got)
	}
}

// wantWork looks whether the two people of a faulty Create users are there, and
// whether the ledger of calls says the same.
func wantWork(t *testing.T, p *partner, kind sandbox.Kind, worked bool) {
	t.Helper()
	p.faults.Clear()
	total, created := 105, 0
	if worked {
		total, created = 107, 2
	}
	if got := readPage(p, "").Total; got != total {
		t.Errorf("total after the fault = %d, want %d", got, total)
	}
	calls, err := p.faults.Calls(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range calls {
		if c.Operation != "createUsers" {
			if c.Fault != "" {
				t.Errorf("%s met %s, want it left alone", c.Operation, c.Fault)
			}
			continue
		}
		if c.Fault != kind || c.Applied != worked || c.Created != created {
			t.Errorf("call = %+v, want fault %s, applied %v and %d created", c, kind, worked, created)
		}
	}
}

// TestLostConnections covers the faults that leave the client without an answer.
func TestLostConnections(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind   sandbox.Kind
		worked bool
	}{
		{sandbox.KindCloseBefore, false},
		{sandbox.KindCloseAfter, true},
		{sandbox.KindCloseDuring, true},
	}
	for _, test := range tests {
		t.Run(string(test.kind), func(t *testing.T) {
			t.Parallel()
			p := setup(t)
			add(t, p, sandbox.Rule{Match: onCreateUsers, Kind: test.kind})
			r, err := p.try(t.Context(), http.MethodPost, lyondell+"/users", people(2, "lyondell.example"))
			if err == nil {
				t.Errorf("Create users = %d %q, want the connection lost", r.status, r.body)
			}
			if started := r.status == http.StatusCreated && len(r.body) > 0; started != (test.kind == sandbox.KindCloseDuring) {
				t.Errorf("of the answer came %d %q", r.status, r.body)
			}
			if test.kind == sandbox.KindCloseDuring && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("error = %v, want %v", err, io.ErrUnexpectedEOF)
			}
			wantWork(t, p, test.kind, test.worked)
		})
	}
}

// direct asks the handler without a network, inside a bubble of fake time. It
// gives nil when the connection was dropped.
func direct(ctx context.Context, s *sandbox.Sandbox, method, path, token, body string) (w *httptest.ResponseRecorder) {
	defer func() {
		if thrown := recover(); thrown != nil {
			if err, ok := thrown.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(thrown)
			}
			w = nil
		}
	}()
	r := httptest.NewRequestWithContext(ctx, method, path, bytes.NewBufferString(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	w = httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

func openInBubble(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Open(t.Context(), sandbox.Options{Database: ":memory:", Seed: sandbox.SeedSmall})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

const podOfAdele = "/webcontroller/podLoginInformation?emailAddress=adele.vance@lyondell.example"

func TestLatencyTakesItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := openInBubble(t)
		if _, err := s.Faults().Add(sandbox.Rule{Kind: sandbox.KindLatency, Delay: time.Hour}); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		w := direct(t.Context(), s, http.MethodGet, podOfAdele, "", "")
		if w == nil || w.Code != http.StatusOK || time.Since(start) != time.Hour {
			t.Errorf("answer = %v after %v, want 200 after 1h", w, time.Since(start))
		}
	})
}

// TestHeldRequests covers what ends a request that would be held for ever.
func TestHeldRequests(t *testing.T) {
	t.Parallel()
	for _, rule := range []sandbox.Rule{
		{Kind: sandbox.KindNoAnswer},
		{Kind: sandbox.KindLatency, Delay: 1000 * time.Hour},
	} {
		t.Run(string(rule.Kind)+", the client goes away", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := openInBubble(t)
				if _, err := s.Faults().Add(rule); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				start := time.Now()
				if w := direct(ctx, s, http.MethodGet, podOfAdele, "", ""); w != nil || time.Since(start) != time.Minute {
					t.Errorf("answer = %v after %v, want none after 1m", w, time.Since(start))
				}
				calls, err := s.Faults().Calls(t.Context())
				if err != nil || len(calls) != 1 || calls[0].Status != 0 || calls[0].Fault != rule.Kind {
					t.Errorf("Calls() = %v, %v; want one without an answer", calls, err)
				}
			})
		})
		t.Run(string(rule.Kind)+", the sandbox is closed", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := openInBubble(t)
				if _, err := s.Faults().Add(rule); err != nil {
					t.Fatal(err)
				}
				time.AfterFunc(time.Minute, func() { _ = s.Close() })
				if w := direct(t.Context(), s, http.MethodGet, podOfAdele, "", ""); w != nil {
					t.Errorf("answer = %v, want none", w)
				}
			})
		})
	}
}

func TestNoAnswerAfterTheWork(t *testing.T) {
	t.Parallel()
	p := setup(t)
	add(t, p, sandbox.Rule{Match: onCreateUsers, Kind: sandbox.KindNoAnswer, Work: true})
	ctx, cancel := context.WithCancel(t.Context())
	lost := make(chan error)
	go func() {
		_, err := p.try(ctx, http.MethodPost, lyondell+"/users", people(2, "lyondell.example"))
		lost <- err
	}()
	for worked := false; !worked; {
		worked = readPage(p, "?pageSize=1").Total == 107
	}
	cancel()
	if err := <-lost; !errors.Is(err, context.Canceled) {
		t.Errorf("Create users = %v, want it to be given up", err)
	}
	wantWork(t, p, sandbox.KindNoAnswer, true)
}

func TestItemsOfAPage(t *testing.T) {
	t.Parallel()
	p := setup(t)
	whole := readPage(p, "?pageSize=3")
	tests := map[sandbox.Kind][]int{ // the places of the whole page's people; -1 for null
		sandbox.KindReorder:   {2, 1, 0},
		sandbox.KindDropItems: {1, 2},
		sandbox.KindNullItems: {-1, 1, 2},
	}
	for kind, places := range tests {
		p.faults.Clear()
		add(t, p, sandbox.Rule{Match: sandbox.Match{Operation: "getUsers"}, Kind: kind})
		r, err := p.try(t.Context(), http.MethodGet, lyondell+"/users?pageSize=3", nil)
		if err != nil {
			t.Fatal(err)
		}
		var got userPage
		r.into(&got)
		want := whole
		want.Users = nil
		for _, place := range places {
			if place < 0 {
				want.Users = append(want.Users, wireUser{})
				continue
			}
			want.Users = append(want.Users, whole.Users[place])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
}

// TestLargeIDsSurviveSpoiling holds that no id goes through a float on its way.
func TestLargeIDsSurviveSpoiling(t *testing.T) {
	t.Parallel()
	p := setup(t)
	add(t, p, sandbox.Rule{Kind: sandbox.KindReorder})
	r, err := p.try(t.Context(), http.MethodGet, lyondell+"/users", nil)
	if err != nil || !strings.Contains(string(r.body), `"symphonyUserId":9007199254740993`) {
		t.Errorf("page has no 9007199254740993: %v", err)
	}
}

func TestWhichRequestsARuleMeets(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		rule sandbox.Rule
		want []int // of GET company, GET company, GET user, PATCH user, GET company
	}{
		{"all", sandbox.Rule{}, []int{503, 503, 503, 503, 503}},
		{"a method", sandbox.Rule{Match: sandbox.Match{Method: "PATCH"}}, []int{200, 200, 200, 503, 200}},
		{"a path", sandbox.Rule{Match: sandbox.Match{PathPrefix: lyondell + "/users/"}}, []int{200, 200, 503, 503, 200}},
		{"an operation", sandbox.Rule{Match: sandbox.Match{Operation: "getCompanyStatus"}}, []int{503, 503, 200, 200, 503}},
		{"all of them together", sandbox.Rule{Match: sandbox.Match{Method: "GET", PathPrefix: adele}}, []int{200, 200, 503, 200, 200}},
		{"once", sandbox.Rule{Times: 1}, []int{503, 200, 200, 200, 200}},
		{"after two", sandbox.Rule{After: 2}, []int{200, 200, 503, 503, 503}},
		{"the second", sandbox.Rule{Match: sandbox.Match{Operation: "getCompanyStatus"}, After: 1, Times: 1}, []int{200, 503, 200, 200, 200}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := setup(t)
			test.rule.Kind = sandbox.KindStatus
			add(t, p, test.rule)
			got := []int{
				p.get(lyondell).status, p.get(lyondell).status, p.get(adele).status,
				p.patch(adele, map[string]bool{"active": true}).status, p.get(lyondell).status,
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("statuses (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRulesTakeTurns(t *testing.T) {
	t.Parallel()
	p := setup(t)
	for _, status := range []int{500, 502} {
		add(t, p, sandbox.Rule{Kind: sandbox.KindStatus, Status: status, Times: 1})
	}
	got := [3]int{p.get(lyondell).status, p.get(lyondell).status, p.get(lyondell).status}
	if want := [3]int{500, 502, 200}; got != want {
		t.Errorf("statuses = %v, want %v", got, want)
	}
	want := []sandbox.Rule{
		{ID: 1, Kind: sandbox.KindStatus, Status: 500, Times: 1, Seen: 3, Fired: 1},
		{ID: 2, Kind: sandbox.KindStatus, Status: 502, Times: 1, Seen: 2, Fired: 1},
	}
	if diff := cmp.Diff(want, p.faults.Rules()); diff != "" {
		t.Errorf("Rules() (-want +got):\n%s", diff)
	}
}

func TestAddRefuses(t *testing.T) {
	t.Parallel()
	p := setup(t)
	for name, rule := range map[string]sandbox.Rule{
		"no kind":              {},
		"an unknown kind":      {Kind: "meteor"},
		"latency without one":  {Kind: sandbox.KindLatency},
		"negative times":       {Kind: sandbox.KindEmpty, Times: -1},
		"a status of none":     {Kind: sandbox.KindStatus, Status: 100},
		"work where none goes": {Kind: sandbox.KindCloseBefore, Work: true},
	} {
		if _, err := p.faults.Add(rule); err == nil {
			t.Errorf("Add(%s) = no error, want one", name)
		}
	}
	if got := len(p.faults.Rules()); got != 0 {
		t.Errorf("rules = %d, want none", got)
	}
}

func TestCalls(t *testing.T) {
	t.Parallel()
	p := setup(t)
	if err := p.faults.ClearCalls(t.Context()); err != nil {
		t.Fatal(err)
	}
	path := create(p, "acme")
	id := strings.TrimPrefix(path, "/api/v2/companies/")
	p.get("/api/v2/companies?vanityName=acme")
	p.post(lyondell+"/users", []map[string]string{person("New@lyondell.example"), person("x@else.example")})
	p.post(path+"/users", people(1, "acme.example"))
	p.patch(adele, map[string]bool{"active": true})
	p.patch(adele, map[string]bool{"active": false})
	p.patch(lyondell, map[string][]string{"emailDomains": {"lyondell.example"}})
	p.get("/nowhere")

	lyondellID, adeleID := strings.TrimPrefix(lyondell, "/api/v2/companies/"), strings.TrimPrefix(adele, lyondell+"/users/")
	want := []sandbox.Call{
		{Method: "POST", Path: "/api/v2/companies", Operation: "createCompany", CompanyID: id, Status: 202, Applied: true},
		{Method: "GET", Path: "/api/v2/companies", Query: "vanityName=acme", Operation: "getCompanies", Status: 200},
		{
			Method: "POST", Path: lyondell + "/users", Operation: "createUsers", CompanyID: lyondellID, Status: 207,
			Emails: []string{"New@lyondell.example", "x@else.example"}, Applied: true, Created: 1,
		},
		{Method: "POST", Path: path + "/users", Operation: "createUsers", CompanyID: id, Status: 400, Emails: []string{"jane0@acme.example"}},
		{Method: "PATCH", Path: adele, Operation: "updateUser", CompanyID: lyondellID, UserID: adeleID, Status: 200},
		{Method: "PATCH", Path: adele, Operation: "updateUser", CompanyID: lyondellID, UserID: adeleID, Status: 200, Applied: true},
		{Method: "PATCH", Path: lyondell, Operation: "updateCompany", CompanyID: lyondellID, Status: 304},
		{Method: "GET", Path: "/nowhere", Operation: "unknown", Status: 404},
	}
	got, err := p.faults.Calls(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(sandbox.Call{}, "Seq", "At", "TraceID")); diff != "" {
		t.Errorf("Calls() (-want +got):\n%s", diff)
	}
	for i, c := range got {
		if !c.At.Equal(p.clock.Now()) || len(c.TraceID) != 6 || (i > 0 && c.Seq <= got[i-1].Seq) {
			t.Errorf("call %d = %+v, want its time, its trace id and a growing number", i, c)
		}
	}
}

func TestBehindThePartnersBack(t *testing.T) {
	t.Parallel()
	p := setup(t)
	if err := p.faults.SetUserActive(t.Context(), strings.TrimPrefix(adele, lyondell+"/users/"), false); err != nil {
		t.Fatal(err)
	}
	if activeOf(p, adele) {
		t.Error("Adele is active, want her disabled behind the partner's back")
	}
	id := strings.TrimPrefix(lyondell, "/api/v2/companies/")
	for _, state := range []string{"TENANT_CREATED", "SOMETHING_NEW", "TENANT_CONFIG_ERROR", "STARTED", "COMPLETED"} {
		if err := p.faults.SetCompanyState(t.Context(), id, state, "because"); err != nil {
			t.Fatal(err)
		}
		if c := readCompany(p, lyondell); c.State != state || c.ErrorMessage != "because" {
			t.Errorf("company is %s with %q, want %s with the message", c.State, c.ErrorMessage, state)
		}
	}
	if p.faults.SetUserActive(t.Context(), nobodyID, true) == nil || p.faults.SetCompanyState(t.Context(), nobodyID, "COMPLETED", "") == nil {
		t.Error("changing nobody's user or company = no error, want one")
	}
}

// emailsListed are the addresses on the last page of Lyondell's people, which has the
// newest.
func emailsListed(t *testing.T, p *partner) (emails []string, total int64) {
	t.Helper()
	r, err := p.try(t.Context(), http.MethodGet, lyondell+"/users?currentPage=1&pageSize=100", nil)
	if err != nil {
		t.Fatal(err)
	}
	var page struct {
		Total int64
		Users []struct{ Email string }
	}
	if err := json.Unmarshal(r.body, &page); err != nil {
		t.Fatal(err)
	}
	for _, u := range page.Users {
		emails = append(emails, u.Email)
	}
	return emails, page.Total
}

func TestLateWorkIsDoneWhenItsTimeHasCome(t *testing.T) {
	t.Parallel()
	p := setup(t)
	before, _ := emailsListed(t, p)
	add(t, p, sandbox.Rule{Match: onCreateUsers, Kind: sandbox.KindLate, Delay: time.Minute, Times: 1})
	if _, err := p.try(t.Context(), http.MethodPost, lyondell+"/users", people(2, "lyondell.example")); err == nil {
		t.Error("a late change was answered, want the connection dropped")
	}
	p.clock.Advance(59 * time.Second)
	if now, _ := emailsListed(t, p); len(now) != len(before) {
		t.Errorf("%d people after 59 s, want %d as before", len(now), len(before))
	}
	p.clock.Advance(time.Second)
	if now, _ := emailsListed(t, p); len(now) != len(before)+2 {
		t.Errorf("%d people after a minute, want %d", len(now), len(before)+2)
	}
}

func TestListsCanBeStaleAndTotalsWrong(t *testing.T) {
	t.Parallel()
	p := setup(t)
	before, _ := emailsListed(t, p)
	if _, err := p.try(t.Context(), http.MethodPost, lyondell+"/users", people(2, "lyondell.example")); err != nil {
		t.Fatal(err)
	}
	onList := sandbox.Match{Operation: "getUsers"}
	add(t, p, sandbox.Rule{Match: onList, Kind: sandbox.KindStale, Delay: 50 * time.Second, Times: 2})
	if now, _ := emailsListed(t, p); len(now) != len(before) {
		t.Errorf("a stale list has %d people, want %d", len(now), len(before))
	}
	p.clock.Advance(51 * time.Second)
	if now, _ := emailsListed(t, p); len(now) != len(before)+2 {
		t.Errorf("51 s later it has %d people, want %d", len(now), len(before)+2)
	}
	add(t, p, sandbox.Rule{Match: onList, Kind: sandbox.KindTotal, Total: 0, Times: 1})
	if now, total := emailsListed(t, p); total != 0 || len(now) != len(before)+2 {
		t.Errorf("total = %d with %d people, want 0 with %d", total, len(now), len(before)+2)
	}
}

func TestAnswersCanSpellAddressesInAnotherWay(t *testing.T) {
	t.Parallel()
	p := setup(t)
	add(t, p, sandbox.Rule{Match: onCreateUsers, Kind: sandbox.KindRespell, Emails: map[string]string{"jane0@lyondell.example": "other@lyondell.example"}})
	r, err := p.try(t.Context(), http.MethodPost, lyondell+"/users", people(2, "lyondell.example"))
	if err != nil || !has(`"email":"other@lyondell.example"`)(string(r.body)) {
		t.Errorf("answer = %s, %v, want the address respelt", r.body, err)
	}
}
