package views

import (
	"strings"
	"time"

	"foyer/static"
	"foyer/views/ui"
)

// Unkept is the note that something can't be kept, and what follows from that.
type Unkept struct{ Title, Text string }

// Chrome is everything around a page's content: what Layout and Bare need.
type Chrome struct {
	// Environment is SANDBOX, UAT or PROD; EnvironmentNote says in one sentence
	// what that means.
	Environment     string
	EnvironmentNote string
	// Title is the page's own, without Foyer's name.
	Title string
	// Nav is the key of the navigation's active item; empty for none.
	Nav      string
	NavItems []NavItem
	// Person is who is signed in; nil when nobody is.
	Person *Person
	// Search is what stands in the search box.
	Search string
	// Flash is what the page says about the change before it; nil for nothing.
	Flash *ui.Flash
	// Unkept says that what Foyer reads, or records, can't be kept; nil when it can.
	Unkept *Unkept
	// Precheck is the way back to the list that was asked about lately; nil for none.
	Precheck *BackToPrecheck
	// RequestID is the reference that people give to support.
	RequestID string
	// Version of Foyer, for the foot of the page.
	Version string
	// Now is the time at which the page was made.
	Now time.Time
	// Refresh is after how many seconds the page loads itself again where there
	// is no JavaScript; 0 for never.
	Refresh int
	// RefreshTo is the address that it loads then: its own.
	RefreshTo string
	// HasErrors says that a form came back with problems: the title begins with
	// 'Error: '.
	HasErrors bool
}

// Person is who is signed in, as the top of the page shows them.
type Person struct {
	Name, Email, Initials, Role string
}

// NavItem is one item of the navigation.
type NavItem struct {
	Key, Label, Href string
	Icon             ui.IconName
	// Count stands at the item's right; empty for none.
	Count string
}

// title is the document's: 'Error: Companies · SANDBOX · Foyer'.
func (c Chrome) title() string {
	title := c.Title + " · " + c.Environment + " · Foyer"
	if c.HasErrors {
		return "Error: " + title
	}
	return title
}

// environmentClass is the class that gives the environment its colour. What is
// not known looks like PROD, where care is due.
func (c Chrome) environmentClass() string { return "env env-" + c.environment() }

func (c Chrome) favicon() string { return static.Path("favicon-" + c.environment() + ".svg") }

func (c Chrome) environment() string {
	switch name := strings.ToLower(c.Environment); name {
	case "sandbox", "uat":
		return name
	}
	return "prod"
}

// htmxConfig takes away from htmx what could run code that an answer brings,
// and has it swap a form that comes back with problems (422).
const htmxConfig = `{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"historyCacheSize":0,"selfRequestsOnly":true,` +
	`"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"422","swap":true},{"code":"[45]..","swap":false,"error":true}]}`
