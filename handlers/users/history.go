package users

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/ledger"
	"foyer/portal"
	"foyer/views"
	pages "foyer/views/users"
)

// History handles GET /companies/:id/users/:uid/history.
func (h *Handlers) History(c echo.Context) error {
	a, ctx := kit.Actor(c), c.Request().Context()
	before, err := kit.BeforeSeq(c)
	if err != nil {
		return err
	}
	user, err := h.Directory.UserOrGone(ctx, a, kit.CompanyID(c), kit.UserID(c))
	if err != nil {
		return err
	}
	history, err := h.Activity.UserHistory(ctx, a, user.CompanyID, ledger.User{ID: user.ID, Email: user.Email}, ledger.Page{Before: before, Limit: historyPage})
	if err != nil {
		return err
	}
	view := pages.HistoryPage{
		CompanyID: user.CompanyID, CompanyName: user.Company.Name, UserHref: views.UserPath(user.CompanyID, user.ID),
		Name: portal.UserName(user.User), Rows: wording.EventRows(wording.OfPerson(history.Events, user.ID), a, h.Now()),
	}
	if history.Next != 0 {
		view.OlderHref = views.UserHistoryPath(user.CompanyID, user.ID, history.Next)
	}
	return h.Render(c, http.StatusOK, "History of "+view.Name, "companies", pages.History(view))
}
