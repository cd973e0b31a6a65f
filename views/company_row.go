package views

import (
	"time"

	"foyer/views/ui"
)

// CompanyRow is one company of the list.
type CompanyRow struct {
	Href        string
	Name        string
	Alias       string
	Tags        []ui.Link
	Address     string // the public URL without its scheme
	Domain      string // the first
	MoreDomains string // "+2"; empty when there is one
	AllDomains  string
	People      string // as Symphony says; empty when they were never counted
	Uncounted   string // why not
	PeopleRead  string // "105": how many were read, where that is another number
	State       ui.StatusProps
	ChangedAt   time.Time
}
