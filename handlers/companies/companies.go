package companies

import (
	"foyer/handlers/kit"
	"foyer/portal/activity"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/precheck"
	"foyer/portal/review"
)

// Handlers has the handlers of the list of companies, of one company, and of
// the form for a new one.
type Handlers struct {
	*kit.Kit
	Directory *directory.Directory
	Changes   *change.Engine
	Activity  *activity.Activity
	Reviews   *review.Reviews
	Precheck  *precheck.Service
	PartnerID string // shown in the Embedded Mode snippet; may be empty
}
