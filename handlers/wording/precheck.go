package wording

import (
	"cmp"

	"foyer/address"
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
			Input: address.Shown(r.Input), Verdict: VerdictStatus(r), Links: precheckLinks(r), Evidence: PrecheckEvidence(r.Asked),
		}
		mapped[i].Words, mapped[i].Next = VerdictWords(r)
	}
	return mapped
}

// VerdictStatus maps a verdict to its badge. 'Not found' proves nothing, so it
// looks like nothing.
func VerdictStatus(r precheck.Row) ui.StatusProps {
	switch r.Verdict {
	case precheck.Yours:
		return ui.StatusProps{Kind: ui.StatusReady, Word: "Yours"}
	case precheck.BelowYours:
		return ui.StatusProps{Kind: ui.StatusPartial, Word: "Below a domain of yours"}
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

// VerdictWords say what a verdict means, and what to do next.
func VerdictWords(r precheck.Row) (words, next string) {
	switch r.Verdict {
	case precheck.Yours:
		return yoursWords(r)
	case precheck.BelowYours:
		return aboveWords(r)
	case precheck.OnPod:
		return onPodWords(r)
	case precheck.NotOnRecord:
		return "Symphony’s public service found nothing. That proves nothing: some tenants are not listed.",
			"You can go on. If the domain is taken all the same, Symphony refuses it and nothing is created."
	case precheck.NotAnInput:
		return "This is neither an e-mail address nor a domain.", "Correct it and ask again."
	case precheck.CouldNotAsk:
	}
	return "Symphony could not be asked.", "Try again in a moment. You can go on without: Symphony refuses what is taken."
}

func yoursWords(r precheck.Row) (words, next string) {
	switch {
	case r.User != nil:
		return "This person is in one of the companies that you sponsor.", "Open the person."
	case r.OfDomain():
		words = r.Company.Name + ", which you sponsor, has this domain."
	default:
		words = r.Company.Name + ", which you sponsor, has this domain. Foyer has not seen this person in it."
	}
	return words, "Add people to that company."
}

// aboveWords say what is known of a domain below one of a company of ours: Symphony's
// services answer for both alike, so that what they say is about that company.
func aboveWords(r precheck.Row) (words, next string) {
	words = "No company that you sponsor has the domain " + address.Shown(r.Domain) + ". " + r.Above.Name + ", which you sponsor, has the one above it."
	if r.Pod != "" {
		words += " Symphony answers for the domain above, whose people are on " + r.Pod + ", and not for this one."
	}
	return words, "If these people belong to " + r.Above.Name + ", add the domain to it, then the people."
}

func onPodWords(r precheck.Row) (words, next string) {
	switch {
	case r.Sponsored():
		pod := cmp.Or(r.Pod, "whose address Symphony doesn’t tell")
		return "This domain’s people are on a tenant that a partner sponsors, " + pod + ". It is not in your list.",
			"Ask Symphony which partner it is; don’t create a second account."
	case r.Match != nil && r.Match.UserFound:
		words = "This person is on Symphony already, on " + r.Pod + "."
	case r.OfDomain():
		return "This domain’s people are on " + r.Pod + ".", "Ask that company’s Symphony administrator to connect you; don’t create the company a second time."
	default:
		words = "This domain’s people are on " + r.Pod + ". Whether this very person has an account there, Symphony doesn’t say."
	}
	return words, "Ask that company’s Symphony administrator to connect you; don’t create a second account."
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
	if r.Verdict == precheck.BelowYours {
		links = append(links, ui.Link{Label: "Open " + r.Above.Name, Href: views.CompanyPath(r.Above.ID)})
	}
	return links
}

// PrecheckEvidence maps who was asked for a verdict, and what they answered.
func PrecheckEvidence(asked []precheck.Evidence) []views.PrecheckEvidence {
	var evidence []views.PrecheckEvidence
	for _, a := range asked {
		e := views.PrecheckEvidence{Source: sourceWords(a.Source), Asked: a.Asked, Answer: answerWords(a), At: a.At}
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

// sourceWords say who was asked.
func sourceWords(s precheck.Source) string {
	switch s {
	case precheck.OwnCompanies:
		return "Foyer’s list of companies"
	case precheck.OwnPeople:
		return "Foyer’s record of people"
	case precheck.LoginService:
		return "Login service"
	case precheck.DirectorySearch:
		return "Directory search"
	}
	return string(s)
}

// answerWords say what was found in what is Foyer's own. What Symphony answered stands
// as it came.
func answerWords(e precheck.Evidence) string {
	switch e.Source {
	case precheck.OwnCompanies:
		if e.Answer == "" {
			return "no company has this domain"
		}
		return "domain of " + e.Answer
	case precheck.OwnPeople:
		return "seen in one of your companies"
	case precheck.LoginService, precheck.DirectorySearch:
	}
	return e.Answer
}
