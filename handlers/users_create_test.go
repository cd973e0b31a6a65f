package handlers

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/users"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sandbox"
	"foyer/sapi"
)

const (
	addPage   = "/companies/" + lyondell + "/users/new"
	checkPath = "/companies/" + lyondell + "/users/check"
)

// row fills one row of the form with what Symphony requires.
func row(i int, email, first, last string) url.Values {
	return url.Values{
		users.FieldName(i, "email"): {email}, users.FieldName(i, "firstName"): {first}, users.FieldName(i, "lastName"): {last},
	}
}

// rows joins the rows of one form.
func rows(all ...url.Values) url.Values {
	form := url.Values{}
	for _, values := range all {
		maps.Copy(form, values)
	}
	return form
}

// people are those of a form.
func peopleOf(form url.Values) []sapi.NewUser {
	var all []sapi.NewUser
	for row := range portal.MaxPeople {
		value := func(field string) string { return strings.TrimSpace(form.Get(users.FieldName(row, field))) }
		u := sapi.NewUser{Email: value("email"), FirstName: value("firstName"), LastName: value("lastName"), Department: value("department")}
		if u != (sapi.NewUser{}) {
			all = append(all, u)
		}
	}
	return all
}

func TestPeopleAreCheckedThenCreated(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)

	p := browser.get(addPage).want(http.StatusOK).sound()
	p.says("#people-form", "Up to 20 people at once", "lyondell.example, lyondell-fx.example", "Check these people")
	p = browser.submit(p, "#people-form", rows(
		row(0, "new.one@lyondell.example", "New", "One"), row(2, "new.two@LYONDELL-FX.example", " Newest ", `<b class="canary">&"`),
		url.Values{"users.2.title": {"Trader"}},
	)).want(http.StatusOK).sound()

	p.says("h1", "Add 2 people to Lyondell Trading?").says("#check-form .btn-primary", "Add 2 people to Lyondell Trading in SANDBOX")
	p.says("tbody tr:nth-child(2)", "new.two@LYONDELL-FX.example", "Newest", `<b class="canary">&"`, "Trader", "not given", "Change")
	if n := b.calls("createUsers"); n != 0 {
		t.Fatal("checking creates people")
	}

	p = browser.follow(browser.submit(p, "#check-form", nil)).want(http.StatusOK).sound()
	p.says(".note-ok", "2 created").says("tbody tr:nth-child(1)", "New One", "Created", "Open")
	created := b.user(lyondell, "new.two@lyondell-fx.example")
	if created.FirstName != "Newest" || created.Title != "Trader" || created.LastName != `<b class="canary">&"` {
		t.Errorf("Symphony has %+v", created)
	}
	if href, _ := p.find("tbody tr:nth-child(2) .actions a").Attr("href"); href != "/companies/"+lyondell+"/users/"+created.ID {
		t.Errorf("the person who was created is linked to %q", href)
	}
	if diff := cmp.Diff([]ledger.Outcome{ledger.Intent, ledger.Succeeded}, b.outcomes(ledger.CreateUsers)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
}

func TestSendingPeopleTwiceCreatesThemOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	check := browser.post(checkPath, row(0, "once@lyondell.example", "On", "Ce")).want(http.StatusOK)

	first := browser.submit(check, "#check-form", nil).want(http.StatusSeeOther)
	second := browser.submit(check, "#check-form", nil).want(http.StatusSeeOther)

	if first.location() != second.location() {
		t.Errorf("the second click leads to %q, the first to %q", second.location(), first.location())
	}
	if n := b.calls("createUsers"); n != 1 {
		t.Errorf("Symphony was asked %d times, want once", n)
	}
}

func TestPeopleWhoCantBeRightComeBackFieldByField(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	tests := []struct {
		name  string
		form  url.Values
		field string
		says  string
	}{
		{"nobody", url.Values{}, "users.0.email", "Enter at least one person, or paste rows"},
		{"no address", row(0, "", "A", "B"), "users.0.email", "Row 1: Enter the e-mail address."},
		{"no first name", row(0, "a@lyondell.example", " ", "B"), "users.0.firstName", "Row 1: Enter the first name."},
		{"no last name", row(0, "a@lyondell.example", "A", ""), "users.0.lastName", "Row 1: Enter the last name."},
		{"no address at all", row(0, `<b class="canary">`, "A", "B"), "users.0.email", "Row 1: This is not an e-mail address."},
		{"another domain", row(0, "a@elsewhere.example", "A", "B"), "users.0.email", "Row 1: elsewhere.example is not a domain of this company."},
		{"twice", rows(row(0, "a@lyondell.example", "A", "B"), row(1, "A@Lyondell.example", "C", "D")), "users.1.email", "Row 2: This address is already in row 1."},
		{"too long", rows(row(0, "a@lyondell.example", "A", "B"), url.Values{"users.0.department": {strings.Repeat("x", 257)}}), "users.0.department", "Row 1: The department must have 256 characters at most"},
		{"after an empty row", row(4, "a@lyondell.example", "", "B"), "users.0.firstName", "Row 1: Enter the first name."},
	}
	for _, test := range tests {
		for _, path := range []string{checkPath, "/companies/" + lyondell + "/users"} {
			if test.name == "nobody" && path != checkPath {
				continue // can't come from a page to check
			}
			form := rows(test.form, url.Values{"formToken": {browser.token(kit.Form{Path: "/companies/" + lyondell + "/users", Shown: peopleOf(test.form)})}})
			p := browser.post(path, form).want(http.StatusUnprocessableEntity).sound()

			p.says(".error-summary", test.says).says("head title", "Error: ")
			if got, _ := p.find(".error-summary a").First().Attr("href"); got != "#field-"+test.field {
				t.Errorf("%s: the summary leads to %q, want %s", test.name, got, test.field)
			}
			if got := p.find(`[id="field-` + test.field + `-error"]`).Text(); !strings.Contains(got, test.says) {
				t.Errorf("%s: at the field stands %q", test.name, got)
			}
			values, _ := p.form("#people-form")
			for name, want := range test.form {
				if test.name != "after an empty row" && values.Get(name) != strings.TrimSpace(want[0]) {
					t.Errorf("%s: the form comes back with %s %q, want %q", test.name, name, values.Get(name), want[0])
				}
			}
		}
	}
	if n := b.calls("createUsers"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}

func TestAllTwentyRowsAreWithinReachWithoutAScript(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Onboarder)
	p := browser.get(addPage)
	if n := p.find("#people-form fieldset").Length(); n != 3 {
		t.Errorf("the form begins with %d rows, want %d", n, 3)
	}

	for range 4 {
		p = browser.submit(p, "#people-form", url.Values{"more": {"true"}, "users.0.email": {"kept@lyondell.example"}}).want(http.StatusOK).sound()
	}

	if n := p.find("#people-form fieldset").Length(); n != 20 {
		t.Errorf("the form ends with %d rows, want 20", n)
	}
	p.says("#people-form", "All 20 rows are here.")
	if values, _ := p.form("#people-form"); values.Get("users.0.email") != "kept@lyondell.example" {
		t.Error("what was typed is lost")
	}
}

func TestRowsOfASpreadsheetFillTheForm(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Onboarder)

	p := browser.submit(browser.get(addPage), "#people-form", rows(row(0, "there@lyondell.example", "There", "Already"), url.Values{
		"paste": {"Last name\tE-mail\tFirst name\tManager\nDoe\tjane@lyondell.example\tJane\tBob\n"},
	})).want(http.StatusOK).sound()

	p.says(".note", "1 row was pasted.", "Not taken over, unless you choose below what it is: Manager.")
	values, _ := p.form("#people-form")
	for name, want := range rows(row(0, "there@lyondell.example", "There", "Already"), row(1, "jane@lyondell.example", "Jane", "Doe"), url.Values{"paste": {""}}) {
		if got := values.Get(name); got != want[0] {
			t.Errorf("%s = %q, want %q", name, got, want[0])
		}
	}

	tooMany := strings.Repeat("jane@lyondell.example\tJane\tDoe\n", 21)
	p = browser.submit(p, "#people-form", url.Values{"paste": {tooMany}}).want(http.StatusUnprocessableEntity).sound()
	p.says(".error-summary", "These are 21 rows, and 2 are filled in already.")
	browser.post(checkPath, url.Values{"fill": {"true"}}).want(http.StatusUnprocessableEntity).says("#field-paste-error", "There is nobody in what was pasted.")
	if values, _ := p.form("#people-form"); strings.TrimSpace(values.Get("paste")) != strings.TrimSpace(tooMany) || values.Get("users.1.firstName") != "Jane" {
		t.Error("what was pasted or filled in is lost")
	}
}

// paste sends a list to the form and gives the page that comes of it.
func (b *browser) paste(text string) *page {
	return b.submit(b.get(addPage), "#people-form", url.Values{"paste": {text}})
}

// values are what the form has of one row, field by field.
func personValues(p *page, row int) string {
	values, _ := p.form("#people-form")
	var parts []string
	for _, field := range []string{"email", "firstName", "lastName", "displayName", "title", "department", "location", "phoneNumber"} {
		parts = append(parts, values.Get(users.FieldName(row, field)))
	}
	return strings.TrimRight(strings.Join(parts, "|"), "|")
}

func TestPastedRowsGoWhereTheyBelong(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Onboarder)
	tests := []struct {
		name, text string
		want       []string
		says       string
	}{
		{"a cell begins with a quotation mark", "E-mail;First name;Last name\na@x.example;\"Ann;Lee\nb@x.example;Bob\";Ray\n", []string{`a@x.example|"Ann|Lee`, `b@x.example|Bob"|Ray`}, "2 rows were pasted."},
		{
			"Entra's template", "version:v1.0,,,\nName [displayName] Required,User name [userPrincipalName] Required,Initial password [passwordProfile] Required,First name [givenName]\nExample: Chris Green,chris@contoso.example,myPassword1234,Chris\nJane Doe,jane@x.example,Xwq7-secret,Jane\n",
			[]string{"jane@x.example|Jane||Jane Doe"},
			"Not kept, because it looks like a password: Initial password",
		},
		{"an address list", `Day, Zoe <zd@x.example>; "O'Neill, Pat" <po@x.example>`, []string{"zd@x.example|Zoe|Day", "po@x.example|Pat|O'Neill"}, "2 rows were pasted."},
		{"a cell of two lines", "E-mail;First name;Job title\na@x.example;Ann;\"Head\r\nof FX\"\n", []string{"a@x.example|Ann|||Head of FX"}, "1 row was pasted."},
		{"no heading", "Jane\tDoe\tjane@x.example", []string{"jane@x.example"}, "Not taken over, unless you choose below what it is: column 1, column 2."},
	}
	for _, test := range tests {
		p := browser.paste(test.text).want(http.StatusOK).sound().says(".note", test.says)
		for i, want := range append(test.want, "") {
			if got := personValues(p, i); got != want {
				t.Errorf("%s: row %d = %q, want %q", test.name, i+1, got, want)
			}
		}
		for _, secret := range []string{"Xwq7-secret", "myPassword1234"} {
			if strings.Contains(p.body, secret) {
				t.Errorf("%s: the page has %q", test.name, secret)
			}
		}
	}
}

func TestWhatAColumnIsCanBeChanged(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Onboarder)

	p := browser.paste("Wer;Kontakt;Kennwort;Was\nJane;jane@x.example;Xwq7-secret;Trader\nBob;bob@x.example;Xwq8-secret;\n").want(http.StatusUnprocessableEntity).sound()
	p.says(".error-summary", "None of the columns is known to have the e-mail addresses.").says("#people-form", "looks like a password: not kept", "Kontakt", "jane@x.example")
	if got := personValues(p, 0); got != "" || strings.Contains(p.body, "Xwq7-secret") {
		t.Errorf("the first row is %q; with the password: %v", got, strings.Contains(p.body, "Xwq7-secret"))
	}

	p = browser.submit(p, "#people-form", url.Values{"list.columns.0": {"firstName"}, "list.columns.1": {"email"}, "reread": {"true"}}).want(http.StatusOK).sound()
	p.says(".note", "2 rows were read again.", "unless you choose below what it is: Was")
	if got := personValues(p, 0) + " " + personValues(p, 1); got != "jane@x.example|Jane bob@x.example|Bob" {
		t.Errorf("the rows are %q", got)
	}
	p = browser.submit(p, "#people-form", url.Values{"list.columns.0": {"lastName"}, "list.columns.3": {"title"}, "users.2.email": {"typed@x.example"}, "users.0.firstName": {"Janet"}}).want(http.StatusOK).sound()
	for i, want := range []string{"jane@x.example||Jane||Trader", "bob@x.example||Bob", "typed@x.example", ""} {
		if got := personValues(p, i); got != want {
			t.Errorf("row %d = %q, want %q", i+1, got, want)
		}
	}
	p = browser.submit(p, "#people-form", url.Values{"list.heading": {"false"}}).want(http.StatusOK).sound()
	if got := personValues(p, 3); got != "Kontakt||Wer||Was" {
		t.Errorf("the heading, taken for a person, is %q", got)
	}
	browser.submit(p, "#people-form", url.Values{"list.columns.3": {"email"}}).want(http.StatusUnprocessableEntity).says(".error-summary", "Two columns are chosen for the same field.")
}

func TestWhatNobodySeesIsTakenOutOfAllRowsAtOnce(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Onboarder)
	form := rows(row(0, "a@lyondell.example\u200b", "A\u200e", "B"), row(1, "c@lyondell.example", "C", "D"), row(2, "o’neill@lyondell.example", "E", "F"), url.Values{"users.1.phoneNumber": {"\u202d+33 1\u202c"}})

	p := browser.post(checkPath, form).want(http.StatusUnprocessableEntity).sound()
	p.says(".error-summary", "Row 1: The e-mail address has an invisible character (U+200B).", "Row 3: The e-mail address has the apostrophe ’ (U+2019)").says("#main .note", "Correct 3 fields")
	p = browser.submit(p, "#people-form", url.Values{"mend": {"true"}}).want(http.StatusOK).sound()
	p.says(".note", "row 1 e-mail, row 1 first name, row 2 phone number.")
	for i, want := range []string{"a@lyondell.example|A|B", "c@lyondell.example|C|D|||||+33 1", "o’neill@lyondell.example|E|F"} {
		if got := personValues(p, i); got != want {
			t.Errorf("row %d = %+q, want %+q", i+1, got, want)
		}
	}
	if p := browser.post(checkPath, row(0, "o’neill@lyondell.example", "E", "F")).want(http.StatusUnprocessableEntity); p.find("[name=mend]").Length() != 0 {
		t.Error("what only a person can decide is offered mended")
	}
}

func TestABoxWithNothingButBlanksIsEmpty(t *testing.T) {
	t.Parallel()
	p := newBench(t).as(auth.Onboarder).post(checkPath, rows(row(0, "a@lyondell.example", "A", "B"), url.Values{"paste": {" \r\n\t\u00a0\u200b"}}))
	p.want(http.StatusOK).says("h1", "Add 1 person to Lyondell Trading?")
}

func TestAddressesArePrecheckedOnDemand(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	browser.get("/companies/" + lyondell + "/users/" + adele) // so that Foyer knows her

	p := browser.post(checkPath, rows(
		row(0, "adele.vance@lyondell.example", "Adele", "Vance"), row(1, "brand.new@lyondell.example", "Brand", "New"),
		row(2, "jane@corporate.example", "Jane", "Doe"), row(3, "nonsense", "No", "Sense"), url.Values{"precheck": {"true"}},
	)).want(http.StatusOK).sound()

	for i, want := range []string{"Yours and active", "Domain known, person not", "On Symphony elsewhere", "Not understood"} {
		p.says(fmt.Sprintf("#people-form fieldset:nth-of-type(%d)", i+1), want)
	}
	p.says("#people-form fieldset:nth-of-type(3)", "Evidence", "Login service")
	if values, _ := p.form("#people-form"); values.Get("users.3.email") != "nonsense" {
		t.Error("what was typed is lost")
	}
}

func TestWhoIsThereAlreadyIsMarkedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	for _, known := range []string{"adele.vance@lyondell.example", soren} {
		browser.get("/find?q=" + known).want(http.StatusSeeOther) // so that Foyer knows them
	}
	b.clock.add(10 * time.Minute) // and their statuses are old
	there := rows(row(0, "Adele.Vance@lyondell.example", "Adele", "Vance"), row(2, soren, "Søren", "O’Neill"))

	p := browser.post(checkPath, rows(there, row(1, "brand.new@lyondell.example", "Brand", "New"))).want(http.StatusOK).sound()

	p.says("h1", "Add 1 person to Lyondell Trading?").says("#check-form .note-ask", "2 people are in your companies already")
	p.says("tbody tr:nth-child(1)", "Yours and active", "Open Adele Vance", "in Lyondell Trading, left out")
	p.says("tbody tr:nth-child(3)", "Yours but disabled", "Enable instead")
	if href := p.find("tbody tr:nth-child(3) th a").AttrOr("href", ""); !strings.HasSuffix(href, "/status") {
		t.Errorf("who is disabled is enabled at %q", href)
	}
	p = browser.follow(browser.submit(p, "#check-form", nil)).want(http.StatusOK).sound()
	p.says(".note-ok", "1 created")
	if got := p.texts("tbody tr th"); len(got) != 1 || !strings.Contains(got[0], "brand.new@lyondell.example") {
		t.Errorf("sent were %q", got)
	}

	p = browser.post(checkPath, there).want(http.StatusOK).sound().says("h1", "Everybody is there already")
	if p.find("#check-form .btn-primary").Length() != 0 {
		t.Error("nobody is left to be added, and there is a button for it")
	}
}

func TestWhoCouldNotBeReadIsMarkedAndSentAllTheSame(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	browser.get("/companies/" + lyondell + "/users/" + adele)
	b.clock.add(10 * time.Minute)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUser"}, Kind: sandbox.KindHTML})

	p := browser.post(checkPath, row(0, "adele.vance@lyondell.example", "Adele", "Vance")).want(http.StatusOK).sound()

	p.says("h1", "Add 1 person to Lyondell Trading?").says("tbody tr", "Can’t tell", "Open Adele Vance", "in Lyondell Trading, status could not be read")
	if p.find("#check-form .note-ask").Length() != 0 {
		t.Error("somebody is said to be left out")
	}
}

func TestChangeOnThePageToCheckLeadsBackToTheField(t *testing.T) {
	t.Parallel()
	browser := newBench(t).as(auth.Onboarder)
	check := browser.post(checkPath, rows(row(0, "a@lyondell.example", "A", "B"), row(1, "c@lyondell.example", "C", "D"))).want(http.StatusOK)

	button := check.find("tbody tr:nth-child(2) button[name=change]")
	action, _ := button.Attr("formaction")
	values, _ := check.form("#check-form")
	values.Set("change", button.AttrOr("value", ""))
	p := browser.post(action, values).want(http.StatusOK).sound()

	if got, _ := p.find("[autofocus]").Attr("name"); got != "users.1.email" {
		t.Errorf("the focus is on %q, want the row that is changed", got)
	}
	if values, _ := p.form("#people-form"); values.Get("users.0.lastName") != "B" || values.Get("users.1.email") != "c@lyondell.example" {
		t.Errorf("the form comes back with %v", values)
	}
}

func TestPartialSuccessShowsFailuresFirstAndTriesThemAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "createUsers"}, Kind: sandbox.KindReorder})
	check := browser.post(checkPath, rows(row(0, "fresh@lyondell.example", "Fr", "Esh"), row(1, "adele.vance@lyondell.example", "Adele", "Vance"))).want(http.StatusOK)

	p := browser.follow(browser.submit(check, "#check-form", nil)).want(http.StatusOK).sound()

	p.says(".note-ask", "1 created · 1 already there")
	p.says("tbody tr:nth-child(1)", "Adele Vance", "Already there", "Somebody on Symphony has this e-mail address already", "See where")
	p.says("tbody tr:nth-child(2)", "fresh@lyondell.example", "Created", "Open")
	if p.find("#again-form").Length() != 0 {
		t.Error("nobody was refused, and the page offers to try them again")
	}
}

func TestAWholeRefusalKeepsThePeopleForAnotherTry(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "createUsers"}, Kind: sandbox.KindRetryAfter, RetryAfter: "1", Times: 1})
	check := browser.post(checkPath, rows(row(0, "later@lyondell.example", "La", "Ter"), url.Values{"users.0.title": {"Trader"}})).want(http.StatusOK)

	p := browser.follow(browser.submit(check, "#check-form", nil)).want(http.StatusOK).sound()
	p.says(".note-bad", "It was not done", "asked Foyer to wait", "Copy all for support").says("tbody", "Not created")

	p = browser.submit(p, "#again-form", nil).want(http.StatusOK).sound()
	values, _ := p.form("#people-form")
	if values.Get("users.0.email") != "later@lyondell.example" || values.Get("users.0.title") != "Trader" {
		t.Errorf("the form comes back with %v", values)
	}
}

func TestPeopleWhoseAnswerIsLostAreChecked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "createUsers"}, Kind: sandbox.KindCloseAfter})
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUsers"}, Kind: sandbox.KindHTML, After: 2, Times: 1}) // after the look at who is there, of two pages
	check := browser.post(checkPath, row(0, "lost@lyondell.example", "Lo", "St")).want(http.StatusOK)

	p := browser.follow(browser.submit(check, "#check-form", nil)).want(http.StatusOK).sound()
	p.says("#change-progress", "We don’t know yet").says("tbody tr", "Lo St", "Being checked")

	id := strings.TrimPrefix(p.request, "GET /changes/")
	b.settle(id)
	browser.htmx("/changes/"+id+"/progress").want(http.StatusOK).says("#change-progress", "1 created", "Foyer asked Symphony how it ended").says("tbody tr", "Created", "Open")
	if diff := cmp.Diff([]ledger.Outcome{ledger.Intent, ledger.Unknown, ledger.Reconciled}, b.outcomes(ledger.CreateUsers)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
}

func TestSymphonyDownKeepsThePeopleTyped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	check := browser.post(checkPath, row(0, "kept@lyondell.example", "Ke", "Pt")).want(http.StatusOK)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getCompanyStatus"}, Kind: sandbox.KindHTML})

	p := browser.submit(check, "#check-form", nil).want(http.StatusBadGateway).sound()

	p.says(".error-summary", "Symphony could not be read", "Nothing was changed")
	if values, _ := p.form("#people-form"); values.Get("users.0.email") != "kept@lyondell.example" {
		t.Errorf("the form comes back with %v", values)
	}
	if n := b.calls("createUsers"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}

// resumed opens a browser in which somebody signed in again, after they had sent
// a form of this page without a session.
func (b *bench) resumed(page string, form url.Values, roles ...auth.Role) *browser {
	b.t.Helper()
	kept, err := json.Marshal(kit.Draft{Page: page, Values: form})
	b.must(err)
	browser, answer := b.stranger(), httptest.NewRecorder()
	request := httptest.NewRequestWithContext(b.t.Context(), http.MethodGet, publicURL+"/auth/callback", nil)
	_, err = b.sessions.Begin(answer, request, b.somebody(roles...), kept)
	b.must(err)
	browser.keep(answer.Result())
	return browser
}

func TestAFormThatWasSentAfterTheSessionEndedComesBackUnsent(t *testing.T) {
	t.Parallel()
	b := newBench(t)

	typed := rows(row(0, "a@lyondell.example", "A", ""), row(4, "b@lyondell.example", "B", "C"), url.Values{"paste": {"x"}})
	p := b.resumed(addPage, typed, auth.Onboarder).get(addPage).want(http.StatusOK).sound().says(".note", "Not sent yet")
	want := rows(row(0, "a@lyondell.example", "A", ""), row(1, "b@lyondell.example", "B", "C"), url.Values{"paste": {"x"}})
	values, _ := p.form("#people-form")
	for name, value := range want {
		if got := strings.TrimSpace(values.Get(name)); got != value[0] {
			t.Errorf("%s comes back as %q, want %q", name, got, value[0])
		}
	}

	p = b.resumed(statusPath, url.Values{"reason": {"left the firm"}, "ticket": {"HR-2231"}, "active": {"false"}, "seen": {"active"}}, auth.Viewer).get(statusPath)
	p.want(http.StatusOK).sound().says(".note", "Not sent yet")
	if values, _ := p.form("#status-form"); values.Get("reason") != "left the firm" || values.Get("ticket") != "HR-2231" {
		t.Errorf("the form of a status comes back with %v", values)
	}
	if n := b.calls("createUsers") + b.calls("updateUser"); n != 0 {
		t.Errorf("Symphony was asked %d times, want never", n)
	}
}
