package session

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	pages "foyer/views/session"
)

// Logout handles POST /logout: the session ends here, and at the identity
// provider when it offers that.
func (h *Handlers) Logout(c echo.Context) error {
	if kit.Session(c) != nil {
		if err := h.Activity.SignedOut(c.Request().Context(), kit.Actor(c)); err != nil {
			h.Logger.ErrorContext(c.Request().Context(), "sign-out not recorded", "request", kit.RequestID(c), "error", err)
		}
	}
	ended := h.Sessions.End(c.Response(), c.Request())
	c.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	if ended != nil {
		h.Logger.ErrorContext(c.Request().Context(), "session not ended at sign-out", "request", kit.RequestID(c), "error", ended)
		kit.SetSession(c, nil)
		return h.signedOut(c, http.StatusServiceUnavailable, pages.SignedOutPage{OnlyHere: true})
	}
	// The form's redirect may not leave Foyer, so the page has a link that does.
	return c.Redirect(http.StatusSeeOther, "/signed-out")
}

// SignedOut handles GET /signed-out. Who has signed in again, and goes back to it, isn't
// told that they are signed out.
func (h *Handlers) SignedOut(c echo.Context) error {
	if kit.Session(c) != nil {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	return h.signedOut(c, http.StatusOK, pages.SignedOutPage{})
}

func (h *Handlers) signedOut(c echo.Context, status int, page pages.SignedOutPage) error {
	page.ProviderHref = h.OIDC.LogoutURL(c.Request().Context())
	return h.Render(c, status, "Signed out", "", pages.SignedOut(page))
}
