package system

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/handlers/wording"
	"foyer/ledger"
)

// Alive handles GET /healthz: the process runs and answers.
func (h *Handlers) Alive(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// ErrDegraded says that people can be shown things, and that nothing can be recorded.
var ErrDegraded = errors.New("degraded: nothing can be recorded")

// ErrNotKept says that changes can be made, and that what is read of people can't be kept.
var ErrNotKept = errors.New("degraded: what is read can't be kept")

// Ready handles GET /readyz: Foyer can serve people. Symphony and the identity
// provider are not asked: while they are down Foyer still has much to show. So it has
// while its store can be read and not written, which is the same for every replica:
// taking all of them out would help nobody. With another key than the ledger's it lacks
// signed exports alone. What else isn't as it should be is said.
func (h *Handlers) Ready(c echo.Context) error {
	err := h.Unready()
	if errors.Is(err, ErrDegraded) {
		h.Logger.WarnContext(c.Request().Context(), "degraded", "error", err)
		return c.String(http.StatusOK, "degraded: the store can't be written, so nothing can be changed\n")
	}
	if errors.Is(err, ErrNotKept) {
		h.Logger.WarnContext(c.Request().Context(), "degraded", "error", err)
		return c.String(http.StatusOK, "degraded: the directory of people can't be written, so what is read isn't kept\n")
	}
	if errors.Is(err, ledger.ErrKey) {
		h.Logger.WarnContext(c.Request().Context(), "degraded", "error", err)
		return c.String(http.StatusOK, "degraded: the ledger's key is missing here, so nothing can be recorded, changed or signed\n")
	}
	if errors.Is(err, ledger.ErrNoAnchor) {
		h.Logger.WarnContext(c.Request().Context(), "degraded", "error", err)
		return c.String(http.StatusOK, "degraded: the ledger's anchor is missing here, so nothing is signed\n")
	}
	if errors.Is(err, ledger.ErrOtherAnchor) {
		h.Logger.WarnContext(c.Request().Context(), "degraded", "error", err)
		return c.String(http.StatusOK, "degraded: the ledger's anchor here is another ledger's, so nothing is signed\n")
	}
	if errors.Is(err, ledger.ErrHead) {
		h.Logger.WarnContext(c.Request().Context(), "degraded", "error", err)
		return c.String(http.StatusOK, "degraded: the ledger's head was altered or lost, so nothing can be recorded or changed\n")
	}
	if errors.Is(err, ledger.ErrNotContinued) {
		h.Logger.WarnContext(c.Request().Context(), "degraded", "error", err)
		return c.String(http.StatusOK, "degraded: the ledger doesn't go on from what was signed before, so nothing is signed\n")
	}
	if err != nil {
		h.Logger.WarnContext(c.Request().Context(), "not ready", "error", err)
		return c.String(http.StatusServiceUnavailable, "not ready\n")
	}
	lines := []string{"ready"}
	for _, t := range h.Troubles() {
		if t.Code == wording.LedgerAltered || t.Code == wording.LedgerUnsigned {
			lines[0] = "degraded: nothing is signed since " + t.Since.UTC().Format(time.DateTime) + " UTC"
		}
		_, _, text := wording.TroubleWords(t)
		lines = append(lines, text)
	}
	return c.String(http.StatusOK, strings.Join(lines, "\n")+"\n")
}
