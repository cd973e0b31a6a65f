package wording

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"foyer/ledger"
	"foyer/portal/change"
	"foyer/sapi"
)

// ChangeNote says in a sentence how a change stands.
func ChangeNote(c change.Change) string {
	if c.Note != "" { // from before there were codes
		return c.Note
	}
	words := codeWords{wanted: c.Kind.StatusWanted().String(), was: c.Seen.Status.String()}
	if c.Problem != nil {
		words.refusal, words.wait = RefusalWords(sapi.Code(c.Problem.Code), c.Problem.Detail), c.Problem.RetryAfter
	}
	return words.of(c.Code)
}

// CodeNote says the same from the ledger's event.
func CodeNote(e ledger.Event) string {
	if e.Note != "" {
		return e.Note
	}
	words := codeWords{refusal: RefusalWords(sapi.Code(e.Symphony.Code), "")}
	words.was, words.wanted = statusIn(e.Before), "disabled"
	if e.Action == ledger.EnableUser {
		words.wanted = "active"
	}
	return words.of(change.Code(e.Code))
}

// statusIn is the status among the ledger's values.
func statusIn(values json.RawMessage) string {
	var v struct{ Status string }
	_ = json.Unmarshal(values, &v) // no values are no status
	return cmp.Or(v.Status, "unknown")
}

// PersonNote is what an event says of one person: Symphony's code, or what older
// events have in words.
func PersonNote(note string) string {
	switch code := sapi.Code(note); code {
	case sapi.CodeEmailNotAllowed, sapi.CodeEmailTaken, sapi.CodeCompanyUnavailable, sapi.CodeDomainTaken, sapi.CodeUserNotFound:
		return RefusalWords(code, "")
	}
	return note
}

// codeWords puts the codes of changes in sentences.
type codeWords struct {
	wanted, was string        // statuses
	refusal     string        // Symphony's reason
	wait        time.Duration // for which Symphony asked
}

func (w codeWords) of(code change.Code) string {
	switch code {
	case change.Accepted:
		return "Symphony accepted the company and is building it."
	case change.AlreadyThere:
		return "Symphony already had these domains."
	case change.NotConfirmed:
		return "Symphony said yes, and could not be read again just now."
	case change.StatusNotTold:
		return "Symphony said yes, and doesn’t tell whether the person is active."
	case change.NotShownYet:
		if w.was == "unknown" {
			return "Symphony said yes, but doesn’t show it yet."
		}
		return "Symphony said yes, but still shows the person as " + w.was + "."
	case change.NobodyCreated:
		return "Nobody was created."
	case change.AnswerPartial:
		return "Symphony’s answer left out some of the people."
	case change.AnswerOfOthers:
		return "Symphony’s answer has people who were not sent."
	case change.AnswerLost:
		return "The request was sent and Symphony’s answer was lost."
	case change.ProcessStopped:
		return "Foyer stopped while this was being sent."
	case change.AnswerNo:
		return w.refusal
	case change.NotAllowed:
		return "Symphony doesn’t allow this to your organisation. Nothing was changed."
	case change.NotSent:
		return "Symphony could not be reached. Nothing was sent."
	case change.HeldBack:
		if w.wait > 0 {
			return "Symphony asked Foyer to wait " + roundUp(w.wait) + ". Nothing was changed."
		}
		return "Symphony is limiting requests. Nothing was changed."
	case change.NoCredentials:
		return "Symphony rejected Foyer’s own credentials. Nothing was changed. Tell whoever runs Foyer."
	case change.TooLate:
		return "It could not be sent in time. Nothing was sent: you can do it again."
	case change.RoleWithdrawn:
		return "Whoever asked for it may not do this any more. Nothing was sent."
	case change.StatusMoved:
		return "The person’s status had changed meanwhile. Nothing was sent."
	case change.CompanyNotReady:
		return "The company was not there any more, or not ready. Nothing was sent."
	case change.DomainsMoved:
		return "The company’s domains had changed meanwhile. Nothing was sent."
	case change.DeclinedByPerson:
		return "It was declined. Nothing was sent."
	case change.CancelledByActor:
		return "It was cancelled. Nothing was sent."
	case change.UnknownKindCode:
		return "Foyer doesn’t know this kind of change."
	}
	return w.found(code)
}

// found are the sentences for what reading Symphony found.
func (w codeWords) found(code change.Code) string {
	switch code {
	case change.FoundCompany:
		return "Symphony has the company: it was created."
	case change.FoundDomains:
		return "Symphony shows the domains: they were added."
	case change.FoundStatus:
		return "Symphony shows the person as " + w.wanted + "."
	case change.FoundPeople:
		return "Symphony’s list of people settled it."
	case change.OnlyExisting:
		return "Of these people Symphony shows only those who were there before: nobody was created."
	case change.AbsentCompany:
		return "Symphony has no company with this vanity name. It was not created."
	case change.CompanyBefore:
		return "A company with this vanity name was there before. Nothing was created."
	case change.CompanyOfOther:
		return "The company was created by another request. This one created nothing."
	case change.AbsentDomains:
		return "Symphony doesn’t show all of the domains. Not added."
	case change.AbsentStatus:
		if w.was == "unknown" {
			return "Symphony doesn’t show it."
		}
		return "Symphony shows the person as " + w.was + "."
	case change.AbsentPeople:
		return "Symphony shows none of these people in the company: nobody was created."
	case change.CantRead:
		return "Symphony could not be read just now; Foyer keeps trying."
	case change.PersonNotShown:
		return "Symphony doesn’t show this person now. They may already be disabled."
	case change.StatusUntold:
		return "Symphony doesn’t say whether this person is active."
	case change.GaveUp:
		return "Foyer asked for a day and still can’t tell."
	}
	return string(code)
}

// RefusalWords puts Symphony's code in words; where Foyer has none, Symphony's own
// stand.
func RefusalWords(code sapi.Code, detail string) string {
	switch code {
	case sapi.CodeEmailNotAllowed:
		return strings.TrimSpace("The e-mail’s domain is not one of the company’s. " + detail)
	case sapi.CodeEmailTaken:
		return "Somebody on Symphony has this e-mail address already."
	case sapi.CodeCompanyUnavailable:
		return "Symphony doesn’t know the company, or it is not ready."
	case sapi.CodeDomainTaken:
		return "Another company on Symphony has one of these domains already."
	case sapi.CodeUserNotFound:
		return "Symphony doesn’t know this person, or not in this company."
	}
	return cmp.Or(detail, "Symphony refused it and gave no reason.")
}

// roundUp writes a wait as people say it, never shorter than it is.
func roundUp(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(1, int(math.Ceil(d.Seconds()))))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(math.Ceil(d.Minutes())))
	}
	return fmt.Sprintf("%d h", int(math.Ceil(d.Hours())))
}
