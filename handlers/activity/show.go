package activity

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/ledger"
	"foyer/portal"
	pages "foyer/views/activity"
)

// Show handles GET /audit/:seq.
func (h *Handlers) Show(c echo.Context) error {
	seq, err := eventSeq(c)
	if err != nil {
		return err
	}
	ctx, a := c.Request().Context(), kit.Actor(c)
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
	page.Unsigned = h.unsigned(ctx, a)
	return h.Render(c, http.StatusOK, page.Title, "activity", pages.Show(page))
}

// eventSeq is the number of the event that the path names.
func eventSeq(c echo.Context) (int64, error) {
	seq, err := strconv.ParseInt(c.Param("seq"), 10, 64)
	if err != nil || seq < 1 {
		return 0, portal.ErrNotFound
	}
	return seq, nil
}
