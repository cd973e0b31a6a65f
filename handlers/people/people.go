package people

import (
	"foyer/handlers/kit"
	"foyer/portal/directory"
	"foyer/portal/review"
)

// Handlers answers what is about people in tables. All of its fields are required.
type Handlers struct {
	*kit.Kit
	Directory *directory.Directory
	Reviews   *review.Reviews
}
