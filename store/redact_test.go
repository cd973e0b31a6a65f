package store_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/review"
	"foyer/sapi"
	"foyer/store"
)

const (
	adeleID    = "5bec2e8b-da45-46c7-9370-5669de1b1a78"
	adeleEmail = "adele.vance+hr@acme.example"
)

var (
	acme = ledger.Company{ID: "k1", Name: "Acme"}

	adele = ledger.User{ID: adeleID, Email: "Adele.Vance+HR@acme.example", Name: "Adele Vance"}
	bert  = ledger.User{ID: "u-bert", Email: "bert@acme.example", Name: "Bert Ash"}

	operator = auth.Actor{Issuer: auth.SystemIssuer, Subject: "command line", Name: "Olga from Legal"}
)

// change stores a change, with its intent and its outcome.
func foyerDid(t testing.TB, b bench, c change.Change, e ledger.Event) {
	t.Helper()
	end := c.State
	c.State, c.Actor, c.Company = change.Sent, vera, acme
	c.Subject = change.SubjectOf(c)
	c.CreatedAt, c.UpdatedAt, c.SentAt = b.clock.Now(), b.clock.Now(), b.clock.Now()
	e.Outcome, e.Actor, e.Company, e.Reason = ledger.Intent, vera, acme, c.Reason
	c = b.insert(t, c, e)
	if end == change.Sent {
		return
	}
	c.State, c.SettledAt, e.Outcome = end, b.clock.Now(), ledger.Succeeded
	b.update(t, c, e)
}

// aboutAdele fills a database with what it may hold of somebody: events 1 to 9, of
// which 1, 2, 3, 4 and 7 name her.
func aboutAdele(t testing.TB, b bench) {
	t.Helper()
	row := func(u ledger.User) change.Row {
		return change.Row{NewUser: sapi.NewUser{Email: u.Email, DisplayName: u.Name}, Outcome: sapi.ItemCreated, UserID: u.ID}
	}
	unborn := adele
	unborn.ID = "" // as before she was created
	foyerDid(t, b, change.Change{ID: "bulk", Kind: change.CreateUsers, State: change.Done, Code: change.FoundPeople, People: []change.Row{row(adele), row(bert)}},
		ledger.Event{Action: ledger.CreateUsers, Users: []ledger.User{unborn, bert}})
	foyerDid(t, b, change.Change{ID: "disable", Kind: change.DisableUser, State: change.Done, Code: change.NotConfirmed, User: adele, Reason: "left the desk"},
		ledger.Event{Action: ledger.DisableUser, Users: []ledger.User{adele}})
	foyerDid(t, b, change.Change{ID: "other", Kind: change.DisableUser, State: change.Done, User: bert, Reason: "went on leave"},
		ledger.Event{Action: ledger.DisableUser, Users: []ledger.User{bert}})
	b.record(t,
		ledger.Event{Action: ledger.Export, Outcome: ledger.Succeeded, Actor: vera, Note: "audit.csv?user=Adele.Vance%2BHR%40acme.example"},
		ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: auth.Actor{Issuer: vera.Issuer, Subject: "adele-1", Name: adele.Name, Email: adele.Email}},
		ledger.Event{Action: ledger.SignOut, Outcome: ledger.Succeeded, Actor: vera})

	now := b.clock.Now()
	users := []directory.UserReading{{User: sapi.User{ID: adeleID, Email: adele.Email, DisplayName: adele.Name, Status: sapi.StatusActive}, ReadAt: now}}
	for i := range 400 { // enough for the pages of the database to be split and moved
		id := fmt.Sprintf("u-%04d", i)
		users = append(users, directory.UserReading{User: sapi.User{ID: id, Email: id + "@acme.example", DisplayName: id, Status: sapi.StatusActive}, ReadAt: now})
	}
	must(t, b.saveUsers(t.Context(), acme.ID, users, nil))
	must(t, b.SaveLogin(t.Context(), auth.Login{StateHash: []byte("s"), BrowserHash: []byte("b"), ReturnTo: "/find?q=" + adele.Email, Draft: []byte(adele.Email), CreatedAt: now}))
	person := auth.Person{Issuer: vera.Issuer, Subject: "adele-1", Name: adele.Name, Email: adele.Email}
	must(t, b.CreateSession(t.Context(), auth.Session{ID: "hers", Hash: []byte("1"), Person: person, CreatedAt: now, SeenAt: now, FormKey: []byte("key")}))
	person = auth.Person{Issuer: vera.Issuer, Subject: vera.Subject, Name: vera.Name, Email: vera.Email}
	must(t, b.CreateSession(t.Context(), auth.Session{ID: "veras", Hash: []byte("2"), Person: person, CreatedAt: now, SeenAt: now, Values: []byte(`{"_draft":"` + adele.Email + `"}`), FormKey: []byte("key")}))
	reviewOfAdele(t, b, "open")
}

// reviewOfAdele starts an access review of Adele.
func reviewOfAdele(t testing.TB, b bench, token string) review.Review {
	t.Helper()
	now := b.clock.Now()
	r := b.startReview(t, review.Review{Token: token, Company: acme, Due: now.Truncate(24 * time.Hour), StartedAt: now})
	b.list(t, r.ID, review.Person{N: 1, UserID: adeleID, Email: adele.Email, Name: adele.Name, Title: "Trader", Checked: true, Status: sapi.StatusActive})
	return b.save(t, r.ID, func(r *review.Review) { r.OpenedAt = now })
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// holding says where the database has one of the texts, in any letter case: in the bytes
// of SQLite's files, in the columns of PostgreSQL's tables.
func holding(t testing.TB, b bench, texts ...string) (places []string) {
	t.Helper()
	for i, text := range texts {
		texts[i] = strings.ToLower(text)
	}
	if path, ok := strings.CutPrefix(b.address, "sqlite:"); ok {
		directory := store.DirectoryPath(path)
		for _, file := range []string{path, path + "-wal", directory, directory + "-wal"} {
			content, err := os.ReadFile(file)
			must(t, err)
			lower := strings.ToLower(string(content))
			if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(lower, text) }) {
				places = append(places, file)
			}
		}
		return places
	}
	rows, err := b.admin.QueryContext(t.Context(), `SELECT quote_ident(c.table_schema) || '.' || quote_ident(c.table_name), quote_ident(c.column_name), c.data_type
		FROM information_schema.columns AS c JOIN information_schema.tables AS t USING (table_schema, table_name)
		WHERE c.table_schema IN (current_schema(), 'directory') AND t.table_type = 'BASE TABLE'`)
	must(t, err)
	defer rows.Close()
	var columns []string // all are looked at by one statement: to plan one for each takes longer than to run it
	for rows.Next() {
		var table, column, kind string
		must(t, rows.Scan(&table, &column, &kind))
		value := column + `::text`
		if kind == "bytea" {
			value = `encode(` + column + `, 'escape')`
		}
		columns = append(columns, `SELECT '`+table+`.`+column+`' WHERE EXISTS (SELECT FROM `+table+`, unnest($1::text[]) AS x (part) WHERE position(part in lower(`+value+`)) > 0)`)
	}
	must(t, rows.Err())
	found, err := b.admin.QueryContext(t.Context(), strings.Join(columns, ` UNION ALL `), texts)
	must(t, err)
	defer found.Close()
	for found.Next() {
		var place string
		must(t, found.Scan(&place))
		places = append(places, place)
	}
	must(t, found.Err())
	return places
}

func TestNothingOfAPersonIsLeftInTheDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		aboutAdele(t, b)
		if len(holding(t, b, adeleEmail)) == 0 {
			t.Fatal("the database doesn’t have the e-mail to begin with")
		}
		for _, o := range []store.Order{{Person: adeleID}, {Person: " ADELE.Vance+hr@acme.example"}} {
			reached, err := b.Reach(t.Context(), o)
			must(t, err)
			want := store.Reach{
				Emails: []string{adeleEmail}, IDs: []string{adeleID}, Events: []int64{1, 2, 3, 4, 7}, Others: 1,
				Changes: []string{"bulk", "disable"}, People: 1, Sessions: 1, Open: []int64{1}, Done: 1,
			}
			if diff := cmp.Diff(want, reached, unseen); diff != "" {
				t.Errorf("Reach(%+v) (-want +got):\n%s", o, diff)
			}
		}

		// What she did as somebody who works with Foyer is asked for apart.
		_, err := b.Redact(t.Context(), ledger.Event{Actor: operator, Reason: "order 17"}, store.Order{Person: adeleEmail, Actor: adeleEmail})
		must(t, err)

		if places := holding(t, b, adeleEmail); len(places) > 0 {
			t.Errorf("the e-mail is left in %v", places)
		}
		if places := holding(t, b, "Adele Vance"); len(places) > 0 {
			t.Errorf("the name is left in %v", places)
		}
		sign(t, b.DB)
		report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
		if wrong := wrongWithEvents(report); err != nil || len(wrong) > 0 || report.Redacted != 6 {
			t.Errorf("VerifyLedger = %d redacted, %v, %v, want 6 and no problem", report.Redacted, wrong, err)
		}
		if users, err := b.Users(t.Context(), acme.ID, []string{adeleID, "u-0001"}); err != nil || len(users) != 1 || len(holding(t, b, "bert@")) == 0 {
			t.Errorf("left of the people: %v, %v, want everybody else", users, err)
		}
		if observed, err := b.Observations(t.Context(), acme.ID, []string{adeleID}); err != nil || len(observed) != 0 {
			t.Errorf("Observations = %v, %v, want none", observed, err)
		}
		again, err := b.Reach(t.Context(), store.Order{Person: adeleID, Actor: adeleEmail})
		if err != nil || !again.Nothing() {
			t.Errorf("Reach once more = %+v, %v, want nothing", again, err)
		}
	})
}

// unseen are the fields of a Reach that others don't see.
var unseen = cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "who" || p.String() == "forms" }, cmp.Ignore())

func TestARedactionIsOnRecord(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		aboutAdele(t, b)
		reached, err := b.Redact(t.Context(), ledger.Event{Actor: operator, Reason: "order 17"}, store.Order{Events: []int64{7, 3, 7}})
		must(t, err)
		if diff := cmp.Diff(store.Reach{Events: []int64{3, 7}, Others: 1, Changes: []string{"disable"}}, reached, unseen); diff != "" {
			t.Errorf("Redact (-want +got):\n%s", diff)
		}
		events, err := b.Events(t.Context(), ledger.Filter{Action: ledger.Redact}, ledger.Page{})
		if err != nil || len(events) != 1 {
			t.Fatalf("Events = %v, %v, want one redaction", events, err)
		}
		e := events[0]
		if e.Outcome != ledger.Succeeded || e.Actor.Name != operator.Name || e.Reason != "order 17" || !cmp.Equal(e.Redacts, []int64{3, 7}) ||
			string(e.After) != `{"changes":1}` {
			t.Errorf("recorded: %+v", e)
		}
	})
}

func TestAnErasedChangeSaysHowItEndedAndNothingElse(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		aboutAdele(t, b)
		other := change.Row{NewUser: sapi.NewUser{Email: "other@acme.example"}, Outcome: sapi.ItemUnknown, UserID: "u-other"}
		before := map[string]change.Change{}
		for _, id := range []string{"bulk", "disable"} {
			c, err := b.Change(t.Context(), id)
			must(t, err)
			c.Corrected, c.Due = true, b.clock.Now().Add(time.Hour) // it would be looked for once more
			if id == "bulk" {
				c.Others = []change.Row{other}
			}
			before[id] = b.update(t, c)
		}
		_, err := b.Redact(t.Context(), ledger.Event{Actor: operator, Reason: "order 17"}, store.Order{Events: []int64{1, 3}})
		must(t, err)

		for _, want := range []change.Change{
			{
				ID: "bulk", Kind: change.CreateUsers, Code: change.FoundPeople,
				People: []change.Row{{Outcome: sapi.ItemCreated, UserID: adeleID}, {Outcome: sapi.ItemCreated, UserID: bert.ID}},
				Others: []change.Row{{Outcome: sapi.ItemUnknown, UserID: "u-other"}},
			},
			{ID: "disable", Kind: change.DisableUser, Code: change.NotConfirmed, User: ledger.User{ID: adeleID}, Subject: "user:k1/" + adeleID},
		} {
			was := before[want.ID]
			want.State, want.Corrected, want.Erased = change.Done, true, true
			want.Actor, want.Company = auth.Actor{Issuer: vera.Issuer, Subject: vera.Subject}, acme
			want.CreatedAt, want.UpdatedAt, want.SentAt, want.SettledAt = was.CreatedAt, was.UpdatedAt, was.SentAt, was.SettledAt
			want.Version = was.Version + 1
			got, err := b.Change(t.Context(), want.ID)
			must(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Change (-want +got):\n%s", diff)
			}
			// Whoever read it before it was erased can't bring it back.
			if _, err := updateIn(t.Context(), b.DB, was); !errors.Is(err, change.ErrStale) {
				t.Errorf("UpdateChange(%s) as it was = %v, want ErrStale", was.ID, err)
			}
		}
		if due, err := b.DueChanges(t.Context(), b.clock.add(24*time.Hour), 10); err != nil || len(due) != 0 {
			t.Errorf("DueChanges = %v, %v, want that nothing is done with what is erased", due, err)
		}
		b.insert(t, change.Change{ID: "again", State: change.Queued, Subject: "user:k1/" + adeleID}, intent)
	})
}

// TestAPersonIsKnownByTheRowsOfChanges has nothing but a change's row to say which id
// and which e-mail are the same person's.
func TestAPersonIsKnownByTheRowsOfChanges(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		row := change.Row{NewUser: sapi.NewUser{Email: "Zoe\u0308@acme.example"}, Outcome: sapi.ItemCreated, UserID: adeleID}
		b.insert(t, change.Change{ID: "c1", Kind: change.CreateUsers, State: change.Done, People: []change.Row{row}})
		b.record(t,
			ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Succeeded, Actor: vera, Users: []ledger.User{{ID: adeleID}}},
			ledger.Event{Action: ledger.Export, Outcome: ledger.Succeeded, Actor: vera, Note: "audit.csv?user=zo\u00eb@acme.example"})
		want := store.Reach{Emails: []string{"zo\u00eb@acme.example"}, IDs: []string{adeleID}, Events: []int64{1, 2}, Changes: []string{"c1"}}
		for _, person := range []string{"ZO\u00cb@acme.example", adeleID} {
			reached, err := b.Reach(t.Context(), store.Order{Person: person})
			must(t, err)
			if diff := cmp.Diff(want, reached, unseen); diff != "" {
				t.Errorf("Reach(%s) (-want +got):\n%s", person, diff)
			}
		}
	})
}

func TestAChangeThatIsNotSettledIsNotErased(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		aboutAdele(t, b)
		foyerDid(t, b, change.Change{ID: "sent", Kind: change.EnableUser, State: change.Sent, User: adele},
			ledger.Event{Action: ledger.EnableUser, Users: []ledger.User{adele}})
		for _, o := range []store.Order{{Person: adeleID}, {Events: []int64{11}}} {
			if _, err := b.Redact(t.Context(), ledger.Event{Actor: operator}, o); !errors.Is(err, store.ErrUnsettled) || !strings.Contains(err.Error(), "sent") {
				t.Errorf("Redact(%+v) = %v, want ErrUnsettled, and which", o, err)
			}
		}
		if e, err := b.Event(t.Context(), 3); err != nil || e.Redacted {
			t.Errorf("Event(3) = %+v, %v: erased by a redaction that was refused", e, err)
		}
	})
}

func TestTheRecordOfARedactionTellsNothingThatIsErased(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		aboutAdele(t, b)
		for _, e := range []ledger.Event{{Actor: operator, Reason: "asked by Adele.Vance+HR@ACME.example"}, {Actor: auth.Actor{Name: adeleEmail}}} {
			if _, err := b.Redact(t.Context(), e, store.Order{Person: adeleID}); !errors.Is(err, store.ErrTells) {
				t.Errorf("Redact for %q by %q = %v, want ErrTells", e.Reason, e.Actor.Name, err)
			}
		}
	})
}

func TestAFinishedReviewKeepsItsPeopleAndOthersDont(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		r := reviewOfAdele(t, b, "finished")
		b.save(t, r.ID, func(r *review.Review) { r.FinishedAt, r.Seal = b.clock.Now(), "seal" }, ledger.Event{
			Action: ledger.FinishReview, Outcome: ledger.Succeeded, Actor: vera, Company: acme, After: []byte(`{"confirms":"` + adeleEmail + `"}`),
		})
		reviewOfAdele(t, b, "open")
		r = reviewOfAdele(t, b, "cancelled")
		b.save(t, r.ID, func(r *review.Review) { r.CancelledAt, r.CancelReason = b.clock.Now(), "the wrong company" })

		reached, err := b.Redact(t.Context(), ledger.Event{Actor: operator}, store.Order{Person: adeleID})
		must(t, err)
		if !cmp.Equal(reached.Sealed, []int64{1}) || !cmp.Equal(reached.Open, []int64{2, 3}) {
			t.Errorf("Redact reached the reviews %v and left %v, want 2 and 3, and 1", reached.Open, reached.Sealed)
		}
		if e, err := b.Event(t.Context(), 2); err != nil || e.Redacted || !cmp.Equal(reached.Seals, []int64{2}) {
			t.Errorf("Event(2) = %+v, %v, of the seals %v, want that the seal stays", e, err, reached.Seals)
		}
		if by, err := b.Reach(t.Context(), store.Order{Actor: vera.Subject}); err != nil || !cmp.Equal(by.Seals, []int64{2}) {
			t.Errorf("Reach of who finished it = %+v, %v, want that the seal stays", by, err)
		}
		if named, err := b.Reach(t.Context(), store.Order{Events: []int64{2}}); err != nil || !cmp.Equal(named.Events, []int64{2}) {
			t.Errorf("Reach of the event by its number = %+v, %v, want it", named, err)
		}
		for id, want := range map[int64]string{1: "Adele Vance", 2: "erased on legal order", 3: "erased on legal order"} {
			if p, err := b.ReviewPerson(t.Context(), id, adeleID); err != nil || p.Name != want {
				t.Errorf("ReviewPerson(%d) = %+v, %v, want the name %q", id, p, err, want)
			}
		}
	})
}

func TestWhatCancelledReviewsSayIsErasedAndWhatFinishedOnesSayIsNamed(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		did := auth.Person{Issuer: vera.Issuer, Subject: "u-17", Name: "Bora Banking", Email: "bora@acme.example"}
		start := func(token string) review.Review {
			return b.startReview(t, review.Review{Token: token, Company: acme, StartedAt: b.clock.Now(), StartedBy: did, Confirms: "Bo"})
		}
		cancelled := start("cancelled")
		b.record(t, ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: auth.Actor{Issuer: did.Issuer, Subject: did.Subject, Name: did.Name, Email: did.Email}})
		b.record(t, ledger.Event{Action: ledger.SignOut, Outcome: ledger.Succeeded, Actor: vera, Reason: "as BORA Banking said"})
		b.save(t, cancelled.ID, func(r *review.Review) {
			r.CancelledAt, r.CancelledBy, r.CancelReason = b.clock.Now(), did, "asked by Bora.Banking, bora@acme.example"
		})
		alone := b.startReview(t, review.Review{Token: "alone", Company: acme, StartedAt: b.clock.Now(), StartedBy: auth.Person{Name: "Vera"}, Confirms: "Bo"})
		b.save(t, alone.ID, func(r *review.Review) { r.CancelledAt, r.CancelReason = b.clock.Now(), "Bora Banking has left" })

		reached, err := b.Reach(t.Context(), store.Order{Person: did.Email})
		if must(t, err); !cmp.Equal(reached.DoneIn, []int64{cancelled.ID}) {
			t.Errorf("Reach of the person = %+v, want that the review goes on naming them", reached)
		}
		reached, err = b.Redact(t.Context(), ledger.Event{Actor: operator}, store.Order{Actor: did.Email})
		if must(t, err); !cmp.Equal(reached.Named, []int64{3}) {
			t.Errorf("Redact = %+v, want that the event whose reason has the name is named", reached)
		}
		_, err = b.Redact(t.Context(), ledger.Event{Actor: operator}, store.Order{Events: reached.Named})
		must(t, err)
		if b.Dialect() == store.SQLite {
			_, err = b.admin.ExecContext(t.Context(), `VACUUM`)
			must(t, err)
		}
		for _, text := range []string{did.Email, did.Name, "Bora"} {
			if places := holding(t, b, text); len(places) > 0 {
				t.Errorf("%q is left in %v", text, places)
			}
		}

		finished := start("finished")
		b.save(t, finished.ID, func(r *review.Review) { r.FinishedAt, r.FinishedBy, r.Seal = b.clock.Now(), did, "seal" })
		reached, err = b.Reach(t.Context(), store.Order{Actor: did.Email})
		if must(t, err); !cmp.Equal(reached.Sealed, []int64{finished.ID}) {
			t.Errorf("Reach of the actor = %+v, want that the finished review is named", reached)
		}
	})
}

func TestAnOrderThatReachesNothingRecordsNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		aboutAdele(t, b)
		for _, o := range []store.Order{{}, {Person: "nobody@acme.example"}, {Actor: "nobody"}} {
			if reached, err := b.Redact(t.Context(), ledger.Event{Actor: operator}, o); err != nil || !reached.Nothing() {
				t.Errorf("Redact(%+v) = %+v, %v, want nothing", o, reached, err)
			}
		}
		if events, err := b.Events(t.Context(), ledger.Filter{Action: ledger.Redact}, ledger.Page{}); err != nil || len(events) != 0 {
			t.Errorf("recorded: %v, %v, want nothing", events, err)
		}
	})
}
