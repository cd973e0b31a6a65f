package wording

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"foyer/lists"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/portal/precheck"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// BulkKindWords are how people read a kind of bulk change.
type BulkKindWords struct {
	Name string // what is chosen
	Hint string // what it does
}

// BulkKind gives the words for a kind of bulk change.
func BulkKind(k bulk.Kind) BulkKindWords {
	switch k {
	case bulk.Create:
		return BulkKindWords{"Add people to a company", "Who of the list isn’t in the company yet is created. Who is there already stays as they are."}
	case bulk.Disable:
		return BulkKindWords{"Disable people", "Who is in the list can’t sign in any more. Chats are kept, and they can be enabled again."}
	case bulk.Enable:
		return BulkKindWords{"Enable people", "Who is in the list and disabled can sign in again."}
	case bulk.Reconcile:
		return BulkKindWords{"Reconcile a company with its staff list", "The list has everybody who should be in the company. Who is missing is created; who isn’t in the list is shown, and disabled only where you tick them."}
	case bulk.Onboard:
		return BulkKindWords{"Onboard a new company with its people", "The company is created, and its people as soon as it is ready."}
	}
	return BulkKindWords{string(k), ""}
}

// BulkTo is how many rows of a bulk change an action is, or was, to be made for.
func BulkTo(sums bulk.Sums, action bulk.Action) int {
	n := 0
	for _, sum := range sums {
		if sum.Action == action {
			n += sum.N
		}
	}
	return n
}

// BulkName is what a bulk change is called.
func BulkName(id int64) string { return fmt.Sprintf("Bulk change %d", id) }

// BulkTitle says what a bulk change does, or did: to how many, where that is known.
func BulkTitle(c bulk.Change) string {
	company := c.Company.Name
	switch c.Kind {
	case bulk.Create:
		return addBulkTitle(BulkTo(c.Sums, bulk.ToAdd), BulkTo(c.Sums, bulk.ToAllow), company)
	case bulk.Disable:
		return "Disable " + someBulkPeople(BulkTo(c.Sums, bulk.ToBar)) + ofCompany(company)
	case bulk.Enable:
		return "Enable " + someBulkPeople(BulkTo(c.Sums, bulk.ToAllow)) + ofCompany(company)
	case bulk.Reconcile:
		return "Reconcile " + company + " with a staff list"
	case bulk.Onboard:
		return "Onboard " + cmp.Or(c.NewCompany.Name, company) + " with " + someBulkPeople(BulkTo(c.Sums, bulk.ToAdd))
	}
	return BulkName(c.ID)
}

// addBulkTitle names also those who are there but disabled, where they are enabled too:
// nobody starts that without having read it.
func addBulkTitle(add, allow int, company string) string {
	switch {
	case allow > 0 && add > 0:
		return "Add " + someBulkPeople(add) + " to " + company + " and enable " + ui.Number(allow)
	case allow > 0:
		return "Enable " + someBulkPeople(allow) + ofCompany(company)
	}
	return "Add " + someBulkPeople(add) + " to " + company
}

func ofCompany(name string) string {
	if name == "" {
		return ""
	}
	return " of " + name
}

func someBulkPeople(n int) string {
	if n == 0 {
		return "people"
	}
	return ui.Count(n, "person", "people")
}

// BulkButton names the act that starting a bulk change is.
func BulkButton(c bulk.Change) string {
	if c.Kind != bulk.Reconcile {
		return BulkTitle(c)
	}
	var acts []string
	for _, act := range []struct {
		action bulk.Action
		verb   string
	}{{bulk.ToAdd, "add"}, {bulk.ToAllow, "enable"}, {bulk.ToBar, "disable"}} {
		if n := c.Sums.To(act.action); n > 0 {
			acts = append(acts, act.verb+" "+ui.Count(n, "person", "people"))
		}
	}
	in := " in "
	switch {
	case len(acts) == 0:
		return BulkTitle(c)
	case len(acts) == 1 && c.Sums.To(bulk.ToAdd) > 0:
		in = " to "
	case len(acts) == 1:
		in = " of "
	}
	words := strings.Join(acts, ", ")
	return strings.ToUpper(words[:1]) + words[1:] + in + c.Company.Name
}

// BulkStatus is how far a bulk change has come.
func BulkStatus(c bulk.Change) ui.StatusProps {
	switch c.State {
	case bulk.Checking:
		return ui.StatusProps{Kind: ui.StatusBuilding, Word: "Being checked"}
	case bulk.Draft:
		if c.Differs > 0 {
			return ui.StatusProps{Kind: ui.StatusPartial, Word: "Not started: stale"}
		}
		return ui.StatusProps{Kind: ui.StatusWaiting, Word: "Not started"}
	case bulk.Scheduled:
		return ui.StatusProps{Kind: ui.StatusWaiting, Word: "Scheduled"}
	case bulk.Starting:
		return ui.StatusProps{Kind: ui.StatusBuilding, Word: "Starting"}
	case bulk.Running:
		return ui.StatusProps{Kind: ui.StatusBuilding, Word: "Running"}
	case bulk.Paused:
		return ui.StatusProps{Kind: ui.StatusPartial, Word: "Paused"}
	case bulk.Stopped:
		if c.EndedAt.IsZero() {
			return ui.StatusProps{Kind: ui.StatusBuilding, Word: "Stopping"}
		}
		return ui.StatusProps{Kind: ui.StatusPartial, Word: "Stopped"}
	case bulk.Done:
		if c.Sums.In(bulk.Refused, bulk.Unknown) > 0 || BulkMissed(c.Sums) {
			return ui.StatusProps{Kind: ui.StatusPartial, Word: "Partly done"}
		}
		return ui.StatusProps{Kind: ui.StatusReady, Word: "Done"}
	case bulk.Discarded:
		return ui.StatusProps{Kind: ui.StatusDisabled, Word: "Discarded"}
	}
	return ui.StatusProps{Kind: ui.StatusUnrecognised, Word: string(c.State)}
}

// BulkRow has a line of a history say what became of the bulk change that its event is of:
// what was to be done, how far that has come, and how its rows ended. It stands where the
// bulk change ended, if it has.
func BulkRow(c bulk.Change, row views.EventRow) views.EventRow {
	row.What, row.Whom, row.WhomHref, row.Company, row.CompanyHref = BulkTitle(c), "", "", "", ""
	if c.State.Started() { // else the event is its start
		row.By, row.Reason, row.Ticket = ActorName(c.StartedBy, c.Erased), c.Reason, c.Ticket
	}
	row.Result, row.Note = new(BulkStatus(c)), views.EventNote{Link: ui.Link{Label: BulkName(c.ID), Href: views.BulkChangePath(c.ID)}}
	if tally := BulkTally(c.Sums); tally != "" {
		row.Note.Text = ": " + tally
	}
	if !c.EndedAt.IsZero() {
		row.At = c.EndedAt
	}
	return row
}

// BulkMissed says whether nothing was done for a row because it can't be right, or because
// its person was not found as it says: nobody chose that.
func BulkMissed(sums bulk.Sums) bool {
	for _, code := range []bulk.Code{bulk.Faulty, bulk.Elsewhere, bulk.NotFound, bulk.Several, bulk.NotListed, bulk.OtherPerson} {
		if sums.Of(bulk.LeftOut, code) > 0 {
			return true
		}
	}
	return false
}

// BulkAction is what is to be done with the person of a row.
func BulkAction(a bulk.Action) string {
	switch a {
	case bulk.ToAdd:
		return "To be created"
	case bulk.ToAllow:
		return "To be enabled"
	case bulk.ToBar:
		return "To be disabled"
	case bulk.Nothing:
		return "Nothing is to be done"
	}
	return string(a)
}

// BulkRowStatus is how far a row of a bulk change has come.
func BulkRowStatus(state bulk.RowState, action bulk.Action) ui.StatusProps {
	switch state {
	case bulk.Planned:
		return ui.StatusProps{Kind: ui.StatusWaiting, Word: BulkAction(action)}
	case bulk.Sent:
		return ui.StatusProps{Kind: ui.StatusBuilding, Word: "Being sent"}
	case bulk.Unsettled:
		return ui.StatusProps{Kind: ui.StatusUnknown, Word: "Not known yet"}
	case bulk.Created:
		return ui.StatusProps{Kind: ui.StatusReady, Word: "Created"}
	case bulk.Enabled:
		return ui.StatusProps{Kind: ui.StatusActive, Word: "Enabled"}
	case bulk.Disabled:
		return ui.StatusProps{Kind: ui.StatusDisabled, Word: "Disabled"}
	case bulk.AlreadyThere:
		return ui.StatusProps{Kind: ui.StatusReady, Word: "Already there"}
	case bulk.Refused:
		return ui.StatusProps{Kind: ui.StatusFailed, Word: "Refused"}
	case bulk.LeftOut:
		return ui.StatusProps{Kind: ui.StatusDisabled, Word: "Left out"}
	case bulk.Unknown:
		return ui.StatusProps{Kind: ui.StatusUnknown, Word: "Nobody knows"}
	}
	return ui.StatusProps{Kind: ui.StatusUnrecognised, Word: string(state)}
}

// BulkTally counts rows by how they ended: "2,938 created · 37 already there · 3 refused".
// What was not done comes last, where the eye ends.
func BulkTally(sums bulk.Sums) string {
	var parts []string
	for _, state := range []bulk.RowState{
		bulk.Created, bulk.Enabled, bulk.Disabled, bulk.AlreadyThere, bulk.LeftOut, bulk.Planned, bulk.Sent, bulk.Unsettled, bulk.Refused, bulk.Unknown,
	} {
		if n := sums.In(state); n > 0 {
			parts = append(parts, ui.Number(n)+" "+bulkTallied(state))
		}
	}
	return strings.Join(parts, " · ")
}

func bulkTallied(state bulk.RowState) string {
	switch state { //nolint:exhaustive // the others are called as rows are
	case bulk.Planned:
		return "to go"
	case bulk.Unknown:
		return "that nobody knows about"
	}
	return strings.ToLower(BulkRowStatus(state, bulk.Nothing).Word)
}

// BulkRowWhy says in a sentence or two why a row is as it is; earlier is the line of the
// row that a duplicate is of. Empty where the state says it all.
func BulkRowWhy(r bulk.Row, earlier int) string {
	switch r.Code { //nolint:exhaustive // the others need no more than the code
	case bulk.NoCode, bulk.DataDiffers:
		return bulkDiffers(r.Facts.Differs)
	case bulk.Faulty:
		words := make([]string, len(r.Facts.Faults))
		for i, f := range r.Facts.Faults {
			words[i] = FieldLabel(lists.Field(f.Field)) + ": " + FieldWords(f)
		}
		return strings.Join(words, " ")
	case bulk.Duplicate:
		return fmt.Sprintf("The same person is in row %d.", earlier)
	case bulk.Elsewhere:
		if name := r.Facts.Company.Name; name != "" {
			return "Somebody of " + name + " has this address."
		}
		return "Somebody of another company on Symphony has this address. Ask them, or their Symphony administrator."
	case bulk.StatusUnknown:
		return strings.TrimSpace("In the company already; whether they are active isn’t known. " + bulkDiffers(r.Facts.Differs))
	case bulk.IsActive:
		return strings.TrimSpace("Active already. " + bulkDiffers(r.Facts.Differs))
	case bulk.IsDisabled:
		return strings.TrimSpace("Disabled. " + bulkDiffers(r.Facts.Differs))
	case bulk.Symphony:
		if p := r.Facts.Problem; p != nil {
			words := RefusalWords(sapi.Code(p.Code), cmp.Or(p.Detail, p.Title))
			if p.Code != "" {
				return words + " (" + p.Code + ")"
			}
			return words
		}
	}
	return bulkCode(r.Code)
}

// bulkCode are the words for the codes that need no more than the code.
func bulkCode(code bulk.Code) string {
	words, ok := map[bulk.Code]string{
		bulk.NoCode:        "",
		bulk.Faulty:        "Something in the row can’t be right.",
		bulk.Duplicate:     "The same person is in an earlier row.",
		bulk.Elsewhere:     "Somebody of another company has this address.",
		bulk.ByPerson:      "It was left out by hand.",
		bulk.NotTicked:     "In the company and not in the list. Nobody said that they are to be disabled.",
		bulk.NotFound:      "Foyer knows nobody with this address or id.",
		bulk.Several:       "People of several companies have this address. Say whom by the user id.",
		bulk.NotListed:     "Symphony doesn’t list them in their company any more.",
		bulk.OtherPerson:   "The address and the id are of two different people.",
		bulk.NeverSent:     "The bulk change was stopped before its turn came. Nothing was sent.",
		bulk.Erased:        "What it said was erased on legal order.",
		bulk.IsActive:      "Active already.",
		bulk.IsDisabled:    "Disabled.",
		bulk.StatusUnknown: "Whether they are active isn’t known.",
		bulk.DataDiffers:   "The list says otherwise than Symphony.",
		bulk.Alone:         "A call with others was refused as a whole. It is sent once more by itself.",
		bulk.Again:         "A call before did nothing for it. It is sent once more.",
		bulk.AnswerLost:    "Symphony’s answer was lost. Foyer is finding out whether it was done.",
		bulk.Exists:        "Symphony says that the address is taken. Foyer is looking where.",
		bulk.Symphony:      "Symphony refused it and gave no reason.",
		bulk.NotDone:       "Several calls did nothing for it, and Symphony doesn’t say why.",
		bulk.NoCompany:     "Symphony doesn’t know their company, or says that it isn’t ready.",
		bulk.StatusKept:    "Symphony said yes, and still shows the old status.",
		bulk.GaveUp:        "Foyer asked for a day and still can’t tell. Look at Symphony yourself before you do it again.",
	}[code]
	if !ok {
		return string(code)
	}
	return words
}

// bulkDiffers names the fields in which a list says otherwise than Symphony.
func bulkDiffers(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	labels := make([]string, len(fields))
	for i, f := range fields {
		labels[i] = strings.ToLower(FieldLabel(lists.Field(f)))
	}
	return "The list says otherwise than Symphony: " + strings.Join(labels, ", ") + ". Symphony’s API can’t change that."
}

// BulkWait says what a bulk change waits for, or why it is paused.
func BulkWait(w bulk.Waiting, now time.Time) (title, text string) {
	goesOn := ""
	if !w.Until.IsZero() {
		goesOn = " It goes on at " + ui.Clock(w.Until) + " UTC."
	}
	switch w.Code {
	case "":
		return "", ""
	case bulk.WaitsForRate:
		if wait := w.Until.Sub(now); wait > 0 {
			return "Symphony asked us to wait " + roundUp(wait) + ".", "Nothing was lost." + goesOn
		}
		return "Symphony asked us to wait.", "Nothing was lost. It goes on now."
	case bulk.WaitsForSymphony:
		return "Symphony doesn’t answer as it should.", "Nothing was lost." + goesOn
	case bulk.WaitsForDatabase:
		return "Foyer’s own store can’t be written now.", "Nothing is sent that can’t be recorded." + goesOn
	case bulk.WaitsForCompany:
		return "Symphony is building the company.", "Its people are added as soon as it is ready."
	case bulk.WaitsForChange:
		return "Another change of one of these people isn’t settled yet.", "It goes on once that is known." + goesOn
	case bulk.CompanyGone:
		return "Symphony doesn’t know the company, or it isn’t ready.", "Look at the company, then go on or stop."
	case bulk.CompanyFailed:
		return "The company could not be created or built.", "Look at the company, then go on or stop."
	case bulk.CompanyThere:
		return "There is a company with this vanity name already.", "Nothing was sent. If it is the one that is meant, stop this and add the people to it with a new bulk change. Otherwise stop it and upload the list with another vanity name."
	case bulk.RoleWithdrawn:
		return "Whoever started it may not do this any more.", "Somebody who may can go on with it, in their own name."
	case bulk.RefusesAll:
		return "Symphony refused many calls in a row.", "It is hardly about the people in them. Look at what it said, then go on or stop."
	case bulk.NotAllowed:
		return "Symphony doesn’t allow this to your organisation.", "Ask Symphony, then go on or stop."
	case bulk.MissedStart:
		return "It was not started at its time.", "Foyer wasn’t running then, nor for an hour after. Nothing was sent: look at it, and start it again."
	case bulk.TooManyPeople:
		return "The list could not be checked: there are too many people.", fmt.Sprintf("A bulk change can have %s rows at most, with those who are in the company and not in the list.", ui.Number(bulk.MaxRows))
	}
	return string(w.Code), ""
}

// BulkFrom says where the list of a bulk change came from.
func BulkFrom(c bulk.Change) string {
	rows := ui.Count(c.Rows, "row", "rows")
	switch {
	case c.Of > 0:
		return fmt.Sprintf("From bulk change %d, %s", c.Of, rows)
	case c.File.Selected:
		return "Ticked in a table, " + rows
	case c.File.Name == "":
		return "From a list that was pasted, " + rows
	}
	return "From " + c.File.Name + ", " + rows
}

// BulkPerson is how a row calls its person.
func BulkPerson(r bulk.Row) string {
	return portal.FirstSeen(portal.NewUserName(r.NewUser), r.Email, r.UserID, "nobody named")
}

// BulkLine is what a plan, and a result, call the rows of a state with a code.
func BulkLine(state bulk.RowState, code bulk.Code) string {
	if state != bulk.LeftOut && state != bulk.AlreadyThere {
		return BulkRowStatus(state, bulk.Nothing).Word
	}
	words, ok := map[bulk.Code]string{
		bulk.NoCode: BulkRowStatus(state, bulk.Nothing).Word,

		bulk.Faulty: "Left out: something to correct", bulk.Duplicate: "Left out: twice in the list", bulk.Elsewhere: "Left out: in another company",
		bulk.ByPerson: "Left out by hand", bulk.NotTicked: "In the company and not in the list", bulk.NotFound: "Left out: nobody is found",
		bulk.Several: "Left out: in several companies", bulk.NotListed: "Left out: not listed any more", bulk.OtherPerson: "Left out: address and id of two people",
		bulk.NeverSent: "Not sent: it was stopped before", bulk.Erased: "Left out: erased on legal order",

		bulk.IsActive: "Already there and active", bulk.IsDisabled: "There but disabled", bulk.StatusUnknown: "There, status not known",
		bulk.DataDiffers: "There, and the list says otherwise",
	}[code]
	if !ok {
		return BulkRowStatus(state, bulk.Nothing).Word + ": " + string(code)
	}
	return words
}

// BulkPrecheckName is what the pre-check said, as sums and filters call it: as the pre-check
// itself does, but for what is expected of those who are to be created.
func BulkPrecheckName(p bulk.Prechecked) string {
	if p.Verdict() == precheck.CantTell && p.Why() != "" && !p.Answered() {
		return "Could not be asked"
	}
	if p.Verdict() == precheck.DomainKnown {
		return "Not on Symphony yet" // the domain is the company's, or the row is left out
	}
	return VerdictStatus(precheck.Row{Input: "@@", Verdict: p.Verdict()}).Word
}

// BulkPrecheck says what the pre-check said of a row; empty where nobody asked, or there is
// no answer yet.
func BulkPrecheck(p bulk.Prechecked) string {
	switch p.Verdict() {
	case "":
		return ""
	case precheck.Elsewhere:
		if p.Why() == precheck.PersonFound {
			return "on Symphony in another company."
		}
		return "people of this domain are on Symphony in another company."
	case precheck.Active:
		return "active in a company of yours."
	case precheck.Disabled:
		return "in a company of yours, and disabled."
	case precheck.DomainKnown:
		return "nobody with this address is on Symphony; a company of yours has the domain."
	case precheck.Free:
		return "neither the address nor its domain is on Symphony."
	case precheck.NotAnInput:
		return "this is no address that can be asked about."
	case precheck.CantTell:
	}
	if p.Why() == precheck.NotAsked {
		return "could not be asked: Symphony didn’t answer."
	}
	why := verdictWhy(precheck.Row{Verdict: p.Verdict(), Why: p.Why()})
	if !p.Answered() {
		return "could not be asked: " + why + "."
	}
	return "can’t tell: " + why + "."
}

// BulkAt writes the time at which a bulk change starts, as it was chosen and in UTC.
func BulkAt(at time.Time, zone string) string {
	utc := at.UTC().Format("2006-01-02 15:04 UTC")
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "" || zone == "UTC" {
		return utc
	}
	return at.In(location).Format("2006-01-02 15:04 ") + zone + " (" + utc + ")"
}

// BulkUnused says of a bulk change that isn't started for how long nobody has used it, and
// when it is discarded; empty for others.
func BulkUnused(c bulk.Change, now time.Time) string {
	const soon = 7 // days
	since := c.UnusedSince()
	if since.IsZero() {
		return ""
	}
	days, all := int(now.Sub(since).Hours())/24, int(bulk.UnusedFor.Hours())/24
	switch {
	case days < 1:
		return "draft"
	case all-days <= soon:
		return fmt.Sprintf("draft, not used for %s: is discarded after %d", ui.Count(days, "day", "days"), all)
	}
	return "draft, not used for " + ui.Count(days, "day", "days")
}

// TooManyLists says when another list can be uploaded.
func TooManyLists(wait time.Duration) string {
	return "You uploaded many lists in a short time. Nothing was sent: try again in " + roundUp(wait) + "."
}
