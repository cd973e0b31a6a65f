package handlers

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/audit"
	"foyer/auth"
	"foyer/portal"
	"foyer/views"
	"foyer/views/ui"
)

// The files of an export with evidence.
const (
	exportReadme     = "README.txt"
	exportCheckpoint = "checkpoint.txt"
	exportCSV        = "activity.csv"
	exportLines      = "activity.jsonl"
	exportEvidence   = "evidence.json"
)

// exportProven handles GET /audit.zip: what the list with the same query shows,
// all of its pages, with what is needed to prove it without Foyer.
func (h *activity) exportProven(c echo.Context) error {
	q, filter, problems := readActivityFilter(c.QueryParams())
	if problems.Any() {
		return badRequest("One of the filters can’t be: %s", problems[0].Message)
	}
	a := h.actor(c)
	export, err := h.Portal.ExportProven(c.Request().Context(), a, filter, views.WithQuery("audit.zip", q))
	if err != nil {
		return err
	}
	archive := &provenArchive{ctx: c.Request().Context(), export: export, evidence: exportEvidenceOf(q, export, a)}
	archive.evidence.Environment, archive.evidence.Foyer = strings.ToUpper(string(h.Environment)), h.Version
	name := fmt.Sprintf("activity-%s.zip", export.Signed.At.UTC().Format("20060102-150405"))
	return h.sendFile(c, "application/zip", name, archive.write)
}

// evidenceFile says what an export is: what was asked for, by whom, of what,
// and what came.
type evidenceFile struct {
	What        string           `json:"what"`
	Environment string           `json:"environment"`
	Filters     []evidenceFilter `json:"filters"` // none: everything
	Query       string           `json:"query"`
	AsOf        time.Time        `json:"asOf"` // when the checkpoint was signed
	Through     int64            `json:"throughEvent"`
	Rows        int              `json:"rows"`
	Files       []evidenceHash   `json:"files"`
	By          evidencePerson   `json:"exportedBy"`
	Reference   string           `json:"reference"` // finds the record of this export in the ledger
	Checkpoint  string           `json:"checkpoint"`
	Keys        []string         `json:"publicKeys"`
	Foyer       string           `json:"foyer"`
}

type evidenceFilter struct {
	Filter string `json:"filter"`
	Value  string `json:"value"`
}

type evidenceHash struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

type evidencePerson struct {
	Name    string `json:"name"`
	Email   string `json:"email"`
	Subject string `json:"subject"`
	Issuer  string `json:"issuer"`
}

// exportEvidenceOf says of an export what is known before it is written.
func exportEvidenceOf(q url.Values, export *portal.ProvenExport, a auth.Actor) evidenceFile {
	e := evidenceFile{
		What: "Events of Foyer’s ledger, newest first", Filters: []evidenceFilter{}, Query: q.Encode(),
		AsOf: export.Signed.At, Through: export.Signed.Size,
		By: evidencePerson{Name: a.Name, Email: a.Email, Subject: a.Subject, Issuer: a.Issuer}, Reference: a.RequestID,
		Checkpoint: export.Signed.Note, Keys: export.Signed.Keys,
	}
	for _, chip := range activityChips(q) {
		e.Filters = append(e.Filters, evidenceFilter{chip.Label, chip.Value})
	}
	return e
}

// provenArchive writes an export and its evidence as one archive.
type provenArchive struct {
	ctx      context.Context //nolint:containedctx // one request's, whose answer this is
	export   *portal.ProvenExport
	evidence evidenceFile
}

// write writes the archive. Its last part, without which it can't be opened, is
// written only once the ledger has the hashes of what is in it.
func (p *provenArchive) write(out io.Writer) error {
	archive := zip.NewWriter(out)
	for _, part := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{exportReadme, p.writeReadme},
		{exportCheckpoint, p.writeCheckpoint},
		{exportCSV, p.writeCSV},
		{exportLines, p.writeLines},
		{exportEvidence, p.writeEvidence},
	} {
		if err := p.add(archive, part.name, part.write); err != nil {
			return fmt.Errorf("write %s: %w", part.name, err)
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
	p.evidence.Files = append(p.evidence.Files, evidenceHash{name, size.n, hex.EncodeToString(hash.Sum(nil))})
	return nil
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

func (p *provenArchive) writeCheckpoint(w io.Writer) error {
	_, err := io.WriteString(w, p.export.Signed.Note)
	return err
}

func (p *provenArchive) writeCSV(w io.Writer) error {
	return writeCSV(w, eventColumns, p.cells())
}

// cells gives the events as lines of a spreadsheet.
func (p *provenArchive) cells() iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for evidence, err := range p.export.Events(p.ctx) {
			var e audit.Event
			if err == nil {
				e, err = evidence.Record().Event()
			}
			if !yield(eventCells(e), err) || err != nil {
				return
			}
		}
	}
}

// writeLines writes each event with its proof, as a line of JSON, and counts
// them.
func (p *provenArchive) writeLines(w io.Writer) error {
	for evidence, err := range p.export.Events(p.ctx) {
		if err != nil {
			return err
		}
		line, err := evidence.Encode()
		if err != nil {
			return err
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
		p.evidence.Rows++
	}
	return nil
}

func (p *provenArchive) writeEvidence(w io.Writer) error {
	text := json.NewEncoder(w)
	text.SetEscapeHTML(false)
	text.SetIndent("", "  ")
	return text.Encode(p.evidence)
}

// writeReadme says what the files are, and how they are checked.
func (p *provenArchive) writeReadme(w io.Writer) error {
	_, err := fmt.Fprintf(w, `What Foyer recorded, with evidence
==================================

%s as of %s: the first %s of the ledger, filtered as evidence.json says.

  activity.csv    the events for people and spreadsheets, newest first
  activity.jsonl  the same events: each the very bytes that were recorded, and
                  the proof that the signed ledger holds them
  checkpoint.txt  the signature: so many events, this root hash, this time
  evidence.json   what was asked for, when and by whom; the number of rows; the
                  SHA-256 of each file before it; the checkpoint; the public keys

To check it, without the network and without a running Foyer:

  %s

The key above is the one that this Foyer gave. If you were given it some other
way, use that one: whoever could forge the export could forge the key beside it.

It proves that each event was recorded as it stands here, under its number. It
doesn't prove that no event is missing: for that the ledger itself is verified,
against a checkpoint that somebody else kept. activity.csv has no proofs of its
own; activity.jsonl has. The ledger holds the SHA-256 of every file here, in its
record of this export: search the activity for the reference %s.
`, p.evidence.Environment, ui.UTC(p.export.Signed.At), ui.Count(int(p.export.Signed.Size), "event", "events"),
		verifyCommand(exportLines, "--checkpoint "+exportCheckpoint, p.export.Signed.Keys), p.evidence.Reference)
	return err
}

// verifyCommand is how a file that left Foyer is checked.
func verifyCommand(export, checkpoint string, keys []string) string {
	words := []string{"foyer audit verify --export", export}
	if checkpoint != "" {
		words = append(words, checkpoint)
	}
	for _, key := range keys {
		words = append(words, "--key '"+key+"'")
	}
	return strings.Join(words, " ")
}
