package reviews

import (
	"time"

	"foyer/views"
	"foyer/views/ui"
)

// ListPage lists access reviews: of one company, with the form that starts
// another, or of all.
type ListPage struct {
	CompanyID, CompanyName string // empty: of all
	Stale                  *views.StaleNote
	Now                    time.Time
	Rows                   []ListRow
	Pager                  ui.PagerProps
	Form                   *Form  // nil where none can be started
	Closed                 string // why not
}

// ListRow is one access review in a list.
type ListRow struct {
	Href, Name  string
	CompanyName string
	Status      ui.StatusProps
	Progress    string // "60 of 87"
	Due         string
	Confirms    string
	StartedBy   string
	StartedAt   time.Time
	Ended       string // "finished" or "cancelled"
	EndedBy     string
	EndedAt     time.Time // zero while it goes on
	Reason      string    // why it was cancelled
}

// Form starts an access review.
type Form struct {
	Path, Due, Confirms, Token, Button string
	Errors                             ui.Errors
	Draft                              bool // it was sent after the session ended
}
