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
// why. What isn't here fails.
var arrows = map[string]map[string]string{
	"foyer": { // main wires the rooms together, and may know all of them.
		"foyer/ledger":      "verifies the ledger from the command line",
		"foyer/auth":        "makes the sessions and the sign-in",
		"foyer/handlers":    "serves them",
		"foyer/jobs":        "starts and stops the workers",
		"foyer/portal":      "makes the use cases",
		"foyer/sandbox":     "starts the stand-in Symphony",
		"foyer/sandbox/idp": "starts the stand-in sign-in",
		"foyer/sapi":        "makes the client of Symphony",
		"foyer/store":       "opens the database",
	},
	"foyer/handlers": {
		"foyer/portal":   "every read and every change goes through a use case",
		"foyer/auth":     "the session, the actor, the permission of a route",
		"foyer/ledger":   "types: the events that the pages show",
		"foyer/sapi":     "types: the values that the pages show",
		"foyer/views":    "the pages",
		"foyer/views/ui": "the errors of a form, by field",
		"foyer/static":   "the files under /static",
	},
	"foyer/portal": {
		"foyer/sapi":   "Symphony",
		"foyer/ledger": "no change without an intent in the ledger",
		"foyer/auth":   "every use case has an actor, and checks the permission",
	},
	"foyer/jobs": {
		"foyer/portal": "types: a job, and the transaction of its row",
	},
	"foyer/store": {
		"foyer/portal": "types that it keeps, interfaces that it implements",
		"foyer/ledger": "types that it keeps, interfaces that it implements",
		"foyer/auth":   "types that it keeps, interfaces that it implements",
		"foyer/sapi":   "types: the readings of Symphony that it keeps",
	},
	"foyer/ledger": {
		"foyer/auth": "types: the actor of an event",
	},
	"foyer/sandbox": {
		"foyer/sapi": "types: the stand-in speaks the same contract",
	},
	"foyer/sandbox/idp": {},
	"foyer/views": {
		"foyer/views/ui": "the components of a page",
		"foyer/static":   "the addresses of files with their hashes",
	},
	"foyer/views/ui": {
		"foyer/static": "the addresses of files with their hashes",
	},
	"foyer/static": {},
	"foyer/auth":   {},
	"foyer/sapi":   {},
	"foyer/e2e":    {},

	"foyer/internal/arch":      {},
	"foyer/internal/testneeds": {},
	"foyer/internal/testdb": {
		"foyer/sandbox": "the stand-in's database",
		"foyer/store":   "Foyer's own",
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
	{"github.com/labstack/echo", []string{"foyer", "foyer/handlers"}, "Echo's next version is to be a change of one package"},
	{"github.com/gorilla/sessions", []string{"foyer", "foyer/handlers", "foyer/auth"}, "who is signed in is a matter of auth"},
	{"modernc.org/sqlite", []string{"foyer/store", "foyer/sandbox"}, "SQL is met in store, and in the stand-in"},
	{"github.com/jackc/pgx", []string{"foyer/store", "foyer/jobs", "foyer/internal/testpg"}, "SQL is met in store; jobs hands River its pool"},
	{"database/sql", []string{"foyer/store", "foyer/sandbox", "foyer/jobs", "foyer", "foyer/internal/testpg"}, "SQL is met in store; main carries the handle to jobs"},
	{"github.com/riverqueue/river", []string{"foyer/jobs"}, "River wakes; it is nobody else's matter"},
	{"github.com/zitadel/oidc", []string{"foyer/sandbox/idp"}, "the stand-in sign-in must not get into the real one"},
	{"github.com/go-rod/rod", nil, "the browser is for tests"},
	{"testing", []string{"foyer/internal/testneeds", "foyer/internal/testdb", "foyer/internal/testpg"}, "the program carries no test code"},
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
			if ours := imported == "foyer" || strings.HasPrefix(imported, "foyer/"); !ours {
				continue
			}
			if _, ok := allowed[imported]; !ok {
				t.Errorf("%s imports %s, and no arrow leads there", p.ImportPath, imported)
			}
		}
	}
}

func TestWhatComesFromOutsideStaysInItsPlace(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			for _, rule := range outside {
				within := imported == rule.prefix || strings.HasPrefix(imported, rule.prefix+"/")
				if within && !slices.Contains(rule.only, p.ImportPath) {
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
