package ledger

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Evidence is one event as it leaves the ledger: with all that is needed to
// prove, without Foyer and without its database, that the ledger which a
// checkpoint signed holds it under this number. It is JSON, and in an export one
// line of it for each event.
type Evidence struct {
	Body     string           `json:"body"` // the bytes that were hashed, as a string
	Salt     []byte           `json:"salt,omitempty"`
	Personal string           `json:"personal,omitempty"` // JSON; empty together with Salt when it was erased
	Size     int64            `json:"size"`               // of the checkpoint that Proof leads to
	Proof    tlog.RecordProof `json:"proof"`              // as RFC 6962 has it, in base64

	// Checkpoint is the signed note; only where the evidence stands alone. An
	// export has it in a file beside it.
	Checkpoint string `json:"checkpoint,omitempty"`
}

// NewEvidence makes the evidence of a record from the proof that tlog.ProveRecord
// gives for a tree of that size.
func NewEvidence(r Record, size int64, proof tlog.RecordProof) Evidence {
	return Evidence{Body: string(r.Body), Salt: r.Salt, Personal: string(r.Personal), Size: size, Proof: proof}
}

// Record gives back the record.
func (e Evidence) Record() Record {
	if len(e.Salt) == 0 && e.Personal == "" {
		return Record{Body: []byte(e.Body)}
	}
	return Record{Body: []byte(e.Body), Salt: e.Salt, Personal: []byte(e.Personal)}
}

// Encode gives the evidence as a line of JSON, with its newline.
func (e Evidence) Encode() ([]byte, error) {
	line, err := encode(e)
	if err != nil {
		return nil, fmt.Errorf("encode evidence: %w", err)
	}
	return append(line, '\n'), nil
}

// TLogProof gives the evidence, which has a checkpoint of its own, in the form of C2SP's
// tlog-proof: programs that know nothing of Foyer can check it. As extra data it has the
// body, whose record hash is what it proves, and nothing of the personal part.
func (e Evidence) TLogProof() ([]byte, error) {
	event, err := e.Record().Event()
	if err != nil && !errors.Is(err, ErrPersonal) {
		return nil, err
	}
	return torchwood.FormatProofWithExtraData(event.Seq-1, []byte(e.Body), e.Proof, []byte(e.Checkpoint)), nil
}

// Check proves the event against its own checkpoint, and returns the two. It
// fails unless one of the verifiers confirms the signature and the event is in
// the ledger that was signed, unaltered.
func (e Evidence) Check(verifiers note.Verifiers) (Event, Checkpoint, error) {
	c, err := OpenCheckpoint([]byte(e.Checkpoint), verifiers)
	if err != nil {
		return Event{}, Checkpoint{}, err
	}
	event, err := e.check(c)
	return event, c, err
}

func (e Evidence) check(c Checkpoint) (Event, error) {
	r := e.Record()
	event, err := r.Event()
	if err != nil {
		return event, err
	}
	if e.Size != c.Size {
		return event, fmt.Errorf("check evidence: its proof is for %d events, the checkpoint for %d", e.Size, c.Size)
	}
	if err := tlog.CheckRecord(e.Proof, c.Size, c.Root, event.Seq-1, r.Leaf()); err != nil {
		return event, errors.New("check evidence: it is not in the ledger that was signed")
	}
	return event, nil
}

// Earlier is an earlier checkpoint of a ledger, with the proof that the ledger of
// an export continues it. It is JSON, and in an export one line of it for each
// checkpoint that the export can be held against.
type Earlier struct {
	Checkpoint string         `json:"checkpoint"` // the signed note
	Proof      tlog.TreeProof `json:"proof"`      // as RFC 6962 has it, in base64
}

// Encode gives it as a line of JSON, with its newline.
func (e Earlier) Encode() ([]byte, error) {
	line, err := encode(e)
	if err != nil {
		return nil, fmt.Errorf("encode earlier checkpoint: %w", err)
	}
	return append(line, '\n'), nil
}

// ErrNoCheckpoint says that an export carries no checkpoint of its own: the one
// that came with it must be given.
var ErrNoCheckpoint = errors.New("the export carries no checkpoint of its own")

// ErrNothingHeld says that none of the checkpoints that somebody else kept could
// be held against an export: it has no proof for any of them, or is older.
var ErrNothingHeld = errors.New("the export can't be held against any of these checkpoints")

// maxLine is how long a line of an export may be: far more than an event has.
const maxLine = 16 << 20

// ExportFiles are the files of an export.
type ExportFiles struct {
	Events  io.Reader // a line of Evidence for each event, in descending or ascending order
	Earlier io.Reader // a line of Earlier for each checkpoint before the export's own; nil without
	// Checkpoint is the signed one that came with it. When it is nil it is the one
	// that the first event carries, as the proof of a single event does, or the one
	// of those held that is of the size which the event is proven for.
	Checkpoint []byte
}

// VerifyExport checks an export against the checkpoint that came with it. Every
// other one of o.Held must be continued by the ledger that was
// exported: ErrNothingHeld when none could be compared, and the report counts
// those that could not. It needs neither database nor network, and its memory does
// not grow with the number of events. What it can't tell is whether the export is
// complete: that is what the ledger is verified for. An erased personal part is
// counted, not doubted, because the event that records the redaction need not be
// in the export.
func VerifyExport(ctx context.Context, files ExportFiles, o VerifyOptions) (Report, error) {
	v := exportVerification{known: o.Verifiers, witness: o.Witnesses}
	if err := v.verify(ctx, files, o.Held); err != nil {
		return v.report, fmt.Errorf("verify export: %w", err)
	}
	return v.report, nil
}

// exportVerification is one run of VerifyExport.
type exportVerification struct {
	known   note.Verifiers
	witness *Witnesses
	each    func(Event) // is given each event that is proven, in their order; nil without
	note    string      // the export's own checkpoint, as it was signed
	own     Checkpoint
	report  Report
}

func (v *exportVerification) verify(ctx context.Context, files ExportFiles, held [][]byte) error {
	events := lineScanner(files.Events)
	more := events.Scan()
	held, err := v.choose(files.Checkpoint, events.Bytes(), held)
	if err != nil {
		return cmp.Or(events.Err(), err)
	}
	v.report.Signed, v.report.Checkpoints, v.report.SignedBy = v.own, 1, len(v.witness.Of([]byte(v.note)))
	v.report.Size, v.report.Root = v.own.Size, v.own.Root
	if v.witness != nil {
		v.report.Witnessed = new(Witnessed)
	}
	if v.witness.Enough([]byte(v.note)) {
		v.report.Witnessed = &Witnessed{Checkpoint: v.own, By: v.witness.Of([]byte(v.note)), EnoughAt: v.witness.EnoughAt([]byte(v.note))}
	}

	var order sequence
	for ; more; more = events.Scan() {
		if err := ctx.Err(); err != nil {
			return err
		}
		v.event(events.Bytes(), &order)
	}
	if err := events.Err(); err != nil {
		return err
	}
	return v.hold(ctx, files.Earlier, held)
}

func lineScanner(r io.Reader) *bufio.Scanner {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 64<<10), maxLine)
	return scanner
}

// choose finds the export's own checkpoint, and gives back the others.
func (v *exportVerification) choose(own, line []byte, held [][]byte) (others [][]byte, err error) {
	var first Evidence
	_ = json.Unmarshal(line, &first) // what can't be read is told as a bad event
	if len(own) == 0 {
		own = []byte(first.Checkpoint)
	}
	for _, signed := range held {
		c, err := ReadCheckpoint(signed)
		if len(own) == 0 && err == nil && (c.Size == first.Size || len(held) == 1) {
			own = signed
			continue
		}
		others = append(others, signed)
	}
	if len(own) == 0 {
		return nil, ErrNoCheckpoint
	}
	v.note = string(own)
	v.own, err = OpenCheckpoint(own, v.known)
	return others, err
}

// event checks one line.
func (v *exportVerification) event(text []byte, order *sequence) {
	v.report.Events++
	var line Evidence
	var event Event
	err := unmarshalExactly(text, &line)
	if err == nil && line.Checkpoint != "" && line.Checkpoint != v.note {
		err = errors.New("it carries another checkpoint")
	}
	if err == nil {
		event, err = line.check(v.own)
	}
	seq := cmp.Or(event.Seq, order.next())
	switch {
	case errors.Is(err, ErrPersonal):
		v.report.Add(Personal, seq, seq, "its personal part is not the one that was recorded")
	case err != nil:
		v.report.Add(Altered, seq, seq, "line %d does not hold the event that was recorded", v.report.Events)
	case !order.accepts(seq):
		v.report.Add(Misplaced, seq, seq, "line %d stands out of order", v.report.Events)
	default:
		if event.Redacted {
			v.report.Redacted++
		}
		if v.each != nil {
			v.each(event)
		}
	}
}

// unmarshalExactly reads a line of JSON, which must be what the value is written as: with
// its members as they are called, once and in their order, and nothing else.
func unmarshalExactly(line []byte, into any) error {
	if err := json.Unmarshal(line, into); err != nil {
		return err
	}
	again, err := encode(into)
	if err == nil && !bytes.Equal(again, line) {
		err = errors.New("it is not written as Foyer writes it")
	}
	return err
}

// hold compares the ledger that was exported with checkpoints that somebody kept.
func (v *exportVerification) hold(ctx context.Context, earlier io.Reader, held [][]byte) error {
	roots, err := v.earlier(ctx, earlier)
	if err != nil {
		return err
	}
	for _, signed := range held {
		c, err := OpenCheckpoint(signed, v.known)
		if err != nil {
			c, _ = ReadCheckpoint(signed)
		}
		root, proven := roots[c.Size]
		switch {
		case err != nil:
			v.report.Add(Unsigned, 1, max(1, c.Size), "the checkpoint of %d events held elsewhere has no good signature by a known key", c.Size)
		case c.Origin != v.own.Origin:
			v.report.Add(Foreign, 1, max(1, c.Size), "the checkpoint of %d events held elsewhere is of another ledger", c.Size)
		case !proven:
			v.report.Uncompared++
		case c.Root != root:
			v.report.Add(Rewritten, 1, max(1, c.Size), "these events are not those that the checkpoint of %d events held elsewhere signed", c.Size)
		default:
			v.report.Checkpoints++
		}
	}
	if len(held) > 0 && v.report.Uncompared == len(held) {
		return ErrNothingHeld
	}
	return nil
}

// earlier gives the roots by size that the ledger had before, as the export proves
// them.
func (v *exportVerification) earlier(ctx context.Context, lines io.Reader) (map[int64]tlog.Hash, error) {
	roots := map[int64]tlog.Hash{0: new(Tree).Root(), v.own.Size: v.own.Root}
	if lines == nil {
		return roots, nil
	}
	scanner := lineScanner(lines)
	for n := 1; scanner.Scan(); n++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var line Earlier
		var c Checkpoint
		err := unmarshalExactly(scanner.Bytes(), &line)
		if err == nil {
			c, err = ReadCheckpoint([]byte(line.Checkpoint))
		}
		if err != nil {
			v.report.Add(Altered, 1, max(1, c.Size), "line %d of the earlier checkpoints is not one that was written", n)
			continue
		}
		if c.Origin != v.own.Origin {
			v.report.Add(Foreign, 1, max(1, c.Size), "line %d of the earlier checkpoints is of another ledger", n)
			continue
		}
		if err := tlog.CheckTree(line.Proof, v.own.Size, v.own.Root, c.Size, c.Root); err != nil {
			v.report.Add(Rewritten, 1, max(1, c.Size), "the export doesn't prove that its ledger continues the checkpoint of %d events that is in it", c.Size)
			continue
		}
		roots[c.Size] = c.Root
	}
	return roots, scanner.Err()
}

// sequence holds numbers to one direction, with gaps and without repetition.
type sequence struct {
	last      int64
	direction int
}

func (s *sequence) accepts(seq int64) bool {
	if s.last == 0 {
		s.last = seq
		return true
	}
	step := cmp.Compare(seq, s.last)
	if step == 0 || s.direction != 0 && step != s.direction {
		return false
	}
	s.last, s.direction = seq, step
	return true
}

// next is the best guess at the number of an event that can't be read.
func (s *sequence) next() int64 {
	if s.direction < 0 {
		return max(1, s.last-1)
	}
	return s.last + 1
}
