package handlers

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/ledger"
)

// unzip gives the files of an archive, by name.
func (p *page) unzip() map[string][]byte {
	p.t.Helper()
	archive, err := zip.NewReader(strings.NewReader(p.body), int64(len(p.body)))
	if err != nil {
		p.t.Fatalf("%s: %v", p.request, err)
	}
	files := map[string][]byte{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			p.t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			p.t.Fatalf("%s: %s: %v", p.request, f.Name, err)
		}
	}
	return files
}

// csvRows are the lines of a file for spreadsheets, below its heading.
func (b *bench) csvRows(file []byte) [][]string {
	b.t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte(excelMark)))).ReadAll()
	b.must(err)
	return rows[1:]
}

// proofs checks an export as an auditor does, with nothing but the public key.
func (b *bench) proofs(lines, checkpoint []byte) ledger.Report {
	b.t.Helper()
	report, err := ledger.VerifyExport(b.t.Context(), ledger.ExportFiles{Events: bytes.NewReader(lines), Checkpoint: checkpoint}, ledger.VerifyOptions{Verifiers: b.store.Verifiers()})
	b.must(err)
	return report
}

func TestAnExportWithProofsIsWhatTheListShowsAndProvesItself(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const all, ottos = 1500, 1200 // read in three parts
	events := make([]ledger.Event, all)
	for i := range events {
		events[i] = ledger.Event{Action: ledger.DisableUser, Outcome: ledger.Succeeded, Actor: by("otto"), Company: lyondellTrading, Users: []ledger.User{{ID: adele, Name: "Adele Vance"}}, Reason: "=left & <gone>"}
		if i%5 == 4 {
			events[i].Actor = by("vera")
		}
	}
	b.must(b.store.Record(t.Context(), events...))
	auditor := b.as(auth.Auditor)

	answer := auditor.get("/audit.zip?person=otto&action=user.disable").want(http.StatusOK)

	if got := answer.header.Get("Content-Type") + answer.header.Get("Content-Encoding"); got != "application/zip" {
		t.Errorf("the answer is of the type %q", got)
	}
	files := answer.unzip()
	report := b.proofs(files["activity.jsonl"], files[ledger.ArchiveCheckpoint])
	if !report.OK() || report.Events != ottos || report.Size != all {
		t.Errorf("VerifyExport = %+v, want %d events proven", report, ottos)
	}
	rows := b.csvRows(files["activity.csv"])
	if len(rows) != ottos || rows[0][0] != "1499" || rows[ottos-1][0] != "1" || rows[0][19] != "'=left & <gone>" {
		t.Errorf("the file for spreadsheets has %d rows from %q on, want %d", len(rows), rows[0], ottos)
	}
	for i, line := range slices.Collect(bytes.Lines(files["activity.jsonl"])) {
		var evidence ledger.Evidence
		b.must(json.Unmarshal(line, &evidence))
		e, err := evidence.Record().Event()
		b.must(err)
		if diff := cmp.Diff(fmt.Sprint(e.Seq), rows[i][0]); diff != "" {
			t.Fatalf("line %d of the two files (-proofs +spreadsheet):\n%s", i+1, diff)
		}
	}

	var said ledger.Manifest
	b.must(json.Unmarshal(files[ledger.ArchiveEvidence], &said))
	for i, name := range []string{"README.txt", ledger.ArchiveCheckpoint, "activity.csv", "activity.jsonl", ledger.ArchiveEarlier} {
		hash := sha256.Sum256(files[name])
		if want := (ledger.ManifestFile{Name: name, Bytes: int64(len(files[name])), SHA256: hex.EncodeToString(hash[:])}); said.Files[i] != want {
			t.Errorf("the evidence has %+v, want %+v", said.Files[i], want)
		}
	}
	signed, c, err := b.store.Checkpoint(t.Context())
	b.must(err)
	person := b.somebody(auth.Auditor).Person
	want := ledger.Manifest{
		Format: ledger.ArchiveFormat, Kind: ledger.ActivityArchive, What: "Events of Foyer’s ledger, newest first", Environment: "SANDBOX", Query: "action=user.disable&person=otto",
		Filters: []ledger.ManifestFilter{{Filter: "Done by", Value: "otto"}, {Filter: "Action", Value: "Disable a person"}}, AsOf: c.At, Through: all, Rows: ottos,
		Events: "activity.jsonl", Files: said.Files, By: ledger.ManifestPerson{Name: person.Name, Email: person.Email, Subject: person.Subject, Issuer: person.Issuer}, Reference: answer.header.Get("X-Request-Id"),
		Checkpoint: string(signed), Keys: b.store.PublicKeys(), Foyer: "test",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("evidence.json (-want +got):\n%s", diff)
	}
	if readme := string(files["README.txt"]); !strings.Contains(readme, "--key '"+b.store.PublicKeys()[0]+"'") || !strings.Contains(readme, said.Reference) {
		t.Errorf("README.txt doesn’t say how to check it:\n%s", readme)
	}
}

func TestAnExportThatWasAlteredIsFoundOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.done(
		ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: by("vera")},
		ledger.Event{Action: ledger.EnableUser, Outcome: ledger.Succeeded, Actor: by("otto"), Company: lyondellTrading, Reason: "is back"},
		ledger.Event{Action: ledger.SignOut, Outcome: ledger.Succeeded, Actor: by("vera")},
	)
	files := b.as(auth.Auditor).get("/audit.zip").want(http.StatusOK).unzip()
	lines := files["activity.jsonl"]
	for name, altered := range map[string][]byte{
		"a word of the event":   bytes.Replace(lines, []byte("is back"), []byte("is Back"), 1),
		"who did it":            bytes.Replace(lines, []byte("sub-otto"), []byte("sub-vera"), 1),
		"its number in the log": bytes.Replace(lines, []byte(`\"seq\":2`), []byte(`\"seq\":9`), 1),
	} {
		if bytes.Equal(altered, lines) {
			t.Fatalf("%s: nothing was altered", name)
		}
		if report := b.proofs(altered, files[ledger.ArchiveCheckpoint]); report.OK() || report.Found != 1 {
			t.Errorf("%s: VerifyExport = %+v, want one bad event", name, report)
		}
	}
	forged := bytes.Replace(files[ledger.ArchiveCheckpoint], []byte("\n3\n"), []byte("\n4\n"), 1)
	if _, err := ledger.VerifyExport(t.Context(), ledger.ExportFiles{Events: bytes.NewReader(lines), Checkpoint: forged}, ledger.VerifyOptions{Verifiers: b.store.Verifiers()}); err == nil {
		t.Error("a forged checkpoint is believed")
	}
}

func TestAnExportIsOnRecordBeforeItIsSentAndAfter(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.done(ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: by("vera")})
	auditor := b.as(auth.Auditor)

	answer := auditor.get("/audit.zip?person=vera").want(http.StatusOK)

	exports := b.events(ledger.Filter{Action: ledger.Export})
	if len(exports) != 2 || exports[0].Outcome != ledger.Intent || exports[1].Outcome != ledger.Succeeded || exports[0].Change != exports[1].Change {
		t.Fatalf("recorded: %+v, want that it was asked for and that it was sent", exports)
	}
	if got := exports[0]; got.Note != "audit.zip?person=vera" || string(got.After) != `{"rows":1}` || got.Actor.Name != b.somebody(auth.Auditor).Person.Name {
		t.Errorf("recorded first: %+v", got)
	}
	for name, file := range answer.unzip() {
		if hash := sha256.Sum256(file); !strings.Contains(string(exports[1].After), name+" "+hex.EncodeToString(hash[:])) {
			t.Errorf("the ledger has %s, without the hash of %s", exports[1].After, name)
		}
	}
	p := auditor.get(fmt.Sprintf("/audit/%d", exports[1].Seq)).want(http.StatusOK).sound().says("#values", "SHA-256", "activity.csv")
	if p.find("a[href^='/changes/']").Length() != 0 {
		t.Error("the event of an export leads to a change at Symphony, and there is none")
	}
}

func TestAnEmptyExportSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	files := b.as(auth.Auditor).get("/audit.zip?person=nobody").want(http.StatusOK).unzip()
	var said ledger.Manifest
	b.must(json.Unmarshal(files[ledger.ArchiveEvidence], &said))
	if said.Rows != 0 || len(files["activity.jsonl"]) != 0 || len(b.csvRows(files["activity.csv"])) != 0 {
		t.Errorf("an export of nothing has %d rows", said.Rows)
	}
}

// tampered is a Foyer whose ledger was edited behind its back.
func tampered(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.done(ledger.Event{Action: ledger.SignIn, Outcome: ledger.Succeeded, Actor: by("vera")})
	db := b.store.SQLite()
	for _, statement := range []string{
		`DROP TRIGGER ledger_event_no_update`,
		`UPDATE ledger_event SET body = CAST(replace(CAST(body AS TEXT), 'sub-vera', 'sub-otto') AS BLOB)`,
	} {
		_, err := db.ExecContext(t.Context(), statement)
		b.must(err)
	}
	return b
}

func TestALedgerThatDoesNotVerifyIsNotExported(t *testing.T) {
	t.Parallel()
	b := tampered(t)
	p := b.as(auth.Auditor).get("/audit.zip").want(http.StatusInternalServerError).sound()
	p.says("main", "The ledger could not be signed", "Nothing was exported", "foyer audit verify")
	if exports := b.events(ledger.Filter{Action: ledger.Export}); len(exports) != 0 {
		t.Errorf("recorded: %+v, want no export", exports)
	}
}
