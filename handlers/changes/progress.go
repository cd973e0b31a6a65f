package changes

import (
	"slices"
	"strings"
	"time"

	"foyer/auth"
	"foyer/handlers/wording"
	"foyer/portal/change"
	"foyer/sapi"
	"foyer/views"
	pages "foyer/views/changes"
	"foyer/views/ui"
)

// newChangeProgress maps how a change stands to its part of the page.
func newChangeProgress(c change.Change, a auth.Actor, now time.Time) pages.Progress {
	if c.Erased {
		return erasedProgress(c, a)
	}
	note := wording.ChangeNote(c)
	p := pages.Progress{Text: note, Details: wording.ProblemDetails(c.Problem), Next: nextAfter(c, a), SettledAt: wording.UTC(c.SettledAt)}
	switch c.State {
	case change.Done:
		p.Kind, p.Title = ui.AlertOK, wording.DoneTitle(c)
		if partly(c) {
			p.Kind = ui.AlertAsk
		}
		if c.Reconciled {
			p.Text = strings.TrimSpace("Its answer was lost. Foyer asked Symphony how it ended. " + note)
		}
	case change.Refused, change.Expired, change.Superseded, change.Declined, change.Cancelled:
		p.Kind, p.Title = ui.AlertBad, "It was not done"
	case change.Abandoned:
		p.Kind, p.Title = ui.AlertBad, "Nobody knows whether it was done"
		p.Text = strings.TrimSpace(note + " Look at Symphony yourself before you do it again, or ask Symphony’s support with the details below.")
	case change.Proposed:
		p.Kind, p.Title, p.Text = ui.AlertInfo, "It waits for approval", "Nothing has been sent."
	case change.Queued:
		p.Kind, p.Title, p.Text = ui.AlertInfo, "Its turn has not come yet", "Nothing has been sent. You can close this page: Foyer sends it by itself."
		p.PollPath = views.ChangeProgressPath(c.ID, c.Version)
	case change.Sent:
		p.Kind, p.Title, p.Text = ui.AlertInfo, "It is being sent", "Symphony has not answered yet. You can close this page: nothing is sent twice."
		p.PollPath = views.ChangeProgressPath(c.ID, c.Version)
	case change.Unknown:
		p.Kind, p.Title = ui.AlertAsk, "We don’t know yet"
		p.Text = strings.TrimSpace(note + " It may or may not have been done. Foyer is asking Symphony for the truth, and this page will say. You can close it; don’t do it again meanwhile.")
		p.Checking = checking(c, now)
		p.PollPath = views.ChangeProgressPath(c.ID, c.Version)
	}
	if c.Corrected {
		p.Text = strings.TrimSpace("Corrected: at first this was believed to have ended otherwise. " + p.Text)
	}
	p.People = personResults(c)
	if c.State.Settled() {
		p.Again = formAgain(c, a)
	}
	return p
}

// erasedProgress says of a change that was erased on legal order how it ended, which is
// all that is left of it.
func erasedProgress(c change.Change, a auth.Actor) pages.Progress {
	ended := map[change.State]string{
		change.Done: "It was done.", change.Abandoned: "Nobody knows whether it was done.",
		change.Refused: "It was not done.", change.Expired: "It was not done.", change.Superseded: "It was not done.",
		change.Declined: "It was not done.", change.Cancelled: "It was not done.",
	}[c.State]
	return pages.Progress{
		Kind: ui.AlertInfo, Title: "Erased on legal order", Next: nextAfter(c, a),
		Text: strings.TrimSpace(ended + " Names, e-mail addresses, what exactly was asked, and the reason were erased."),
	}
}

// checking says when Symphony was asked last, and when it will be asked next.
func checking(c change.Change, now time.Time) string {
	if c.Tries == 0 {
		return "Asking for the first time."
	}
	times := ui.Count(c.Tries, "time", "times")
	if c.Tries == 1 {
		times = "once"
	}
	words := "Asked " + times + ", last at " + ui.Clock(c.UpdatedAt) + " UTC"
	if wait := c.Due.Sub(now); wait > time.Second {
		words += "; again in " + ui.Elapsed(wait)
	}
	return words + "."
}

// partly says whether a change that adds people did so for some of them only.
func partly(c change.Change) bool {
	return slices.ContainsFunc(c.People, func(r change.Row) bool { return r.Outcome != sapi.ItemCreated })
}
