package companies

import "foyer/views"

// HistoryPage is what was done to one company and its people.
type HistoryPage struct {
	ID, Name   string
	Rows       []views.EventRow
	NewestHref string // empty on the first page
	OlderHref  string // empty on the last
}
