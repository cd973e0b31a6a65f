package wording

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"foyer/auth"
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

// CodeNote says in a sentence what an event's code and values tell.
func CodeNote(e ledger.Event) string {
	note, again := onceNote(e), RepeatedWords(e)
	if e.Action == ledger.SignIn && note != "" && again != "" {
		note += ";" // it is a word, and no sentence
	}
	return strings.TrimSpace(note + " " + again)
}

// onceNote is CodeNote but for how often it happened again.
func onceNote(e ledger.Event) string {
	if words := eventCodeWords(e); words != "" {
		return words
	}
	switch {
	case isBulk(e.Action):
		return bulkNoteWords(e)
	case e.Note != "": // a fact such as a file's name; or a sentence, as all events had it until there were codes
		return e.Note
	case e.Action == ledger.Redact:
		return besidesNote(e)
	case e.Action == ledger.StatusOutside:
		return outsideNote(e)
	case e.Action == ledger.Denied:
		return "It needs the permission to " + PermissionWords(auth.Permission(e.Code)) + "."
	}
	words := codeWords{refusal: RefusalWords(sapi.Code(e.Symphony.Code), "")}
	words.was, words.wanted = statusIn(e.Before), "disabled"
	if e.Action == ledger.EnableUser {
		words.wanted = "active"
	}
	return words.of(change.Code(e.Code))
}

// outsideNote says between which moments a status changed without Foyer.
func outsideNote(e ledger.Event) string {
	var was, is struct {
		Status            string
		ReadAt, ChangedAt time.Time
	}
	if json.Unmarshal(e.Before, &was) != nil || json.Unmarshal(e.After, &is) != nil {
		return "" // erased
	}
	if !was.ChangedAt.IsZero() {
		return fmt.Sprintf("Foyer had set it to %s at %s, and Symphony said %s at %s.", was.Status, inSeconds(was.ChangedAt), is.Status, inSeconds(is.ReadAt))
	}
	return fmt.Sprintf("Symphony said %s at %s, and %s at %s. Foyer did not change it in between.", was.Status, inSeconds(was.ReadAt), is.Status, inSeconds(is.ReadAt))
}

func inSeconds(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") }

// PermissionWords say what a permission allows, after 'to'.
func PermissionWords(p auth.Permission) string {
	return map[auth.Permission]string{
		auth.See:           "see companies, people and pre-check",
		auth.SeeHistory:    "see the history of one company or person",
		auth.ChangeStatus:  "disable and enable a person",
		auth.Onboard:       "create companies and people, and add domains",
		auth.SeeActivity:   "see and export the activity of everybody",
		auth.Review:        "review who has access",
		auth.EndSessions:   "end other people's sessions",
		auth.AskNow:        "have Symphony asked now, whatever it asked to wait for",
		auth.ManageFilters: "delete filters that others saved for everybody",
	}[p]
}

// statusIn is the status among the ledger's values.
func statusIn(values json.RawMessage) string {
	var v struct{ Status string }
	_ = json.Unmarshal(values, &v) // no values are no status
	return cmp.Or(v.Status, "unknown")
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
	change.NoDatabase:       "Foyer could not read its own database. Nothing was sent: you can do it again.",
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
