package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// ArchiveFormat names the form of today's archives, and begins the text that is signed of
// one: no ledger is called so, so that it is never taken for a checkpoint. Archives of
// before name none, and nobody has signed what they say of themselves.
const ArchiveFormat = "foyer archive 2"

// ArchiveKind says what an archive is of. Which files it has follows from it.
type ArchiveKind string

// The kinds of archives.
const (
	ActivityArchive ArchiveKind = "activity" // events of the ledger
	ReviewArchive   ArchiveKind = "review"   // a finished access review
	PeopleArchive   ArchiveKind = "people"   // who of a company could sign in at a time
)

// The files of an archive.
const (
	ArchiveReadme     = "README.txt"
	ArchiveCheckpoint = "checkpoint.txt"            // the signed checkpoint that bounds the export
	ArchiveEarlier    = "earlier-checkpoints.jsonl" // a line of Earlier for each one before it
	ArchiveEvidence   = "evidence.json"             // the Manifest
	ArchiveSignature  = "signature.txt"             // a signed note about the Manifest

	ActivityCSV   = "activity.csv"
	ActivityLines = "activity.jsonl" // a line of Evidence for each event
	ReviewLines   = "finished.jsonl" // likewise for the event by which a review was finished
	PeopleCSV     = "people.csv"
	PeopleLines   = "people.jsonl" // a PersonLine for each one
	PeopleEvents  = "events.jsonl" // a line of Evidence for each event that these name
)

// ReviewCSV is what the file with a finished review is called.
func ReviewCSV(id int64) string { return fmt.Sprintf("access-review-%d.csv", id) }

// reviewOf is the review whose file is called so, or 0.
func reviewOf(name string) int64 {
	number, _ := strings.CutPrefix(strings.TrimSuffix(name, ".csv"), "access-review-")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id <= 0 || ReviewCSV(id) != name {
		return 0
	}
	return id
}

// Manifest is what an archive says of itself, as JSON in its file evidence.json: what was
// asked for, when and by whom, and what came. It has the hash of every file written before
// it, and the archive's signature has its own: all that it says is Foyer's word.
type Manifest struct {
	Format      string           `json:"format,omitempty"` // ArchiveFormat
	Kind        ArchiveKind      `json:"kind,omitempty"`
	What        string           `json:"what"`
	Environment string           `json:"environment"`
	Company     *ManifestCompany `json:"company,omitempty"`
	StatusAt    time.Time        `json:"statusAt,omitzero"`     // of people: the time that was asked for
	Since       time.Time        `json:"watchedSince,omitzero"` // and since when Foyer watches the company's
	ListedAt    time.Time        `json:"listReadAt,omitzero"`   // and when Symphony was asked who they are
	Filters     []ManifestFilter `json:"filters"`               // none: everything
	Query       string           `json:"query"`
	AsOf        time.Time        `json:"asOf"` // when the checkpoint was signed
	Through     int64            `json:"throughEvent"`
	Rows        int              `json:"rows"`             // of the file for spreadsheets
	Events      string           `json:"events,omitempty"` // the file with a line of Evidence for each event
	Seal        *ManifestSeal    `json:"seal,omitempty"`
	Files       []ManifestFile   `json:"files"`
	By          ManifestPerson   `json:"exportedBy"`
	Reference   string           `json:"reference"` // finds the record of this export in the ledger
	Checkpoint  string           `json:"checkpoint"`
	Keys        []string         `json:"publicKeys"`
	Foyer       string           `json:"foyer"`
}

// ManifestCompany is the company that an export is about.
type ManifestCompany struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// ManifestFilter is one of the filters that narrowed an export, as pages call it.
type ManifestFilter struct {
	Filter string `json:"filter"`
	Value  string `json:"value"`
}

// ManifestPerson is who took an export away.
type ManifestPerson struct {
	Name    string `json:"name"`
	Email   string `json:"email"`
	Subject string `json:"subject"`
	Issuer  string `json:"issuer"`
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

// Encode gives the manifest as the text of its file.
func (m Manifest) Encode() ([]byte, error) {
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	lines.SetEscapeHTML(false)
	lines.SetIndent("", "  ")
	if err := lines.Encode(m); err != nil {
		return nil, fmt.Errorf("encode %s: %w", ArchiveEvidence, err)
	}
	return text.Bytes(), nil
}

// events is the file of a kind with the events; empty for a kind that isn't known.
func (k ArchiveKind) events() string {
	return map[ArchiveKind]string{ActivityArchive: ActivityLines, ReviewArchive: ReviewLines, PeopleArchive: PeopleEvents}[k]
}

// kindOf is the kind of an archive that doesn't say it: the one whose events are in that
// file.
func kindOf(events string) ArchiveKind {
	for _, kind := range []ArchiveKind{ActivityArchive, ReviewArchive, PeopleArchive} {
		if kind.events() == events {
			return kind
		}
	}
	return ""
}

// exported are the files of a kind with what was exported, beside those that every archive
// has. sheet is what the file of a review is called.
func (k ArchiveKind) exported(sheet string) []string {
	switch k {
	case ActivityArchive:
		return []string{ActivityCSV, ActivityLines}
	case ReviewArchive:
		return []string{sheet, ReviewLines}
	case PeopleArchive:
		return []string{PeopleCSV, PeopleLines, PeopleEvents}
	}
	return nil
}

// listed are the files that a manifest lists, in their order.
func (k ArchiveKind) listed(sheet string) []string {
	return slices.Concat([]string{ArchiveReadme, ArchiveCheckpoint}, k.exported(sheet), []string{ArchiveEarlier})
}

// ErrArchive says that an archive is not one that Foyer has given. What its events say was
// not looked at.
var ErrArchive = errors.New("the archive is not as it was exported")

// ErrArchiveFormat says that an archive is of a form that this version doesn't know.
var ErrArchiveFormat = errors.New("this version of Foyer doesn’t know the form of the archive")

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrArchive, fmt.Errorf(format, args...))
}

// SignArchive signs the text of a Manifest, and with it all that it says and all files
// whose hashes it has. What comes is the text of the archive's last file.
func SignArchive(signer note.Signer, manifest []byte) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: archiveText(signer.Name(), manifest)}, signer)
	if err != nil {
		return nil, fmt.Errorf("sign archive: %w", err)
	}
	return signed, nil
}

func archiveText(origin string, manifest []byte) string {
	hash := sha256.Sum256(manifest)
	return fmt.Sprintf("%s\n%s\n%s %s\n", ArchiveFormat, origin, ArchiveEvidence, hex.EncodeToString(hash[:]))
}

// checkSignature says whether the key of that ledger has signed the manifest.
func checkSignature(signed, manifest []byte, origin string, known note.Verifiers) error {
	n, err := note.Open(signed, known)
	if err != nil {
		return refused("%s: %w", ArchiveSignature, err)
	}
	if n.Text != archiveText(origin, manifest) {
		return refused("%s is of another archive", ArchiveSignature)
	}
	// Nothing has the hash of this file: it has one form only.
	signature, err := base64.StdEncoding.Strict().DecodeString(n.Sigs[0].Base64)
	if n.Sigs[0].Name != origin || err != nil || string(signed) != fmt.Sprintf("%s\n— %s %s\n", n.Text, origin, base64.StdEncoding.EncodeToString(signature)) {
		return refused("%s is not signed by the ledger’s key alone", ArchiveSignature)
	}
	return nil
}
