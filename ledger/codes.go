package ledger

// Code says how an event that is no change's stands, or what it was about: the codes
// of changes are package change's. Like actions they are kept for ever, for pages to
// put in words.
type Code string

// The codes, with where their facts are.
const (
	// Of CompanyState.

	CompanyBuilt    Code = "company-built"
	CompanyNotBuilt Code = "company-not-built" // Note: Symphony's own words, where it has any
	CompanyOddState Code = "company-odd-state" // After: a state that Foyer doesn't know

	CompanyBuildsAgain Code = "company-builds-again" // After: a state on the way, after one at the end of it

	// Of EndSession.

	AllSessions       Code = "all-sessions"        // all that the person had
	BackChannelLogout Code = "back-channel-logout" // those that the identity provider said are over

	// Of Export.

	StatusAt       Code = "status-at"        // Note: the time of which a company's people were exported
	StatusAtProven Code = "status-at-proven" // the same, with proofs

	// Of Restored. Before has the checkpoint that the ledger doesn't continue: how many
	// events were signed, and when, if that is known; After how many the ledger has.

	OtherLedger  Code = "other-ledger"  // the checkpoint is another ledger's
	EventsLost   Code = "events-lost"   // the ledger has fewer events
	EventsDiffer Code = "events-differ" // its first events are not those that were signed
	NoAnchor     Code = "no-anchor"     // there was none, and the process began one

	// Of Denied, besides the permissions that were missing.

	FromAnotherSite Code = "from-another-site" // a form that another site's page had a browser send

	// Of RotateKey.

	KeyNotReplaced Code = "key-not-replaced" // the file could not be written
)
