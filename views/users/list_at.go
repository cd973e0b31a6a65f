package users

import "foyer/views/ui"

// ListAtPage is one page of a company's people as of a time.
type ListAtPage struct {
	CompanyID, CompanyName string
	State                  ui.StatusProps
	Total                  string
	ListedAt               string // when the list of people was read

	Form   AtForm
	Errors ui.Errors
	AsOf   *PastNote // nil when the time can't be
	Note   string    // what else has to be said

	Downloads []ui.ButtonProps // the people as files; none while there are none

	Segments ui.SegmentedProps
	Filtered string
	Rows     []ListAtRow
	Pager    ui.PagerProps
	Empty    *ui.EmptyProps // instead of the table
	// ReadForm reads the statuses as they are now, so that what is known up to
	// now says more; nil when that can't help.
	ReadForm []ui.Parameter
}

// ListAtRow is one person as of a time.
type ListAtRow struct {
	Name, Email, Href string
	Past              PastStatus
	Created           string
}
