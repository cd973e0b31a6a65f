package bulk

import (
	"time"

	"foyer/views/ui"
)

// ShowPage is one bulk change: what its state needs.
type ShowPage struct {
	ID     int64
	Title  string
	Now    time.Time
	Status ui.StatusProps
	Answer string // how it ended
	Facts  []Fact
	Steps  []Step

	Notes     []Note
	Controls  []Control
	Downloads []ui.ButtonProps
	Activity  *ui.Link

	Progress *Progress // while something is done, and how it ended
	Letters  *Letters
	Plan     []PlanLine
	Precheck *PrecheckCard
	Start    *StartForm
	Rows     *RowsCard
	Columns  *ColumnCard
	Mended   *MendedList

	Errors ui.Errors
	Draft  bool
}

// Fact is one of the facts under the title.
type Fact struct {
	Words, Href string
	At          time.Time
}

// Step is one step of the way of a bulk change.
type Step struct {
	Name      string
	Now, Done bool
}

func (s Step) class() string {
	switch {
	case s.Now:
		return "badge walk-now"
	case s.Done:
		return "badge walk-done"
	}
	return "badge"
}

// Note is something to be read, with what can be done about it.
type Note struct {
	Kind        ui.AlertKind
	Title, Text string
	Details     *ui.DetailsProps
	Links       []ui.Link
	Control     *Control
}

// Control is a form of one button.
type Control struct {
	ID, Path string
	Fields   []ui.Parameter
	Token    string // empty: it needs none
	Button   ui.ButtonProps
	Inline   bool // in a line of text
}

// Letters asks whether a text was read with the right letters.
type Letters struct {
	Encoding string
	Samples  []Sample
	Yes      Control
}

// Sample is the cells of a line that show it.
type Sample struct{ Line, Text string }

// PlanLine is a line of what will happen.
type PlanLine struct {
	Status      ui.StatusProps // its shape
	Words, Href string
	Rows, How   string
	Control     *Control
}

// ColumnCard is what each column of a list was taken for.
type ColumnCard struct {
	Path, Seen string
	Lines      []ColumnLine
	Words      []string // what of the list was not read, and why
	Button     *ui.ButtonProps
	Open       bool
}

// ColumnLine is one column: a field to choose what it is, or why there is nothing to
// choose.
type ColumnLine struct {
	Name  string
	Field ui.FieldProps
	Fixed string
}

// MendedList is the form for another list in place of the one before.
type MendedList struct {
	Path, Seen  string
	List        ListForm
	Open        bool
	ChooseAgain bool
}

// Progress is how far a bulk change is.
type Progress struct {
	Poll, Seen  string // where it is asked for again; empty: it isn't
	Every       string // how often, for htmx
	Title, Text string
	Bar         *ui.ProgressProps
	Note        *Note
	Counts      []Count
	Look        *RowsCard
}

// Count is how many rows are in a state.
type Count struct{ Label, N, Href string }

// PrecheckCard is what the pre-check said of those who are to be created.
type PrecheckCard struct {
	Here          string // the page that it is on, without a place on it: else it would not be loaded again
	Poll, Seen    string // where it is asked for again; empty: it isn't
	Bar           *ui.ProgressProps
	Counts        []Count
	Ask, LeaveOut *Control
}
