package companies

import (
	"time"

	"foyer/views"
)

// CheckPage is the page on which a new company's answers are checked
// before it is created.
type CheckPage struct {
	Form       FormPage // carried along as it was typed
	Token      string
	Button     string // names the act and the environment
	Name       string
	VanityName string
	PublicURL  string
	Domains    []string

	ListNote  string // why Foyer's own list of companies may be old
	Prechecks []views.PrecheckRow
	AskedAt   time.Time
	Doubts    bool // a verdict should be read before going on
}
