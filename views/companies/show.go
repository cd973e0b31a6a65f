package companies

import (
	"strings"
	"time"

	"foyer/views"
	"foyer/views/figures"
	"foyer/views/ui"
)

// ShowPage is one company.
type ShowPage struct {
	Now    time.Time
	ID     string
	Name   string
	Status ui.StatusProps
	ReadAt time.Time
	Stale  *views.StaleNote

	Actions []ui.ButtonProps

	ToDisable *views.LeftToDisable // nil when nothing is left, or not for this role

	// One of these stands at the top while the company isn't ready.
	Progress *Progress
	Failure  *Failure
	Unknown  string // a state that Foyer doesn't know, as Symphony wrote it

	People     People
	PublicURL  string // as Symphony gives it
	PublicHref string // the same where it is safe to link to; else empty
	VanityName string
	Domains    []string
	CreatedAt  time.Time
	Embed      string // the markup to copy; empty when there is none to give
	EmbedNote  string

	Notes Notes

	History     []views.EventRow
	HistoryHref string

	Statuses *Statuses     // nil: it can have no people yet
	Build    *figures.Bars // nil: it isn't known
}

// Statuses is how many people were active and disabled over time.
type Statuses struct {
	Days  *figures.Days // nil: there is nothing to draw
	Aside string
	Words string // in place of a picture
}

// hasEmbed says whether there is something to say about Embedded Mode.
func (p ShowPage) hasEmbed() bool { return p.Embed != "" || p.EmbedNote != "" }

// People is how many people a company has.
type People struct {
	Count string    // "12,004"; empty when it isn't known
	Words string    // instead of a count, or what to know about it
	At    time.Time // when they were counted, or received
	Said  string    // "99,999,999": how many Symphony says there are, where others were received
	Href  string    // of the page of people; empty when there can be none yet
}

// Progress is how far a company has come that is being built. The page
// asks for it again until there is nothing more to wait for.
type Progress struct {
	PollPath  string // empty: don't ask again
	PollEvery string // such as "6s"
	Steps     []ui.Step
	Spoken    string // the same in a sentence, for people who hear the page
	Changed   bool   // the state is not the one that the page showed: say it
	CheckedAt time.Time
	Problem   string // why Symphony could not be asked just now
	Overdue   *Overdue
}

// Overdue is what to say of a company that takes too long.
type Overdue struct {
	Words   string
	Message string // to Symphony, ready to be sent
}

// Failure is what to say of a company that Symphony could not build.
type Failure struct {
	Title        string
	Steps        []ui.Step
	ErrorMessage string // Symphony's words
	TraceID      string
	Message      string // to Symphony, ready to be sent
}

// shortURL is an address as people read it, without its scheme.
func shortURL(address string) string {
	return strings.TrimSuffix(strings.TrimPrefix(address, "https://"), "/")
}

func machine(at time.Time) string { return at.UTC().Format(time.RFC3339) }
