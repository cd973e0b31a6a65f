package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"foyer/auth"
)

// Action names what was done. The names are kept for ever: they are in the
// ledger's bytes and in people's filters.
type Action string

// The actions that Foyer records.
const (
	SignIn         Action = "session.sign_in"        // succeeded, or failed with a stable word for the reason in Note
	SignOut        Action = "session.sign_out"       // by the person
	EndSession     Action = "session.end"            // by an administrator
	Denied         Action = "permission.denied"      // a page or a change that the role forbids
	CreateCompany  Action = "company.create"         //
	AddDomains     Action = "company.add_domains"    //
	CompanyState   Action = "company.state"          // Foyer saw a company become ready or fail
	CreateUsers    Action = "users.create"           // up to 20 people, each with a result
	DisableUser    Action = "user.disable"           //
	EnableUser     Action = "user.enable"            //
	StatusOutside  Action = "user.status_outside"    // a status changed, and Foyer did not do it
	SeenOutside    Action = "user.seen_outside"      // people are listed whom Foyer didn't create
	NotListed      Action = "user.not_listed"        // people are not in their company's list any more
	CompanyOutside Action = "company.seen_outside"   // a company is listed that Foyer didn't create
	DomainOutside  Action = "company.domain_outside" // a company has a domain that Foyer didn't add
	Restored       Action = "ledger.restored"        // an operator went on with a ledger that had lost signed events
	RotateKey      Action = "ledger.rotate_key"      // the key that signs checkpoints is replaced; After names the new one
	Export         Action = "export"                 // a list or the activity left Foyer as a file
	StartReview    Action = "review.start"           // a company's people are listed, to confirm each one's access
	DecideReview   Action = "review.decide"          // each of the Users is to be kept, disabled or asked about, as their Result says
	FinishReview   Action = "review.finish"          // After has the counts of what was decided, and the hash of the whole
	CancelReview   Action = "review.cancel"          // with Reason; After has the counts of what was decided until then
	SaveFilter     Action = "filter.save"            // a filter of people that everybody is offered; Note has its name, After its query
	DeleteFilter   Action = "filter.delete"          // likewise
	NoteCompany    Action = "company.note"           // what people note of a company themselves; Before and After have what changed
	NoteUser       Action = "user.note"              // likewise of a person
	UploadBulk     Action = "bulk.upload"            // a list was brought, to be checked; Note has the file's name. Of all events of bulk changes Code has the kind, unless it failed
	EditBulk       Action = "bulk.edit"              // its list was changed before it was started: Code says how, After how many rows, Note the name of another file
	PrecheckBulk   Action = "bulk.precheck"          // those of its rows are asked about who are to be created; After has how many
	ScheduleBulk   Action = "bulk.schedule"          // it starts by itself at a time; After has what was planned
	UnscheduleBulk Action = "bulk.unschedule"        // it doesn't
	StartBulk      Action = "bulk.start"             // Intent: somebody started it; Succeeded: it was as planned, and its calls begin
	PauseBulk      Action = "bulk.pause"             // by Foyer itself with Code
	ResumeBulk     Action = "bulk.resume"            //
	StopBulk       Action = "bulk.stop"              // what was not sent never will be
	BulkRows       Action = "bulk.rows"              // rows that were in no call: Users with their states as Result, and why as Note
	EndBulk        Action = "bulk.end"               // every row has its end; After counts them
	DiscardBulk    Action = "bulk.discard"           // it was never started; with the code unused by Foyer itself
	Redact         Action = "ledger.redact"          // the personal part of earlier events was erased on legal order
)

// Outcome says how far an action had come when the event was written.
type Outcome string

// The outcomes. A change writes Intent before Symphony is called and one of
// the others after it; Unknown is followed by Reconciled when Symphony's own
// state has settled it, and either by Corrected when that turns out to be wrong.
const (
	Intent     Outcome = "intent"
	Succeeded  Outcome = "succeeded"
	Failed     Outcome = "failed"  // Symphony or Foyer refused: nothing was changed
	Unknown    Outcome = "unknown" // sent, and the answer was lost
	Reconciled Outcome = "reconciled"
	Proposed   Outcome = "proposed"  // waits for somebody's approval, which is the intent
	Corrected  Outcome = "corrected" // it ended otherwise than an earlier outcome says
)

// Event is one line of the ledger. Seq and At are given by the ledger when the
// event is appended; everything else by who records it. It never holds a
// secret, a token or the body of a request.
type Event struct {
	Seq     int64
	At      time.Time // UTC, microseconds
	Action  Action
	Outcome Outcome
	Change  string // the id that binds a change's intent to its outcomes; empty for single events
	Code    string // how it stands or why, as Code and package change name it; kept for ever, for pages to put in words

	Actor   auth.Actor
	Company Company
	Users   []User // whom it was about: one, or the members of a bulk change

	Before, After json.RawMessage // the values that a change set out from and led to; nil when there are none
	Reason        string
	Ticket        string
	Note          string // a fact that is no value, such as the name of an exported file with its query; in older events a sentence for people

	Symphony Symphony

	// SHA256 is, of the event that an export with proofs has left, the hash of what its
	// archive says of itself, in hex: nothing personal, so that it is kept for ever, and
	// proven to those who see nothing but the event's body.
	SHA256 string

	Redacts  []int64 // for Redact: the sequence numbers of the events whose personal part was erased
	Redacted bool    // the personal part of this event was erased: names, e-mails, reason and values are empty
	Altered  bool    // the personal part is not the one that was recorded, and is left out like one that was erased
	Binary   string  // the version of Foyer that wrote the event; given by the ledger
}

// BulkRequests is what the ids begin with that events of bulk changes have in place of a
// request's.
const BulkRequests = "bulk-"

// BulkRequest is what the events of a bulk change have in place of the id of a request, so
// that all of them are found by it.
func BulkRequest(id int64) string { return BulkRequests + strconv.FormatInt(id, 10) }

// OfBulkCall says whether an event is of one of the calls of a bulk change.
func (e Event) OfBulkCall() bool { return e.Change != "" && e.Bulk() != 0 }

// Bulk is the number of the bulk change that an event belongs to; 0 when it belongs to none.
func (e Event) Bulk() int64 {
	number, ok := strings.CutPrefix(e.Actor.RequestID, BulkRequests)
	id, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil {
		return 0
	}
	return id
}

// ErrNotRecorded is in the chain of every error of a method that had to append
// to the ledger and could not. What was to be recorded was not stored either,
// and must not be done.
var ErrNotRecorded = errors.New("not recorded in the ledger")

// Company is the company that an event is about, as it was called then. Empty
// when the event is about none.
type Company struct {
	ID, Name string
}

// User is a person that an event is about, as they were called then.
type User struct {
	ID     string `json:",omitempty"` // Symphony's UUID; empty while it isn't known
	Email  string `json:",omitempty"`
	Name   string `json:",omitempty"`
	Result string `json:",omitempty"` // in a bulk change: created, exists, refused, unknown; in an access review: keep, disable, ask
	Note   string `json:",omitempty"` // Symphony's code of a refusal; in an access review, what was decided before; in older events in words
}

// Symphony is what Symphony answered. Empty when it was not asked.
type Symphony struct {
	Operation string `json:",omitempty"` // the operation's published name, for example updateUser
	Status    int    `json:",omitempty"` // of the HTTP answer; 0 when none came
	Code      string `json:",omitempty"` // detailErrorCode
	TraceID   string `json:",omitempty"`
}

// Filter narrows a list of events. Zero fields don't; every set one does. Parts
// of text match in any letter case.
type Filter struct {
	Actor     string // part of the actor's name, e-mail or subject
	Company   string // a company's id, or part of its name
	User      string // a person's id, or a part of their e-mail or name
	UserID    string // exactly this person's id or, with UserEmail, either
	UserEmail string
	CompanyID string
	Action    Action
	Outcome   Outcome
	From, To  time.Time // From inclusive, To exclusive
	Text      string    // in reason, ticket or note
	Request   string    // the request's id
	Trace     string    // Symphony's trace id
	Change    string
	NoCalls   bool // without the calls of bulk changes, of which there can be thousands
}

// Page asks for part of a list, newest first: at most Limit events with a
// sequence number below Before (0 = from the newest).
type Page struct {
	Before int64
	Limit  int
	// Within is how long events are looked for at most; as long as it takes if zero. What
	// was found by then comes with a GaveUpError.
	Within time.Duration
}

// GaveUpError says that a list was not looked for among all events.
type GaveUpError struct {
	Down int64 // events from this number on were looked through
}

// Error says how far it came.
func (e *GaveUpError) Error() string {
	return fmt.Sprintf("the events before number %d were not looked through in time", e.Down)
}
