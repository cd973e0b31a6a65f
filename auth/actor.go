package auth

import (
	"slices"
	"strings"
)

// Role is what a person may be to Foyer. A person can have several; what they
// may do is the union.
type Role string

// The four roles, as the settings FOYER_ROLES_… and the ledger name them.
const (
	Viewer    Role = "viewer"    // looks things up, disables and enables people
	Onboarder Role = "onboarder" // also creates companies and people, adds domains
	Auditor   Role = "auditor"   // reads everything, everybody's activity included; reviews who has access
	Admin     Role = "admin"     // everything, other people's sessions included
)

// AllRoles lists the roles from the least to the most powerful.
var AllRoles = []Role{Viewer, Onboarder, Auditor, Admin}

// Permission is one thing that a role can allow. Every route names one, and
// every use case checks it again.
type Permission string

// The permissions; permissionRoles says who has which. Their names are kept for ever,
// in the ledger's events of what was refused.
const (
	See          Permission = "see"           // companies, people and the pre-check
	SeeHistory   Permission = "see-history"   // of one company or person
	ChangeStatus Permission = "change-status" // disable and enable a person
	Onboard      Permission = "onboard"       // create companies and people, add domains
	SeeActivity  Permission = "see-activity"  // of everybody, and export it
	Review       Permission = "review"        // who has access
	EndSessions  Permission = "end-sessions"  // of other people
	AskNow       Permission = "ask-now"       // Symphony, whatever it asked to wait for

	ManageFilters Permission = "manage-filters" // that others saved for everybody
)

// AllPermissions lists every permission, in the order of the matrix in
// docs/security.md.
var AllPermissions = []Permission{See, ChangeStatus, Onboard, SeeActivity, Review, SeeHistory, EndSessions, AskNow, ManageFilters}

var permissionRoles = map[Permission][]Role{
	See:          {Viewer, Onboarder, Auditor, Admin},
	SeeHistory:   {Viewer, Onboarder, Auditor, Admin},
	ChangeStatus: {Viewer, Onboarder, Admin},
	Onboard:      {Onboarder, Admin},
	SeeActivity:  {Auditor, Admin},
	Review:       {Auditor, Admin},
	EndSessions:  {Admin},
	AskNow:       {Admin},

	ManageFilters: {Admin},
}

// RolesWith returns the roles that allow p, for messages such as 'needs the
// role onboarder or admin'.
func RolesWith(p Permission) Roles { return slices.Clone(permissionRoles[p]) }

// Roles are the roles of one person.
type Roles []Role

// Can says whether any of the roles allows p. An unknown permission is allowed
// to nobody.
func (r Roles) Can(p Permission) bool {
	return slices.ContainsFunc(permissionRoles[p], func(role Role) bool { return slices.Contains(r, role) })
}

// String lists the roles with commas, as the ledger and the pages show them.
func (r Roles) String() string {
	names := make([]string, len(r))
	for i, role := range r {
		names[i] = string(role)
	}
	return strings.Join(names, ", ")
}

// RoleMap says which values of the roles claim give each role.
type RoleMap map[Role][]string

// Of returns the roles that these values of the claim give. Values are compared
// exactly: access must be said, never guessed.
func (m RoleMap) Of(values []string) Roles {
	var roles Roles
	for _, role := range AllRoles {
		if slices.ContainsFunc(m[role], func(value string) bool { return slices.Contains(values, value) }) {
			roles = append(roles, role)
		}
	}
	return roles
}

// Actor is who does something, and from where: the person of a session, or
// Foyer itself. Every use case takes one, so a change without an author does
// not compile. Identity is (Issuer, Subject); name and e-mail are for display.
type Actor struct {
	Issuer, Subject string
	Name, Email     string
	Roles           Roles
	Session         string // the session's public id, never the cookie's secret

	RequestID string // of the HTTP request or the job
	Address   string // the client's IP address
	UserAgent string
}

// SystemIssuer is the Issuer of Foyer's own actor.
const SystemIssuer = "foyer"

// System is Foyer itself at work in the background; task names what it does
// ("settle", "watch"). It has no roles: what runs in the background is not
// asked for permission, because a person with it began it.
func System(task, requestID string) Actor {
	return Actor{Issuer: SystemIssuer, Subject: task, Name: "Foyer", RequestID: requestID}
}

// Can says whether the actor's roles allow p.
func (a Actor) Can(p Permission) bool { return a.Roles.Can(p) }

// IsSystem says whether the actor is Foyer itself.
func (a Actor) IsSystem() bool { return a.Issuer == SystemIssuer }
