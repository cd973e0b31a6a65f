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
	Unsettled              *UnsettledChange // of the status; nil when there is none
	History                []views.EventRow
	HistoryHref            string

	At     AtForm
	Errors ui.Errors   // of At
	AsOf   *PastNote   // nil when no time was asked for
	Past   *PastStatus // with AsOf
}

// UnsettledChange is a change of a person's status that has not ended: what is shown of
// the status may not last.
type UnsettledChange struct {
	Title string // "Disable Adele Vance"
	Words string // where it stands
	Href  string
}
