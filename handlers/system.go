package handlers

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"foyer/static"
	"foyer/views"
)

// system has the handlers that are about Foyer itself.
type system struct {
	*Kit
	Ready func() error // nil when Foyer can serve
	Files http.Handler // what stands under /static
}

// alive handles GET /healthz: the process runs and answers.
func (h *system) alive(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// isReady handles GET /readyz: Foyer can serve people. Symphony and the identity
// provider are not asked: while they are down Foyer still has much to show.
func (h *system) isReady(c echo.Context) error {
	if err := h.Ready(); err != nil {
		h.Logger.WarnContext(c.Request().Context(), "not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	return c.String(http.StatusOK, "ready\n")
}

// shortcuts handles GET /shortcuts: the keys, for the ? key and for reading.
func (h *system) shortcuts(c echo.Context) error {
	return h.render(c, http.StatusOK, "Keyboard shortcuts", "", views.Shortcuts())
}

// cspReport handles POST /csp-report: a browser tells that it refused to run or
// load something. Only what can't hold personal data is logged.
func (h *system) cspReport(c echo.Context) error {
	const maxReport = 16 << 10
	body, err := io.ReadAll(io.LimitReader(c.Request().Body, maxReport))
	if err != nil {
		return badRequest("The report could not be read.")
	}
	var reports []struct {
		Body struct {
			Directive string `json:"effectiveDirective"`
			Blocked   string `json:"blockedURL"`
		} `json:"body"`
	}
	if json.Unmarshal(body, &reports) != nil {
		return badRequest("The report is not one.")
	}
	for _, r := range reports[:min(len(reports), 10)] {
		h.Logger.WarnContext(c.Request().Context(), "content security policy violation",
			slog.String("request", requestID(c)), slog.String("directive", cut(r.Body.Directive, 64)))
	}
	return c.NoContent(http.StatusNoContent)
}

// static handles GET /static/*.
func (h *system) static(c echo.Context) error {
	h.Files.ServeHTTP(c.Response(), c.Request())
	return nil
}

// favicon handles GET /favicon.ico, which some browsers ask for unbidden.
func (h *system) favicon(c echo.Context) error {
	return c.Redirect(http.StatusFound, static.Path("favicon-"+string(h.Environment)+".svg"))
}
