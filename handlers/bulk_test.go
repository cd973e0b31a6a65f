package handlers

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/lists"
	"foyer/sandbox"
	"foyer/sapi"
)

// upload sends a form with a file.
func (b *browser) upload(path string, form url.Values, name, content string) *page {
	b.t.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for field, values := range form {
		b.must(parts.WriteField(field, values[0]))
	}
	if name != "" {
		file, err := parts.CreateFormFile("file", name)
		b.must(err)
		_, err = file.Write([]byte(content))
		b.must(err)
	}
	b.must(parts.Close())
	request := b.request(http.MethodPost, path, &body)
	request.Header.Set("Content-Type", parts.FormDataContentType())
	recorder := httptest.NewRecorder()
	b.foyer.ServeHTTP(recorder, request)
	answer := recorder.Result()
	b.keep(answer)
	return &page{t: b.t, request: "POST " + path, status: answer.StatusCode, header: answer.Header, body: recorder.Body.String()}
}

// bring uploads a list for a bulk change of a kind, of Lyondell's people, and has it checked.
func (b *browser) bring(kind, name, content string) *page {
	b.t.Helper()
	form := b.get("/bulk/new?kind=" + kind + "&companyId=" + lyondell).want(http.StatusOK).sound()
	values, action := form.form("#bulk-form")
	values.Del("file")
	sent := b.upload(action, values, name, content).want(http.StatusSeeOther)
	b.get(sent.location()).want(http.StatusOK).sound().says("main", "The list is being checked")
	b.work()
	return b.get(sent.location()).want(http.StatusOK).sound()
}

// linkTo is where a link of a page leads, without the place on that page.
func linkTo(p *page, selector string) string {
	p.t.Helper()
	path, _, _ := strings.Cut(p.find(selector).First().AttrOr("href", ""), "#")
	return path
}

// work does what the job of every bulk change would do now.
func (b *bench) work() {
	b.t.Helper()
	changes, _, err := b.store.Bulks(b.t.Context(), 0, 50)
	b.must(err)
	for _, c := range changes {
		for range 20 {
			again, err := b.bulk.Do(b.t.Context(), strconv.FormatInt(c.ID, 10))
			b.must(err)
			if again == 0 {
				break
			}
		}
	}
}

// start starts a bulk change from its page, and has its calls made.
func (b *browser) start(p *page) *page {
	b.t.Helper()
	sent := b.submit(p, "#start-form", url.Values{"reason": {"Migration of the FX desk"}, "ticket": {"CHG-2207"}})
	at := sent.want(http.StatusSeeOther).location()
	b.work()
	b.work()
	return b.get(at).want(http.StatusOK).sound()
}

// readLyondell has the directory read Lyondell's people, with who of them is active.
func (b *bench) readLyondell(browser *browser) {
	b.t.Helper()
	b.readEverybody()
	browser.get("/companies/" + lyondell + "/users?size=100").want(http.StatusOK)
}

// peopleTable is the table of a company's people, once they are read.
func (b *browser) peopleTable(companyID string) *page {
	b.t.Helper()
	table := b.get("/companies/" + companyID + "/users?size=20").want(http.StatusOK)
	if table.find("#people-selection").Length() == 0 {
		b.readEverybody()
		table = b.get("/companies/" + companyID + "/users?size=20").want(http.StatusOK)
	}
	return table
}

// activeEmails are addresses of active people of Lyondell, one a line.
func (b *bench) activeEmails(n int) string {
	b.t.Helper()
	var emails strings.Builder
	for u, err := range b.symphony.Users.All(b.t.Context(), lyondell, 100) {
		b.must(err)
		found, err := b.symphony.Users.Get(b.t.Context(), lyondell, u.ID)
		b.must(err)
		if found.Status == sapi.StatusActive && n > 0 {
			emails.WriteString(u.Email + "\n")
			n--
		}
		if n == 0 {
			break
		}
	}
	return emails.String()
}

// endedBulk is the page of one of two bulk changes that disabled somebody, and somebody else
// not.
func (b *browser) endedBulk(n int) *page {
	b.t.Helper()
	if _, total, err := b.store.Bulks(b.t.Context(), 0, 1); err == nil && total == 0 {
		vera := b.as(auth.Viewer)
		b.readLyondell(vera)
		for two := range slices.Chunk(strings.Fields(b.activeEmails(4)), 2) {
			b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "updateUser"}, Kind: sandbox.KindStatus, Status: http.StatusBadRequest, Times: 1})
			vera.start(vera.bring("disable", "list.csv", "E-mail\n"+strings.Join(two, "\n")+"\n"))
		}
	}
	return b.get("/bulk/" + strconv.Itoa(n)).want(http.StatusOK).sound()
}

const joiners = "E-mail;First name;Last name;Cost centre;Password\r\n" +
	"ada@lyondell.example;Ada;Lovelace;77;Xwq7-secret\r\n" +
	"jo@lyondel.example;Jo;Misspelled;78;Xwq8-secret\r\n" +
	"ada@lyondell.example;Ada;Twice;79;Xwq9-secret\r\n" +
	"grace@lyondell.example;Grace;Hopper;80;Xwq0-secret\r\n"

func TestAListIsUploadedCheckedMendedStartedAndGivenBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.as(auth.Onboarder)

	page := otto.bring("create", "lyondell joiners.csv", joiners)
	page.says("h1", "Add 2 people to ").says("main", "From lyondell joiners.csv, 4 rows", "nothing has been sent", "Create", "2 people", "1 call, less than a minute")
	page.says("#rows", "Left out: 2 rows", "lyondel.example is not a domain of this company.", "Add domain lyondel.example", "The same person is in row 2.")
	page.says("#columns", "Not understood, and kept for the result: Cost centre.", "Not kept, because it looks like a password: Password.", "Looks like a password: it was not kept")
	if strings.Contains(page.body, "secret") {
		t.Error("the page shows a password of the list")
	}
	if n := b.calls("createUsers"); n != 0 {
		t.Fatalf("%d calls before it was started, want none", n)
	}
	asViewer := b.as(auth.Viewer).get("/bulk/1").want(http.StatusOK).sound().says("#start", "Needs the role onboarder or admin.")
	if asViewer.find("#start textarea, #start input[name=ticket]").Length() > 0 {
		t.Error("who may not start it is asked for a reason")
	}

	// A cell is edited in place, and a row is left out.
	row := otto.get(linkTo(page, "#rows a:contains('Edit')")).want(http.StatusOK).sound()
	row.says("[data-error-summary]", "lyondel.example is not a domain of this company.")
	otto.submit(row, "#row-form", url.Values{"email": {"jo@lyondell.example"}}).want(http.StatusSeeOther)
	b.work()
	late := otto.submit(row, "#row-form", url.Values{"email": {"another@lyondell.example"}}).want(http.StatusConflict).sound().
		says("[data-error-summary]", "Somebody changed this row since the page was opened", "E-mail is now “jo@lyondell.example”.").says("#field-email-error", "E-mail is now “jo@lyondell.example”.")
	if form, _ := late.form("#row-form"); form.Get("email") != "another@lyondell.example" || late.find("#row-form .field-error").Length() > 1 {
		t.Errorf("the row comes back with the e-mail %q, and says more than that this differs: %s", form.Get("email"), late.text("#row-form"))
	}
	page = otto.get("/bulk/1").want(http.StatusOK).sound()
	page.says("h1", "Add 3 people to ").says("#rows", "Left out: 1 row")
	if page.find("#rows-form button[name=one]").Length() > 0 {
		t.Error("a row that is left out is offered to be left out")
	}
	planned := otto.get("/bulk/1?show=planned.create").want(http.StatusOK).sound()
	out := planned.find("#rows-form button[name=one]").Last()
	if squeeze(out.Text()) != "Leave out Grace Hopper" {
		t.Errorf("of a row that is planned %q is offered", squeeze(out.Text()))
	}
	otto.submit(planned, "#rows-form", url.Values{"one": {out.AttrOr("value", "")}}).want(http.StatusSeeOther)
	b.work()
	otto.get("/bulk/1").want(http.StatusOK).sound().says("h1", "Add 2 people to ").says("#plan", "Left out by hand")
	byHand := otto.get("/bulk/1?show=left-out.by-person").want(http.StatusOK).sound().says("#rows-form", "Include again")
	otto.submit(byHand, "#rows-form", url.Values{"one": {byHand.find("#rows-form button[name=one]").First().AttrOr("value", "")}}).want(http.StatusSeeOther)
	b.work()
	page = otto.get("/bulk/1").want(http.StatusOK).sound().says("h1", "Add 3 people to ")

	done := otto.start(page)
	done.says("main", "3 created · 1 left out", "started by Otto Onboarder", "“Migration of the FX desk”", "CHG-2207")
	if n := b.calls("createUsers"); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}

	// The same file comes back, with what became of each row.
	file := otto.get(linkTo(done, "a:contains('Download the result')")).want(http.StatusOK)
	if got := file.header.Get("Content-Disposition"); got != `attachment; filename=lyondell-joiners-result.csv` {
		t.Errorf("the file is sent as %s", got)
	}
	lines := strings.Split(strings.TrimSpace(file.body), "\r\n")
	for i, want := range []string{
		"E-mail;First name;Last name;Cost centre;Password;foyer_status;foyer_code;foyer_message;symphony_user_id",
		"ada@lyondell.example;Ada;Lovelace;77;;created;;;", "jo@lyondell.example;Jo;Misspelled;78;;created;;;",
		"ada@lyondell.example;Ada;Twice;79;;left-out;duplicate;", "grace@lyondell.example;Grace;Hopper;80;;created;;;",
	} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
			t.Fatalf("line %d of the result is not %q:\n%s", i, want, file.body)
		}
	}
	if exports := b.events(ledger.Filter{Action: ledger.Export}); len(exports) != 1 || exports[0].Note != "lyondell-joiners-result.csv of bulk change 1" {
		t.Errorf("the ledger has %+v, want the export", exports)
	}

	// The result is a list again, and does no harm.
	again := otto.bring("create", "again.csv", file.body)
	again.says("#plan", "3 people", "nothing is sent").says("main", "There is nothing to do")
	second := otto.get("/bulk/2/result.csv").want(http.StatusOK)
	if n := strings.Count(second.body, "foyer_status"); n != 1 {
		t.Errorf("the result of a result has foyer_status %d times: %s", n, second.body)
	}
	otto.get("/bulk").want(http.StatusOK).sound().says("tbody", "Done", "3 created · 1 left out", "Not started")
	b.as(auth.Auditor).get("/audit?request=bulk-1").want(http.StatusOK).sound().
		says("tbody", "Uploaded a list for a bulk change of", "Bulk change 1: Add people to a company, lyondell joiners.csv, 4 rows.", "Began the calls", "3 to create", "3 created, 1 left out")
}

func TestPeopleOfAListAreDisabledAndEnabledAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	vera := b.as(auth.Viewer)
	b.readLyondell(vera)

	page := vera.bring("disable", "leavers.csv", "E-mail\n"+b.activeEmails(3)+"nobody@lyondell.example\n")
	page.says("h1", "Disable 3 people of").says("#plan", "Disable", "3 people", "nobody is found")
	done := vera.start(page).says("main", "3 disabled · 1 left out")

	vera.submit(done, "#undo-form", nil).want(http.StatusSeeOther)
	b.work()
	undone := vera.get("/bulk/2").want(http.StatusOK).sound().says("h1", "Enable 3 people").says("main", "From bulk change 1")
	vera.start(undone).says("main", "3 enabled")
}

func TestManyPeopleAreDisabledOnceItIsTypedAndTheSignInIsFresh(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	vera := b.asSince(10*time.Minute+time.Second, auth.Viewer)
	b.readLyondell(vera)
	page := vera.bring("disable", "leavers.csv", "E-mail\n"+b.activeEmails(30))

	asked := vera.submit(page, "#start-form", url.Values{"reason": {"They left"}}).want(http.StatusOK).sound()
	asked.says("h1", "Is this the wrong file?").says("main", "30 of the ", "More than 20 % of a company is seldom meant.", "They can’t sign in to Symphony any more.", "To be disabled: 30 people", "See all 30", "Type “disable 30”")
	if asked.find("[autofocus]").Length() > 0 {
		t.Error("something below the list has the focus: the page opens there, and the question above is not seen")
	}
	form, action := asked.form("#start-form")
	if form.Get("reason") != "They left" {
		t.Errorf("the reason comes back as %q", form.Get("reason"))
	}
	refused := vera.post(action, form).want(http.StatusUnauthorized).says("main", "needs a sign-in of the last 10 minutes")
	back := vera.signInAgain(refused, "viewer").want(http.StatusOK).sound().says(".note", "Not sent yet")
	wrong := vera.submit(back, "#start-form", url.Values{"typed": {"disable 3"}}).want(http.StatusUnprocessableEntity).sound()
	wrong.says("[data-error-summary]", "Type “disable 30” to confirm")
	vera.submit(wrong, "#start-form", url.Values{"typed": {"disable 30"}}).want(http.StatusSeeOther)
	b.work()
	b.work()
	vera.get("/bulk/1").want(http.StatusOK).says("main", "30 disabled")
}

func TestAListThatCannotBeReadIsRefusedInWords(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.as(auth.Onboarder)
	page := otto.get("/bulk/new?kind=create&companyId=" + lyondell)
	for name, test := range map[string]struct{ file, content, paste, want string }{
		"nothing":            {want: "Choose a file, or paste the list."},
		"a PDF":              {file: "list.csv", content: "%PDF-1.7 …", want: "This is a PDF."},
		"a heading alone":    {file: "list.csv", content: "E-mail,First name\n", want: "There is nobody in the list."},
		"too many megabytes": {file: "list.csv", content: strings.Repeat("a@b.example,A,B\n", lists.MaxBytes/16+1), want: "Foyer reads up to 10 MB"},
		"too many rows":      {paste: "E-mail\n" + strings.Repeat("a@b.example\n", 10_001), want: "Foyer reads up to 10,000 at a time"},
		"a file and a paste": {file: "list.csv", content: "a@b.example\n", paste: "c@d.example\n", want: "There is a file and a paste"},
	} {
		values, action := page.form("#bulk-form")
		values.Del("file")
		values.Set("paste", test.paste)
		p := otto.upload(action, values, test.file, test.content).want(http.StatusUnprocessableEntity).sound()
		p.says("[data-error-summary]", test.want)
		back, _ := p.form("#bulk-form")
		if back.Get("companyId") != lyondell || strings.TrimSpace(back.Get("paste")) != strings.TrimSpace(test.paste) {
			t.Errorf("%s: what was filled in does not come back", name)
		}
		if again := strings.Contains(p.text("main"), "Choose the file again"); again != (test.file != "") {
			t.Errorf("%s: it says to choose the file again: %v", name, again)
		}
	}
}

func TestAllThatIsMissingOfAListIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.as(auth.Onboarder)
	values, action := otto.get("/bulk/new?kind=create").form("#bulk-form")
	values.Del("file")
	otto.upload(action, values, "", "").want(http.StatusUnprocessableEntity).sound().
		says("[data-error-summary]", "Choose the company.", "Choose a file, or paste the list.")
}

func TestAFormWithAFileHasAnEnd(t *testing.T) {
	t.Parallel()
	otto := newBench(t).as(auth.Onboarder)
	many := url.Values{}
	for i := range 1002 {
		many.Set("field"+strconv.Itoa(i), "")
	}
	for name, form := range map[string]url.Values{
		"a paste of too many megabytes": {"kind": {"create"}, "paste": {strings.Repeat("a@b.example\n", lists.MaxBytes/12+1)}},
		"too many fields":               many,
	} {
		if p := otto.upload("/bulk", form, "", ""); p.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d, want 413", name, p.status)
		}
	}
	otto.upload("/precheck", url.Values{"email": {"a@b.example"}}, "list.csv", "a@b.example").want(http.StatusUnsupportedMediaType)
	broken := otto.request(http.MethodPost, "/bulk", strings.NewReader("--x\r\nContent-Disposition: form-data; name=kind\r\n\r\ncre"))
	broken.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	answer := httptest.NewRecorder()
	if otto.foyer.ServeHTTP(answer, broken); answer.Code != http.StatusBadRequest {
		t.Errorf("a form that is cut off: %d, want 400", answer.Code)
	}
}

// A list that comes too slowly ends with a page that says so, whether or not it was waited
// for before it is known whose it is; nothing of it is kept. It is no 408, after which
// browsers send the list again by themselves.
func TestAListThatIsTooSlowToComeIsNotWaitedForAnyLonger(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *Options) { o.UploadWithin = time.Millisecond })
	otto := b.as(auth.Onboarder)
	server := httptest.NewServer(b.foyer)
	t.Cleanup(server.Close)
	for name, length := range map[string]int{"a short one": 10_000, "a long one": 5_000_000} {
		request := otto.request(http.MethodPost, "/bulk", io.MultiReader(strings.NewReader("--x\r\nContent-Disposition: form-data; name=kind\r\n\r\ncre"), never{t}))
		request.RequestURI, request.URL.Host, request.ContentLength = "", strings.TrimPrefix(server.URL, "http://"), int64(length)
		request.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		answer, err := server.Client().Do(request)
		b.must(err)
		body, err := io.ReadAll(answer.Body)
		b.must(err)
		b.must(answer.Body.Close())
		p := &page{t: t, request: name, status: answer.StatusCode, header: answer.Header, body: string(body)}
		p.want(http.StatusBadRequest).sound().says("h1", "The list took too long to come").says("main, .bare", "Foyer waits two minutes for a file", "Nothing was changed", "divide the list")
	}
	otto.get("/bulk").want(http.StatusOK).says("main", "No bulk change yet")
}

// never is what doesn't come before the test is over.
type never struct{ t *testing.T }

// Read implements io.Reader.
func (n never) Read([]byte) (int, error) {
	<-n.t.Context().Done()
	return 0, n.t.Context().Err()
}

func TestAListThatWaitsForASignInLosesItsFileAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.asKnown(auth.Onboarder)
	values, action := otto.get("/bulk/new?kind=create&companyId=" + lyondell).form("#bulk-form")
	values.Del("file")
	b.endSessions()
	refused := otto.upload(action, values, "list.csv", joiners).want(http.StatusUnauthorized).sound().
		says("main", "the form comes back as you filled it", "A file can’t be kept: choose it again.")
	otto.signInAs(refused, auth.Onboarder)
	back, _ := otto.get("/bulk/new").want(http.StatusOK).sound().says("main", "Not sent yet").form("#bulk-form")
	if back.Get("companyId") != lyondell || back.Get("kind") != "create" {
		t.Errorf("the form comes back as %v", back)
	}
	b.endSessions()
	otto.upload(action, values, "list.csv", strings.Repeat(joiners, 5000)).want(http.StatusUnauthorized).says("main", "Sign in again, then do it once more.")
}

func TestPeopleWhoAreTickedAreDisabledTogether(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	vera := b.as(auth.Viewer)
	b.readLyondell(vera)
	table := vera.get("/companies/" + lyondell + "/users?size=20&status=active").want(http.StatusOK).sound()
	picks := table.find("input[name=pick]").Map(func(_ int, s *goquerySelection) string { return s.AttrOr("value", "") })[:3]
	values, _ := table.form("#people-selection")
	values["pick"], values["kind"] = picks, []string{"disable"}
	sent := vera.post("/bulk/selected", values).want(http.StatusSeeOther)
	b.work()
	vera.get(sent.location()).want(http.StatusOK).sound().says("h1", "Disable 3 people").says("main", "Ticked in a table, 3 rows")
	b.as(auth.Auditor).get("/companies/"+lyondell+"/users?size=20").says(".pick-bar", "Needs the role")
}

func TestACompanyIsReconciledWithItsStaffList(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.as(auth.Onboarder)
	b.readLyondell(otto)
	page := otto.bring("reconcile", "staff.csv", "E-mail,First name,Last name\nnew@lyondell.example,New,Person\n"+strings.ReplaceAll(b.activeEmails(5), "\n", ",A,B\n"))
	page.says("h1", "Reconcile").says("#plan", "Create", "1 person", "In the company and not in the list", "nothing is done to them unless you tick them")

	page.says("#start", "Add 1 person to ")
	otto.get("/bulk/1/start").want(http.StatusOK).sound().says("main", "Left as they are", "not in the list")

	leavers := otto.get(linkTo(page, "#plan a:contains('not in the list')")).want(http.StatusOK).sound()
	values, action := leavers.form("#rows-form")
	values["pick"] = leavers.find("#rows input[name=pick]").Map(func(_ int, s *goquerySelection) string { return s.AttrOr("value", "") })[:2]
	values.Set("decision", "in")
	otto.post(action, values).want(http.StatusSeeOther)
	b.work()
	page = otto.get("/bulk/1").want(http.StatusOK).sound().says("#plan", "Disable", "2 people")
	page.says("#start", "Add 1 person, disable 2 people in ")
	otto.start(page).says("main", "1 created · 2 disabled")
}

func TestACompanyIsOnboardedWithItsPeople(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.as(auth.Onboarder)
	values, action := otto.get("/bulk/new?kind=onboard").want(http.StatusOK).sound().form("#bulk-form")
	values.Del("file")
	values.Set("name", "Acme Securities")
	values.Set("vanityName", "acme-sec")
	values.Set("emailDomains", "acme-sec.example")
	sent := otto.upload(action, values, "acme.csv", "E-mail,First name,Last name\nann@acme-sec.example,Ann,Lee\n").want(http.StatusSeeOther)
	b.work()
	page := otto.get(sent.location()).want(http.StatusOK).sound().says("h1", "Onboard Acme Securities with 1 person")
	page.says("#plan", "Create the company Acme Securities", "acme-sec · acme-sec.example · 1 call, then", "1 call, as soon as the company is ready")
	otto.submit(page, "#start-form", url.Values{"reason": {"A new client"}}).want(http.StatusSeeOther)
	for range 3 {
		_, err := b.bulk.Do(t.Context(), "1")
		b.must(err)
	}
	building := otto.get(sent.location()).want(http.StatusOK).sound().says("main", "Symphony is building the company.")
	if strings.Contains(building.body, "minute left") {
		t.Error("the page promises a minute while the company is built, which takes many")
	}
}

func TestABulkChangeStartsAtATimeInAZone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.as(auth.Onboarder)
	page := otto.bring("create", "list.csv", joiners)
	at := b.clock.Now().AddDate(0, 0, 2).Format("2006-01-02") + "T07:00"
	for name, form := range map[string]url.Values{
		"no zone":     {"when": {"at"}, "at": {at}, "zone": {"Nowhere/Else"}, "reason": {"x y"}},
		"no time":     {"when": {"at"}, "at": {""}, "zone": {"UTC"}, "reason": {"x y"}},
		"a time over": {"when": {"at"}, "at": {"2020-01-01T00:00"}, "zone": {"UTC"}, "reason": {"x y"}},
		"put forward": {"when": {"at"}, "at": {"2027-03-28T02:30"}, "zone": {"Europe/Zurich"}, "reason": {"x y"}},
		"no reason":   {"when": {"now"}, "reason": {""}},
	} {
		back, _ := otto.submit(page, "#start-form", form).want(http.StatusUnprocessableEntity).sound().form("#start-form")
		if back.Get("when") != form.Get("when") || back.Get("reason") != form.Get("reason") {
			t.Errorf("%s: the form comes back as %v", name, back)
		}
	}
	otto.submit(page, "#start-form", url.Values{"when": {"at"}, "at": {at}, "zone": {"Europe/Zurich"}, "reason": {"At night"}}).want(http.StatusSeeOther)
	scheduled := otto.get("/bulk/1").want(http.StatusOK).sound().says("main", "It starts at", "07:00 Europe/Zurich (")
	otto.get("/bulk").says("tbody", "Scheduled", "Europe/Zurich")
	for range 2 { // a button that is pressed twice, or by two people, doesn't discard the list
		otto.submit(scheduled, "#takeback-form", nil).want(http.StatusSeeOther)
	}
	back, _ := otto.get("/bulk/1").want(http.StatusOK).says("main", "Not started").form("#start-form")
	if got := back.Get("reason"); got != "At night" {
		t.Errorf("the reason is %q after it was taken back, want it kept", got)
	}
}

func TestAPlanThatIsStaleIsNotMadeAndShowsWhatDiffers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.as(auth.Onboarder)
	page := otto.bring("create", "list.csv", joiners)
	_, err := b.symphony.Users.Create(t.Context(), lyondell, []sapi.NewUser{{Email: "grace@lyondell.example", FirstName: "Grace", LastName: "Hopper"}})
	b.must(err)

	otto.submit(page, "#start-form", url.Values{"reason": {"Joiners"}}).want(http.StatusSeeOther)
	b.work()
	stale := otto.get("/bulk/1").want(http.StatusOK).sound()
	stale.says("h1", "Add 1 person to").says("main", "The plan is stale: 1 row differs", "nothing was sent").
		says("#rows", "Not as it was planned: 1 row", "grace@lyondell.example", "Already there", "planned: To be created")
	otto.submit(page, "#start-form", url.Values{"reason": {"The old plan"}}).want(http.StatusConflict).sound().says("main", "The plan is another one than you saw")
	otto.start(stale).says("main", "1 created")
}

func TestARunningBulkChangeIsPausedGoneOnWithAndStopped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.as(auth.Onboarder)
	page := otto.bring("create", "list.csv", joiners)
	otto.submit(page, "#start-form", url.Values{"reason": {"Joiners"}}).want(http.StatusSeeOther)
	otto.get("/bulk/1").want(http.StatusOK).sound().says("main", "It is starting")
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "createUsers"}, Kind: sandbox.KindRetryAfter, RetryAfter: "12", Times: 1})
	_, err := b.bulk.Do(t.Context(), "1")
	b.must(err)
	_, err = b.bulk.Do(t.Context(), "1")
	b.must(err)
	running := otto.get("/bulk/1").want(http.StatusOK).sound()
	running.says("main", "0 of 2 people", "Symphony asked us to wait", "Nothing was lost.", "You can close this page.", "To go").says("nav", "Bulk changes")
	poll := running.find("#bulk-progress").AttrOr("hx-get", "")
	otto.htmx(poll).want(http.StatusNoContent)
	if refresh := running.find("noscript").Text(); !strings.Contains(refresh, "refresh") {
		t.Errorf("without scripts the page is not loaded again: %q", refresh)
	}

	vera := b.as(auth.Viewer)
	vera.get("/bulk/1").want(http.StatusOK).sound().says(".head-actions", "Needs the role onboarder or admin.")
	vera.post("/bulk/1/stop", nil).want(http.StatusForbidden)

	other := b.as(auth.Admin) // anybody who may
	other.submit(running, "#pause-form", nil).want(http.StatusSeeOther)
	if p := otto.htmx(poll).want(http.StatusNoContent); p.header.Get("HX-Refresh") != "true" {
		t.Error("the page of one that was paused is not loaded again")
	}
	paused := otto.get("/bulk/1").want(http.StatusOK).sound().says("main", "Paused by Ada Admin")
	if paused.find("#bulk-progress").AttrOr("hx-get", "") == "" {
		t.Error("the page of one that is paused doesn’t follow the calls that are under way, nor that somebody goes on with it")
	}
	otto.submit(paused, "#resume-form", nil).want(http.StatusSeeOther)
	other.submit(otto.get("/bulk/1"), "#stop-form", nil).want(http.StatusSeeOther)
	b.work()
	stopped := otto.get("/bulk/1").want(http.StatusOK).sound().says("main", "It was stopped by Ada Admin", "Stopped", "4 left out")
	failed := otto.get(linkTo(stopped, "a:contains('Failed rows only')")).want(http.StatusOK)
	if !strings.Contains(failed.body, "left-out;stopped;") {
		t.Errorf("the failed rows are %q", failed.body)
	}
	next := otto.follow(otto.submit(stopped, "#again-form", nil)).want(http.StatusOK)
	next.says("main", "From bulk change 1")
	otto.follow(otto.submit(paused, "#resume-form", nil)).says("main", "Nothing was changed.")
}

func TestTheColumnsOfAListAreReadAsSomebodySays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.as(auth.Onboarder)
	page := otto.bring("create", "list.csv", "Kontakt,A,B\nada@lyondell.example,Ada,Lovelace\n")
	page.says("#rows", "Enter the e-mail address.")
	twice := otto.submit(page, "#columns-form", url.Values{"columns.0": {"email"}, "columns.1": {"email"}}).want(http.StatusUnprocessableEntity).sound()
	twice.says("[data-error-summary]", "E-mail is chosen for Kontakt and for A.")
	otto.submit(page, "#columns-form", url.Values{"columns.0": {"email"}, "columns.1": {"firstName"}, "columns.2": {"lastName"}}).want(http.StatusSeeOther)
	b.work()
	page = otto.get("/bulk/1").want(http.StatusOK).sound().says("h1", "Add 1 person")

	// Somebody who has an older page changes nothing.
	stale, _ := page.form("#columns-form")
	stale.Set("seen", "another")
	otto.follow(otto.post("/bulk/1/columns", stale)).says("main", "It was changed or checked since")
	otto.submit(page, "#discard-form", nil).want(http.StatusSeeOther)
	otto.get("/bulk/1").want(http.StatusOK).sound().says("main", "It was discarded")

	// Without headings it is asked what the columns are.
	unnamed := otto.bring("create", "list.csv", "Ada,Lovelace,ada@lyondell.example\n").says("main", "The list has no headings", "Say what each column is")
	if _, open := unnamed.find("#columns details").Attr("open"); !open {
		t.Error("what each column is, is folded away")
	}
}

func TestLettersThatCannotBeToldAreAskedAbout(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.as(auth.Onboarder)
	page := otto.bring("create", "list.csv", "E-mail;First name;Last name\r\nrene@lyondell.example;Ren\xe9;M\xfcller\r\n")
	page.says("#letters", "Are these letters right?", "René", "Müller")
	if page.find("#start-form").Length() > 0 {
		t.Error("it can be started before somebody has seen that the letters are right")
	}
	otto.get("/bulk/1/start").want(http.StatusSeeOther)
	otto.submit(page, "#letters-form", nil).want(http.StatusSeeOther)
	b.work()
	// A mended list with letters of the same kind is not asked about again.
	values, action := otto.get("/bulk/1").form("#list-form")
	values.Del("file")
	otto.upload(action, values, "mended.csv", "E-mail;First name;Last name\r\nrene@lyondell.example;Ren\xe9;M\xfcller\r\nzoe@other.example;Zo\xeb;Day\r\n").want(http.StatusSeeOther)
	b.work()
	done := otto.start(otto.get("/bulk/1")).says("main", "1 created")
	// What Foyer itself gives out to be mended neither.
	failed := otto.get(linkTo(done, "a:contains('Failed rows only')")).want(http.StatusOK)
	if again := otto.bring("create", "failed.csv", failed.body); again.find("#letters").Length() > 0 || !strings.Contains(failed.body, "Zoë") {
		t.Errorf("the letters of Foyer's own file are asked about: %q", failed.body)
	}
	file := otto.get("/bulk/1/result.csv").want(http.StatusOK)
	if !strings.Contains(file.body, "Ren\xe9;M\xfcller") {
		t.Errorf("the result is not written as the list was: %q", file.body)
	}
}

func TestWhatNobodySeesIsMendedAtOnceAndAMendedListTakesTheOthersPlace(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.as(auth.Onboarder)
	page := otto.bring("create", "list.csv", "E-mail,First name,Last name\nada@lyondell.example,A\u200bda,Lovelace\n")
	page.says("main", "1 row can be corrected at once")
	checked := otto.follow(otto.submit(page, "#mend-form", nil)).says("main", "1 row was corrected.")
	if checked.find("#list-form").Length() > 0 {
		t.Error("a file can be chosen while the list is checked, and is lost when that ends")
	}
	b.work()
	page = otto.get("/bulk/1").want(http.StatusOK).says("h1", "Add 1 person")

	values, action := page.form("#list-form")
	values.Del("file")
	otto.upload(action, values, "list.csv", "%PDF-").want(http.StatusUnprocessableEntity).sound().says("[data-error-summary]", "This is a PDF.")
	otto.upload(action, values, "mended.csv", strings.ReplaceAll(joiners, "lyondel.", "lyondell.")).want(http.StatusSeeOther)
	b.work()
	otto.get("/bulk/1").want(http.StatusOK).sound().says("h1", "Add 3 people").says("main", "From mended.csv")
}

func TestATemplateAndAnExampleAreListsThatFoyerReads(t *testing.T) {
	t.Parallel()
	otto := newBench(t).as(auth.Onboarder)
	for _, kind := range []string{"create", "disable", "enable", "reconcile", "onboard"} {
		file := otto.get("/bulk/template.csv?kind=" + kind).want(http.StatusOK)
		if list, err := lists.Open([]byte(file.body), lists.Options{}); err != nil || len(list.Rows) != 0 {
			t.Errorf("the template of %s: %v, %d rows", kind, err, len(list.Rows))
		}
		file = otto.get("/bulk/example.csv?kind=" + kind).want(http.StatusOK)
		if list, err := lists.Open([]byte(file.body), lists.Options{}); err != nil || len(list.Rows) == 0 {
			t.Errorf("the example of %s: %v, %d rows", kind, err, len(list.Rows))
		}
	}
	otto.get("/bulk/template.csv").want(http.StatusBadRequest)
	otto.get("/bulk/new").want(http.StatusOK).sound().says("main", "What is to be done?", "Add people to a company", "Reconcile a company with its staff list")
}

// precheck does what the job of a pre-check does until nobody waits.
func (b *bench) precheck(id string) {
	b.t.Helper()
	for range 100 {
		again, err := b.bulk.Precheck(b.t.Context(), id)
		b.must(err)
		if again == 0 {
			return
		}
	}
	b.t.Fatal("the pre-check doesn't end")
}

func TestPeopleOfAListArePrecheckedAndThoseElsewhereLeftOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto, at := b.as(auth.Onboarder), "/bulk/1"
	otto.bring("create", "list.csv", "E-mail,First name,Last name\nold.hand@lyondell.example,Old,Hand\nnew.one@lyondell.example,New,One\n").says("#precheck", "Pre-check these people", "It changes nothing in the plan")
	otto.submit(otto.get(at), "#precheck-form", nil).want(http.StatusSeeOther)
	asking := otto.get(at).want(http.StatusOK).sound().says("#precheck", "0 of 2 people asked about")
	poll := asking.find("#precheck").AttrOr("hx-get", "")
	otto.htmx(poll).want(http.StatusNoContent)
	b.precheck("1")
	otto.htmx(poll).want(http.StatusOK).says("#precheck", "On Symphony elsewhere", "Not on Symphony yet", "Leave out those elsewhere")
	otto.get(at+"?show=precheck.elsewhere").want(http.StatusOK).sound().says("#rows", "On Symphony elsewhere: 1 row", "old.hand@lyondell.example", "Pre-check: on Symphony in another company", "Leave these out")
	otto.get(at+"?show=precheck.unanswered").want(http.StatusOK).sound().says("#rows", "Could not be asked: 0 rows")
	otto.get(at + "?show=precheck.nonsense").want(http.StatusBadRequest)
	otto.submit(otto.get(at), "#decisions-form", nil).want(http.StatusSeeOther)
	b.work()
	left := otto.get(at).want(http.StatusOK).sound().says("#plan", "Create", "1 person", "Left out by hand")
	if left.find("#decisions-form").Length() != 0 {
		t.Error("nobody is elsewhere any more, and leaving them out is offered")
	}
	otto.get(at+"?show=left-out.by-person").says("#rows", "Pre-check: on Symphony in another company")
	// Once it is started nobody waits for the answers.
	otto.start(left)
	if p := otto.htmx(poll).want(http.StatusNoContent); p.header.Get("HX-Refresh") != "true" {
		t.Error("a page that is asked for in vain isn't loaded again")
	}
}

func TestAMisspeltDomainIsChangedAndOneThatIsMissingAddedFromTheList(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.as(auth.Onboarder)
	page := otto.bring("create", "list.csv", "E-mail,First name,Last name\na@lyondel.example,A,A\nb@lyondel.example,B,B\nc@lyondell-asia.example,C,C\n")
	page.says("main", "2 addresses have lyondel.example, which is not a domain of this company", "Change to lyondell.example", "Add domain lyondel.example")
	otto.follow(otto.submit(page, "#domain-form-1", nil)).says("main", "2 addresses were changed.")
	b.work()
	page = otto.get("/bulk/1").want(http.StatusOK).sound().says("#plan", "2 people")

	// The form for the domain leads back, and the page knows that it was checked without.
	form := otto.get(page.find("#rows a:contains('Add domain lyondell-asia.example')").AttrOr("href", "")).want(http.StatusOK).sound()
	form.says("#domains-form", "Back to the bulk change")
	check := otto.submit(form, "#domains-form", nil).want(http.StatusOK).sound().says("#check-form", "Back to the bulk change").says("[data-verdict=free]", "Go on")
	added := otto.submit(check, "#check-form", nil).want(http.StatusSeeOther)
	if added.location() != "/bulk/1" {
		t.Errorf("once the domain is added: %s, want the bulk change", added.location())
	}
	outdated := otto.follow(added).want(http.StatusOK).sound().says("main", "Since the list was checked the company got lyondell-asia.example", "Check again")
	otto.submit(outdated, "#domains-check-form", nil).want(http.StatusSeeOther)
	b.work()
	now := otto.get("/bulk/1").want(http.StatusOK).sound().says("#plan", "3 people")
	if strings.Contains(now.body, "Since the list was checked") {
		t.Error("the page asks for a check that was done")
	}
}

// Who brings too many lists keeps what was typed beside them, and reads when to go on.
func TestAFormWithAListThatComesTooSoonKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.as(auth.Onboarder)
	otto.bring("create", "list.csv", joiners)
	form, action := otto.get("/bulk/new?kind=onboard").form("#bulk-form")
	form.Del("file")
	form.Set("name", "Borealis Bank")
	var refused *page
	for range budgetLimits[uploads].burst {
		refused = otto.upload(action, form, "list.csv", "%PDF-")
	}
	refused.want(http.StatusTooManyRequests).sound().says("[data-error-summary]", "You uploaded many lists in a short time.", "try again in 10 s").says("main", "A browser doesn’t keep the file")
	if name := refused.find("#bulk-form input[name=name]").AttrOr("value", ""); name != "Borealis Bank" || refused.header.Get("Retry-After") == "" {
		t.Errorf("of what was typed there is %q left", name)
	}
	mended, action := otto.get("/bulk/1").form("#list-form")
	mended.Del("file")
	mended.Set("sheet", "People")
	again := otto.upload(action, mended, "list.csv", joiners).want(http.StatusTooManyRequests).sound().says("[data-error-summary]", "You uploaded many lists")
	if sheet := again.find("#list-form input[name=sheet]").AttrOr("value", ""); sheet != "People" {
		t.Errorf("of what was typed there is %q left", sheet)
	}
	b.clock.add(budgetLimits[uploads].every)
	otto.upload(action, mended, "list.csv", joiners).want(http.StatusSeeOther)
}

func TestIDsThatASpreadsheetRoundedAreRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.as(auth.Onboarder)
	form, action := otto.get("/bulk/new?kind=disable").form("#bulk-form")
	form.Del("file")
	otto.upload(action, form, "list.csv", "User ID,Note\n3.49026E+14,left\n349026222344902,left\n").want(http.StatusUnprocessableEntity).sound().
		says("[data-error-summary]", "A spreadsheet has rounded ids in the column User ID", "or name the people by their e-mail")
	// Nor is such a column taken for ids later.
	page := otto.bring("disable", "list.csv", "E-mail,Number\n"+strings.Fields(b.activeEmails(1))[0]+",3.49026E+14\n")
	otto.submit(page, "#columns-form", url.Values{"columns.1": {"userId"}}).want(http.StatusUnprocessableEntity).sound().says("[data-error-summary]", "rounded ids in the column Number")
}

// What would fail again is not tried again: it needs a corrected list.
func TestRowsThatNeedAMendedListAreNotTriedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.as(auth.Onboarder)
	done := otto.start(otto.bring("create", "list.csv", joiners))
	done.says("main", "1 row needs a corrected list", "the same would happen again")
	if done.find("#again-form").Length() > 0 {
		t.Error("a row that can't be right is offered to be tried again")
	}
	otto.get(linkTo(done, "main a:contains('Failed rows only')")).want(http.StatusOK)
	if to := linkTo(done, "main a:contains('New bulk change')"); to != "/bulk/new?companyId="+lyondell+"&kind=create" {
		t.Errorf("the mended list is brought at %s", to)
	}
}
