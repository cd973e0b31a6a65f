package wording

import (
	"foyer/portal"
	"foyer/portal/precheck"
	"foyer/views"
	"foyer/views/ui"
)

// PrecheckRows maps verdicts to the rows of their table.
func PrecheckRows(rows []precheck.Row) []views.PrecheckRow {
	mapped := make([]views.PrecheckRow, len(rows))
	for i, r := range rows {
		mapped[i] = views.PrecheckRow{
			Input: r.Input, Verdict: VerdictStatus(r), Words: r.Words, Next: r.Next,
			Links: precheckLinks(r), Evidence: PrecheckEvidence(r.Asked),
		}
	}
	return mapped
}

// VerdictStatus maps a verdict to its badge. 'Not found' proves nothing, so it
// looks like nothing.
func VerdictStatus(r precheck.Row) ui.StatusProps {
	switch r.Verdict {
	case precheck.Yours:
		return ui.StatusProps{Kind: ui.StatusReady, Word: "Yours"}
	case precheck.OnPod:
		if r.Pod != "" {
			return ui.StatusProps{Kind: ui.StatusPartial, Word: "On " + r.Pod}
		}
		return ui.StatusProps{Kind: ui.StatusPartial, Word: "On Symphony"}
	case precheck.NotOnRecord:
		return ui.StatusProps{Kind: ui.StatusDisabled, Word: "Not found"}
	case precheck.NotAnInput:
		return ui.StatusProps{Kind: ui.StatusFailed, Word: "Not understood"}
	case precheck.CouldNotAsk:
	}
	return ui.StatusProps{Kind: ui.StatusUnknown, Word: "Could not ask"}
}

// precheckLinks lead to the person and the company that have it, where they are
// the partner's own.
func precheckLinks(r precheck.Row) []ui.Link {
	var links []ui.Link
	if r.User != nil {
		links = append(links, ui.Link{Label: "Open " + portal.UserName(r.User.User), Href: views.UserPath(r.User.CompanyID, r.User.ID)})
	}
	if r.Company != nil {
		links = append(links, ui.Link{Label: "Open " + r.Company.Name, Href: views.CompanyPath(r.Company.ID)})
	}
	return links
}

// PrecheckEvidence maps who was asked for a verdict, and what they answered.
func PrecheckEvidence(asked []precheck.Evidence) []views.PrecheckEvidence {
	var evidence []views.PrecheckEvidence
	for _, a := range asked {
		e := views.PrecheckEvidence{Source: a.Source, Asked: a.Asked, Answer: a.Answer, At: a.At}
		if a.Host != "" {
			e.Source += " (" + a.Host + ")"
		}
		if a.Err != nil {
			e.Failed = Classify(a.Err).Title
		}
		evidence = append(evidence, e)
	}
	return evidence
}
