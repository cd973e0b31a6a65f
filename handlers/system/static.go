package system

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"foyer/static"
)

// Static handles GET /static/*.
func (h *Handlers) Static(c echo.Context) error {
	h.Files.ServeHTTP(c.Response(), c.Request())
	return nil
}

// Favicon handles GET /favicon.ico, which some browsers ask for unbidden.
func (h *Handlers) Favicon(c echo.Context) error {
	return c.Redirect(http.StatusFound, static.Path("favicon-"+string(h.Environment)+".svg"))
}
