package find

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/views"
	pages "foyer/views/find"
	"foyer/views/ui"
)

// withoutDirectory answers while the directory can't be looked through: with the companies
// and with whom Symphony was asked for. Where that is nobody it is no 'nobody found'.
func (h *Handlers) withoutDirectory(c echo.Context, page pages.ShowPage, found directory.Found) error {
	a := kit.Actor(c)
	if len(found.Who) < 2 && !found.Nothing() {
		h.fill(&page, page.Query, found, a)
		page.Coverage, page.Near = nil, "People were not looked through. "+wording.DirectoryDown(found.Down)
		return h.page(c, http.StatusOK, page)
	}
	status, empty, _ := h.CouldNotLoad(c, found.Down)
	words := []string{empty.Text}
	for _, asked := range found.Asked {
		words = append(words, asked.Name+" was asked just now: nobody there has this.")
	}
	if unsearched := wording.Unsearched(found.Unsearched); unsearched != "" {
		words = append(words, unsearched)
	}
	empty.Text = strings.Join(words, " ")
	page.Nothing, page.Offers = &empty, forAddress(found, a)
	if n := len(found.Typed.Emails); n > 1 {
		page.Title = "Who is who"
		page.Offers = append(page.Offers, views.PrecheckAction{
			Button: ui.ButtonProps{Label: "Pre-check the addresses", Icon: ui.IconPrecheck}, Path: views.PrecheckPath,
			Fields: []ui.Parameter{{Name: "email", Value: strings.Join(found.Typed.Emails[:min(n, portal.MaxPrecheck)], "\n")}},
		})
	}
	return h.page(c, status, page)
}
