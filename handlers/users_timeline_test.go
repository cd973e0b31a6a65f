package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/sandbox"
)

func TestAPersonsPageSaysWhoChangedTheirStatusLastAndWhy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.as(auth.Viewer).get(adelePage).want(http.StatusOK)
	b.clock.add(time.Hour)
	onboarder := b.as(auth.Onboarder)
	form := onboarder.toDisable()
	form.Set("reason", `<b class="canary">left`)
	change := onboarder.follow(onboarder.post(statusPath, form)).find(".note-ok a").Last().AttrOr("href", "")
	at := b.clock.Now()
	b.clock.add(30 * time.Second)

	p := b.as(auth.Viewer).get(adelePage).want(http.StatusOK).sound()

	p.says(".answer", "Disabled and can’t sign in. Otto Onboarder disabled them", at.UTC().Format("15:04 UTC")+`: “<b class="canary">left”, HR-2231.`)
	if got := p.find(".answer a").AttrOr("href", ""); got != change {
		t.Errorf("the answer leads to %q, want the change %q", got, change)
	}
	p.says("#status svg", "Disabled by Otto Onboarder", "HR-2231", "now", "created")
	p.says("#status tbody tr:nth-child(1)", "Disabled", "observed", "never otherwise")
	p.says("#status tbody tr:nth-child(2)", "Disabled by Otto Onboarder", "HR-2231")
	p.says("#status tbody tr:nth-child(3)", "Active", "observed")
	p.says("#status tbody tr:nth-child(4)", "Unknown", "Not watched yet: first read as active")
	if got := p.find("#status tbody a[href='" + change + "']").Length(); got != 1 {
		t.Errorf("%d links of the table lead to the change, want 1", got)
	}
	if strings.Contains(p.body, " style=") {
		t.Error("the drawing has styles that the policy forbids")
	}
}

func TestAStatusThatSymphonyDoesntTellIsUnknownWithItsReason(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)
	b.fault(sandbox.Rule{
		Match: sandbox.Match{Operation: "getUser"}, Kind: sandbox.KindStatus, Status: http.StatusOK,
		Body: `{"id":"` + adele + `","email":"adele.vance@lyondell.example","firstName":"Adele","lastName":"Vance"}`,
	})

	p := browser.get(adelePage).want(http.StatusOK).sound()

	p.says(".answer", "Unknown because Symphony didn’t say whether they can sign in.").says(".head", "Check now")
	p.says("#status", "Foyer never read this person’s status.")
	if p.find("#status svg .tl-active, #status svg .tl-disabled").Length() != 0 {
		t.Error("a status that was never told is drawn")
	}
}
