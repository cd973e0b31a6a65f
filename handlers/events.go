package handlers

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"foyer/audit"
	"foyer/auth"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// actionWords are how people read an action of the ledger.
type actionWords struct {
	action audit.Action
	name   string // in the filter and in exports
	done   string // when it was done
	asked  string // while, or because, it is not known to be done
}

// actions are the words for every action, in the order of the filter.
var actions = []actionWords{
	{audit.DisableUser, "Disable a person", "Disabled", "Asked to disable"},
	{audit.EnableUser, "Enable a person", "Enabled", "Asked to enable"},
	{audit.CreateUsers, "Add people", "Added", "Asked to add"},
	{audit.CreateCompany, "Create a company", "Requested the company", "Asked to create the company"},
	{audit.AddDomains, "Add domains", "Added the domain", "Asked to add the domain"},
	{audit.CompanyState, "Company became ready or failed", "Saw the end of building", "Saw the end of building"},
	{audit.StatusOutside, "Status changed outside Foyer", "Changed outside Foyer:", "Changed outside Foyer:"},
	{audit.StartReview, "Start an access review", "Started an access review of", "Asked to start an access review of"},
	{audit.DecideReview, "Decide in an access review", "Decided about the access of", "Asked to decide about the access of"},
	{audit.FinishReview, "Finish an access review", "Finished an access review of", "Asked to finish an access review of"},
	{audit.CancelReview, "Cancel an access review", "Cancelled an access review of", "Asked to cancel an access review of"},
	{audit.Export, "Export", "Exported", "Asked to export"},
	{audit.Denied, "Refused by role", "Was refused", "Was refused"},
	{audit.SignIn, "Sign-in", "Signed in", "Sign-in refused"},
	{audit.SignOut, "Sign-out", "Signed out", "Asked to sign out"},
	{audit.EndSession, "End a session", "Ended a session of", "Asked to end a session of"},
	{audit.Restored, "Go on with a restored ledger", "Went on with a restored ledger", "Asked to go on with a restored ledger"},
	{audit.Redact, "Erasure on legal order", "Erased the personal part of", "Asked to erase the personal part of"},
	{audit.RotateKey, "Replace the ledger’s key", "Replaced the ledger’s key", "Asked to replace the ledger’s key"},
}

// wordsOf are the words for an action; one that this Foyer doesn't know is
// called by its own name.
func wordsOf(a audit.Action) actionWords {
	if i := slices.IndexFunc(actions, func(w actionWords) bool { return w.action == a }); i >= 0 {
		return actions[i]
	}
	return actionWords{a, string(a), string(a), string(a)}
}

// outcomes are the outcomes in words, in the order of the filter.
var outcomes = []struct {
	outcome audit.Outcome
	name    string
}{
	{audit.Succeeded, "Done"},
	{audit.Failed, "Refused"},
	{audit.Unknown, "Not known yet"},
	{audit.Reconciled, "Settled by reading"},
	{audit.Intent, "Asked"},
}

// outcomeStatus maps an outcome to its badge.
func outcomeStatus(o audit.Outcome) ui.StatusProps {
	switch o {
	case audit.Succeeded:
		return ui.StatusProps{Kind: ui.StatusReady, Word: "Done"}
	case audit.Failed:
		return ui.StatusProps{Kind: ui.StatusFailed, Word: "Refused"}
	case audit.Unknown:
		return ui.StatusProps{Kind: ui.StatusUnknown, Word: "Not known yet"}
	case audit.Reconciled:
		return ui.StatusProps{Kind: ui.StatusDisabled, Word: "Settled by reading"}
	case audit.Intent:
		return ui.StatusProps{Kind: ui.StatusWaiting, Word: "Asked"}
	}
	return ui.StatusProps{Kind: ui.StatusUnrecognised, Word: string(o)}
}

// eventRows maps events to a history of one company or person: each change once
// where its end is among them.
func eventRows(events []audit.Event, a auth.Actor, now time.Time) []views.EventRow {
	rows := []views.EventRow{}
	for _, e := range withoutAnswered(events) {
		rows = append(rows, eventRow(e, a, now))
	}
	return rows
}

// withoutAnswered leaves out the intents whose outcome is among the events:
// the ledger has both, and a history need not say a thing twice.
func withoutAnswered(events []audit.Event) []audit.Event {
	answered := map[string]bool{}
	for _, e := range events {
		if e.Change != "" && e.Outcome != audit.Intent {
			answered[e.Change] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(events), func(e audit.Event) bool {
		return e.Outcome == audit.Intent && answered[e.Change]
	})
}

// eventRow maps one event to its line in a history.
func eventRow(e audit.Event, a auth.Actor, now time.Time) views.EventRow {
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
func eventWhat(e audit.Event) string {
	words := wordsOf(e.Action)
	switch {
	case e.Outcome != audit.Succeeded:
		return words.asked
	case e.Action == audit.DecideReview:
		return decidedWhat(e.Users)
	}
	return words.done
}

// eventWhom names what the event was about: a person, how many people, domains,
// a company, or what was exported.
func eventWhom(e audit.Event) string {
	switch e.Action {
	case audit.AddDomains:
		if added := addedDomains(e); len(added) > 0 {
			return strings.Join(added, ", ")
		}
	case audit.CreateUsers, audit.DecideReview:
		if len(e.Users) != 1 {
			return ui.Count(len(e.Users), "person", "people")
		}
	case audit.Export, audit.Denied:
		return strings.TrimPrefix(e.Note, "needs: ")
	case audit.Redact:
		return ui.Count(len(e.Redacts), "event", "events")
	case audit.CreateCompany, audit.CompanyState, audit.StatusOutside, audit.DisableUser, audit.EnableUser,
		audit.StartReview, audit.FinishReview, audit.CancelReview, audit.SignIn, audit.SignOut, audit.EndSession, audit.Restored, audit.RotateKey:
	}
	switch {
	case len(e.Users) > 0:
		return personName(e.Users[0], e.Redacted)
	case e.Company.Name != "":
		return e.Company.Name
	}
	return e.Company.ID
}

func personName(u audit.User, redacted bool) string {
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
func eventBy(e audit.Event) string {
	name := actorName(e.Actor, e.Redacted)
	if e.Action == audit.StatusOutside || e.Action == audit.CompanyState {
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
func eventNote(e audit.Event, a auth.Actor) views.EventNote {
	switch e.Action {
	case audit.Export, audit.Denied:
		return views.EventNote{}
	case audit.SignIn:
		if e.Note != "" {
			return views.EventNote{Text: "Because of: " + e.Note}
		}
	case audit.StartReview, audit.DecideReview, audit.FinishReview, audit.CancelReview:
		return reviewNote(e, a)
	case audit.CreateCompany, audit.AddDomains, audit.CompanyState, audit.CreateUsers, audit.DisableUser, audit.EnableUser,
		audit.StatusOutside, audit.SignOut, audit.EndSession, audit.Redact, audit.Restored, audit.RotateKey:
	}
	return views.EventNote{Text: e.Note}
}

// eventResult is the badge of an event that was not simply done; nil when it
// was. People of a bulk change who were not all created are a partial success.
func eventResult(e audit.Event) *ui.StatusProps {
	if e.Action == audit.CreateUsers && e.Outcome != audit.Intent && e.Outcome != audit.Failed {
		if words, partial := bulkResult(e.Users); partial {
			return &ui.StatusProps{Kind: ui.StatusPartial, Word: words}
		}
	}
	if e.Action == audit.StatusOutside {
		return &ui.StatusProps{Kind: ui.StatusPartial, Word: "Noticed"}
	}
	if e.Outcome == audit.Succeeded || e.Action == audit.Denied {
		return nil
	}
	return new(outcomeStatus(e.Outcome))
}

// bulkResult counts the results of a bulk change; partial is false when all
// were created, or no result is known.
func bulkResult(users []audit.User) (words string, partial bool) {
	outcomes := make([]sapi.ItemOutcome, len(users))
	for i, u := range users {
		outcomes[i] = sapi.ItemOutcome(u.Result)
	}
	words = tally(outcomes)
	return words, words != "" && slices.ContainsFunc(outcomes, func(o sapi.ItemOutcome) bool { return o != sapi.ItemCreated })
}

// addedDomains are the domains that an event added: those that were not there
// before.
func addedDomains(e audit.Event) []string {
	var before, after struct {
		EmailDomains []string `json:"emailDomains"`
	}
	if json.Unmarshal(e.After, &after) != nil {
		return nil
	}
	_ = json.Unmarshal(e.Before, &before) // nothing there before is as good as an empty list
	return slices.DeleteFunc(after.EmailDomains, func(d string) bool { return slices.Contains(before.EmailDomains, d) })
}
