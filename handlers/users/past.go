package users

import (
	"strconv"
	"strings"
	"time"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
	pages "foyer/views/users"
)

const notATime = "Enter a day such as 2026-09-30, or a day and a time such as 2026-09-30 18:00, in UTC."

// parsePast reads the time that a page is asked for: zero when it is asked for
// none; problem says why it can't be. A day stands for its beginning.
func parsePast(s string, now time.Time) (at time.Time, problem string) {
	if s = strings.TrimSpace(s); s == "" {
		return time.Time{}, ""
	}
	at, _, ok := kit.ParseMoment(s)
	if !ok {
		return time.Time{}, notATime
	}
	if fault := portal.CheckPast(at, now); fault.Code != "" {
		return time.Time{}, wording.FieldWords(portal.FieldError{Field: "at", Fault: fault})
	}
	return at, ""
}

// atParam writes a time as the parameter at has it.
func atParam(at time.Time) string {
	if at.Nanosecond() != 0 {
		return at.UTC().Format(time.RFC3339Nano)
	}
	if at.Second() != 0 {
		return at.UTC().Format(time.RFC3339)
	}
	return at.UTC().Format("2006-01-02T15:04Z07:00")
}

// atValue is a time as the control for it has it, or what was typed instead.
func atValue(at time.Time, typed string) string {
	switch {
	case at.IsZero():
		return typed
	case at.Nanosecond() != 0:
		return atParam(at) // no control has it
	case at.Second() != 0:
		return at.Format("2006-01-02T15:04:05")
	}
	return at.Format("2006-01-02T15:04")
}

// pastStatus maps what is known of a status at a time to its cell.
func pastStatus(p directory.PastStatus, createdAt time.Time, a auth.Actor) pages.PastStatus {
	cell := pages.PastStatus{Status: ui.StatusProps{Kind: wording.StatusKind(p.Status)}, Why: whyPast(p, createdAt), Created: p.How != directory.NotCreated}
	switch p.How {
	case directory.Observed:
		cell.How = "observed"
	case directory.Inferred:
		cell.How = "inferred"
	case directory.NotCreated:
		cell.Status.Word = "Not created yet"
	case directory.NotKnown:
	}
	if seq := eventOf(p); seq != 0 && a.Can(auth.SeeActivity) {
		cell.Event, cell.EventRef = "event "+strconv.FormatInt(seq, 10), views.EventPath(seq)
	}
	return cell
}

// eventOf is the event of the ledger from which the status follows, or after
// which it isn't known any more; 0 when there is none.
func eventOf(p directory.PastStatus) int64 {
	if p.Before.Event != 0 {
		return p.Before.Event
	}
	return p.After.Event
}

// whyPast says in a sentence from what a status at a time is known, or why it
// isn't.
func whyPast(p directory.PastStatus, createdAt time.Time) string {
	before, after := factWords(p.Before), factWords(p.After)
	switch {
	case p.How == directory.NotCreated:
		return "Symphony created this person at " + ui.UTC(createdAt) + "."
	case p.How == directory.Observed && p.Before.At.Equal(p.After.At):
		return sentence(before)
	case p.How == directory.Observed:
		return "Read as " + p.Status.String() + ", and never otherwise, from " + ui.UTC(p.Before.At) + " to " + ui.UTC(p.After.At) + "."
	case p.Before.At.IsZero() && p.After.At.IsZero():
		return "Foyer never read this person’s status."
	case p.Before.At.IsZero():
		return "Not watched yet: first " + after + "."
	case p.After.At.IsZero() && p.How == directory.Inferred:
		return sentence(before)
	case p.After.At.IsZero():
		return "Last " + before + ", and not read since."
	case p.Changing:
		return sentence(before + ", and being " + after)
	case p.How == directory.Inferred:
		return sentence(before + ", then " + after)
	}
	return "Changed somewhere in between: " + before + ", " + after + "."
}

// factWords say how a status is known at a moment.
func factWords(f directory.StatusFact) string {
	switch {
	case f.Event == 0:
		return "read as " + f.Status.String() + " at " + ui.UTC(f.At)
	case f.Status == sapi.StatusActive:
		return "enabled by Foyer at " + ui.UTC(f.At)
	}
	return "disabled by Foyer at " + ui.UTC(f.At)
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(words string) string { return strings.ToUpper(words[:1]) + words[1:] + "." }
