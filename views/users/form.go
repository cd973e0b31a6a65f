package users

import (
	"foyer/views"
	"foyer/views/ui"
)

// FormPage is the form that adds people to a company.
type FormPage struct {
	CompanyID, CompanyName string
	Domains                string
	NotReady               string // why the company can't take people yet: there is no form then
	Stale                  *views.StaleNote

	Rows  []PersonInput
	Full  bool   // there can be no more rows
	Max   string // how many people fit
	Paste string
	List  *ListRead // that rows were filled from; nil without one

	Errors  ui.Errors
	Details *ui.DetailsProps // what Symphony said, when it could not be asked
	Mend    *ui.ButtonProps  // takes what nobody sees out of all rows; nil where that mends nothing
	Note    string           // what was done to the form
	Draft   bool             // it was sent after the session ended
}

// domains are the company's domains in a sentence.

// PersonInput is one row of the form.
type PersonInput struct {
	Legend  string       // "Row 1"
	Line    ui.Parameter // of the list that it was filled from; zero for what was typed
	Fields  []ui.FieldProps
	Verdict *views.PrecheckRow // of the pre-check; nil when it was not asked for
}

// ListRead is a list as it was understood, column by column, to be chosen otherwise.
type ListRead struct {
	Fields  []ui.Parameter // which the form carries along
	Heading *ui.FieldProps // whether the first row names the columns; nil where that isn't asked
	Columns []ListColumn
	Button  ui.ButtonProps
}

// ListColumn is one column of a list.
type ListColumn struct {
	Name    string
	Example string // what stands in it first; empty when nothing does
	Secret  bool   // looks like a password, and was not kept
	Field   ui.FieldProps
}
