package find

import (
	"time"

	"foyer/views"
	"foyer/views/ui"
)

// ShowPage is what a search came to; without a query it is the form.
type ShowPage struct {
	Query      string
	Now        time.Time
	Companies  []views.CompanyRow
	People     []Person
	Unsearched string         // what could not be looked through
	Nothing    *ui.EmptyProps // instead of lists
	Offers     []ui.ButtonProps
}

// Person is one person that a search found.
type Person struct {
	Href, Name, Email    string
	Company, CompanyHref string
	SymphonyID           string
	Status               views.StatusCell
}
