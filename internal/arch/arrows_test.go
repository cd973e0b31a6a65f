package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// arrows are all the ways in which one package of Foyer may import another, and
// why. What isn't here fails, and so does what is here and isn't used.
var arrows = map[string]map[string]string{
	"foyer": {
		"foyer/command": "the process runs what the program does",
	},
	"foyer/command": { // It wires the rooms together, and may know all of them.
		"foyer/ledger":      "verifies the ledger from the command line",
		"foyer/auth":        "makes the sessions and the sign-in",
		"foyer/handlers":    "serves them",
		"foyer/jobs":        "starts and stops the workers",
		"foyer/sandbox":     "starts the stand-in Symphony",
		"foyer/sandbox/idp": "starts the stand-in sign-in",

		"foyer/portal":           "knows the error of a row that is not there",
		"foyer/portal/activity":  "makes the use cases",
		"foyer/portal/change":    "makes the use cases",
		"foyer/portal/directory": "makes the use cases",
		"foyer/portal/precheck":  "makes the use cases",
		"foyer/portal/review":    "makes the use cases",
		"foyer/sapi":             "makes the client of Symphony",
		"foyer/store":            "opens the database",
	},
	"foyer/handlers": {
		"foyer/portal":   "the rules of forms, and what use cases fail with",
		"foyer/auth":     "the session, the actor, the permission of a route",
		"foyer/ledger":   "types: the events that the pages show",
		"foyer/sapi":     "types: the values that the pages show",
		"foyer/views":    "the pages",
		"foyer/views/ui": "the errors of a form, by field",
		"foyer/static":   "the files under /static",

		"foyer/portal/activity":  "what everybody did, and the proof of it",
		"foyer/portal/change":    "every change goes through a use case",
		"foyer/portal/directory": "every read goes through a use case",
		"foyer/portal/precheck":  "who is on Symphony already",
		"foyer/portal/review":    "access reviews",
		"foyer/address":          "domains that were typed, compared in the one form",
	},
	"foyer/portal": {
		"foyer/address": "domains and addresses are compared in the one form",
		"foyer/sapi":    "what Symphony said, in words; types of the rules",
		"foyer/ledger":  "a refusal is an event",
		"foyer/auth":    "every use case has an actor, and checks the permission",
	},
	"foyer/portal/activity": {
		"foyer/portal": "the permission, the errors",
		"foyer/ledger": "what is read and proven",
		"foyer/auth":   "who asks",
	},
	"foyer/portal/directory": {
		"foyer/address":         "domains and addresses are compared in the one form",
		"foyer/portal":          "the permission, the errors, the rules",
		"foyer/portal/activity": "proves and records what is exported",
		"foyer/ledger":          "what somebody else changed is an event",
		"foyer/sapi":            "Symphony",
		"foyer/auth":            "who asks",
	},
	"foyer/portal/change": {
		"foyer/address":          "domains and addresses are compared in the one form",
		"foyer/portal":           "the permission, the errors, the rules",
		"foyer/portal/directory": "reads what is changed, before and after",
		"foyer/ledger":           "no change without an intent in the ledger",
		"foyer/sapi":             "Symphony",
		"foyer/auth":             "who asks",
	},
	"foyer/portal/precheck": {
		"foyer/address":          "domains and addresses are compared in the one form",
		"foyer/portal":           "the permission, the errors, the rules",
		"foyer/portal/directory": "the partner's own companies and people",
		"foyer/ledger":           "types: the company that a refusal is about",
		"foyer/sapi":             "Symphony's public services",
		"foyer/auth":             "who asks",
	},
	"foyer/portal/review": {
		"foyer/portal":           "the permission, the errors, the rules",
		"foyer/portal/activity":  "proves and records what is exported",
		"foyer/portal/change":    "who asked for the disabling that followed a review",
		"foyer/portal/directory": "reads whom a review is about",
		"foyer/ledger":           "no decision without an event",
		"foyer/sapi":             "types: the statuses of people",
		"foyer/auth":             "who asks, and who decided",
	},
	"foyer/jobs": {
		"foyer/portal": "types: a job, and the transaction of its row",
	},
	"foyer/store": {
		"foyer/portal": "the errors of a row that is not there",
		"foyer/ledger": "types that it keeps, interfaces that it implements",

		"foyer/portal/activity":  "interfaces that it implements",
		"foyer/portal/change":    "types that it keeps, interfaces that it implements",
		"foyer/portal/directory": "types that it keeps, interfaces that it implements",
		"foyer/portal/review":    "types that it keeps, interfaces that it implements",

		"foyer/auth":    "types that it keeps, interfaces that it implements",
		"foyer/sapi":    "types: the readings of Symphony that it keeps",
		"foyer/address": "people are found and erased by the one form of their address",
	},
	"foyer/ledger": {
		"foyer/auth": "types: the actor of an event",
	},
	"foyer/sandbox":     {},
	"foyer/sandbox/idp": {},
	"foyer/views": {
		"foyer/views/ui": "the components of a page",
		"foyer/static":   "the addresses of files with their hashes",
	},
	"foyer/views/ui": {},
	"foyer/static":   {},
	"foyer/auth":     {},
	"foyer/address":  {},
	"foyer/sapi": {
		"foyer/address": "rows sent and answers received are matched by the one form of an address",
	},
	"foyer/e2e": {},

	"foyer/internal/arch":      {},
	"foyer/internal/testneeds": {},
	"foyer/internal/testdb": {
		"foyer/sandbox": "the stand-in's database",
		"foyer/store":   "Foyer's own",
	},
	"foyer/internal/testworld": {
		"foyer/portal":           "types: the permission check, jobs",
		"foyer/internal/testdb":  "copies of the databases",
		"foyer/portal/activity":  "the use cases that are tested",
		"foyer/portal/change":    "the use cases that are tested",
		"foyer/portal/directory": "the use cases that are tested",
		"foyer/portal/precheck":  "the use cases that are tested",
		"foyer/portal/review":    "the use cases that are tested",
		"foyer/auth":             "types: who asks",
		"foyer/ledger":           "types: what was recorded",
		"foyer/sandbox":          "the stand-in Symphony",
		"foyer/sapi":             "its client",
		"foyer/store":            "Foyer's own database",
	},
	"foyer/internal/testfirst": {
		"foyer/internal/testpg": "a database for the one on PostgreSQL",
	},
	"foyer/internal/testpg": {
		"foyer/internal/testneeds": "a test without PostgreSQL is skipped, or fails",
	},
}

// outside are the modules that only some packages may meet, and why.
var outside = []struct {
	prefix string
	only   []string
	reason string
}{
	{"github.com/labstack/echo", []string{"foyer/handlers"}, "Echo's next version is to be a change of one package"},
	{"github.com/gorilla/sessions", []string{"foyer/auth"}, "who is signed in is a matter of auth"},
	{"modernc.org/sqlite", []string{"foyer/store", "foyer/sandbox"}, "SQL is met in store, and in the stand-in"},
	{"github.com/jackc/pgx", []string{"foyer/store", "foyer/jobs", "foyer/internal/testpg"}, "SQL is met in store; jobs hands River its pool"},
	{"database/sql", []string{"foyer/store", "foyer/sandbox", "foyer/jobs", "foyer/internal/testpg", "foyer/internal/testfirst"}, "SQL is met in store; jobs hands River its handle"},
	{"github.com/riverqueue/river", []string{"foyer/jobs"}, "River wakes; it is nobody else's matter"},
	{"github.com/zitadel/oidc", []string{"foyer/sandbox/idp"}, "the stand-in sign-in must not get into the real one"},
	{"github.com/go-rod/rod", nil, "the browser is for tests"},
	{"testing", []string{"foyer/internal/testneeds", "foyer/internal/testdb", "foyer/internal/testworld", "foyer/internal/testpg", "foyer/internal/testfirst"}, "the program carries no test code"},
}

// pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
}

// packages lists Foyer's packages. Test files are not looked at: a test may meet
// whatever it tests against.
func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,GoFiles,Imports", "foyer/...")
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("go list: %v\n%s", err, exit.Stderr)
	}

	var all []pkg
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		all = append(all, p)
	}
}

func TestPackagesImportOnlyAlongTheArrows(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		allowed, known := arrows[p.ImportPath]
		if !known {
			t.Errorf("%s is not in the table of arrows: what may it import, and why?", p.ImportPath)
		}
		for _, imported := range p.Imports {
			if !within(imported, "foyer") {
				continue
			}
			if _, ok := allowed[imported]; !ok {
				t.Errorf("%s imports %s, and no arrow leads there", p.ImportPath, imported)
			}
		}
	}
}

func TestEveryArrowIsUsed(t *testing.T) {
	t.Parallel()
	imports := map[string][]string{}
	for _, p := range packages(t) {
		imports[p.ImportPath] = p.Imports
	}
	for from, allowed := range arrows {
		if _, there := imports[from]; !there {
			t.Errorf("%s is in the table of arrows, and there is no such package", from)
		}
		for to := range allowed {
			if !slices.Contains(imports[from], to) {
				t.Errorf("%s may import %s and doesn't: take the arrow out", from, to)
			}
		}
	}
	for _, rule := range outside {
		for _, from := range rule.only {
			if !slices.ContainsFunc(imports[from], func(imported string) bool { return within(imported, rule.prefix) }) {
				t.Errorf("%s may import %s and doesn't: take it out", from, rule.prefix)
			}
		}
	}
}

// within tells whether a package is the module or folder, or in it.
func within(imported, prefix string) bool {
	return imported == prefix || strings.HasPrefix(imported, prefix+"/")
}

func TestWhatComesFromOutsideStaysInItsPlace(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			for _, rule := range outside {
				if within(imported, rule.prefix) && !slices.Contains(rule.only, p.ImportPath) {
					t.Errorf("%s imports %s: %s", p.ImportPath, imported, rule.reason)
				}
			}
		}
	}
}

func TestOnlyTestsImportTheTestHelpers(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			helper := strings.HasPrefix(imported, "foyer/internal/") || imported == "foyer/e2e"
			if helper && path.Dir(p.ImportPath) != "foyer/internal" {
				t.Errorf("%s imports %s, which is for tests", p.ImportPath, imported)
			}
		}
	}
}
