package directory

import (
	"context"
	"time"

	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

// StatusStore knows what was observed of people, and when. Package store implements it
// for SQLite and PostgreSQL.
type StatusStore interface {
	// StatusReadings sets readings of people of a company beside what was known of
	// them: of those whose status was told and who were observed before. Readings
	// that came in late are left out. Until the transaction ends nobody else saves
	// people of the company: of several at once each sees what the one before it
	// stored.
	StatusReadings(ctx context.Context, tx portal.Tx, companyID string, users []UserReading) ([]StatusReading, error)
	// SaveUsers stores an observation of each of a company's people whose status was told.
	SaveUsers(ctx context.Context, tx portal.Tx, companyID string, users []UserReading) error
	// Observations returns the observations of the given people of a company, by
	// id, each person's oldest first; who was never observed is absent.
	Observations(ctx context.Context, companyID string, ids []string) (map[string][]Observation, error)
	// ObservingSince returns when anybody of a company was first observed; the
	// zero time says never.
	ObservingSince(ctx context.Context, companyID string) (time.Time, error)
	// StatusesByDay counts the people of a company who were observed to be of a status at
	// the ends of the days from one on. Nobody is counted twice on a day.
	StatusesByDay(ctx context.Context, companyID string, from time.Time) ([]DayCount, error)
	// StatusEvents returns the events of the ledger that are about disabling or
	// enabling the given people of a company, by id, each person's oldest first.
	StatusEvents(ctx context.Context, companyID string, ids []string) (map[string][]ledger.Event, error)
	// AskedToCreate says which of the given addresses, by their keys, a change of Foyer's
	// was to create somebody with, whatever became of it.
	AskedToCreate(ctx context.Context, keys []string) (map[string]bool, error)
}

// Observation is a run of readings that all told the same status of somebody.
type Observation struct {
	Status      sapi.Status
	First, Last time.Time // when Symphony was asked for the first and for the last of them
}

// UserReading is a person as Symphony told.
type UserReading struct {
	sapi.User
	ReadAt time.Time // when Symphony was asked: what it told was true then, or later
}

// StatusReading is a status that Symphony told, beside what was known before.
type StatusReading struct {
	UserReading
	Last   Observation    // the one before this reading
	Events []ledger.Event // of disabling and enabling this person, oldest first
}
