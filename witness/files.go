package witness

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"foyer/ledger"
)

// files are what a witness keeps of a ledger: the checkpoints that it cosigned, one after
// the other, as ‘foyer audit verify --checkpoint’ takes them, and those that contradict them.
type files struct {
	seen, refused string
	folder        *os.File // as it was locked
	size          int64    // of what was seen, as this process left it
}

func filesOf(folder *os.File, origin string) files {
	name := filepath.Join(folder.Name(), url.PathEscape(origin))
	return files{seen: name + ".txt", refused: name + ".refused.txt", folder: folder}
}

// kept are the checkpoints that were cosigned. What a process wrote that was killed on the
// way is taken away: nobody was given that.
func (f *files) kept() ([][]byte, error) {
	kept, err := os.ReadFile(f.seen)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	whole := wholeNotes(kept)
	if whole < len(kept) {
		if err := os.Truncate(f.seen, int64(whole)); err != nil {
			return nil, err
		}
	}
	f.size = int64(whole)
	return ledger.SplitCheckpoints(kept[:whole]), nil
}

// wholeNotes says how much of a file are notes of which the empty line after them was
// written, too.
func wholeNotes(file []byte) (end int) {
	signed, empty, at := false, false, 0
	for line := range bytes.Lines(file) {
		at += len(line)
		signature := bytes.HasPrefix(line, []byte("— ")) && (signed || empty)
		empty = string(line) == "\n"
		if signed && empty {
			end = at
		}
		signed = signature
	}
	return end
}

// keep appends a checkpoint that was cosigned, and comes back once it would survive a loss
// of power. It keeps nothing where somebody has put something else in the place of what
// this process left: the next one would go on from that.
func (f *files) keep(cosigned []byte) error {
	if err := f.untouched(); err != nil {
		return err
	}
	err := appendTo(f.seen, cosigned)
	if err == nil {
		f.size += int64(len(cosigned)) + 1
	}
	return err
}

// untouched is an error where the folder, or the file of what was seen, is not as this
// process left it.
func (f *files) untouched() error {
	locked, err := f.folder.Stat()
	if err != nil {
		return err
	}
	if now, err := os.Stat(f.folder.Name()); err != nil || !os.SameFile(locked, now) {
		return fmt.Errorf("%s is another folder than at the start", f.folder.Name())
	}
	size := int64(0)
	switch info, err := os.Stat(f.seen); {
	case err == nil:
		size = info.Size()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if size != f.size {
		return fmt.Errorf("%s has %d bytes, and this witness left %d", f.seen, size, f.size)
	}
	return nil
}

// mostRefused is how much is kept of what was refused, in bytes: whoever has the ledger's
// key could send any number.
const mostRefused = 1 << 20

// keepRefused appends a checkpoint that contradicts those that were cosigned.
func (f *files) keepRefused(signed []byte) error {
	if info, err := os.Stat(f.refused); err == nil && info.Size() > mostRefused {
		return nil
	}
	return appendTo(f.refused, signed)
}

// keptRefused are those that keepRefused has, and when the last one came.
func (f *files) keptRefused() (notes [][]byte, last time.Time, err error) {
	kept, err := os.ReadFile(f.refused)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, last, nil
	}
	if err != nil {
		return nil, last, err
	}
	info, err := os.Stat(f.refused)
	if err != nil {
		return nil, last, err
	}
	return ledger.SplitCheckpoints(kept), info.ModTime().UTC(), nil
}

func appendTo(path string, note []byte) error {
	_, err := os.Stat(path)
	created := errors.Is(err, fs.ErrNotExist)
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil {
		_, err = file.Write(append(slices.Clip(note), '\n'))
		if err = errors.Join(err, file.Sync()); err != nil { // what is not kept would be in the way of the next
			err = errors.Join(err, file.Truncate(info.Size()))
		}
	}
	if err := errors.Join(err, file.Close()); err != nil || !created {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// lock keeps other processes from a folder until it is closed, or this one ends. Two of
// them on one folder could cosign what contradicts each other.
func lock(folder string) (locked *os.File, err error) {
	file, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another witness uses %s: %w", folder, err), file.Close())
	}
	return file, nil
}

// syncFolder has the names in a folder survive a loss of power.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// LoadOrCreateKey reads the key of a witness from its file, which nobody else may read, and
// makes it with that name when it isn't there. It fails where the key has another name.
func LoadOrCreateKey(path, name string) (*ledger.Cosigner, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return createKey(path, name)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key of the witness: %w", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("read the key of the witness: others may read or write %s; take that away (chmod 600)", path)
	}
	key, err := ledger.ParseCosigner(string(bytes.TrimSpace(text)))
	if err != nil {
		return nil, fmt.Errorf("read the key of the witness in %s: %w", path, err)
	}
	if key.Name() != name {
		return nil, fmt.Errorf("the key in %s is that of the witness %s, and this one is called %s", path, key.Name(), name)
	}
	return key, nil
}

func createKey(path, name string) (*ledger.Cosigner, error) {
	key, err := ledger.GenerateCosigner(name)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make the key of the witness: %w", err)
	}
	_, err = file.WriteString(key.Private() + "\n")
	if err := errors.Join(err, file.Sync(), file.Close(), syncFolder(filepath.Dir(path))); err != nil {
		return nil, errors.Join(fmt.Errorf("make the key of the witness: %w", err), os.Remove(path))
	}
	return key, nil
}
