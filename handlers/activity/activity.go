package activity

import (
	"foyer/handlers/kit"
	"foyer/portal/activity"
)

// activity has the handlers of what everybody did.
type Handlers struct {
	*kit.Kit
	Activity *activity.Activity
}

const (
	// activityPageSize is how many events a page of the activity has.
	activityPageSize = 50
	// exportPageSize is how many events are read at a time for a file.
	exportPageSize = 500
)
