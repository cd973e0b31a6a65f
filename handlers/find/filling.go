package find

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"foyer/handlers/wording"
	"foyer/views"
)

// Filling handles GET /find/filling: how far the first reading of the directory is. Once
// it is over the page that asks loads itself again.
func (h *Handlers) Filling(c echo.Context) error {
	coverage, err := h.Directory.Coverage(c.Request().Context())
	if err != nil {
		return err
	}
	progress := wording.Coverage(coverage, h.Now()).Filling
	if progress == nil {
		c.Response().Header().Set("HX-Refresh", "true")
		return c.NoContent(http.StatusNoContent)
	}
	return h.Fragment(c, views.FillingPart(*progress))
}
