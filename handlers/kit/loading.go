package kit

import (
	"log/slog"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/sapi"
	"foyer/views/ui"
)

// CouldNotLoad is the place of a list that could not be read, with the status
// of the answer: for errors of Symphony's and of the directory of people, which leave
// the rest of the page in order. ok is false for every other error. What has to be logged is.
func (k *Kit) CouldNotLoad(c echo.Context, err error) (status int, empty ui.EmptyProps, ok bool) {
	a := wording.Classify(err)
	if portal.ProblemOf(err) == nil && !a.OfDirectory || a.Status < http.StatusInternalServerError {
		return 0, ui.EmptyProps{}, false
	}
	k.Logger.ErrorContext(c.Request().Context(), "list not read",
		slog.String("request", RequestID(c)), slog.String("route", c.Path()), slog.Int("status", a.Status), slog.Any("error", Loggable(err)))
	if wait, limited := sapi.IsRateLimited(err); limited {
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
	}
	return a.Status, ui.EmptyProps{
		Kind: ui.EmptyFailed, Title: a.Title, Text: a.What, Reference: RequestID(c),
		Action: &ui.ButtonProps{Label: "Try again", Href: c.Request().URL.RequestURI(), Icon: ui.IconRefresh},
	}, true
}
