package views

import (
	"time"

	"foyer/views/ui"
)

// FindPage is what a search came to; without a query it is the form.
type FindPage struct {
	Query      string
	Now        time.Time
	Companies  []CompanyRow
	People     []FoundPerson
	Unsearched string         // what could not be looked through
	Nothing    *ui.EmptyProps // instead of lists
	Offers     []ui.ButtonProps
}

// FoundPerson is one person that a search found.
type FoundPerson struct {
	Href, Name, Email    string
	Company, CompanyHref string
	SymphonyID           string
	Status               StatusCell
}
