package views

import (
	"time"

	"foyer/views/ui"
)

// SignInPage leads to the identity provider.
type SignInPage struct {
	StartHref string
	Notice    string       // why one has to sign in (again); may be empty
	Demo      []DemoPerson // whom one can sign in as, in the sandbox
}

// DemoPerson is an invented person of the sandbox's identity provider.
type DemoPerson struct{ Name, Role string }

// SignedOutPage says that the session here has ended.
type SignedOutPage struct {
	ProviderHref string // ends the session at the identity provider; empty when it offers none
}

// NoAccessPage says that somebody signed in who has no role.
type NoAccessPage struct {
	Name, Email string
	Reference   string
}

// SessionsPage lists sessions.
type SessionsPage struct {
	Now      time.Time
	Everyone bool // everybody's, not only one's own
	Rows     []SessionRow
	Pager    ui.PagerProps
}

// SessionRow is one signed-in browser.
type SessionRow struct {
	ID          string
	Name, Email string
	Role        string
	Address     string
	Browser     string // "Chrome on Linux"
	UserAgent   string // the browser's own words
	BeganAt     time.Time
	SeenAt      time.Time
	Own         bool // of the person who looks
	Current     bool // this very browser's
}
