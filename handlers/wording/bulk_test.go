package wording

import (
	"strings"
	"testing"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/bulk"
	"foyer/sapi"
)

func TestEverythingThatABulkChangeCanSayHasWords(t *testing.T) {
	t.Parallel()
	const file = "portal/bulk/bulk.go"
	now := time.Date(2026, 11, 28, 9, 44, 8, 0, time.UTC)
	said := func(of, words, code string) {
		t.Helper()
		if words == "" || words == code {
			t.Errorf("the %s %q has no words", of, code)
		}
	}
	for _, kind := range codesIn(t, file, "Kind") {
		said("kind", BulkKind(bulk.Kind(kind)).Name, kind)
		said("hint of the kind", BulkKind(bulk.Kind(kind)).Hint, kind)
		said("title of the kind", BulkTitle(bulk.Change{ID: 7, Kind: bulk.Kind(kind)}), BulkName(7))
	}
	for _, state := range codesIn(t, file, "State") {
		said("state", BulkStatus(bulk.Change{State: bulk.State(state)}).Word, state)
	}
	for _, state := range codesIn(t, file, "RowState") {
		said("state of a row", BulkRowStatus(bulk.RowState(state), bulk.ToAdd).Word, state)
		said("line of a state", BulkLine(bulk.RowState(state), bulk.NoCode), state)
	}
	for _, action := range codesIn(t, file, "Action") {
		said("action", BulkAction(bulk.Action(action)), action)
	}
	for _, code := range codesIn(t, file, "Code") {
		if code != "" {
			said("code", BulkRowWhy(bulk.Row{Code: bulk.Code(code), Facts: bulk.Facts{Differs: []string{"title"}, Faults: []portal.FieldError{{Field: "email", Fault: portal.Fault{Code: portal.Missing}}}}}, 3), code)
			said("code by itself", bulkCode(bulk.Code(code)), code)
		}
	}
	for _, code := range codesIn(t, file, "EditCode") {
		if code != "" {
			said("edit", bulkEdits[bulk.EditCode(code)], code)
		}
	}
	for _, code := range codesIn(t, file, "WaitCode") {
		title, _ := BulkWait(bulk.Waiting{Code: bulk.WaitCode(code), Until: now.Add(12 * time.Second)}, now)
		said("wait", title, code)
	}
	for _, code := range codesIn(t, "lists/refused.go", "Code") {
		if words := FileRefused(&lists.Refused{Code: lists.Code(code)}); strings.Contains(words, "("+code+")") || !strings.HasSuffix(words, ".") {
			t.Errorf("a file refused as %s reads %q", code, words)
		}
	}
	for _, encoding := range lists.Encodings() {
		said("encoding", Encoding(encoding), string(encoding))
	}
	for _, reason := range codesIn(t, "lists/table.go", "Reason") {
		if words := LeftOutLine(lists.LeftOut{Line: 2, Why: lists.Reason(reason)}); strings.Contains(words, "it "+reason) {
			t.Errorf("a line left out as %s reads %q", reason, words)
		}
	}
	for _, field := range codesIn(t, "lists/table.go", "Field") {
		said("field", FieldLabel(lists.Field(field)), field)
	}
}

func TestWhatBecameOfARowInWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		row  bulk.Row
		want string
	}{
		{bulk.Row{State: bulk.Created}, ""},
		{bulk.Row{Code: bulk.Duplicate}, "The same person is in row 31."},
		{bulk.Row{Code: bulk.Elsewhere, Facts: bulk.Facts{Company: ledger.Company{Name: "Meridian"}}}, "Somebody of Meridian has this address."},
		{bulk.Row{Code: bulk.IsActive, Facts: bulk.Facts{Differs: []string{"lastName", "title"}}}, "Active already. The list says otherwise than Symphony: last name, job title. Symphony’s API can’t change that."},
		{bulk.Row{Code: bulk.Symphony, Facts: bulk.Facts{Problem: &portal.Problem{Code: string(sapi.CodeEmailTaken)}}}, "Somebody on Symphony has this e-mail address already. (40002)"},
		{bulk.Row{Code: bulk.Symphony}, "Symphony refused it and gave no reason."},
	} {
		if got := BulkRowWhy(test.row, 31); got != test.want {
			t.Errorf("BulkRowWhy(%s) = %q, want %q", test.row.Code, got, test.want)
		}
	}
}

func TestSumsOfABulkChangeInWords(t *testing.T) {
	t.Parallel()
	sums := bulk.Sums{
		{State: bulk.Refused, Action: bulk.ToAdd, Code: bulk.Symphony, N: 3},
		{State: bulk.Created, Action: bulk.ToAdd, N: 2938},
		{State: bulk.AlreadyThere, Code: bulk.IsActive, N: 37},
	}
	if got, want := BulkTally(sums), "2,938 created · 37 already there · 3 refused"; got != want {
		t.Errorf("BulkTally = %q, want %q", got, want)
	}
	c := bulk.Change{Kind: bulk.Create, Company: ledger.Company{Name: "Lyondell"}, Sums: sums}
	if got, want := BulkTitle(c), "Add 2,941 people to Lyondell"; got != want {
		t.Errorf("BulkTitle = %q, want %q", got, want)
	}
}

func TestWhoIsEnabledTooIsInTheTitleOfWhoIsAdded(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		add, allow int
		want       string
	}{
		{1, 0, "Add 1 person to Lyondell"},
		{1, 27, "Add 1 person to Lyondell and enable 27"},
		{0, 27, "Enable 27 people of Lyondell"},
		{0, 0, "Add people to Lyondell"},
	} {
		c := bulk.Change{Kind: bulk.Create, Company: ledger.Company{Name: "Lyondell"}, Sums: bulk.Sums{
			{State: bulk.Planned, Action: bulk.ToAdd, N: test.add}, {State: bulk.Planned, Action: bulk.ToAllow, N: test.allow},
		}}
		if got := BulkTitle(c); got != test.want {
			t.Errorf("BulkTitle = %q, want %q", got, test.want)
		}
		if got := BulkButton(c); got != test.want {
			t.Errorf("BulkButton = %q, want %q", got, test.want)
		}
	}
}

func TestABulkChangeIsNotDoneWhileRowsOfItWereMissed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		sum  bulk.Sum
		want string
	}{
		{bulk.Sum{State: bulk.Created, N: 3}, "Done"},
		{bulk.Sum{State: bulk.LeftOut, Code: bulk.ByPerson, N: 1}, "Done"},
		{bulk.Sum{State: bulk.LeftOut, Code: bulk.NotTicked, N: 1}, "Done"},
		{bulk.Sum{State: bulk.LeftOut, Code: bulk.Duplicate, N: 1}, "Done"},
		{bulk.Sum{State: bulk.LeftOut, Code: bulk.Faulty, N: 1}, "Partly done"},
		{bulk.Sum{State: bulk.LeftOut, Code: bulk.NotFound, N: 1}, "Partly done"},
		{bulk.Sum{State: bulk.Refused, Code: bulk.Symphony, N: 1}, "Partly done"},
	} {
		if got := BulkStatus(bulk.Change{State: bulk.Done, Sums: bulk.Sums{test.sum}}).Word; got != test.want {
			t.Errorf("with rows %s, %s, it is %q, want %q", test.sum.State, test.sum.Code, got, test.want)
		}
	}
}

func TestEventsOfBulkChangesReadAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		event ledger.Event
		want  string
	}{
		{ledger.Event{Action: ledger.UploadBulk, Outcome: ledger.Succeeded, Code: "create", Note: "joiners.csv", After: []byte(`{"rows":"3000"}`)}, "Add people to a company, joiners.csv, 3,000 rows."},
		{ledger.Event{Action: ledger.EditBulk, Outcome: ledger.Succeeded, Code: "list", Note: "mended.csv", After: []byte(`{"rows":"122"}`)}, "Another list in place of the one before, mended.csv, 122 rows."},
		{ledger.Event{Action: ledger.EditBulk, Outcome: ledger.Succeeded, Code: "cells", After: []byte(`{"rows":"1"}`)}, "The cells of a row, 1 row."},
		{ledger.Event{Action: ledger.StartBulk, Outcome: ledger.Failed, Code: "stale-plan"}, "Something had changed since it was planned. Nothing was sent."},
		{ledger.Event{Action: ledger.ScheduleBulk, Outcome: ledger.Intent, Code: "disable", After: []byte(`{"disable":"37","at":"2026-11-29T06:00:00Z","zone":"Europe/Berlin"}`)}, "Disable people, 37 to disable, at 2026-11-29 07:00 Europe/Berlin (2026-11-29 06:00 UTC)."},
		{ledger.Event{Action: ledger.StartBulk, Outcome: ledger.Intent, Code: "disable", After: []byte(`{"plan":"x","create":"0","disable":"37"}`)}, "Disable people, 37 to disable."},
		{ledger.Event{Action: ledger.PauseBulk, Outcome: ledger.Succeeded, Code: string(bulk.RoleWithdrawn)}, "Whoever started it may not do this any more."},
		{ledger.Event{Action: ledger.EndBulk, Outcome: ledger.Succeeded, Code: "create", After: []byte(`{"created":"2938","refused":"3"}`)}, "Add people to a company, 3 refused, 2,938 created."},
		{ledger.Event{Action: ledger.StopBulk, Redacted: true}, ""},
	} {
		if got := CodeNote(test.event); got != test.want {
			t.Errorf("%s: %q, want %q", test.event.Action, got, test.want)
		}
	}
	if got, want := PersonNote(ledger.BulkRows, string(bulk.NotFound)), "Foyer knows nobody with this address or id."; got != want {
		t.Errorf("PersonNote = %q, want %q", got, want)
	}
}

// What could not be asked is told as that, and every answer otherwise.
func TestWhatAPrecheckOfARowSaysInWords(t *testing.T) {
	t.Parallel()
	tests := []struct{ said, name, words string }{
		{"", "Can’t tell", ""},
		{"waiting", "Can’t tell", ""},
		{"elsewhere.person-found", "On Symphony elsewhere", "on Symphony in another company."},
		{"elsewhere.domain-found", "On Symphony elsewhere", "people of this domain are on Symphony in another company."},
		{"yours-active", "Yours and active", "active in a company of yours."},
		{"yours-disabled", "Yours but disabled", "in a company of yours, and disabled."},
		{"domain-known", "Not on Symphony yet", "nobody with this address is on Symphony; a company of yours has the domain."},
		{"free", "Free", "neither the address nor its domain is on Symphony."},
		{"invalid", "Not understood", "this is no address that can be asked about."},
		{"cant-tell.not-asked", "Could not be asked", "could not be asked: Symphony didn’t answer."},
		{"cant-tell.people-unread", "Could not be asked", "could not be asked: Foyer’s directory can’t be read."},
		{"cant-tell.disagree", "Can’t tell", "can’t tell: the sources disagree."},
	}
	for _, tt := range tests {
		if name, words := BulkPrecheckName(bulk.Prechecked(tt.said)), BulkPrecheck(bulk.Prechecked(tt.said)); name != tt.name || words != tt.words {
			t.Errorf("%q is %q and %q, want %q and %q", tt.said, name, words, tt.name, tt.words)
		}
	}
}

func TestADraftSaysForHowLongNobodyUsedIt(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 9, 44, 8, 0, time.UTC)
	for days, want := range map[int]string{0: "draft", 1: "draft, not used for 1 day", 12: "draft, not used for 12 days", 25: "draft, not used for 25 days: is discarded after 30"} {
		if got := BulkUnused(bulk.Change{State: bulk.Draft, UpdatedAt: now.AddDate(0, 0, -days)}, now); got != want {
			t.Errorf("after %d days %q, want %q", days, got, want)
		}
	}
	if got := BulkUnused(bulk.Change{State: bulk.Running, UpdatedAt: now.AddDate(0, 0, -9)}, now); got != "" {
		t.Errorf("one that runs is %q", got)
	}
	discarded := ledger.Event{Action: ledger.DiscardBulk, Outcome: ledger.Succeeded, Code: bulk.Unused, Actor: auth.System("bulk", bulk.RequestID(7))}
	if got, want := EventNote(discarded, auth.Actor{}).Text, ": Nobody had used it for 30 days. What was in its rows is erased."; got != want {
		t.Errorf("the ledger says %q, want %q", got, want)
	}
}

// A line of a history about a bulk change tells what became of it, and not what its event
// was.
func TestALineAboutABulkChangeSaysHowItStands(t *testing.T) {
	t.Parallel()
	started, ended := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	olga, otto := auth.Actor{Name: "Olga"}, auth.Actor{Name: "Otto"}
	start := ledger.Event{Action: ledger.StartBulk, Outcome: ledger.Intent, At: started, Actor: otto, Reason: "joiners", Company: ledger.Company{ID: "c", Name: "Lyondell"}}
	three := bulk.Change{ID: 7, Kind: bulk.Create, Company: start.Company, StartedBy: olga, Reason: "all of them"}
	planned := bulk.Sums{{State: bulk.Planned, Action: bulk.ToAdd, N: 3}}
	made := bulk.Sums{{State: bulk.Created, Action: bulk.ToAdd, N: 2}, {State: bulk.Refused, Action: bulk.ToAdd, N: 1}}
	for _, tt := range []struct {
		state bulk.State
		sums  bulk.Sums
		ended time.Time
		want  string
	}{
		{bulk.Starting, planned, time.Time{}, "Starting, Otto “joiners” at 09:00: 3 to go"},
		{bulk.Paused, planned, time.Time{}, "Paused, Olga “all of them” at 09:00: 3 to go"},
		{bulk.Done, made, ended, "Partly done, Olga “all of them” at 09:30: 2 created · 1 refused"},
	} {
		c := three
		c.State, c.Sums, c.EndedAt = tt.state, tt.sums, tt.ended
		row := BulkRow(c, EventRow(start, auth.Actor{}, started))
		got := row.Result.Word + ", " + row.By + " “" + row.Reason + "” at " + row.At.Format("15:04") + row.Note.Text
		if got != tt.want || row.What != "Add 3 people to Lyondell" || row.Whom != "" || row.Note.Link.Href != "/bulk/7" {
			t.Errorf("%s: %q of %q, which leads to %s; want %q of 3 people", tt.state, got, row.What+row.Whom, row.Note.Link.Href, tt.want)
		}
	}
}
