package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
	"foyer/store"
)

func TestAChangeThatWasMadeSaysWhatItWas(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	browser.disable().want(http.StatusSeeOther)
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

func TestAnErasedChangeSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.as(auth.Onboarder).disable().want(http.StatusSeeOther)
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
	b.as(auth.Auditor).get(fmt.Sprintf("/audit/%d", event.Seq)).want(http.StatusOK).sound().says("main", "erased")
	b.as(auth.Viewer).get("/companies/"+lyondell+"/users/"+adele+"/history").want(http.StatusOK).sound().says("main", "(erased)")
}
