package ledger

import (
	"archive/zip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// An archive is taken apart by its directory, at its end; other programs may go by what
// stands before each file. Both must say the same, and nothing may stand beside it, or
// somebody could look at other files than those that were verified.

const (
	mostInDirectory = 16 << 10 // bytes: far more than the directory of an archive has
	endSize         = 22       // of the directory's end
	end64Size       = 56       // likewise of an archive beyond 4 GB, which has both
	locator64Size   = 20       // between the two
	headerSize      = 30       // before each file, without its name
	entrySize       = 46       // in the directory, likewise
	described       = 0x8      // the flag of a file whose sizes stand behind it
)

// openArchive gives the files of an archive by name.
func openArchive(ctx context.Context, r io.ReaderAt, size int64) (*archiveFiles, error) {
	start, length, err := findDirectory(r, size)
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, refused("%w", err)
	}
	files := &archiveFiles{ctx: ctx, byName: map[string]*zip.File{}}
	var at int64
	for _, f := range archive.File {
		if files.byName[f.Name] != nil {
			return nil, refused("%q is in it twice", f.Name)
		}
		files.byName[f.Name] = f
		length -= entrySize + int64(len(f.Name)+len(f.Extra)+len(f.Comment))
		if at, err = walk(r, at, size, f); err != nil {
			return nil, refused("%q: %w", f.Name, err)
		}
	}
	if at != start || length != 0 {
		return nil, refused("something stands between its files and their directory")
	}
	return files, nil
}

// findDirectory says where the directory begins and how long it is. It must be the last
// thing in the archive.
func findDirectory(r io.ReaderAt, size int64) (start, length int64, err error) {
	end := make([]byte, endSize)
	at := size - endSize
	if _, err := r.ReadAt(end, max(at, 0)); err != nil || string(end[:4]) != "PK\x05\x06" || end[20] != 0 || end[21] != 0 {
		return 0, 0, refused("it has no end, or something stands behind it")
	}
	files, length, start := int64(binary.LittleEndian.Uint16(end[10:])), int64(binary.LittleEndian.Uint32(end[12:])), int64(binary.LittleEndian.Uint32(end[16:]))
	if files == 1<<16-1 || length == 1<<32-1 || start == 1<<32-1 {
		at -= locator64Size + end64Size
		end := make([]byte, end64Size+locator64Size)
		if _, err := r.ReadAt(end, max(at, 0)); err != nil || string(end[:4]) != "PK\x06\x06" || string(end[end64Size:end64Size+4]) != "PK\x06\x07" ||
			binary.LittleEndian.Uint64(end[end64Size+8:]) != uint64(at) { //nolint:gosec // not negative: there is something
			return 0, 0, refused("its end can’t be read")
		}
		length, start = int64(binary.LittleEndian.Uint64(end[40:])), int64(binary.LittleEndian.Uint64(end[48:])) //nolint:gosec // compared below
	}
	if length < 0 || length > mostInDirectory || start != at-length {
		return 0, 0, refused("its directory does not stand before its end, or is too long")
	}
	return start, length, nil
}

// walk goes over one file that begins at a place, and gives the place behind it.
func walk(r io.ReaderAt, at, size int64, f *zip.File) (next int64, err error) {
	// Flags that are allowed: how well it is compressed, sizes behind, a name in UTF-8.
	const allowed = 0x6 | described | 0x800
	if f.Flags&^allowed != 0 || f.Method != zip.Deflate && f.Method != zip.Store || !f.Mode().IsRegular() || f.Comment != "" || !plainExtra(f.Extra) {
		return 0, errors.New("it is no plain file")
	}
	header := make([]byte, headerSize)
	if _, err := r.ReadAt(header, at); err != nil {
		return 0, errors.New("it can’t be read")
	}
	name := int64(binary.LittleEndian.Uint16(header[26:]))
	extra := int64(binary.LittleEndian.Uint16(header[28:]))
	rest := make([]byte, name+extra)
	if _, err := r.ReadAt(rest, at+headerSize); err != nil {
		return 0, errors.New("it can’t be read")
	}
	data, err := f.DataOffset()
	switch {
	case err != nil || data != at+headerSize+name+extra:
		return 0, errors.New("something stands before it")
	case string(header[:4]) != "PK\x03\x04" || binary.LittleEndian.Uint16(header[6:]) != f.Flags || binary.LittleEndian.Uint16(header[8:]) != f.Method ||
		string(rest[:name]) != f.Name || !plainExtra(rest[name:]):
		return 0, errors.New("what stands before it is not what the directory says")
	case f.CompressedSize64 > uint64(size): //nolint:gosec // never negative
		return 0, errors.New("it is longer than the archive")
	}
	next = data + int64(f.CompressedSize64) //nolint:gosec // as compared
	if f.Flags&described == 0 {
		return next, sizesSay(header[14:26], f, false)
	}
	if err := sizesSay(header[14:26], f, true); err != nil {
		return 0, err
	}
	descriptor := make([]byte, 16)
	if f.CompressedSize64 >= 1<<32-1 || f.UncompressedSize64 >= 1<<32-1 {
		descriptor = make([]byte, 24)
	}
	if _, err := r.ReadAt(descriptor, next); err != nil || string(descriptor[:4]) != "PK\x07\x08" {
		return 0, errors.New("what stands behind it is not what the directory says")
	}
	return next + int64(len(descriptor)), sizesSay(descriptor[4:], f, false)
}

// sizesSay compares the CRC-32 and both sizes of a file, as they stand beside it, with
// the directory's; or, where they may stand elsewhere, with nothing.
func sizesSay(said []byte, f *zip.File, elsewhere bool) error {
	want := binary.LittleEndian.AppendUint32(nil, f.CRC32)
	if len(said) > 12 {
		want = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(want, f.CompressedSize64), f.UncompressedSize64)
	} else {
		// Of a file beyond 4 GB, the most that can be said here.
		want = binary.LittleEndian.AppendUint32(want, uint32(min(f.CompressedSize64, 1<<32-1)))
		want = binary.LittleEndian.AppendUint32(want, uint32(min(f.UncompressedSize64, 1<<32-1)))
	}
	if slices.Equal(said, want) || elsewhere && slices.Equal(said, make([]byte, len(said))) {
		return nil
	}
	return errors.New("its sizes are not those that the directory says")
}

// plainExtra says whether the extra fields of a file are only its times, its owner and its
// long sizes. Others may give it another name.
func plainExtra(extra []byte) bool {
	for len(extra) >= 4 {
		id, length := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if !slices.Contains([]uint16{0x0001, 0x000a, 0x5455, 0x7875}, id) || len(extra) < 4+length {
			return false
		}
		extra = extra[4+length:]
	}
	return len(extra) == 0
}

// archiveFiles are the files of an archive. Reading one ends with the context.
type archiveFiles struct {
	ctx    context.Context //nolint:containedctx // one verification's
	byName map[string]*zip.File
	opened []io.Closer
}

// close closes whatever was opened.
func (a *archiveFiles) close() {
	for _, file := range a.opened {
		_ = file.Close() // it was only read
	}
}

// open reads a file that is in the archive.
func (a *archiveFiles) open(name string) (io.Reader, error) {
	f := a.byName[name]
	if f == nil {
		return nil, refused("%s is missing", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, refused("%s: %w", name, err)
	}
	a.opened = append(a.opened, r)
	return patientReader{a.ctx, r}, nil
}

// maxText is how long a file may be that is read as a whole: far more than one has.
const maxText = 1 << 20

// text reads a short file as a whole.
func (a *archiveFiles) text(name string) ([]byte, error) {
	if f := a.byName[name]; f != nil && f.UncompressedSize64 > maxText {
		return nil, refused("%s is too long", name)
	}
	r, err := a.open(name)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(r) // which is no more than was said
	if err != nil {
		return nil, refused("%s: %w", name, err)
	}
	return text, nil
}

// patientReader reads as long as it is wanted.
type patientReader struct {
	ctx context.Context //nolint:containedctx // one verification's
	io.Reader
}

func (r patientReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
