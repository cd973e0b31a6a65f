package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ArchiveOptions says what an archive is held against.
type ArchiveOptions struct {
	VerifyOptions
	// Sheets are how files for spreadsheets are written. Without them nothing is said of
	// these files but who has signed them.
	Sheets Sheets
}

// Archive is what was found of an export that is one archive.
type Archive struct {
	Signed   bool     // by the ledger's key; archives of older versions are not
	Manifest Manifest // what it says of itself; empty unless it is Signed
	Files    []FileProof
}

// FileProof says what proves a file of an archive.
type FileProof struct {
	Name  string
	Proof Proof
	Event int64    // by which it was sealed
	Words []string // columns that are no more than Foyer's word, because another version put them in words
}

// Proof is what proves a file.
type Proof string

// The proofs. Their values are for scripts that read a report, and stay.
const (
	ByKey        Proof = "key"        // it is signed itself
	ByCheckpoint Proof = "checkpoint" // it follows from events that the signed ledger holds
	BySeal       Proof = "seal"       // such an event has its hash
	ByWord       Proof = "word"       // Foyer says so, and has signed that
	ByNothing    Proof = "nothing"
)

// VerifyArchive checks an export that is one archive: that it has the files of its kind
// and nothing else, that the ledger's key has signed what it says of them, its events as
// VerifyExport does, and whatever follows from these. Archives of versions that signed
// nothing are verified as what they prove, which the report's Doubts say. It is ErrArchive
// for one that is not as Foyer gave it, and ErrArchiveFormat for one of a later form.
func VerifyArchive(ctx context.Context, r io.ReaderAt, size int64, o ArchiveOptions) (Report, error) {
	report, err := verifyArchive(ctx, r, size, o)
	if ctx.Err() != nil {
		err = ctx.Err() // and nothing is said of the archive
	}
	if err != nil {
		return report, fmt.Errorf("verify archive: %w", err)
	}
	return report, nil
}

func verifyArchive(ctx context.Context, r io.ReaderAt, size int64, o ArchiveOptions) (Report, error) {
	files, err := openArchive(ctx, r, size)
	if err != nil {
		return Report{}, err
	}
	defer files.close()
	v := archiveVerification{options: o, files: files}
	if err := v.readManifest(); err != nil {
		return Report{}, err
	}
	if err := v.checkFiles(); err != nil {
		return Report{}, err
	}
	report, err := v.contents(ctx)
	if err != nil || !report.OK() {
		return report, err
	}
	report.Archive = &Archive{Signed: v.signed, Files: v.proofs()}
	if v.signed {
		report.Archive.Manifest = v.manifest
	}
	return report, nil
}

// archiveVerification is one run of VerifyArchive.
type archiveVerification struct {
	options    ArchiveOptions
	files      *archiveFiles
	manifest   Manifest
	kind       ArchiveKind
	sheet      string // the file of a review
	signed     bool
	checkpoint []byte
	sheetProof FileProof // of the file for spreadsheets
}

// readManifest reads what the archive says of itself, and who has signed that.
func (v *archiveVerification) readManifest() error {
	text, err := v.files.text(ArchiveEvidence)
	if err != nil {
		return err
	}
	m := &v.manifest
	if err := json.Unmarshal(text, m); err != nil {
		return refused("%s: %w", ArchiveEvidence, err)
	}
	if v.checkpoint, err = v.files.text(ArchiveCheckpoint); err != nil {
		return err
	}
	own, err := OpenCheckpoint(v.checkpoint, v.options.Verifiers)
	if err != nil {
		return err
	}
	switch m.Format {
	case "":
		v.kind = kindOf(m.Events)
	case ArchiveFormat:
		v.kind = m.Kind
		if err := v.checkSigned(text, own.Origin); err != nil {
			return err
		}
	default:
		return fmt.Errorf("%w: %.40q", ErrArchiveFormat, m.Format)
	}
	switch {
	case v.kind.events() == "" || m.Events != v.kind.events():
		return refused("%s names no kind of archive that there is", ArchiveEvidence)
	case m.Checkpoint != string(v.checkpoint) || m.Through != own.Size:
		return refused("%s names another checkpoint than the one in %s", ArchiveEvidence, ArchiveCheckpoint)
	case v.kind == ReviewArchive && m.Seal == nil:
		return refused("it doesn’t say which event sealed the review")
	case v.kind != ReviewArchive && m.Seal != nil:
		return refused("it has a seal, and is of no review")
	case m.Seal != nil && reviewOf(m.Seal.File) == 0:
		return refused("the sealed file is not called as a review’s is")
	case m.Seal != nil:
		v.sheet = m.Seal.File
	}
	return nil
}

func (v *archiveVerification) checkSigned(manifest []byte, origin string) error {
	signed, err := v.files.text(ArchiveSignature)
	if err != nil {
		return err
	}
	if err := checkSignature(signed, manifest, origin, v.options.Verifiers); err != nil {
		return err
	}
	again, err := v.manifest.Encode()
	if err != nil || string(again) != string(manifest) {
		return refused("%s is not written as Foyer writes it", ArchiveEvidence)
	}
	v.signed = true
	return nil
}

// checkFiles holds the files of the archive against those that its kind has, and against
// the manifest.
func (v *archiveVerification) checkFiles() error {
	listed := v.kind.listed(v.sheet)
	needed := append(slices.Clone(listed), ArchiveEvidence)
	if v.signed {
		needed = append(needed, ArchiveSignature)
	} else if v.files.byName[ArchiveEarlier] == nil { // archives of older versions may have none
		listed, needed = without(listed, ArchiveEarlier), without(needed, ArchiveEarlier)
	}
	for name := range v.files.byName {
		if !slices.Contains(needed, name) {
			return refused("%q does not belong to it", name)
		}
	}
	for _, name := range needed {
		if v.files.byName[name] == nil {
			return refused("%s is missing", name)
		}
	}
	if !slices.EqualFunc(v.manifest.Files, listed, func(f ManifestFile, name string) bool { return f.Name == name }) {
		return refused("%s does not list the files that an archive of its kind has", ArchiveEvidence)
	}
	for _, f := range v.manifest.Files {
		if err := v.checkFile(f); err != nil {
			return err
		}
	}
	return nil
}

func without(names []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
}

func (v *archiveVerification) checkFile(want ManifestFile) error {
	if size := v.files.byName[want.Name].UncompressedSize64; want.Bytes < 0 || size != uint64(want.Bytes) {
		return refused("%s has another length than %s says", want.Name, ArchiveEvidence)
	}
	r, err := v.files.open(want.Name)
	if err != nil {
		return err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, r); err != nil {
		return refused("%s: %w", want.Name, err)
	}
	if hex.EncodeToString(hash.Sum(nil)) != want.SHA256 {
		return refused("%s has another SHA-256 than %s says", want.Name, ArchiveEvidence)
	}
	return nil
}

// kindCheck checks what follows from the events of an archive of one kind: event is given
// each of them, end is called when all are proven.
type kindCheck interface {
	event(e Event)
	end() (sheet FileProof, err error)
}

// contents checks the events, and what follows from them.
func (v *archiveVerification) contents(ctx context.Context) (Report, error) {
	events, err := v.files.open(v.kind.events())
	if err != nil {
		return Report{}, err
	}
	check, err := v.newCheck()
	if err != nil {
		return Report{}, err
	}
	export := exportVerification{known: v.options.Verifiers, witness: v.options.Witnesses, each: check.event}
	files := ExportFiles{Events: events, Checkpoint: v.checkpoint, Earlier: strings.NewReader("")}
	if v.files.byName[ArchiveEarlier] != nil {
		if files.Earlier, err = v.files.open(ArchiveEarlier); err != nil {
			return Report{}, err
		}
	}
	if err := export.verify(ctx, files, v.options.Held); err != nil || !export.report.OK() {
		return export.report, err
	}
	v.sheetProof, err = check.end()
	return export.report, err
}

func (v *archiveVerification) newCheck() (kindCheck, error) {
	switch v.kind {
	case ActivityArchive:
		return newActivityCheck(v)
	case ReviewArchive:
		return &reviewCheck{v: v}, nil
	case PeopleArchive:
		return &peopleCheck{v: v, events: map[int64]namedEvent{}}, nil
	}
	return nil, errors.New("a kind of archive that nobody checks")
}

// proofs says of each file what proves it.
func (v *archiveVerification) proofs() []FileProof {
	said := ByNothing
	if v.signed {
		said = ByWord
	}
	var proofs []FileProof
	for _, f := range append(slices.Clone(v.manifest.Files), ManifestFile{Name: ArchiveEvidence}) {
		proof := FileProof{Name: f.Name, Proof: said}
		switch f.Name {
		case ArchiveCheckpoint:
			proof.Proof = ByKey
		case ArchiveEarlier, v.kind.events():
			proof.Proof = ByCheckpoint
		case v.sheetProof.Name:
			proof = v.sheetProof
		}
		proofs = append(proofs, proof)
	}
	if v.signed {
		proofs = append(proofs, FileProof{Name: ArchiveSignature, Proof: ByKey})
	}
	return proofs
}

// rows compares how many rows there are with what the manifest says.
func (v *archiveVerification) rows(file string, n int) error {
	if n != v.manifest.Rows {
		return refused("%s has %d rows, and %s says %d", file, n, ArchiveEvidence, v.manifest.Rows)
	}
	return nil
}

// reviewCheck checks that a review's file was sealed by the event by which the review was
// finished.
type reviewCheck struct {
	v      *archiveVerification
	events []Event
}

func (c *reviewCheck) event(e Event) {
	if len(c.events) < 2 { // more than one is too many
		c.events = append(c.events, e)
	}
}

func (c *reviewCheck) end() (FileProof, error) {
	m := c.v.manifest
	if len(c.events) != 1 || c.events[0].Seq != m.Seal.Event {
		return FileProof{}, refused("%s has not the one event %d, which sealed the review", ReviewLines, m.Seal.Event)
	}
	event := c.events[0]
	var sealed struct {
		Review int64  `json:"review"`
		People int    `json:"people"`
		SHA256 string `json:"sha256"`
	}
	if err := json.Unmarshal(event.After, &sealed); err != nil {
		return FileProof{}, refused("event %d has no SHA-256", event.Seq)
	}
	i := slices.IndexFunc(m.Files, func(f ManifestFile) bool { return f.Name == m.Seal.File })
	switch {
	case event.Action != FinishReview || event.Outcome != Succeeded:
		return FileProof{}, refused("event %d finished no review", event.Seq)
	case ReviewCSV(sealed.Review) != m.Seal.File:
		return FileProof{}, refused("event %d finished another review than %s has", event.Seq, m.Seal.File)
	case c.v.signed && (m.Company == nil || Company(*m.Company) != event.Company):
		return FileProof{}, refused("event %d is of another company’s review", event.Seq)
	case m.Files[i].SHA256 != sealed.SHA256:
		return FileProof{}, refused("event %d has another SHA-256 than %s", event.Seq, m.Seal.File)
	}
	rows, err := c.v.countRows(m.Seal.File)
	if err != nil {
		return FileProof{}, err
	}
	if rows != sealed.People {
		return FileProof{}, refused("%s has %d people, and event %d says %d", m.Seal.File, rows, event.Seq, sealed.People)
	}
	return FileProof{Name: m.Seal.File, Proof: BySeal, Event: event.Seq}, c.v.rows(m.Seal.File, rows)
}
