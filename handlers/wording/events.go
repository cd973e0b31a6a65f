package wording

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/change"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// ChangeHref is the page of the change, or of the bulk change, that an event belongs to.
// Only what is asked of Symphony has one.
func ChangeHref(e ledger.Event) string {
	if e.Change == "" && e.Bulk() != 0 {
		return views.BulkChangePath(e.Bulk())
	}
	if e.Change == "" || e.Action == ledger.Export || e.Action == ledger.RotateKey {
		return ""
	}
	return views.ChangePath(e.Change)
}

// OutcomeName is an outcome in words; empty when this Foyer doesn't know it.
func OutcomeName(o ledger.Outcome) string {
	for _, known := range Outcomes {
		if known.Outcome == o {
			return known.Name
		}
	}
	return ""
}

// ActionWords are how people read an action of the ledger.
type ActionWords struct {
	Action ledger.Action
	Name   string // in the filter and in exports
	done   string // when it was done
	asked  string // while, or because, it is not known to be done
}

// Actions are the words for every action, in the order of the filter.
var Actions = []ActionWords{
	{ledger.DisableUser, "Disable a person", "Disabled", "Asked to disable"},
	{ledger.EnableUser, "Enable a person", "Enabled", "Asked to enable"},
	{ledger.CreateUsers, "Add people", "Added", "Asked to add"},
	{ledger.CreateCompany, "Create a company", "Requested the company", "Asked to create the company"},
	{ledger.AddDomains, "Add domains", "Added the domain", "Asked to add the domain"},
	{ledger.CompanyState, "Company became ready or failed", "Saw the end of building", "Saw the end of building"},
	{ledger.StatusOutside, "Status changed outside Foyer", "Changed outside Foyer:", "Changed outside Foyer:"},
	{ledger.SeenOutside, "People added outside Foyer", "Added outside Foyer:", "Added outside Foyer:"},
	{ledger.NotListed, "People not listed any more", "Not listed any more:", "Not listed any more:"},
	{ledger.CompanyOutside, "Company created outside Foyer", "Created outside Foyer: the company", "Created outside Foyer: the company"},
	{ledger.DomainOutside, "Domain added outside Foyer", "Added outside Foyer: the domain", "Added outside Foyer: the domain"},
	{ledger.StartReview, "Start an access review", "Started an access review of", "Asked to start an access review of"},
	{ledger.DecideReview, "Decide in an access review", "Decided about the access of", "Asked to decide about the access of"},
	{ledger.FinishReview, "Finish an access review", "Finished an access review of", "Asked to finish an access review of"},
	{ledger.CancelReview, "Cancel an access review", "Cancelled an access review of", "Asked to cancel an access review of"},
	{ledger.UploadBulk, "Upload a list for a bulk change", "Uploaded a list for a bulk change of", "Asked to upload a list for a bulk change of"},
	{ledger.EditBulk, "Change the list of a bulk change", "Changed the list of a bulk change of", "Asked to change the list of a bulk change of"},
	{ledger.PrecheckBulk, "Pre-check people of a bulk change", "Asked for a pre-check of a bulk change of", "Asked for a pre-check of a bulk change of"},
	{ledger.ScheduleBulk, "Schedule a bulk change", "Scheduled a bulk change of", "Scheduled a bulk change of"},
	{ledger.UnscheduleBulk, "Take back the start of a bulk change", "Took back the start of a bulk change of", "Asked to take back the start of a bulk change of"},
	{ledger.StartBulk, "Start a bulk change", "Began the calls of a bulk change of", "Started a bulk change of"},
	{ledger.PauseBulk, "Pause a bulk change", "Paused a bulk change of", "Asked to pause a bulk change of"},
	{ledger.ResumeBulk, "Go on with a bulk change", "Went on with a bulk change of", "Asked to go on with a bulk change of"},
	{ledger.StopBulk, "Stop a bulk change", "Stopped a bulk change of", "Asked to stop a bulk change of"},
	{ledger.BulkRows, "Rows of a bulk change that were not sent", "Sent nothing in a bulk change for", "Sent nothing in a bulk change for"},
	{ledger.EndBulk, "A bulk change ended", "Ended a bulk change of", "Ended a bulk change of"},
	{ledger.DiscardBulk, "Discard a bulk change", "Discarded a bulk change of", "Asked to discard a bulk change of"},
	{ledger.Export, "Export", "Exported", "Asked to export"},
	{ledger.SaveFilter, "Save a filter for everybody", "Saved the shared filter", "Asked to save the shared filter"},
	{ledger.DeleteFilter, "Delete a shared filter", "Deleted the shared filter", "Asked to delete the shared filter"},
	{ledger.NoteCompany, "Change the notes on a company", "Changed the notes on", "Asked to change the notes on"},
	{ledger.NoteUser, "Change the note on a person", "Changed the note on", "Asked to change the note on"},
	{ledger.Denied, "Refused by role", "Was not allowed to", "Was not allowed to"},
	{ledger.SignIn, "Sign-in", "Signed in", "Sign-in refused"},
	{ledger.SignOut, "Sign-out", "Signed out", "Asked to sign out"},
	{ledger.EndSession, "End a session", "Ended a session of", "Asked to end a session of"},
	{ledger.Restored, "Go on with a restored ledger", "Went on with a restored ledger", "Asked to go on with a restored ledger"},
	{ledger.Redact, "Erasure on legal order", "Erased the personal part of", "Asked to erase the personal part of"},
	{ledger.RotateKey, "Replace the ledger’s key", "Replaced the ledger’s key", "Asked to replace the ledger’s key"},
}

// WordsOf are the words for an action; one that this Foyer doesn't know is
// called by its own name.
func WordsOf(a ledger.Action) ActionWords {
	if i := slices.IndexFunc(Actions, func(w ActionWords) bool { return w.Action == a }); i >= 0 {
		return Actions[i]
	}
	return ActionWords{a, string(a), string(a), string(a)}
}

// Outcomes are the outcomes in words, in the order of the filter.
var Outcomes = []struct {
	Outcome ledger.Outcome
	Name    string
}{
	{ledger.Succeeded, "Done"},
	{ledger.Failed, "Refused"},
	{ledger.Unknown, "Not known yet"},
	{ledger.Reconciled, "Settled by reading"},
	{ledger.Corrected, "Corrected"},
	{ledger.Proposed, "Proposed"},
	{ledger.Intent, "Asked"},
}

// OutcomeStatus maps an outcome to its badge.
func OutcomeStatus(o ledger.Outcome) ui.StatusProps {
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

// EventRows maps events to a history of one company or person: each change once
// where its end is among them, and the calls of a bulk change that follow each other as one.
func EventRows(events []ledger.Event, a auth.Actor, now time.Time) []views.EventRow {
	rows := []views.EventRow{}
	for _, e := range callsGathered(WithoutAnswered(events)) {
		rows = append(rows, EventRow(e, a, now))
	}
	return rows
}

// WithoutAnswered leaves out the intents whose outcome is among the events:
// the ledger has both, and a history need not say a thing twice.
func WithoutAnswered(events []ledger.Event) []ledger.Event {
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

// callsGathered puts the calls of a bulk change that follow each other, and were made, in
// one event about all of their people.
func callsGathered(events []ledger.Event) []ledger.Event {
	var gathered []ledger.Event
	for _, e := range events {
		if last := len(gathered) - 1; last >= 0 && e.OfBulkCall() && e.Outcome == ledger.Succeeded &&
			gathered[last].Outcome == e.Outcome && gathered[last].Action == e.Action && gathered[last].Bulk() == e.Bulk() {
			gathered[last].Users = slices.Concat(gathered[last].Users, e.Users)
			gathered[last].Change = "" // of none of them alone
			continue
		}
		gathered = append(gathered, e)
	}
	return gathered
}

// EventRow maps one event to its line in a history.
func EventRow(e ledger.Event, a auth.Actor, now time.Time) views.EventRow {
	row := views.EventRow{
		What: EventWhat(e), Whom: EventWhom(e), At: e.At, Now: now, By: EventBy(e),
		Reason: e.Reason, Ticket: e.Ticket, Note: EventNote(e, a), Result: EventResult(e),
	}
	if len(e.Users) == 1 && e.Users[0].ID != "" && e.Company.ID != "" {
		row.WhomHref = views.UserPath(e.Company.ID, e.Users[0].ID)
	}
	row.Href = ChangeHref(e)
	return row
}

// EventWhat says what was done, or that it was asked for where it isn't known
// to be done.
func EventWhat(e ledger.Event) string {
	words := WordsOf(e.Action)
	if (e.Action == ledger.AddDomains || e.Action == ledger.DomainOutside) && len(addedDomains(e)) > 1 {
		words.asked, words.done = words.asked+"s", words.done+"s"
	}
	switch {
	case e.Outcome != ledger.Succeeded:
		return words.asked
	case e.Action == ledger.DecideReview:
		return decidedWhat(e.Users)
	}
	return words.done
}

// EventWhom names what the event was about: a person, how many people, domains,
// a company, or what was exported.
func EventWhom(e ledger.Event) string {
	switch e.Action {
	case ledger.AddDomains, ledger.DomainOutside:
		if added := addedDomains(e); len(added) > 0 {
			return Domains(added)
		}
	case ledger.DisableUser, ledger.EnableUser: // of several where the calls of a bulk change are gathered
		if len(e.Users) > 1 {
			return ui.Count(len(e.Users), "person", "people")
		}
	case ledger.CreateUsers, ledger.DecideReview, ledger.SeenOutside, ledger.NotListed, ledger.BulkRows:
		if len(e.Users) != 1 {
			return ui.Count(len(e.Users), "person", "people")
		}
	case ledger.Export:
		return CodeNote(e)
	case ledger.SaveFilter, ledger.DeleteFilter:
		return "“" + e.Note + "”"
	case ledger.Denied:
		if ledger.Code(e.Code) == ledger.FromAnotherSite {
			return "send a form from another site’s page"
		}
		if e.Code != "" {
			return PermissionWords(auth.Permission(e.Code))
		}
		return strings.TrimPrefix(e.Note, "needs: ") // as older events of a refusal have it
	case ledger.Redact:
		return ui.Count(len(e.Redacts), "event", "events")
	case ledger.CreateCompany, ledger.CompanyState, ledger.CompanyOutside, ledger.StatusOutside, ledger.NoteCompany, ledger.NoteUser,
		ledger.StartReview, ledger.FinishReview, ledger.CancelReview, ledger.SignIn, ledger.SignOut, ledger.EndSession, ledger.Restored, ledger.RotateKey:
	case ledger.UploadBulk, ledger.EditBulk, ledger.PrecheckBulk, ledger.ScheduleBulk, ledger.UnscheduleBulk, ledger.StartBulk, ledger.PauseBulk, ledger.ResumeBulk, ledger.StopBulk, ledger.EndBulk, ledger.DiscardBulk:
		if e.Company.ID == "" && e.Company.Name == "" {
			return "people of several companies"
		}
	}
	switch {
	case len(e.Users) > 0:
		return RecordedName(e.Users[0], e.Redacted)
	case e.Company.Name != "":
		return e.Company.Name
	}
	return e.Company.ID
}

// EventBy is who did it, or who only noticed that somebody else did.
func EventBy(e ledger.Event) string {
	name := ActorName(e.Actor, e.Redacted)
	if noticed(e.Action) || e.Action == ledger.CompanyState {
		return "noticed by " + name
	}
	return name
}

// noticed says whether an action is what others did, which Foyer only noticed.
func noticed(a ledger.Action) bool {
	return a == ledger.StatusOutside || a == ledger.SeenOutside || a == ledger.NotListed || a == ledger.CompanyOutside || a == ledger.DomainOutside
}

// EventNote is the event's note where it isn't already said as its object. Who may
// see access reviews is led to the one that it is about.
func EventNote(e ledger.Event, a auth.Actor) views.EventNote {
	if e.Altered {
		return views.EventNote{Text: "What it says of people was altered in the database, and isn’t shown."}
	}
	switch e.Action {
	case ledger.Denied:
		return views.EventNote{Text: RepeatedWords(e)}
	case ledger.Export, ledger.SaveFilter, ledger.DeleteFilter:
		return views.EventNote{}
	case ledger.SignIn:
		if e.Note != "" {
			return views.EventNote{Text: strings.TrimSpace(signInWords(e.Note) + " " + RepeatedWords(e))}
		}
	case ledger.StartReview, ledger.DecideReview, ledger.FinishReview, ledger.CancelReview:
		return reviewNote(e, a)
	case ledger.NoteCompany, ledger.NoteUser:
		return views.EventNote{Text: notesNote(e)}
	case ledger.UploadBulk, ledger.EditBulk, ledger.PrecheckBulk, ledger.ScheduleBulk, ledger.UnscheduleBulk, ledger.StartBulk, ledger.PauseBulk, ledger.ResumeBulk, ledger.StopBulk, ledger.BulkRows, ledger.EndBulk, ledger.DiscardBulk:
		return bulkNote(e, bulkNoteWords(e))
	case ledger.CreateCompany, ledger.AddDomains, ledger.CompanyState, ledger.CreateUsers, ledger.DisableUser, ledger.EnableUser,
		ledger.StatusOutside, ledger.SeenOutside, ledger.NotListed, ledger.CompanyOutside, ledger.DomainOutside, ledger.SignOut, ledger.EndSession, ledger.Redact, ledger.Restored, ledger.RotateKey:
	}
	return bulkNote(e, CodeNote(e))
}

// RepeatedWords say how often it happened again, of an event that tells only that; empty of
// others.
func RepeatedWords(e ledger.Event) string {
	var again struct {
		Repeated int
		Until    time.Time
	}
	if json.Unmarshal(e.After, &again) != nil || again.Repeated == 0 {
		return "" // once, or erased
	}
	until := inSeconds(again.Until)
	if at, last := e.At.UTC(), again.Until.UTC(); at.Year() == last.Year() && at.YearDay() == last.YearDay() {
		until = last.Format("15:04:05 UTC")
	}
	return ui.Count(again.Repeated, "more time", "more times") + " until " + until + "."
}

// signInWords say why a sign-in was refused, or led nowhere: the note is a reason, and
// after a colon what is known of it besides.
func signInWords(note string) string {
	reason, more, _ := strings.Cut(note, ": ")
	words := map[auth.Reason]string{
		auth.ReasonRequest:     "What came back was no answer to a sign-in",
		auth.ReasonState:       "It was begun too long ago, was used already, or was never begun",
		auth.ReasonBrowser:     "It was begun in another browser",
		auth.ReasonIssuer:      "The answer was another identity provider’s",
		auth.ReasonDenied:      "The identity provider turned it down",
		auth.ReasonCode:        "The identity provider refused the code",
		auth.ReasonToken:       "The ID token could not be verified",
		auth.ReasonNonce:       "The ID token was another sign-in’s",
		auth.ReasonClaims:      "A claim of the ID token was missing or wrong",
		auth.ReasonStale:       "The identity provider didn’t ask again who the person is",
		auth.ReasonClient:      "The identity provider refuses Foyer itself: its secret has expired, or is another’s",
		auth.ReasonNoToken:     "The identity provider gave no ID token",
		auth.ReasonSpelling:    "The identity provider spells its issuer in another way than the settings",
		auth.ReasonUnavailable: "The identity provider was down or slow, or what it said made no sense",
		auth.ReasonStore:       "Foyer’s own store didn’t answer",
		"no role":              "None of the person’s groups gives a role",
	}[auth.Reason(reason)]
	if words == "" {
		return "Reason: " + note + "."
	}
	if more != "" {
		words += " (" + more + ")"
	}
	return words + "."
}

// EventResult is the badge of an event that was not simply done; nil when it
// was. People of a bulk change who were not all created are a partial success.
func EventResult(e ledger.Event) *ui.StatusProps {
	if e.Action == ledger.CreateUsers && e.Outcome != ledger.Intent && e.Outcome != ledger.Failed {
		if words, partial := bulkResult(e.Users); partial {
			return &ui.StatusProps{Kind: ui.StatusPartial, Word: words}
		}
	}
	if noticed(e.Action) {
		return &ui.StatusProps{Kind: ui.StatusPartial, Word: "Noticed"}
	}
	if e.Outcome == ledger.Succeeded || e.Action == ledger.Denied || e.Action == ledger.StartBulk && e.Outcome == ledger.Intent {
		return nil
	}
	if e.Outcome == ledger.Reconciled {
		if found := foundResult(change.Code(e.Code)); found != nil {
			return found
		}
	}
	return new(OutcomeStatus(e.Outcome))
}

// WasDone says whether an event tells that a change was done.
func WasDone(e ledger.Event) bool {
	if e.Outcome == ledger.Succeeded {
		return true
	}
	found := foundResult(change.Code(e.Code))
	return (e.Outcome == ledger.Reconciled || e.Outcome == ledger.Corrected) && found != nil && found.Kind == ui.StatusReady
}

// foundResult is the badge of a change whose end was found by reading Symphony; nil for
// a code that doesn't tell it, and for events from before there were codes.
func foundResult(code change.Code) *ui.StatusProps {
	switch code { //nolint:exhaustive // the others don't say how a change ended
	case change.FoundCompany, change.FoundDomains, change.FoundStatus, change.FoundPeople:
		return &ui.StatusProps{Kind: ui.StatusReady, Word: "Found done"}
	case change.OnlyExisting, change.AbsentCompany, change.CompanyBefore, change.CompanyOfOther, change.AbsentDomains, change.AbsentStatus, change.AbsentPeople:
		return &ui.StatusProps{Kind: ui.StatusDisabled, Word: "Found not done"}
	}
	return nil
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
