package companies

import (
	"time"

	"foyer/views"
	"foyer/views/ui"
)

// ListPage is the list of companies.
type ListPage struct {
	Now    time.Time
	ReadAt time.Time // when Symphony was asked for the list; zero when it never could be
	Count  string    // "42 sponsored companies"
	Stale  *views.StaleNote

	CSVHref string // empty when there is nothing to export
	New     ui.ButtonProps
	Query   []ui.Parameter // the list's own, to come back to after reading again

	Search  ui.SearchProps
	Groups  ui.SegmentedProps
	Tags    []ui.Link // of all companies, with how many have each
	Chips   []ui.ChipProps
	Columns []ui.Column
	Rows    []views.CompanyRow
	Pager   ui.PagerProps
	Empty   *ui.EmptyProps // instead of rows
}
