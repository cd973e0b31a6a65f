package reviews

import (
	"time"

	"foyer/views"
	"foyer/views/ui"
)

// PersonRow is one person of a review.
type PersonRow struct {
	Name, Email, Href string
	Title, Department string
	Created           string
	Status            ui.StatusProps
	StatusAt          time.Time
	StatusWhy         string
	Now               time.Time
	Decision          DecisionCell
	Outcome           *Outcome // of those to be disabled in a finished review
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

// Outcome is what became of a person who is to be disabled.
type Outcome struct {
	Status     views.StatusCell
	By         string // who disabled them
	At         time.Time
	ChangeHref string
	Action     views.UserAction // the way to do it
}
