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
	Rows       []views.PrecheckRow
	Counts     string // "3 yours · 1 not found"
	Unseen     string // the columns of a list that were not looked at
	AskedAt    time.Time
	Hint       string
}

func button(p ShowPage) string {
	if len(p.Rows) > 0 {
		return "Ask again"
	}
	return "Ask"
}
