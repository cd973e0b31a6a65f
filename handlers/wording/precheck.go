package wording

import (
	"fmt"
	"strings"

	"foyer/address"
	"foyer/auth"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/portal/precheck"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// PrecheckRows maps verdicts to the rows of their table. What the actor may do leads there.
func PrecheckRows(rows []precheck.Row, a auth.Actor) []views.PrecheckRow {
	mapped := make([]views.PrecheckRow, len(rows))
	for i, r := range rows {
		mapped[i] = PrecheckRow(r, a)
	}
	return mapped
}

// PrecheckRow maps a verdict to the row of its table.
func PrecheckRow(r precheck.Row, a auth.Actor) views.PrecheckRow {
	row := views.PrecheckRow{
		Input: address.Shown(r.Input), Code: string(r.Verdict), Verdict: VerdictStatus(r), Why: verdictWhy(r),
		Act: verdictAct(r), Links: precheckLinks(r, a), Evidence: PrecheckEvidence(r.Asked),
	}
	row.Where, row.WhereNote = verdictWhere(r)
	row.Words, row.Next = VerdictWords(r)
	return row
}

// VerdictStatus maps a verdict to its badge.
func VerdictStatus(r precheck.Row) ui.StatusProps {
	switch r.Verdict {
	case precheck.Active:
		return ui.StatusProps{Kind: ui.StatusActive, Word: "Yours and active"}
	case precheck.Disabled:
		return ui.StatusProps{Kind: ui.StatusDisabled, Word: "Yours but disabled"}
	case precheck.Elsewhere:
		return ui.StatusProps{Kind: ui.StatusPartial, Word: "On Symphony elsewhere"}
	case precheck.DomainKnown:
		if r.OfDomain() {
			return ui.StatusProps{Kind: ui.StatusReady, Word: "Domain of yours"}
		}
		return ui.StatusProps{Kind: ui.StatusWaiting, Word: "Domain known, person not"}
	case precheck.Free:
		return ui.StatusProps{Kind: ui.StatusWaiting, Word: "Free"}
	case precheck.NotAnInput:
		return ui.StatusProps{Kind: ui.StatusFailed, Word: "Not understood"}
	case precheck.CantTell:
	}
	return ui.StatusProps{Kind: ui.StatusUnknown, Word: "Can’t tell"}
}

// VerdictName is a verdict as filters call it, where there is little room.
func VerdictName(v precheck.Verdict) string {
	switch v {
	case precheck.Active:
		return "Active"
	case precheck.Disabled:
		return "Disabled"
	case precheck.Elsewhere:
		return "Elsewhere"
	case precheck.DomainKnown:
		return "Domain known"
	case precheck.Free, precheck.NotAnInput, precheck.CantTell:
	}
	return VerdictStatus(precheck.Row{Verdict: v}).Word
}

// verdictWhy says in a few words when the status was told that a verdict goes by, or why
// there is no other verdict.
func verdictWhy(r precheck.Row) string {
	if (r.Verdict == precheck.Active || r.Verdict == precheck.Disabled) && r.User != nil {
		return "as of " + ui.Clock(r.User.StatusAt) + " UTC"
	}
	if r.Verdict != precheck.CantTell {
		return ""
	}
	switch r.Why {
	case precheck.StatusUnread:
		return "status could not be read"
	case precheck.StatusUntold:
		return "Symphony tells no status"
	case precheck.ThereUnread:
		return "there, not read yet"
	case precheck.ThereUnlooked:
		return "there; Foyer’s directory can’t be read"
	case precheck.PeopleUnread:
		return "Foyer’s directory can’t be read"
	case precheck.ListUnread:
		return "your companies could not be read"
	case precheck.NotAsked:
		return "no answer: " + silent(r)
	case precheck.Disagree:
		return "the sources disagree"
	case precheck.Unnamed:
		return "whose tenant isn’t told"
	case precheck.Freemail:
		return "public e-mail service"
	case precheck.PublicSuffix:
		return "public suffix"
	case precheck.PersonFound, precheck.DomainFound:
	}
	return string(r.Why)
}

// silent names the sources that did not answer.
func silent(r precheck.Row) string {
	var names []string
	for _, e := range r.Asked {
		if e.Err != nil && e.Source != precheck.OwnCompanies {
			names = append(names, strings.ToLower(sourceWords(e.Source)[:1])+sourceWords(e.Source)[1:])
		}
	}
	return strings.Join(names, " and ")
}

// verdictWhere says where a person or a domain is, as far as it is known.
func verdictWhere(r precheck.Row) (where ui.Link, note string) {
	switch {
	case r.Verdict == precheck.Elsewhere:
		return ui.Link{Label: portal.FirstSeen(r.Tenant.Host, "Address not told")}, whoseWords(r.Tenant.Whose)
	case r.Company != nil:
		if !r.Company.State.Ready() {
			note = "not ready"
		}
		return ui.Link{Label: companyName(r.Company), Href: views.CompanyPath(r.Company.ID)}, note
	case r.BelowNear():
		return ui.Link{}, "below a domain of " + companyName(r.Near)
	case r.Near != nil:
		return ui.Link{}, "near " + companyName(r.Near)
	}
	return ui.Link{}, ""
}

func companyName(c *directory.CompanyRecord) string {
	return portal.FirstSeen(c.Name, "one of your companies")
}

func whoseWords(w precheck.Whose) string {
	switch w {
	case precheck.Partners:
		return "another partner sponsors it"
	case precheck.Customers:
		return "a tenant of its own"
	case precheck.NotTold:
	}
	return ""
}

// verdictAct says in a few words what to do next.
func verdictAct(r precheck.Row) string {
	switch r.Verdict {
	case precheck.Active:
		return "Nothing to do"
	case precheck.Disabled:
		return "Enable them"
	case precheck.Elsewhere:
		if r.Tenant.Whose == precheck.Partners {
			return "Ask Symphony which partner"
		}
		return "Ask their administrator"
	case precheck.DomainKnown:
		if !r.Company.State.Ready() {
			return "Wait until it is ready"
		}
		return "Add to " + companyName(r.Company)
	case precheck.Free:
		if r.Near != nil {
			return "Add the domain"
		}
		return "Onboard the company"
	case precheck.NotAnInput:
		return "Correct it"
	case precheck.CantTell:
	}
	switch r.Why {
	case precheck.Freemail, precheck.PublicSuffix:
		if r.OfDomain() {
			return "Ask for their own domain"
		}
		return "Ask for a work address"
	case precheck.StatusUnread, precheck.ListUnread, precheck.NotAsked, precheck.PeopleUnread, precheck.ThereUnlooked:
		return "Ask again"
	case precheck.StatusUntold, precheck.ThereUnread, precheck.Disagree, precheck.Unnamed, precheck.PersonFound, precheck.DomainFound:
	}
	return "Ask Symphony"
}

// VerdictWords say what a verdict means, and what to do next.
func VerdictWords(r precheck.Row) (words, next string) {
	switch r.Verdict {
	case precheck.Active:
		return "This person is in " + companyName(r.Company) + ", which you sponsor, and can sign in." + alsoNamed(r), "There is nothing to do. Don’t add them again."
	case precheck.Disabled:
		return "This person is in " + companyName(r.Company) + ", which you sponsor, and can’t sign in." + alsoNamed(r), "Enable them. Don’t add them again."
	case precheck.Elsewhere:
		return elsewhereWords(r)
	case precheck.DomainKnown:
		return domainKnownWords(r)
	case precheck.Free:
		return freeWords(r)
	case precheck.NotAnInput:
		return "This is neither an e-mail address nor a domain.", "Correct it and ask again."
	case precheck.CantTell:
	}
	return cantTellWords(r)
}

// alsoNamed says that Symphony's services named a tenant that doesn't fit: which must not
// be hidden behind the verdict.
func alsoNamed(r precheck.Row) string {
	if r.Tenant.Host == "" {
		return ""
	}
	return " Symphony’s services name " + r.Tenant.Host + " besides."
}

func elsewhereWords(r precheck.Row) (words, next string) {
	where := portal.FirstSeen(r.Tenant.Host, "a tenant whose address Symphony doesn’t tell")
	if whose := whoseWords(r.Tenant.Whose); whose != "" {
		where += " (" + whose + ")"
	}
	next = "Ask that company’s Symphony administrator to connect you; don’t create a second account."
	switch {
	case r.Tenant.Whose == precheck.Partners:
		next = "Ask Symphony which partner it is; don’t create a second account."
	case r.OfDomain():
		next = "Ask that company’s Symphony administrator to connect you; don’t create the company a second time."
	}
	switch {
	case r.Why == precheck.PersonFound:
		return "Symphony’s directory search found this person on " + where + ".", next
	case r.OfDomain():
		return "This domain’s people are on " + where + ".", next
	}
	return "This domain’s people are on " + where + ". Whether this very person has an account there, Symphony doesn’t say.", next
}

func domainKnownWords(r precheck.Row) (words, next string) {
	company := companyName(r.Company)
	words = company + ", which you sponsor, has this domain."
	if !r.OfDomain() {
		words += " This person was found nowhere."
	}
	words += alsoNamed(r)
	if !r.Company.State.Ready() {
		return words, "People can be added once the company is ready."
	}
	if r.OfDomain() {
		return words, "Add people to " + company + "."
	}
	return words, "Add them to " + company + "."
}

func freeWords(r precheck.Row) (words, next string) {
	if r.Near == nil {
		return "No company that you sponsor has this domain, and Symphony’s services found nothing. That proves nothing: some tenants are not listed.",
			"Onboard the company. If the domain is taken all the same, Symphony refuses it and nothing is created."
	}
	near := companyName(r.Near)
	words = "No company that you sponsor has the domain " + address.Shown(r.Domain) + ". "
	if r.BelowNear() {
		words += near + ", which you sponsor, has the one above it: Symphony’s services answer for both alike."
	} else {
		words += "Symphony’s services name the tenant of " + near + ", which you sponsor, and nobody who has this address."
	}
	return words, "If these people belong to " + near + ", add the domain to it, then the people. If not, onboard their company."
}

func cantTellWords(r precheck.Row) (words, next string) {
	again := "Ask again in a moment."
	switch r.Why {
	case precheck.StatusUnread:
		return fmt.Sprintf("This person is in %s%s, and Symphony could not be asked for them just now.", companyName(r.Company), lastKnown(r.User)), again
	case precheck.StatusUntold:
		return "This person is in " + companyName(r.Company) + ", and Symphony doesn’t tell whether they can sign in.", again
	case precheck.ThereUnread:
		return "Symphony’s directory search found this person in " + companyName(r.Company) + ", which you sponsor. Foyer has not read them, so that whether they can sign in isn’t known.",
			"Don’t add them again. Find them, and their page tells."
	case precheck.ThereUnlooked:
		return "Symphony’s directory search found this person in " + companyName(r.Company) + ", which you sponsor. Foyer’s own directory of people can’t be read now, so that whether they can sign in isn’t known.",
			"Don’t add them again. " + again
	case precheck.PeopleUnread:
		return "Foyer’s own directory of people can’t be read now, so that this may be one of yours. Symphony’s services know nobody by this address." + alsoNamed(r), again
	case precheck.ListUnread:
		return "Your companies could not be read just now, so that this may be one of them." + alsoNamed(r), again
	case precheck.NotAsked:
		return "There was no answer from the " + silent(r) + ", so that this may be on Symphony without Foyer knowing.", again + " You can go on without: Symphony refuses what is taken."
	case precheck.Disagree:
		return "The sources don’t agree." + alsoNamed(r), "See what each answered, and ask Symphony."
	case precheck.Unnamed:
		return "Symphony has these people on a tenant that a partner sponsors, and doesn’t tell whose it is." + alsoNamed(r), "Ask Symphony which partner it is; don’t create a second account."
	case precheck.Freemail:
		return "Anybody can have an address in " + address.Shown(r.Domain) + ", so that it doesn’t tell whom somebody works for. Symphony doesn’t allow such domains for a company.", "Ask for their address at their company, or its own domain."
	case precheck.PublicSuffix:
		return "Anybody can register names below " + address.Shown(r.Domain) + ", so that it is no company’s own.", "Ask for their company’s whole domain."
	case precheck.PersonFound, precheck.DomainFound:
	}
	return string(r.Why), again
}

// lastKnown says which status somebody had when it was last read.
func lastKnown(u *directory.UserRecord) string {
	if u == nil || u.Status == sapi.StatusUnknown {
		return ""
	}
	return ", " + u.Status.String() + " when last read at " + ui.UTC(u.StatusAt)
}

// precheckLinks lead to what can be done about somebody who is in a company of ours.
func precheckLinks(r precheck.Row, a auth.Actor) []ui.Link {
	switch {
	case r.User == nil && r.Verdict == precheck.CantTell && r.Why == precheck.ThereUnread:
		return []ui.Link{{Label: "Find them", Href: views.FindPath(r.Input)}}
	case r.User == nil:
		return nil
	case r.Verdict == precheck.Disabled && a.Can(auth.ChangeStatus):
		return []ui.Link{{Label: "Enable " + portal.UserName(r.User.User), Href: views.StatusPath(r.User.CompanyID, r.User.ID)}}
	}
	return []ui.Link{{Label: "Open " + portal.UserName(r.User.User), Href: views.UserPath(r.User.CompanyID, r.User.ID)}}
}

// PrecheckGroupWords say of all rows with one verdict, of which one is given, what they
// come to.
func PrecheckGroupWords(r precheck.Row) string {
	switch r.Verdict {
	case precheck.Active:
		return "They can sign in. There is nothing to do."
	case precheck.Disabled:
		return "They are there and can’t sign in. Enable them; don’t add them again."
	case precheck.Elsewhere:
		return "Don’t create a second account: ask whoever has them."
	case precheck.DomainKnown:
		if closed := WhyClosed(r.Company.State); closed != "" {
			return companyName(r.Company) + " has the domain, and can’t take people yet."
		}
		return companyName(r.Company) + " has the domain."
	case precheck.Free:
		if r.Near != nil {
			return "Nobody has the domain. If they belong to " + companyName(r.Near) + ", add it there, then the people."
		}
		return "Nothing was found, which proves nothing: some tenants are not listed."
	case precheck.NotAnInput:
		return "Neither an e-mail address nor a domain. Correct them below."
	case precheck.CantTell:
	}
	if AskingAgainHelps(r) {
		return "Something did not answer. Ask again in a moment."
	}
	return "What is known doesn’t decide, as each says."
}

// AskingAgainHelps says whether another verdict may come of it.
func AskingAgainHelps(r precheck.Row) bool {
	switch r.Why {
	case precheck.StatusUnread, precheck.ListUnread, precheck.NotAsked, precheck.PeopleUnread, precheck.ThereUnlooked:
		return true
	case precheck.StatusUntold, precheck.ThereUnread, precheck.Disagree, precheck.Unnamed, precheck.Freemail, precheck.PublicSuffix, precheck.PersonFound, precheck.DomainFound:
	}
	return false
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
	case precheck.PersonRead:
		return "Symphony’s record of the person"
	case precheck.LoginService:
		return "Login service"
	case precheck.DirectorySearch:
		return "Directory search"
	}
	return string(s)
}

// answerWords say what was found in what is Foyer's own. What Symphony's services answered
// stands as it came.
func answerWords(e precheck.Evidence) string {
	company := portal.FirstSeen(e.Company, "one of your companies")
	switch {
	case e.Source == precheck.LoginService || e.Source == precheck.DirectorySearch:
		return e.Answer
	case e.Source == precheck.OwnCompanies && e.Answer != "":
		return "domain of " + e.Answer
	case e.Source == precheck.OwnCompanies:
		return "no company has this domain"
	case e.Err != nil:
		return ""
	case e.Answer == "":
		return "nobody is known by this address"
	case e.Answer == precheck.Gone:
		return "no longer in " + company
	}
	return "in " + company + ", status " + e.Answer
}
