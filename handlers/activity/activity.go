package activity

import (
	"time"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal/activity"
)

// Handlers answers what is about what everybody did. All of its fields are required.
type Handlers struct {
	*kit.Kit
	Activity *activity.Activity
	// Within is how long a page's events are looked for. What is rare is found in
	// milliseconds; what is everywhere but together could take all of the ledger.
	Within time.Duration
	// Troubles are what about Foyer itself isn't as it should be.
	Troubles func() []wording.Trouble
}

const (
	// activityPageSize is how many events a page of the activity has.
	activityPageSize = 50
	// exportPageSize is how many events are read at a time for a file.
	exportPageSize = 500
)
