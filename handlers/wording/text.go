package wording

import (
	"time"

	"foyer/views/ui"
)

func UTC(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return ui.UTC(at)
}

func DateOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.DateOnly)
}
