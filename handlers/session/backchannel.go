package session

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/portal"
)

// BackChannelLogout handles POST /auth/backchannel-logout: the identity provider says
// that somebody has signed out, or may not be signed in any more. It is a server that
// asks, without a session: what it sends proves itself.
func (h *Handlers) BackChannelLogout(c echo.Context) error {
	ctx, address := c.Request().Context(), portal.Network(c.RealIP())
	wait := h.Limits.Logouts.Wait(address, 1)
	ending, err := h.OIDC.VerifyLogout(ctx, c.Request().PostForm.Get("logout_token"), wait == 0)
	switch {
	case err != nil && wait > 0:
		return kit.TooMany(c, wait)
	case err != nil:
		h.Limits.Logouts.Take(address, 1)
		return h.logoutRefused(c, err)
	}
	ended, err := h.Sessions.EndBy(ctx, ending)
	if err != nil {
		if !errors.Is(err, auth.ErrTokenUsed) {
			h.Logger.ErrorContext(ctx, "sessions not ended that the identity provider ended", "request", kit.RequestID(c), "error", err)
		}
		return h.logoutRefused(c, err)
	}
	// The sessions are over, whether or not that can be recorded: no right may wait for it.
	recorded := map[string]bool{}
	for _, s := range ended {
		if recorded[s.Person.Subject] {
			continue
		}
		recorded[s.Person.Subject] = true
		if err := h.Activity.SessionsEndedByProvider(ctx, kit.Actor(c), s.Person); err != nil {
			h.Logger.ErrorContext(ctx, "logout by the identity provider not recorded", "request", kit.RequestID(c), "error", err)
		}
	}
	return c.NoContent(http.StatusOK)
}

// logoutRefused answers as OpenID Connect Back-Channel Logout 1.0, section 2.8, has it,
// whatever went wrong. The provider is told nothing else: the log is.
func (h *Handlers) logoutRefused(c echo.Context, err error) error {
	h.Logger.WarnContext(c.Request().Context(), "logout by the identity provider refused", "request", kit.RequestID(c), "error", err)
	return c.JSON(http.StatusBadRequest, map[string]string{"error": "invalid_request"})
}
