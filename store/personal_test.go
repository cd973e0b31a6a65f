package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/review"
	"foyer/sapi"
	"foyer/store"
)

// The ways in which a column may stand to people's data.
const (
	erased = "" // it is gone after an order to erase: that is executed below

	// Why a column holds nothing that tells about a person.
	anID     = "an id, random or of Symphony's, which tells nothing without what is erased"
	aWord    = "one of a few words of Foyer's or Symphony's own"
	aCompany = "about a company, and no person"
	aHash    = "a hash, from which nobody can tell what went into it"
	random   = "random"
	moved    = "empty: what earlier versions had in it moved to the directory"
	signed   = "the ledger's name, size and hashes, and who signs it: Foyer"
)

// finished is why a column goes on holding people's data: a finished review is evidence.
// Its seal is in the ledger, and the order's answer names the review.
const finished = "set in a finished review only, which is sealed and stays as it is"

// columns are all columns of texts and bytes, and how each stands to people's data. A
// new one needs its line here, and, if it is erased, something in fillEverything.
var columns = map[string]map[string]string{
	"ledger_event": {
		"body": "ids, subjects and the company: what is about people stands in personal. It is the leaf of the tree, and can never be erased",
		"salt": random, "personal": erased, "hashes": aHash, "mac": aHash,
		"action": aWord, "outcome": aWord, "change_id": anID, "company_id": anID, "request": anID, "trace": anID,
		"company_text": aCompany, "actor_text": erased, "people_text": erased, "note_text": erased,
	},
	"ledger_user":       {"user_id": anID, "email": erased},
	"ledger_term":       {"term": erased, "members": "which events of a segment have a term, by their places"},
	"ledger_head":       {"origin": signed, "peaks": aHash},
	"ledger_checkpoint": {"note": signed},
	"change": {
		"id": anID, "kind": aWord, "state": aWord, "token": random, "company_id": anID, "user_id": anID, "body": erased,
		"subject": "ids, or a company’s vanity name",
	},
	"change_item": {
		"change_id": anID, "email": erased, "email_key": erased, "first_name": erased, "last_name": erased, "display_name": erased,
		"title": erased, "department": erased, "location": erased, "phone_number": erased, "outcome": aWord, "user_id": anID, "problem": erased,
	},
	"bulk": {
		"kind": aWord, "state": aWord, "token": random, "digest": aHash, "company_id": anID, "lease": random, "body": erased,
	},
	"bulk_row": {
		"cells": erased, "email": erased, "email_key": erased, "first_name": erased, "last_name": erased, "display_name": erased, "title": erased, "department": erased,
		"location": erased, "phone_number": erased, "user_id": anID, "company_id": anID, "decision": aWord, "action": aWord, "state": aWord, "code": aWord,
		"facts": erased, "change_id": anID, "precheck": aWord,
	},
	"company": {
		"id": anID, "name": aCompany, "vanity_name": aCompany, "email_domains": aCompany, "public_url": aCompany,
		"state": aWord, "error_message": aCompany,
	},
	"company_people": {"company_id": anID},
	"list_read":      {"name": aWord},
	"company_user": {
		"company_id": anID, "id": anID, "email": moved, "email_normal": moved, "first_name": moved, "last_name": moved,
		"display_name": moved, "phone_number": moved, "department": moved, "title": moved, "location": moved,
	},
	"user_status": {"company_id": anID, "user_id": anID},
	"observation": {"company_id": anID, "user_id": anID},
	"session": {
		"hash": aHash, "id": random, "issuer": "the identity provider's address", "subject": erased, "name": erased, "email": erased,
		"role_values": erased, "address": erased, "user_agent": erased, "data": erased, "sid": anID, "form_key": random,
	},
	"logout_token": {"hash": aHash},
	"login":        {"state_hash": aHash, "browser_hash": aHash, "nonce": random, "verifier": random, "return_to": erased, "draft": erased, "draft_owner": aHash},
	"saved_filter": {
		"id": random, "issuer": "the identity provider's address", "subject": erased, "email": erased, "name": erased, "query": erased,
	},
	"company_note": {"company_id": anID, "tags": erased, "alias": erased, "reference": erased},
	"person_note":  {"company_id": anID, "user_id": anID, "note": erased, "text": erased},
	"review": {
		"token": random, "company_id": anID, "company_name": aCompany, "due": "a day", "confirms": erased,
		"note": "why Symphony could not be read, in Foyer's words", "started_by": erased, "finished_by": finished, "seal": aHash,
		"cancelled_by": erased, "cancel_reason": erased,
	},
	"review_person": {
		"user_id": anID, "email": erased, "name": erased, "title": erased, "department": erased, "decision": aWord, "decisions": erased,
	},
	"directory.company": {"id": anID, "name_key": aCompany, "failure": aWord},
	"directory.list_page": {
		"ids": anID, "digest": aHash,
	},
	"directory.word": {"key": erased, "value": erased},
	"directory.person": {
		"id": anID, "email_key": erased, "name_key": erased, "last_key": erased, "record": erased,
	},
	"directory.person_text": {"text": erased},
	// River's own tables are not here: a job has the ids of what it is to look at, and
	// nothing else; see the arguments in package jobs.
}

// mark stands in everything that is planted about somebody. The search index has three
// letters of it, which no other text here has.
const (
	mark     = "qzxqzxqzx"
	markTerm = "qzx"
)

var (
	marked      = ledger.User{ID: adeleID, Email: "QzxQzxQzx.Ö@acme.example", Name: "QzxQzxQzx Vance"}
	markedActor = auth.Actor{Issuer: vera.Issuer, Subject: "u-17", Name: marked.Name, Email: marked.Email, Address: mark, UserAgent: mark}
)

// fillEverything plants somebody, whom Foyer looks after and who works with it, in
// every column that can hold them.
func fillEverything(t testing.TB, b bench) {
	t.Helper()
	now := b.clock.Now()
	row := change.Row{NewUser: sapi.NewUser{
		Email: marked.Email, FirstName: mark, LastName: mark, DisplayName: mark, Title: mark, Department: mark, Location: mark, PhoneNumber: mark,
	}, Outcome: sapi.ItemCreated, UserID: marked.ID, Problem: &portal.Problem{Detail: mark + " exists"}}
	foyerDid(t, b, change.Change{ID: "c1", Kind: change.CreateUsers, State: change.Done, User: marked, People: []change.Row{row}, Others: []change.Row{row}, Reason: mark, Ticket: mark, Note: mark},
		ledger.Event{Action: ledger.CreateUsers, Users: []ledger.User{marked}, Ticket: mark, Note: mark, Before: []byte(`{"a":"` + mark + `"}`), After: []byte(`{"a":"` + mark + `"}`)})
	// And where they are in no event that names them, and no change is about them.
	b.insert(t, change.Change{ID: "c2", Kind: change.CreateUsers, State: change.Done, Others: []change.Row{row}})
	row.Email, row.UserID, row.Problem = "somebody@acme.example", "", &portal.Problem{Detail: "not beside " + marked.Email}
	b.insert(t, change.Change{ID: "c3", Kind: change.CreateUsers, State: change.Done, People: []change.Row{row}})
	b.record(t, ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: markedActor})

	must(t, b.saveCompany(t.Context(), sapi.Company{ID: acme.ID, Name: acme.Name, EmailDomains: []string{"acme.example"}}, now))
	must(t, b.saveUsers(t.Context(), acme.ID, []directory.UserReading{{ReadAt: now, User: sapi.User{
		ID: marked.ID, Email: marked.Email, Status: sapi.StatusActive,
		FirstName: mark, LastName: mark, DisplayName: mark, PhoneNumber: mark, Department: mark, Title: mark, Location: mark,
	}}}, nil))
	must(t, b.SaveLogin(t.Context(), auth.Login{StateHash: []byte("s"), BrowserHash: []byte("b"), ReturnTo: "/find?q=" + mark, Draft: []byte(mark), CreatedAt: now}))
	person := auth.Person{Issuer: vera.Issuer, Subject: mark, Name: marked.Name, Email: marked.Email}
	must(t, b.CreateSession(t.Context(), auth.Session{ID: "s", Hash: []byte("1"), Person: person, RoleValues: []string{mark}, CreatedAt: now, SeenAt: now, Address: mark, UserAgent: mark, Values: []byte(mark), FormKey: []byte("key")}))

	for id, f := range map[string]directory.SavedFilter{
		"f1": {Subject: mark, Email: marked.Email, Name: "Everybody"}, "f2": {Name: marked.Name}, "f3": {Name: "One", Query: "q=" + mark}, "f4": {Name: "Two", Query: "q=qzxqzxqzx+vance&sort=name"},
	} {
		f.ID = id
		must(t, b.inTx(t.Context(), func(tx portal.Tx) error { return b.SaveFilter(t.Context(), tx, f) }))
	}

	must(t, b.inTx(t.Context(), func(tx portal.Tx) error {
		n := directory.CompanyNotes{Tags: []string{"Gold", marked.Email}, Alias: "of " + marked.Email, Reference: marked.Email}
		return errors.Join(b.SaveCompanyNotes(t.Context(), tx, acme.ID, n, now),
			b.SavePersonNote(t.Context(), tx, directory.UserRef{CompanyID: acme.ID, UserID: marked.ID}, mark, now),
			b.SavePersonNote(t.Context(), tx, directory.UserRef{CompanyID: acme.ID, UserID: "another"}, "Sits beside "+marked.Name, now))
	}))
	must(t, b.inTx(t.Context(), func(tx portal.Tx) error {
		by := auth.PersonOf(markedActor)
		c, err := b.InsertBulk(t.Context(), tx, bulk.Change{
			Kind: bulk.Create, State: bulk.Draft, Token: "bulk", UploadedBy: markedActor, StartedBy: markedActor, PausedBy: by, StoppedBy: by,
			Reason: "for " + marked.Email, Ticket: marked.Email, File: bulk.File{Name: marked.Name + ".csv"},
			Waits: bulk.Waiting{Code: bulk.WaitsForSymphony, Problem: &portal.Problem{Detail: marked.Email}},
		})
		own := bulk.Row{N: 1, Line: 2, Cells: []string{marked.Email, mark}, NewUser: row.NewUser, UserID: marked.ID, State: bulk.Planned, Facts: bulk.Facts{Problem: &portal.Problem{Detail: mark}}}
		own.Email = marked.Email
		other := bulk.Row{N: 2, Line: 3, Cells: []string{"boss@acme.example", "assistant: " + marked.Email}, State: bulk.Created}
		return errors.Join(err, b.PutRows(t.Context(), tx, c.ID, []bulk.Row{own, other}))
	}))
	for _, end := range []string{"open", "cancelled", "finished"} {
		person.Subject = "u-17"
		event := ledger.Event{Action: ledger.StartReview, Outcome: ledger.Succeeded, Actor: markedActor}
		r := b.startReview(t, review.Review{Token: end, Company: acme, StartedAt: now, StartedBy: person, Confirms: marked.Email})
		one := review.Person{N: 1, UserID: marked.ID, Email: marked.Email, Name: mark, Title: mark, Department: mark, Checked: true, Status: sapi.StatusActive}
		b.list(t, r.ID, one)
		one.Decisions = []review.Decided{{Decision: review.KeepAccess, By: person, At: now}}
		must(t, b.inTx(t.Context(), func(tx portal.Tx) error { return b.SaveDecisions(t.Context(), tx, r.ID, []review.Person{one}) }))
		b.save(t, r.ID, func(r *review.Review) {
			r.OpenedAt = now
			switch end {
			case "cancelled":
				r.CancelledAt, r.CancelledBy, r.CancelReason = now, person, mark
			case "finished":
				r.FinishedAt, r.FinishedBy, r.Seal = now, person, "seal"
			}
		}, event)
	}
}

// directoryTable is what is before the name of a table of the directory's.
const directoryTable = "directory."

// readColumns lists the columns of texts and bytes that the migrated database and the
// directory have, but for those of the migrations themselves. The search index of the
// directory on SQLite is no such column: another test looks into it.
func readColumns(t testing.TB, b bench) map[string][]string {
	t.Helper()
	columns := map[string][]string{}
	add := func(admin *sql.DB, prefix, statement string) {
		rows, err := admin.QueryContext(t.Context(), statement)
		must(t, err)
		defer rows.Close()
		for rows.Next() {
			var table, column string
			must(t, rows.Scan(&table, &column))
			if table != "foyer_migration" {
				columns[prefix+table] = append(columns[prefix+table], column)
			}
		}
		must(t, rows.Err())
	}
	statement := `SELECT m.name, c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND c.type NOT IN ('INTEGER', 'REAL', 'TIMESTAMP') AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'person_index%'`
	if b.Dialect() == store.SQLite {
		add(b.admin, "", statement)
		add(b.directory(t), directoryTable, statement)
		return columns
	}
	for prefix, schema := range map[string]string{"": "current_schema()", directoryTable: "'directory'"} {
		add(b.admin, prefix, `SELECT c.table_name, c.column_name FROM information_schema.columns AS c JOIN information_schema.tables AS t USING (table_schema, table_name)
			WHERE c.table_schema = `+schema+` AND t.table_type = 'BASE TABLE'
			AND c.data_type NOT IN ('bigint', 'integer', 'boolean', 'timestamp without time zone')`)
	}
	return columns
}

// holders counts the rows of a table that have the mark in a column. Those of finished
// reviews don't count.
func holders(t testing.TB, b bench, table, column string) (n int) {
	t.Helper()
	value := `CAST(` + column + ` AS TEXT)`
	position := "instr"
	if b.Dialect() == store.PostgreSQL {
		value, position = `CASE WHEN pg_typeof(`+column+`) = 'bytea'::regtype THEN encode(`+column+`::text::bytea, 'escape') ELSE `+column+`::text END`, "strpos"
	}
	where := ``
	switch table {
	case "review":
		where = ` AND finished_at = 0`
	case "review_person":
		where = ` AND review_id IN (SELECT id FROM review WHERE finished_at = 0)`
	}
	admin := b.admin
	if name, ok := strings.CutPrefix(table, directoryTable); ok && b.Dialect() == store.SQLite {
		admin, table = b.directory(t), name
	}
	part := mark
	if column == "term" {
		part = markTerm
	}
	statement := fmt.Sprintf(`SELECT count(*) FROM %s WHERE %s(lower(%s), '%s') > 0%s`, table, position, value, part, where)
	must(t, admin.QueryRowContext(t.Context(), statement).Scan(&n))
	return n
}

// indexEverything records as many events as it takes until all that there are so far are
// in the search index.
func indexEverything(t testing.TB, b bench) {
	t.Helper()
	full := make([]ledger.Event, store.SegmentSize)
	for i := range full {
		full[i] = ledger.Event{Action: ledger.SignOut, Outcome: ledger.Succeeded, Actor: vera}
	}
	b.record(t, full...)
}

func TestEveryColumnIsErasedOrHoldsNothingOfAPerson(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		kept := readColumns(t, b)
		for table, listed := range columns {
			for column := range listed {
				if !slices.Contains(kept[table], column) {
					t.Errorf("%s.%s is listed, and the database has no such column of text or bytes", table, column)
				}
			}
		}
		fillEverything(t, b)
		indexEverything(t, b)
		for table, have := range kept {
			for _, column := range have {
				why, listed := columns[table][column]
				n := holders(t, b, table, column)
				switch {
				case !listed:
					t.Errorf("%s.%s is not listed: what erases people’s data from it, or why does it hold none?", table, column)
				case why == erased && n == 0:
					t.Errorf("%s.%s is erased, and nothing was planted in it", table, column)
				case why != erased && n > 0:
					t.Errorf("%s.%s holds a person’s data, and is listed as: %s", table, column, why)
				}
			}
		}

		// In another spelling than any that is stored.
		order := strings.ToUpper("qzxqzxqzx.O\u0308@acme.example")
		reached, err := b.Redact(t.Context(), ledger.Event{Actor: operator, Reason: "order 17"}, store.Order{Person: order, Actor: order})
		must(t, err)
		if !slices.Equal(reached.Sealed, []int64{3}) || !slices.Equal(reached.Open, []int64{1, 2}) {
			t.Errorf("Redact kept the reviews %v and emptied %v, want 3, and 1 and 2", reached.Sealed, reached.Open)
		}
		for table, have := range kept {
			for _, column := range have {
				if n := holders(t, b, table, column); n > 0 {
					t.Errorf("%s.%s still holds a person’s data in %d rows", table, column, n)
				}
			}
		}
		report, err := b.VerifyLedger(t.Context(), ledger.VerifyOptions{})
		if wrong := wrongWithEvents(report); err != nil || len(wrong) > 0 {
			t.Errorf("VerifyLedger = %v, %v, want no problem", wrong, err)
		}
	})
}
