package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"foyer/files"
)

// Anchor is a file outside the database with the last checkpoint that was signed, or
// confirmed, by who has the file. It only grows. Whoever can write the database and not
// this file can't have a ledger signed that doesn't go on from there.
//
// Its methods may be called concurrently, and from several processes on one file.
type Anchor struct {
	path string
	mu   sync.Mutex
}

// ErrNoAnchor says that a ledger has events, and nothing outside the database confirms
// what of it was signed before: it is not signed.
var ErrNoAnchor = errors.New("there is no anchor beside the key that confirms what of the ledger was signed before")

// ErrOtherAnchor says that the file of a process's anchor has another ledger's: it was
// mistaken for its own. Nothing is signed, and the file is left as it is.
var ErrOtherAnchor = errors.New("the anchor is another ledger’s")

// ErrHead says that the one row is lost, or can't be, that says where a ledger goes on.
var ErrHead = errors.New("the ledger’s head was altered or lost: leave the database as it is, and verify it with ‘foyer audit verify’, which says more")

// ErrNotContinued says that a ledger doesn't go on from what was signed of it before: an
// older database was put back, or the ledger was rewritten. It is not signed.
var ErrNotContinued = errors.New("the ledger does not continue what was signed before")

// ErrAnchorNotKept says that the anchor can't be written: nothing is signed then.
var ErrAnchorNotKept = errors.New("keep the ledger's anchor")

// AnchorBeside is where the anchor of a key is when nobody says: beside its file.
func AnchorBeside(keyFile string) string { return strings.TrimSuffix(keyFile, ".key") + ".anchor" }

// NewAnchor is the anchor in a file, which need not be there yet.
func NewAnchor(path string) *Anchor { return &Anchor{path: path} }

// Path is where the anchor is.
func (a *Anchor) Path() string { return a.path }

// Read gives the checkpoint of the anchor as it was signed. It is ErrNoAnchor where there
// is no file, or one that can't be read.
func (a *Anchor) Read() (signed []byte, err error) {
	signed, err = os.ReadFile(a.path)
	if err == nil {
		_, err = ReadCheckpoint(signed)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrNoAnchor, a.path, err)
	}
	return signed, nil
}

// Advance puts a checkpoint in the place of the one that is there, unless that one has
// more events, or as many and is younger; ErrOtherAnchor where that is another ledger's.
// What is in the file already is not checked against it otherwise: who calls has verified
// that the ledger goes on from there.
func (a *Anchor) Advance(signed []byte) error {
	next, err := ReadCheckpoint(signed)
	if err != nil {
		return err
	}
	return a.locked(func() error {
		if kept, err := os.ReadFile(a.path); err == nil {
			now, err := ReadCheckpoint(kept)
			switch {
			case err != nil: // half of one, as a full disk leaves it
			case now.Origin != next.Origin:
				return fmt.Errorf("%w: %s is of %s, and this ledger is %s", ErrOtherAnchor, a.path, now.Origin, next.Origin)
			case now.Size > next.Size || now.Size == next.Size && now.At.After(next.At):
				return nil
			}
		}
		return a.write(signed)
	})
}

// Reset puts a checkpoint in the place of whatever is there, as a person decided who
// knows why the ledger doesn't go on from that.
func (a *Anchor) Reset(signed []byte) error {
	return a.locked(func() error { return a.write(signed) })
}

// locked keeps other processes from the file meanwhile.
func (a *Anchor) locked(do func() error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := files.MakeFolder(filepath.Dir(a.path)); err != nil {
		return fmt.Errorf("%w: %w", ErrAnchorNotKept, err)
	}
	folder, err := os.Open(filepath.Dir(a.path))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAnchorNotKept, err)
	}
	defer func() { _ = folder.Close() }() // ends the lock
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("%w: %w", ErrAnchorNotKept, err)
	}
	if err := do(); err != nil {
		return fmt.Errorf("%w: %w", ErrAnchorNotKept, err)
	}
	// That the new file is there is written in its folder.
	if err := folder.Sync(); err != nil {
		return fmt.Errorf("%w: %w", ErrAnchorNotKept, err)
	}
	return nil
}

// write replaces the file as a whole: half a checkpoint would be none.
func (a *Anchor) write(signed []byte) error {
	f, err := os.CreateTemp(filepath.Dir(a.path), ".ledger-anchor-*")
	if err != nil {
		return err
	}
	_, err = f.Write(signed)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		if mode := files.Mode(filepath.Dir(a.path)); mode != 0o600 {
			_ = os.Chmod(f.Name(), mode) // where it can't be, the owner has it all the same
		}
		err = os.Rename(f.Name(), a.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
