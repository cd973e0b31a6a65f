package changes

import "foyer/views/ui"

// ShowPage is one change that was asked of Symphony: what it was, by whom, and
// how it stands.
type ShowPage struct {
	Title    string    // "Disable Adele Vance"
	Crumbs   []ui.Link // to what it was about
	Facts    []ui.KeyValueItem
	Progress Progress
}

// Progress is how a change stands: the part of its page that is asked for
// again and again until it is settled.
type Progress struct {
	// PollPath is where to ask whether anything has changed since; empty once
	// there is nothing to wait for.
	PollPath string
	Kind     ui.AlertKind
	Title    string
	Text     string
	// Checking says when Symphony was asked last and will be asked next.
	Checking  string
	SettledAt string // empty until it is
	Details   *ui.DetailsProps
	People    []PersonResult
	Again     *FormAgain
	Next      []ui.ButtonProps
}

// PersonResult is what became of one person of a change that adds people.
type PersonResult struct {
	Name, Email string
	Href        string // the person's page, or a search for them; empty for none
	HrefWords   string
	Status      ui.StatusProps
	Reason      string
	Details     *ui.DetailsProps
}

// FormAgain fills the form of a change with what was not done.
type FormAgain struct {
	Path   string
	Fields []ui.Parameter
	Button ui.ButtonProps
}
