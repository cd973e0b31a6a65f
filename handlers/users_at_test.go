package handlers

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sandbox"
	"foyer/sapi"
)

const lyondellPeople = "/companies/" + lyondell + "/users"

// watch has everybody on the first page of Lyondell's list read twice, and gives a time between.
func (b *bench) watch(browser *browser) (between time.Time) {
	b.t.Helper()
	read := func() {
		browser.post(lyondellPeople+"/statuses", url.Values{"page": {"1"}, "size": {"20"}}).want(http.StatusSeeOther)
	}
	read()
	b.clock.add(10 * time.Minute)
	between = b.clock.Now().Truncate(time.Second)
	b.clock.add(10 * time.Minute)
	read()
	return between
}

func at(path string, at time.Time) string {
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	return path + separator + "at=" + url.QueryEscape(inParameter(at))
}

func TestPeopleAreShownAsOfATime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)
	since := b.clock.Now()
	between := b.watch(browser)

	p := browser.get(at(lyondellPeople, between)).want(http.StatusOK).sound()

	p.says(".note-ask", "As of "+between.Format("2006-01-02 15:04:05 UTC"), "watching this company since "+since.Format("2006-01-02 15:04:05 UTC"))
	p.says("tbody tr:nth-child(1)", "Adele Vance", "Active", "observed", "Read as active, and never otherwise, from "+since.Format("2006-01-02 15:04:05 UTC"))
	p.says("tbody tr:nth-child(2)", "Disabled", "observed")
	p.says("main", "The list is the one that Symphony has now")
	if href := p.find("tbody tr:nth-child(1) th a").AttrOr("href", ""); href != at(adelePage, between) {
		t.Errorf("the name leads to %q, want the same time", href)
	}
	if href := p.find("#status-at a").AttrOr("href", ""); href != lyondellPeople {
		t.Errorf("the way back to now leads to %q", href)
	}
	p.says(".head", "Download CSV", "Needs the role auditor or admin")
	if n := p.find("tbody a[href$='/status']").Length(); n > 0 {
		t.Errorf("%d people can be disabled from a page about the past", n)
	}

	disabled := browser.get(at(lyondellPeople+"?status=disabled", between)).want(http.StatusOK)
	if names := disabled.texts("tbody th a"); len(names) != 1 || !strings.HasPrefix(names[0], "Søren") {
		t.Errorf("disabled then = %q, want Søren alone", names)
	}
	browser.get(at(lyondellPeople+"?status=gone", between)).want(http.StatusBadRequest)
}

func TestWhatIsNotKnownOfATimeIsSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Auditor)
	browser.get(at(lyondellPeople, b.clock.Now())).says(".note-ask", "not observed anybody").says("tbody tr:nth-child(1)", "Unknown", "Foyer never read this person’s status.")
	before := b.clock.Now().Add(-time.Hour)
	b.watch(browser)
	b.clock.add(10 * time.Minute)

	p := browser.get(at(lyondellPeople, before)).want(http.StatusOK).says("tbody tr:nth-child(1)", "Unknown", "Not watched yet: first read as active")
	if p.find("#read-statuses").Length() != 0 {
		t.Error("reading now is offered although it says nothing of the time before")
	}
	p = browser.get(at(lyondellPeople, b.clock.Now())).want(http.StatusOK).says("tbody tr:nth-child(1)", "Unknown", "and not read since.")
	after := browser.follow(browser.submit(p, "#read-statuses", nil)).want(http.StatusOK)
	after.says("tbody tr:nth-child(1)", "Active", "observed")

	person, err := b.symphony.Users.Get(t.Context(), lyondell, adele)
	b.must(err)
	browser.get(at(lyondellPeople, person.CreatedAt.Add(-time.Hour))).want(http.StatusOK).sound().
		says("tbody tr:nth-child(1).muted", "Not created yet", "Symphony created this person at").says(".filter-bar", "had not been created")
}

func TestAPersonIsShownAsOfATime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	auditor := b.as(auth.Auditor)
	auditor.get(adelePage).want(http.StatusOK)
	b.clock.add(9 * time.Minute)
	before := b.clock.Now().Truncate(time.Second)
	b.clock.add(9 * time.Minute)
	b.disable(adele)
	b.clock.add(9 * time.Minute)

	p := auditor.get(at(adelePage, before)).want(http.StatusOK).sound()

	p.says(".note-ask", "As of "+inUTC(before), "Active", "observed", "watching this person since")
	if p.find(".head .btn").Length() != 0 {
		t.Error("a page about the past has the actions of now")
	}
	disabled := auditor.get(at(adelePage, b.clock.Now().Add(-5*time.Minute))).want(http.StatusOK)
	disabled.says(".note-ask", "Disabled", "observed")
}

// inUTC is a time as pages about the past write it.
// inParameter is a time as links have it.
func inParameter(at time.Time) string {
	switch {
	case at.Nanosecond() != 0:
		return at.UTC().Format(time.RFC3339Nano)
	case at.Second() != 0:
		return at.UTC().Format(time.RFC3339)
	}
	return at.UTC().Format("2006-01-02T15:04Z07:00")
}

func inUTC(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") }

// disable disables a person of Lyondell as an administrator does.
func (b *bench) disable(userID string) {
	b.t.Helper()
	admin := auth.Actor{Issuer: "https://idp.example", Subject: "sub-ada", Name: "Ada Admin", Email: "ada@partner.example", Roles: auth.Roles{auth.Admin}}
	made, err := b.changes.SetStatus(b.t.Context(), admin, change.StatusRequest{
		CompanyID: lyondell, UserID: userID, Reason: "left", Token: portal.NewToken(), Seen: sapi.StatusActive,
	})
	b.must(err)
	if made.State != change.Done {
		b.t.Fatalf("SetStatus = %v, want done", made.State)
	}
}

func TestAnInferredStatusLeadsWhoMayToItsEvent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.as(auth.Viewer).get(adelePage).want(http.StatusOK)
	b.clock.add(10 * time.Minute)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUser"}, Kind: sandbox.KindStatus, Status: 500, After: 1, Times: 1})
	b.disable(adele)
	b.clock.add(10 * time.Minute)
	between := b.clock.Now().Truncate(time.Second)
	b.clock.add(10 * time.Minute)
	b.as(auth.Viewer).get(adelePage).want(http.StatusOK)

	viewer := b.as(auth.Viewer).get(at(adelePage, between)).want(http.StatusOK).sound()
	viewer.says(".note-ask", "Disabled", "inferred", "Disabled by Foyer at", "then read as disabled at")
	if viewer.find(".note-ask a").Length() != 0 {
		t.Error("a viewer is led to an event that they may not see")
	}
	href := b.as(auth.Auditor).get(at(adelePage, between)).find(".note-ask a").AttrOr("href", "")
	b.as(auth.Auditor).get(href).want(http.StatusOK).says("h1", "Disabled Adele Vance")
}

func TestATimeThatCantBeIsSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Auditor)
	for _, path := range []string{lyondellPeople, adelePage} {
		for typed, words := range map[string]string{
			"soon": "Enter a day such as", "2026-02-30": "Enter a day such as", "<b>1": "Enter a day such as",
			"2999-01-01T10:00": "has not come yet", b.clock.Now().Add(time.Hour).Format(time.RFC3339): "has not come yet",
		} {
			p := browser.get(path + "?at=" + url.QueryEscape(typed)).want(http.StatusUnprocessableEntity).sound()
			p.says(".error-summary", words).says("#status-at .field-error", words)
			if got := p.find("#status-at input[name=at]").AttrOr("value", ""); got != typed {
				t.Errorf("%s: the field has %q, want what was typed", typed, got)
			}
			if p.find(".note-ask, #people tbody").Length() != 0 {
				t.Errorf("%s: statuses are shown although the time can’t be", typed)
			}
		}
		p := browser.get(path + "?at=")
		if path == lyondellPeople {
			p = browser.follow(p)
		}
		p.want(http.StatusOK).sound()
	}
	browser.get(lyondellPeople+"/at.csv?at=soon").want(http.StatusBadRequest).says("main", "Enter a day such as")
	browser.get(lyondellPeople+"/at.csv").want(http.StatusBadRequest).says("main", "Enter a day such as")
	browser.get(lyondellPeople+"/at.csv?at=2999-01-01").want(http.StatusBadRequest).says("main", "has not come yet")
}

func TestTheStatusOfAWholeCompanyIsAFile(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	auditor := b.as(auth.Auditor)
	between := b.watch(auditor)

	answer := auditor.get(at(lyondellPeople+"/at.csv", between)).want(http.StatusOK)

	if kind := answer.header.Get("Content-Type"); kind != "text/csv; charset=utf-8" {
		t.Errorf("Content-Type = %q", kind)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(answer.body, excelMark))).ReadAll()
	if err != nil || len(rows) != 106 {
		t.Fatalf("%d lines, %v, want 105 people under a heading", len(rows), err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	known := map[string]int{}
	for _, row := range rows[1:] {
		known[row[column["Known by"]]]++
		if name := row[column["Person"]]; strings.HasPrefix(name, "@") || strings.HasPrefix(name, "=") {
			t.Errorf("%q would be run as a formula", name)
		}
	}
	if known["observed"] != 20 || known["unknown"] != 85 {
		t.Errorf("known by %v, want the 20 who were read", known)
	}
	first := rows[1]
	if first[column["Person"]] != "Adele Vance" || first[column["Status then"]] != "active" || first[column["Listed by Symphony now"]] != "yes" || first[column["As of (UTC)"]] != between.Format(time.RFC3339) {
		t.Errorf("first row = %q, want Adele, active", first)
	}
	exports := b.events(ledger.Filter{Action: ledger.Export})
	if len(exports) != 1 || exports[0].Company.ID != lyondell || string(exports[0].After) != `{"rows":105}` || !strings.Contains(exports[0].Note, inUTC(between)) {
		t.Errorf("ledger = %+v, want one export of Lyondell’s people", exports)
	}

	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUsers"}, Kind: sandbox.KindStatus, Status: 500})
	auditor.get(at(lyondellPeople+"/at.csv", between)).want(http.StatusBadGateway)
	if n := len(b.events(ledger.Filter{Action: ledger.Export})); n != 1 {
		t.Errorf("%d exports are recorded, want none of what could not be read", n)
	}
}

func TestAChangeOutsideFoyerIsInTheHistory(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Auditor)
	browser.get(adelePage).want(http.StatusOK)
	b.must(b.sandbox.Faults().SetUserActive(t.Context(), adele, false))
	b.clock.add(10 * time.Minute)

	p := browser.get(adelePage).want(http.StatusOK).sound()

	p.says(".answer", "Disabled and can’t sign in.", "Disabled outside Foyer, at some time ").says("#history", "Changed outside Foyer:", "Adele Vance", "Noticed", "noticed by Foyer", "Foyer did not change it in between.")
	event := b.events(ledger.Filter{Action: ledger.StatusOutside})
	if len(event) != 1 {
		t.Fatalf("%d events, want one", len(event))
	}
	browser.get("/audit?action=user.status_outside").want(http.StatusOK).says("tbody", "Adele Vance", "Noticed")
	browser.get(fmt.Sprintf("/audit/%d", event[0].Seq)).want(http.StatusOK).sound().says("#values", "Status", "active", "disabled", "Read at")
}
