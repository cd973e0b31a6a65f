package precheck_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/portal/precheck"
	"foyer/sandbox"
)

// Who and what the stand-in's seed has.
const (
	adele    = "adele.vance@lyondell.example"  // active, with us
	soren    = "soren.oneill@lyondell.example" // disabled, with us
	stranger = "nobody@lyondell.example"       // in a domain of ours, and nobody
	oldHand  = "old.hand@lyondell.example"     // in a domain of ours, on a customer's own tenant
	below    = "jane@eu.lyondell.example"      // below a domain of ours
	customer = "someone@corporate.example"     // of a company with a tenant of its own
	partner  = "someone@northwind.example"     // of a company that another partner sponsors
	free     = "jane@acme.example"
	freemail = "jane@yahoo.co.uk"
	suffix   = "jane@co.uk"
	waiting  = "jane@oresund.example"
	nonsense = "nonsense"
)

// meet has Foyer read those of the seed who are ours, as their page does.
func meet(t *testing.T, w *testworld.World, emails ...string) {
	t.Helper()
	for _, email := range emails {
		if found, err := w.Directory.Find(t.Context(), testworld.As(auth.Viewer), email, 10); err != nil || len(found.Users) != 1 {
			t.Fatalf("Find(%s) = %+v, %v", email, found, err)
		}
	}
}

func down(t *testing.T, w *testworld.World, operations ...string) {
	t.Helper()
	w.Sandbox.Faults().Clear()
	for _, operation := range operations {
		if _, err := w.Sandbox.Faults().Add(sandbox.Rule{Match: sandbox.Match{Operation: operation}, Kind: sandbox.KindHTML}); err != nil {
			t.Fatal(err)
		}
	}
}

func check(t *testing.T, w *testworld.World, inputs ...string) []precheck.Row {
	t.Helper()
	rows, err := w.Precheck.Check(t.Context(), testworld.As(auth.Viewer), inputs)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestTheVerdictOnWhoeverTheSeedHas(t *testing.T) {
	t.Parallel()
	w := testworld.New(t)
	meet(t, w, adele, soren)
	tests := []struct {
		input   string
		down    string // what doesn't answer, with a blank between
		verdict precheck.Verdict
		why     precheck.Reason
		company string // the name
		near    string
		host    string
	}{
		{adele, "", precheck.Active, "", "Lyondell Trading", "", ""},
		{strings.ToUpper(adele), "searchDirectory podLoginInformation", precheck.Active, "", "Lyondell Trading", "", ""},
		{soren, "", precheck.Disabled, "", "Lyondell Trading", "", ""},
		{adele, "getUser", precheck.CantTell, precheck.StatusUnread, "Lyondell Trading", "", ""},
		{"adele.vance@nowhere.example", "getUser", precheck.Free, "", "", "", ""},
		{stranger, "", precheck.DomainKnown, "", "Lyondell Trading", "", ""},
		{stranger, "podLoginInformation", precheck.DomainKnown, "", "Lyondell Trading", "", ""},
		{stranger, "searchDirectory", precheck.CantTell, precheck.NotAsked, "Lyondell Trading", "", ""},
		{"lyondell.example", "searchDirectory podLoginInformation", precheck.DomainKnown, "", "Lyondell Trading", "", ""},
		{"@lyondell.example", "", precheck.DomainKnown, "", "Lyondell Trading", "", ""},
		{oldHand, "", precheck.Elsewhere, precheck.PersonFound, "Lyondell Trading", "", "lyondell-legacy.symphony.com"},
		{below, "", precheck.Free, "", "", "Lyondell Trading", ""},
		{"eu.lyondell.example", "", precheck.Free, "", "", "Lyondell Trading", ""},
		{below, "podLoginInformation", precheck.CantTell, precheck.NotAsked, "", "Lyondell Trading", ""},
		{"legacy.lyondell.example", "", precheck.Elsewhere, precheck.DomainFound, "", "Lyondell Trading", "lyondell-legacy.symphony.com"},
		{customer, "", precheck.Elsewhere, precheck.DomainFound, "", "", "corporate.symphony.com"},
		{customer, "searchDirectory", precheck.Elsewhere, precheck.DomainFound, "", "", "corporate.symphony.com"},
		{partner, "", precheck.Elsewhere, precheck.DomainFound, "", "", "northwind.on.symphony.com"},
		{free, "", precheck.Free, "", "", "", ""},
		{"acme.example", "", precheck.Free, "", "", "", ""},
		{free, "podLoginInformation", precheck.CantTell, precheck.NotAsked, "", "", ""},
		{free, "searchDirectory", precheck.CantTell, precheck.NotAsked, "", "", ""},
		{freemail, "", precheck.CantTell, precheck.Freemail, "", "", ""},
		{"gmail.com", "", precheck.CantTell, precheck.Freemail, "", "", ""},
		{suffix, "", precheck.CantTell, precheck.PublicSuffix, "", "", ""},
		{waiting, "", precheck.DomainKnown, "", "Öresund Capital", "", ""},
		{nonsense, "", precheck.NotAnInput, "", "", "", ""},
		{"jane\u200b@acme.example", "", precheck.NotAnInput, "", "", "", ""},
	}
	for _, tt := range tests {
		w.Clock.Forward(time.Hour) // so that every status is old
		down(t, w, strings.Fields(tt.down)...)
		row := check(t, w, tt.input)[0]
		company, near := "", ""
		if row.Company != nil {
			company = row.Company.Name
		}
		if row.Near != nil {
			near = row.Near.Name
		}
		if row.Verdict != tt.verdict || row.Why != tt.why || company != tt.company || near != tt.near || row.Tenant.Host != tt.host {
			t.Errorf("%s without [%s] = %s %s, company %q, near %q, %+v; want %+v", tt.input, tt.down, row.Verdict, row.Why, company, near, row.Tenant, tt)
		}
	}
}

func TestSponsoredByAPartnerIsNotSponsoredByUs(t *testing.T) {
	t.Parallel()
	w := testworld.New(t)
	row := check(t, w, partner)[0]
	if row.Company != nil || row.Tenant.Whose != precheck.Partners {
		t.Errorf("another partner's is %+v", row)
	}
	if row := check(t, w, customer)[0]; row.Tenant.Whose != precheck.Customers {
		t.Errorf("a customer's own is %+v", row)
	}
}

func TestWhoIsFoundOnATenantOfOursIsNotToBeAdded(t *testing.T) {
	t.Parallel()
	w := testworld.New(t) // in which Foyer has read nobody
	row := check(t, w, adele)[0]
	if row.Verdict != precheck.CantTell || row.Why != precheck.ThereUnread || row.Company == nil || row.Company.Name != "Lyondell Trading" {
		t.Errorf("Check(%s) = %+v, want that she is there and was not read", adele, row)
	}
}

func TestAnOldOrUnknownStatusIsReadAndAFreshOneIsNot(t *testing.T) {
	t.Parallel()
	w := testworld.New(t)
	meet(t, w, adele) // from a list, which tells no status
	before := w.Calls("getUser")
	for _, step := range []struct {
		later time.Duration
		calls int
	}{{0, 1}, {4 * time.Minute, 0}, {2 * time.Minute, 1}} {
		w.Clock.Forward(step.later)
		if row := check(t, w, adele)[0]; row.Verdict != precheck.Active {
			t.Errorf("Check after %s = %s %s, want active", step.later, row.Verdict, row.Why)
		}
		after := w.Calls("getUser")
		if after-before != step.calls {
			t.Errorf("after %s she was read %d times, want %d", step.later, after-before, step.calls)
		}
		before = after
	}
}

func TestWhoLeftIsNotThere(t *testing.T) {
	t.Parallel()
	w := testworld.New(t)
	meet(t, w, adele)
	w.Inject("getUser", sandbox.Rule{
		Kind: sandbox.KindStatus, Status: http.StatusNotFound, Body: `{"title":"User not found","status":404,"detailErrorCode":"40106"}`,
	})
	w.Inject("searchDirectory", sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusOK, Body: `{"matchingUserFound":false,"matchingSymphonyTenantFound":true,"tenantSponsored":true}`})
	row := check(t, w, adele)[0]
	if row.Verdict != precheck.DomainKnown || row.User != nil || !answered(row, precheck.PersonRead, precheck.Gone) {
		t.Errorf("who left is %s with %+v by %+v", row.Verdict, row.User, row.Asked)
	}
}

func answered(row precheck.Row, source precheck.Source, answer string) bool {
	for _, e := range row.Asked {
		if e.Source == source && e.Answer == answer {
			return true
		}
	}
	return false
}

func TestWhatIsKnownOfPeopleAsksNoPublicService(t *testing.T) {
	t.Parallel()
	w := testworld.New(t)
	meet(t, w, adele, soren)
	rows, err := w.Precheck.Known(t.Context(), testworld.As(auth.Onboarder), []string{adele, soren, stranger})
	if err != nil || rows[0].Verdict != precheck.Active || rows[1].Verdict != precheck.Disabled || rows[2].Verdict != "" {
		t.Errorf("Known = %+v, %v", rows, err)
	}
	if n := w.Calls("podLoginInformation") + w.Calls("searchDirectory"); n != 0 {
		t.Errorf("the public services were asked %d times", n)
	}
}

// fact is what the evidence of a row says, read anew from what Symphony answered.
type fact struct {
	status                                 string // of our own person, read last
	ownDomain, listed                      bool
	userFound, tenantFound, sponsored      bool
	search, login                          string // the host
	searchFailed, loginFailed, statusFails bool
}

func factsOf(t *testing.T, row precheck.Row) fact {
	t.Helper()
	var f fact
	for _, e := range row.Asked {
		failed := e.Err != nil
		switch e.Source {
		case precheck.OwnCompanies:
			f.ownDomain, f.listed = e.Answer != "", !failed
		case precheck.OwnPeople:
			f.status = e.Answer
		case precheck.PersonRead:
			f.status, f.statusFails = e.Answer, failed
		case precheck.LoginService:
			var pod struct{ PodDomain string }
			f.loginFailed = failed
			if !failed && json.Unmarshal([]byte(e.Answer), &pod) != nil {
				t.Fatalf("answer %s", e.Answer)
			}
			f.login = pod.PodDomain
		case precheck.DirectorySearch:
			var m struct {
				MatchingUserFound, MatchingSymphonyTenantFound, TenantSponsored bool
				TenantURL                                                       string
			}
			f.searchFailed = failed
			if !failed && json.Unmarshal([]byte(e.Answer), &m) != nil {
				t.Fatalf("answer %s", e.Answer)
			}
			u, _ := url.Parse(m.TenantURL)
			f.userFound, f.tenantFound, f.sponsored, f.search = m.MatchingUserFound && !row.OfDomain(), m.MatchingSymphonyTenantFound, m.TenantSponsored, u.Host
		}
	}
	return f
}

// holds says whether the evidence bears a verdict out.
func (f fact) holds(v precheck.Verdict, ours map[string]bool) bool {
	elsewhere := f.tenantFound && !ours[f.search] || f.login != "" && !ours[f.login]
	there := (f.status == "active" || f.status == "disabled" || f.status == "unknown")
	switch v {
	case precheck.Active:
		return f.status == "active" && !f.statusFails
	case precheck.Disabled:
		return f.status == "disabled" && !f.statusFails
	case precheck.Elsewhere:
		return !there && elsewhere && (!f.userFound || !ours[f.search])
	case precheck.DomainKnown:
		return !there && f.ownDomain && !f.userFound
	case precheck.Free:
		return !there && !f.ownDomain && f.listed && !f.userFound && !elsewhere && !f.searchFailed && !f.loginFailed
	case precheck.CantTell, precheck.NotAnInput:
	}
	return true
}

// Everybody of the seed, with every combination of sources that don't answer: what the
// page says never contradicts the evidence that it shows with it.
func TestNoVerdictContradictsTheEvidenceShownWithIt(t *testing.T) {
	t.Parallel()
	inputs := []string{
		adele, soren, stranger, oldHand, below, customer, partner, free, freemail, suffix, waiting,
		"lyondell.example", "legacy.lyondell.example", "northwind.example", "acme.example", "gmail.com", "bare@quietharbour.example",
	}
	sources := []string{"getCompanies", "getUser", "podLoginInformation", "searchDirectory"}
	for _, met := range []bool{false, true} {
		w := testworld.New(t)
		if met {
			meet(t, w, adele, soren)
		}
		ours := map[string]bool{}
		companies, err := w.Client.Companies.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range companies {
			u, _ := url.Parse(c.PublicURL)
			ours[u.Host] = true
		}
		said := map[precheck.Verdict]int{}
		for without := range 1 << len(sources) {
			w.Clock.Forward(time.Hour)
			var gone []string
			for i, source := range sources {
				if without&(1<<i) != 0 {
					gone = append(gone, source)
				}
			}
			down(t, w, gone...)
			for _, row := range check(t, w, inputs...) {
				said[row.Verdict]++
				if f := factsOf(t, row); !f.holds(row.Verdict, ours) {
					t.Errorf("%s without %v is %s %s against its evidence %+v", row.Input, gone, row.Verdict, row.Why, f)
				}
				if (row.Verdict == precheck.CantTell) == (row.Why == "") && row.Verdict != precheck.Elsewhere {
					t.Errorf("%s without %v is %s because of %q", row.Input, gone, row.Verdict, row.Why)
				}
			}
		}
		for _, verdict := range precheck.Verdicts {
			own := verdict == precheck.Active || verdict == precheck.Disabled
			if said[verdict] == 0 && verdict != precheck.NotAnInput && (met || !own) {
				t.Errorf("nobody is %s", verdict)
			}
		}
	}
}
