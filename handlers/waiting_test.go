package handlers

import (
	"net/http"
	"testing"
	"time"

	"foyer/auth"
	"foyer/sandbox"
)

// A header that asks to wait for a day is honoured for a while. No page waits for it,
// each says until when, and an administrator needn't wait.
func TestPagesSayUntilWhenSymphonyAskedToWait(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	admin, viewer := b.as(auth.Admin), b.as(auth.Viewer)
	viewer.get("/companies").want(http.StatusOK)
	viewer.get("/companies/" + lyondell + "/users/" + adele).want(http.StatusOK)
	b.fault(sandbox.Rule{Kind: sandbox.KindRetryAfter, Status: http.StatusServiceUnavailable, RetryAfter: "99999", Times: 1})
	b.clock.add(2 * time.Minute)

	began := time.Now()
	viewer.get("/companies").want(http.StatusOK).sound()
	viewer.get("/companies/"+lyondell).want(http.StatusOK).says("main .note", "Symphony asked us to wait. Foyer asks again at", "UTC")
	viewer.get("/companies/"+lyondell+"/users/"+adele).want(http.StatusOK).says("main .note", "Symphony asked us to wait. Foyer asks again at", "UTC")
	viewer.get("/companies/"+lyondell+"/users").want(http.StatusOK).says("main", "Symphony asked us to wait", "UTC")
	home := viewer.get("/").says("#health", "Foyer asks again at", "UTC")
	if home.find("form[action='/symphony/ask']").Length() > 0 {
		t.Error("a viewer is offered to ask Symphony now")
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("five pages took %v, want none of them to wait", took)
	}
	if n := b.calls("getUsers"); n != 0 {
		t.Errorf("Symphony was asked %d times for people, want never while it asked to wait", n)
	}

	viewer.post("/symphony/ask", nil).want(http.StatusForbidden)
	asked := admin.submit(admin.get("/"), "form[action='/symphony/ask']", nil)
	admin.follow(asked).says("main", "Symphony answers.").says("#health", "Answers")
	b.readPeople()
	viewer.get("/companies/"+lyondell+"/users").want(http.StatusOK).says("main", "Adele")
}

func TestAnAdministratorWhoAsksInVainIsToldSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	admin := b.as(auth.Admin)
	b.fault(sandbox.Rule{Kind: sandbox.KindStatus, Status: http.StatusInternalServerError})
	asked := admin.submit(admin.get("/"), "form[action='/symphony/ask']", nil)
	admin.follow(asked).says("main .note", "Symphony can’t be reached.")
}
