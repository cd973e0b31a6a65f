package session

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
	OnlyHere     bool   // the browser forgot it, and the store may still have it
}

// NoAccessPage says that somebody signed in who has no role.
type NoAccessPage struct {
	Name, Email string
	Reference   string
}
