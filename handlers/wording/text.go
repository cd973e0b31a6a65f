package wording

import (
	"strconv"
	"time"

	"foyer/views/ui"
)

// UTC is a time as pages have it; empty when it isn't known.
func UTC(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return ui.UTC(at)
}

// DateOf is the day of a time, in UTC; empty when it isn't known.
func DateOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.DateOnly)
}

// SymphonyID is the number by which Symphony itself knows somebody; empty when it
// isn't known.
func SymphonyID(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}
