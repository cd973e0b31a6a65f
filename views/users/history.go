package users

import "foyer/views"

// HistoryPage is everything that was done to one person.
type HistoryPage struct {
	CompanyID, CompanyName string
	UserHref, Name         string
	Rows                   []views.EventRow
	OlderHref              string
}
