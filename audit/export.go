package audit

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

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

// ErrNoCheckpoint says that an export carries no checkpoint of its own: the one
// that came with it must be given.
var ErrNoCheckpoint = errors.New("the export carries no checkpoint of its own")

// maxLine is how long a line of an export may be: far more than an event has.
const maxLine = 16 << 20

// VerifyExport checks an export, one line of Evidence after the other in
// descending or ascending order, against the signed checkpoint that came with
// it; when that is nil, against the one that the first line carries, as the
// proof of a single event does. It needs neither database nor network, and its
// memory does not grow with the export. What it can't tell is whether the export
// is complete: that is what the ledger is verified for. An erased personal part
// is counted, not doubted, because the event that records the redaction need not
// be in the export.
func VerifyExport(ctx context.Context, lines io.Reader, checkpoint []byte, verifiers note.Verifiers) (Report, error) {
	var report Report
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(make([]byte, 64<<10), maxLine)
	more := scanner.Scan()
	if checkpoint == nil {
		if checkpoint = carriedCheckpoint(scanner.Bytes()); checkpoint == nil {
			return report, fmt.Errorf("verify export: %w", cmp.Or(scanner.Err(), ErrNoCheckpoint))
		}
	}
	c, err := OpenCheckpoint(checkpoint, verifiers)
	if err != nil {
		return report, fmt.Errorf("verify export: %w", err)
	}
	report.Signed, report.Checkpoints = c, 1
	report.Size, report.Root = c.Size, c.Root

	var order sequence
	for ; more; more = scanner.Scan() {
		if err := ctx.Err(); err != nil {
			return report, fmt.Errorf("verify export: %w", err)
		}
		report.Events++
		var line Evidence
		var event Event
		err := json.Unmarshal(scanner.Bytes(), &line)
		if err == nil {
			event, err = line.check(c)
		}
		seq := cmp.Or(event.Seq, order.next())
		switch {
		case errors.Is(err, errPersonal):
			report.Add(Personal, seq, seq, "its personal part is not the one that was recorded")
		case err != nil:
			report.Add(Altered, seq, seq, "line %d does not hold the event that was recorded", report.Events)
		case !order.accepts(seq):
			report.Add(Misplaced, seq, seq, "line %d stands out of order", report.Events)
		case event.Redacted:
			report.Redacted++
		}
	}
	if err := scanner.Err(); err != nil {
		return report, fmt.Errorf("verify export: %w", err)
	}
	return report, nil
}

// carriedCheckpoint gives the checkpoint that a line of an export carries, or
// nil.
func carriedCheckpoint(line []byte) []byte {
	var e Evidence
	if json.Unmarshal(line, &e) != nil || e.Checkpoint == "" {
		return nil
	}
	return []byte(e.Checkpoint)
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
