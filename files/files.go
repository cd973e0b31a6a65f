// Package files makes the files and folders in which personal data, sessions and keys are
// kept, so that nobody reads them who shouldn't. Everybody never may. The group may where
// it may write into the folder and everybody may not: there the process may be another
// user of that group at its next start, who must find its files usable, as on OpenShift.
// Elsewhere only the owner may.
//
// What is there already is left as it is. The package knows nothing of Foyer, and must
// not say what is in a file; whoever makes files imports it.
package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	ownerOnly = 0o600
	withGroup = 0o660
)

// Mode is what a new file in a folder may be used for by whom.
func Mode(folder string) fs.FileMode {
	if isGroups(folder) {
		return withGroup
	}
	return ownerOnly
}

func isGroups(folder string) bool {
	info, err := os.Stat(folder)
	return err == nil && info.Mode().Perm()&0o022 == 0o020
}

// Make makes an empty file unless it is there. more is what the group may do besides.
func Make(path string, more fs.FileMode) error {
	mode := Mode(filepath.Dir(path))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, mode|more)
	if errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil {
		return err
	}
	if mode == withGroup {
		_ = f.Chmod(mode | more) // against the umask; where it can't be, the owner has it all the same
	}
	return f.Close()
}

// MakeFolder makes a folder, and those above it, unless they are there.
func MakeFolder(path string) error {
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	above := filepath.Dir(path)
	if err := MakeFolder(above); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); errors.Is(err, fs.ErrExist) {
		return nil // another process was quicker
	} else if err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && isGroups(above) {
		_ = os.Chmod(path, info.Mode()|0o070) // its mode has more than rights: files of it may be its group's
	}
	return nil
}
