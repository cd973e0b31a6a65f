package store_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/store"
)

// noteCompany and notePerson note something in a transaction of their own.
func (b bench) noteCompany(ctx context.Context, id string, n directory.CompanyNotes) error {
	return b.inTx(ctx, func(tx portal.Tx) error { return b.SaveCompanyNotes(ctx, tx, id, n, b.clock.add(time.Second)) })
}

func (b bench) notePerson(ctx context.Context, of directory.UserRef, note string) error {
	return b.inTx(ctx, func(tx portal.Tx) error { return b.SavePersonNote(ctx, tx, of, note, b.clock.add(time.Second)) })
}

func TestNotesOnACompanyComeWithItAndStayWhenItIsReadAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ctx := t.Context()
		company := sapi.Company{ID: acme.ID, Name: acme.Name, EmailDomains: []string{"acme.example"}}
		must(t, b.saveCompany(ctx, company, b.clock.Now()))
		read := func(want directory.CompanyNotes) {
			t.Helper()
			c, err := b.Company(ctx, acme.ID)
			must(t, err)
			listed, _, err := b.Companies(ctx)
			must(t, err)
			var locked directory.CompanyNotes
			must(t, b.inTx(ctx, func(tx portal.Tx) (err error) { locked, err = b.LockCompanyNotes(ctx, tx, acme.ID); return err }))
			for _, got := range []directory.CompanyNotes{c.Notes, listed[0].Notes, locked} {
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("notes (-want +got):\n%s", diff)
				}
			}
		}
		read(directory.CompanyNotes{})
		notes := directory.CompanyNotes{Tags: []string{"Gold", "Süd, “A”"}, Alias: "Ö & Co", Reference: "CRM-0017"}
		must(t, b.noteCompany(ctx, acme.ID, notes))
		read(notes)
		company.Name = "Renamed"
		must(t, b.saveCompanies(ctx, []sapi.Company{company}, b.clock.add(time.Hour)))
		read(notes)
		notes = directory.CompanyNotes{Alias: "Other"}
		must(t, b.noteCompany(ctx, acme.ID, notes))
		read(notes)
		must(t, b.noteCompany(ctx, acme.ID, directory.CompanyNotes{}))
		read(directory.CompanyNotes{})
	})
}

func TestNotesOnPeopleAreFoundByTheirWords(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ctx := t.Context()
		one, same, other := directory.UserRef{CompanyID: "k", UserID: "1"}, directory.UserRef{CompanyID: "l", UserID: "1"}, directory.UserRef{CompanyID: "k", UserID: "2"}
		must(t, b.notePerson(ctx, one, "Ask Zoë first:\n100% of “calls”_"))
		must(t, b.notePerson(ctx, same, "Calls from Łódź"))
		must(t, b.notePerson(ctx, other, "Nothing"))
		must(t, b.notePerson(ctx, other, "Nobody calls"))

		notes, err := b.PersonNotes(ctx, []directory.UserRef{one, other, {CompanyID: "l", UserID: "2"}})
		must(t, err)
		if diff := cmp.Diff(map[directory.UserRef]string{one: "Ask Zoë first:\n100% of “calls”_", other: "Nobody calls"}, notes); diff != "" {
			t.Errorf("PersonNotes (-want +got):\n%s", diff)
		}
		for _, search := range []struct {
			words []string
			limit int
			want  []directory.UserRef
			more  bool
		}{
			{words: []string{"calls"}, limit: 5, want: []directory.UserRef{other, same, one}},
			{words: []string{"calls"}, limit: 2, want: []directory.UserRef{other, same}, more: true},
			{words: []string{"zoe", "call"}, limit: 5, want: []directory.UserRef{one}},
			{words: []string{"lodz"}, limit: 5, want: []directory.UserRef{same}},
			{words: []string{"100%"}, limit: 5, want: []directory.UserRef{one}},
			{words: []string{"s_t"}, limit: 5},
			{words: []string{"nothing"}, limit: 5},
			{limit: 5},
		} {
			found, more, err := b.SearchNotes(ctx, search.words, search.limit)
			must(t, err)
			var got []directory.UserRef
			for _, n := range found {
				got = append(got, n.Of)
			}
			if diff := cmp.Diff(search.want, got); diff != "" || more != search.more {
				t.Errorf("SearchNotes(%q, %d), more: %v, want %v (-want +got):\n%s", search.words, search.limit, more, search.more, diff)
			}
		}

		must(t, b.notePerson(ctx, one, ""))
		notes, err = b.PersonNotes(ctx, []directory.UserRef{one})
		if err != nil || len(notes) != 0 {
			t.Errorf("a deleted note: %v, %v, want none", notes, err)
		}
	})
}

func TestNotesAreChangedOneAtATime(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ctx := t.Context()
		must(t, b.saveCompany(ctx, sapi.Company{ID: acme.ID, Name: acme.Name}, b.clock.Now()))
		const times = 8
		failed := make(chan error, times)
		for i := range times {
			go func() {
				failed <- b.inTx(ctx, func(tx portal.Tx) error {
					n, err := b.LockCompanyNotes(ctx, tx, acme.ID)
					if err != nil {
						return err
					}
					n.Tags = append(n.Tags, strconv.Itoa(i))
					return b.SaveCompanyNotes(ctx, tx, acme.ID, n, b.clock.Now())
				})
			}()
		}
		for range times {
			must(t, <-failed)
		}
		c, err := b.Company(ctx, acme.ID)
		if err != nil || len(c.Notes.Tags) != times {
			t.Errorf("%d tags are left of %d that were added at the same time: %v", len(c.Notes.Tags), times, err)
		}
	})
}

func TestNotesAreErasedWithThePersonAndWhatTheLedgerKeepsOfThem(t *testing.T) {
	onBoth(t, func(t *testing.T, b bench) {
		ctx := t.Context()
		must(t, b.saveCompany(ctx, sapi.Company{ID: acme.ID, Name: acme.Name}, b.clock.Now()))
		const email = "adele@acme.example"
		adele, other := directory.UserRef{CompanyID: acme.ID, UserID: adeleID}, directory.UserRef{CompanyID: acme.ID, UserID: "5bec2e8b-da45-46c7-9370-5669de1b1a79"}
		third := directory.UserRef{CompanyID: acme.ID, UserID: "5bec2e8b-da45-46c7-9370-5669de1b1a7a"}
		b.record(t, ledger.Event{
			Action: ledger.NoteUser, Outcome: ledger.Succeeded, Actor: vera, Company: acme, Users: []ledger.User{{ID: adele.UserID, Email: email, Name: "Adele Vance"}},
			Before: portal.Values("note", ""), After: portal.Values("note", "On leave"),
		})
		must(t, b.notePerson(ctx, adele, "On leave"))
		must(t, b.notePerson(ctx, other, "Stands in for ADELE Vance"))
		must(t, b.notePerson(ctx, third, "Knows Adele"))
		must(t, b.noteCompany(ctx, acme.ID, directory.CompanyNotes{Tags: []string{"Gold", email}, Alias: "Vance Adele", Reference: "by " + email}))

		must(t, b.saveCompany(ctx, sapi.Company{ID: "named", Name: "Named Ltd"}, b.clock.Now()))
		must(t, b.noteCompany(ctx, "named", directory.CompanyNotes{Tags: []string{"of Adele Vance", "Adele"}, Alias: "ADELE VANCE Holding", Reference: "adele vance 7"}))

		reached, err := b.Redact(ctx, ledger.Event{Actor: operator, Reason: "order 17"}, store.Order{Person: email})
		must(t, err)
		if reached.Notes != 4 || len(reached.Events) != 1 {
			t.Errorf("the order reached %d notes and the events %v, want 4 and one", reached.Notes, reached.Events)
		}
		notes, err := b.PersonNotes(ctx, []directory.UserRef{adele, other, third})
		must(t, err)
		if diff := cmp.Diff(map[directory.UserRef]string{third: "Knows Adele"}, notes); diff != "" {
			t.Errorf("notes on people that are left (-want +got):\n%s", diff)
		}
		c, err := b.Company(ctx, acme.ID)
		must(t, err)
		if diff := cmp.Diff(directory.CompanyNotes{Tags: []string{"Gold"}, Alias: "Vance Adele"}, c.Notes); diff != "" {
			t.Errorf("notes on the company that are left (-want +got):\n%s", diff)
		}
		named, err := b.Company(ctx, "named")
		must(t, err)
		if diff := cmp.Diff(directory.CompanyNotes{Tags: []string{"Adele"}}, named.Notes); diff != "" {
			t.Errorf("notes that are left on a company that was called by their name (-want +got):\n%s", diff)
		}
		events, err := b.Events(ctx, ledger.Filter{Action: ledger.NoteUser}, ledger.Page{Limit: 2})
		must(t, err)
		if len(events) != 1 || !events[0].Redacted || events[0].After != nil {
			t.Errorf("the events are %+v, want one that is erased", events)
		}
	})
}
