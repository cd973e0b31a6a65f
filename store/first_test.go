package store_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"foyer/address"
	"foyer/auth"
	"foyer/internal/testfirst"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/sapi"
)

// firstBody is what these tests hold a change against that the first edition wrote.
type firstBody struct {
	Token, Note, Reason, Ticket                string
	Actor                                      auth.Actor
	Company                                    ledger.Company
	User                                       ledger.User
	NewCompany                                 sapi.NewCompany
	Domains                                    []string
	Problem                                    *portal.Problem
	Reconciled, Erased                         bool
	Tries                                      int
	CreatedAt, UpdatedAt, UnknownAt, SettledAt int64
	People                                     []struct {
		New     sapi.NewUser
		Outcome sapi.ItemOutcome
		UserID  string
		Problem *portal.Problem
	}
}

// openFirst opens a database of the first edition with today's code, which migrates it.
// The bodies are those that its changes had before.
func openFirst(t *testing.T, e testfirst.Edition) (b bench, bodies map[string]firstBody) {
	t.Helper()
	b = bench{address: e.Store, clock: &clock{at: e.Expected.MadeAt.Add(10 * time.Minute)}, keyFile: e.Key, admin: administrator(t, e.Store)}
	rows, err := b.admin.QueryContext(t.Context(), `SELECT id, body FROM change`)
	must(t, err)
	defer rows.Close()
	bodies = map[string]firstBody{}
	for rows.Next() {
		var id, text string
		var body firstBody
		must(t, rows.Scan(&id, &text))
		must(t, json.Unmarshal([]byte(text), &body))
		bodies[id] = body
	}
	must(t, rows.Err())
	must(t, rows.Close())
	b.DB = b.open(t)
	return b, bodies
}

// count asks a database past package store.
func (b bench) count(t testing.TB, statement string, args ...any) (n int) {
	t.Helper()
	must(t, b.admin.QueryRowContext(t.Context(), statement, args...).Scan(&n))
	return n
}

func TestADatabaseOfTheFirstEditionIsMigrated(t *testing.T) {
	testfirst.On(t, func(t *testing.T, e testfirst.Edition) {
		b, _ := openFirst(t, e)
		const newest = `SELECT max(version_id) FROM foyer_migration`
		today := newBench(t, "sqlite:"+filepath.Join(t.TempDir(), "today.db"))
		if got, want := b.count(t, newest), today.count(t, newest); got != want {
			t.Errorf("the schema has version %d, want %d", got, want)
		}
		for table, want := range e.Expected.Rows {
			if table == "session" {
				want = 0 // what the provider said of their roles isn't known: they end
			}
			var got int
			if table == "company_user" { // they moved to the directory
				tally, err := b.Tally(t.Context(), "")
				must(t, err)
				got = tally.Listed()
			} else {
				got = b.count(t, `SELECT count(*) FROM `+table)
			}
			if got != want && table != "foyer_migration" {
				t.Errorf("%s has %d rows, want %d", table, got, want)
			}
		}
		b.open(t) // as the next start does, with nothing left to migrate
	})
}

func TestTheLedgerOfTheFirstEditionVerifies(t *testing.T) {
	testfirst.On(t, func(t *testing.T, e testfirst.Edition) {
		b, _ := openFirst(t, e)
		want := e.Expected.Ledger
		held := ledger.SplitCheckpoints(testfirst.Read(t, "checkpoint.txt"))
		if len(held) != int(want.Checkpoints) {
			t.Fatalf("%d checkpoints were kept, want %d", len(held), want.Checkpoints)
		}
		for name, o := range map[string]ledger.VerifyOptions{"by itself": {}, "against the checkpoints that were kept": {Held: held}} {
			report, err := b.VerifyLedger(t.Context(), o)
			if err != nil || !report.OK() {
				t.Errorf("VerifyLedger %s = %v, %v, want no problem", name, report.Problems, err)
			}
			if report.Events != want.Events || report.Redacted != want.Redacted || report.Root.String() != want.Root {
				t.Errorf("VerifyLedger %s = %d events, %d redacted, root %s, want %d, %d, %s",
					name, report.Events, report.Redacted, report.Root, want.Events, want.Redacted, want.Root)
			}
			if report.Checkpoints != int(want.Checkpoints)+len(o.Held) || report.Uncompared != 0 {
				t.Errorf("VerifyLedger %s confirmed %d checkpoints and not %d, want all %d", name, report.Checkpoints, report.Uncompared, int(want.Checkpoints)+len(o.Held))
			}
			if report.Signed.Size != want.LastCheckpoint.Size || report.Signed.Root.String() != want.LastCheckpoint.Root || report.Signed.Origin != want.Origin {
				t.Errorf("VerifyLedger %s = signed %+v, want %+v of %s", name, report.Signed, want.LastCheckpoint, want.Origin)
			}
		}

		// It is gone on with: an event, and a checkpoint by the key that was kept.
		// A key of that edition has no anchor beside it yet.
		b.record(t, ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: vera})
		if _, _, err := b.SignCheckpoint(t.Context()); !errors.Is(err, ledger.ErrNoAnchor) {
			t.Errorf("SignCheckpoint without an anchor = %v, want ErrNoAnchor", err)
		}
		if err := b.Anchor(t.Context(), held[len(held)-1]); err != nil {
			t.Errorf("Anchor = %v", err)
		}
		sign(t, b.DB)
		report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{Held: held})
		if err != nil || !report.OK() || report.Signed.Size != want.Events+1 {
			t.Errorf("VerifyLedger after another event = %v, signed up to %d, %v, want %d", report.Problems, report.Signed.Size, err, want.Events+1)
		}
	})
}

func TestTheChangesOfTheFirstEditionAreAllThere(t *testing.T) {
	testfirst.On(t, func(t *testing.T, e testfirst.Edition) {
		b, bodies := openFirst(t, e)
		people := 0
		for _, want := range e.Expected.Changes.All {
			c, err := b.Change(t.Context(), want.ID)
			if err != nil {
				t.Errorf("Change(%s): %v", want.ID, err)
				continue
			}
			people += len(want.Emails)
			got := testfirst.Change{
				ID: c.ID, Kind: string(c.Kind), State: string(c.State), Company: c.Company.ID, User: c.User.ID, Subject: c.NewCompany.VanityName,
				Tries: c.Tries, Erased: c.Erased, Code: want.Code,
				SettledByThisVersion: want.SettledByThisVersion, OutcomesBySettling: want.OutcomesBySettling, NextTry: want.NextTry,
			}
			if c.Kind == change.AddDomains {
				got.Subject = c.Domains[0]
			}
			for _, row := range c.People {
				got.Emails, got.Outcomes = append(got.Emails, row.Email), append(got.Outcomes, string(row.Outcome))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Change (-want +got):\n%s", diff)
			}
			if want.Code != "" && (c.Problem == nil || c.Problem.Code != want.Code) {
				t.Errorf("%s has the problem %+v, want the code %s", c.ID, c.Problem, want.Code)
			}
			if diff := cmp.Diff(changeOf(bodies[c.ID], c), c, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s differs from what the first edition wrote (-want +got):\n%s", c.ID, diff)
			}
		}
		if got := b.count(t, `SELECT count(*) FROM change_item`); got != people || people == 0 {
			t.Errorf("the changes have %d people, want %d", got, people)
		}
	})
}

// changeOf is a change as the first edition wrote it; what it did not have is taken from
// the change of today.
func changeOf(body firstBody, today change.Change) change.Change {
	at := func(us int64) time.Time {
		if us == 0 {
			return time.Time{}
		}
		return time.UnixMicro(us).UTC()
	}
	c := today
	c.Token, c.Note, c.Reason, c.Ticket, c.Actor, c.Company, c.User = body.Token, body.Note, body.Reason, body.Ticket, body.Actor, body.Company, body.User
	c.NewCompany, c.Domains, c.Problem, c.Reconciled, c.Erased, c.Tries = body.NewCompany, body.Domains, body.Problem, body.Reconciled, body.Erased, body.Tries
	c.CreatedAt, c.UpdatedAt, c.UnknownAt, c.SettledAt, c.SentAt = at(body.CreatedAt), at(body.UpdatedAt), at(body.UnknownAt), at(body.SettledAt), at(body.CreatedAt)
	c.People, c.Others, c.Code = nil, nil, ""
	for _, p := range body.People {
		c.People = append(c.People, change.Row{NewUser: p.New, Outcome: p.Outcome, UserID: p.UserID, Problem: p.Problem})
	}
	return c
}

func TestTheUnsettledChangesOfTheFirstEditionAreGoneOnWith(t *testing.T) {
	testfirst.On(t, func(t *testing.T, e testfirst.Edition) {
		b, _ := openFirst(t, e)
		// All are due at once, but for those that were planned for later, which is over
		// as well by now.
		due, err := b.DueChanges(t.Context(), b.clock.Now(), 1000)
		must(t, err)
		isDue := map[string]bool{}
		for _, d := range due {
			isDue[d.ID] = true
		}
		unsettled, subjects, keys := 0, map[string]int{}, map[string]int{}
		for _, want := range e.Expected.Changes.All {
			c, err := b.Change(t.Context(), want.ID)
			must(t, err)
			if c.State.Settled() {
				if isDue[c.ID] {
					t.Errorf("%s is %s, and is due", c.ID, c.State)
				}
				continue
			}
			unsettled++
			if !isDue[c.ID] {
				t.Errorf("%s is %s, and nobody has to do with it before %v", c.ID, c.State, c.Due)
			}
			if !want.NextTry.IsZero() && !c.Due.Truncate(time.Second).Equal(want.NextTry) {
				t.Errorf("%s is due at %v, want when it was planned for, %v", c.ID, c.Due, want.NextTry)
			}
			if subject := change.SubjectOf(c); subject != "" {
				subjects[subject]++
			}
			for _, row := range c.People {
				keys[address.Key(row.Email)]++
			}
		}
		if unsettled != 18 || len(due) != unsettled {
			t.Errorf("%d changes are not settled and %d are due, want 18", unsettled, len(due))
		}

		twice := 0
		for subject, n := range subjects {
			twice += n - 1
			if got := b.count(t, `SELECT count(*) FROM change WHERE subject = $1 AND settled = 0`, subject); got != 1 {
				t.Errorf("of %d unsettled changes of %s, %d hold it, want one", n, subject, got)
			}
			second := change.Change{ID: "second " + subject, Subject: subject, State: change.Queued}
			if _, err := insertIn(t.Context(), b.DB, second, intent); !isBusy(err) {
				t.Errorf("InsertChange of another one of %s = %v, want Busy", subject, err)
			}
		}
		for key, n := range keys {
			twice += n - 1
			if got := b.count(t, `SELECT count(*) FROM change_item WHERE email_key = $1 AND held = 1`, key); got != 1 {
				t.Errorf("of %d unsettled rows of %s, %d hold it, want one", n, key, got)
			}
			if _, err := insertIn(t.Context(), b.DB, creating("second "+key, key), intent); !isBusy(err) {
				t.Errorf("InsertChange of another one of %s = %v, want Busy", key, err)
			}
		}
		// A look that finds nothing out leaves it at that.
		for _, d := range due {
			c, err := b.Change(t.Context(), d.ID)
			must(t, err)
			c.State, c.Tries = change.Unknown, c.Tries+1
			b.update(t, c)
		}
		if subjectsHeld, held := b.count(t, `SELECT count(*) FROM change WHERE subject <> '' AND settled = 0`), b.count(t, `SELECT count(*) FROM change_item WHERE held = 1`); subjectsHeld != len(subjects) || held != len(keys) {
			t.Errorf("%d subjects and %d people are held, want each once: %d and %d", subjectsHeld, held, len(subjects), len(keys))
		}
		if twice != 5 {
			t.Errorf("%d times is something changed twice, want 5: a person’s status, a vanity name, a company’s domains, and somebody created three times", twice)
		}
	})
}

func isBusy(err error) bool {
	_, busy := errors.AsType[*change.Busy](err)
	return busy
}
