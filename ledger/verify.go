package ledger

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Stored is a record with all that a ledger keeps beside it.
type Stored struct {
	Seq int64
	Record
	Hashes []byte // what Tree.Append gave, joined
	MAC    []byte // what Authenticator.MAC gave; nil of events that versions without it recorded
	Index  Index
	HighAt int64 // the latest Index.At up to this one
}

// StoredCheckpoint is a signed checkpoint with what a ledger keeps beside it.
type StoredCheckpoint struct {
	Size int64
	At   time.Time
	Note []byte
}

// Says tells whether what is kept beside the checkpoint is what it says itself.
func (s StoredCheckpoint) Says(c Checkpoint) bool { return s.Size == c.Size && s.At.Equal(c.At) }

// Source is a ledger to verify, as it was at one moment.
type Source struct {
	Origin string

	// Start is the tree that Records go on from: empty for the whole ledger. Its
	// own hashes are taken on trust unless a checkpoint of its size is held
	// against them. StartHighAt is the HighAt of its last event.
	Start       Tree
	StartHighAt int64

	// Records in the order of their numbers, and the signed checkpoints in the
	// order of their sizes. They are read once, and in turns.
	Records     iter.Seq2[Stored, error]
	Checkpoints iter.Seq2[StoredCheckpoint, error]

	// Seen is given each event that the hashes beside it bind, as it says, in the order of
	// Records. Nobody is told if nil.
	Seen func(Event) error

	// Headless says that the ledger has lost its head.
	Headless bool
	// Size, Peaks, HighAt and Lag are what the ledger's head says.
	Size        int64
	Peaks       []byte
	HighAt, Lag int64
}

// VerifyOptions says what a ledger is held against.
type VerifyOptions struct {
	// Verifiers are the public keys that checkpoints must be signed by. They must
	// come from elsewhere than the ledger itself. Without any no checkpoint is
	// looked at, and nothing is proved but that the ledger agrees with itself.
	Verifiers note.Verifiers
	// Held are signed checkpoints that somebody else kept.
	Held [][]byte
	// Witnesses say whose cosignatures checkpoints should have; nobody is missed if nil.
	Witnesses *Witnesses
	// Authenticator checks the events that no checkpoint covers. Without it they are
	// counted as unsigned.
	Authenticator *Authenticator
}

// Verify recomputes the whole ledger and compares it with everything that was
// kept, signed or held. Its memory does not grow with the ledger. The error says
// that the source could not be read; what is wrong with it stands in the report.
func Verify(ctx context.Context, s Source, o VerifyOptions) (Report, error) {
	v := verification{
		source:   s,
		known:    o.Verifiers,
		witness:  o.Witnesses,
		authent:  o.Authenticator,
		tree:     s.Start.clone(),
		good:     s.Start.Size(),
		next:     s.Start.Size() + 1,
		highAt:   s.StartHighAt,
		unproven: map[int64]bool{},
	}
	if v.witness != nil {
		v.report.Witnessed = new(Witnessed)
	}
	v.report.Whole = s.Start.Size() == 0
	v.hold(o.Held)
	stored, stop := iter.Pull2(s.Checkpoints)
	defer stop()
	v.stored = stored

	if err := v.checkpoints(); err != nil {
		return Report{}, err
	}
	for r, err := range readAhead(s.Records) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return Report{}, fmt.Errorf("verify ledger: %w", err)
		}
		if err := errors.Join(v.record(r), v.checkpoints()); err != nil {
			return Report{}, err
		}
	}
	if err := v.end(); err != nil {
		return Report{}, err
	}
	return v.report, nil
}

// verification is one run of Verify.
type verification struct {
	source  Source
	known   note.Verifiers
	witness *Witnesses
	authent *Authenticator
	report  Report

	tree        Tree
	next        int64 // the number that the next record must have
	broken      bool  // the tree can't be recomputed beyond this point, as was reported
	good        int64 // the size of the last checkpoint that was confirmed
	before      int64 // the size of the one before it that was smaller
	highAt, lag int64
	unproven    map[int64]bool // erased, and no redaction seen yet

	// Of the events since the last checkpoint that was confirmed.
	unsigned    int64 // the number of the first
	unsignedAt  int64 // the latest time up to it
	forged      int64 // the number of the first with another code than its own, or 0
	codeless    int64 // likewise without one
	erasing     int64 // likewise that says that others were erased
	confirmedAt time.Time

	// Of those since the last that enough witnesses have cosigned.
	unseen   int64 // the number of the first
	unseenAt int64 // the latest time up to it

	held    []opened
	stored  func() (StoredCheckpoint, error, bool)
	pending *opened // the next stored one
	done    bool    // there are no more stored ones
}

// opened is a checkpoint with what is known of its signature.
type opened struct {
	Checkpoint
	note   []byte
	err    error // why it counts for nothing
	edited bool  // what is kept beside it is not what it says
}

// open reads a checkpoint, at its size even when nobody known has signed it.
func (v *verification) open(signed []byte) opened {
	c, err := OpenCheckpoint(signed, v.known)
	if err != nil {
		c, _ = ReadCheckpoint(signed)
	}
	return opened{Checkpoint: c, note: signed, err: err}
}

func (v *verification) hold(signed [][]byte) {
	if v.known == nil {
		return
	}
	for _, s := range signed {
		v.held = append(v.held, v.open(s))
	}
	slices.SortStableFunc(v.held, func(a, b opened) int { return cmp.Compare(a.Size, b.Size) })
}

// record checks one record by itself and adds it to the tree.
func (v *verification) record(r readRecord) error {
	v.report.Events++
	if r.Seq < v.next {
		v.broken = true
		v.report.Add(Misplaced, r.Seq, r.Seq, "there are two events of this number, or it stands out of order")
		return nil
	}
	if r.Seq > v.next {
		v.broken = true
		v.report.Add(Missing, v.next, r.Seq-1, "the ledger goes on at %d", r.Seq)
	}
	v.next = r.Seq + 1

	if leaf := r.Leaf(); len(r.Hashes) < tlog.HashSize || !bytes.Equal(r.Hashes[:tlog.HashSize], leaf[:]) {
		v.broken = true
		v.report.Add(Altered, r.Seq, r.Seq, "its hash is not the one that was recorded")
		return nil
	} else if !v.broken && !bytes.Equal(JoinHashes(v.tree.Append(leaf)), r.Hashes) {
		v.broken = true
		v.report.Add(Altered, r.Seq, r.Seq, "the hashes kept with it don't follow from the events before it")
	}
	v.authentic(r.Stored)
	e, read := v.contents(r)
	if v.unsigned == 0 {
		v.unsigned, v.unsignedAt = r.Seq, v.highAt
	}
	if v.unseen == 0 {
		v.unseen, v.unseenAt = r.Seq, v.highAt
	}
	if read && v.source.Seen != nil {
		return v.source.Seen(e)
	}
	return nil
}

// authentic checks the code of the event that was last added to the tree.
func (v *verification) authentic(r Stored) {
	switch {
	case v.authent == nil || v.broken:
	case r.MAC == nil:
		v.codeless = cmp.Or(v.codeless, r.Seq)
	case !v.authent.confirms(r.MAC, v.tree.Size(), v.tree.Root()):
		v.forged = cmp.Or(v.forged, r.Seq)
	}
}

// signed notes that all events up to here are covered by a checkpoint of that time: what
// they were before doesn't count any more, but how long it took.
func (v *verification) signed(at time.Time) {
	if by := at.Sub(time.UnixMicro(v.unsignedAt)); v.unsigned > 0 && by > SignedWithin && len(v.report.Late) < maxProblems {
		v.report.Late = append(v.report.Late, Late{v.unsigned, v.good, by})
	}
	v.unsigned, v.forged, v.codeless, v.erasing, v.confirmedAt = 0, 0, 0, 0, time.Time{}
}

// contents checks what the record says and what is derived from it. read is false where
// that is not what was recorded.
func (v *verification) contents(r readRecord) (e Event, read bool) {
	e = r.event
	if errors.Is(r.err, ErrPersonal) {
		v.report.Add(Personal, r.Seq, r.Seq, "its personal part is not the one that was recorded")
		return Event{}, false
	}
	if r.err != nil {
		v.broken = true
		v.report.Add(Altered, r.Seq, r.Seq, "it can't be read")
		return Event{}, false
	}
	if e.Seq != r.Seq {
		v.broken = true
		v.report.Add(Misplaced, r.Seq, r.Seq, "the event that stands here was recorded as number %d", e.Seq)
		return Event{}, false
	}

	want := r.index
	if column := want.differs(r.Index); column != "" {
		v.report.Add(Reindexed, r.Seq, r.Seq, "its column %s was edited", column)
	}
	v.highAt = max(v.highAt, want.At)
	v.lag = max(v.lag, v.highAt-want.At)
	if r.HighAt != v.highAt {
		v.report.Add(Reindexed, r.Seq, r.Seq, "its column high_at was edited")
	}

	if e.Redacted {
		v.unproven[r.Seq] = true
	}
	if e.Action == Redact {
		var erased []int64
		for _, seq := range e.Redacts {
			if v.unproven[seq] {
				delete(v.unproven, seq)
				v.report.Redacted++
				v.erasing = cmp.Or(v.erasing, r.Seq)
				erased = append(erased, seq)
			}
		}
		if len(v.report.Redactions) < maxProblems && len(erased) > 0 {
			v.report.Redactions = append(v.report.Redactions, Redaction{Seq: r.Seq, At: e.At, By: e.Actor.Name, Reason: e.Reason, Events: erased})
		}
	}
	return e, true
}

// checkpoints compares the tree with the checkpoints of its size.
func (v *verification) checkpoints() error {
	if v.known == nil {
		return nil
	}
	// By the number that was reached, not by the tree, which stops where it is
	// broken.
	reached := v.next - 1
	for len(v.held) > 0 && v.held[0].Size <= reached {
		v.compare(v.held[0], "held elsewhere")
		v.held = v.held[1:]
	}
	for {
		if err := v.pull(); err != nil {
			return err
		}
		if v.pending == nil || v.pending.Size > reached {
			if !v.confirmedAt.IsZero() {
				v.signed(v.confirmedAt)
			}
			return nil
		}
		v.compare(*v.pending, "kept with the ledger")
		v.pending = nil
	}
}

// pull has the next stored checkpoint ready, if there is one.
func (v *verification) pull() error {
	if v.pending != nil || v.done {
		return nil
	}
	stored, err, more := v.stored()
	if err != nil {
		return fmt.Errorf("verify ledger: %w", err)
	}
	if v.done = !more; more {
		c := v.open(stored.Note)
		c.edited = !stored.Says(c.Checkpoint)
		v.pending = &c
	}
	return nil
}

// compare holds the tree against a checkpoint of its size. What one that does
// not agree puts in doubt begins after the last one that did.
func (v *verification) compare(c opened, where string) {
	from := v.good + 1
	if c.Size <= v.good {
		from = v.before + 1
	}
	until := max(from, c.Size)
	switch root := v.tree.Root(); {
	case c.err != nil:
		v.report.Add(Unsigned, from, until, "the checkpoint of %d events %s has no good signature by a known key", c.Size, where)
	case c.edited:
		v.report.Add(Unsigned, from, until, "what is kept beside the checkpoint of %d events %s is not what it says", c.Size, where)
	case c.Origin != v.source.Origin:
		v.report.Add(Foreign, from, until, "the checkpoint of %d events %s is of another ledger", c.Size, where)
	case v.broken || c.Size < v.source.Start.Size():
		// The bad event was named already; or it lies before what is verified.
	case c.Size != v.tree.Size() || c.Root != root:
		v.report.Add(Rewritten, from, until, "these events are not those that the checkpoint of %d events %s signed", c.Size, where)
	default:
		if c.Size > v.good {
			v.before, v.good = v.good, c.Size
			v.confirmedAt = c.At
		} else if c.At.Before(v.confirmedAt) {
			v.confirmedAt = c.At // the ledger may be signed again when nothing has happened
		}
		v.report.Checkpoints++
		if signed := v.report.Signed; c.Size > signed.Size || !c.At.Before(signed.At) {
			v.report.Signed, v.report.SignedBy = c.Checkpoint, len(v.witness.Of(c.note))
		}
		v.cosigned(c)
	}
}

// cosigned notes that enough witnesses have seen the ledger up to here, if they have.
func (v *verification) cosigned(c opened) {
	if v.witness == nil || !v.witness.Enough(c.note) {
		return
	}
	w := &Witnessed{Checkpoint: c.Checkpoint, By: v.witness.Of(c.note), EnoughAt: v.witness.EnoughAt(c.note)}
	if v.report.Witnessed.Size < w.Size || !w.EnoughAt.Before(v.report.Witnessed.EnoughAt) {
		v.report.Witnessed = w
	}
	v.unseen = 0
}

// end compares what was read with the head, and with the checkpoints of more
// events than there are.
func (v *verification) end() error {
	last := v.next - 1
	h := v.source
	switch {
	case h.Headless:
		v.report.Add(BadHead, last, last, "the ledger has lost its head")
	case h.Size > last:
		v.report.Add(Missing, last+1, h.Size, "the ledger's head says that it has %d events", h.Size)
	case h.Size < last:
		v.report.Add(Misplaced, h.Size+1, last, "the ledger's head says that it has %d events", h.Size)
	case !v.broken && !bytes.Equal(h.Peaks, v.tree.Peaks()):
		v.report.Add(BadHead, last, last, "the hashes in the ledger's head don't follow from its events")
	case v.report.OK() && (h.HighAt != v.highAt || h.Lag < v.lag || h.Start.Size() == 0 && h.Lag != v.lag):
		v.report.Add(BadHead, last, last, "the times in the ledger's head don't follow from its events")
	}

	beyond := func(c opened, where string) {
		if c.err != nil || c.edited || c.Origin != h.Origin {
			v.compare(c, where)
			return
		}
		v.report.Add(Missing, last+1, c.Size, "the checkpoint of %d events %s signed them: the end was cut off, or an older ledger was put back", c.Size, where)
	}
	for _, c := range v.held {
		beyond(c, "held elsewhere")
	}
	for v.known != nil {
		if err := v.pull(); err != nil {
			return err
		}
		if v.pending == nil {
			break
		}
		beyond(*v.pending, "kept with the ledger")
		v.pending = nil
	}

	for _, seq := range slices.Sorted(maps.Keys(v.unproven)) {
		v.report.Add(Erased, seq, seq, "its personal part is gone, and no redaction of it is on record")
	}
	if v.forged > 0 {
		v.report.Add(Forged, v.forged, last, "they were not recorded by a Foyer that has the ledger's key")
	}
	v.report.Unauthenticated, v.report.Erasing = v.codeless, v.erasing
	if v.unsigned > 0 {
		v.report.Unsigned, v.report.UnsignedSince = last-v.unsigned+1, time.UnixMicro(v.unsignedAt).UTC()
	}
	if v.witness != nil && v.unseen > 0 {
		v.report.Witnessed.After, v.report.Witnessed.AfterSince = last-v.unseen+1, time.UnixMicro(v.unseenAt).UTC()
	}
	v.report.Size, v.report.Root = v.tree.Size(), v.tree.Root()
	return nil
}
