package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/sandbox"
)

func TestASingleHitOpensAtOnce(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)
	person, company := "/companies/"+lyondell+"/users/"+adele, "/companies/"+lyondell
	for _, test := range []struct{ query, want string }{
		{"adele.vance@lyondell.example", person},
		{"  ADELE.vance@LYONDELL.example ", person},
		{adele, person},
		{strings.ToUpper(adele), person},
		{"695734946108125", person}, // known from here on, because she was read
		{"lyondell trad", company},
		{"lyondell.example", company},
		{lyondell, company},
		{"lyondell", company},
	} {
		p := browser.get("/find?q=" + url.QueryEscape(test.query)).want(http.StatusSeeOther)
		if p.location() != test.want {
			t.Errorf("%q leads to %s, want %s", test.query, p.location(), test.want)
		}
	}
}

func TestSeveralHitsAreListed(t *testing.T) {
	t.Parallel()
	p := newBench(t).as(auth.Viewer).get("/find?q=on").want(http.StatusOK).sound()
	want := []string{"Concordia Group", "Halcyon Trust", "Lyondell Trading"}
	if diff := cmp.Diff(want, p.texts("#companies tbody th a")); diff != "" {
		t.Errorf("companies (-want +got):\n%s", diff)
	}
	p.says("h1", "Search for “on”").says("[role=status]", "3 companies found.")
	if got := p.find("#search").AttrOr("value", ""); got != "on" {
		t.Errorf("the search box has %q", got)
	}
}

func TestASearchWithoutWordsSaysWhatCanBeTyped(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)
	for _, path := range []string{"/find", "/find?q=", "/find?q=++"} {
		browser.get(path).want(http.StatusOK).sound().says("h1", "Find people").says(".facts", "their e-mail address", "vanity name", "can’t search for people by name")
	}
}

func TestWhatIsNotFoundSaysWhatWasNotLookedThrough(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)
	tests := []struct {
		query, words string
		precheck     bool
	}{
		{"nobody@unheard.example", "No company that you sponsor has the domain unheard.example.", true},
		{"Adele Vance", "Symphony’s API can’t search for people by name.", false},
		{"unheard.example", "can’t search for people by name", true},
		{"999999999999", "Symphony’s API can’t search by this id", false},
		{"00000000-0000-4000-8000-000000000000", "Neither a company that you sponsor nor a person of one has this.", false},
		{`<b class="canary">&"`, "can’t search for people by name", false},
	}
	for _, test := range tests {
		p := browser.get("/find?q=" + url.QueryEscape(test.query)).want(http.StatusOK).sound()
		p.says(".empty-no-match", "Nothing found for “"+test.query+"”", test.words, "All companies", "Clear the search")
		offered := p.find(".empty a[href^='/precheck?email=']").Length() == 1
		if offered != test.precheck {
			t.Errorf("%q: the pre-check is offered: %v, want %v", test.query, offered, test.precheck)
		}
	}
}

func TestASearchWhileSymphonyIsDownSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getCompanies"}, Kind: sandbox.KindHTML})
	b.as(auth.Viewer).get("/find?q=lyondell").want(http.StatusBadGateway).sound().
		says(".empty-failed", "Symphony could not be read", "Reference", "Try again")
}

func TestASearchThatIsTooLongIsRefused(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Viewer)
	for _, q := range []string{strings.Repeat("x", 320+1), "%ff%fe"} {
		browser.get("/find?q="+q).want(http.StatusBadRequest).sound().says("main", "320 characters")
	}
}
