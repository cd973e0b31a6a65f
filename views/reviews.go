package views

import (
	"time"

	"foyer/views/ui"
)

// ReviewCrumbs lead to the pages above a review.
func ReviewCrumbs(companyID, companyName string) []ui.Link {
	return []ui.Link{
		{Label: "Companies", Href: CompaniesPath},
		{Label: companyName, Href: CompanyPath(companyID)},
		{Label: "Access reviews", Href: CompanyReviewsPath(companyID)},
	}
}

// ReviewsPage lists access reviews: of one company, with the form that starts
// another, or of all.
type ReviewsPage struct {
	CompanyID, CompanyName string // empty: of all
	Now                    time.Time
	Rows                   []ReviewListRow
	Pager                  ui.PagerProps
	Form                   *ReviewForm // nil where none can be started
	Closed                 string      // why not
}

// ReviewListRow is one access review in a list.
type ReviewListRow struct {
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

// ReviewForm starts an access review.
type ReviewForm struct {
	Path, Due, Confirms, Token, Button string
	Errors                             ui.Errors
	Draft                              bool // it was sent after the session ended
}

// ReviewPage is one access review.
type ReviewPage struct {
	ID                     int64
	Name                   string // "Access review 7"
	CompanyID, CompanyName string
	Crumbs                 []ui.Link
	Status                 ui.StatusProps
	Now                    time.Time
	Draft                  bool

	Preparing *ReviewPreparing // instead of the people
	Cancelled *ReviewCancelled
	Cancel    *ui.ButtonProps
	Finish    *ui.ButtonProps
	Exports   []ui.ButtonProps
	Progress  *ReviewProgress // of an open one
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
	Rows     []ReviewPersonRow
	Rest     string // the button that keeps the undecided of the page; empty when there are none
	Pager    ui.PagerProps
	Empty    *ui.EmptyProps
}

// ReviewPreparing is how far the reading of a review's people is.
type ReviewPreparing struct {
	Progress ui.ProgressProps
	Problem  string
	PollPath string // empty: don't ask again
}

// ReviewCancelled is how a review was cancelled.
type ReviewCancelled struct {
	By     string
	At     time.Time
	Reason string
	Unread bool // it was still being prepared: there are no people to show
}

// ReviewProgress is how many people have been decided about.
type ReviewProgress struct {
	Bar        ui.ProgressProps
	OutOfPlace bool // in a fragment that finds its own place
}

// ReviewPersonRow is one person of a review.
type ReviewPersonRow struct {
	Name, Email, Href string
	Title, Department string
	Created           string
	Status            ui.StatusProps
	StatusAt          time.Time
	StatusWhy         string
	Now               time.Time
	Decision          DecisionCell
	Outcome           *ReviewOutcome // of those to be disabled in a finished review
}

// DecisionCell is what is decided about one person.
type DecisionCell struct {
	UserID   string
	Path     string // where the script sends it; empty in a review that is over
	Name     string // whose it is, for people who hear the page
	Chosen   string // the radio button that is set
	Seen     string // what is stored: keep, disable, ask or nothing
	Word     string // the same for people
	By       string
	At, Now  time.Time
	Note     string // what is not as it was asked for
	Absolute bool   // times in UTC: in a review that is over
	Earlier  string // what was decided before
}

// Choices are the decisions that can be taken.
func (d DecisionCell) Choices() []ui.Option {
	return []ui.Option{{Value: "keep", Label: "Keep"}, {Value: "disable", Label: "Disable"}, {Value: "ask", Label: "Ask"}}
}

// ReviewOutcome is what became of a person who is to be disabled.
type ReviewOutcome struct {
	Status     StatusCell
	By         string // who disabled them
	At         time.Time
	ChangeHref string
	Action     UserAction // the way to do it
}

// FinishReviewPage asks whether a review is to be finished.
type FinishReviewPage struct {
	ID                     int64
	Name                   string
	CompanyID, CompanyName string
	Facts                  []ui.KeyValueItem
	Undecided              string // "24 people are not decided about"; empty when there are none
	UndecidedHref          string
	AskRest                bool
	Version                string
	Button                 string
	Changed                bool // something was decided since the page was opened
	Errors                 ui.Errors
}

// CancelReviewPage asks whether a review is to be cancelled.
type CancelReviewPage struct {
	ID                     int64
	Name                   string
	CompanyID, CompanyName string
	Facts                  []ui.KeyValueItem
	Reason                 string
	Button                 string
	Draft                  bool // it was sent after the session ended
	Errors                 ui.Errors
}

// Title is the page's question.
func (p CancelReviewPage) Title() string { return "Cancel this access review?" }
