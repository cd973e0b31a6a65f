package wording

import (
	"time"

	"foyer/portal"
	"foyer/views"
)

// Stale says that what a page shows could not be read just now, and from when
// it is; nil when it could.
func Stale(err error, readAt, now time.Time, retryHref string) *views.StaleNote {
	if err == nil {
		return nil
	}
	return &views.StaleNote{
		Title: Classify(err).Title + ".", ReadAt: readAt, Now: now, RetryHref: retryHref,
		Details: ProblemDetails(portal.ProblemOf(err)),
	}
}
