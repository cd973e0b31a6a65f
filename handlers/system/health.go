package system

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// Alive handles GET /healthz: the process runs and answers.
func (h *Handlers) Alive(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// Ready handles GET /readyz: Foyer can serve people. Symphony and the identity
// provider are not asked: while they are down Foyer still has much to show.
func (h *Handlers) Ready(c echo.Context) error {
	if err := h.Unready(); err != nil {
		h.Logger.WarnContext(c.Request().Context(), "not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	return c.String(http.StatusOK, "ready\n")
}
