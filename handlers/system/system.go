package system

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/views"
)

// Handlers answers what is about Foyer itself. All of its fields are required.
type Handlers struct {
	*kit.Kit
	Unready  func() error // why Foyer can't serve, ErrDegraded, ErrNotKept or ledger.ErrKey; nil when it can
	Troubles func() []wording.Trouble
	Files    http.Handler // what stands under /static
	Reports  *rate.Limiter
}

// NewReports bounds the reports of browsers, which anybody can send: they are for
// noticing a mistake of Foyer's, of which a few tell as much as thousands.
func NewReports() *rate.Limiter { return rate.NewLimiter(1, 20) }

// Shortcuts handles GET /shortcuts: the keys, for the ? key and for reading.
func (h *Handlers) Shortcuts(c echo.Context) error {
	return h.Render(c, http.StatusOK, "Keyboard shortcuts", "", views.Shortcuts())
}
