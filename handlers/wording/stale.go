package wording

import (
	"errors"
	"time"

	"foyer/portal"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
)

// Stale says that what a page shows could not be read just now, and from when
// it is, and until when it isn't asked for; nil when it could.
func Stale(err error, readAt, now time.Time, retryHref string) *views.StaleNote {
	if err == nil {
		return nil
	}
	title := Classify(err).Title + "."
	switch {
	case errors.Is(err, portal.ErrGone):
		title = "Symphony doesn’t know this person any more, as of " + ui.Clock(now) + " UTC."
	case errors.Is(err, portal.ErrNotFound):
		title = "Symphony doesn’t have this company any more."
	case sapi.IsCompanyUnavailable(err):
		title = "Symphony doesn’t know this company, or it is not ready."
	}
	if until := sapi.WaitsUntil(err); !until.IsZero() {
		title += " Foyer asks again at " + ui.Clock(until) + " UTC."
	}
	retry := "Try again"
	if errors.Is(err, portal.ErrNoAnswerYet) {
		retry, retryHref = "Wait for its answer", views.WaitingPath(retryHref)
	}
	return &views.StaleNote{
		Title: title, ReadAt: readAt, Now: now, RetryHref: retryHref, Retry: retry,
		Details: ProblemDetails(portal.ProblemOf(err)),
	}
}
