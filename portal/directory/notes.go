package directory

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"foyer/auth"
	"foyer/folding"
	"foyer/ledger"
	"foyer/portal"
)

// CompanyNotes are what people note of a company themselves. Symphony has no place for
// it and never hears of it.
type CompanyNotes struct {
	Tags      []string // as typed; of those that are folded alike there is one
	Alias     string   // what else it is called
	Reference string   // what it is called elsewhere, such as a customer number
}

// Any says whether anything is noted.
func (n CompanyNotes) Any() bool { return len(n.Tags) > 0 || n.Alias+n.Reference != "" }

// Has says whether the company has a tag, however that is spelled.
func (n CompanyNotes) Has(tag string) bool {
	return slices.ContainsFunc(n.Tags, func(t string) bool { return tagKey(t) == tagKey(tag) })
}

// Version names what is noted, so that a form can say what its page showed.
func (n CompanyNotes) Version() string {
	return versionOf(append([]string{n.Alias, n.Reference}, n.Tags...)...)
}

// NoteVersion is likewise of the note on a person.
func NoteVersion(note string) string { return versionOf(note) }

func versionOf(texts ...string) string {
	spelled, _ := json.Marshal(texts) // texts always can be
	sum := sha256.Sum256(spelled)
	return hex.EncodeToString(sum[:16])
}

func (n CompanyNotes) equal(other CompanyNotes) bool {
	return slices.Equal(n.Tags, other.Tags) && n.Alias == other.Alias && n.Reference == other.Reference
}

// text is all of it, for the search.
func (n CompanyNotes) text() string {
	return strings.Join(append([]string{n.Alias, n.Reference}, n.Tags...), " ")
}

// tagKey is by what tags are compared.
func tagKey(tag string) string {
	if key := folding.Text(tag); key != "" {
		return key
	}
	return tag
}

// TagCount is a tag with how many companies have it.
type TagCount struct {
	Tag       string
	Companies int
}

// countTags are the tags of companies, in their order, in one spelling each.
func countTags(companies []CompanyRecord) []TagCount {
	counts := map[string]*TagCount{}
	for _, c := range companies {
		for _, tag := range c.Notes.Tags {
			if counts[tagKey(tag)] == nil {
				counts[tagKey(tag)] = &TagCount{Tag: tag}
			}
			counts[tagKey(tag)].Companies++
		}
	}
	var tags []TagCount
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		tags = append(tags, *counts[key])
	}
	return tags
}

// SplitTags splits what people type as tags: commas, semicolons or lines between them.
func SplitTags(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;\n\r", r) })
}

// NoteStore keeps what people note themselves. What is noted of a company comes with its
// CompanyRecord. Package store implements it for SQLite and PostgreSQL.
type NoteStore interface {
	// LockCompanyNotes returns what is noted of a company, and LockPersonNote the note on
	// a person; empty where there is none. Nobody else changes notes of that company
	// or its people until the transaction ends. The company must be stored.
	LockCompanyNotes(ctx context.Context, tx portal.Tx, companyID string) (CompanyNotes, error)
	LockPersonNote(ctx context.Context, tx portal.Tx, of UserRef) (string, error)
	// SaveCompanyNotes and SavePersonNote store what is noted; what is empty is deleted.
	SaveCompanyNotes(ctx context.Context, tx portal.Tx, companyID string, n CompanyNotes, at time.Time) error
	SavePersonNote(ctx context.Context, tx portal.Tx, of UserRef, note string, at time.Time) error
	// PersonNotes returns the notes on people; those without one are absent.
	PersonNotes(ctx context.Context, of []UserRef) (map[UserRef]string, error)
	// SearchNotes returns up to limit notes in which all the folded words stand, the
	// latest first. Only so many of the latest notes are looked through; more says that
	// there are more among these.
	SearchNotes(ctx context.Context, words []string, limit int) (found []PersonNote, more bool, err error)
}

// PersonNote is the note on a person.
type PersonNote struct {
	Of   UserRef
	Note string
}

// NotesChanged says that somebody changed what is noted of a company since the form was
// shown.
type NotesChanged struct{ Now CompanyNotes }

// Error says it for the log.
func (e *NotesChanged) Error() string { return "what is noted of the company has changed meanwhile" }

// NoteChanged says the same of the note on a person.
type NoteChanged struct{ Now string }

// Error says it for the log.
func (e *NoteChanged) Error() string { return "the note has changed meanwhile" }

// SaveCompanyNotes changes what is noted of a company. seen is the version that the form
// showed: NotesChanged when it is another one by now. Invalid says what can't be noted,
// ErrLedger that nothing was.
// What is there already changes nothing, and writes no event.
func (p *Directory) SaveCompanyNotes(ctx context.Context, a auth.Actor, companyID string, n CompanyNotes, seen string) error {
	if err := p.gate.Require(ctx, a, auth.Onboard, ledger.Company{ID: companyID}); err != nil {
		return err
	}
	n, found := checkCompanyNotes(n)
	if len(found) > 0 {
		return &portal.Invalid{Fields: found}
	}
	company, err := p.notedCompany(ctx, companyID)
	if err != nil {
		return fmt.Errorf("note company: %w", err)
	}
	err = p.record(ctx, func(ctx context.Context, tx portal.Tx) error {
		now, err := p.store.LockCompanyNotes(ctx, tx, companyID)
		switch {
		case err != nil || now.equal(n):
			return err
		case now.Version() != seen:
			return &NotesChanged{now}
		}
		if err := p.store.SaveCompanyNotes(ctx, tx, companyID, n, p.now()); err != nil {
			return err
		}
		return p.store.Append(ctx, tx, companyNotesEvent(a, company, now, n))
	})
	p.knownChanged()
	if err != nil {
		return fmt.Errorf("note company: %w", err)
	}
	return nil
}

// notedCompany is the company that notes are about, as an event names it.
func (p *Directory) notedCompany(ctx context.Context, id string) (ledger.Company, error) {
	c, err := p.store.Company(ctx, id)
	if errors.Is(err, portal.ErrNotStored) {
		err = portal.ErrNotFound
	}
	return ledger.Company{ID: c.ID, Name: c.Name}, err
}

// checkCompanyNotes takes out blanks around texts and tags that are there twice, and says
// what is wrong with the rest.
func checkCompanyNotes(n CompanyNotes) (CompanyNotes, portal.FieldErrors) {
	var found portal.FieldErrors
	clean := CompanyNotes{Alias: strings.TrimSpace(n.Alias), Reference: strings.TrimSpace(n.Reference)}
	for _, tag := range n.Tags {
		if tag = strings.Join(strings.FieldsFunc(tag, unicode.IsSpace), " "); tag == "" || clean.Has(tag) {
			continue
		}
		if fault := portal.CheckTag(tag); fault.Code != "" && len(found) == 0 {
			found.Add("tags", fault)
		}
		clean.Tags = append(clean.Tags, tag)
	}
	if len(clean.Tags) > portal.MaxTags && len(found) == 0 {
		found.Add("tags", portal.Fault{Code: portal.TooManyTags, Most: portal.MaxTags, Count: len(clean.Tags)})
	}
	found.Add("alias", portal.CheckLine(clean.Alias, portal.MaxAlias))
	found.Add("reference", portal.CheckLine(clean.Reference, portal.MaxReference))
	return clean, found
}

// companyNotesEvent has what changed, and nothing else.
func companyNotesEvent(a auth.Actor, company ledger.Company, was, is CompanyNotes) ledger.Event {
	var before, after []any
	changed := func(name string, same bool, was, is any) {
		if !same {
			before, after = append(before, name, was), append(after, name, is)
		}
	}
	changed("tags", slices.Equal(was.Tags, is.Tags), append([]string{}, was.Tags...), append([]string{}, is.Tags...))
	changed("alias", was.Alias == is.Alias, was.Alias, is.Alias)
	changed("reference", was.Reference == is.Reference, was.Reference, is.Reference)
	return ledger.Event{
		Action: ledger.NoteCompany, Outcome: ledger.Succeeded, Actor: a, Company: company,
		Before: portal.Values(before...), After: portal.Values(after...),
	}
}

// PersonNotes returns the notes on people; those without one are absent.
func (p *Directory) PersonNotes(ctx context.Context, a auth.Actor, of ...UserRef) (map[UserRef]string, error) {
	if err := p.gate.Require(ctx, a, auth.See, ledger.Company{}); err != nil {
		return nil, err
	}
	notes, err := p.store.PersonNotes(ctx, of)
	if err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	return notes, nil
}

// SavePersonNote changes the note on a person. seen is the version that the form showed:
// NoteChanged when it is another one by now. Invalid says why it can't be noted. What is
// there already changes nothing, and writes no event.
func (p *Directory) SavePersonNote(ctx context.Context, a auth.Actor, of UserRef, note, seen string) error {
	if err := p.gate.Require(ctx, a, auth.ChangeStatus, ledger.Company{ID: of.CompanyID}); err != nil {
		return err
	}
	note = strings.TrimSpace(strings.ReplaceAll(note, "\r\n", "\n"))
	if fault := portal.CheckNote(note); fault.Code != "" {
		return portal.InvalidField("note", fault)
	}
	company, err := p.notedCompany(ctx, of.CompanyID)
	var user UserRecord
	if err == nil {
		user, err = p.notedUser(ctx, a, of)
	}
	if err != nil {
		return fmt.Errorf("note person: %w", err)
	}
	err = p.record(ctx, func(ctx context.Context, tx portal.Tx) error {
		now, err := p.store.LockPersonNote(ctx, tx, of)
		switch {
		case err != nil || now == note:
			return err
		case NoteVersion(now) != seen:
			return &NoteChanged{now}
		}
		if err := p.store.SavePersonNote(ctx, tx, of, note, p.now()); err != nil {
			return err
		}
		return p.store.Append(ctx, tx, ledger.Event{
			Action: ledger.NoteUser, Outcome: ledger.Succeeded, Actor: a, Company: company,
			Users:  []ledger.User{{ID: user.ID, Email: user.Email, Name: portal.UserName(user.User)}},
			Before: portal.Values("note", now), After: portal.Values("note", note),
		})
	})
	if err != nil {
		return fmt.Errorf("note person: %w", err)
	}
	return nil
}

// notedUser is whom a note is about: as last read, so that it can be written while Symphony
// is down.
func (p *Directory) notedUser(ctx context.Context, a auth.Actor, of UserRef) (UserRecord, error) {
	known, err := p.people.Users(ctx, of.CompanyID, []string{of.UserID})
	if err := doWithout(ctx, err); err != nil {
		return UserRecord{}, err
	}
	if u, ok := known[of.UserID]; ok {
		return u, nil
	}
	u, _, err := p.ReadUser(ctx, a.RequestID, of.CompanyID, of.UserID)
	return u, err
}
