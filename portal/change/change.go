package change

import (
	"strings"
	"time"

	"foyer/address"
	"foyer/auth"
	"foyer/ledger"
	"foyer/portal"
	"foyer/sapi"
)

// Kind is what a change does at Symphony.
type Kind string

// The kinds: one for each of Symphony's changing operations, and two for the two
// ways of a status.
const (
	CreateCompany Kind = "create-company"
	AddDomains    Kind = "add-domains"
	CreateUsers   Kind = "create-users"
	DisableUser   Kind = "disable-user"
	EnableUser    Kind = "enable-user"
)

// Action is how the ledger calls what a kind of change does.
func (k Kind) Action() ledger.Action {
	switch k {
	case CreateCompany:
		return ledger.CreateCompany
	case AddDomains:
		return ledger.AddDomains
	case CreateUsers:
		return ledger.CreateUsers
	case DisableUser:
		return ledger.DisableUser
	case EnableUser:
		return ledger.EnableUser
	}
	return ledger.Action(k)
}

// Permission is what an actor needs to ask for a kind of change.
func (k Kind) Permission() auth.Permission {
	if k == DisableUser || k == EnableUser {
		return auth.ChangeStatus
	}
	return auth.Onboard
}

// State says how far a change has come.
type State string

// The states:
//
//	proposed → queued → sent → done | refused | unknown → done | refused | abandoned
//
// Before it is sent a change may also end as declined, cancelled, expired or
// superseded.
const (
	Proposed   State = "proposed"   // waits for somebody's approval
	Queued     State = "queued"     // may be sent, and is not yet
	Sent       State = "sent"       // claimed by a process that may be sending it
	Done       State = "done"       // Symphony did it (for people: every row has an answer)
	Refused    State = "refused"    // nothing was changed
	Unknown    State = "unknown"    // sent, and the answer was lost; Symphony is being read
	Abandoned  State = "abandoned"  // still unknown after a day of asking: a person must look
	Declined   State = "declined"   // not approved; nothing was sent
	Cancelled  State = "cancelled"  // taken back before it was sent
	Expired    State = "expired"    // could not be sent in its time; nothing was sent
	Superseded State = "superseded" // the world had changed before it was sent; nothing was sent
)

// Settled says whether nothing more will happen to a change in the state, but for
// the correction of an absence that was none.
func (s State) Settled() bool {
	switch s {
	case Proposed, Queued, Sent, Unknown:
		return false
	case Done, Refused, Abandoned, Declined, Cancelled, Expired, Superseded:
	}
	return true
}

// Code says how a change stands or ended, for pages to put in words. The codes are
// in the ledger too and are kept for ever.
type Code string

// The codes. What they are about is in the change and in the ledger's values.
const (
	// After a yes.
	Accepted       Code = "accepted"         // the company is being built
	AlreadyThere   Code = "already-there"    // Symphony had all of the domains before
	NotConfirmed   Code = "not-confirmed"    // Symphony said yes, and could not be read again just now
	StatusNotTold  Code = "status-not-told"  // Symphony said yes, and doesn't tell whether the person is active
	NotShownYet    Code = "not-shown-yet"    // Symphony said yes, and shows the old state: the change is unknown
	NobodyCreated  Code = "nobody-created"   // each person has an answer, and none was created
	AnswerPartial  Code = "answer-partial"   // the answer leaves out some of the people who were sent
	AnswerOfOthers Code = "answer-of-others" // the answer has people who were not sent

	// Without an answer.
	AnswerLost     Code = "answer-lost"     // it was sent, and the answer was lost
	ProcessStopped Code = "process-stopped" // Foyer stopped while it was being sent
	AnswerNo       Code = "answer-no"       // Symphony refused: Problem says why
	NotAllowed     Code = "not-allowed"     // Symphony doesn't allow this to the partner

	// Not sent, or refused without a look at what was asked.
	NotSent          Code = "not-sent"          // Symphony could not be reached
	HeldBack         Code = "held-back"         // Symphony wants fewer calls
	NoCredentials    Code = "no-credentials"    // Symphony rejected Foyer's own credentials
	NoDatabase       Code = "no-database"       // Foyer's own database could not be read
	TooLate          Code = "too-late"          // it could not be sent in the time that it had
	RoleWithdrawn    Code = "role-withdrawn"    // whoever asked for it may not any more
	StatusMoved      Code = "status-moved"      // the person has another status than when it was asked
	CompanyNotReady  Code = "company-not-ready" // the company is not there, or not ready
	DomainsMoved     Code = "domains-moved"     // the company's domains don't allow it any more
	DeclinedByPerson Code = "declined"
	CancelledByActor Code = "cancelled"

	// Found by reading Symphony.
	FoundCompany    Code = "found-company"
	FoundDomains    Code = "found-domains"
	FoundStatus     Code = "found-status"
	FoundPeople     Code = "found-people"
	OnlyExisting    Code = "only-existing"     // of the people, Symphony shows only such as were there before
	AbsentCompany   Code = "absent-company"    // Symphony has no company with the vanity name
	CompanyBefore   Code = "company-before"    // it has, and had it before
	CompanyOfOther  Code = "company-of-other"  // it has, and another change created it
	AbsentDomains   Code = "absent-domains"    // Symphony doesn't show some of the domains
	AbsentStatus    Code = "absent-status"     // the person still has the other status
	AbsentPeople    Code = "absent-people"     // Symphony shows none of the people
	CantRead        Code = "cant-read"         // Symphony could not be read just now
	PersonNotShown  Code = "person-not-shown"  // Symphony doesn't show the person now; they may be disabled
	StatusUntold    Code = "status-untold"     // Symphony doesn't say whether the person is active
	GaveUp          Code = "gave-up"           // a day of asking in vain
	UnknownKindCode Code = "unknown-kind-code" // this Foyer doesn't know the kind of change
)

// Change is one change asked of Symphony, from the proposal to the settled end. The
// ledger says what happened; the change is what Foyer works with until it has.
type Change struct {
	ID      string // a UUID; in the ledger the events' Change
	Bulk    int64  // the number of the bulk change that it is a part of; 0: it is none's
	Version int64  // counts the updates: who updates another one than the stored is refused
	Kind    Kind
	State   State
	Token   string // the form's; unique
	Subject string // what it is about: at most one unsettled change has it; empty: People say it

	Actor      auth.Actor
	Company    ledger.Company
	User       ledger.User     // for a status
	NewCompany sapi.NewCompany // for a company
	Domains    []string        // for domains: the ones to add
	People     []Row           // for people: in the order of the form
	Others     []Row           // people in Symphony's answer who were not sent
	Reason     string
	Ticket     string

	Seen   Seen      // of what it is about, when it was asked
	From   time.Time // not to be sent before; zero: at once
	Before time.Time // not to be sent after; zero: whenever its turn comes

	Reconciled bool // the end was found by reading Symphony, not by its answer
	Corrected  bool // the end is another one than was believed first
	Code       Code
	LostBy     Code            // why the outcome was unknown once: AnswerLost, ProcessStopped or what the answer left open; empty: it never was
	Note       string          // how it ended, as Foyer wrote it until there were codes
	Problem    *portal.Problem // what Symphony said when it refused, or why the outcome is unknown

	Tries       int       // how often Symphony was read for how it ended
	Absences    int       // how often in a row it was not there
	AbsentSince time.Time // the first time of these
	LookedAt    time.Time // the last time that Symphony was read
	Due         time.Time // when the engine has to do with it again; zero: never

	CreatedAt time.Time
	UpdatedAt time.Time
	Claim     string    // names the claim for sending; empty: there was none
	SentAt    time.Time // when it was claimed for sending; zero: never
	UnknownAt time.Time // when the answer was given up; zero: it never was
	SettledAt time.Time // zero while it isn't
	Erased    bool      // what was asked, of whom, by whom and why was erased on legal order
}

// Row is one person of a change that creates people, with their result.
type Row struct {
	sapi.NewUser
	Outcome sapi.ItemOutcome // empty before the call
	UserID  string           // once created, or found to exist in this company
	Problem *portal.Problem
}

// Seen is what the world looked like when a change was asked for.
type Seen struct {
	At           time.Time // when Symphony was asked; zero: it was not
	Status       sapi.Status
	EmailDomains []string      // of the company
	People       []string      // the ids of those to create who were there just before they were sent
	ClockAhead   time.Duration // by how much Symphony's clock was ahead of ours when it was sent; negative: behind
}

// StatusWanted is the status to which a kind of change leads; unknown when it leads
// to none.
func (k Kind) StatusWanted() sapi.Status {
	switch k {
	case EnableUser:
		return sapi.StatusActive
	case DisableUser:
		return sapi.StatusDisabled
	case CreateCompany, AddDomains, CreateUsers:
	}
	return sapi.StatusUnknown
}

// SubjectOf says what a change is about; empty where its people say it.
func SubjectOf(c Change) string {
	switch c.Kind {
	case CreateCompany:
		return "company:" + strings.ToLower(c.NewCompany.VanityName)
	case AddDomains:
		return "domains:" + strings.ToLower(c.Company.ID)
	case DisableUser, EnableUser:
		return "user:" + strings.ToLower(c.Company.ID+"/"+c.User.ID)
	case CreateUsers:
	}
	return ""
}

// event is the ledger's line for a change as it stands.
func event(c Change, o ledger.Outcome, v values) ledger.Event {
	e := ledger.Event{
		Action: c.Kind.Action(), Outcome: o, Change: c.ID, Code: string(c.Code), Actor: c.Actor, Company: c.Company,
		Before: v.before, After: v.after, Reason: c.Reason, Ticket: c.Ticket,
	}
	if c.Problem != nil {
		e.Symphony = ledger.Symphony{Operation: c.Problem.Operation, Status: c.Problem.Status, Code: c.Problem.Code, TraceID: c.Problem.TraceID}
	}
	if c.User != (ledger.User{}) {
		e.Users = []ledger.User{c.User}
	}
	for _, rows := range [][]Row{c.People, c.Others} {
		for _, row := range rows {
			u := ledger.User{ID: row.UserID, Email: address.Key(row.Email), Name: portal.NewUserName(row.NewUser), Result: string(row.Outcome)}
			if row.Problem != nil {
				u.Note = row.Problem.Code
			}
			e.Users = append(e.Users, u)
		}
	}
	return e
}
