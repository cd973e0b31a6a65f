package handlers

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// actionWords are how people read an action of the ledger.
type actionWords struct {
	action ledger.Action
	name   string // in the filter and in exports
	done   string // when it was done
	asked  string // while, or because, it is not known to be done
}

// actions are the words for every action, in the order of the filter.
var actions = []actionWords{
	{ledger.DisableUser, "Disable a person", "Disabled", "Asked to disable"},
	{ledger.EnableUser, "Enable a person", "Enabled", "Asked to enable"},
	{ledger.CreateUsers, "Add people", "Added", "Asked to add"},
	{ledger.CreateCompany, "Create a company", "Requested the company", "Asked to create the company"},
	{ledger.AddDomains, "Add domains", "Added the domain", "Asked to add the domain"},
	{ledger.CompanyState, "Company became ready or failed", "Saw the end of building", "Saw the end of building"},
	{ledger.StatusOutside, "Status changed outside Foyer", "Changed outside Foyer:", "Changed outside Foyer:"},
	{ledger.StartReview, "Start an access review", "Started an access review of", "Asked to start an access review of"},
	{ledger.DecideReview, "Decide in an access review", "Decided about the access of", "Asked to decide about the access of"},
	{ledger.FinishReview, "Finish an access review", "Finished an access review of", "Asked to finish an access review of"},
	{ledger.CancelReview, "Cancel an access review", "Cancelled an access review of", "Asked to cancel an access review of"},
	{ledger.Export, "Export", "Exported", "Asked to export"},
	{ledger.Denied, "Refused by role", "Was refused", "Was refused"},
	{ledger.SignIn, "Sign-in", "Signed in", "Sign-in refused"},
	{ledger.SignOut, "Sign-out", "Signed out", "Asked to sign out"},
	{ledger.EndSession, "End a session", "Ended a session of", "Asked to end a session of"},
	{ledger.Restored, "Go on with a restored ledger", "Went on with a restored ledger", "Asked to go on with a restored ledger"},
	{ledger.Redact, "Erasure on legal order", "Erased the personal part of", "Asked to erase the personal part of"},
	{ledger.RotateKey, "Replace the ledger’s key", "Replaced the ledger’s key", "Asked to replace the ledger’s key"},
}

// wordsOf are the words for an action; one that this Foyer doesn't know is
// called by its own name.
func wordsOf(a ledger.Action) actionWords {
	if i := slices.IndexFunc(actions, func(w actionWords) bool { return w.action == a }); i >= 0 {
		return actions[i]
	}
	return actionWords{a, string(a), string(a), string(a)}
}

// outcomes are the outcomes in words, in the order of the filter.
var outcomes = []struct {
	outcome ledger.Outcome
	name    string
}{
	{ledger.Succeeded, "Done"},
	{ledger.Failed, "Refused"},
	{ledger.Unknown, "Not known yet"},
	{ledger.Reconciled, "Settled by reading"},
	{ledger.Corrected, "Corrected"},
	{ledger.Proposed, "Proposed"},
	{ledger.Intent, "Asked"},
}

// outcomeStatus maps an outcome to its badge.
func outcomeStatus(o ledger.Outcome) ui.StatusProps {
	switch o {
	case ledger.Succeeded:
		return ui.StatusProps{Kind: ui.StatusReady, Word: "Done"}
	case ledger.Failed:
		return ui.StatusProps{Kind: ui.StatusFailed, Word: "Refused"}
	case ledger.Unknown:
		return ui.StatusProps{Kind: ui.StatusUnknown, Word: "Not known yet"}
	case ledger.Reconciled:
		return ui.StatusProps{Kind: ui.StatusDisabled, Word: "Settled by reading"}
	case ledger.Intent:
		return ui.StatusProps{Kind: ui.StatusWaiting, Word: "Asked"}
	case ledger.Corrected:
		return ui.StatusProps{Kind: ui.StatusPartial, Word: "Corrected"}
	case ledger.Proposed:
		return ui.StatusProps{Kind: ui.StatusWaiting, Word: "Proposed"}
	}
	return ui.StatusProps{Kind: ui.StatusUnrecognised, Word: string(o)}
}

// eventRows maps events to a history of one company or person: each change once
// where its end is among them.
func eventRows(events []ledger.Event, a auth.Actor, now time.Time) []views.EventRow {
	rows := []views.EventRow{}
	for _, e := range withoutAnswered(events) {
		rows = append(rows, eventRow(e, a, now))
	}
	return rows
}

// withoutAnswered leaves out the intents whose outcome is among the events:
// the ledger has both, and a history need not say a thing twice.
func withoutAnswered(events []ledger.Event) []ledger.Event {
	answered := map[string]bool{}
	for _, e := range events {
		if e.Change != "" && e.Outcome != ledger.Intent {
			answered[e.Change] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(events), func(e ledger.Event) bool {
		return e.Outcome == ledger.Intent && answered[e.Change]
	})
}

// eventRow maps one event to its line in a history.
func eventRow(e ledger.Event, a auth.Actor, now time.Time) views.EventRow {
	row := views.EventRow{
		What: eventWhat(e), Whom: eventWhom(e), At: e.At, Now: now, By: eventBy(e),
		Reason: e.Reason, Ticket: e.Ticket, Note: eventNote(e, a), Result: eventResult(e),
	}
	if len(e.Users) == 1 && e.Users[0].ID != "" && e.Company.ID != "" {
		row.WhomHref = views.UserPath(e.Company.ID, e.Users[0].ID)
	}
	row.Href = changeHref(e)
	return row
}

// eventWhat says what was done, or that it was asked for where it isn't known
// to be done.
func eventWhat(e ledger.Event) string {
	words := wordsOf(e.Action)
	switch {
	case e.Outcome != ledger.Succeeded:
		return words.asked
	case e.Action == ledger.DecideReview:
		return decidedWhat(e.Users)
	}
	return words.done
}

// eventWhom names what the event was about: a person, how many people, domains,
// a company, or what was exported.
func eventWhom(e ledger.Event) string {
	switch e.Action {
	case ledger.AddDomains:
		if added := addedDomains(e); len(added) > 0 {
			return strings.Join(added, ", ")
		}
	case ledger.CreateUsers, ledger.DecideReview:
		if len(e.Users) != 1 {
			return ui.Count(len(e.Users), "person", "people")
		}
	case ledger.Export, ledger.Denied:
		return strings.TrimPrefix(e.Note, "needs: ")
	case ledger.Redact:
		return ui.Count(len(e.Redacts), "event", "events")
	case ledger.CreateCompany, ledger.CompanyState, ledger.StatusOutside, ledger.DisableUser, ledger.EnableUser,
		ledger.StartReview, ledger.FinishReview, ledger.CancelReview, ledger.SignIn, ledger.SignOut, ledger.EndSession, ledger.Restored, ledger.RotateKey:
	}
	switch {
	case len(e.Users) > 0:
		return recordedName(e.Users[0], e.Redacted)
	case e.Company.Name != "":
		return e.Company.Name
	}
	return e.Company.ID
}

// recordedName is how an event calls a person.
func recordedName(u ledger.User, redacted bool) string {
	for _, name := range []string{u.Name, u.Email, u.ID} {
		if name != "" {
			return name
		}
	}
	if redacted {
		return erased
	}
	return "a person"
}

// erased stands where a name was before it was erased on legal order.
const erased = "(erased)"

// eventBy is who did it, or who only noticed that somebody else did.
func eventBy(e ledger.Event) string {
	name := actorName(e.Actor, e.Redacted)
	if e.Action == ledger.StatusOutside || e.Action == ledger.CompanyState {
		return "noticed by " + name
	}
	return name
}

// actorName is who did it, as histories call them.
func actorName(a auth.Actor, redacted bool) string {
	switch {
	case a.Name != "":
		return a.Name
	case a.Email != "":
		return a.Email
	case redacted:
		return erased
	case a.Subject != "":
		return a.Subject
	}
	return "somebody who was not signed in"
}

// eventNote is the event's note where it isn't already said as its object. Who may
// see access reviews is led to the one that it is about.
func eventNote(e ledger.Event, a auth.Actor) views.EventNote {
	switch e.Action {
	case ledger.Export, ledger.Denied:
		return views.EventNote{}
	case ledger.SignIn:
		if e.Note != "" {
			return views.EventNote{Text: "Because of: " + e.Note}
		}
	case ledger.StartReview, ledger.DecideReview, ledger.FinishReview, ledger.CancelReview:
		return reviewNote(e, a)
	case ledger.CreateCompany, ledger.AddDomains, ledger.CompanyState, ledger.CreateUsers, ledger.DisableUser, ledger.EnableUser,
		ledger.StatusOutside, ledger.SignOut, ledger.EndSession, ledger.Redact, ledger.Restored, ledger.RotateKey:
	}
	return views.EventNote{Text: codeNote(e)}
}

// eventResult is the badge of an event that was not simply done; nil when it
// was. People of a bulk change who were not all created are a partial success.
func eventResult(e ledger.Event) *ui.StatusProps {
	if e.Action == ledger.CreateUsers && e.Outcome != ledger.Intent && e.Outcome != ledger.Failed {
		if words, partial := bulkResult(e.Users); partial {
			return &ui.StatusProps{Kind: ui.StatusPartial, Word: words}
		}
	}
	if e.Action == ledger.StatusOutside {
		return &ui.StatusProps{Kind: ui.StatusPartial, Word: "Noticed"}
	}
	if e.Outcome == ledger.Succeeded || e.Action == ledger.Denied {
		return nil
	}
	return new(outcomeStatus(e.Outcome))
}

// bulkResult counts the results of a bulk change; partial is false when all
// were created, or no result is known.
func bulkResult(users []ledger.User) (words string, partial bool) {
	outcomes := make([]sapi.ItemOutcome, len(users))
	for i, u := range users {
		outcomes[i] = sapi.ItemOutcome(u.Result)
	}
	words = tally(outcomes)
	return words, words != "" && slices.ContainsFunc(outcomes, func(o sapi.ItemOutcome) bool { return o != sapi.ItemCreated })
}

// addedDomains are the domains that an event added: those that were not there
// before.
func addedDomains(e ledger.Event) []string {
	var before, after struct {
		EmailDomains []string `json:"emailDomains"`
	}
	if json.Unmarshal(e.After, &after) != nil {
		return nil
	}
	_ = json.Unmarshal(e.Before, &before) // nothing there before is as good as an empty list
	return slices.DeleteFunc(after.EmailDomains, func(d string) bool { return slices.Contains(before.EmailDomains, d) })
}
