package people

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/views"
	pages "foyer/views/people"
	"foyer/views/ui"
)

// mostEmails is how many addresses a page has to copy.
const mostEmails = 5000

// Emails handles POST /people/emails: the addresses of the people who were ticked, to
// copy.
func (h *Handlers) Emails(c echo.Context) error {
	export, err := h.selected(c, "e-mails of people")
	if err != nil {
		return err
	}
	page := pages.EmailsPage{Back: views.AllPeoplePath}
	for u, err := range export.Rows {
		if err != nil {
			return err
		}
		if len(page.Emails) == mostEmails {
			page.Cut = "These are the first " + ui.Number(mostEmails) + " of " + ui.Number(export.Count) + ". All of them are in the CSV file."
			break
		}
		if u.Email != "" {
			page.Emails = append(page.Emails, u.Email)
		}
	}
	page.Title = "E-mail addresses of " + ui.Count(len(page.Emails), "person", "people")
	return h.RenderIn(c, http.StatusOK, kit.Frame{Title: page.Title, Nav: "people"}, pages.Emails(page))
}
