package sapi

import (
	"time"

	"foyer/address"
)

// CompanyState is how far Symphony has got with creating a company. Companies
// are created in the background, in about 20 minutes. A value that is none of
// the constants is kept as Symphony sent it: it is neither ready, nor being
// built, nor failed.
type CompanyState string

// The published states of a company.
const (
	// StateStarted is the state of a new company.
	StateStarted CompanyState = "STARTED"
	// StateTenantCreated follows StateStarted: the tenant is there, but not yet configured.
	StateTenantCreated CompanyState = "TENANT_CREATED"
	// StateCompleted is the last state: users can be created.
	StateCompleted CompanyState = "COMPLETED"
	// StateTenantCreationError is final: only Symphony's support can help.
	StateTenantCreationError CompanyState = "TENANT_CREATION_ERROR"
	// StateAuth0ConfigError is final: only Symphony's support can help.
	StateAuth0ConfigError CompanyState = "AUTH0_CONFIG_ERROR"
	// StateTenantConfigError is final: only Symphony's support can help.
	StateTenantConfigError CompanyState = "TENANT_CONFIG_ERROR"
)

// Known reports whether the state is one of the published ones.
func (s CompanyState) Known() bool { return s.Ready() || s.Building() || s.Failed() }

// Ready reports whether users can be created in the company.
func (s CompanyState) Ready() bool { return s == StateCompleted }

// Building reports whether Symphony is still creating the company.
func (s CompanyState) Building() bool { return s == StateStarted || s == StateTenantCreated }

// Failed reports whether Symphony has given up creating the company.
func (s CompanyState) Failed() bool {
	return s == StateTenantCreationError || s == StateAuth0ConfigError || s == StateTenantConfigError
}

// Company is a sponsored company as Symphony describes it. Fields that Symphony
// left out, or sent in a form that can't be read, are zero.
type Company struct {
	ID           string
	CreatedAt    time.Time // UTC
	UpdatedAt    time.Time // UTC
	Name         string
	VanityName   string
	EmailDomains []string
	PublicURL    string // as sent: check it before linking to it
	State        CompanyState
	ErrorMessage string // for a failed company, Symphony's words; may hold a trace id
}

// NewCompany is what creating a company takes; all of it is required.
type NewCompany struct {
	Name         string   // 2–100 characters
	VanityName   string   // 2–63 of a–z, 0–9 and inner hyphens; becomes the public URL
	EmailDomains []string // 1–10
}

// Status is whether a user can log in, as far as Symphony told. Lists of users
// don't tell, so the zero value is StatusUnknown and is never 'disabled'.
type Status int8

// The three values of a user's status.
const (
	// StatusUnknown means that Symphony did not say: ask for the user alone.
	StatusUnknown Status = iota
	// StatusActive means that the user can log in.
	StatusActive
	// StatusDisabled means that the user can't log in and is no longer associated with the partner.
	StatusDisabled
)

// String returns "unknown", "active" or "disabled".
func (s Status) String() string {
	switch s {
	case StatusActive:
		return "active"
	case StatusDisabled:
		return "disabled"
	default:
		return "unknown"
	}
}

// User is a user of a sponsored company as Symphony describes it. Fields that
// Symphony left out, or sent in a form that can't be read, are zero.
type User struct {
	ID             string
	CreatedAt      time.Time // UTC
	UpdatedAt      time.Time // UTC
	SymphonyUserID int64     // the id within Symphony's chat; larger than a float64 can hold exactly
	Email          string
	FirstName      string
	LastName       string
	DisplayName    string
	Status         Status
	PhoneNumber    string
	Department     string
	Title          string
	Location       string
}

// NewUser is what creating a user takes. Email, FirstName and LastName are
// required; the e-mail must be in one of the company's domains. What is empty is
// not sent, and Symphony makes a missing DisplayName from the two names.
type NewUser struct {
	Email       string
	FirstName   string
	LastName    string
	DisplayName string
	Title       string
	Department  string
	Location    string
	PhoneNumber string
}

// ItemOutcome is what became of one user of a Create call.
type ItemOutcome string

// The outcomes of one user of a Create call.
const (
	// ItemCreated means that the user was created.
	ItemCreated ItemOutcome = "created"
	// ItemExists means that a user with this e-mail already exists, in this company or another.
	ItemExists ItemOutcome = "exists"
	// ItemRefused means that Symphony did not create the user; Problem says why.
	ItemRefused ItemOutcome = "refused"
	// ItemUnknown means that the answer does not say: read before trying again.
	ItemUnknown ItemOutcome = "unknown"
)

// CreateUsersResult is what a Create call was answered with.
type CreateUsersResult struct {
	Users []UserResult // one for each user that was sent, in the order sent

	// Unmatched are the items of the answer that are about nobody who was sent: as
	// Symphony answered, whatever it says became of them. Those without an ID are
	// not known to exist. Nil in an answer that is in order.
	Unmatched []User
}

// UserResult is what became of one user of a Create call.
type UserResult struct {
	Email   string // as it was sent
	Outcome ItemOutcome
	User    User   // as Symphony answered; only when Outcome is ItemCreated
	Status  int    // the item's own HTTP status; 0 when there was none
	Problem *Error // the item's own problem; nil when there was none
}

// UserPage is one page of a company's users, ordered by creation date.
type UserPage struct {
	Total   int64 // users in the company, not in the page: as Symphony says, unless its rows say otherwise
	AtLeast bool  // Symphony says fewer than it gives, or nothing, or more than its rows tell: there may be more
	Said    int64 // the total as Symphony gives it; 0 when it gives none that can be read
	More    bool  // there may be users behind this page: it is full, or Symphony speaks of more
	Page    int   // zero-based, as it was asked for
	Size    int   // as it was asked for
	Users   []User
}

// PageOptions says which page of a list to read.
type PageOptions struct {
	Page int // zero-based
	Size int // 1–100; 0 means 100
}

// Pod is the login service's answer to where an e-mail address is at home. It
// falls back on the address's root domain, so Found says that this address or
// its company is on the pod, not that the person has an account. Some pods are
// kept confidential, so that not Found proves nothing.
type Pod struct {
	Found   bool
	Domain  string // the pod, for example corporate.symphony.com; only when Found
	Message string // the service's own words; may hold the e-mail
	Host    string // who was asked
	Raw     string // the answer's body, cut to 2 KiB: evidence for a page, not for logs
}

// Match is the directory's answer to which tenant an e-mail address belongs to.
type Match struct {
	UserFound   bool   // a user with this e-mail exists
	TenantFound bool   // a tenant for the user or for the domain exists
	Sponsored   bool   // the tenant is sponsored by this partner
	TenantURL   string // as sent: check it before linking to it
	Host        string // who was asked
	Raw         string // the answer's body, cut to 2 KiB: evidence for a page, not for logs
}

// NormalEmail returns the form of an e-mail address by which rows sent and
// answers received are matched: [address.Key].
func NormalEmail(email string) string { return address.Key(email) }
