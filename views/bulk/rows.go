package bulk

import "foyer/views/ui"

// RowsCard is a table of rows of a bulk change.
type RowsCard struct {
	ID            int64
	Title         string
	Rows          []Row
	Stale         bool // it has what was planned before
	OneState      bool // the title says the state of all of them
	Look          bool // it is within the part that is asked for again
	First, Next   string
	Close         string // the page without it
	Version, Show string
	Together      []ui.ButtonProps // what can be said about several at once
	Every         bool             // there are more than those on the page
	EveryWords    string
	Departments   string
}

// picked says whether rows can be ticked.
func (c RowsCard) picked() bool { return len(c.Together) > 0 }

// acts says whether something can be said about a row.
func (c RowsCard) acts() bool {
	for _, r := range c.Rows {
		if len(r.Acts) > 0 || r.Edit != "" {
			return true
		}
	}
	return false
}

// about is what the column is called that tells of rows why they are as they are, where
// any does.
func (c RowsCard) about() string {
	for _, r := range c.Rows {
		if r.Why != "" || len(r.Faults) > 0 {
			return "Why"
		}
	}
	return "Details"
}

// Row is one row.
type Row struct {
	Pick                          string // names it in forms
	Line, Name, Email, Department string
	Href                          string // of the person
	Status                        ui.StatusProps
	Was                           string // what was planned before
	Why, Precheck                 string
	Faults                        []Fault
	Details                       *ui.DetailsProps
	Edit                          string
	Acts                          []Act
}

// Fault is what is wrong with one cell.
type Fault struct {
	Field, Value, Words string
	Add                 *ui.Link
}

// Act is what can be said about one row.
type Act struct{ Label, Value string }

// RowPage is the form for the cells of one row.
type RowPage struct {
	ID         int64
	Title, Of  string
	Path, Seen string
	Fields     []ui.FieldProps
	Errors     ui.Errors
	Draft      bool
}
