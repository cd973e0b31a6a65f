package views

import (
	"time"

	"foyer/views/ui"
)

// PrecheckRow is the verdict on one address or domain.
type PrecheckRow struct {
	Input     string
	Code      string // of the verdict
	Verdict   ui.StatusProps
	Why       string  // in a few words why there is no other verdict; empty where there is
	Where     ui.Link // where they are; without Href where Foyer has no page of it
	WhereNote string
	Act       string    // in a few words what to do next
	Links     []ui.Link // that lead to it, instead of Act
	Action    *PrecheckAction
	Words     string // what the verdict means
	Next      string // what to do
	Evidence  []PrecheckEvidence
}

// BackToPrecheck leads back to the list that a pre-check was about lately, whose verdicts
// are asked for again: what was done meanwhile has changed them.
type BackToPrecheck struct {
	Count   int // of its addresses and domains
	At, Now time.Time
}

func (b BackToPrecheck) label() string {
	return "Back to the pre-check of " + ui.Number(b.Count)
}

// PrecheckAction is what can be done about some verdicts: a link, or a form that carries
// what was asked about.
type PrecheckAction struct {
	Button ui.ButtonProps
	Path   string // where the form is sent; empty for a link
	Fields []ui.Parameter
}

// PrecheckEvidence is one question that was asked, and its answer.
type PrecheckEvidence struct {
	Source string // "Login service, of login.symphony.com"
	Asked  string
	Answer string // as it came
	Failed string // why there is no answer; empty when there is one
	At     time.Time
}
