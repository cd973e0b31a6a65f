package handlers

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/portal"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// stale says that what a page shows could not be read just now, and from when
// it is; nil when it could.
func stale(err error, readAt, now time.Time, retryHref string) *views.StaleNote {
	if err == nil {
		return nil
	}
	return &views.StaleNote{
		Title: classify(err).title + ".", ReadAt: readAt, Now: now, RetryHref: retryHref,
		Details: problemDetails(portal.ProblemOf(err)),
	}
}

// couldNotLoad is the place of a list that could not be read, with the status
// of the answer: for errors of Symphony's, which leave the rest of the page in
// order. ok is false for every other error. What has to be logged is.
func (k *Kit) couldNotLoad(c echo.Context, err error) (status int, empty ui.EmptyProps, ok bool) {
	a := classify(err)
	if portal.ProblemOf(err) == nil || a.status < http.StatusInternalServerError {
		return 0, ui.EmptyProps{}, false
	}
	k.Logger.ErrorContext(c.Request().Context(), "list not read",
		slog.String("request", requestID(c)), slog.String("route", c.Path()), slog.Int("status", a.status), slog.Any("error", loggable(err)))
	if wait, limited := sapi.IsRateLimited(err); limited {
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
	}
	return a.status, ui.EmptyProps{
		Kind: ui.EmptyFailed, Title: a.title, Text: a.what, Reference: requestID(c),
		Action: &ui.ButtonProps{Label: "Try again", Href: c.Request().URL.RequestURI(), Icon: ui.IconRefresh},
	}, true
}

// forbidden says why an actor may not do what needs a permission; empty when
// they may.
func forbidden(a auth.Actor, needs auth.Permission) string {
	if a.Can(needs) {
		return ""
	}
	return "Needs the role " + orList(auth.RolesWith(needs)) + "."
}
