package companies

import (
	"foyer/handlers/kit"
	"foyer/portal/activity"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/portal/precheck"
	"foyer/portal/review"
)

// Handlers answers what is about the list of companies, one company, the form for a
// new one, and the form that adds domains. All but PartnerID are required.
type Handlers struct {
	*kit.Kit
	Directory *directory.Directory
	Changes   *change.Engine
	Activity  *activity.Activity
	Reviews   *review.Reviews
	Precheck  *precheck.Service
	PartnerID string // shown in the Embedded Mode snippet; may be empty
}
