package review

import (
	"context"
	"errors"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

// Store keeps access reviews. Package store implements it for SQLite and PostgreSQL.
// What takes a transaction is stored when that is committed, together with the events
// that record it, or not at all.
type Store interface {
	portal.Recorder
	Begin(ctx context.Context) (portal.Tx, error)
	Append(ctx context.Context, tx portal.Tx, events ...ledger.Event) error

	// StartReview stores a new review and gives it the next number. When the
	// review's Token was used before it stores nothing and returns that earlier
	// review and ErrTokenUsed.
	StartReview(ctx context.Context, tx portal.Tx, r Review) (Review, error)
	// LockReview returns one review without its Counts, or ErrNotStored. Until the
	// transaction ends nobody else changes it.
	LockReview(ctx context.Context, tx portal.Tx, id int64) (Review, error)
	// CountReview returns the counts of a review.
	CountReview(ctx context.Context, tx portal.Tx, id int64) (Counts, error)
	// SaveReview stores how far a review has come, why it waits and its end, and counts
	// its Version up. The review must have been locked in the same transaction.
	SaveReview(ctx context.Context, tx portal.Tx, r Review) (Review, error)

	// Review returns one review with its counts, or ErrNotStored.
	Review(ctx context.Context, id int64) (Review, error)
	// Reviews returns up to limit reviews of one company, or of all where companyID
	// is empty, newest first and without the first offset ones; and how many there
	// are in all.
	Reviews(ctx context.Context, companyID string, offset, limit int) (reviews []Review, total int, err error)
	// PreparingReviews returns the numbers of up to limit reviews that are being
	// prepared, in their order, from the one behind after.
	PreparingReviews(ctx context.Context, after int64, limit int) ([]int64, error)
	// LeftToDisable says of the review of a company that was finished last how many
	// of those to be disabled are not known to be, or ErrNotStored when none was
	// finished.
	LeftToDisable(ctx context.Context, companyID string) (LeftToDisable, error)
}

// PeopleStore keeps the people of access reviews. Of a review that is being listed
// they can be added and dropped, and of one that is not over checked and decided
// about: the review must have been locked in the same transaction. Package store
// implements it for SQLite and PostgreSQL.
type PeopleStore interface {
	// AddReviewPeople stores people whom a review is about.
	AddReviewPeople(ctx context.Context, tx portal.Tx, id int64, people []Person) error
	// DropReviewPeople drops up to limit of the people of a review, and says how
	// many there were.
	DropReviewPeople(ctx context.Context, tx portal.Tx, id int64, limit int) (dropped int, err error)
	// CheckReviewPeople stores the statuses of people as Checked.
	CheckReviewPeople(ctx context.Context, tx portal.Tx, id int64, people []Person) error
	// LockedReviewPeople returns those of the people to review who have the given
	// ids.
	LockedReviewPeople(ctx context.Context, tx portal.Tx, id int64, userIDs []string) ([]Person, error)
	// SaveDecisions stores the Decisions of people.
	SaveDecisions(ctx context.Context, tx portal.Tx, id int64, people []Person) error

	// UncheckedReviewPeople returns up to limit people whose status is still to be
	// read, in their order.
	UncheckedReviewPeople(ctx context.Context, id int64, limit int) ([]Person, error)
	// ReviewPeople returns the people to review whom the filter shows, in their
	// order: those who were disabled already are not among them. A limit of 0
	// returns all.
	ReviewPeople(ctx context.Context, id int64, show Filter, offset, limit int) ([]Person, error)
	// ReviewPerson returns one of the people to review, or ErrNotStored.
	ReviewPerson(ctx context.Context, id int64, userID string) (Person, error)
}

// ErrNotOpen says that a review is not open, so that what was asked for
// can't be done in it: it is finished or cancelled, or not prepared yet.
var ErrNotOpen = errors.New("review is not open")

// ErrChanged says that something was decided in a review since it was
// looked at.
var ErrChanged = errors.New("review was changed by somebody else")

// Review is one look at everybody who has access to a company: a list of people,
// and of each whether they keep it.
type Review struct {
	ID       int64 // its number, from 1
	Version  int64 // counts what is changed in it, and decided
	Token    string
	Company  ledger.Company
	Due      time.Time // a day, at midnight UTC
	Confirms string    // whoever answers for the list: a name or an e-mail address
	Waits    Waiting   // why it can't be prepared just now; zero when it can

	StartedBy  auth.Person
	StartedAt  time.Time
	ListedAt   time.Time // when Symphony had told all the company's people; zero before
	OpenedAt   time.Time // when the status of each had been read; zero before
	FinishedBy auth.Person
	FinishedAt time.Time
	Seal       string // SHA-256, in hexadecimal, of the file as which the finished review is exported

	CancelledBy  auth.Person
	CancelledAt  time.Time
	CancelReason string

	Counts Counts
}

// Waiting is why a review can't be prepared, as it was at a time.
type Waiting struct {
	Code WaitCode
	At   time.Time
}

// WaitCode says why a review can't be prepared. The codes are kept with the review.
type WaitCode string

// The codes.
const (
	WaitsForSymphony WaitCode = "symphony" // which could not be read
	WaitsForCompany  WaitCode = "company"  // which Symphony doesn't know, or which is not ready
)

// Counts are how many people a review is about, and how far it has come.
type Counts struct {
	Listed  int // everybody in the company
	Checked int // whose status was read
	LeftOut int // who were disabled already
	Keep    int
	Disable int
	Ask     int
}

// People is how many are to be decided about.
func (c Counts) People() int { return c.Listed - c.LeftOut }

// Decided is how many were.
func (c Counts) Decided() int { return c.Keep + c.Disable + c.Ask }

// Undecided is how many are left.
func (c Counts) Undecided() int { return c.People() - c.Decided() }

// State says how far a review has come.
type State string

// The states of a review, each followed by the next but for the last two: it is
// either finished or cancelled.
const (
	Preparing State = "preparing" // the people and their statuses are being read
	Open      State = "open"      // people are being decided about
	Finished  State = "finished"  // stays as it is
	Cancelled State = "cancelled" // stays as it is, and leads to nothing
)

// State says how far the review has come.
func (r Review) State() State {
	switch {
	case !r.CancelledAt.IsZero():
		return Cancelled
	case !r.FinishedAt.IsZero():
		return Finished
	case !r.OpenedAt.IsZero():
		return Open
	}
	return Preparing
}

// Over says whether the review stays as it is: it is finished or cancelled.
func (r Review) Over() bool { return r.State() == Finished || r.State() == Cancelled }

// Overdue says whether the review's day is over at a time and the review isn't.
func (r Review) Overdue(now time.Time) bool {
	return !r.Over() && !now.Before(r.Due.AddDate(0, 0, 1))
}

// LeftToDisable is what is left to be done after a finished review.
type LeftToDisable struct {
	ReviewID   int64
	FinishedAt time.Time
	People     int // who are to be disabled and, as last read, are not
}

// Decision is what is to become of a person's access.
type Decision string

// The decisions.
const (
	Undecided     Decision = ""
	KeepAccess    Decision = "keep"
	DisableAccess Decision = "disable"
	AskAbout      Decision = "ask" // it can't be told yet: whoever confirms has to be asked
)

// Decisions lists those that can be taken, in the order in which pages offer
// them.
var Decisions = []Decision{KeepAccess, DisableAccess, AskAbout}

// Decided is one decision, with who took it and when.
type Decided struct {
	Decision Decision
	By       auth.Person
	At       time.Time
}

// Person is one person of a review, as Symphony had them when it was
// prepared.
type Person struct {
	N                              int // the place in the review, from 1
	UserID                         string
	SymphonyUserID                 int64
	Email, Name, Title, Department string
	CreatedAt                      time.Time
	Checked                        bool // Status was read, or can't be
	Status                         sapi.Status
	StatusAt                       time.Time // zero: never told
	Decisions                      []Decided // oldest first: the last one counts
}

// Last is the decision that counts; the zero value while there is none.
func (p Person) Last() Decided {
	if len(p.Decisions) == 0 {
		return Decided{}
	}
	return p.Decisions[len(p.Decisions)-1]
}

// Deciding is one decision to be stored.
type Deciding struct {
	UserID   string
	Decision Decision
	Seen     Decision // what was decided of the person when the decision was taken
}

// Filter narrows the people of a review.
type Filter string

// The filters. All but ShowAll and ShowUndecided are named as the decisions.
const (
	ShowAll       Filter = ""
	ShowUndecided Filter = "undecided"
	ShowKeep      Filter = Filter(KeepAccess)
	ShowDisable   Filter = Filter(DisableAccess)
	ShowAsk       Filter = Filter(AskAbout)
)

// Filters lists the filters in the order in which pages offer them.
var Filters = []Filter{ShowAll, ShowUndecided, ShowKeep, ShowDisable, ShowAsk}

// Count is how many people the filter shows.
func (c Counts) Count(show Filter) int {
	switch show {
	case ShowUndecided:
		return c.Undecided()
	case ShowKeep:
		return c.Keep
	case ShowDisable:
		return c.Disable
	case ShowAsk:
		return c.Ask
	case ShowAll:
	}
	return c.People()
}
