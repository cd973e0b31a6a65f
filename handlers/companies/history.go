package companies

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/ledger"
	"foyer/views"
	pages "foyer/views/companies"
)

// History handles GET /companies/:id/history.
func (h *Handlers) History(c echo.Context) error {
	before, err := kit.BeforeSeq(c)
	if err != nil {
		return err
	}
	ctx, a, id := c.Request().Context(), kit.Actor(c), kit.CompanyID(c)
	company, err := h.Directory.Company(ctx, a, id)
	if err != nil {
		return err
	}
	events, err := h.Activity.CompanyHistory(ctx, a, id, ledger.Page{Before: before, Limit: historyPageSize})
	if err != nil {
		return err
	}

	page := pages.HistoryPage{ID: id, Name: company.Name, Rows: wording.EventRows(wording.InSittings(events.Events), a, h.Now())}
	if before > 0 {
		page.NewestHref = views.HistoryPath(id, 0)
	}
	if events.Next > 0 {
		page.OlderHref = views.HistoryPath(id, events.Next)
	}
	return h.Render(c, http.StatusOK, "History of "+company.Name, "companies", pages.History(page))
}
