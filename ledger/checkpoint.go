package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint says that at some time the ledger had so many events and this root
// hash. Signed, and held by somebody else, it is what the ledger can't be
// rewritten behind.
type Checkpoint struct {
	Origin string // names the ledger, and is the name of its keys
	Size   int64  // the sequence number of the last event covered
	Root   tlog.Hash
	At     time.Time // when it was signed, by the clock of who signed; UTC, seconds
}

// checkpointTime begins the extension line with the time. Without it the hourly
// checkpoint of a ledger at rest would be the same text over and over, and prove
// no hour.
const checkpointTime = "time "

// Text is the checkpoint in the C2SP tlog-checkpoint form, unsigned: origin,
// size and root, and one extension line with the time.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n%s%s\n", c.Origin, c.Size, c.Root, checkpointTime, c.At.UTC().Format(time.RFC3339))
}

// Sign returns the signed note of the checkpoint.
func (c Checkpoint) Sign(signer note.Signer) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: c.Text()}, signer)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	return signed, nil
}

// OpenCheckpoint reads a signed checkpoint. It fails unless one of the verifiers
// confirms a signature on it.
func OpenCheckpoint(signed []byte, verifiers note.Verifiers) (Checkpoint, error) {
	n, err := note.Open(signed, verifiers)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("open checkpoint: %w", err)
	}
	return parseCheckpoint(n.Text)
}

// SplitCheckpoints takes a file apart to which signed checkpoints were appended,
// with or without empty lines between them. What is in it is not checked.
func SplitCheckpoints(file []byte) [][]byte {
	var notes [][]byte
	var note []byte
	signed := false
	for line := range bytes.Lines(file) {
		signature := bytes.HasPrefix(line, []byte("— "))
		if signed && !signature {
			notes, note, signed = append(notes, note), nil, false
		}
		if len(note) == 0 && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		note = append(note, line...)
		signed = signed || signature
	}
	if len(note) > 0 {
		notes = append(notes, note)
	}
	return notes
}

// ReadCheckpoint reads a checkpoint without asking who signed it. What it says
// proves nothing; OpenCheckpoint does.
func ReadCheckpoint(signed []byte) (Checkpoint, error) {
	text, _, found := bytes.Cut(signed, []byte("\n\n"))
	if !found {
		return Checkpoint{}, errors.New("read checkpoint: it is not a signed note")
	}
	return parseCheckpoint(string(text) + "\n")
}

func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] == "" {
		return Checkpoint{}, errors.New("read checkpoint: it is not one")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, errors.New("read checkpoint: its size is not a number")
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, errors.New("read checkpoint: its root is not a hash")
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: tlog.Hash(root)}
	for _, line := range lines[3:] {
		if at, ok := strings.CutPrefix(line, checkpointTime); ok {
			if c.At, err = time.Parse(time.RFC3339, at); err != nil {
				return Checkpoint{}, errors.New("read checkpoint: its time is not one")
			}
		}
	}
	return c, nil
}
