package people

import (
	"slices"
	"time"

	"foyer/views"
	"foyer/views/ui"
)

// ColumnKey names a column, as addresses do.
type ColumnKey string

// The columns.
const (
	Person     ColumnKey = "name"
	Email      ColumnKey = "email"
	Company    ColumnKey = "company"
	Department ColumnKey = "department"
	Title      ColumnKey = "title"
	Location   ColumnKey = "location"
	Phone      ColumnKey = "phone"
	SymphonyID ColumnKey = "symphony-id"
	Tags       ColumnKey = "tags"
	Reference  ColumnKey = "reference"
	Note       ColumnKey = "note"
	Created    ColumnKey = "created"
	Status     ColumnKey = "status"
	Seen       ColumnKey = "seen"
	Action     ColumnKey = "change"
)

// usualColumns is how many columns there is room for on a usual screen.
const usualColumns = 7

// ListPage is a page of a table of people.
type ListPage struct {
	Title                  string
	CompanyID, CompanyName string // of one company's people
	State                  *ui.StatusProps
	ToDisable              *views.LeftToDisable
	Stale                  *views.StaleNote

	Fresh     Fresh
	Reading   *Reading        // nil while nothing is on its way
	Add       *ui.ButtonProps // nil where there is no company to add people to
	Many      *ui.ButtonProps // leads to a list of people; nil for nobody who may
	Downloads []ui.Link

	Counts []Count
	// CountsPath is where the counts are had again after statuses were read; empty where
	// none are.
	CountsPath string
	Search     ui.SearchProps
	Chips      []ui.ChipProps
	Clear      string // the table without its filters; empty when there are none
	Filters    FilterForm
	Matched    string // "37 of 24,516 people"
	Exact      string // counts them to the end; empty when that is done
	Cut        string // why not everybody is here who matches
	Saved      []SavedFilter
	Save       SaveForm

	Errors ui.Errors // filters that can't be: nobody is listed then

	Columns []Column
	Choices []Choice       // of columns
	Keep    []ui.Parameter // the table's parameters but for its columns
	Rows    []Row
	Empty   *ui.EmptyProps // instead of the rows
	Select  Selection
	Pager   Pager
	// Noted are the rows of people found by nothing but the note on them, and NotedWords
	// what stands above them.
	Noted      []Row
	NotedWords string

	// ReadStatuses is where the script reads the statuses that are not known, or not
	// fresh, and Unread whose they are, for a form.
	ReadStatuses []string
	Unread       []string
	Query        string // the table's query string, to come back to

	At  bool // whether the same can be asked as of a time
	Now time.Time
}

// wide says whether there is no room for all columns on a usual screen.
func (p ListPage) wide() bool {
	return len(p.Columns) > usualColumns || slices.ContainsFunc(p.Columns, func(c Column) bool { return c.Key == Tags || c.Key == Note })
}

// Fresh says how old what a table shows is.
type Fresh struct {
	Words  []string // "Everybody in 42 companies", "read within the last 20 min"
	Failed []Unread
	More   string // how many others there are
	Read   *Again // reads the one company of the table again
}

// Unread is a company whose people could not be read again.
type Unread struct {
	Name, Words string // "could not be read, shown as of 08:12:31 UTC"
	Again       Again
}

// Again is a form that has a company's people read again.
type Again struct {
	Action string
	Keep   []ui.Parameter
	Of     string // the company's name, for people who hear the page
}

// Reading is how far people are being read who are to be shown.
type Reading struct {
	Title    string
	Progress ui.ProgressProps
	Poll     string // asks for this part again; empty when there is nothing more to come
	Show     *ui.Link
}

// Count is one status, and how many people have it: a filter.
type Count struct {
	Label, Count, Href string
	Current            bool
}

// FilterForm adds filters.
type FilterForm struct {
	Action  string
	Keep    []ui.Parameter // what isn't in the form
	Company bool           // whether people can be of several
	Fields  []FilterField
	From    string
	To      string
	Older   string
	Ages    []ui.Option
	Errors  ui.Errors
}

// wrong says whether something in the form has to be mended; the search has a form of its
// own.
func (f FilterForm) wrong() bool {
	return slices.ContainsFunc(f.Errors, func(e ui.FieldError) bool { return e.Field != "q" })
}

// dateKind is the control of a day. What it can't show stays the text that it is.
func dateKind(value string) ui.FieldKind {
	if _, err := time.Parse(time.DateOnly, value); err != nil && value != "" {
		return ui.FieldText
	}
	return ui.FieldDate
}

// FilterField is a field with the values that the directory has for it.
type FilterField struct {
	Name, Label, Value, Hint string
	ValuesHref               string
}

// attributes have the field suggest values while somebody types.
func (f FilterField) attributes() map[string]any {
	return map[string]any{
		"list": "values-" + f.Name, "hx-get": f.ValuesHref, "hx-trigger": "focus once, input changed delay:200ms", "hx-target": "#values-" + f.Name, "hx-sync": "this:replace",
	}
}

// StatusesRead is the event that tells a page that statuses were read.
const StatusesRead = "statuses-read"

// SaveForm saves the filters under a name.
type SaveForm struct {
	Query   string // empty: there is nothing to save
	Name    string
	Shared  bool
	Problem string
}

// SavedFilter is a filter that was saved under a name.
type SavedFilter struct {
	Name, Href string
	Whose      string // "yours, for everybody"
	Delete     string // where it is deleted; empty when that is not for whoever looks
	Current    bool
}

// Column is the head of a column.
type Column struct {
	Key ColumnKey
	ui.Column
}

// Choice is one thing to tick.
type Choice struct {
	Value, Label string
	Checked      bool
}

// Row is one person in a table.
type Row struct {
	ID, CompanyID     string
	Name              ui.Marked
	Email, Department ui.Marked
	Title             ui.Marked
	Phone             ui.Marked
	FoundBy           ui.Marked // what else of them has the words of the search; empty where what is shown has them
	Company, Location string
	SymphonyID        string
	Tags, Reference   string // of the company
	Noted             string // the note on them
	Created           string
	Status            ui.StatusKind
	StatusAt          time.Time // zero: it was never told
	Note              string    // why the status is not known, or since when they are not listed
	Action, WhyNot    string    // what can be done to them, or why nothing can
}

// Selection is what can be done with people who were ticked.
type Selection struct {
	Page  string // "All 100 on this page"
	All   string // "all 912 that match"; empty when the page has all of them
	Query []ui.Parameter

	// Of disabling or enabling them:
	Token, Of string // Of is whose people the table has; empty for everybody
	WhyNot    string // why they can't be; empty when they can
}

// Pager leads to the pages around this one. Empty addresses are ways that can't be gone.
type Pager struct {
	Words                 string // "100 people on this page"
	First, Previous, Next string
	Sizes                 []ui.PageSize
}
