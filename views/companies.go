package views

import (
	"strings"
	"time"

	"foyer/views/ui"
)

// CompanyListPage is the list of companies.
type CompanyListPage struct {
	Now    time.Time
	ReadAt time.Time // when Symphony was asked for the list; zero when it never could be
	Count  string    // "42 sponsored companies"
	Stale  *StaleNote

	CSVHref string // empty when there is nothing to export
	New     ui.ButtonProps
	Query   []ui.Parameter // the list's own, to come back to after reading again

	Search  ui.SearchProps
	Groups  ui.SegmentedProps
	Chips   []ui.ChipProps
	Columns []ui.Column
	Rows    []CompanyRow
	Pager   ui.PagerProps
	Empty   *ui.EmptyProps // instead of rows
}

// CompanyPage is one company.
type CompanyPage struct {
	Now    time.Time
	ID     string
	Name   string
	Status ui.StatusProps
	ReadAt time.Time
	Stale  *StaleNote

	Actions []ui.ButtonProps

	ToDisable *LeftToDisable // nil when nothing is left, or not for this role

	// One of these stands at the top while the company isn't ready.
	Progress *CompanyProgress
	Failure  *CompanyFailure
	Unknown  string // a state that Foyer doesn't know, as Symphony wrote it

	People     CompanyPeople
	PublicURL  string // as Symphony gives it
	PublicHref string // the same where it is safe to link to; else empty
	VanityName string
	Domains    []string
	CreatedAt  time.Time
	Embed      string // the markup to copy; empty when there is none to give
	EmbedNote  string

	History     []EventRow
	HistoryHref string
}

// hasEmbed says whether there is something to say about Embedded Mode.
func (p CompanyPage) hasEmbed() bool { return p.Embed != "" || p.EmbedNote != "" }

// CompanyPeople is how many people a company has.
type CompanyPeople struct {
	Count string    // "12,004"; empty when it isn't known
	Words string    // instead of a count, or what to know about it
	At    time.Time // when they were counted
	Href  string    // of the page of people; empty when there can be none yet
}

// CompanyProgress is how far a company has come that is being built. The page
// asks for it again until there is nothing more to wait for.
type CompanyProgress struct {
	PollPath  string // empty: don't ask again
	PollEvery string // such as "6s"
	Steps     []ui.Step
	Spoken    string // the same in a sentence, for people who hear the page
	Changed   bool   // the state is not the one that the page showed: say it
	CheckedAt time.Time
	Problem   string // why Symphony could not be asked just now
	Overdue   *CompanyOverdue
}

// CompanyOverdue is what to say of a company that takes too long.
type CompanyOverdue struct {
	Words   string
	Message string // to Symphony, ready to be sent
}

// CompanyFailure is what to say of a company that Symphony could not build.
type CompanyFailure struct {
	Title        string
	Steps        []ui.Step
	ErrorMessage string // Symphony's words
	TraceID      string
	Message      string // to Symphony, ready to be sent
}

// CompanyHistoryPage is what was done to one company and its people.
type CompanyHistoryPage struct {
	ID, Name   string
	Rows       []EventRow
	NewestHref string // empty on the first page
	OlderHref  string // empty on the last
}

// shortURL is an address as people read it, without its scheme.
func shortURL(address string) string {
	return strings.TrimSuffix(strings.TrimPrefix(address, "https://"), "/")
}

func machine(at time.Time) string { return at.UTC().Format(time.RFC3339) }
