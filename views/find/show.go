package find

import (
	"time"

	"foyer/views"
	"foyer/views/ui"
)

// ShowPage is what a search came to; without a query it is the form.
type ShowPage struct {
	Title      string
	Query      string
	Now        time.Time
	NotSentYet bool     // Query was typed before the session ended
	Recent     []Option // what was opened lately; without a query

	Companies []views.CompanyRow
	Names     []ui.Marked // of the companies
	Notes     []ui.Marked // on the companies, in which the words stand
	People    []Person
	Count     string // how many were found
	More      *ui.ButtonProps
	Near      string // why what is listed is not what was typed
	Coverage  *views.Coverage

	Nothing *ui.EmptyProps // instead of lists
	Offers  []views.PrecheckAction
	Who     *Who // of several addresses
}

// Person is one person that a search found.
type Person struct {
	Href                 string
	Name, Email          ui.Marked
	Company, CompanyHref string
	Department           ui.Marked
	FoundBy              ui.Marked // what else of them has the words; empty where what is shown has them
	Status               views.StatusCell
	ReadAt               time.Time
}

// Who is who has each of several addresses.
type Who struct {
	Rows     []WhoRow
	Summary  string // "12 addresses: 9 known, 3 not"
	Note     string // of addresses that were left out
	TSV, CSV string // the rows, to paste into a spreadsheet
	// Precheck are the addresses of nobody who is known, a line for each; empty: none.
	Precheck, PrecheckLabel string
}

// WhoRow is one of several addresses.
type WhoRow struct {
	Email                string
	Href, Name           string // of the person; empty when nobody is known
	Company, CompanyHref string
	Status               *views.StatusCell
	Next                 string
	NextLink             *ui.Link
	Add                  *views.PrecheckAction
}
