package handlers

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/review"
	"foyer/sandbox"
	"foyer/sapi"
	"foyer/store"
)

const companyReviews = "/companies/" + lyondell + "/reviews"

// startReview starts a review of Lyondell from its page.
func (b *browser) startReview() *page {
	b.t.Helper()
	list := b.get(companyReviews).want(http.StatusOK)
	return b.submit(list, "#review-form", url.Values{"confirms": {"Bo <b>Chen</b>"}})
}

// openReview starts a review and does what the job does: it is review 1.
func (b *browser) openReview() *page {
	b.t.Helper()
	b.startReview().want(http.StatusSeeOther)
	b.prepare()
	return b.get("/reviews/1").want(http.StatusOK)
}

// prepare does what the jobs do for review 1.
func (b *browser) prepare() {
	b.t.Helper()
	again, err := b.reviews.Prepare(b.t.Context(), 1)
	for err == nil && again > 0 && again < time.Second {
		again, err = b.reviews.Prepare(b.t.Context(), 1)
	}
	if err != nil || again != 0 {
		b.t.Fatalf("PrepareReview = again in %v, %v, want it open", again, err)
	}
}

// uids are the people that a page of a review shows.
func uids(p *page) []string {
	return p.find("input[name^='seen.']").Map(func(_ int, s *goquery.Selection) string {
		return strings.TrimPrefix(s.AttrOr("name", ""), "seen.")
	})
}

// decisionsOf is the form of a page of a review; its fields stand in the table.
func decisionsOf(p *page, choices url.Values) url.Values {
	values, _ := p.form("#decisions")
	p.find("input[form='decisions']").Each(func(_ int, field *goquery.Selection) {
		if _, checked := field.Attr("checked"); checked || field.AttrOr("type", "") == "hidden" {
			values.Set(field.AttrOr("name", ""), field.AttrOr("value", ""))
		}
	})
	maps.Copy(values, choices)
	return values
}

// finish finishes review 1 from its page, whoever is undecided.
func (b *browser) finish() *page {
	b.t.Helper()
	return b.submit(b.get("/reviews/1/finish").want(http.StatusOK), "#finish-form", url.Values{"rest": {"ask"}})
}

func TestAReviewListsWhoeverCanSignIn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida := b.as(auth.Auditor)
	p := aida.follow(aida.startReview()).want(http.StatusOK).sound()
	p.says("main", "Being prepared", "Reading the list of people", "Bo <b>Chen</b>")
	if p.find("head noscript").Length() != 1 {
		t.Error("the page of a review being prepared doesn’t load itself again without JavaScript")
	}
	aida.htmx("/reviews/1/progress").want(http.StatusOK).says("#review-preparing", "This page may be closed.")

	aida.prepare()
	if answer := aida.htmx("/reviews/1/progress"); answer.header.Get("HX-Refresh") != "true" {
		t.Error("the script isn’t told that the review is open")
	}
	p = aida.get("/reviews/1").want(http.StatusOK).sound()

	active, disabled := 0, 0
	for u, err := range b.symphony.Users.All(t.Context(), lyondell, 100) {
		b.must(err)
		switch full, err := b.symphony.Users.Get(t.Context(), lyondell, u.ID); {
		case err != nil:
			t.Fatal(err)
		case full.Status == sapi.StatusDisabled:
			disabled++
		default:
			active++
		}
	}
	p.says("main", fmt.Sprintf("Reviewed 0 of %d", active), fmt.Sprintf("%d people left out: already disabled", disabled))
	rest := aida.get("/reviews/1?page=2").want(http.StatusOK).sound()
	if got := len(uids(p)) + len(uids(rest)); got != active || len(uids(p)) > 100 {
		t.Errorf("the pages show %d people, %d on the first, want the %d who aren’t disabled", got, len(uids(p)), active)
	}
	if events := b.events(ledger.Filter{Action: ledger.StartReview}); len(events) != 1 || events[0].Company.ID != lyondell || events[0].Actor.Name != "Aida Auditor" {
		t.Errorf("ledger = %+v, want the start of the review", events)
	}
	aida.get("/reviews").want(http.StatusOK).sound().says("main", "Access review 1", "Lyondell", "0 of")
}

func TestAReviewIsStartedWithADayAndSomebodyWhoConfirms(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida := b.as(auth.Auditor)
	list := aida.get(companyReviews).want(http.StatusOK).sound()
	yesterday := b.clock.Now().AddDate(0, 0, -1).Format(time.DateOnly)
	for _, tt := range []struct{ field, value, says string }{
		{"due", "", "Enter the day"},
		{"due", "soon", "Enter the day"},
		{"due", yesterday, "That day is over"},
		{"due", "2099-01-01", "more than two years away"},
		{"confirms", "", "Enter who confirms"},
		{"confirms", strings.Repeat("é", review.MaxConfirms+1), "200 characters at most"},
		{"confirms", "Bo\u202eChen", "invisible character"},
		{"formToken", "", "out of date"},
	} {
		change := url.Values{"confirms": {"Bo"}}
		change.Set(tt.field, tt.value)
		p := aida.submit(list, "#review-form", change).want(http.StatusUnprocessableEntity).sound()
		p.says("[data-error-summary]", tt.says)
		if values, _ := p.form("#review-form"); tt.field != "formToken" && values.Get(tt.field) != tt.value {
			t.Errorf("%s = %q came back as %q", tt.field, tt.value, values.Get(tt.field))
		}
	}
	if n := len(b.events(ledger.Filter{Action: ledger.StartReview})); n != 0 {
		t.Errorf("%d reviews were started, want none", n)
	}

	form := url.Values{"confirms": {"Bo"}}
	first, second := aida.submit(list, "#review-form", form), aida.submit(list, "#review-form", form)
	if first.location() != "/reviews/1" || second.location() != "/reviews/1" {
		t.Errorf("one form sent twice leads to %s and %s, want /reviews/1", first.location(), second.location())
	}
}

func TestWhenSymphonyCantBeReadNoReviewStartsAndNoneOpens(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida := b.as(auth.Auditor)
	list := aida.get(companyReviews).want(http.StatusOK)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getCompanyStatus"}, Kind: sandbox.KindStatus, Status: http.StatusServiceUnavailable, Times: 1})
	aida.submit(list, "#review-form", url.Values{"confirms": {"Bo"}}).want(http.StatusBadGateway).sound().says("[data-error-summary]", "could not be read")

	aida.startReview().want(http.StatusSeeOther)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getUsers"}, Kind: sandbox.KindStatus, Status: http.StatusServiceUnavailable, Times: 1})
	if again, err := b.reviews.Prepare(t.Context(), 1); err != nil || again == 0 {
		t.Errorf("PrepareReview = again in %v, %v, want to come back", again, err)
	}
	aida.get("/reviews/1").want(http.StatusOK).sound().says("main", "Being prepared", "Symphony could not be read at", "keeps trying")
	aida.post("/reviews/1/decisions", url.Values{"seen." + adele: {""}, "decision." + adele: {"keep"}}).want(http.StatusSeeOther)
	aida.get("/reviews/1").says("main", "Nothing was saved.")
}

func TestDecisionsAreSavedWithWhoAndWhen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida, ada := b.as(auth.Auditor), b.as(auth.Admin)
	open := aida.openReview()
	people := uids(open)

	saved := aida.post("/reviews/1/decisions", decisionsOf(open, url.Values{"decision." + people[0]: {"keep"}, "decision." + people[1]: {"disable"}}))
	if saved.want(http.StatusSeeOther).location() != "/reviews/1?page=2" {
		t.Errorf("saving leads to %s, want the next page", saved.location())
	}
	p := aida.get("/reviews/1").want(http.StatusOK).sound()
	p.says("main", "Reviewed 2 of").says("#decision-"+people[0], "Keep by Aida Auditor").says("#decision-"+people[1], "Disable by Aida Auditor")
	if got := uids(aida.get("/reviews/1?show=disable")); !cmp.Equal(got, people[1:2]) {
		t.Errorf("to disable: %v, want %v", got, people[1:2])
	}

	// Who had the page open since before overwrites nothing that they didn't see.
	stale := ada.post("/reviews/1/decisions", decisionsOf(open, url.Values{"decision." + people[0]: {"disable"}, "decision." + people[2]: {"ask"}}))
	ada.follow(stale).says("main", "1 choice was not saved.")
	ada.get("/reviews/1").says("#decision-"+people[0], "Keep by Aida Auditor").says("#decision-"+people[2], "Ask by Ada Admin")

	// Who saw it may, and what was decided before stays to be seen.
	seen := ada.get("/reviews/1")
	ada.post("/reviews/1/decisions", decisionsOf(seen, url.Values{"decision." + people[0]: {"disable"}})).want(http.StatusSeeOther)
	ada.get("/reviews/1").says("#decision-"+people[0], "Disable by Ada Admin", "before: keep by Aida Auditor")
}

func TestSavingTheLastPageOfAReviewStaysThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida := b.as(auth.Auditor)
	aida.openReview().says("#decisions", "Save and go on")
	last := aida.get("/reviews/1?page=2").want(http.StatusOK)
	if words := last.find("#decisions .btn-primary").Text(); words != "Save" {
		t.Errorf("the button of the last page says %q, want Save: there is nothing to go on to", words)
	}

	saved := aida.post("/reviews/1/decisions", decisionsOf(last, url.Values{"decision." + uids(last)[0]: {"keep"}})).want(http.StatusSeeOther)

	if saved.location() != "/reviews/1?page=2" {
		t.Errorf("saving leads to %s, want the same page", saved.location())
	}
}

func TestTheScriptSavesEachChoiceAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida, ada := b.as(auth.Auditor), b.as(auth.Admin)
	uid := uids(aida.openReview())[0]
	path := aida.get("/reviews/1?show=undecided").find("#decision-"+uid).AttrOr("hx-post", "")
	answer := aida.post(path, url.Values{"seen." + uid: {""}, "decision." + uid: {"keep"}}).want(http.StatusOK)
	answer.says("#decision-"+uid, "Keep by Aida Auditor").says("#review-progress", "Reviewed 1 of").says("#review-filters", "Keep 1")
	if answer.find("input[value='keep'][checked]").Length() != 1 || answer.find("#review-filters [aria-current]").AttrOr("href", "") != "/reviews/1?show=undecided" {
		t.Errorf("the answer doesn’t show what was chosen where: %s", answer.body)
	}
	ada.post(path, url.Values{"seen." + uid: {""}, "decision." + uid: {"ask"}}).want(http.StatusOK).says("#decision-"+uid, "Not saved", "Keep by Aida Auditor")

	aida.post(path, url.Values{"decision." + uid: {"perhaps"}}).want(http.StatusBadRequest)
	aida.post("/reviews/1/people/somebody", url.Values{"decision.somebody": {"keep"}}).want(http.StatusNotFound)
	aida.finish().want(http.StatusSeeOther)
	if late := aida.post(path, url.Values{"decision." + uid: {"ask"}}).want(http.StatusNoContent); late.header.Get("HX-Refresh") != "true" {
		t.Error("a choice in a finished review doesn’t have the page loaded again")
	}
}

func TestTheUndecidedOfAPageAreKeptByOneButton(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida := b.as(auth.Auditor)
	open := aida.openReview()
	people := uids(open)
	open.says("#decisions", "Keep the undecided on this page")
	aida.post("/reviews/1/decisions", decisionsOf(open, url.Values{"rest": {"keep"}, "decision." + people[0]: {"ask"}})).want(http.StatusSeeOther)
	aida.get("/reviews/1").says("main", fmt.Sprintf("Reviewed %d of", len(people)), "Ask by Aida Auditor")
}

func TestAReviewIsFinishedWhenEverybodyIsDecidedAbout(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida := b.as(auth.Auditor)
	open := aida.openReview()
	people := uids(open)
	aida.post("/reviews/1/decisions", decisionsOf(open, url.Values{"decision." + people[0]: {"disable"}})).want(http.StatusSeeOther)

	ask := aida.get("/reviews/1/finish").want(http.StatusOK).sound()
	aida.submit(ask, "#finish-form", nil).want(http.StatusUnprocessableEntity).sound().says("[data-error-summary]", "Decide about everybody")

	aida.post("/reviews/1/decisions", url.Values{"seen." + people[1]: {""}, "decision." + people[1]: {"keep"}}).want(http.StatusSeeOther)
	changed := aida.submit(ask, "#finish-form", url.Values{"rest": {"ask"}}).want(http.StatusConflict).sound()
	changed.says("main", "Something was decided since the page was opened")

	done := aida.submit(changed, "#finish-form", url.Values{"rest": {"ask"}})
	p := aida.follow(done).want(http.StatusOK).sound()
	p.says("main", "Access review 1 is finished.", "1 person is to be disabled", "The review stays as it is.")
	if p.find("#decisions, input[type='radio']").Length() != 0 {
		t.Error("a finished review can be decided in")
	}
	events := b.events(ledger.Filter{Action: ledger.FinishReview})
	if len(events) != 1 || !strings.Contains(string(events[0].After), `"disable":1`) || !strings.Contains(string(events[0].After), `"keep":1`) {
		t.Fatalf("ledger = %+v, want the end of the review with its counts", events)
	}

	aida.submit(changed, "#finish-form", nil).want(http.StatusSeeOther) // a second click
	if n := len(b.events(ledger.Filter{Action: ledger.FinishReview})); n != 1 {
		t.Errorf("the review was finished %d times", n)
	}
	aida.get("/reviews/1/finish").want(http.StatusSeeOther)
}

func TestTheFileOfAFinishedReviewIsTheOneInTheLedger(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida := b.as(auth.Auditor)
	open := aida.openReview()
	uid := uids(open)[0]
	aida.get("/reviews/1/export.csv").want(http.StatusNotFound)
	aida.post("/reviews/1/decisions", url.Values{"seen." + uid: {""}, "decision." + uid: {"disable"}}).want(http.StatusSeeOther)
	aida.post("/reviews/1/decisions", url.Values{"seen." + uid: {"disable"}, "decision." + uid: {"keep"}}).want(http.StatusSeeOther)
	page := aida.follow(aida.finish())

	file := aida.get("/reviews/1/export.csv").want(http.StatusOK)
	b.clock.add(20 * time.Minute)
	hash := sha256.Sum256([]byte(file.body))
	seal := hex.EncodeToString(hash[:])
	page.says("#result", seal)
	if e := b.events(ledger.Filter{Action: ledger.FinishReview})[0]; !strings.Contains(string(e.After), `"sha256":"`+seal+`"`) {
		t.Errorf("ledger = %s, want the file’s hash %s", e.After, seal)
	}
	if again := aida.get("/reviews/1/export.csv"); again.body != file.body {
		t.Error("the file isn’t the same later")
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.body, excelMark))).ReadAll()
	b.must(err)
	at := func(column string) int { return slices.Index(rows[0], column) }
	i := slices.IndexFunc(rows, func(row []string) bool { return row[at("User id")] == uid })
	row := rows[i]
	if row[at("Decision")] != "keep" || row[at("Decided by")] != "Aida Auditor" || !strings.HasPrefix(row[at("Earlier decisions")], "disable by Aida Auditor") {
		t.Errorf("row = %q, want keep, by whom, and what was before", row)
	}
	if exports := b.events(ledger.Filter{Action: ledger.Export}); len(exports) != 2 || exports[0].Note != "access-review-1.csv" {
		t.Errorf("ledger = %+v, want both exports", exports)
	}
}

func TestAReviewsFileWithProofsProvesItself(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida := b.as(auth.Auditor)
	open := aida.openReview()
	aida.get("/reviews/1/export.zip").want(http.StatusNotFound)
	aida.post("/reviews/1/decisions", decisionsOf(open, url.Values{"rest": {"keep"}})).want(http.StatusSeeOther)
	page := aida.follow(aida.finish())
	page.says("#result", "sha256sum access-review-1.csv")
	event := b.events(ledger.Filter{Action: ledger.FinishReview})[0]

	answer := aida.get(page.find("a[href$='/export.zip']").AttrOr("href", "")).want(http.StatusOK)

	files := answer.unzip()
	if csv := aida.get("/reviews/1/export.csv").body; string(files["access-review-1.csv"]) != csv {
		t.Error("the archive has another file than the download without proofs")
	}
	report := b.proofs(files["finished.jsonl"], files[ledger.ArchiveCheckpoint])
	if !report.OK() || report.Events != 1 {
		t.Errorf("VerifyExport = %+v, want one event proven", report)
	}
	hash := sha256.Sum256(files["access-review-1.csv"])
	seal := hex.EncodeToString(hash[:])
	if !strings.Contains(string(files["finished.jsonl"]), seal) || !strings.Contains(string(files["README.txt"]), seal) {
		t.Errorf("neither the proven event nor README.txt may lack the file’s hash %s:\n%s", seal, files["README.txt"])
	}

	var said ledger.Manifest
	b.must(json.Unmarshal(files[ledger.ArchiveEvidence], &said))
	if *said.Seal != (ledger.ManifestSeal{File: "access-review-1.csv", Format: "review file v2", Event: event.Seq}) || said.Rows != len(b.csvRows(files["access-review-1.csv"])) || said.Filters[0] != (ledger.ManifestFilter{Filter: "Access review", Value: "1"}) {
		t.Errorf("evidence.json = %+v, want the review, its people and event %d", said, event.Seq)
	}
	exports := b.events(ledger.Filter{Action: ledger.Export})
	if len(exports) < 2 || exports[0].Outcome != ledger.Intent || exports[0].Note != "access-review-1.zip" || exports[1].Outcome != ledger.Succeeded {
		t.Errorf("recorded: %+v, want that it was asked for and that it was sent", exports)
	}

	altered := bytes.Replace(files["finished.jsonl"], []byte(seal), []byte(strings.Repeat("0", len(seal))), 1)
	if report := b.proofs(altered, files[ledger.ArchiveCheckpoint]); report.OK() {
		t.Error("an event with another hash is believed")
	}

	// Without its personal part, which has the file's hash, the event proves nothing.
	_, err := b.store.Redact(t.Context(), ledger.Event{Actor: auth.System("test", ""), Reason: "order 17"}, store.Order{Events: []int64{event.Seq}})
	b.must(err)
	aida.get("/reviews/1/export.zip").want(http.StatusNotFound)
	aida.get("/reviews/1/export.csv").want(http.StatusOK)
}

func TestAReviewIsCancelledFromAPageOfItsOwn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida, ada := b.as(auth.Auditor), b.as(auth.Admin)
	open := aida.openReview()
	uid := uids(open)[0]
	aida.post("/reviews/1/decisions", decisionsOf(open, url.Values{"decision." + uid: {"disable"}})).want(http.StatusSeeOther)

	ask := ada.get(open.find(".head-actions a[href$='/cancel']").AttrOr("href", "")).want(http.StatusOK).sound()
	ask.says("main", "Cancel this access review?", "1 of", "Cancel the review in SANDBOX")
	ada.submit(ask, "#cancel-form", nil).want(http.StatusUnprocessableEntity).sound().says("[data-error-summary]", "Enter the reason")
	long := strings.Repeat("x", portal.MaxReason+1)
	again := ada.submit(ask, "#cancel-form", url.Values{"reason": {long}}).want(http.StatusUnprocessableEntity).sound()
	if values, _ := again.form("#cancel-form"); values.Get("reason") != long {
		t.Error("the reason did not come back")
	}
	if n := len(b.events(ledger.Filter{Action: ledger.CancelReview})); n != 0 {
		t.Errorf("%d reviews were cancelled, want none", n)
	}

	reason := url.Values{"reason": {"The <b>wrong</b> company"}}
	for range 2 { // a second click
		done := ada.follow(ada.submit(ask, "#cancel-form", reason)).want(http.StatusOK).sound()
		done.says("main", "Access review 1 is cancelled.", "Start another one", "Ada Admin", "The <b>wrong</b> company", "Disable", "Undecided")
		if n := done.find("#decisions, input[type='radio'], .head-actions a, a[href$='/export.csv']").Length(); n != 0 {
			t.Errorf("a cancelled review has %d ways to go on with it", n)
		}
	}
	if events := b.events(ledger.Filter{Action: ledger.CancelReview}); len(events) != 1 || events[0].Reason != "The <b>wrong</b> company" || events[0].Actor.Name != "Ada Admin" {
		t.Errorf("ledger = %+v, want it cancelled once, by whom and why", events)
	}

	aida.follow(aida.submit(ask, "#cancel-form", reason)).says("main", "Nothing was cancelled.", "over already")
	aida.follow(aida.post("/reviews/1/decisions", decisionsOf(open, url.Values{"decision." + uid: {"keep"}}))).says("main", "Nothing was saved.")
	aida.follow(aida.post("/reviews/1/finish", url.Values{"version": {"2"}, "rest": {"ask"}})).says("main", "Nothing was saved.")
	for path, want := range map[string]int{
		"/reviews/1/cancel": 303, "/reviews/1/finish": 303, "/reviews/1/export.csv": 404, "/reviews/1/export.zip": 404, "/reviews/1/to-disable": 404,
		"/reviews/1?show=undecided": 200, "/reviews/1?show=keep": 200,
	} {
		ada.get(path).want(want)
	}
	for _, list := range []string{"/reviews", companyReviews} {
		aida.get(list).want(http.StatusOK).sound().says("tbody", "Cancelled", "cancelled just now by Ada Admin", "“The <b>wrong</b> company”")
	}
	aida.startReview().want(http.StatusSeeOther)
}

func TestAReviewThatCantBePreparedSaysWhyAndCanBeCancelled(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida := b.as(auth.Auditor)
	aida.startReview().want(http.StatusSeeOther)
	b.fault(sandbox.Rule{
		Match: sandbox.Match{Operation: "getUsers"}, Kind: sandbox.KindStatus, Status: http.StatusNotFound,
		Body: `{"title":"Not Found","status":404,"detail":"Company is not found","detailErrorCode":"40102"}`,
	})
	if again, err := b.reviews.Prepare(t.Context(), 1); err != nil || again == 0 {
		t.Fatalf("PrepareReview = again in %v, %v, want to come back", again, err)
	}
	p := aida.get("/reviews/1").want(http.StatusOK).sound().says("main", "Being prepared", "doesn’t know this company", "cancel the review")
	ask := aida.get(p.find("a[href$='/cancel']").AttrOr("href", "")).want(http.StatusOK).sound()

	done := aida.follow(aida.submit(ask, "#cancel-form", url.Values{"reason": {"gone"}})).want(http.StatusOK).sound()
	done.says("main", "Cancelled", "Its people had not been read yet.", "gone")
	if done.find("head noscript, main [hx-get], #people").Length() != 0 {
		t.Error("the page of a cancelled review loads itself again")
	}
	if again, err := b.reviews.Prepare(t.Context(), 1); err != nil || again != 0 {
		t.Errorf("PrepareReview = again in %v, %v, want it to be over", again, err)
	}
	if answer := aida.htmx("/reviews/1/progress"); answer.header.Get("HX-Refresh") != "true" {
		t.Error("the script isn’t told that the review is over")
	}
}

func TestAReasonThatWasSentAfterTheSessionEndedComesBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.as(auth.Auditor).openReview()
	p := b.resumed("/reviews/1/cancel", url.Values{"reason": {"the wrong company"}}, auth.Auditor).get("/reviews/1/cancel").want(http.StatusOK).sound()
	if values, _ := p.says(".note", "Not sent yet").form("#cancel-form"); values.Get("reason") != "the wrong company" {
		t.Errorf("reason = %q, want what was typed", values.Get("reason"))
	}
}

func TestWhoMayDisablePeopleIsToldThatAReviewWantsIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida := b.as(auth.Auditor)
	open := aida.openReview()
	people := uids(open)
	aida.post("/reviews/1/decisions", decisionsOf(open, url.Values{"decision." + people[0]: {"disable"}, "decision." + adele: {"disable"}})).want(http.StatusSeeOther)
	pages := []string{"/companies/" + lyondell, "/companies/" + lyondell + "/users"}
	hints := func(role auth.Role) (n int) {
		for _, path := range pages {
			n += b.as(role).get(path).want(http.StatusOK).sound().find("main .note a[href='/reviews/1/to-disable']").Length()
		}
		return n
	}
	if n := hints(auth.Viewer); n != 0 {
		t.Errorf("%d pages say that an open review wants people disabled", n)
	}
	aida.finish().want(http.StatusSeeOther)
	for _, role := range auth.AllRoles {
		want := 0
		if (auth.Roles{role}).Can(auth.ChangeStatus) {
			want = len(pages)
		}
		if got := hints(role); got != want {
			t.Errorf("as %s, %d pages say whom the review wants disabled, want %d", role, got, want)
		}
	}
	vera := b.as(auth.Viewer)
	vera.get(pages[1]).says(".note", "2 people are to be disabled", "Access review 1 decided so")

	for _, uid := range []string{people[0], adele} {
		path := "/companies/" + lyondell + "/users/" + uid + "/status?review=1"
		vera.submit(vera.get(path).want(http.StatusOK), "#status-form", nil).want(http.StatusSeeOther)
	}
	if n := hints(auth.Viewer); n != 0 {
		t.Errorf("%d pages ask for what is done", n)
	}
}

func TestWhomAReviewWantsDisabledIsDisabledAsAlways(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida, vera := b.as(auth.Auditor), b.as(auth.Viewer)
	aida.openReview()
	vera.get("/reviews/1/to-disable").want(http.StatusNotFound)
	aida.post("/reviews/1/decisions", url.Values{"seen." + adele: {""}, "decision." + adele: {"disable"}}).want(http.StatusSeeOther)
	finished := aida.follow(aida.finish())
	finished.says("main", "Needs the role viewer, onboarder or admin.", "http://127.0.0.1:8080/reviews/1/to-disable")

	list := vera.get("/reviews/1/to-disable").want(http.StatusOK).sound()
	way, ok := list.find("a[href*='/status?review=1']").Attr("href")
	if !ok || list.find("tbody tr").Length() != 1 {
		t.Fatalf("the list is %q, want Adele with the way to disable her", list.text("main"))
	}
	confirm := vera.get(way).want(http.StatusOK).sound()
	values, _ := confirm.form("#status-form")
	if got, want := values.Get("reason"), "Access review 1 of Lyondell, finished "+b.clock.Now().Format(time.DateOnly); !strings.HasPrefix(got, "Access review 1 of ") || !strings.HasSuffix(got, want[len("Access review 1 of Lyondell"):]) {
		t.Errorf("reason = %q, want %q", got, want)
	}
	done := vera.follow(vera.submit(confirm, "#status-form", nil))
	if done.find("a[href='/reviews/1/to-disable']").Length() != 1 {
		t.Error("after it nothing leads back to the list")
	}
	vera.get("/reviews/1/to-disable").says("tbody tr", "Disabled", "disabled by Vera Viewer")
	aida.get("/reviews/1?show=disable").says("tbody tr", "Disabled", "disabled by Vera Viewer")

	vera.get("/companies/" + lyondell + "/users/" + adele + "/status?review=2").want(http.StatusNotFound)
	vera.get("/companies/" + lyondell + "/users/" + adele + "/status?review=x").want(http.StatusBadRequest)
}

func TestAddressesOfReviewsThatCantBe(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida := b.as(auth.Auditor)
	for path, want := range map[string]int{
		"/reviews/0": 404, "/reviews/-1": 404, "/reviews/9": 404, "/reviews/x": 404, "/reviews/9223372036854775808": 404, "/reviews/9/finish": 404,
		"/reviews/9/cancel": 404, "/reviews/x/cancel": 404, "/reviews/9/export.zip": 404, "/reviews/0/export.zip": 404,
		"/reviews/9/progress": 404, "/reviews/9/export.csv": 404, "/companies/" + adele + "/reviews": 404,
	} {
		aida.get(path).want(want).sound()
	}
	aida.openReview()
	for path, want := range map[string]int{
		"/reviews/1?show=all": 400, "/reviews/1?page=0": 400, "/reviews/1?page=99": 200, "/reviews/1?show=keep": 200, "/reviews/1?show=ask&page=3": 200,
	} {
		aida.get(path).want(want).sound()
	}
	aida.post("/reviews/1/finish", url.Values{"version": {"x"}}).want(http.StatusBadRequest)
}

func TestChoicesThatWereMadeAfterTheSessionEndedComeBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	aida := b.as(auth.Auditor)
	open := aida.openReview()
	uid := uids(open)[3]
	values := decisionsOf(open, url.Values{"decision." + uid: {"ask"}})
	p := b.resumed("/reviews/1", values, auth.Auditor).get("/reviews/1").want(http.StatusOK).sound().says(".note", "Not sent yet")
	if p.find("input[name='decision."+uid+"'][value='ask'][checked]").Length() != 1 {
		t.Error("the choice did not come back")
	}
	p.says("main", "Reviewed 0 of")
}
