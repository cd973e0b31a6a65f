package handlers

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/activity"
	"foyer/views"
	"foyer/views/ui"
)

// activity has the handlers of what everybody did.
type activityPages struct {
	*Kit
	Activity *activity.Activity
}

const (
	// activityPageSize is how many events a page of the activity has.
	activityPageSize = 50
	// exportPageSize is how many events are read at a time for a file.
	exportPageSize = 500
)

// list handles GET /audit.
func (h *activityPages) list(c echo.Context) error {
	before, err := beforeSeq(c)
	if err != nil {
		return err
	}
	q, filter, problems := readActivityFilter(c.QueryParams(), "before")
	page := views.ActivityPage{Form: activityForm(q, problems), Ranges: activityRanges(q, h.Now()), Chips: activityChips(q), Errors: problems}
	if problems.Any() {
		return h.page(c, http.StatusUnprocessableEntity, page)
	}

	ctx, a := c.Request().Context(), actor(c)
	found, err := h.Activity.List(ctx, a, filter, ledger.Page{Before: before, Limit: activityPageSize})
	if err != nil {
		return err
	}
	signed, err := h.Activity.Ledger(ctx, a)
	if err != nil {
		return err
	}
	page.Ledger = ledgerCard(signed)
	fillActivity(&page, q, found, before, a)
	return h.page(c, http.StatusOK, page)
}

func (h *activityPages) page(c echo.Context, status int, page views.ActivityPage) error {
	return h.renderIn(c, status, frame{title: "Activity", nav: "activity", errors: page.Errors.Any()}, views.Activity(page))
}

// fillActivity maps what was found to the page of a query that begins below
// before, 0 for the newest.
func fillActivity(page *views.ActivityPage, q url.Values, found activity.Page, before int64, a auth.Actor) {
	for _, e := range found.Events {
		page.Rows = append(page.Rows, activityRow(e, a))
	}
	page.Count = activityCount(len(found.Events), found.Next > 0, before > 0, len(q) > 0)
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
	page.Empty = &ui.EmptyProps{
		Kind: ui.EmptyNoMatch, Title: "No event matches", Text: "Nothing in the record is like this.",
		Action: &ui.ButtonProps{Label: "Clear the filters", Href: views.ActivityPath},
	}
	if before > 0 {
		page.Empty.Title, page.Empty.Text = "No older event", "The record has nothing before this place."
		page.Empty.Action = &ui.ButtonProps{Label: "Newest", Href: page.NewestHref}
	}
}

// activityCount says how many events are shown, and no more than is known: the
// ledger is not counted for a page.
func activityCount(n int, older, newer, filtered bool) string {
	events := ui.Count(n, "event", "events")
	if filtered {
		events += " that match"
	}
	switch {
	case older && newer:
		return events + ", between newer and older ones"
	case older:
		return "The newest " + events
	case newer:
		return "The oldest " + events
	}
	return events + " in all"
}

// activityRow maps an event to its line in the activity, which shows intents
// and outcomes alike.
func activityRow(e ledger.Event, a auth.Actor) views.ActivityRow {
	row := views.ActivityRow{
		Href: views.EventPath(e.Seq), At: e.At, By: eventBy(e), ByEmail: e.Actor.Email,
		What: eventWhat(e), Whom: eventWhom(e), Company: e.Company.Name, Result: outcomeStatus(e.Outcome),
		Reason: e.Reason, Ticket: e.Ticket, Note: eventNote(e, a),
	}
	if e.Company.ID != "" {
		row.CompanyHref = views.CompanyPath(e.Company.ID)
		if row.Company == "" {
			row.Company = e.Company.ID
		}
	}
	if result := eventResult(e); result != nil {
		row.Result = *result
	}
	return row
}

// export handles GET /audit.csv: what the list with the same query shows, all
// of its pages.
func (h *activityPages) export(c echo.Context) error {
	q, filter, problems := readActivityFilter(c.QueryParams())
	if problems.Any() {
		return badRequest("One of the filters can’t be: %s", problems[0].Message)
	}

	// The events are counted before they are sent, because the record of the
	// export comes first. What is recorded from here on, that export itself
	// included, is not in the file.
	ctx, a := c.Request().Context(), actor(c)
	count, newest, err := h.Activity.Count(ctx, a, filter)
	if err != nil {
		return err
	}
	what := views.WithQuery("audit.csv", q)
	if err := h.Activity.RecordExport(ctx, a, auth.SeeActivity, what, count); err != nil {
		return err
	}
	if count == 0 {
		return h.sendCSV(c, "audit.csv", eventColumns, whole(nil))
	}
	return h.sendCSV(c, "audit.csv", eventColumns, func(yield func([]string, error) bool) {
		for e, err := range h.events(ctx, a, filter, newest+1) {
			if !yield(eventCells(e), err) || err != nil {
				return
			}
		}
	})
}

// events gives all events of a filter below a sequence number, 0 for all,
// newest first. It ends with an error when a page can't be read.
func (h *activityPages) events(ctx context.Context, a auth.Actor, f ledger.Filter, before int64) iter.Seq2[ledger.Event, error] {
	return func(yield func(ledger.Event, error) bool) {
		for {
			page, err := h.Activity.List(ctx, a, f, ledger.Page{Before: before, Limit: exportPageSize})
			if err != nil {
				yield(ledger.Event{}, err)
				return
			}
			for _, e := range page.Events {
				if !yield(e, nil) {
					return
				}
			}
			if before = page.Next; before == 0 {
				return
			}
		}
	}
}

// show handles GET /audit/:seq.
func (h *activityPages) show(c echo.Context) error {
	seq, err := eventSeq(c)
	if err != nil {
		return err
	}
	ctx, a := c.Request().Context(), actor(c)
	event, err := h.Activity.Event(ctx, a, seq)
	if err != nil {
		return err
	}
	page := newEventPage(event, a)
	if event.Change != "" {
		whole, err := h.Activity.List(ctx, a, ledger.Filter{Change: event.Change}, ledger.Page{Limit: activityPageSize})
		if err != nil {
			return err
		}
		for _, e := range whole.Events {
			page.Change = append(page.Change, activityRow(e, a))
		}
	}
	proof, err := h.Activity.EventProof(ctx, a, seq)
	if err != nil {
		return err
	}
	page.Proof = eventProof(seq, proof)
	return h.render(c, http.StatusOK, page.Title, "activity", views.Event(page))
}
