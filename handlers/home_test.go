package handlers

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/sandbox"
	"foyer/store"
)

func TestHomeShowsWhatNeedsAttentionAndWhatIsBeingBuilt(t *testing.T) {
	t.Parallel()
	b := newBench(t)

	p := b.as(auth.Onboarder).get("/").want(http.StatusOK).sound()

	p.says(".head", "8 sponsored companies", "as of "+b.clock.Now().Format(time.TimeOnly)+" UTC")
	if diff := cmp.Diff([]string{"Vega Markets", "Société Générique"}, p.texts("#attention li a")); diff != "" {
		t.Errorf("companies that need attention (-want +got):\n%s", diff)
	}
	p.says("#attention li:nth-child(2)", "Failed: tenant", "Symphony could not build it: the tenant could not be created.", "Only Symphony can help")
	p.says("#attention li:nth-child(1)", "TENANT_MIGRATING", "Ask Symphony what it means")
	p.says("#building", "Öresund Capital", "Being built, 6 min", "about 20 minutes")
	p.says("#health li:nth-child(1)", "Symphony", "Answers", "asked just now").says("#health li:nth-child(2)", "Sign-in service", "Answers")
	if p.find("#open").Length() != 0 {
		t.Error("the page speaks of unknown outcomes, and there are none")
	}
}

func TestHomeOffersWhatTheRoleAllows(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for role, want := range map[auth.Role][]string{
		auth.Viewer:    {"Find people", "Pre-check"},
		auth.Onboarder: {"Find people", "Pre-check", "Bulk change", "New company"},
		auth.Auditor:   {"Find people", "Pre-check"},
		auth.Admin:     {"Find people", "Pre-check", "Bulk change", "New company"},
	} {
		p := b.as(role).get("/").want(http.StatusOK)
		if diff := cmp.Diff(want, p.texts(".head-actions .btn")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", role, diff)
		}
	}
}

func TestHomeShowsOnesOwnActivityUnlessTheRoleSeesEverybodys(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.create(b.as(auth.Onboarder), "Ledger Bank", "ledger-bank", "ledger.example")

	own := b.as(auth.Viewer).get("/").want(http.StatusOK)
	own.says("#activity", "Your last activity", "You have done nothing yet")
	if own.find("#activity a").Length() != 0 {
		t.Error("a viewer is led to the activity of everybody")
	}
	all := b.as(auth.Auditor).get("/").want(http.StatusOK).sound()
	all.says("#activity", "Last activity of everybody", "Requested the company Ledger Bank", "Otto Onboarder")
	if n := strings.Count(all.text("#activity"), "Ledger Bank"); n != 1 {
		t.Errorf("the company is named %d times, want once: its intent is answered", n)
	}
	if href := all.find("#activity .card-actions a").AttrOr("href", ""); href != "/audit" {
		t.Errorf("'All' leads to %q", href)
	}
}

// What became of a bulk change is what one wants to know of it, and its start tells nothing
// of that; to whoever may not see everybody's activity no less.
func TestHomeSaysOfABulkChangeOnceHowItStands(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	otto := b.as(auth.Onboarder)
	otto.submit(otto.bring("create", "list.csv", joiners), "#start-form", url.Values{"reason": {"Migration of the FX desk"}}).want(http.StatusSeeOther)
	homes := map[string]*browser{"Your last activity": otto, "Last activity of everybody": b.as(auth.Auditor)}
	says := func(words ...string) {
		t.Helper()
		for title, browser := range homes {
			p := browser.get("/").want(http.StatusOK).sound().says("#activity", append(words, title, "Add 2 people to Lyondell Trading", "Otto Onboarder", "“Migration of the FX desk”")...)
			if n := p.find("#activity li").Length(); n != 1 {
				t.Errorf("%s has %d lines, want one for the bulk change: %s", title, n, p.text("#activity"))
			}
			if href := linkTo(p, "#activity a:contains('Bulk change 1')"); href != "/bulk/1" {
				t.Errorf("%s: the bulk change is said to be at %s", title, href)
			}
		}
	}
	says("Starting")
	b.work()
	b.work()
	says("Partly done", "2 created · 2 left out")
}

func TestHomeShowsChangesWhoseOutcomeIsNotKnown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Onboarder)
	p := browser.get("/companies/new").want(http.StatusOK)
	p = browser.submit(p, "#company-form", url.Values{"name": {"Lost Bank"}, "vanityName": {"lost-bank"}, "emailDomains": {"lost.example"}}).want(http.StatusOK)
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "createCompany"}, Kind: sandbox.KindCloseBefore})
	b.fault(sandbox.Rule{Match: sandbox.Match{Operation: "getCompanies"}, Kind: sandbox.KindStatus, After: 1}) // the name is looked for before
	browser.submit(p, "#check-form", nil).want(http.StatusSeeOther)
	b.clock.add(time.Second)

	b.as(auth.Viewer).get("/").want(http.StatusOK).sound().
		says("#open", "We don’t know yet", "Create company Lost Bank", "Not known yet", "Otto Onboarder")
}

// What Symphony asked of another page is said here at once, and not only when it is asked
// for its health again.
func TestHomeSaysUntilWhenSymphonyAskedToWait(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	admin := b.as(auth.Admin)
	admin.get("/").want(http.StatusOK).says("#health li:nth-child(1)", "Answers")
	b.fault(sandbox.Rule{Kind: sandbox.KindRetryAfter, RetryAfter: "99999", Times: 1})
	admin.get(adelePage)

	p := admin.get("/").want(http.StatusOK).sound().says("#health li:nth-child(1)", "Refuses", "Foyer asks again at", "Ask now")

	admin.submit(p, "#health form", nil).want(http.StatusSeeOther)
	admin.get("/").want(http.StatusOK).says("#health li:nth-child(1)", "Answers")
}

func TestHomeStaysUpWhileSymphonyAndTheSignInServiceAreDown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := b.as(auth.Viewer)
	b.fault(sandbox.Rule{Kind: sandbox.KindStatus})

	never := browser.get("/").want(http.StatusOK).sound()
	never.says("#attention .empty-failed", "Symphony can’t be reached", "Reference").says("#health li:nth-child(1)", "Doesn’t answer", "nothing can be changed")

	b.sandbox.Faults().Clear()
	b.clock.add(time.Minute)
	browser.get("/").want(http.StatusOK).says("#health li:nth-child(1)", "Answers")

	b.fault(sandbox.Rule{Kind: sandbox.KindStatus})
	b.clock.add(2 * time.Minute)
	browser.get("/").want(http.StatusOK).sound().says(".note-ask", "Symphony could not be read.", "2 min ago").says("#attention", "Société Générique")
}

func TestHomeSaysWhereTheLedgersKeyIsMissingToThoseWhoExport(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, role := range []auth.Role{auth.Admin, auth.Auditor} {
		if p := b.as(role).get("/").want(http.StatusOK); strings.Contains(p.find("#health").Text(), "key") {
			t.Errorf("%s reads of a key, and this process has the right one: %s", role, p.find("#health").Text())
		}
	}
	other, err := store.Open(t.Context(), "sqlite:"+b.file, store.Options{Now: b.clock.Now, KeyFile: filepath.Join(t.TempDir(), "other.key")})
	b.must(err)
	defer func() { _ = other.Close() }()
	_, _, err = other.SignCheckpoint(t.Context())
	b.must(err)

	for role, told := range map[auth.Role]bool{auth.Admin: true, auth.Auditor: true, auth.Onboarder: false} {
		p := b.as(role).get("/").want(http.StatusOK).sound()
		if got := strings.Contains(p.find("#health").Text(), "The ledger’s key"); got != told {
			t.Errorf("%s is told of the key: %v, want %v", role, got, told)
		}
	}
	vera := b.as(auth.Viewer)
	status := vera.get(adelePage + "/status").want(http.StatusOK)
	b.as(auth.Auditor).get("/audit.zip").want(http.StatusInternalServerError).says("main", "The ledger can’t be signed here", "Nothing was exported")

	// Nothing that it did could be told from what somebody put into the database.
	calls := b.calls("updateUser")
	refused := vera.submit(status, "main form[method=post]", url.Values{"reason": {"left the firm"}}).want(http.StatusServiceUnavailable).sound()
	refused.says("[data-error-summary]", "This process of Foyer can’t record anything.", "Nothing was changed.", "Tell whoever runs Foyer", "Looking up still works")
	if reason := refused.text("#field-reason"); reason != "left the firm" || b.calls("updateUser") != calls {
		t.Errorf("the form has the reason %q, and Symphony was asked %d times, want none", reason, b.calls("updateUser")-calls)
	}
}

// That the ledger was altered is the gravest that can be said here: it is said to everybody,
// as a failure, and to whoever reads the ledger wherever they read it.
func TestAnAlteredLedgerIsSaidOnHomeAndWhereverTheLedgerIsRead(t *testing.T) {
	t.Parallel()
	altered := fmt.Errorf("sign checkpoint: %w", &ledger.AlteredError{First: ledger.Problem{Seq: 2}})
	b := newBench(t, func(o *Options) {
		o.Troubles = func() []Trouble { return []Trouble{{Code: LedgerAltered, Err: altered}} }
	})
	b.done(ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: by("vera")}, ledger.Event{Action: ledger.SignOut, Outcome: ledger.Succeeded, Actor: by("vera")})
	const says = "Events are not what Foyer recorded (the first is number 2)"
	for role, link := range map[auth.Role]string{auth.Auditor: "/audit/2", auth.Viewer: ""} {
		row := b.as(role).get("/").want(http.StatusOK).sound().says("#health li:last-child", "The ledger", "Altered", says, "‘foyer audit verify’ says what is wrong").find("#health li:last-child")
		if row.Find(".status-failed").Length() != 1 || row.Find("a").AttrOr("href", "") != link {
			t.Errorf("%s reads of it as %s and is led to %q, want it as a failure, and to be led to %q", role, row.Find(".status").AttrOr("class", ""), row.Find("a").AttrOr("href", ""), link)
		}
	}
	auditor := b.as(auth.Auditor)
	for _, path := range []string{"/audit", "/audit/2"} {
		auditor.get(path).want(http.StatusOK).sound().says("main > .note-bad", "The ledger: altered", says, "See event 2")
	}
	event := auditor.get("/audit/2").says("#proof", "none is signed now: it can’t be proven yet")
	if event.find("#proof a.btn").Length() > 0 {
		t.Error("a proof is offered that would be refused")
	}
}

var untrusted = &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}

// What isn't as it should be about Foyer itself is said where people and machines look.
func TestTroublesAreSaidOnTheFirstPageAndByReadiness(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		trouble Trouble
		word    string
		text    string
	}{
		{Trouble{Code: ClocksApart, Ahead: 7 * time.Minute}, "Differ", "Symphony’s clock is 7 min 0 s ahead of Foyer’s."},
		{Trouble{Code: ClocksApart, Ahead: -90 * time.Second}, "Differ", "Symphony’s clock is 1 min 30 s behind Foyer’s."},
		{Trouble{Code: HookFails, Err: untrusted}, "Not handed on", "The web hook did not take the last checkpoint of the ledger: its certificate isn’t trusted"},
		{Trouble{Code: DatabaseDamaged}, "Damaged", "The file of Foyer’s database is damaged"},
		{Trouble{Code: CheckpointFileFails}, "Not handed on", "The last checkpoint of the ledger could not be appended"},
	} {
		b := newBench(t, func(o *Options) { o.Troubles = func() []Trouble { return []Trouble{tt.trouble} } })
		b.as(auth.Viewer).get("/").want(http.StatusOK).sound().says("#health li:nth-child(3)", tt.word, tt.text)
		p := b.stranger().get("/readyz").want(http.StatusOK)
		if first, rest, _ := strings.Cut(p.body, "\n"); first != "ready" || !strings.HasPrefix(rest, tt.text) {
			t.Errorf("/readyz = %q, want ready, and then %q", p.body, tt.text)
		}
	}
}

func TestAnEventThatWasAlteredKeepsNobodyFromTheOthers(t *testing.T) {
	t.Parallel()
	const says = "altered in the database"
	b := newBench(t)
	b.create(b.as(auth.Onboarder), "Ledger Bank", "ledger-bank", "ledger.example")
	edit := func(statement string) {
		t.Helper()
		_, err := b.store.SQLite().ExecContext(t.Context(), statement)
		b.must(err)
	}
	edit(`DROP TRIGGER ledger_event_no_update`)
	edit(`UPDATE ledger_event SET personal = CAST(replace(CAST(personal AS TEXT), '"name"', '"nome"') AS BLOB)`)
	admin := b.as(auth.Admin)
	admin.get("/").want(http.StatusOK).sound().says("#activity", "Ledger Bank").says("#health", "Symphony", "Answers")
	list := admin.get("/audit?company=Ledger").want(http.StatusOK).sound().says("tbody", says)
	admin.get(list.find("tbody tr a[href^='/audit/']").First().AttrOr("href", "")).want(http.StatusOK).sound().says("main", "Altered in the database", "aren’t shown")
	if file := admin.get("/audit.csv?company=Ledger").want(http.StatusOK); !strings.Contains(file.body, "altered") || strings.Contains(file.body, "Otto") {
		t.Errorf("the file says %s", file.body)
	}

	// What nothing can be read of at all is said on the first page, which has more to say.
	edit(`UPDATE ledger_event SET body = CAST('{' AS BLOB)`)
	admin.get("/").want(http.StatusOK).sound().says("#activity", "can’t be shown", "‘foyer audit verify’").says("#health", "Symphony", "Answers")
}

// On a phone the services stand below all else: what fails leads there from the top.
func TestWhatFailsLeadsToTheServicesFromTheTopOfTheFirstPage(t *testing.T) {
	t.Parallel()
	const leads = `main a[href="#health"]`
	if p := newBench(t).as(auth.Viewer).get("/").want(http.StatusOK); p.find(leads).Length() != 0 {
		t.Error("it leads to the services, and none fails")
	}
	troubles := []Trouble{
		{Code: WitnessRefuses, Err: errors.New("has seen 25 events"), Whom: []string{"audit", "bank"}},
		{Code: NotWitnessed, At: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)},
	}
	b := newBench(t, func(o *Options) { o.Troubles = func() []Trouble { return troubles } })
	p := b.as(auth.Viewer).get("/").want(http.StatusOK).sound()
	p.says(leads, "The witnesses audit, bank", "Refuse the ledger").says("#health", "You can go on working", "Since 2026-03-01 09:00:00 UTC fewer witnesses")
}
