package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint says that at some time the ledger had so many events and this root
// hash. Signed, and held by somebody else, it is what the ledger can't be
// rewritten behind.
type Checkpoint struct {
	Origin string // names the ledger, as a URL without a scheme does, and is the name of its keys
	Size   int64  // the sequence number of the last event covered
	Root   tlog.Hash
	At     time.Time // when it was signed, by the clock of who signed; UTC, seconds
}

// checkpointTime began the extension line with the time, in the checkpoints of the
// versions that did not sign the time as a cosignature.
const checkpointTime = "time "

// Text is the checkpoint in the C2SP tlog-checkpoint form, unsigned: origin, size and
// root. When it was signed stands with its signature.
func (c Checkpoint) Text() string {
	return torchwood.Checkpoint{Origin: c.Origin, Tree: tlog.Tree{N: c.Size, Hash: c.Root}}.String()
}

// Sign returns the signed note of the checkpoint: with the key's signature, by which
// everybody knows the ledger, and with its timestamped cosignature, without which the
// hourly checkpoint of a ledger at rest would prove no hour.
func (c Checkpoint) Sign(key *Key) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: c.Text()}, key.signer, key.cosigner.At(c.At))
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	return signed, nil
}

// OpenCheckpoint reads a signed checkpoint. It fails unless one of the verifiers, which
// are the ledger's own, confirms a signature on it, and one when that was.
func OpenCheckpoint(signed []byte, verifiers note.Verifiers) (Checkpoint, error) {
	n, err := note.Open(signed, verifiers)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("open checkpoint: %w", err)
	}
	c, err := parseCheckpoint(n.Text, n.Sigs)
	if err == nil && c.At.IsZero() {
		err = errors.New("open checkpoint: nobody known has signed when it was made")
	}
	return c, err
}

// SplitCheckpoints takes a file apart to which signed checkpoints were appended,
// with or without empty lines between them. What is in it is not checked.
func SplitCheckpoints(file []byte) [][]byte {
	var notes [][]byte
	var note []byte
	signed, empty := false, false // the line before is a signature, or is empty
	for line := range bytes.Lines(file) {
		// A line of the text may begin like a signature, too.
		signature := bytes.HasPrefix(line, []byte("— ")) && (signed || empty)
		if signed && !signature {
			notes, note = append(notes, note), nil
		}
		signed, empty = signature, len(bytes.TrimSpace(line)) == 0
		if len(note) > 0 || !empty {
			note = append(note, line...)
		}
	}
	if len(note) > 0 {
		notes = append(notes, note)
	}
	return notes
}

// ReadCheckpoint reads a checkpoint without asking who signed it. What it says
// proves nothing; OpenCheckpoint does.
func ReadCheckpoint(signed []byte) (Checkpoint, error) {
	_, err := note.Open(signed, note.VerifierList())
	unverified, ok := errors.AsType[*note.UnverifiedNoteError](err)
	if !ok {
		return Checkpoint{}, errors.New("read checkpoint: it is not a signed note")
	}
	return parseCheckpoint(unverified.Note.Text, unverified.Note.UnverifiedSigs)
}

// TimeInText says whether a checkpoint is of an earlier version, which wrote its time into
// the text.
func TimeInText(signed []byte) bool {
	text, _, _ := bytes.Cut(signed, []byte("\n\n"))
	return bytes.Contains(text, []byte("\n"+checkpointTime))
}

// WithoutCosignatures is a signed checkpoint with the signatures of the ledger's own keys
// alone.
func WithoutCosignatures(signed []byte, verifiers note.Verifiers) ([]byte, error) {
	n, err := note.Open(signed, verifiers)
	if err != nil {
		return nil, fmt.Errorf("open checkpoint: %w", err)
	}
	n.UnverifiedSigs = nil
	return note.Sign(n)
}

// parseCheckpoint takes the time from the ledger's own cosignature, or, of a checkpoint of
// an earlier version, from its text. It is the zero time where there is none.
func parseCheckpoint(text string, signatures []note.Signature) (Checkpoint, error) {
	parsed, err := torchwood.ParseCheckpoint(text)
	if err != nil || parsed.Origin == "" {
		return Checkpoint{}, errors.New("read checkpoint: it is not one")
	}
	c := Checkpoint{Origin: parsed.Origin, Size: parsed.N, Root: parsed.Hash}
	for line := range strings.Lines(parsed.Extension) {
		if at, ok := strings.CutPrefix(line, checkpointTime); ok {
			if c.At, err = time.Parse(time.RFC3339+"\n", at); err != nil {
				return Checkpoint{}, errors.New("read checkpoint: its time is not one")
			}
			return c, nil
		}
	}
	for _, s := range signatures {
		if at, ok := cosignedAt(s); ok && s.Name == c.Origin {
			c.At = at
			break
		}
	}
	return c, nil
}
