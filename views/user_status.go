package views

import (
	"time"

	"foyer/views/ui"
)

// StatusCell is a person's status in a table, with when it was read.
type StatusCell struct {
	ID        string // of the element, so that a fragment can replace it
	Status    ui.StatusProps
	ReadAt    time.Time // zero: never
	Now       time.Time
	Why       string // why it is unknown, or old
	CheckHref string // the page that reads it; for what is unknown
	Action    UserAction
}

// fresh says whether the status was read a moment ago: its age then goes
// without saying, as the page has the time at which it was made.
func (s StatusCell) fresh() bool {
	return !s.ReadAt.IsZero() && s.Now.Sub(s.ReadAt) < time.Minute
}

// UserAction is what can be done to a person from where they are listed.
type UserAction struct {
	ID        string // of the element
	Label     string // Disable, Enable, or Change status
	Href      string
	Name      string // whose it is, for people who hear the page
	Forbidden string // why it can't be done
}
