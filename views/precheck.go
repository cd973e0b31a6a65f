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
