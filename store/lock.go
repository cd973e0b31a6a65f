package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
)

// ErrInUse says that another process has locked the SQLite file.
var ErrInUse = errors.New("the SQLite file is locked by another process")

// Lock takes the SQLite file at the address for this process, and makes it when it isn't
// there; PostgreSQL needs no lock. It is ErrInUse while another process has it. The lock
// ends with the process, however it ends, and unlock ends it before: only once every DB
// on the file is closed, because with any descriptor of a file that a process closes it
// loses the locks that SQLite has on it.
//
// The lock is on the file itself, so that it is the same one whichever link leads there,
// and there is nothing beside it that could be removed. It is a lock of the open file
// description: SQLite closes descriptors of its own, at which a lock of the process
// would end, and flock would keep SQLite itself out where a system makes both kinds of
// lock of one.
func Lock(address string) (unlock func() error, err error) {
	if err := CheckAddress(address); err != nil {
		return nil, err
	}
	path, isFile := strings.CutPrefix(address, "sqlite:")
	if !isFile || path == "" {
		return func() error { return nil }, nil
	}
	if err := makeFile(path); err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	err = lockDescription(f)
	if err == nil {
		return f.Close, nil
	}
	_ = f.Close()
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) {
		return nil, ErrInUse
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

// setDescriptionLock is the command F_OFD_SETLK, which package syscall doesn't name.
var setDescriptionLock = map[string]int{"linux": 37, "darwin": 90}

// behindEverything is the byte that is locked. SQLite neither locks nor writes it: no
// file of its gets as long.
const behindEverything = 1 << 60

func lockDescription(f *os.File) error {
	command, known := setDescriptionLock[runtime.GOOS]
	if !known {
		return errors.ErrUnsupported
	}
	return syscall.FcntlFlock(f.Fd(), command, &syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart, Start: behindEverything, Len: 1})
}
