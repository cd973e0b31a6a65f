package home

import (
	"time"

	"foyer/views"
	"foyer/views/figures"
	"foyer/views/ui"
)

// ShowPage is the first page: what needs somebody, what is under way, what was
// done, and whether the services that Foyer depends on answer.
type ShowPage struct {
	Now       time.Time
	Companies string // "42 companies"; empty when none could be read
	ReadAt    time.Time
	Stale     *views.StaleNote
	Actions   []ui.ButtonProps
	First     *ui.EmptyProps // instead of the companies, while there are none

	Failed    *ui.EmptyProps // why the companies could not be read at all
	Attention []Company
	Building  []Company
	// How many companies besides need attention, and are being built.
	AttentionMore, BuildingMore int
	Usual                       string // how long Symphony says that building takes
	Open                        []Change
	OpenMore                    int // how many besides are not settled

	Everyone     bool // the activity is everybody's, not only one's own
	Events       []views.EventRow
	EventsUnread bool   // they can't be shown, because one of them can't be read
	ActivityHref string // of all the activity; empty for whom it isn't open
	Health       []HealthRow
	Outside      []ui.Link // what others changed, a line each; it leads to the events for whom they are open
	// OutsideForbidden is why it leads nowhere for others.
	OutsideForbidden string

	People Figure
	Builds Figure
}

// Figure is numbers as a picture, or what is said in place of it.
type Figure struct {
	Bars  *figures.Bars // nil: there is nothing to draw
	Aside string
	Words string // in place of a picture
}

// Company is a company that needs somebody, or is being built.
type Company struct {
	Href  string
	Name  string
	State ui.StatusProps
	Text  string // what is wrong, or how far it is
	Next  string // what to do; empty when there is nothing to do
}

// Change is a change whose outcome is not known yet.
type Change struct {
	Href  string
	Title string
	By    string
	At    time.Time
	State ui.StatusProps
	Text  string
}

// HealthRow says whether a service answers.
type HealthRow struct {
	Name  string
	State ui.StatusProps
	Text  string    // what it means when it doesn't
	At    time.Time // when that was found; zero: it is so now
	Link  ui.Link   // to what it is about; without an address there is none
	// AskPath is where a button leads that has it asked at once; empty for none.
	AskPath string
}
