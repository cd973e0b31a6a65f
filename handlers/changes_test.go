package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
	"foyer/store"
	"foyer/views"
	"foyer/views/ui"
)

func TestAChangeThatWasMadeSaysWhatItWas(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	browser.post(statusPath, disabling()).want(http.StatusSeeOther)
	id := b.events(ledger.Filter{Action: ledger.DisableUser})[0].Change

	p := b.as(auth.Viewer).get("/changes/" + id).want(http.StatusOK).sound()

	p.says("h1", "Disable Adele Vance").says(".note-ok", "Adele Vance was disabled")
	p.says(".facts", "Otto Onboarder", "left the firm", "HR-2231", "Lyondell Trading", "adele.vance@lyondell.example", id)
	p.says("main", "Open the person", "Enable again")
	if p.find("[hx-trigger]").Length() != 0 {
		t.Error("a settled change is asked for again")
	}
	b.as(auth.Auditor).get("/changes/"+id).want(http.StatusOK).says(".forbidden", "Enable again", "Needs the role")
}

func TestEveryKindOfChangeHasItsPage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	actor := auth.Actor{Name: "Otto Onboarder", Roles: auth.Roles{auth.Onboarder}}
	created, err := b.changes.CreateCompany(t.Context(), actor, change.CreateCompanyRequest{
		Company: sapi.NewCompany{Name: `<b class="canary">&"`, VanityName: "canary", EmailDomains: []string{"canary.example"}}, Token: portal.NewToken(),
	})
	b.must(err)
	added, err := b.changes.AddDomains(t.Context(), actor, change.AddDomainsRequest{CompanyID: lyondell, Domains: []string{"more.example"}, Token: portal.NewToken()})
	b.must(err)

	p := browser.get("/changes/" + created.ID).want(http.StatusOK).sound()
	p.says("h1", `Create company <b class="canary">&"`).says(".note-ok", `<b class="canary">&" is being built`).says(".facts", "canary.example", "canary")
	p = browser.get("/changes/" + added.ID).want(http.StatusOK).sound()
	p.says("h1", "Add domains to Lyondell Trading").says(".note-ok", "The domains are there").says(".facts", "more.example").says("main", "Open the company")

	browser.get("/changes/" + b.unknownID()).want(http.StatusNotFound).sound()
	browser.htmx("/changes/" + b.unknownID() + "/progress").want(http.StatusNotFound)
}

func TestChangeProgress(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 41, 7, 0, time.UTC)
	made := func(state change.State) change.Change {
		return change.Change{
			ID: "c1", Version: 3, Kind: change.DisableUser, State: state, Note: "A note.",
			Company: ledger.Company{ID: "k", Name: "Acme"}, User: ledger.User{ID: "u", Name: "Jane"},
			Tries: 2, UpdatedAt: now.Add(-3 * time.Second), Due: now.Add(12 * time.Second),
		}
	}
	tests := []struct {
		state       change.State
		kind        ui.AlertKind
		title, poll string
		checking    string
	}{
		{change.Sent, ui.AlertInfo, "It is being sent", "/changes/c1/progress?version=3", ""},
		{change.Done, ui.AlertOK, "Jane was disabled", "", ""},
		{change.Refused, ui.AlertBad, "It was not done", "", ""},
		{change.Unknown, ui.AlertAsk, "We don’t know yet", "/changes/c1/progress?version=3", "Asked 2 times, last at 09:41:04 UTC; again in 12 s."},
		{change.Abandoned, ui.AlertBad, "Nobody knows whether it was done", "", ""},
	}
	for _, test := range tests {
		got := newChangeProgress(made(test.state), auth.Actor{}, now)
		want := views.ChangeProgress{Kind: test.kind, Title: test.title, PollPath: test.poll, Checking: test.checking}
		got.Text, got.Next, got.People = "", nil, nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("newChangeProgress(%s) (-want +got):\n%s", test.state, diff)
		}
	}
}

func TestAnErasedChangeSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.as(auth.Onboarder).post(statusPath, disabling()).want(http.StatusSeeOther)
	event := b.events(ledger.Filter{Action: ledger.DisableUser})[0]
	_, err := b.store.Redact(t.Context(), ledger.Event{Actor: auth.System("test", ""), Reason: "order 17"}, store.Order{Person: adele})
	b.must(err)

	p := b.as(auth.Viewer).get("/changes/" + event.Change).want(http.StatusOK).sound()
	p.says(".note", "Erased on legal order", "It was done.").says(".facts", "(erased)", "Lyondell Trading", event.Change)
	for _, gone := range []string{"adele.vance", "Adele", "left the firm", "HR-2231", "Otto"} {
		if strings.Contains(p.text("main"), gone) {
			t.Errorf("the page still says %q", gone)
		}
	}
	b.as(auth.Auditor).get("/audit/"+numbers([]int64{event.Seq})).want(http.StatusOK).sound().says("main", "erased")
	b.as(auth.Viewer).get("/companies/"+lyondell+"/users/"+adele+"/history").want(http.StatusOK).sound().says("main", "(erased)")
}

func TestOfAnErasedChangeItsKindAndEndAreLeft(t *testing.T) {
	t.Parallel()
	for kind, title := range map[change.Kind]string{
		change.CreateCompany: "Create company Lyondell", change.AddDomains: "Add domains to Lyondell",
		change.CreateUsers: "Add 2 people to Lyondell", change.DisableUser: "Disable u1", change.EnableUser: "Enable u1",
	} {
		c := change.Change{
			Kind: kind, State: change.Refused, Erased: true, Company: ledger.Company{ID: "k", Name: "Lyondell"}, User: ledger.User{ID: "u1"},
			People: []change.Row{{Outcome: sapi.ItemRefused}, {Outcome: sapi.ItemCreated, UserID: "u2"}},
		}
		if got := changeTitle(c); got != title {
			t.Errorf("changeTitle(%s) = %q, want %q", kind, got, title)
		}
		p := newChangeProgress(c, auth.Actor{Roles: auth.Roles{auth.Onboarder}}, time.Now())
		if p.Title != "Erased on legal order" || !strings.HasPrefix(p.Text, "It was not done.") || p.Again != nil || p.People != nil || p.PollPath != "" {
			t.Errorf("newChangeProgress(%s) = %+v", kind, p)
		}
	}
}

func TestPersonResults(t *testing.T) {
	t.Parallel()
	person := func(email string, o sapi.ItemOutcome, id string, p *portal.Problem) change.Row {
		return change.Row{NewUser: sapi.NewUser{Email: email, FirstName: "F", LastName: "L"}, Outcome: o, UserID: id, Problem: p}
	}
	c := change.Change{
		Kind: change.CreateUsers, State: change.Done, Company: ledger.Company{ID: "k"},
		People: []change.Row{
			person("1@x.example", sapi.ItemCreated, "u1", nil),
			person("2@x.example", sapi.ItemExists, "", nil),
			person("3@x.example", sapi.ItemUnknown, "", nil),
			person("4@x.example", sapi.ItemRefused, "", &portal.Problem{Code: "40001"}),
			person("5@x.example", sapi.ItemRefused, "", &portal.Problem{Detail: "Too blue."}),
			person("6@x.example", sapi.ItemExists, "u6", nil),
		},
	}
	type short struct{ Email, Word, Reason, Href string }
	want := []short{
		{"4@x.example", "Refused", "The e-mail’s domain is not one of the company’s.", ""},
		{"5@x.example", "Refused", "Too blue.", ""},
		{"3@x.example", "Being checked", "Symphony’s answer is missing.", ""},
		{"2@x.example", "Already there", "Somebody on Symphony has this e-mail address already, in this company or another.", "/find?q=2%40x.example"},
		{"6@x.example", "Already there", "Somebody on Symphony has this e-mail address already, in this company or another.", "/companies/k/users/u6"},
		{"1@x.example", "Created", "", "/companies/k/users/u1"},
	}
	var got []short
	for _, r := range personResults(c) {
		got = append(got, short{r.Email, r.Status.Word, r.Reason, r.Href})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("personResults (-want +got):\n%s", diff)
	}
	if got, want := tally(outcomesOf(c.People)), "1 created · 2 already there · 2 refused · 1 being checked"; got != want {
		t.Errorf("tally = %q, want %q", got, want)
	}

	again := peopleAgain(c, auth.Actor{Roles: auth.Roles{auth.Onboarder}})
	form := url.Values{}
	for _, f := range again.Fields {
		form.Add(f.Name, f.Value)
	}
	if got := parsePeopleForm(form).people; len(got) != 2 || got[0].Email != "4@x.example" || got[1].Email != "5@x.example" {
		t.Errorf("the refused are tried again as %+v", got)
	}
}
