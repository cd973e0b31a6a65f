package activity

import (
	"foyer/handlers/kit"
	"foyer/portal/activity"
)

// Handlers answers what is about what everybody did. All of its fields are required.
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
