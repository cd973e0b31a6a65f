package views

import (
	"time"

	"foyer/views/ui"
)

// StaleNote says that what a page shows is not what Symphony says now, and why.
type StaleNote struct {
	Title     string // why it could not be read
	ReadAt    time.Time
	Now       time.Time
	RetryHref string
	Retry     string // what that does
	Details   *ui.DetailsProps
}
