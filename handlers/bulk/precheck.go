package bulk

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal/bulk"
	"foyer/portal/precheck"
	"foyer/views"
	pages "foyer/views/bulk"
	"foyer/views/ui"
)

// showPrecheck begins the names of rows that are to be created by what the pre-check said
// of them: a verdict follows, or unanswered.
const (
	showPrecheck = "precheck"
	unanswered   = "unanswered"
)

// showPrechecked names the rows of which the pre-check said something.
func showPrechecked(p bulk.Prechecked) string {
	if p.Verdict() != "" && !p.Answered() {
		return showPrecheck + "." + unanswered
	}
	return showPrecheck + "." + string(p.Verdict())
}

// parsePrechecked is the filter for the rows that showPrechecked names.
func parsePrechecked(verdict string) (f bulk.Filter, ok bool) {
	f = bulk.Filter{States: []bulk.RowState{bulk.Planned}, Actions: []bulk.Action{bulk.ToAdd}, Prechecked: []bulk.Prechecked{bulk.Prechecked(verdict)}}
	if verdict == unanswered {
		f.Prechecked = bulk.Unanswered()
		return f, true
	}
	if verdict == string(precheck.CantTell) { // for any reason but that somebody didn't answer
		f.Prechecked = nil
		for _, why := range []precheck.Reason{
			precheck.StatusUntold, precheck.ThereUnread, precheck.ThereUnlooked, precheck.Disagree, precheck.Unnamed, precheck.Freemail, precheck.PublicSuffix,
		} {
			f.Prechecked = append(f.Prechecked, bulk.Prechecked(verdict+"."+string(why)))
		}
		return f, true
	}
	return f, slices.Contains(precheck.Verdicts, precheck.Verdict(verdict))
}

// Precheck handles GET /bulk/:id/precheck: the part of the page that says how far the
// pre-check is.
func (h *Handlers) Precheck(c echo.Context) error {
	change, err := h.changeOf(c)
	if err != nil {
		return err
	}
	card, err := h.precheckCard(c, change, kit.Actor(c))
	switch {
	case err != nil:
		return err
	case card == nil:
		c.Response().Header().Set("HX-Refresh", "true") // it is started, or checked again
		return c.NoContent(http.StatusNoContent)
	case c.QueryParam("seen") == card.Seen:
		return c.NoContent(http.StatusNoContent)
	}
	return h.Fragment(c, pages.PrecheckPart(*card))
}

// AskPrecheck handles POST /bulk/:id/precheck.
func (h *Handlers) AskPrecheck(c echo.Context) error {
	id, err := changeID(c)
	if err != nil {
		return err
	}
	n, err := h.Bulk.AskPrecheck(c.Request().Context(), kit.Actor(c), id)
	return h.done(c, id, err, ui.Flash{
		Kind: ui.AlertOK, Title: "Asking about " + ui.Count(n, "person", "people") + ".", Text: "Nothing waits for it: the plan can be started meanwhile.",
	})
}

// precheckCard is what the pre-check said of those who are to be created, and the offer to
// ask; nil where nobody can be asked about.
func (h *Handlers) precheckCard(c echo.Context, change bulk.Change, a auth.Actor) (*pages.PrecheckCard, error) {
	if !change.CanPrecheck() {
		return nil, nil
	}
	sums, err := h.Bulk.Prechecks(c.Request().Context(), a, change.ID)
	if err != nil {
		return nil, err
	}
	card, open, waiting, silent, all := &pages.PrecheckCard{Here: views.BulkChangePath(change.ID)}, 0, 0, 0, 0
	counts := map[string]int{}
	for _, sum := range sums {
		all += sum.N
		switch {
		case sum.Said == "":
			open += sum.N
			continue
		case sum.Said == bulk.AwaitsPrecheck:
			waiting += sum.N
			continue
		case !sum.Said.Answered():
			silent += sum.N
		}
		counts[showPrechecked(sum.Said)] += sum.N
	}
	for _, said := range precheckOrder {
		if n := counts[showPrechecked(said)]; n > 0 {
			card.Counts = append(card.Counts, pages.Count{Label: wording.BulkPrecheckName(said), N: ui.Number(n), Href: views.BulkRowsOf(change.ID, showPrechecked(said), 0)})
		}
	}
	seen := fnv.New64a()
	_, _ = fmt.Fprint(seen, change.Version, sums) // never fails
	card.Seen = strconv.FormatUint(seen.Sum64(), 36)
	if waiting > 0 {
		card.Bar = &ui.ProgressProps{Label: "Pre-check", Value: all - open - waiting, Max: all - open, Words: fmt.Sprintf("%s of %s asked about.", ui.Number(all-open-waiting), ui.Count(all-open, "person", "people"))}
		card.Poll = views.BulkPrecheckPath(change.ID, card.Seen)
	}
	if !canEdit(a, change) {
		return card, nil
	}
	switch {
	case waiting > 0:
	case silent > 0:
		card.Ask = h.askPrecheck(change, a, "Ask again about "+ui.Count(silent+open, "person", "people"))
	case open == all:
		card.Ask = h.askPrecheck(change, a, "Pre-check these people")
	case open > 0:
		card.Ask = h.askPrecheck(change, a, "Pre-check the other "+ui.Number(open))
	}
	if counts[showPrecheck+"."+string(precheck.Elsewhere)] > 0 {
		card.LeaveOut = h.leaveOutElsewhere(change, a)
	}
	return card, nil
}

// precheckOrder is in which order it is told what was said: what needs a look first.
var precheckOrder = []bulk.Prechecked{
	bulk.Prechecked(precheck.Elsewhere), bulk.Prechecked(precheck.Active), bulk.Prechecked(precheck.Disabled), bulk.Prechecked(precheck.NotAnInput),
	bulk.Prechecked(precheck.CantTell), bulk.Unanswered()[0], bulk.Prechecked(precheck.DomainKnown), bulk.Prechecked(precheck.Free),
}

func (h *Handlers) askPrecheck(change bulk.Change, a auth.Actor, label string) *pages.Control {
	control := h.control(change, a, showPrecheck, label, ui.ButtonSecondary)
	return &control
}

// leaveOutElsewhere leaves out all at once of whom the pre-check says that they are elsewhere.
func (h *Handlers) leaveOutElsewhere(change bulk.Change, a auth.Actor) *pages.Control {
	control := h.control(change, a, "decisions", "Leave out those elsewhere", ui.ButtonSecondary)
	control.Fields = append(control.Fields,
		ui.Parameter{Name: "show", Value: showPrecheck + "." + string(precheck.Elsewhere)}, ui.Parameter{Name: "all", Value: "match"}, ui.Parameter{Name: "decision", Value: string(bulk.Out)})
	return &control
}
