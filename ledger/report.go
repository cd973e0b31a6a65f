package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// ProblemKind says what kind of tampering, or damage, was found.
type ProblemKind string

// The kinds of problem. Their values are for people and scripts that read a
// report, and stay.
const (
	Missing   ProblemKind = "missing"   // events that were there once, or must be, are not
	Misplaced ProblemKind = "misplaced" // an event stands under another number than its own
	Altered   ProblemKind = "altered"   // an event, or a hash of it, is not what was recorded
	Reindexed ProblemKind = "reindexed" // a column that lists and filters use does not follow from the event
	Personal  ProblemKind = "personal"  // a personal part is not the one that was recorded
	Erased    ProblemKind = "erased"    // a personal part is gone, and no redaction of it is on record
	Differs   ProblemKind = "differs"   // what Foyer works with says otherwise than the events
	Forged    ProblemKind = "forged"    // an event was not recorded by who has the ledger's key
	BadHead   ProblemKind = "head"      // the head of the ledger does not follow from its events
	Rewritten ProblemKind = "rewritten" // the events up to a signed checkpoint are not those that it signed
	Unsigned  ProblemKind = "unsigned"  // a checkpoint has no signature by a known key
	Foreign   ProblemKind = "foreign"   // a checkpoint is one of another ledger
)

// Problem is one thing that is wrong. It holds nothing personal.
type Problem struct {
	Kind ProblemKind
	// Seq is the first sequence number that it concerns, Until the last. They
	// differ where a checkpoint tells only that something in between is wrong.
	Seq, Until int64
	Detail     string // a sentence without its end
}

// String says the problem in a line.
func (p Problem) String() string {
	if p.Until > p.Seq {
		return fmt.Sprintf("%d to %d: %s: %s", p.Seq, p.Until, p.Kind, p.Detail)
	}
	return fmt.Sprintf("%d: %s: %s", p.Seq, p.Kind, p.Detail)
}

// maxProblems is how many problems a report lists: a ledger that was rewritten
// has one for each event.
const maxProblems = 100

// Report is what a verification found.
type Report struct {
	Events      int64 // how many were read
	Redacted    int64 // of these, without their personal part, as a later event records
	Size        int64 // of the tree recomputed
	Root        tlog.Hash
	Checkpoints int        // how many were confirmed
	Signed      Checkpoint // the largest of them, and of these the youngest; what is above its Size rests on the keeper's word

	// Unsigned is how many events no confirmed checkpoint covers, and UnsignedSince when
	// the first of them was recorded.
	Unsigned      int64
	UnsignedSince time.Time
	// SignedBy is how many of the witnesses that were asked about have cosigned Signed itself.
	SignedBy int
	// Whole says that it is of a ledger, which grows, and not of an export.
	Whole bool
	// Witnessed is what others have seen of it; nil where nobody was to be asked about.
	Witnessed *Witnessed
	// Unauthenticated is the number of the first of these that has no code by which it
	// could be known to be Foyer's, or 0. It is looked at with an Authenticator only.
	Unauthenticated int64
	// Erasing is the number of the first of these that says that the personal part of others
	// was erased, and accounts for some that is gone; or 0.
	Erasing int64
	// Redactions are those that account for a personal part that is gone, oldest first: as
	// many as there may be Problems.
	Redactions []Redaction
	// Late are the events that were signed long after they were recorded, oldest first: as
	// many as there may be Problems.
	Late []Late

	// Uncompared is how many checkpoints that somebody else kept an export could not
	// be held against.
	Uncompared int
	// Archive is what was found of an export that is one archive, in which nothing is
	// wrong; nil for everything else.
	Archive *Archive

	FirstBad int64     // the first bad sequence number; 0 when everything is in order
	Found    int64     // how many problems there are
	Problems []Problem // the first hundred of them, by sequence number
}

// Witnessed is the largest confirmed checkpoint that enough witnesses have cosigned, by
// whom and when. Its zero value says that there is none.
type Witnessed struct {
	Checkpoint
	By []Cosignature
	// EnoughAt is when enough of them had cosigned it: see [Witnesses.EnoughAt].
	EnoughAt time.Time
	// After is how many events there are that it doesn't cover, and AfterSince when the
	// first of them was recorded; of an export that isn't known.
	After      int64
	AfterSince time.Time
}

// Redaction is an event by which personal parts were erased.
type Redaction struct {
	Seq        int64
	At         time.Time
	By, Reason string  // who ordered it, and why, as the event says; empty when it was erased itself
	Events     []int64 // whose personal part is gone by it
}

// Late are events between two checkpoints that were signed later than Foyer signs.
type Late struct {
	Seq, Until int64
	By         time.Duration // from when the first was recorded until they were signed
}

// SignedWithin is how long an event may stay unsigned: Foyer signs every five minutes what
// is new, and everything every hour.
const SignedWithin = 75 * time.Minute

// DoubtCode says why a ledger in which nothing is wrong is not proven all the same.
type DoubtCode string

// The doubts. Their values are for scripts that read a report, and stay.
const (
	NotConfirmed     DoubtCode = "not-confirmed"     // no checkpoint was held against it
	UnsignedLong     DoubtCode = "unsigned-long"     // its last events should have been signed
	SignedLongAgo    DoubtCode = "signed-long-ago"   // nothing was signed since: the end may have been cut off with its checkpoints
	SignedLate       DoubtCode = "signed-late"       // events were signed long after they were recorded
	NotAuthenticated DoubtCode = "not-authenticated" // unsigned events have no code
	NotWitnessed     DoubtCode = "not-witnessed"     // events should have been seen by witnesses
	WitnessedBefore  DoubtCode = "witnessed-before"  // witnesses should have seen it since
	ErasedUnsigned   DoubtCode = "erased-unsigned"   // what says that personal parts were erased is not signed yet
	ArchiveUnsigned  DoubtCode = "archive-unsigned"  // an archive of an older version, of which nobody signed what it says
)

// Doubt is a reason why a ledger is not proven, with the events that it is about.
type Doubt struct {
	Code       DoubtCode
	Seq, Until int64
	For        time.Duration // how long they were unsigned, or nothing was signed; less than nothing where that time is to come
}

// Doubts are the reasons why the ledger is not proven at a time, in which nothing is wrong.
func (r Report) Doubts(now time.Time) (doubts []Doubt) {
	if r.Checkpoints == 0 {
		return []Doubt{{Code: NotConfirmed, Seq: 1, Until: r.Size}}
	}
	if r.Archive != nil && !r.Archive.Signed {
		doubts = append(doubts, Doubt{Code: ArchiveUnsigned, Seq: 1, Until: r.Size})
	}
	for _, l := range r.Late {
		doubts = append(doubts, Doubt{SignedLate, l.Seq, l.Until, l.By})
	}
	// A time to come would never be long ago, and no event has one whose clock is right.
	if long := now.Sub(r.UnsignedSince); r.Unsigned > 0 && long.Abs() > SignedWithin {
		doubts = append(doubts, Doubt{UnsignedLong, r.Signed.Size + 1, r.Size, long})
	}
	if w := r.Witnessed; w != nil {
		switch long := now.Sub(w.AfterSince); {
		case w.Size == 0 && r.Size > 0:
			doubts = append(doubts, Doubt{Code: NotWitnessed, Seq: 1, Until: r.Size})
		case w.After > 0 && long.Abs() > SignedWithin:
			doubts = append(doubts, Doubt{NotWitnessed, w.Size + 1, r.Size, long})
		case r.Whole && !w.EnoughAt.IsZero() && now.Sub(w.EnoughAt).Abs() > SignedWithin:
			doubts = append(doubts, Doubt{WitnessedBefore, w.Size, r.Size, now.Sub(w.EnoughAt)})
		}
	}
	// The same of a checkpoint: Foyer signs every hour, also where nothing has happened.
	if long := now.Sub(r.Signed.At); r.Whole && long.Abs() > SignedWithin {
		doubts = append(doubts, Doubt{SignedLongAgo, r.Signed.Size, r.Size, long})
	}
	if r.Erasing > 0 {
		doubts = append(doubts, Doubt{Code: ErasedUnsigned, Seq: r.Erasing, Until: r.Erasing})
	}
	if r.Unauthenticated > 0 {
		doubts = append(doubts, Doubt{Code: NotAuthenticated, Seq: r.Unauthenticated, Until: r.Size})
	}
	return doubts
}

// OK says whether everything is in order.
func (r Report) OK() bool { return r.Found == 0 }

// Err is nil when everything is in order, and otherwise an AlteredError.
func (r Report) Err() error {
	if r.OK() {
		return nil
	}
	return &AlteredError{First: r.Problems[0]}
}

// AlteredError says that a ledger is not what was recorded. It holds nothing personal.
type AlteredError struct {
	First Problem // by its number
}

// Error tells the first problem.
func (e *AlteredError) Error() string { return "the ledger does not verify: " + e.First.String() }

// Add adds a problem: Verify does, and a store for what it keeps beside the events.
func (r *Report) Add(kind ProblemKind, seq, until int64, format string, args ...any) {
	r.Found++
	if r.FirstBad == 0 || seq < r.FirstBad {
		r.FirstBad = seq
	}
	at, _ := slices.BinarySearchFunc(r.Problems, seq+1, func(p Problem, seq int64) int { return cmp.Compare(p.Seq, seq) })
	r.Problems = slices.Insert(r.Problems, at, Problem{Kind: kind, Seq: seq, Until: until, Detail: fmt.Sprintf(format, args...)})
	r.Problems = r.Problems[:min(len(r.Problems), maxProblems)]
}
