package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/sandbox"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

func TestHomeShowsWhatNeedsAttentionAndWhatIsBeingBuilt(t *testing.T) {
	t.Parallel()
	b := newBench(t)

	p := b.as(auth.Onboarder).get("/").want(http.StatusOK).sound()

	p.says(".head", "8 sponsored companies", "as of "+b.clock.Now().Format(time.TimeOnly)+" UTC")
	if diff := cmp.Diff([]string{"Société Générique", "Vega Markets"}, p.texts("#attention li a")); diff != "" {
		t.Errorf("companies that need attention (-want +got):\n%s", diff)
	}
	p.says("#attention li:nth-child(1)", "Failed: tenant", "Symphony could not build it: the tenant could not be created.", "Only Symphony can help")
	p.says("#attention li:nth-child(2)", "TENANT_MIGRATING", "Ask Symphony what it means")
	p.says("#building", "Öresund Capital", "Being built, 6 min", "about 20 minutes")
	p.says("#health li:nth-child(1)", "Symphony", "Answers", "asked just now").says("#health li:nth-child(2)", "Sign-in service", "Answers")
	if p.find("#open").Length() != 0 {
		t.Error("the page speaks of unknown outcomes, and there are none")
	}
}

func TestHomeCallsACompanyOverdueWithWhatToDo(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	record := directory.CompanyRecord{Company: sapi.Company{ID: lyondell, Name: "Stuck Bank", State: sapi.StateStarted, CreatedAt: now.Add(-45 * time.Minute)}}

	got := companyInNeed(record, true, 20*time.Minute, now)

	want := views.HomeCompany{
		Href: "/companies/" + lyondell, Name: "Stuck Bank", State: ui.StatusProps{Kind: ui.StatusWaiting, Word: "Overdue, 45 min"},
		Text: "It has been building for 45 min; Symphony says about 20 minutes.",
		Next: "Ask Symphony what it waits for. The company’s page has a message to send them.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("an overdue company (-want +got):\n%s", diff)
	}
}

func TestHomeOffersWhatTheRoleAllows(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for role, want := range map[auth.Role][]string{
		auth.Viewer:    {"Find people", "Pre-check"},
		auth.Onboarder: {"Find people", "Pre-check", "New company"},
		auth.Auditor:   {"Find people", "Pre-check"},
		auth.Admin:     {"Find people", "Pre-check", "New company"},
	} {
		p := b.as(role).get("/").want(http.StatusOK)
		if diff := cmp.Diff(want, p.texts(".head-actions .btn")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", role, diff)
		}
	}
}

func TestHomeShowsOnesOwnActivityUnlessTheRoleSeesEverybodys(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.create(b.as(auth.Onboarder), "Ledger Bank", "ledger-bank", "ledger.example")

	own := b.as(auth.Viewer).get("/").want(http.StatusOK)
	own.says("#activity", "Your last activity", "You have done nothing yet")
	if own.find("#activity a").Length() != 0 {
		t.Error("a viewer is led to the activity of everybody")
	}
	all := b.as(auth.Auditor).get("/").want(http.StatusOK).sound()
	all.says("#activity", "Last activity of everybody", "Requested the company Ledger Bank", "Otto Onboarder")
	if n := strings.Count(all.text("#activity"), "Ledger Bank"); n != 1 {
		t.Errorf("the company is named %d times, want once: its intent is answered", n)
	}
	if href := all.find("#activity .card-actions a").AttrOr("href", ""); href != "/audit" {
		t.Errorf("'All' leads to %q", href)
	}
}

func TestHomeShowsChangesWhoseOutcomeIsNotKnown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	p := browser.get("/companies/new").want(http.StatusOK)
	p = browser.submit(p, "#company-form", url.Values{"name": {"Lost Bank"}, "vanityName": {"lost-bank"}, "emailDomains": {"lost.example"}}).want(http.StatusOK)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "createCompany"}, Kind: sandbox.KindCloseBefore})
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getCompanies"}, Kind: sandbox.KindStatus})
	browser.submit(p, "#check-form", nil).want(http.StatusSeeOther)
	b.clock.add(time.Second)

	b.as(auth.Viewer).get("/").want(http.StatusOK).sound().
		says("#open", "We don’t know yet", "Create company Lost Bank", "Not known yet", "Otto Onboarder")
}

func TestHomeStaysUpWhileSymphonyAndTheSignInServiceAreDown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)
	b.fault(sandbox.Rule{Kind: sandbox.KindStatus})

	never := browser.get("/").want(http.StatusOK).sound()
	never.says("#attention .empty-failed", "Symphony can’t be reached", "Reference").says("#health li:nth-child(1)", "Doesn’t answer", "nothing can be changed")

	b.sandbox.Faults().Clear()
	b.clock.add(time.Minute)
	browser.get("/").want(http.StatusOK).says("#health li:nth-child(1)", "Answers")

	b.fault(sandbox.Rule{Kind: sandbox.KindStatus})
	b.clock.add(2 * time.Minute)
	browser.get("/").want(http.StatusOK).sound().says(".note-ask", "Symphony could not be read.", "2 min ago").says("#attention", "Société Générique")
}

func TestHomeWithoutCompaniesOffersTheFirst(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	overdue := func(directory.CompanyRecord) bool { return false }
	for _, role := range []auth.Role{auth.Viewer, auth.Onboarder} {
		page := newHomePage(firstPage{Overview: directory.Overview{ReadAt: now}}, auth.Actor{Roles: auth.Roles{role}}, overdue, 20*time.Minute, now)
		if page.First == nil || page.First.Action == nil {
			t.Fatalf("%s: nothing is offered", role)
		}
		if forbidden := page.First.Action.Forbidden != ""; forbidden != (role == auth.Viewer) {
			t.Errorf("%s: the offer's reason against it = %q", role, page.First.Action.Forbidden)
		}
	}
}

func TestTheProviderIsAskedAtMostTwiceAMinute(t *testing.T) {
	t.Parallel()
	c := &clock{at: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	down := errors.New("no answer")
	var h providerHealth
	asked := 0
	ask := func(ctx context.Context) error {
		if asked++; asked > 1 {
			return down
		}
		if _, limited := ctx.Deadline(); !limited {
			t.Error("the provider may take for ever")
		}
		return nil
	}
	for _, step := range []struct {
		after time.Duration
		asked int
		err   error
	}{
		{0, 1, nil}, {providerFresh, 1, nil}, {time.Second, 2, down}, {-time.Hour, 3, down},
	} {
		c.add(step.after)
		if _, err := h.check(t.Context(), c.Now, ask); !errors.Is(err, step.err) || asked != step.asked {
			t.Errorf("after %v: asked %d times, %v; want %d, %v", step.after, asked, err, step.asked, step.err)
		}
	}
	if row := providerRow(down, c.Now()); !strings.Contains(row.Text, "can go on working") {
		t.Errorf("providerRow(down).Text = %q", row.Text)
	}
}

func TestEventsReadAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	adele := []ledger.User{{ID: "u1", Email: "adele@x.example", Name: "Adele Vance"}}
	tests := []struct {
		name   string
		event  ledger.Event
		want   string // what was done to whom
		result string
	}{
		{"done", ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Succeeded, Users: adele}, "Disabled Adele Vance", ""},
		{"asked", ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Intent, Users: adele}, "Asked to disable Adele Vance", "Asked"},
		{"refused", ledger.Event{Action: ledger.EnableUser, Outcome: ledger.Failed, Users: adele}, "Asked to enable Adele Vance", "Refused"},
		{"unknown", ledger.Event{Action: ledger.EnableUser, Outcome: ledger.Unknown, Users: adele}, "Asked to enable Adele Vance", "Not known yet"},
		{"settled", ledger.Event{Action: ledger.EnableUser, Outcome: ledger.Reconciled, Users: adele}, "Asked to enable Adele Vance", "Settled by reading"},
		{"only the new domains", ledger.Event{Action: ledger.AddDomains, Outcome: ledger.Succeeded, Before: []byte(`{"emailDomains":["a.example"]}`), After: []byte(`{"emailDomains":["a.example","b.example"]}`)}, "Added the domain b.example", ""},
		{"a partial success", ledger.Event{Action: ledger.CreateUsers, Outcome: ledger.Succeeded, Users: []ledger.User{{Result: "created"}, {Result: "refused"}, {Result: "exists"}, {Result: "created"}}}, "Added 4 people", "2 created · 1 already there · 1 refused"},
		{"everybody created", ledger.Event{Action: ledger.CreateUsers, Outcome: ledger.Succeeded, Users: []ledger.User{{Result: "created"}, {Result: "created"}}}, "Added 2 people", ""},
		{"a company", ledger.Event{Action: ledger.CreateCompany, Outcome: ledger.Succeeded, Company: ledger.Company{Name: "Lyondell"}}, "Requested the company Lyondell", ""},
		{"erased", ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Succeeded, Redacted: true, Users: []ledger.User{{}}}, "Disabled (erased)", ""},
		{"a refusal by role", ledger.Event{Action: ledger.Denied, Outcome: ledger.Failed, Note: "needs: everything"}, "Was refused everything", ""},
		{"one decision", decided("keep"), "Confirmed the access of Adele Vance", ""},
		{"the same decision of two", decided("disable", "disable"), "Decided to disable 2 people", ""},
		{"different decisions", decided("keep", "ask"), "Decided about the access of 2 people", ""},
		{"a cancelled review", ledger.Event{Action: ledger.CancelReview, Outcome: ledger.Succeeded, Company: ledger.Company{Name: "Lyondell"}}, "Cancelled an access review of Lyondell", ""},
		{"an action of a later Foyer", ledger.Event{Action: "dance", Outcome: "danced"}, "dance", "danced"},
	}
	for _, test := range tests {
		row := eventRow(test.event, auth.Actor{}, now)
		if got := strings.TrimSpace(row.What + " " + row.Whom); got != test.want {
			t.Errorf("%s: reads %q, want %q", test.name, got, test.want)
		}
		result := ""
		if row.Result != nil {
			result = row.Result.Word
		}
		if result != test.result {
			t.Errorf("%s: result = %q, want %q", test.name, result, test.result)
		}
	}
}

func TestEveryActionAndOutcomeHasWords(t *testing.T) {
	t.Parallel()
	for _, a := range []ledger.Action{
		ledger.SignIn, ledger.SignOut, ledger.EndSession, ledger.Denied, ledger.CreateCompany, ledger.AddDomains, ledger.CompanyState,
		ledger.CreateUsers, ledger.DisableUser, ledger.EnableUser, ledger.StatusOutside, ledger.Export, ledger.Redact, ledger.RotateKey,
		ledger.StartReview, ledger.DecideReview, ledger.FinishReview, ledger.CancelReview,
	} {
		if words := wordsOf(a); words.name == string(a) || words.done == "" || words.asked == "" {
			t.Errorf("wordsOf(%s) = %+v", a, words)
		}
	}
	for _, o := range []ledger.Outcome{ledger.Intent, ledger.Succeeded, ledger.Failed, ledger.Unknown, ledger.Reconciled} {
		if outcomeName(o) == "" || outcomeStatus(o).Word != outcomeName(o) {
			t.Errorf("the outcome %s is %q in the filter and %q in lists", o, outcomeName(o), outcomeStatus(o).Word)
		}
	}
}

func TestAHistorySaysEachChangeOnce(t *testing.T) {
	t.Parallel()
	events := []ledger.Event{
		{Seq: 5, Change: "b", Outcome: ledger.Intent},
		{Seq: 4, Change: "a", Outcome: ledger.Succeeded},
		{Seq: 3, Outcome: ledger.Succeeded},
		{Seq: 2, Change: "a", Outcome: ledger.Intent},
	}
	var kept []int64
	for _, e := range withoutAnswered(events) {
		kept = append(kept, e.Seq)
	}
	if want := []int64{5, 4, 3}; !slices.Equal(kept, want) {
		t.Errorf("kept %v, want %v", kept, want)
	}
}
