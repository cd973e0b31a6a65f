package ledger

import (
	"cmp"
	"fmt"
	"slices"

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
	Signed      Checkpoint // the largest of them; what is above its Size rests on the keeper's word

	// Uncompared is how many checkpoints that somebody else kept an export could not
	// be held against.
	Uncompared int

	FirstBad int64     // the first bad sequence number; 0 when everything is in order
	Found    int64     // how many problems there are
	Problems []Problem // the first hundred of them, by sequence number
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
