package views

import (
	"time"

	"foyer/views/ui"
)

// PrecheckRow is the verdict on one address or domain.
type PrecheckRow struct {
	Input    string
	Verdict  ui.StatusProps
	Words    string // what the verdict means
	Next     string // what to do
	Links    []ui.Link
	Evidence []PrecheckEvidence
}

// PrecheckEvidence is one question that was asked, and its answer.
type PrecheckEvidence struct {
	Source string // "Login service, of login.symphony.com"
	Asked  string
	Answer string // as it came
	Failed string // why there is no answer; empty when there is one
	At     time.Time
}

// PrecheckPage is the form that asks who is on Symphony already, and what was
// found.
type PrecheckPage struct {
	Input      string // as it was typed
	Errors     ui.Errors
	NotSentYet bool
	Rows       []PrecheckRow
	Counts     string // "3 yours · 1 not found"
	AskedAt    time.Time
	Hint       string
}

func precheckButton(p PrecheckPage) string {
	if len(p.Rows) > 0 {
		return "Ask again"
	}
	return "Ask"
}
