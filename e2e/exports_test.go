package e2e

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func exportSpreadsheet(p *Page, _ morning) {
	p.Goto("/audit?person=Omar&text=OPS-4712")
	name, content := p.Download("a[href^='/audit.csv']")
	if !strings.HasPrefix(name, "audit-20") || !strings.HasSuffix(name, ".csv") {
		p.t.Errorf("the spreadsheet is called %q, want audit.csv with the day", name)
	}
	wantSpreadsheet(p.t, content, 2)
	if !bytes.Contains(content, []byte("'=On leave until January")) {
		p.t.Errorf("the reason that looks like a formula has no apostrophe before it:\n%s", content)
	}

	p.Peek("/audit?action=export&person=Audrey")
	p.WaitForText("main tbody tr:first-child", "Exported audit.csv?person=Omar&text=OPS-4712")
}

// wantSpreadsheet fails the test if the file is not one of so many lines under
// their heading that a spreadsheet reads as UTF-8.
func wantSpreadsheet(t testing.TB, content []byte, lines int) {
	t.Helper()
	if !bytes.HasPrefix(content, []byte("\ufeff")) {
		t.Errorf("the spreadsheet begins with %q, want a byte order mark", content[:min(len(content), 3)])
	}
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatalf("read the spreadsheet: %v", err)
	}
	if len(rows) != lines+1 {
		t.Errorf("the spreadsheet has %d lines, want a heading and %d:\n%s", len(rows), lines, content)
	}
}

// exportArchive downloads events with their proofs.
func exportArchive(p *Page, _ morning) {
	p.Goto("/audit?company=Halcyon+Trust")
	files := p.downloadProven("a[href^='/audit.zip']", "activity.jsonl", "Friday", "Monday")
	wantSpreadsheet(p.t, files["activity.csv"], 4)
	if got := bytes.Count(files["activity.jsonl"], []byte("\n")); got != 4 {
		p.t.Errorf("the proofs have %d lines, want 4", got)
	}
	var evidence struct {
		Environment string
		Filters     []struct{ Filter, Value string }
		Rows        int
		ExportedBy  struct{ Email string }
		Reference   string
		Checkpoint  string
	}
	if err := json.Unmarshal(files["evidence.json"], &evidence); err != nil {
		p.t.Fatalf("read the evidence: %v", err)
	}
	if evidence.Environment != "SANDBOX" || evidence.Rows != 4 || evidence.ExportedBy.Email != "audrey.chen@partner.example" ||
		len(evidence.Filters) != 1 || evidence.Filters[0].Value != "Halcyon Trust" || evidence.Checkpoint != string(files["checkpoint.txt"]) {
		p.t.Errorf("the evidence says %+v, want 4 rows of Halcyon Trust by Audrey Chen, under the checkpoint beside it", evidence)
	}

	p.Peek("/audit?request=" + evidence.Reference)
	p.wantRows(2, "audit.zip?company=Halcyon+Trust") // before it was sent and after
}

// downloadProven downloads an archive and gives its files by their names. It fails
// the test if the command that came with it doesn't confirm it, with the checkpoint
// of before, too; or still does when in one of the files a word is another.
func (p *Page) downloadProven(selector, file, was, is string) map[string][]byte {
	p.t.Helper()
	dir := p.t.TempDir()
	keep(p.t, dir, "kept.txt", []byte(p.Eval(`async () => (await fetch('/audit/checkpoint.txt')).text()`)))
	name, content := p.Download(selector)
	keep(p.t, dir, name, content)
	files := unzip(p.t, content)
	command := commandOf(p.t, files["README.txt"])
	for _, line := range []string{command, command + " --checkpoint kept.txt"} {
		if said, ok := shell(p.t, dir, line); !ok || !strings.HasSuffix(said, "OK\n") {
			p.t.Errorf("%s says of %s as it came:\n%s", line, name, said)
		}
	}
	altered := maps.Clone(files)
	altered[file] = forged(p.t, files[file], was, is)
	keep(p.t, dir, name, zipped(p.t, altered))
	if said, ok := shell(p.t, dir, command); ok || strings.Contains(said, "OK") {
		p.t.Errorf("%s says of %s with another %s:\n%s", command, name, file, said)
	}
	return files
}

// exportPeopleAtDate downloads who could sign in then: as a spreadsheet, and as an
// archive.
func exportPeopleAtDate(p *Page, m morning) {
	p.Goto(m.company + "/users" + atMoment(m.after))
	_, content := p.Download("a[href*='/at.csv']")
	files := p.downloadProven("a[href*='/at.zip']", "people.csv", ",disabled,", ",active,")
	for _, spreadsheet := range [][]byte{content, files["people.csv"]} {
		wantSpreadsheet(p.t, spreadsheet, 4)
		if !lineHas(string(spreadsheet), "grace@halcyon.example", ",disabled,inferred,") {
			p.t.Errorf("the file doesn’t say that Grace was disabled then:\n%s", spreadsheet)
		}
	}
	p.Peek("/audit?action=export&person=Audrey&company=Halcyon+Trust")
	p.WaitForText("main tbody", "Exported status of the company’s people at ")
}

// proveEvent downloads one event with its proof.
func proveEvent(p *Page, _ morning) {
	p.Goto("/audit?person=Omar&text=friday")
	p.Follow("main tbody th a")
	dir, command := p.t.TempDir(), p.Eval(`() => document.querySelector('#proof pre[aria-label=Command]').textContent`)
	name, content := p.Download("#proof a[href$='.json']")
	keep(p.t, dir, name, content)
	if said, ok := shell(p.t, dir, command); !ok || !strings.HasSuffix(said, "OK\n") {
		p.t.Errorf("%s says of the proof as it came:\n%s", command, said)
	}
	keep(p.t, dir, name, forged(p.t, content, "Friday", "Monday"))
	if said, ok := shell(p.t, dir, command); ok || !strings.Contains(said, "first bad sequence number: ") {
		p.t.Errorf("%s says of a proof that was altered:\n%s", command, said)
	}
}

// commandOf is the line of the text that checks an export.
func commandOf(t testing.TB, readme []byte) string {
	t.Helper()
	for line := range strings.Lines(string(readme)) {
		if command := strings.TrimSpace(line); strings.HasPrefix(command, "foyer audit verify") {
			return command
		}
	}
	t.Fatalf("no line says how the export is checked:\n%s", readme)
	return ""
}

// shell runs a command line as somebody types it in the folder.
func shell(t testing.TB, dir, command string) (said string, ok bool) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatalf("build foyer: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Dir = dir
	cmd.Env = append(withoutSettings(os.Environ()), "PATH="+filepath.Dir(path)+string(os.PathListSeparator)+os.Getenv("PATH"))
	output, err := cmd.CombinedOutput()
	return string(output), err == nil
}

// forged is the file with one word instead of another.
func forged(t testing.TB, content []byte, was, is string) []byte {
	t.Helper()
	if !bytes.Contains(content, []byte(was)) {
		t.Fatalf("the file doesn’t say %q:\n%s", was, content)
	}
	return bytes.ReplaceAll(content, []byte(was), []byte(is))
}

func keep(t testing.TB, dir, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// unzip gives the files of an archive by their names.
func unzip(t testing.TB, content []byte) map[string][]byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatalf("open the archive: %v", err)
	}
	files := map[string][]byte{}
	for _, file := range archive.File {
		if files[file.Name], err = fs.ReadFile(archive, file.Name); err != nil {
			t.Fatalf("unpack %s: %v", file.Name, err)
		}
	}
	return files
}

func zipped(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for name, content := range files {
		file, err := archive.Create(name)
		if err == nil {
			_, err = file.Write(content)
		}
		if err != nil {
			t.Fatalf("pack %s: %v", name, err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatalf("pack the archive: %v", err)
	}
	return packed.Bytes()
}
