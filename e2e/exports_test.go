package e2e

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func exportSpreadsheet(p *Page, _ morning) {
	p.t.Helper()
	p.Goto("/audit?person=Omar&text=OPS-4712")
	name, content := p.Download("a[href^='/audit.csv']")
	if name != "audit.csv" {
		p.t.Errorf("the spreadsheet is called %q, want audit.csv", name)
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

func exportArchive(p *Page, _ morning) {
	p.t.Helper()
	p.Goto("/audit?company=Halcyon+Trust")
	_, content := p.Download("a[href^='/audit.zip']")
	dir := p.t.TempDir()
	if diff := cmp.Diff([]string{"README.txt", "checkpoint.txt", "activity.csv", "activity.jsonl", "evidence.json"}, unzip(p.t, dir, content)); diff != "" {
		p.t.Errorf("the files of the archive (-want +got):\n%s", diff)
	}
	wantSpreadsheet(p.t, contentOf(p.t, dir, "activity.csv"), 4)

	var evidence struct {
		Environment string
		Filters     []struct{ Filter, Value string }
		Rows        int
		ExportedBy  struct{ Email string }
		Reference   string
		Checkpoint  string
	}
	if err := json.Unmarshal(contentOf(p.t, dir, "evidence.json"), &evidence); err != nil {
		p.t.Fatalf("read the evidence: %v", err)
	}
	if evidence.Environment != "SANDBOX" || evidence.Rows != 4 || evidence.ExportedBy.Email != "audrey.chen@partner.example" ||
		len(evidence.Filters) != 1 || evidence.Filters[0].Value != "Halcyon Trust" || evidence.Checkpoint != string(contentOf(p.t, dir, "checkpoint.txt")) {
		p.t.Errorf("the evidence says %+v, want 4 rows of Halcyon Trust by Audrey Chen, under the checkpoint beside it", evidence)
	}

	// The command that the page gives is all that is needed.
	p.Peek("/audit")
	command := p.command("#ledger")
	if said, ok := shell(p.t, dir, command); !ok || !strings.HasSuffix(said, "OK\n") {
		p.t.Errorf("%s says of the export as it came:\n%s", command, said)
	}
	forge(p.t, dir, "activity.jsonl")
	if said, ok := shell(p.t, dir, command); ok || !strings.Contains(said, "first bad sequence number: ") {
		p.t.Errorf("%s says of an export that was altered:\n%s", command, said)
	}

	p.Peek("/audit?request=" + evidence.Reference)
	p.wantRows(2, "audit.zip?company=Halcyon+Trust")
}

func exportPeopleAtDate(p *Page, m morning) {
	p.t.Helper()
	p.Goto(m.company + "/users" + atMoment(m.after))
	_, content := p.Download("a[href*='/at.csv']")
	wantSpreadsheet(p.t, content, 4)
	if !lineHas(string(content), "grace@halcyon.example", ",disabled,inferred,") {
		p.t.Errorf("the file doesn’t say that Grace was disabled then:\n%s", content)
	}
	p.Peek("/audit?action=export&person=Audrey&company=Halcyon+Trust")
	p.WaitForText("main tbody", "Exported status of the company’s people at ")
}

func proveEvent(p *Page, _ morning) {
	p.t.Helper()
	p.Goto("/audit?person=Omar&text=friday")
	p.Follow("main tbody th a")
	name, content := p.Download("#proof a[href$='.json']")
	dir, command := p.t.TempDir(), p.command("#proof")
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
		p.t.Fatal(err)
	}
	if said, ok := shell(p.t, dir, command); !ok || !strings.HasSuffix(said, "OK\n") {
		p.t.Errorf("%s says of the proof as it came:\n%s", command, said)
	}
	forge(p.t, dir, name)
	if said, ok := shell(p.t, dir, command); ok || !strings.Contains(said, "first bad sequence number: ") {
		p.t.Errorf("%s says of a proof that was altered:\n%s", command, said)
	}
}

// command is what the page says to check a download with.
func (p *Page) command(within string) string {
	p.t.Helper()
	return p.Eval(`(within) => document.querySelector(within + ' pre[aria-label=Command]').textContent`, within)
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

// forge makes Friday a Monday in the file.
func forge(t testing.TB, dir, name string) {
	t.Helper()
	was := contentOf(t, dir, name)
	is := bytes.ReplaceAll(was, []byte("Friday"), []byte("Monday"))
	if bytes.Equal(was, is) {
		t.Fatalf("%s doesn’t say Friday:\n%s", name, was)
	}
	if err := os.WriteFile(filepath.Join(dir, name), is, 0o600); err != nil {
		t.Fatal(err)
	}
}

func contentOf(t testing.TB, dir, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// unzip puts the archive's files into the folder and gives their names.
func unzip(t testing.TB, dir string, content []byte) []string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatalf("open the archive: %v", err)
	}
	var names []string
	for _, file := range archive.File {
		names = append(names, file.Name)
		packed, err := file.Open()
		if err != nil {
			t.Fatalf("open %s: %v", file.Name, err)
		}
		unpacked, err := io.ReadAll(packed)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.Base(file.Name)), unpacked, 0o600)
		}
		if err != nil {
			t.Fatalf("unpack %s: %v", file.Name, err)
		}
	}
	return names
}
