package precheck

import (
	"time"

	"foyer/views"
	"foyer/views/ui"
)

// ShowPage is the form that asks who is on Symphony already, and what was
// found.
type ShowPage struct {
	Input      string // as it was typed
	Errors     ui.Errors
	NotSentYet bool
	Back       *views.BackToPrecheck // to the list asked about last; nil where there was none, or it is shown
	Groups     []Group
	Filters    []Filter // none where all have the same verdict
	Title      string   // "12 verdicts"
	Unseen     string   // the columns of a list that were not looked at
	AskedAt    time.Time
	Hint       string
}

func button(p ShowPage) string {
	if len(p.Groups) > 0 {
		return "Ask again"
	}
	return "Ask"
}

// Group is the verdicts that one thing can be done about.
type Group struct {
	Code    string // of their verdict
	Status  ui.StatusProps
	Count   string
	Words   string
	Actions []views.PrecheckAction
	Rows    []views.PrecheckRow
}

// Filter shows one verdict alone.
type Filter struct {
	Code, Label, Count string
}
