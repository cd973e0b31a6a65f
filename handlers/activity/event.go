package activity

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"foyer/auth"
	"foyer/handlers/wording"
	"foyer/ledger"
	"foyer/portal"
	"foyer/views"
	pages "foyer/views/activity"
	"foyer/views/ui"
)

// newEventPage maps one event, in full.
func newEventPage(e ledger.Event, a auth.Actor) pages.ShowPage {
	page := pages.ShowPage{
		Title: strings.TrimSpace(wording.EventWhat(e) + " " + wording.EventWhom(e)), At: e.At, Result: activityRow(e, a).Result, Redacted: e.Redacted, Altered: e.Altered,
		What: eventFacts(e, a), Origin: originFacts(e), Symphony: symphonyFacts(e.Symphony), Values: eventValues(e),
	}
	for _, u := range e.Users {
		person := pages.Person{Name: wording.RecordedName(u, e.Redacted), Email: u.Email, ID: u.ID, Result: wording.ResultWord(e.Action, u.Result), Note: wording.PersonNote(e.Action, u.Note)}
		if u.ID != "" && e.Company.ID != "" {
			person.Href = views.UserPath(e.Company.ID, u.ID)
		}
		page.People = append(page.People, person)
	}
	switch e.Action { //nolint:exhaustive // the others' values stand nowhere else
	case ledger.DecideReview: // they name the review, and what was decided stands with each of the people
		page.Values = nil
	case ledger.Redact, ledger.Restored: // the note says all of them
		page.Values = nil
	}
	if wording.RepeatedWords(e) != "" {
		page.Values = nil // the note has them
	}
	page.ChangeHref = wording.ChangeHref(e)
	page.Related = relatedEvents(e)
	return page
}

// relatedPeople is up to how many people an event may be about for the related
// events of each to be offered: more would hide the others.
const relatedPeople = portal.MaxPeople

// relatedEvents lead to what else the same request did, what the same person
// did, and what was done to the same people and the same company.
func relatedEvents(e ledger.Event) []ui.Link {
	var links []ui.Link
	add := func(label, filter, value string) {
		if value != "" {
			links = append(links, ui.Link{Label: label, Href: activityHref(nil, filter, value)})
		}
	}
	add("Everything of this request", "request", e.Actor.RequestID)
	people := e.Users
	if len(people) > relatedPeople {
		people = nil
	}
	for _, u := range people {
		add("Everything done to "+wording.RecordedName(u, e.Redacted), "user", cmp.Or(u.ID, u.Email))
	}
	add("Everything at "+cmp.Or(e.Company.Name, e.Company.ID), "company", e.Company.ID)
	add("Everything done by "+wording.ActorName(e.Actor, e.Redacted), "person", cmp.Or(e.Actor.Email, e.Actor.Subject))
	return links
}

// facts collects what there is: a fact without a value is left out.
type facts []ui.KeyValueItem

func (f *facts) add(key, value string) { f.put(ui.KeyValueItem{Key: key, Value: value}) }

func (f *facts) code(key, value string) {
	f.put(ui.KeyValueItem{Key: key, Value: value, Code: true, Copy: true})
}

func (f *facts) put(item ui.KeyValueItem) {
	if item.Value != "" {
		*f = append(*f, item)
	}
}

// eventFacts are what was done, to what, and why.
func eventFacts(e ledger.Event, a auth.Actor) []ui.KeyValueItem {
	var f facts
	f.add("Action", wording.WordsOf(e.Action).Name)
	f.add("Outcome", wording.OutcomeStatus(e.Outcome).Word)
	f.add("Company", e.Company.Name)
	f.code("Company id", e.Company.ID)
	f.add("Reason", e.Reason)
	f.add("Ticket", e.Ticket)
	note := ui.KeyValueItem{Key: "Note", Value: wording.CodeNote(e)}
	if about := wording.EventNote(e, a); about.Link.Href != "" {
		note.Content = views.NoteWords(about)
	}
	f.put(note)
	if len(e.Redacts) > 0 {
		f.add("Erased events", numbers(e.Redacts))
	}
	f.code("Change id", e.Change)
	f.code("SHA-256 of evidence.json", e.SHA256)
	return f
}

func numbers(seqs []int64) string {
	words := make([]string, len(seqs))
	for i, seq := range seqs {
		words[i] = strconv.FormatInt(seq, 10)
	}
	return strings.Join(words, ", ")
}

// originFacts are who did it, and from where.
func originFacts(e ledger.Event) []ui.KeyValueItem {
	var f facts
	f.add("Name", e.Actor.Name)
	f.add("E-mail", e.Actor.Email)
	f.add("Roles", e.Actor.Roles.String())
	f.code("Subject", e.Actor.Subject)
	f.add("Issuer", e.Actor.Issuer)
	f.add("Address", e.Actor.Address)
	f.put(ui.KeyValueItem{Key: "Browser", Value: e.Actor.UserAgent, Content: pages.Browser(wording.BrowserName(e.Actor.UserAgent), e.Actor.UserAgent)})
	f.code("Session", e.Actor.Session)
	f.code("Reference", e.Actor.RequestID)
	f.add("Foyer’s version", e.Binary)
	return f
}

// symphonyFacts are what Symphony answered; empty when it was not asked.
func symphonyFacts(s ledger.Symphony) []ui.KeyValueItem {
	if s == (ledger.Symphony{}) {
		return nil
	}
	var f facts
	f.add("Operation", s.Operation)
	if s.Status != 0 {
		f.add("HTTP status", strconv.Itoa(s.Status))
	} else {
		f.add("HTTP status", "no answer came")
	}
	f.code("Code", s.Code)
	f.code("Trace id", s.TraceID)
	return f
}

// eventValues puts the values before and after side by side, by name. What an
// event doesn't hold is never said to have become nothing.
func eventValues(e ledger.Event) []pages.Value {
	was, is := valueWords(e.Before), valueWords(e.After)
	noBefore, noAfter := "nothing", "nothing"
	switch e.Outcome {
	case ledger.Unknown:
		noAfter = "not known"
	case ledger.Failed:
		noAfter = "not changed"
	case ledger.Reconciled, ledger.Corrected:
		noBefore = "in the event that asked for it"
		noAfter = "not changed"
	case ledger.Proposed, ledger.Intent, ledger.Succeeded:
	}
	names := slices.Collect(maps.Keys(was))
	for name := range is {
		if _, both := was[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var values []pages.Value
	for _, name := range names {
		values = append(values, pages.Value{
			Name: valueName(name), Before: was[name], After: is[name], NoBefore: noBefore, NoAfter: noAfter, Changed: len(was) > 0 && len(is) > 0 && was[name] != is[name],
		})
	}
	return values
}

// valueWords are values as people read them, by their names; lists have one
// entry a line.
func valueWords(raw json.RawMessage) map[string]string {
	var values map[string]any
	if json.Unmarshal(raw, &values) != nil {
		return nil
	}
	words := make(map[string]string, len(values))
	for name, value := range values {
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		lines := make([]string, len(list))
		for i, entry := range list {
			lines[i] = fmt.Sprint(entry)
		}
		words[name] = strings.Join(lines, "\n")
	}
	return words
}

// valueName is a value's name as pages have it elsewhere.
func valueName(name string) string {
	switch name {
	case "emailDomains":
		return "E-mail domains"
	case "vanityName":
		return "Vanity name"
	case "readAt":
		return "Read at"
	case "changedAt":
		return "Changed at"
	case "sha256":
		return "SHA-256"
	case "":
		return name
	}
	return strings.ToUpper(name[:1]) + name[1:]
}
