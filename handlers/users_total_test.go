package handlers

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"foyer/auth"
	"foyer/sandbox"
)

// Symphony's total may be missing or wrong: people who were received are there.
func TestThePeoplePageCountsWhatWasReceived(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"null", "0", "-1", `"none"`} {
		b := newBench(t)
		b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUsers"}, Kind: sandbox.KindTotal, Raw: json.RawMessage(raw)})
		viewer := b.as(auth.Viewer)
		b.readPeople()
		p := viewer.get("/companies/" + lyondell + "/users?size=20").want(http.StatusOK).sound()
		p.says(".head-sub", "105 people").says("#people-matched", "105 people")
		if text := p.text("main"); strings.Contains(text, "Nobody is here") || strings.Contains(text, "-1 p") {
			t.Errorf("total %s: %q", raw, text)
		}
		viewer.get("/companies/"+lyondell+"/users?size=20&at=2020-01-01").want(http.StatusOK).says("main", "at least 20 people")
		if text := viewer.get("/companies/" + lyondell).want(http.StatusOK).text("main"); strings.Contains(text, "-1 p") || strings.Contains(text, " 1 person") {
			t.Errorf("total %s: the company's page says %q", raw, text)
		}
	}

	b := newBench(t)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUsers"}, Kind: sandbox.KindTotal, Raw: json.RawMessage("105.0")})
	b.as(auth.Viewer).get("/companies/"+lyondell+"/users?size=20&at=2020-01-01").want(http.StatusOK).says("main", "105 people", "1–20 of 105")
}

// What Symphony says isn't shown as though it had been counted, where others were received.
func TestACompanysPageSaysHowManyPeopleWereReceivedWhateverSymphonySays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	viewer := b.as(auth.Viewer)
	b.readPeople()
	viewer.get(lyondellPage).want(http.StatusOK).says(".head-sub", "105 people").says(".fact-row", "105 people", "counted")
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUsers"}, Kind: sandbox.KindTotal, Raw: json.RawMessage("99999999")})
	p := viewer.get(lyondellPage).want(http.StatusOK).sound()
	p.says(".head-sub", "105 people").says(".fact-row", "105 people", "received", "Symphony says 99,999,999")
	if strings.Contains(p.text(".head-sub"), "99,999,999") || strings.Contains(p.text(".fact-row"), "counted") {
		t.Errorf("it says %q", p.text("main"))
	}
}

// The list has Symphony's numbers, and says so where others were read.
func TestTheListOfCompaniesSaysWhoseNumberOfPeopleItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	viewer := b.as(auth.Viewer)
	b.readPeople()
	if text := viewer.get("/companies").want(http.StatusOK).text("#companies"); strings.Contains(text, "Symphony’s number") {
		t.Errorf("where nothing differs it says %q", text)
	}
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUsers"}, Kind: sandbox.KindTotal, Raw: json.RawMessage("120")})
	viewer.get(lyondellPage).want(http.StatusOK)
	row := viewer.get("/companies?q=lyondell+trading").want(http.StatusOK).sound().text("#companies tbody tr:first-child")
	if !strings.Contains(row, "120") || !strings.Contains(row, "Symphony’s number; 105 read") {
		t.Errorf("the row says %q", row)
	}
	if file := viewer.get("/companies.csv?q=lyondell+trading").want(http.StatusOK).body; !strings.Contains(file, ",People read") || !strings.Contains(file, ",105\r\n") {
		t.Errorf("the file says %s", file)
	}
	b.loseDirectory()
	viewer.get("/companies").want(http.StatusOK).says("#companies", "120")
}
