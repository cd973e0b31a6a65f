package system

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
)

// CSPReport handles POST /csp-report: a browser tells that it refused to run or
// load something. Only what can't hold personal data is logged, and not all of very
// many.
func (h *Handlers) CSPReport(c echo.Context) error {
	if !h.Reports.Allow() {
		return c.NoContent(http.StatusTooManyRequests)
	}
	const maxReport = 16 << 10
	body, err := io.ReadAll(io.LimitReader(c.Request().Body, maxReport))
	if err != nil {
		return kit.BadRequest("The report could not be read.")
	}
	var reports []struct {
		Body struct {
			Directive string `json:"effectiveDirective"`
			Blocked   string `json:"blockedURL"`
		} `json:"body"`
	}
	if json.Unmarshal(body, &reports) != nil {
		return kit.BadRequest("The report is not one.")
	}
	for _, r := range reports[:min(len(reports), 10)] {
		h.Logger.WarnContext(c.Request().Context(), "content security policy violation",
			slog.String("request", kit.RequestID(c)), slog.String("directive", kit.Cut(r.Body.Directive, 64)))
	}
	return c.NoContent(http.StatusNoContent)
}
