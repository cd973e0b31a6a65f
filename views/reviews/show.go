package reviews

import (
	"time"

	"foyer/views"
	"foyer/views/ui"
)

// ShowPage is one access review.
type ShowPage struct {
	ID                     int64
	Name                   string // "Access review 7"
	CompanyID, CompanyName string
	Crumbs                 []ui.Link
	Status                 ui.StatusProps
	Now                    time.Time
	Draft                  bool
	Errors                 ui.Errors // why choices were not saved

	Preparing *Preparing // instead of the people
	Cancelled *Cancelled
	Cancel    *ui.ButtonProps
	Finish    *ui.ButtonProps
	Exports   []ui.ButtonProps
	Progress  *Progress // of an open one
	Facts     []ui.KeyValueItem
	Totals    []ui.KeyValueItem // of a finished one
	Seal      string            // SHA-256 of its file
	Command   string            // prints the same of the file
	HandOver  string            // the address of the list of those to be disabled, for somebody else to do it
	LeftOut   string            // who is not in the list, and why

	Segments ui.SegmentedProps
	Caption  string
	Outcomes bool           // what became of those to be disabled is shown
	Fields   []ui.Parameter // of the form: which part of the list it shows
	Save     string         // its button
	Rows     []PersonRow
	Rest     string // the button that keeps the undecided of the page; empty when there are none
	Pager    ui.PagerProps
	Empty    *ui.EmptyProps
}

// Preparing is how far the reading of a review's people is.
type Preparing struct {
	Progress ui.ProgressProps
	Problem  string
	PollPath string // empty: don't ask again
}

// Cancelled is how a review was cancelled.
type Cancelled struct {
	By     string
	At     time.Time
	Reason string
	Unread bool // it was still being prepared: there are no people to show
}

// Progress is how many people have been decided about.
type Progress struct {
	Bar        ui.ProgressProps
	OutOfPlace bool // in a fragment that finds its own place
}

// Crumbs lead to the pages above a review.
func Crumbs(companyID, companyName string) []ui.Link {
	return []ui.Link{
		{Label: "Companies", Href: views.CompaniesPath},
		{Label: companyName, Href: views.CompanyPath(companyID)},
		{Label: "Access reviews", Href: views.CompanyReviewsPath(companyID)},
	}
}
