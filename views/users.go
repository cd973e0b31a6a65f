package views

import (
	"time"

	"foyer/views/ui"
)

// UsersPage is one page of a company's people.
type UsersPage struct {
	CompanyID, CompanyName string
	State                  ui.StatusProps
	Total                  string // "12,004 people"; empty when they could not be counted
	ReadAt                 string // the time of day, UTC
	Add                    ui.ButtonProps

	Segments ui.SegmentedProps // All, Active, Disabled on this page
	Filtered string            // what the status filter shows of this page; empty without one
	Note     string            // what else has to be said: a page beyond the last
	Rows     []UserRow
	Pager    ui.PagerProps
	Empty    *ui.EmptyProps // instead of the table
	NotReady string         // why the company has no people yet

	ToDisable *LeftToDisable // nil when nothing is left, or not for this role

	// ReadStatuses is where the script reads the statuses that are not known, or
	// not fresh; empty when all are.
	ReadStatuses []string
	Unread       int // how many those are
	ReadForm     []ui.Parameter
	Now          time.Time

	At AtForm
}

// UserRow is one person in a table.
type UserRow struct {
	Name, Email, Href   string
	Title, Department   string
	SymphonyID, Created string
	Status              StatusCell
	Action              UserAction
}

// cut says whether a text may be too long for its column, so that the whole of
// it must be there on hover.
func cut(text string) bool { return len(text) > 28 }

// UserPage is one person.
type UserPage struct {
	Name                   string
	CompanyID, CompanyName string
	Status                 StatusCell
	Facts                  []ui.KeyValueItem
	ReadAt                 time.Time
	Now                    time.Time
	Stale                  *StaleNote
	Actions                []ui.ButtonProps
	History                []EventRow
	HistoryHref            string

	At     AtForm
	Errors ui.Errors   // of At
	AsOf   *PastNote   // nil when no time was asked for
	Past   *PastStatus // with AsOf
}

// UserHistoryPage is everything that was done to one person.
type UserHistoryPage struct {
	CompanyID, CompanyName string
	UserHref, Name         string
	Rows                   []EventRow
	OlderHref              string
}
