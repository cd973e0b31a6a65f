package activity

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/ledger"
	"foyer/portal/activity"
	"foyer/views"
	pages "foyer/views/activity"
	"foyer/views/ui"
)

// List handles GET /audit.
func (h *Handlers) List(c echo.Context) error {
	before, err := kit.BeforeSeq(c)
	if err != nil {
		return err
	}
	q, filter, problems := readActivityFilter(c.QueryParams(), "before")
	filter.NoCalls = withoutCalls(q)
	page := pages.ListPage{Form: activityForm(q, problems), Ranges: activityRanges(q, h.Now()), Chips: activityChips(q), Errors: problems}
	if problems.Any() {
		return h.page(c, http.StatusUnprocessableEntity, page)
	}

	ctx, a := c.Request().Context(), kit.Actor(c)
	found, err := h.Activity.List(ctx, a, filter, ledger.Page{Before: before, Limit: activityPageSize, Within: h.Within})
	if err != nil {
		return err
	}
	signed, err := h.Activity.Ledger(ctx, a)
	if err != nil {
		return err
	}
	page.Ledger, page.Unsigned = ledgerCard(signed, h.refusing(), h.Now()), h.unsigned(ctx, a)
	fillActivity(&page, q, found, before, a)
	return h.page(c, http.StatusOK, page)
}

// withoutCalls says whether a list is read as an account of what people did, in which the
// calls of a bulk change, two events each, would hide its pause and its stop. Whoever asks
// for more than whose they are and when, or for all of them, gets them; files always have
// them.
func withoutCalls(q url.Values) bool {
	for name := range q {
		if !slices.Contains([]string{"person", "company", "from", "to"}, name) {
			return false
		}
	}
	return true
}

func (h *Handlers) page(c echo.Context, status int, page pages.ListPage) error {
	return h.RenderIn(c, status, kit.Frame{Title: "Activity", Nav: "activity", Errors: page.Errors.Any()}, pages.List(page))
}

// fillActivity maps what was found to the page of a query that begins below
// before, 0 for the newest.
func fillActivity(page *pages.ListPage, q url.Values, found activity.Page, before int64, a auth.Actor) {
	for _, e := range found.Events {
		page.Rows = append(page.Rows, activityRow(e, a))
	}
	page.Count = activityCount(len(found.Events), found.Next > 0, before > 0, len(page.Chips) > 0)
	if withoutCalls(q) && found.Next == 0 && before == 0 {
		page.Count += ", without the calls of bulk changes"
	}
	if found.GaveUp {
		page.GaveUp = "Foyer stopped looking after half a second, and had come to the events of " + ui.UTC(found.Reached) + ". Older ones were not looked through: go on looking, or narrow the search by a time or a company."
		page.Count = ui.Count(len(found.Events), "event", "events") + " found so far"
	}
	page.Calls = callsNote(q)
	if before > 0 {
		page.NewestHref = views.WithQuery(views.ActivityPath, q)
	}
	if found.Next > 0 {
		page.OlderHref = activityHref(q, "before", strconv.FormatInt(found.Next, 10))
	}
	if len(found.Events) > 0 {
		page.CSVHref = views.WithQuery(views.ActivityCSVPath, q)
		page.EvidenceHref = views.WithQuery(views.ActivityEvidencePath, q)
		return
	}
	if found.GaveUp {
		page.Empty = &ui.EmptyProps{
			Kind: ui.EmptyNoMatch, Title: "No event found so far", Text: page.GaveUp,
			Action: &ui.ButtonProps{Label: "Go on looking", Href: page.OlderHref},
		}
		page.GaveUp = ""
		return
	}
	page.Empty = &ui.EmptyProps{
		Kind: ui.EmptyNoMatch, Title: "No event matches", Text: "Nothing in the record is like this.",
		Action: &ui.ButtonProps{Label: "Clear the filters", Href: views.ActivityPath},
	}
	if withoutCalls(q) {
		page.Empty.Text = "Nothing in the record is like this. The single calls of bulk changes were not looked at."
		page.Calls = views.EventNote{Link: ui.Link{Label: "List the calls of bulk changes, too", Href: page.Calls.Link.Href}}
	} else {
		page.Calls = views.EventNote{}
	}
	if before > 0 {
		page.Empty.Title, page.Empty.Text = "No older event", "The record has nothing before this place."
		page.Empty.Action = &ui.ButtonProps{Label: "Newest", Href: page.NewestHref}
	}
}

// callsNote says that the calls of bulk changes are left out, or that they need not be
// listed; nothing where another filter asks for them.
func callsNote(q url.Values) views.EventNote {
	if withoutCalls(q) {
		return views.EventNote{Link: ui.Link{Label: "List them, too", Href: activityHref(q, callsParam, callsListed)}, Text: "The single calls of bulk changes are left out here; the downloads have them."}
	}
	without := maps.Clone(q)
	without.Del(callsParam)
	if q.Get(callsParam) == "" || !withoutCalls(without) {
		return views.EventNote{}
	}
	return views.EventNote{Link: ui.Link{Label: "Leave them out", Href: activityHref(q, callsParam, "")}, Text: "The single calls of bulk changes are listed."}
}

// activityCount says how many events are shown, and no more than is known: the
// ledger is not counted for a page.
func activityCount(n int, older, newer, filtered bool) string {
	events := ui.Count(n, "event", "events")
	switch {
	case filtered && n == 1:
		events += " that matches"
	case filtered:
		events += " that match"
	}
	switch {
	case older && newer:
		return events + ", between newer and older ones"
	case older:
		return "The newest " + strings.TrimPrefix(events, "1 ")
	case newer:
		return "The oldest " + strings.TrimPrefix(events, "1 ")
	}
	return events + " in all"
}

// activityRow maps an event to its line in the activity, which shows intents
// and outcomes alike.
func activityRow(e ledger.Event, a auth.Actor) pages.Row {
	row := pages.Row{
		Href: views.EventPath(e.Seq), At: e.At, By: wording.EventBy(e), ByEmail: e.Actor.Email,
		What: wording.EventWhat(e), Whom: wording.EventWhom(e), Company: e.Company.Name, Result: wording.OutcomeStatus(e.Outcome),
		Reason: e.Reason, Ticket: e.Ticket, Note: wording.EventNote(e, a),
	}
	if e.Company.ID != "" {
		row.CompanyHref = views.CompanyPath(e.Company.ID)
		if row.Company == "" {
			row.Company = e.Company.ID
		}
	}
	if result := wording.EventResult(e); result != nil {
		row.Result = *result
	}
	return row
}
