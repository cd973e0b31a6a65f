package users

import (
	"foyer/handlers/kit"
	"foyer/portal/activity"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/precheck"
	"foyer/portal/review"
	"foyer/portal/signin"
)

const (
	// historyRows is how much of a history stands on the page of what it is about,
	// and historyPage how much on a page of its own.
	historyRows, historyPage = 10, 50
)

// Handlers answers what is about a company's people. All of its fields are required.
type Handlers struct {
	*kit.Kit
	Directory *directory.Directory
	Changes   *change.Engine
	Activity  *activity.Activity
	Reviews   *review.Reviews
	Precheck  *precheck.Service
	Signin    *signin.Service
}
