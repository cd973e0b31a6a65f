package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/sandbox"
	"foyer/sapi"
)

func newCompanyForm() url.Values {
	return url.Values{"name": {"Tern Bank"}, "vanityName": {"tern"}, "emailDomains": {"tern.example, TERN-FX.example"}, "samples": {"jane@corporate.example"}}
}

func TestACompanyIsCheckedThenCreated(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)

	p := browser.get("/companies/new").want(http.StatusOK).sound()
	p.says("form .hint", "Becomes acme.on.symphony.com.")
	p = browser.submit(p, "#company-form", newCompanyForm()).want(http.StatusOK).sound()

	p.says(".summary", "Tern Bank", "tern", "https://tern.on.symphony.com", "tern.example", "tern-fx.example")
	p.says("#check-form .card:nth-of-type(2)", "Who is on Symphony already", "corporate.symphony.com")
	p.says("#check-form .btn-primary", "Create company Tern Bank in SANDBOX")
	if _, created := b.findCompany("tern"); created {
		t.Fatal("checking creates the company")
	}

	p = browser.submit(p, "#check-form", nil)
	company := b.company("tern")
	page := browser.follow(p).want(http.StatusOK).sound()
	page.says(".note-ok", "Tern Bank was requested.", "about 20 minutes").says(".head", "Being built")
	if diff := cmp.Diff([]string{"tern.example", "tern-fx.example"}, company.EmailDomains); diff != "" {
		t.Errorf("domains (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]ledger.Outcome{ledger.Intent, ledger.Succeeded}, b.outcomes(ledger.CreateCompany)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
}

func TestSendingACompanyTwiceCreatesItOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	check := browser.post("/companies/check", newCompanyForm()).want(http.StatusOK)

	first := browser.submit(check, "#check-form", nil).want(http.StatusSeeOther)
	second := browser.submit(check, "#check-form", nil).want(http.StatusSeeOther)

	if first.location() != second.location() {
		t.Errorf("the second click leads to %q, the first to %q", second.location(), first.location())
	}
	if n := b.calls("createCompany"); n != 1 {
		t.Errorf("Symphony was asked %d times, want once", n)
	}
}

func TestAFormThatCantBeRightComesBackAsItWasFilled(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		field string
		value string
		says  string
	}{
		{"no name", "name", "  ", "Enter the company’s name."},
		{"invisible characters", "name", "Tern\u202eknaB", "invisible character"},
		{"no vanity name", "vanityName", "", "Enter the vanity name."},
		{"capital letters", "vanityName", "Tern", "small letters"},
		{"no domain", "emailDomains", "", "Enter at least one e-mail domain"},
		{"not a domain", "emailDomains", `tern.example <b class="canary">`, "“<b”, “class=\"canary\">” are not domains"},
		{"public mail", "emailDomains", "tern.example gmail.com", "gmail.com is a public e-mail service"},
		{"too many domains", "emailDomains", "a1.example b2.example c3.example d4.example e5.example f6.example g7.example h8.example i9.example j10.example k11.example", "10 domains at most; these are 11"},
		{"not an address", "samples", "jane", "“jane” is not an e-mail address"},
		{"too many samples", "samples", manyAddresses(41), "Give 40 sample addresses at most; these are 41."},
		{"a name of ours", "name", "LYONDELL trading", "You sponsor a company called Lyondell Trading already."},
		{"a vanity name of ours", "vanityName", "lyondell", "The vanity name lyondell is that of Lyondell Trading, which you sponsor."},
		{"a domain of ours", "emailDomains", "tern.example\nLyondell.example", "lyondell.example belongs to Lyondell Trading, which you sponsor."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			form := newCompanyForm()
			form.Set(test.field, test.value)

			p := b.as(auth.Onboarder).post("/companies/check", form).want(http.StatusUnprocessableEntity).sound()

			p.says(".error-summary", test.says).says("#field-"+test.field+"-error", test.says)
			if got := p.find(".error-summary a").First().AttrOr("href", ""); got != "#field-"+test.field {
				t.Errorf("the summary leads to %q, want the field %s", got, test.field)
			}
			if title := p.text("title"); !strings.HasPrefix(title, "Error: ") {
				t.Errorf("title = %q, want it to begin with Error", title)
			}
			values, _ := p.form("#company-form")
			if diff := cmp.Diff(form, values); diff != "" {
				t.Errorf("the form comes back changed (-sent +back):\n%s", diff)
			}
			if n := b.calls("createCompany"); n != 0 {
				t.Errorf("Symphony was asked %d times to create, want never", n)
			}
		})
	}
}

func manyAddresses(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("p" + strings.Repeat("x", i) + "@tern.example ")
	}
	return b.String()
}

func TestAConflictWithACompanyOfOursOffersToAddDomainsToIt(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Onboarder)
	form := newCompanyForm()
	form.Set("emailDomains", "lyondell.example lyondell-fx.example")

	p := browser.post("/companies/check", form).want(http.StatusUnprocessableEntity)

	offers := p.find("#company-form a[href='/companies/" + lyondell + "/domains']")
	if offers.Length() != 1 || offers.Text() != "Add domains to Lyondell Trading instead" {
		t.Errorf("%d offers %q, want one to add domains to Lyondell instead", offers.Length(), offers.Text())
	}
}

func TestSymphonysRefusalComesBackAtItsField(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, field, value, says string }{
		{"somebody’s name", "name", "Northwind Brokers", "A company with the same name already exists."},
		{"somebody’s vanity name", "vanityName", "northwind", "A company with the same vanity name already exists."},
		{"somebody’s domain", "emailDomains", "tern.example quietharbour.example", "Another company on Symphony has one of these domains already."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			browser := b.as(auth.Onboarder)
			form := newCompanyForm()
			form.Set(test.field, test.value)
			check := browser.post("/companies/check", form).want(http.StatusOK)

			p := browser.submit(check, "#check-form", nil).want(http.StatusUnprocessableEntity).sound()

			p.says("#field-"+test.field+"-error", test.says, "Nothing was changed.").says("details", "HTTP status", "Trace id", "POST /api/v2/companies")
			values, _ := p.form("#company-form")
			if diff := cmp.Diff(form, values); diff != "" {
				t.Errorf("the form comes back changed (-sent +back):\n%s", diff)
			}
			if diff := cmp.Diff([]ledger.Outcome{ledger.Intent, ledger.Failed}, b.outcomes(ledger.CreateCompany)); diff != "" {
				t.Errorf("ledger (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhenSymphonyCantBeReachedNothingIsCreated(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	check := browser.post("/companies/check", newCompanyForm()).want(http.StatusOK)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "createCompany"}, Kind: sandbox.KindStatus, Status: http.StatusForbidden})

	p := browser.submit(check, "#check-form", nil).want(http.StatusUnprocessableEntity).sound()

	p.says(".error-summary", "Symphony doesn’t allow this to your organisation. Nothing was changed.")
	if p.find(".field-error").Length() != 0 {
		t.Error("a field is blamed")
	}
}

func TestAVanityNameThatWasTakenMeanwhileIsSaidAtItsField(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	check := browser.post("/companies/check", newCompanyForm()).want(http.StatusOK)
	_, err := b.symphony.Companies.Create(t.Context(), sapi.NewCompany{Name: "Somebody else's", VanityName: "tern", EmailDomains: []string{"others.example"}})
	b.must(err)

	p := browser.submit(check, "#check-form", nil).want(http.StatusUnprocessableEntity).sound()

	p.says("#field-vanityName-error", "A company with this vanity name was there before. Nothing was created.")
	if values, _ := p.form("#company-form"); values.Get("name") != "Tern Bank" {
		t.Errorf("the form comes back with %v", values)
	}
	if diff := cmp.Diff([]ledger.Outcome{ledger.Intent, ledger.Failed}, b.outcomes(ledger.CreateCompany)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
	browser.get("/").want(http.StatusOK).sound().says("#activity", "Tern Bank")
	b.as(auth.Auditor).get("/audit").want(http.StatusOK).sound().says("tbody", "Tern Bank", "was there before")
}

func TestALostAnswerIsSettledByReading(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		kind     sandbox.Kind
		created  bool
		outcomes []ledger.Outcome
	}{
		{"after the work", sandbox.KindCloseAfter, true, []ledger.Outcome{ledger.Intent, ledger.Unknown, ledger.Reconciled}},
		{"an empty answer", sandbox.KindEmpty, true, []ledger.Outcome{ledger.Intent, ledger.Unknown, ledger.Reconciled}},
		{"before the work", sandbox.KindStatus, false, []ledger.Outcome{ledger.Intent, ledger.Unknown}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			browser := b.as(auth.Onboarder)
			check := browser.post("/companies/check", newCompanyForm()).want(http.StatusOK)
			b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "createCompany"}, Kind: test.kind})

			p := browser.submit(check, "#check-form", nil).want(http.StatusSeeOther)

			if company, created := b.findCompany("tern"); created != test.created {
				t.Errorf("Symphony has the company: %v, want %v", created, test.created)
			} else if created && p.location() != "/companies/"+company.ID {
				t.Errorf("a company that was found leads to %q, want its page", p.location())
			} else if !created && !strings.HasPrefix(p.location(), "/changes/") {
				t.Errorf("an unknown outcome leads to %q, want the change's page", p.location())
			}
			if diff := cmp.Diff(test.outcomes, b.outcomes(ledger.CreateCompany)); diff != "" {
				t.Errorf("ledger (-want +got):\n%s", diff)
			}
			if n := b.calls("createCompany"); n != 1 {
				t.Errorf("Symphony was asked %d times to create, want once", n)
			}
		})
	}
}

func TestChangeLeadsBackToTheFilledForm(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	form := newCompanyForm()
	check := browser.post("/companies/check", form).want(http.StatusOK)
	button := check.find("button[name=change][value=emailDomains]")
	values, _ := check.form("#check-form")
	values.Set("change", button.AttrOr("value", ""))

	p := browser.post(button.AttrOr("formaction", ""), values).want(http.StatusOK).sound()

	back, _ := p.form("#company-form")
	if diff := cmp.Diff(form, back); diff != "" {
		t.Errorf("the form comes back changed (-sent +back):\n%s", diff)
	}
	if p.find("#field-emailDomains[autofocus]").Length() != 1 {
		t.Error("the field to change hasn't the focus")
	}
}

func TestAFormWithoutATokenIsAskedForAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := b.as(auth.Onboarder).post("/companies", newCompanyForm()).want(http.StatusUnprocessableEntity).sound()
	p.says(".error-summary", "This form is out of date.")
	if _, created := b.findCompany("tern"); created {
		t.Error("a form without a token creates")
	}
}

func TestAQueryDoesntFillTheForm(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := b.as(auth.Onboarder).post("/companies/check?name=Evil&vanityName=evil&emailDomains=evil.example", url.Values{})
	p.want(http.StatusUnprocessableEntity).says("#field-name-error", "Enter the company’s name.")
}
