package handlers

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"foyer/auth"
	"foyer/ledger"
	"foyer/portal/activity"
)

// exportReadme is in every export with evidence, beside the files that its
// verification knows.
const exportReadme = "README.txt"

// evidenceFile says what an export is: what was asked for, by whom, of what,
// and what came.
type evidenceFile struct {
	What        string           `json:"what"`
	Environment string           `json:"environment"`
	Company     *evidenceCompany `json:"company,omitempty"`
	StatusAt    time.Time        `json:"statusAt,omitzero"`     // of people: the time that was asked for
	Since       time.Time        `json:"watchedSince,omitzero"` // and since when Foyer watches the company's
	ListedAt    time.Time        `json:"listReadAt,omitzero"`   // and when Symphony was asked who they are
	Filters     []evidenceFilter `json:"filters"`               // none: everything
	Query       string           `json:"query"`
	AsOf        time.Time        `json:"asOf"` // when the checkpoint was signed
	Through     int64            `json:"throughEvent"`
	Rows        int              `json:"rows"`
	ledger.Manifest
	By         evidencePerson `json:"exportedBy"`
	Reference  string         `json:"reference"` // finds the record of this export in the ledger
	Checkpoint string         `json:"checkpoint"`
	Keys       []string       `json:"publicKeys"`
	Foyer      string         `json:"foyer"`
}

type evidenceCompany struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type evidenceFilter struct {
	Filter string `json:"filter"`
	Value  string `json:"value"`
}

type evidencePerson struct {
	Name    string `json:"name"`
	Email   string `json:"email"`
	Subject string `json:"subject"`
	Issuer  string `json:"issuer"`
}

// newEvidence says of an export what is known of every one before it is written.
func newEvidence(k *Kit, what string, export *activity.ProvenExport, a auth.Actor) evidenceFile {
	return evidenceFile{
		What: what, Environment: k.Environment.Word(), Filters: []evidenceFilter{},
		AsOf: export.Signed.At, Through: export.Signed.Size,
		By: evidencePerson{Name: a.Name, Email: a.Email, Subject: a.Subject, Issuer: a.Issuer}, Reference: a.RequestID,
		Checkpoint: export.Signed.Note, Keys: export.Signed.Keys, Foyer: k.Version,
	}
}

// provenArchive writes an export and its evidence as one archive.
type provenArchive struct {
	ctx      context.Context //nolint:containedctx // one request's, whose answer this is
	export   *activity.ProvenExport
	evidence evidenceFile
	readme   string
	files    []archiveFile // what is exported
}

// archiveFile is one file of an archive.
type archiveFile struct {
	name  string
	write func(io.Writer) error
}

// textFile is a file whose content is there already.
func textFile(name, text string) archiveFile {
	return archiveFile{name, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}}
}

// write writes the archive. Its last part, without which it can't be opened, is
// written only once the ledger has the hashes of what is in it.
func (p *provenArchive) write(out io.Writer) error {
	archive := zip.NewWriter(out)
	first := []archiveFile{textFile(exportReadme, p.readme), textFile(ledger.ArchiveCheckpoint, p.export.Signed.Note)}
	last := []archiveFile{{ledger.ArchiveEarlier, p.writeEarlier}, {ledger.ArchiveEvidence, p.writeEvidence}}
	for _, file := range slices.Concat(first, p.files, last) {
		if err := p.add(archive, file.name, file.write); err != nil {
			return fmt.Errorf("write %s: %w", file.name, err)
		}
	}
	var hashes []string
	for _, f := range p.evidence.Files {
		hashes = append(hashes, f.Name+" "+f.SHA256)
	}
	if err := p.export.Finish(p.ctx, p.evidence.Rows, hashes); err != nil {
		return err
	}
	return archive.Close()
}

// add writes one file and notes its hash.
func (p *provenArchive) add(archive *zip.Writer, name string, write func(io.Writer) error) error {
	file, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.export.Signed.At})
	if err != nil {
		return err
	}
	hash, size := sha256.New(), new(counter)
	if err := write(io.MultiWriter(file, hash, size)); err != nil {
		return err
	}
	p.evidence.Files = append(p.evidence.Files, ledger.ManifestFile{Name: name, Bytes: size.n, SHA256: hex.EncodeToString(hash.Sum(nil))})
	return nil
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// writeLines writes each event with its proof, as a line of JSON, and says how
// many there were.
func (p *provenArchive) writeLines(w io.Writer) (lines int, err error) {
	for evidence, err := range p.export.Events(p.ctx) {
		if err != nil {
			return lines, err
		}
		line, err := evidence.Encode()
		if err != nil {
			return lines, err
		}
		if _, err := w.Write(line); err != nil {
			return lines, err
		}
		lines++
	}
	return lines, nil
}

// writeEarlier writes the checkpoints that the export can be held against.
func (p *provenArchive) writeEarlier(w io.Writer) error {
	for earlier, err := range p.export.Earlier(p.ctx) {
		if err != nil {
			return err
		}
		line, err := earlier.Encode()
		if err != nil {
			return err
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return nil
}

func (p *provenArchive) writeEvidence(w io.Writer) error {
	text := json.NewEncoder(w)
	text.SetEscapeHTML(false)
	text.SetIndent("", "  ")
	return text.Encode(p.evidence)
}

// howToCheck is the part of each README.txt about the files that every archive has,
// and about what to do with them.
func howToCheck(name string, keys []string) string {
	return fmt.Sprintf(`  checkpoint.txt  the signature: so many events, this root hash, this time
  earlier-checkpoints.jsonl
                  checkpoints before that one, each with the proof that the ledger
                  goes on from it
  evidence.json   what was asked for, when and by whom; the number of rows; the
                  SHA-256 of each file before it; the checkpoint; the public keys

To check all of it, without the network and without a running Foyer:

  %s

With --checkpoint FILE it is also held against checkpoints that you kept: that
what they signed has not been rewritten since.

The key above is the one that this Foyer gave. If you were given it some other
way, use that one: whoever could forge the export could forge the key beside it.
`, verifyCommand(name, keys))
}

// verifyCommand is how a file that left Foyer is checked.
func verifyCommand(export string, keys []string) string {
	words := []string{"foyer audit verify --export", export}
	for _, key := range keys {
		words = append(words, "--key '"+key+"'")
	}
	return strings.Join(words, " ")
}
