package users

import (
	"errors"
	"strings"
	"time"

	"foyer/auth"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views/ui"
	pages "foyer/views/users"
)

// newTimeline maps what was observed and done of a person's status to its drawing and
// its table.
func newTimeline(u directory.User, h directory.StatusHistory, a auth.Actor, now time.Time) pages.Timeline {
	t := pages.Timeline{Name: portal.UserName(u.User)}
	for _, p := range lastOf(h.Periods) {
		period := pages.TimelinePeriod{From: p.From, To: p.To, Label: periodLabel(p.Known), Status: pastStatus(p.Known, u.CreatedAt, a)}
		if p.Known.How == directory.Observed && p.To.After(p.From) {
			period.Status.Why = "Read as " + p.Known.Status.String() + ", and never otherwise." // from when until when stands beside it
		}
		t.Periods = append(t.Periods, period)
	}
	if len(h.Periods) > 0 {
		from, words := h.Periods[0].From, "first read "
		if from.Equal(u.CreatedAt) {
			words = "created "
		}
		t.Begins = words + ui.ShortDay(from, now)
	}
	for _, m := range lastOf(h.Moments) {
		t.Moments = append(t.Moments, pages.TimelineMoment{
			At: m.At, Kind: wording.StatusKind(m.Status), Outside: m.By != directory.ByFoyer,
			What: wording.MomentWhat(m), When: ui.ShortDay(m.At, now), Reason: m.Asked.Reason, Ticket: m.Asked.Ticket,
			Note: wording.MomentNote(m), Href: wording.MomentHref(m),
		})
	}
	return t
}

// lastOf are those that a table has room for.
func lastOf[T any](all []T) []T { return all[max(len(all)-pages.MaxTimelineRows, 0):] }

// periodLabel names what was known through a time.
func periodLabel(p directory.PastStatus) string {
	switch {
	case p.Status == sapi.StatusUnknown:
		return "not known"
	case p.How == directory.Inferred:
		return p.Status.String() + ", inferred"
	}
	return p.Status.String()
}

// newAnswer says in a sentence whether a person can sign in, and since whose change.
func newAnswer(u directory.User, h directory.StatusHistory, now time.Time) pages.Answer {
	answer := pages.Answer{Status: ui.StatusProps{Kind: wording.StatusKind(u.Status)}, Meaning: statusMeaning(u)}
	last := h.Last()
	switch {
	case last.By == directory.ByFoyer && last.Status == u.Status:
		answer.By, answer.Did, answer.At, answer.On = wording.MomentActor(last), "disabled them", last.At, ui.On(last.At, now)
		if last.Status == sapi.StatusActive {
			answer.Did = "enabled them"
		}
		answer.Reason, answer.Ticket, answer.Href = last.Asked.Reason, last.Asked.Ticket, wording.MomentHref(last)
	case last.By != "" && last.Status == u.Status:
		answer.Rest = wording.MomentWhat(last) + ", " + within(last.Before, last.At, now) + "."
	case u.Status != sapi.StatusUnknown:
		answer.Rest = unchanged(h, now)
	}
	return answer
}

// statusMeaning goes on from the word of a status.
func statusMeaning(u directory.User) string {
	switch {
	case u.Status == sapi.StatusUnknown && u.Gone():
		return "because Symphony never said whether they could sign in, and doesn’t know them any more."
	case u.Gone():
		return "when last read; Symphony doesn’t know them any more."
	case u.Status == sapi.StatusUnknown && errors.Is(u.Stale, portal.ErrNoAnswerYet):
		return "because Symphony hasn’t answered yet."
	case u.Status == sapi.StatusUnknown && u.Stale != nil:
		return "because Symphony could not be read just now."
	case u.Status == sapi.StatusUnknown:
		return "because Symphony didn’t say whether they can sign in."
	case errors.Is(u.Stale, portal.ErrNoAnswerYet):
		return "when last read; Symphony hasn’t answered yet."
	case u.Stale != nil:
		return "when last read; Symphony can’t be read at the moment."
	case u.Status == sapi.StatusActive:
		return "and can sign in."
	}
	return "and can’t sign in."
}

// unchanged says since when no change of a status is known.
func unchanged(h directory.StatusHistory, now time.Time) string {
	for _, p := range h.Periods {
		if p.Known.How != directory.Observed {
			continue
		}
		if now.Sub(p.From) < time.Minute {
			return "Foyer has just read their status for the first time."
		}
		return "No change is known since Foyer first read their status, " + ui.On(p.From, now) + "."
	}
	return ""
}

// within says that something was at some time from one instant to another; a day or a
// minute that they share is named once.
func within(from, to, now time.Time) string {
	const sometime = "at some time "
	if from.UTC().Format(time.DateOnly) != to.UTC().Format(time.DateOnly) {
		return sometime + "between " + onDay(from, now) + " and " + onDay(to, now)
	}
	day, clock, lately := strings.Cut(ui.On(to, now), " at ")
	if !lately {
		return sometime + day
	}
	began := from.UTC().Format("15:04")
	if strings.HasPrefix(clock, began) {
		return day + " at " + clock
	}
	return sometime + day + " between " + began + " and " + clock
}

// onDay is ui.On behind a word that makes its own needless.
func onDay(at, now time.Time) string { return strings.TrimPrefix(ui.On(at, now), "on ") }
