package reviews

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/views"
	pages "foyer/views/reviews"
	"foyer/views/ui"
)

// ToDisable handles GET /reviews/:id/to-disable.
func (h *Handlers) ToDisable(c echo.Context) error {
	id, err := reviewID(c)
	if err != nil {
		return err
	}
	number, err := kit.PageNumber(c)
	if err != nil {
		return err
	}
	a, now := kit.Actor(c), h.Now()
	read, err := h.Reviews.ToDisable(c.Request().Context(), a, id, number, reviewSize)
	if err != nil {
		return err
	}
	r := read.Review
	page := pages.ShowPage{
		ID: r.ID, Name: "To disable after access review " + strconv.FormatInt(r.ID, 10), CompanyID: r.Company.ID, CompanyName: r.Company.Name,
		Status: reviewStatus(r, now), Now: now, Facts: reviewFacts(r), Outcomes: true,
		Crumbs: []ui.Link{{Label: "Companies", Href: views.CompaniesPath}, {Label: r.Company.Name, Href: views.CompanyPath(r.Company.ID)}},
	}
	fillReviewPeople(&page, read, a, now)
	page.Pager = ui.NewPager(views.ToDisablePath(r.ID), nil, read.Page, reviewSize, r.Counts.Disable, nil)
	return h.Render(c, http.StatusOK, page.Name+" of "+page.CompanyName, "companies", pages.Show(page))
}
