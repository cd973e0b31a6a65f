package ledger

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The files of an archive that its verification knows.
const (
	ArchiveCheckpoint = "checkpoint.txt"            // the signed checkpoint that bounds the export
	ArchiveEarlier    = "earlier-checkpoints.jsonl" // a line of Earlier for each one before it
	ArchiveEvidence   = "evidence.json"             // what the export is; among it the Manifest
)

// Manifest says what the other files of an archive are. It is a part of the
// archive's evidence.
type Manifest struct {
	Events string         `json:"events,omitempty"` // the file with a line of Evidence for each event; empty without
	Seal   *ManifestSeal  `json:"seal,omitempty"`
	Files  []ManifestFile `json:"files"`
}

// ManifestFile is one file of an archive.
type ManifestFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // in hexadecimal
}

// ManifestSeal says that an event of the archive has the hash of one of its files,
// as sha256 among the values that it led to.
type ManifestSeal struct {
	File   string `json:"file"`
	Format string `json:"format,omitempty"` // a ReviewFileFormat; archives of older versions have none
	Event  int64  `json:"event"`
}

// ErrArchive says that the files of an archive are not those that were exported
// together. What its events say was not looked at.
var ErrArchive = errors.New("the archive is not as it was exported")

// VerifyArchive checks an export that is one archive: its files against its
// manifest, its events as VerifyExport does, and its seal.
func VerifyArchive(ctx context.Context, r io.ReaderAt, size int64, o VerifyOptions) (Report, error) {
	report, err := verifyArchive(ctx, r, size, o)
	if err != nil {
		return report, fmt.Errorf("verify archive: %w", err)
	}
	return report, nil
}

func verifyArchive(ctx context.Context, r io.ReaderAt, size int64, o VerifyOptions) (Report, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return Report{}, err
	}
	var m Manifest
	text, err := readFile(archive, ArchiveEvidence)
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return Report{}, fmt.Errorf("%w: %s: %w", ErrArchive, ArchiveEvidence, err)
	}
	if err := m.check(archive); err != nil {
		return Report{}, err
	}

	files := ExportFiles{Events: strings.NewReader("")}
	if files.Checkpoint, err = readFile(archive, ArchiveCheckpoint); err != nil {
		return Report{}, err
	}
	if m.Events != "" {
		events, err := archive.Open(m.Events)
		if err != nil {
			return Report{}, err
		}
		defer func() { _ = events.Close() }()
		files.Events = events
	}
	if earlier, err := archive.Open(ArchiveEarlier); err == nil { // archives of older versions have none
		defer func() { _ = earlier.Close() }()
		files.Earlier = earlier
	}
	report, err := VerifyExport(ctx, files, o)
	if err != nil || !report.OK() || m.Seal == nil {
		return report, err
	}
	return report, m.checkSeal(archive)
}

// check holds the files of an archive against the manifest.
func (m Manifest) check(archive *zip.Reader) error {
	listed := make(map[string]ManifestFile, len(m.Files))
	for _, f := range m.Files {
		listed[f.Name] = f
	}
	for _, f := range archive.File {
		want, ok := listed[f.Name]
		switch delete(listed, f.Name); {
		case f.Name == ArchiveEvidence:
			continue
		case !ok:
			return fmt.Errorf("%w: %s does not belong to it, or is in it twice", ErrArchive, f.Name)
		}
		hash := sha256.New()
		if err := copyFile(hash, f); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrArchive, f.Name, err)
		}
		if got := hex.EncodeToString(hash.Sum(nil)); got != want.SHA256 {
			return fmt.Errorf("%w: %s has another SHA-256 than %s says", ErrArchive, f.Name, ArchiveEvidence)
		}
	}
	for name := range listed {
		return fmt.Errorf("%w: %s is missing", ErrArchive, name)
	}
	return nil
}

// checkSeal finds the event that has the hash of a file, among events that were
// verified.
func (m Manifest) checkSeal(archive *zip.Reader) error {
	events, err := archive.Open(m.Events)
	if err != nil {
		return err
	}
	defer func() { _ = events.Close() }()
	lines := lineScanner(events)
	for lines.Scan() {
		var line Evidence
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return err
		}
		event, err := line.Record().Event()
		if err != nil {
			return err
		}
		if event.Seq == m.Seal.Event {
			return m.compareSeal(event)
		}
	}
	return errors.Join(lines.Err(), fmt.Errorf("%w: event %d, which has the SHA-256 of %s, is not in it", ErrArchive, m.Seal.Event, m.Seal.File))
}

func (m Manifest) compareSeal(event Event) error {
	var sealed struct {
		SHA256 string `json:"sha256"`
	}
	if err := json.Unmarshal(event.After, &sealed); err != nil {
		return fmt.Errorf("%w: event %d has no SHA-256", ErrArchive, event.Seq)
	}
	for _, f := range m.Files {
		if f.Name == m.Seal.File && f.SHA256 == sealed.SHA256 {
			return nil
		}
	}
	return fmt.Errorf("%w: event %d has another SHA-256 than %s", ErrArchive, event.Seq, m.Seal.File)
}

// maxText is how long a file may be that is read as a whole: far more than one
// has.
const maxText = 16 << 20

func readFile(archive *zip.Reader, name string) ([]byte, error) {
	f, err := archive.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, maxText))
}

func copyFile(w io.Writer, f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	_, err = io.Copy(w, r) //nolint:gosec // into a hash: a bomb costs time only
	return err
}
