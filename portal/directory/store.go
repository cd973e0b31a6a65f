package directory

import (
	"context"
	"time"

	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

// Store is what the directory keeps of companies as they were last read, and the ledger.
// Package store implements it for SQLite and PostgreSQL.
type Store interface {
	portal.Recorder
	FilterStore
	NoteStore
	// Begin begins a transaction, and Append appends events to the ledger in it.
	Begin(ctx context.Context) (portal.Tx, error)
	Append(ctx context.Context, tx portal.Tx, events ...ledger.Event) error

	// SaveCompanies stores the list of companies as read at the given time; a company that
	// is missing from it is kept as one that is not listed any more. It returns those that
	// it replaced, as they were, which nobody else replaces until the transaction ends; and
	// those that were not known, though an earlier list was.
	SaveCompanies(ctx context.Context, tx portal.Tx, companies []sapi.Company, readAt time.Time) (replaced, added []sapi.Company, err error)
	// SaveCompany stores one company as read at the given time, and returns it as it was;
	// the zero company when there was none, or nothing was stored. added says that it was
	// not known, though a list was.
	SaveCompany(ctx context.Context, tx portal.Tx, c sapi.Company, readAt time.Time) (replaced sapi.Company, added bool, err error)
	// Events returns events of the ledger, the newest first.
	Events(ctx context.Context, f ledger.Filter, p ledger.Page) ([]ledger.Event, error)
	// SaveTotal stores how many people a company has.
	SaveTotal(ctx context.Context, tx portal.Tx, companyID string, total int64, readAt time.Time) error
	// Companies returns the companies last read, and when the whole list was;
	// the zero time says that it never was.
	Companies(ctx context.Context) (companies []CompanyRecord, listReadAt time.Time, err error)
	// BuildingCompanies returns the ids of up to limit companies that were being
	// built when they were last read, in the order of their ids, from the one
	// behind after.
	BuildingCompanies(ctx context.Context, after string, limit int) ([]string, error)
	// Company returns one company as last read, or ErrNotStored.
	Company(ctx context.Context, id string) (CompanyRecord, error)
}

// CompanyRecord is a company as Foyer last read it.
type CompanyRecord struct {
	sapi.Company
	ReadAt       time.Time
	People       int64     // how many people it had at PeopleReadAt
	PeopleReadAt time.Time // zero: never counted
	StateSeenAt  time.Time // when Foyer first saw it in its present State
	NotListedAt  time.Time // when a list did not have it any more; zero: it is listed
	Notes        CompanyNotes
}

// UserRecord is a person as Foyer last read them. Status is the last one that
// Symphony told, read at StatusAt; zero StatusAt: never told.
type UserRecord struct {
	sapi.User
	CompanyID string
	// ReadAt is when this was read: alone, or with the last complete reading of the list
	// that they are in.
	ReadAt   time.Time
	Source   Source // by what it was read
	StatusAt time.Time
	// NotListedAt is when a complete reading of the company's list began that did not have
	// them; zero: they are listed, as far as is known.
	NotListedAt time.Time
}

// UserKey names a person in one of three ways; the first set field counts.
type UserKey struct {
	Email          string // as address.Key gives it
	ID             string
	SymphonyUserID int64
}
