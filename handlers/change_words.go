package handlers

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

// changeNote says in a sentence how a change stands.
func changeNote(c change.Change) string {
	if c.Note != "" { // from before there were codes
		return c.Note
	}
	words := codeWords{wanted: c.Kind.StatusWanted().String(), was: c.Seen.Status.String()}
	if c.Problem != nil {
		words.refusal, words.wait = refusalWords(sapi.Code(c.Problem.Code), c.Problem.Detail), c.Problem.RetryAfter
	}
	return words.of(c.Code)
}

// codeNote says the same from the ledger's event.
func codeNote(e ledger.Event) string {
	if e.Note != "" {
		return e.Note
	}
	words := codeWords{refusal: refusalWords(sapi.Code(e.Symphony.Code), "")}
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

// personNote is what an event says of one person: Symphony's code, or what older
// events have in words.
func personNote(note string) string {
	switch code := sapi.Code(note); code {
	case sapi.CodeEmailNotAllowed, sapi.CodeEmailTaken, sapi.CodeCompanyUnavailable, sapi.CodeDomainTaken, sapi.CodeUserNotFound:
		return refusalWords(code, "")
	}
	return note
}

// codeWords puts the codes of changes in sentences.
type codeWords struct {
	wanted, was string        // statuses
	refusal     string        // Symphony's reason
	wait        time.Duration // for which Symphony asked
}

// sentences are the words for the codes that need no more than the code.
var sentences = map[change.Code]string{
	change.Accepted:         "Symphony accepted the company and is building it.",
	change.AlreadyThere:     "Symphony already had these domains.",
	change.NotConfirmed:     "Symphony said yes, and could not be read again just now.",
	change.StatusNotTold:    "Symphony said yes, and doesn’t tell whether the person is active.",
	change.NobodyCreated:    "Nobody was created.",
	change.AnswerPartial:    "Symphony’s answer left out some of the people.",
	change.AnswerOfOthers:   "Symphony’s answer has people who were not sent.",
	change.AnswerLost:       "The request was sent and Symphony’s answer was lost.",
	change.ProcessStopped:   "Foyer stopped while this was being sent.",
	change.NotAllowed:       "Symphony doesn’t allow this to your organisation. Nothing was changed.",
	change.NotSent:          "Symphony could not be reached. Nothing was sent.",
	change.NoCredentials:    "Symphony rejected Foyer’s own credentials. Nothing was changed. Tell whoever runs Foyer.",
	change.TooLate:          "It could not be sent in time. Nothing was sent: you can do it again.",
	change.RoleWithdrawn:    "Whoever asked for it may not do this any more. Nothing was sent.",
	change.StatusMoved:      "The person’s status had changed meanwhile. Nothing was sent.",
	change.CompanyNotReady:  "The company was not there any more, or not ready. Nothing was sent.",
	change.DomainsMoved:     "The company’s domains had changed meanwhile. Nothing was sent.",
	change.DeclinedByPerson: "It was declined. Nothing was sent.",
	change.CancelledByActor: "It was cancelled. Nothing was sent.",
	change.UnknownKindCode:  "Foyer doesn’t know this kind of change.",
	change.FoundCompany:     "Symphony has the company: it was created.",
	change.FoundDomains:     "Symphony shows the domains: they were added.",
	change.FoundPeople:      "Symphony’s list of people settled it.",
	change.OnlyExisting:     "Of these people Symphony shows only those who were there before: nobody was created.",
	change.AbsentCompany:    "Symphony has no company with this vanity name. It was not created.",
	change.CompanyBefore:    "A company with this vanity name was there before. Nothing was created.",
	change.CompanyOfOther:   "The company was created by another request. This one created nothing.",
	change.AbsentDomains:    "Symphony doesn’t show all of the domains. Not added.",
	change.AbsentPeople:     "Symphony shows none of these people in the company: nobody was created.",
	change.CantRead:         "Symphony could not be read just now; Foyer keeps trying.",
	change.PersonNotShown:   "Symphony doesn’t show this person now. They may already be disabled.",
	change.StatusUntold:     "Symphony doesn’t say whether this person is active.",
	change.GaveUp:           "Foyer asked for a day and still can’t tell.",
}

func (w codeWords) of(code change.Code) string {
	switch code { //nolint:exhaustive // the others are sentences
	case change.NotShownYet:
		if w.was == "unknown" {
			return "Symphony said yes, but doesn’t show it yet."
		}
		return "Symphony said yes, but still shows the person as " + w.was + "."
	case change.AnswerNo:
		return w.refusal
	case change.HeldBack:
		if w.wait > 0 {
			return "Symphony asked Foyer to wait " + roundUp(w.wait) + ". Nothing was changed."
		}
		return "Symphony is limiting requests. Nothing was changed."
	case change.FoundStatus:
		return "Symphony shows the person as " + w.wanted + "."
	case change.AbsentStatus:
		if w.was == "unknown" {
			return "Symphony doesn’t show it."
		}
		return "Symphony shows the person as " + w.was + "."
	}
	return cmp.Or(sentences[code], string(code))
}

// refusalWords puts Symphony's code in words; where Foyer has none, Symphony's own
// stand.
func refusalWords(code sapi.Code, detail string) string {
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
