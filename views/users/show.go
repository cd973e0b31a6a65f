package users

import (
	"time"

	"foyer/views"
	"foyer/views/ui"
)

// ShowPage is one person.
type ShowPage struct {
	Name                   string
	CompanyID, CompanyName string
	Status                 views.StatusCell
	Facts                  []ui.KeyValueItem
	ReadAt                 time.Time
	Now                    time.Time
	Stale                  *views.StaleNote
	Actions                []ui.ButtonProps
	History                []views.EventRow
	HistoryHref            string

	At     AtForm
	Errors ui.Errors   // of At
	AsOf   *PastNote   // nil when no time was asked for
	Past   *PastStatus // with AsOf
}
