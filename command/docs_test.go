package command

import (
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"foyer/auth"
	"foyer/handlers"
	"foyer/handlers/wording"
	"foyer/sapi"
)

// What is written down for operators and auditors is held against the code, so
// that neither changes without the other.

// root is the folder of the whole project, which all paths here are below.
var root = os.DirFS("..")

func readRoot(t *testing.T, path string) string {
	t.Helper()
	text, err := fs.ReadFile(root, path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// table returns the rows of the first table below a heading, without its head,
// as plain text by cell.
func table(t *testing.T, path, heading string) [][]string {
	t.Helper()
	_, section, found := strings.Cut(readRoot(t, path), "\n"+heading+"\n")
	if !found {
		t.Fatalf("%s has no %q", path, heading)
	}
	var rows [][]string
	for line := range strings.Lines(section) {
		line, isRow := strings.CutPrefix(strings.TrimSpace(line), "|")
		switch {
		case isRow:
			cells := strings.Split(strings.TrimSuffix(line, "|"), "|")
			for i := range cells {
				cells[i] = strings.Trim(cells[i], " `")
			}
			rows = append(rows, cells)
		case len(rows) > 0:
			return rows[2:]
		}
	}
	t.Fatalf("%s has no table that ends below %q", path, heading)
	return nil
}

// setting is what the operators' table says of one.
type setting struct{ Variable, Flag, Default, Secret string }

func TestTheTableOfSettingsIsTheCodes(t *testing.T) {
	t.Parallel()
	parser, err := kong.New(&struct {
		Serve serveCommand `cmd:"" default:"withargs"`
	}{})
	if err != nil {
		t.Fatal(err)
	}
	var want []setting
	for _, flag := range parser.Model.Children[0].Flags {
		s := setting{Flag: "--" + flag.Name, Default: flag.Default}
		if len(flag.Envs) > 0 {
			s.Variable = flag.Envs[0]
		}
		if flag.Target.Type() == reflect.TypeFor[secret]() {
			s.Secret = "yes"
		}
		want = append(want, s)
	}
	var got []setting
	for _, row := range table(t, "docs/operations.md", "## Settings") {
		got = append(got, setting{row[0], row[1], row[2], row[3]})
		if row[4] == "" {
			t.Errorf("docs/operations.md doesn’t say what %s means", row[1])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings of command/config.go and of docs/operations.md (-want +got):\n%s", diff)
	}
}

func TestTheTableOfSymphonysAddressesIsTheCodes(t *testing.T) {
	t.Parallel()
	rows := table(t, "docs/operations.md", "### Symphony's addresses")
	for environment, p := range published {
		want := []string{environment, p.api, p.token, p.login}
		for i := range want {
			if want[i] == "" {
				want[i] = "–"
			}
		}
		if !slices.ContainsFunc(rows, func(row []string) bool { return slices.Equal(row, want) }) {
			t.Errorf("docs/operations.md has no row %q in %q", want, rows)
		}
	}
	if len(rows) != len(published) {
		t.Errorf("docs/operations.md knows %d environments, want %d", len(rows), len(published))
	}
}

func TestEveryMetricIsDocumented(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	m.observeRequest(http.MethodGet, "/", http.StatusOK, time.Millisecond)
	m.observeCall(sapi.Call{Operation: "getCompanies", Status: http.StatusOK})
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var want [][]string
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "foyer_") {
			continue
		}
		row := []string{f.GetName()}
		for _, label := range f.GetMetric()[0].GetLabel() {
			row = append(row, label.GetName())
		}
		want = append(want, row)
	}
	var got [][]string
	for _, line := range regexp.MustCompile("(?m)^\\| `(foyer_\\w+)` \\| ([^|]+) \\|").FindAllStringSubmatch(readRoot(t, "docs/operations.md"), -1) {
		labels := strings.Split(strings.ReplaceAll(line[2], "`", ""), ", ")
		slices.Sort(labels)
		got = append(got, append([]string{line[1]}, labels...))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics and their labels in docs/operations.md (-want +got):\n%s", diff)
	}
}

func TestTheMatrixOfRolesIsTheCodes(t *testing.T) {
	t.Parallel()
	var want [][]string
	for _, permission := range auth.AllPermissions {
		row := []string{wording.PermissionWords(permission)}
		for _, role := range auth.AllRoles {
			mark := ""
			if (auth.Roles{role}).Can(permission) {
				mark = "✔"
			}
			row = append(row, mark)
		}
		want = append(want, row)
	}
	if diff := cmp.Diff(want, table(t, "docs/security.md", "## Who may do what")); diff != "" {
		t.Errorf("permissions by role in docs/security.md (-want +got):\n%s", diff)
	}
}

func TestTheHeadersAreThoseThatAreSent(t *testing.T) {
	t.Parallel()
	web, err := handlers.New(handlers.Options{PublicURL: &url.URL{Scheme: "https", Host: "foyer.example"}, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	web.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/healthz", nil))

	_, block, _ := strings.Cut(readRoot(t, "docs/security.md"), "```http\n")
	block, _, _ = strings.Cut(block, "\n```")
	documented := map[string]bool{"Content-Type": true, "X-Request-Id": true, "Vary": true}
	for line := range strings.SplitSeq(block, "\n") {
		name, value, _ := strings.Cut(line, ": ")
		documented[name] = true
		if got := answer.Header().Get(name); got != value {
			t.Errorf("header %s = %q, docs/security.md says %q", name, got, value)
		}
	}
	for name := range answer.Header() {
		if !documented[name] {
			t.Errorf("the header %s is sent, and isn’t in docs/security.md", name)
		}
	}
}

func TestEveryTableOfTheDatabaseIsExplained(t *testing.T) {
	t.Parallel()
	design := readRoot(t, "docs/design.md")
	schemas, err := fs.Glob(root, "store/migrations/*/*.sql")
	if err != nil || len(schemas) == 0 {
		t.Fatalf("migrations = %v, %v, want some", schemas, err)
	}
	create := regexp.MustCompile(`CREATE (?:VIRTUAL )?TABLE (\w+)`)
	for _, schema := range schemas {
		for _, name := range create.FindAllStringSubmatch(readRoot(t, schema), -1) {
			if !strings.Contains(design, "`"+name[1]+"`") {
				t.Errorf("%s makes the table %s, which docs/design.md doesn’t explain", schema, name[1])
			}
		}
	}
}

// Pictures are made by the browser tests, and are theirs to miss.
func TestEveryLinkInTheDocsLeadsSomewhere(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	notAnchor := regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
	anchors := func(path string) map[string]bool {
		found := map[string]bool{}
		for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(readRoot(t, path), -1) {
			found[strings.ReplaceAll(notAnchor.ReplaceAllString(strings.ToLower(heading[1]), ""), " ", "-")] = true
		}
		return found
	}
	pages, err := fs.Glob(root, "*.md")
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(root, "docs", func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".md" {
			pages = append(pages, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		for _, target := range link.FindAllStringSubmatch(readRoot(t, page), -1) {
			path, anchor, _ := strings.Cut(target[1], "#")
			if strings.Contains(path, "://") || filepath.Ext(path) == ".png" {
				continue
			}
			file := page
			if path != "" {
				file = filepath.Join(filepath.Dir(page), path)
			}
			if _, err := fs.Stat(root, file); err != nil {
				t.Errorf("%s links to %s, which isn’t there", page, target[1])
			} else if anchor != "" && !anchors(file)[anchor] {
				t.Errorf("%s links to %s, and %s has no such heading", page, target[1], file)
			}
		}
	}
}
