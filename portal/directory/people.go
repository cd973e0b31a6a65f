package directory

import (
	"context"
	"errors"
	"time"
)

// Source says by which reading something of Symphony is known.
type Source int8

// The readings, from the one that tells least.
const (
	FromList   Source = 1 // a page of a company's people
	FromDetail Source = 2 // the person alone
	FromChange Source = 3 // the person alone, after a change of Foyer's
)

// PeopleStore is the directory itself: everybody of every company as last read, which
// the database searches, filters and sorts. It has a place of its own, apart from the
// ledger's, so that it can be thrown away at any time and is then read anew; nothing
// that is evidence stands in it alone. Package store implements it for SQLite and
// PostgreSQL.
type PeopleStore interface {
	// SavePeople stores people of a company as they were read, in one transaction.
	// Readings may come in late: of each person's facts the latest are kept, and of
	// their status the one told last; FromList without a status leaves the status as it
	// was. Who was not listed any more and is read FromList is listed again.
	SavePeople(ctx context.Context, companyID string, people []UserRecord) error
	// MarkNotListed notes that a complete reading of a company's list did not have
	// these people, unless they were read since. They are kept.
	MarkNotListed(ctx context.Context, companyID string, ids []string, since time.Time) error
	// ListedIDs returns the ids of a company's people who are listed, in no order.
	ListedIDs(ctx context.Context, companyID string) ([]string, error)

	// Users returns what is known of the given people of a company, by id; people of
	// whom nothing is known are absent.
	Users(ctx context.Context, companyID string, ids []string) (map[string]UserRecord, error)
	// FindUsers returns the people known who match exactly one of the set fields.
	FindUsers(ctx context.Context, by UserKey) ([]UserRecord, error)
	// FindAllUsers returns the people known who have one of the addresses, in the form that
	// address.Key gives, or one of the ids, either of the two that Symphony has.
	FindAllUsers(ctx context.Context, keys, ids []string) ([]UserRecord, error)
	// CompanyUsers returns up to limit of everybody whom a company was ever seen to
	// have, by the time that they were created and then in the order in which they became
	// known, from the one behind after; the zero record asks for the first.
	CompanyUsers(ctx context.Context, companyID string, after UserRecord, limit int) ([]UserRecord, error)
	// CountUsers counts everybody whom a company was ever seen to have.
	CountUsers(ctx context.Context, companyID string) (int, error)

	// SearchPeople returns up to limit people in whom all the words stand, which are
	// folded as package folding does: those whose name or e-mail begins with the first
	// word come first. Words of one or two letters alone find only beginnings of names
	// and of e-mails. more says that there are, or may be, more.
	SearchPeople(ctx context.Context, words []string, limit int) (people []UserRecord, more bool, err error)
	// People returns the people whom a query describes, a page of them, or ErrNoPlace.
	People(ctx context.Context, q PeopleQuery) (PeoplePage, error)
	// CountPeople counts whom a query describes by their status, and gives up when it has
	// counted atMost, or before, where it would have to look at too many who aren't meant:
	// all says whether it came to the end. For an atMost of 0 it always does.
	CountPeople(ctx context.Context, q PeopleQuery, atMost int) (t Tally, all bool, err error)
	// Tally counts people by status: of one company, or of all for an empty id.
	Tally(ctx context.Context, companyID string) (Tally, error)
	// Tallies counts the people of each company by status, by the company's id.
	Tallies(ctx context.Context) (map[string]Tally, error)
	// PeopleByDay counts who was listed on the days from one on: from when they were
	// created until they were found to be listed no more.
	PeopleByDay(ctx context.Context, companyID string, from time.Time) ([]DayCount, error)
	// Values returns up to limit values that a column has, in their order: those that
	// contain the folded text somewhere, or all for an empty one.
	Values(ctx context.Context, column ValueColumn, containing string, limit int) ([]string, error)

	// Readings returns how far the reading of each company's list is, by the company's id.
	Readings(ctx context.Context) (map[string]ListReading, error)
	// Reading returns how far the reading of one company's list is; the zero value says
	// that it never began.
	Reading(ctx context.Context, companyID string) (ListReading, error)
	// SaveReading stores how far it is, and the company's name by which people are sorted.
	SaveReading(ctx context.Context, companyID, companyName string, r ListReading) error
	// ListPages returns the pages of a company's list from number from on, as last read,
	// in their order.
	ListPages(ctx context.Context, companyID string, from, limit int) ([]ListPage, error)
	// SaveListPages stores pages of a company's list as read.
	SaveListPages(ctx context.Context, companyID string, pages []ListPage) error
	// CutListPages forgets the pages of a company's list from a number on: the list has
	// become shorter.
	CutListPages(ctx context.Context, companyID string, from int) error

	// Mending says whether the directory was found damaged or gone: it is opened or made
	// anew before long.
	Mending() bool

	// StatusesDue returns up to limit people who are listed and whose status is not
	// known, and then those whose status was told before a time, the oldest first: of
	// neither those for whom Symphony was asked since that time.
	StatusesDue(ctx context.Context, before time.Time, limit int) ([]UserRef, error)
	// StatusesAsked notes when Symphony was asked for people and told no status.
	StatusesAsked(ctx context.Context, people []UserRef, at time.Time) error
}

// UserRef names a person of a company.
type UserRef struct{ CompanyID, UserID string }

// ListReading is how far the reading of a company's list of people is.
type ListReading struct {
	// The reading under way, or the one that was broken off. StartedAt is zero when none is.
	StartedAt time.Time
	NextPage  int   // from 0: the first page that is not read
	Total     int64 // people, as its first page told; -1: it told nothing believable
	Tries     int   // how often it came to the end before, and the list had moved
	Moved     bool  // the list moved while it was read
	Changed   bool  // a page differs from the one of the reading before

	// The last one that was complete. CompleteAt is when it began: what it told was true
	// then, or later. Zero: there was none.
	CompleteAt time.Time
	People     int  // whom it had
	Moving     bool // the list moved under it each time: who is missing in it may be listed

	// FailedAt is when reading failed last, if it did since CompleteAt, and Failure the
	// code of why.
	FailedAt time.Time
	Failure  string

	DueAt time.Time // when to begin the next one
}

// ListPage is a page of a company's list as it was last read.
type ListPage struct {
	Number int      // from 0
	Digest []byte   // of all that the page said: a page with the same one needs no storing
	IDs    []string // of its people, in the order of the list
}

// Tally is how many people there are of each status. NotListed are not among the others.
type Tally struct{ Active, Disabled, Unknown, NotListed int }

// Listed is how many people are listed.
func (t Tally) Listed() int { return t.Active + t.Disabled + t.Unknown }

// ValueColumn is a column whose values people choose from.
type ValueColumn string

// The columns, as the parameters of a query name them.
const (
	DomainColumn     ValueColumn = "domain"
	DepartmentColumn ValueColumn = "department"
	TitleColumn      ValueColumn = "title"
	LocationColumn   ValueColumn = "location"
)

// StatusFilter narrows people by status.
type StatusFilter string

// The filters. AnyStatus is everybody who is listed; NotListed those who are not any more.
const (
	AnyStatus     StatusFilter = ""
	OnlyActive    StatusFilter = "active"
	OnlyDisabled  StatusFilter = "disabled"
	OnlyUnknown   StatusFilter = "unknown"
	OnlyNotListed StatusFilter = "not-listed"
)

// PeopleSort is a column by which people can be sorted.
type PeopleSort string

// The columns, as the query parameter sort names them.
const (
	PeopleByName       PeopleSort = "name"
	PeopleByEmail      PeopleSort = "email"
	PeopleByCompany    PeopleSort = "company"
	PeopleByDepartment PeopleSort = "department"
	PeopleByTitle      PeopleSort = "title"
	PeopleByLocation   PeopleSort = "location"
	PeopleByStatus     PeopleSort = "status"
	PeopleByStatusAge  PeopleSort = "seen"
	PeopleByCreated    PeopleSort = "created"
)

// PeopleQuery describes people, and the page of them that is wanted. Of the fields that
// are set all must hold. Texts are compared as package folding folds them.
type PeopleQuery struct {
	Words      []string // folded; each stands somewhere in the person
	Status     StatusFilter
	CompanyIDs []string // any of them; nil: all companies
	Domain     string   // of the e-mail, in its one form
	Department string
	Title      string
	Location   string

	CreatedFrom, CreatedTo time.Time // CreatedTo itself is not in it
	StatusBefore           time.Time // a status told before then, or never

	Sort PeopleSort // empty: PeopleByName
	Desc bool
	// After is the Next of the page before this one, or Before the Previous of the page
	// behind it, in the same order; at most one of them is set. Empty: the first page.
	After, Before string
	Limit         int // rows of a page
	// Whole has each page go on from the one before until everybody was there, however
	// long it takes.
	Whole bool
}

// ToNobody narrows a query to nobody.
func (q *PeopleQuery) ToNobody() { q.CompanyIDs = []string{} }

// PeoplePage is a page of people.
type PeoplePage struct {
	Rows []UserRecord
	// Next and Previous are where the pages around this one are; empty: there is none.
	Next, Previous string
	// Cut says that the database was not asked to the end, because that would have taken
	// too long: there may be more whom the query describes. Where Next is set it goes on
	// from there.
	Cut bool
	// Some says that more people have the words than are sorted for a page: it is one of
	// those who were found first.
	Some bool
	// Lost says that the place where the page was to begin is gone, so that it is the first.
	Lost bool
}

// ErrNoPlace says that what a page is to begin behind is no place in such a list.
var ErrNoPlace = errors.New("no place in the list")
