package reviews

import "foyer/views/ui"

// FinishPage asks whether a review is to be finished.
type FinishPage struct {
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
	Draft                  bool // it was sent when one had to sign in again first
	Errors                 ui.Errors
}

// CancelPage asks whether a review is to be cancelled.
type CancelPage struct {
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
func (p CancelPage) Title() string { return "Cancel this access review?" }
