package users

import (
	"time"

	"foyer/views"
	"foyer/views/ui"
)

// ListPage is one page of a company's people.
type ListPage struct {
	CompanyID, CompanyName string
	State                  ui.StatusProps
	Total                  string // "12,004 people"; empty when they could not be counted
	ReadAt                 string // the time of day, UTC
	Add                    ui.ButtonProps

	Segments ui.SegmentedProps // All, Active, Disabled on this page
	Filtered string            // what the status filter shows of this page; empty without one
	Note     string            // what else has to be said: a page beyond the last
	Rows     []Row
	Pager    ui.PagerProps
	Empty    *ui.EmptyProps // instead of the table
	NotReady string         // why the company has no people yet

	ToDisable *views.LeftToDisable // nil when nothing is left, or not for this role

	// ReadStatuses is where the script reads the statuses that are not known, or
	// not fresh; empty when all are.
	ReadStatuses []string
	Unread       int // how many those are
	ReadForm     []ui.Parameter
	Now          time.Time

	At AtForm
}

// Row is one person in a table.
type Row struct {
	Name, Email, Href   string
	Title, Department   string
	SymphonyID, Created string
	Status              views.StatusCell
	Action              views.UserAction
}

// cut says whether a text may be too long for its column, so that the whole of
// it must be there on hover.
func cut(text string) bool { return len(text) > 28 }
