package evidence

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/ledger"
	"foyer/portal/activity"
)

// New says of an export what is known of every one before it is written.
func New(k *kit.Kit, kind ledger.ArchiveKind, what string, export *activity.ProvenExport, a auth.Actor) ledger.Manifest {
	return ledger.Manifest{
		Format: ledger.ArchiveFormat, Kind: kind, What: what, Environment: k.Environment.Word(), Filters: []ledger.ManifestFilter{},
		AsOf: export.Signed.At, Through: export.Signed.Size,
		By: ledger.ManifestPerson{Name: a.Name, Email: a.Email, Subject: a.Subject, Issuer: a.Issuer}, Reference: a.RequestID,
		Checkpoint: export.Signed.Note, Keys: export.Signed.Keys, Foyer: k.Version,
	}
}

// Archive writes an export and its evidence as one archive.
type Archive struct {
	Context  context.Context //nolint:containedctx // one request's, whose answer this is
	Export   *activity.ProvenExport
	Evidence ledger.Manifest
	Readme   string
	Files    []Part // what is exported

	manifest []byte // Evidence as it was written
}

// Part is one file of an archive.
type Part struct {
	Name  string
	Write func(io.Writer) error
}

// textFile is a file whose content is there already.
func textFile(name, text string) Part {
	return Part{name, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}}
}

// Write writes the archive. Its last part, without which it can't be opened, is
// written only once the ledger has the hashes of what is in it.
func (p *Archive) Write(out io.Writer) error {
	archive := zip.NewWriter(out)
	first := []Part{textFile(ledger.ArchiveReadme, p.Readme), textFile(ledger.ArchiveCheckpoint, p.Export.Signed.Note)}
	last := []Part{{ledger.ArchiveEarlier, p.writeEarlier}, {ledger.ArchiveEvidence, p.writeEvidence}, {ledger.ArchiveSignature, p.writeSignature}}
	for _, file := range slices.Concat(first, p.Files, last) {
		if err := p.add(archive, file.Name, file.Write); err != nil {
			return fmt.Errorf("write %s: %w", file.Name, err)
		}
	}
	var hashes []string
	for _, f := range p.Evidence.Files {
		hashes = append(hashes, f.Name+" "+f.SHA256)
	}
	if err := p.Export.Finish(p.Context, p.Evidence.Rows, p.manifest, hashes); err != nil {
		return err
	}
	return archive.Close()
}

// add writes one file and notes its hash.
func (p *Archive) add(archive *zip.Writer, name string, write func(io.Writer) error) error {
	file, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.Export.Signed.At})
	if err != nil {
		return err
	}
	hash, size := sha256.New(), new(counter)
	if err := write(io.MultiWriter(file, hash, size)); err != nil {
		return err
	}
	p.Evidence.Files = append(p.Evidence.Files, ledger.ManifestFile{Name: name, Bytes: size.n, SHA256: hex.EncodeToString(hash.Sum(nil))})
	return nil
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// WriteLines writes each event with its proof, as a line of JSON, and says how
// many there were.
func (p *Archive) WriteLines(w io.Writer) (lines int, err error) {
	for evidence, err := range p.Export.Events(p.Context) {
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
func (p *Archive) writeEarlier(w io.Writer) error {
	for earlier, err := range p.Export.Earlier(p.Context) {
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

// writeEvidence writes what the archive says of itself, once everything else is there.
func (p *Archive) writeEvidence(w io.Writer) (err error) {
	if p.manifest, err = p.Evidence.Encode(); err != nil {
		return err
	}
	_, err = w.Write(p.manifest)
	return err
}

// writeSignature signs what writeEvidence wrote.
func (p *Archive) writeSignature(w io.Writer) error {
	signed, err := p.Export.Sign(p.manifest)
	if err != nil {
		return err
	}
	_, err = w.Write(signed)
	return err
}

// HowToCheck is the part of each README.txt about the files that every archive has,
// and about what to do with them.
func HowToCheck(name string, keys []string) string {
	return fmt.Sprintf(`  checkpoint.txt  the signature: so many events, this root hash, this time
  earlier-checkpoints.jsonl
                  checkpoints before that one, each with the proof that the ledger
                  goes on from it
  evidence.json   what was asked for, when and by whom; the number of rows; the
                  SHA-256 of each file before it; the checkpoint; the public keys
  signature.txt   the SHA-256 of evidence.json, signed by the ledger's key

To check all of it, without the network and without a running Foyer:

  %s

It says of each file what proves it, and refuses an archive to which anything was
added, or from which anything was taken. Keep the archive as it came: one that was
unpacked and packed again may not be one any more.

With --checkpoint FILE it is also held against checkpoints that you kept: that
what they signed has not been rewritten since.

The key above is the one that this Foyer gave. If you were given it some other
way, use that one: whoever could forge the export could forge the key beside it.

That this archive left Foyer is an event in the ledger itself, with the SHA-256 of
evidence.json: search the activity for the reference that stands there. The proof of
that event, as tlog-proof, is checked by programs that know nothing of Foyer.
`, VerifyCommand(name, keys))
}

// VerifyCommand is how a file that left Foyer is checked.
func VerifyCommand(export string, keys []string) string {
	words := []string{"foyer audit verify --export", export}
	for _, key := range keys {
		words = append(words, "--key '"+key+"'")
	}
	return strings.Join(words, " ")
}
