package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/store"
)

// eventOf is the ledger's line for a change, as package change has it.
func eventOf(c change.Change, o ledger.Outcome) ledger.Event {
	e := ledger.Event{Action: c.Kind.Action(), Outcome: o, Code: string(c.Code), Actor: c.Actor, Company: c.Company, Reason: c.Reason, Ticket: c.Ticket}
	if c.User != (ledger.User{}) {
		e.Users = []ledger.User{c.User}
	}
	for _, r := range c.People {
		e.Users = append(e.Users, ledger.User{ID: r.UserID, Email: r.Email, Result: string(r.Outcome)})
	}
	switch c.Kind {
	case change.CreateCompany:
		e.After = portal.Values("name", c.NewCompany.Name, "vanityName", c.NewCompany.VanityName, "emailDomains", c.NewCompany.EmailDomains)
	case change.AddDomains:
		e.Before, e.After = portal.Values("emailDomains", []string{"acme.example"}), portal.Values("emailDomains", append([]string{"acme.example"}, c.Domains...))
	case change.CreateUsers, change.DisableUser, change.EnableUser:
	}
	return e
}

// asked stores a change that somebody asked for.
func asked(t *testing.T, b bench, c change.Change) change.Change {
	t.Helper()
	c.Actor, c.Subject, c.Token = vera, c.ID, c.ID
	return b.insert(t, c, eventOf(c, ledger.Intent))
}

// ended settles it.
func ended(t *testing.T, b bench, c change.Change, s change.State, code change.Code, o ledger.Outcome) {
	t.Helper()
	c.Code = code
	b.update(t, settledAs(c, s, b.clock.Now()), eventOf(c, o))
}

// changesOfEveryKind are events 1 to 12, and rows beside them that stand as these say.
func changesOfEveryKind(t *testing.T, b bench) {
	t.Helper()
	c := asked(t, b, change.Change{ID: "one", Kind: change.DisableUser, State: change.Queued, Company: acme, User: adele, Reason: "left the desk", Ticket: "INC-1"})
	ended(t, b, c, change.Refused, change.AnswerNo, ledger.Failed)

	c = asked(t, b, change.Change{ID: "two", Kind: change.CreateUsers, State: change.Queued, Company: acme, People: []change.Row{{NewUser: sapi.NewUser{Email: "ann@acme.example"}}}})
	c.People[0].Outcome, c.People[0].UserID = sapi.ItemCreated, "u1"
	ended(t, b, c, change.Done, "", ledger.Succeeded)

	c = asked(t, b, change.Change{ID: "three", Kind: change.CreateCompany, State: change.Queued, Company: ledger.Company{Name: "Hamnen"}, NewCompany: sapi.NewCompany{Name: "Hamnen", VanityName: "hamnen", EmailDomains: []string{"hamnen.example"}}})
	c.Company.ID = "k2"
	ended(t, b, c, change.Done, change.Accepted, ledger.Succeeded)

	c = asked(t, b, change.Change{ID: "four", Kind: change.AddDomains, State: change.Queued, Company: acme, Domains: []string{"acme.test"}})
	lost := eventOf(c, ledger.Unknown)
	lost.Code = string(change.AnswerLost)
	c.State, c.Code = change.Unknown, change.CantRead // as it was looked for since
	b.update(t, c, lost)

	c = asked(t, b, change.Change{ID: "five", Kind: change.EnableUser, State: change.Queued, Company: acme, User: bert})
	c.State = change.Unknown
	c = b.update(t, c, eventOf(c, ledger.Unknown))
	system := eventOf(c, ledger.Reconciled)
	system.Code, system.Actor = string(change.AbsentStatus), operator
	c.Code = change.AbsentStatus
	b.update(t, settledAs(c, change.Refused, b.clock.Now()), system)

	c = asked(t, b, change.Change{ID: "six", Kind: change.DisableUser, State: change.Queued, Company: acme, User: bert})
	c.State = change.Sent
	b.update(t, c) // is being sent, which no event says
}

// Whoever edits what Foyer works with, for a page to say something else than was recorded,
// is found as well, by the event that says it.
func TestWhatFoyerWorksWithIsHeldAgainstItsEvents(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		changesOfEveryKind(t, b)
		r := b.openReview(t)
		if _, err := b.finish(t, ada, r.ID, r.Version); err != nil {
			t.Fatal(err)
		}
		last := ledgerSize(t, b) // which finished it
		if report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{}); err != nil || !report.OK() {
			t.Fatalf("VerifyLedger = %v, %v, want no problem", report.Problems, err)
		}
		// Symphony's words are in no event, and may be long.
		b.exec(t, `UPDATE change SET body = replace(body, '"kind"', '"problem":{"Detail":"`+strings.Repeat("x", 1<<21)+`"},"kind"') WHERE id = 'five'`)
		if report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{}); err != nil || !report.OK() {
			t.Fatalf("VerifyLedger with a long answer = %v, %v, want no problem", report.Problems, err)
		}
		defenceless(t, b)
		b.exec(t, `CREATE TABLE kept_change AS SELECT * FROM change`)
		b.exec(t, `CREATE TABLE kept_change_item AS SELECT * FROM change_item`)
		body := func(from, to string) string {
			return fmt.Sprintf(`UPDATE change SET body = replace(body, '%s', '%s') WHERE body LIKE '%%%[1]s%%'`, from, to)
		}

		for _, tt := range []struct {
			name, edit, undo string // without undo the changes are put back
			seq              int64
		}{
			{"a change that was refused is done", `UPDATE change SET state = 'done' WHERE id = 'one'`, ``, 2},
			{"it is done, for a reason that fits", `UPDATE change SET state = 'done', body = replace(body, '"answer-no"', '"accepted"') WHERE id = 'one'`, ``, 2},
			{"it isn't settled", `UPDATE change SET settled = 0 WHERE id = 'one'`, ``, 2},
			{"it was never sent", `UPDATE change SET settled = 0, state = 'queued' WHERE id = 'one'`, ``, 2},
			{"its outcome isn't known", `UPDATE change SET settled = 0, state = 'unknown' WHERE id = 'one'`, ``, 2},
			{"it is gone", `DELETE FROM change WHERE id = 'one'`, ``, 2},
			{"it is another one's", `UPDATE change SET id = 'other' WHERE id = 'one'`, ``, 2},
			{"it enabled somebody", `UPDATE change SET kind = 'enable-user' WHERE id = 'one'`, ``, 2},
			{"its page says that it enabled somebody", body(`"disable-user"`, `"enable-user"`), ``, 2},
			{"it was in another company", body(`"ID":"k1","Name":"Acme"`, `"ID":"k9","Name":"Acme"`), ``, 2},
			{"it is listed with another company", `UPDATE change SET company_id = 'k9' WHERE id = 'one'`, ``, 2},
			{"it was about another person", body(adeleID, "u-other"), ``, 2},
			{"it is listed with another person", `UPDATE change SET user_id = 'u-other' WHERE id = 'one'`, ``, 2},
			{"it was about somebody of another name", body("Adele Vance", "Bo Chen"), ``, 2},
			{"it had another reason", body("left the desk", "on leave"), ``, 1},
			{"it had another ticket", body("INC-1", "INC-2"), ``, 1},
			{"somebody else asked for it", `UPDATE change SET body = replace(body, 'vera-1', 'adam-1') WHERE id = 'one'`, ``, 1},
			{"somebody of another name asked for it", `UPDATE change SET body = replace(body, 'Vera Lindqvist', 'Adam Novak') WHERE id = 'one'`, ``, 1},
			{"it was a part of a bulk change", `UPDATE change SET body = replace(body, '"kind"', '"bulk":7,"kind"') WHERE id = 'one'`, ``, 1},
			{"it is erased, which nobody ordered", `UPDATE change SET body = replace(body, '"left the desk"', '"","erased":true') WHERE id = 'one'`, ``, 1},
			{"its reason is endless", `UPDATE change SET body = replace(body, 'left the desk', '` + strings.Repeat("x", 1<<17) + `') WHERE id = 'one'`, ``, 2},
			{"it can't be read", `UPDATE change SET body = '' WHERE id = 'one'`, ``, 2},
			{"somebody else was created", `UPDATE change_item SET user_id = 'u2'`, ``, 4},
			{"somebody was refused", `UPDATE change_item SET outcome = 'refused'`, ``, 4},
			{"somebody of another e-mail was created", `UPDATE change_item SET email = 'bo@acme.example'`, ``, 4},
			{"nobody was created", `DELETE FROM change_item`, ``, 4},
			{"another company was created", body(`"hamnen"`, `"hafen"`), ``, 5},
			{"a company of another name was created", `UPDATE change SET body = replace(body, '"Name":"Hamnen"', '"Name":"Hafen"') WHERE id = 'three'`, ``, 6},
			{"another domain was added", body("acme.test", "acme.invalid"), ``, 7},
			{"what is not known is done", `UPDATE change SET state = 'done', settled = 1 WHERE id = 'four'`, ``, 8},
			{"it is left to a person", `UPDATE change SET state = 'abandoned', settled = 1 WHERE id = 'four'`, ``, 8},
			{"what was found not to be done is done", `UPDATE change SET state = 'done' WHERE id = 'five'`, ``, 11},
			{"what is being sent is done", `UPDATE change SET state = 'done', settled = 1 WHERE id = 'six'`, ``, 12},
			{"a change that nobody asked for", `INSERT INTO change (id, version, kind, state, token, company_id, user_id, settled, created_at, updated_at, body) VALUES ('none', 1, 'disable-user', 'done', '', '', '', 1, 0, 0, '{}')`, ``, last},

			{"a decision is another", `UPDATE review_person SET decisions = replace(decisions, '"ask"', '"keep"')`, `UPDATE review_person SET decisions = replace(decisions, '"keep"', '"ask"')`, last},
			{"who confirms is another", `UPDATE review SET confirms = 'Mallory'`, `UPDATE review SET confirms = 'Bo Chen'`, last},
			{"the seal is another", `UPDATE review SET seal = 'x' || seal`, `UPDATE review SET seal = substr(seal, 2)`, last},
		} {
			b.exec(t, tt.edit)
			report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
			if err != nil || report.FirstBad != tt.seq || report.Problems[0].Kind != ledger.Differs {
				t.Errorf("%s: first bad %d, %v, %v, want %d", tt.name, report.FirstBad, report.Problems, err, tt.seq)
			}
			if tt.undo != "" {
				b.exec(t, tt.undo)
				continue
			}
			b.exec(t, `DELETE FROM change_item`)
			b.exec(t, `DELETE FROM change`)
			b.exec(t, `INSERT INTO change SELECT * FROM kept_change`)
			b.exec(t, `INSERT INTO change_item SELECT * FROM kept_change_item`)
		}
	})
}

// What was erased on order is erased in events and rows, and no more than the orders say.
func TestErasedChangesFitTheirEvents(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		changesOfEveryKind(t, b)
		c := asked(t, b, change.Change{ID: "seven", Kind: change.EnableUser, State: change.Queued, Company: acme, User: bert, Reason: "is back"})
		c.Problem = &portal.Problem{Detail: adele.Email + " has no licence"} // which no event has
		ended(t, b, c, change.Refused, change.AnswerNo, ledger.Failed)
		ok := func(what string, redacted int64) {
			t.Helper()
			report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
			if err != nil || !report.OK() || report.Redacted != redacted {
				t.Fatalf("VerifyLedger after %s = %d redacted, %v, %v, want %d and no problem", what, report.Redacted, report.Problems, err, redacted)
			}
		}

		reached, err := b.Redact(t.Context(), ledger.Event{Actor: operator, Reason: "order 17"}, store.Order{Person: adeleID})
		if err != nil || !slices.Equal(reached.Changes, []string{"one", "seven"}) {
			t.Fatalf("Redact = %v, %v, want the change about her, and the one that names her", reached.Changes, err)
		}
		ok("an order about a person", 2)
		if _, err := b.Redact(t.Context(), ledger.Event{Actor: operator, Reason: "order 18"}, store.Order{Events: []int64{6}}); err != nil {
			t.Fatal(err)
		}
		ok("an order about an event", 3)

		defenceless(t, b)
		b.exec(t, `UPDATE change SET body = replace(body, '"kind"', '"erased":true,"kind"') WHERE id = 'five'`) // which no order reached
		report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
		if err != nil || !slices.ContainsFunc(report.Problems, func(p ledger.Problem) bool { return p.Seq == 9 && p.Kind == ledger.Differs }) {
			t.Errorf("VerifyLedger with another change said to be erased = %v, %v, want it told", report.Problems, err)
		}
	})
}

// A status that somebody else changed was read, and what was read before it, too.
func TestReadingsThatEventsNameAreKept(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		const id = "u1"
		read := func(s sapi.Status, events ...ledger.Event) time.Time {
			t.Helper()
			at := b.clock.add(time.Hour)
			must(t, b.observe(t.Context(), acme.ID, readAt(at, user(id, s)), func([]directory.StatusReading) []ledger.Event { return events }))
			return at
		}
		outside := func(was time.Time, next time.Time) ledger.Event {
			return ledger.Event{
				Action: ledger.StatusOutside, Outcome: ledger.Succeeded, Actor: operator, Company: acme, Users: []ledger.User{{ID: id}},
				Before: portal.Values("status", "active", "readAt", was.Format(time.RFC3339Nano)), After: portal.Values("status", "disabled", "readAt", next.Format(time.RFC3339Nano)),
			}
		}
		was := read(sapi.StatusActive)
		read(sapi.StatusDisabled, outside(was, was.Add(time.Hour)))
		read(sapi.StatusDisabled) // goes on with the same
		// Where Foyer had changed the status itself, no reading is named.
		own := outside(was, b.clock.Now())
		own.Before = portal.Values("status", "active", "changedAt", was.Format(time.RFC3339Nano))
		b.record(t, own)
		if report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{}); err != nil || !report.OK() {
			t.Fatalf("VerifyLedger = %v, %v, want no problem", report.Problems, err)
		}

		b.exec(t, `CREATE TABLE kept_observation AS SELECT * FROM observation`)
		for _, tt := range []struct {
			name, edit string
			seq        int64
		}{
			{"he was disabled before", `UPDATE observation SET active = 0`, 1},
			{"he was never disabled", `UPDATE observation SET active = 1`, 1},
			{"it was seen later", `UPDATE observation SET first_at = last_at WHERE active = 0`, 1},
			{"it was another one", `UPDATE observation SET user_id = 'u2' WHERE active = 1`, 1},
			{"of another company", `UPDATE observation SET company_id = 'k2' WHERE active = 0`, 1},
			{"nothing was read", `DELETE FROM observation`, 1},
		} {
			b.exec(t, tt.edit)
			report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
			if err != nil || report.FirstBad != tt.seq || report.Problems[0].Kind != ledger.Differs {
				t.Errorf("%s: first bad %d, %v, %v, want %d", tt.name, report.FirstBad, report.Problems, err, tt.seq)
			}
			b.exec(t, `DELETE FROM observation`)
			b.exec(t, `INSERT INTO observation SELECT * FROM kept_observation`)
		}
		b.exec(t, `DELETE FROM observation`)
		if _, err := b.Redact(t.Context(), ledger.Event{Actor: operator, Reason: "order 19"}, store.Order{Person: id, Events: []int64{1, 2}}); err != nil {
			t.Fatal(err)
		}
		if report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{}); err != nil || !report.OK() {
			t.Errorf("VerifyLedger of readings that were erased = %v, %v, want no problem", report.Problems, err)
		}
	})
}

// A ledger of which events are gone isn't said to begin to be wrong where a row doesn't fit
// any more.
func TestTheFirstBadEventIsOneOfTheLedgersOwn(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		changesOfEveryKind(t, b)
		defenceless(t, b)
		b.exec(t, `DELETE FROM ledger_user WHERE seq = 6`)
		b.exec(t, `DELETE FROM ledger_event WHERE seq = 6`)
		report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
		if err != nil || report.FirstBad != 6 || report.Problems[0].Kind != ledger.Missing {
			t.Errorf("VerifyLedger = first bad %d, %v, %v, want 6, which is missing", report.FirstBad, report.Problems, err)
		}
	})
}

// Whoever goes on with a restored ledger can do so though a row beside it was edited.
func TestALedgerIsAnchoredAnewWhateverRowsSay(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		changesOfEveryKind(t, b)
		b.exec(t, `UPDATE change SET state = 'done' WHERE id = 'one'`)
		anchorAnew(t, b)
		sign(t, b.DB)
		report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
		if err != nil || report.Found != 1 || report.FirstBad != 2 {
			t.Errorf("VerifyLedger = %v, %v, want that change told still", report.Problems, err)
		}
		defenceless(t, b)
		b.exec(t, `UPDATE ledger_event SET outcome = 'failed' WHERE seq = 4`)
		if err := b.AnchorAnew(t.Context(), ledger.Event{Action: ledger.Restored, Outcome: ledger.Succeeded, Actor: vera}); err == nil {
			t.Error("a ledger of which an event was edited is anchored anew")
		}
	})
}
