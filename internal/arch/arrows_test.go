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
		"foyer/notices":           "sends what bulk changes have to tell",
		"foyer/handlers/wording":  "says in words what a notice tells",
		"foyer/handlers/activity": "how a file of events is written, to verify one",
		"foyer/handlers/users":    "how a file of people is written, to verify one",
		"foyer/handlers/kit":      "how a cell of these is written",
		"foyer/views":             "the path of a bulk change, in a notice",
		"foyer/files":             "the file of checkpoints is made so that few may read it",
		"foyer/ledger":            "verifies the ledger from the command line",
		"foyer/auth":              "makes the sessions and the sign-in",
		"foyer/handlers":          "serves them",
		"foyer/jobs":              "starts and stops the workers",
		"foyer/sandbox":           "starts the stand-in Symphony",
		"foyer/sandbox/idp":       "starts the stand-in sign-in",

		"foyer/portal":           "knows the error of a row that is not there, writes the values of events",
		"foyer/portal/activity":  "makes the use cases",
		"foyer/portal/bulk":      "makes the use cases",
		"foyer/portal/change":    "makes the use cases",
		"foyer/portal/directory": "makes the use cases",
		"foyer/portal/precheck":  "makes the use cases",
		"foyer/portal/review":    "makes the use cases",
		"foyer/portal/signin":    "makes the use cases",
		"foyer/sapi":             "makes the client of Symphony",
		"foyer/store":            "opens the database",
		"foyer/witness":          "asks witnesses, and is one",
	},
	"foyer/handlers": {
		"foyer/auth":               "the session, the permission of a route",
		"foyer/handlers/activity":  "answers what the table leads to it",
		"foyer/handlers/bulk":      "answers what the table leads to it, and counts for the navigation",
		"foyer/handlers/changes":   "answers what the table leads to it",
		"foyer/handlers/companies": "answers what the table leads to it",
		"foyer/handlers/find":      "answers what the table leads to it",
		"foyer/handlers/home":      "answers what the table leads to it",
		"foyer/handlers/kit":       "what all of them answer with",
		"foyer/handlers/people":    "answers what the table leads to it",
		"foyer/handlers/precheck":  "answers what the table leads to it",
		"foyer/handlers/reviews":   "answers what the table leads to it",
		"foyer/handlers/session":   "answers what the table leads to it",
		"foyer/handlers/system":    "answers what the table leads to it",
		"foyer/handlers/users":     "answers what the table leads to it",
		"foyer/handlers/wording":   "the type of troubles, which command finds",
		"foyer/lists":              "how large a file may be",
		"foyer/portal/activity":    "hands it on, and has refusals recorded",
		"foyer/portal/bulk":        "hands it on",
		"foyer/portal/change":      "hands it on",
		"foyer/portal/directory":   "hands it on",
		"foyer/portal/precheck":    "hands it on",
		"foyer/portal/review":      "hands it on",
		"foyer/portal/signin":      "hands it on",
		"foyer/static":             "the files under /static",
	},
	"foyer/handlers/activity": {
		"foyer/auth":              "who asks, and what their roles allow",
		"foyer/handlers/evidence": "the archive of events",
		"foyer/handlers/kit":      "answers",
		"foyer/handlers/wording":  "says what other pages say, too",
		"foyer/ledger":            "types: events and filters",
		"foyer/portal":            "the rules of forms, and what use cases fail with",
		"foyer/portal/activity":   "what everybody did, and the proof of it",
		"foyer/views":             "the paths of pages, and what several pages show",
		"foyer/views/activity":    "the pages",
		"foyer/views/ui":          "the components of a page",
	},
	"foyer/handlers/bulk": {
		"foyer/address":          "what of a file's name nobody sees, whether a paste is blank",
		"foyer/auth":             "who asks, and what their roles allow",
		"foyer/handlers/kit":     "answers",
		"foyer/handlers/wording": "says what other pages say, too",
		"foyer/lists":            "reads lists, and writes them back",
		"foyer/portal":           "the rules of forms, and what use cases fail with",
		"foyer/portal/activity":  "the record of an export",
		"foyer/portal/bulk":      "the bulk changes",
		"foyer/portal/precheck":  "the verdicts by which rows are shown",
		"foyer/portal/directory": "the companies, types: who was ticked",
		"foyer/sapi":             "types: a new company, a person",
		"foyer/views":            "the paths of pages",
		"foyer/views/bulk":       "the pages",
		"foyer/views/ui":         "the components of a page",
	},
	"foyer/handlers/changes": {
		"foyer/auth":             "who asks, and what their roles allow",
		"foyer/handlers/kit":     "answers",
		"foyer/handlers/users":   "offers its form again with the people who were refused",
		"foyer/handlers/wording": "says what other pages say, too",
		"foyer/portal":           "the rules of forms, and what use cases fail with",
		"foyer/portal/change":    "the changes",
		"foyer/sapi":             "types: what became of each person",
		"foyer/views":            "the paths of pages",
		"foyer/views/changes":    "the pages",
		"foyer/views/ui":         "the components of a page",
	},
	"foyer/handlers/companies": {
		"foyer/address":          "domains that were typed, compared in the one form",
		"foyer/auth":             "who asks, and what their roles allow",
		"foyer/handlers/kit":     "answers",
		"foyer/handlers/wording": "says what other pages say, too",
		"foyer/ledger":           "types: a page of a history",
		"foyer/lists":            "finds the sample addresses that were pasted",
		"foyer/portal":           "the rules of forms, and what use cases fail with",
		"foyer/portal/activity":  "the history of a company, the record of an export",
		"foyer/portal/change":    "creates companies, adds domains",
		"foyer/portal/directory": "the companies",
		"foyer/portal/precheck":  "who has a domain already",
		"foyer/portal/review":    "whom a review wants disabled",
		"foyer/sapi":             "types: a new company, states",
		"foyer/views":            "the paths of pages",
		"foyer/views/companies":  "the pages",
		"foyer/views/figures":    "types: the numbers of a picture",
		"foyer/views/ui":         "the components of a page",
	},
	"foyer/handlers/evidence": {
		"foyer/auth":            "types: who exports",
		"foyer/handlers/kit":    "the environment and the version",
		"foyer/ledger":          "types: the manifest of an archive",
		"foyer/portal/activity": "what is proven",
	},
	"foyer/handlers/find": {
		"foyer/address":          "whether a domain was searched for",
		"foyer/auth":             "what the roles allow",
		"foyer/handlers/kit":     "answers",
		"foyer/handlers/users":   "fills the form that adds people",
		"foyer/handlers/wording": "says what other pages say, too",
		"foyer/ledger":           "types: the filter of a trace id",
		"foyer/lists":            "what a list says beside its addresses",
		"foyer/portal":           "the rules of forms, and what use cases fail with",
		"foyer/portal/activity":  "the events that a number or a trace id names",
		"foyer/portal/change":    "the change that an id names",
		"foyer/portal/directory": "the search",
		"foyer/sapi":             "types: a new person",
		"foyer/views":            "the paths of pages",
		"foyer/views/find":       "the pages",
		"foyer/views/ui":         "the components of a page",
	},
	"foyer/handlers/home": {
		"foyer/safely":           "asks for its parts side by side",
		"foyer/auth":             "what the roles allow; whether people can sign in",
		"foyer/handlers/kit":     "answers",
		"foyer/handlers/wording": "says what other pages say, too",
		"foyer/ledger":           "types: the last events",
		"foyer/portal":           "what it says while Symphony has not answered yet",
		"foyer/portal/activity":  "the last changes",
		"foyer/portal/bulk":      "how the bulk changes of the last activity stand",
		"foyer/portal/change":    "what is not settled",
		"foyer/portal/directory": "the companies in need, Symphony’s health",
		"foyer/sapi":             "why Symphony doesn’t answer",
		"foyer/views":            "the paths of pages",
		"foyer/views/figures":    "types: the numbers of a picture",
		"foyer/views/home":       "the pages",
		"foyer/views/ui":         "the components of a page",
	},
	"foyer/handlers/kit": {
		"foyer/safely":           "knows the error of a panic, and logs where it was",
		"foyer/auth":             "the session, the actor",
		"foyer/handlers/wording": "what people are told of an error",
		"foyer/lists":            "writes the files for spreadsheets",
		"foyer/portal":           "what use cases fail with",
		"foyer/portal/change":    "a form that another change keeps from being sent",
		"foyer/sapi":             "what is logged of Symphony’s errors, and when to try again",
		"foyer/views":            "the page around a page",
		"foyer/views/ui":         "the errors of a form, by field",
	},
	"foyer/handlers/people": {
		"foyer/address":          "domains that were typed, compared in the one form",
		"foyer/auth":             "types: who asks",
		"foyer/folding":          "companies that are named in words",
		"foyer/handlers/kit":     "answers",
		"foyer/handlers/wording": "says what other pages say, too",
		"foyer/portal":           "the rules of forms, and what use cases fail with",
		"foyer/portal/bulk":      "how many may be ticked for one",
		"foyer/portal/directory": "the people",
		"foyer/portal/review":    "whom a review wants disabled",
		"foyer/sapi":             "types: statuses, why a list can’t be read",
		"foyer/views":            "the paths of pages, and what several pages show",
		"foyer/views/people":     "the pages",
		"foyer/views/ui":         "the components of a page",
	},
	"foyer/handlers/precheck": {
		"foyer/address":          "domains in their own letters",
		"foyer/auth":             "the permission of the export",
		"foyer/handlers/kit":     "answers",
		"foyer/handlers/users":   "fills the form that adds people",
		"foyer/handlers/wording": "says what other pages say, too",
		"foyer/lists":            "finds the addresses and domains of a list",
		"foyer/portal":           "the rules of forms, and what use cases fail with",
		"foyer/portal/activity":  "the record of an export",
		"foyer/portal/precheck":  "the verdicts",
		"foyer/sapi":             "types: a new person",
		"foyer/views":            "the paths of pages, and what several pages show",
		"foyer/views/precheck":   "the pages",
		"foyer/views/ui":         "the components of a page",
	},
	"foyer/handlers/reviews": {
		"foyer/auth":              "who asks, and what their roles allow",
		"foyer/handlers/evidence": "the archive of a review",
		"foyer/handlers/kit":      "answers",
		"foyer/handlers/wording":  "says what other pages say, too",
		"foyer/ledger":            "types: the seal of a review’s file",
		"foyer/portal":            "the rules of forms, and what use cases fail with",
		"foyer/portal/activity":   "the record of an export",
		"foyer/portal/directory":  "the company of a review",
		"foyer/portal/review":     "the reviews",
		"foyer/sapi":              "types: statuses",
		"foyer/views":             "the paths of pages, and what several pages show",
		"foyer/views/reviews":     "the pages",
		"foyer/views/ui":          "the components of a page",
	},
	"foyer/handlers/session": {
		"foyer/portal":           "what counts as one address",
		"foyer/auth":             "signs people in and out, and keeps their sessions",
		"foyer/handlers/kit":     "answers",
		"foyer/handlers/wording": "says what other pages say, too",
		"foyer/lists":            "keeps no password of a list in a form that waits",
		"foyer/portal/activity":  "records who signs in and out",
		"foyer/views":            "the paths of pages",
		"foyer/views/session":    "the pages",
		"foyer/views/ui":         "the components of a page",
	},
	"foyer/handlers/system": {
		"foyer/handlers/kit":     "answers",
		"foyer/handlers/wording": "the words of troubles",
		"foyer/ledger":           "whether this process can sign it",
		"foyer/static":           "the files under /static",
		"foyer/views":            "the page of shortcuts",
	},
	"foyer/handlers/users": {
		"foyer/safely":            "asks for the parts of a page side by side",
		"foyer/address":           "a box that shows nothing is empty",
		"foyer/auth":              "who asks, and what their roles allow",
		"foyer/handlers/evidence": "the archive of people as of a time",
		"foyer/handlers/kit":      "answers",
		"foyer/handlers/wording":  "says what other pages say, too",
		"foyer/ledger":            "types: a page of a history, events of an export",
		"foyer/lists":             "reads the list that was pasted",
		"foyer/portal":            "the rules of forms, and what use cases fail with",
		"foyer/portal/activity":   "the history of a person",
		"foyer/portal/change":     "creates people, changes their status",
		"foyer/portal/directory":  "the people",
		"foyer/portal/precheck":   "who is on Symphony already",
		"foyer/portal/review":     "why and whom a review wants disabled",
		"foyer/portal/signin":     "why somebody can’t sign in",
		"foyer/sapi":              "types: a new person, statuses",
		"foyer/views":             "the paths of pages, and what several pages show",
		"foyer/views/ui":          "the components of a page",
		"foyer/views/users":       "the pages",
	},
	"foyer/handlers/wording": {
		"foyer/address":          "domains are shown in their own letters",
		"foyer/auth":             "the actor, whose roles decide what is offered",
		"foyer/folding":          "marks in a text what a search found",
		"foyer/ledger":           "types: the events that the pages show",
		"foyer/lists":            "types: why a file is refused, its encodings",
		"foyer/portal":           "what use cases fail with",
		"foyer/portal/activity":  "an error of its own",
		"foyer/portal/bulk":      "types: bulk changes, their rows and codes",
		"foyer/portal/change":    "types: changes and their codes",
		"foyer/portal/directory": "types: companies and people",
		"foyer/portal/precheck":  "types: verdicts",
		"foyer/portal/review":    "types: reviews and decisions; whom one wants disabled",
		"foyer/portal/signin":    "types: why somebody can’t sign in",
		"foyer/sapi":             "types: statuses, states and codes of Symphony",
		"foyer/views":            "types: the fields that it fills",
		"foyer/views/ui":         "badges and other components",
	},
	"foyer/portal": {
		"foyer/address": "domains and addresses are compared in the one form",
		"foyer/sapi":    "what Symphony said; types of the rules",
		"foyer/ledger":  "a refusal is an event",
		"foyer/auth":    "every use case has an actor, and checks the permission",
	},
	"foyer/portal/activity": {
		"foyer/portal": "the permission, the errors",
		"foyer/ledger": "what is read and proven",
		"foyer/auth":   "who asks",
	},
	"foyer/portal/directory": {
		"foyer/safely":          "asks Symphony for much side by side",
		"foyer/address":         "domains and addresses are compared in the one form",
		"foyer/folding":         "searches without accents",
		"foyer/portal":          "the permission, the errors, the rules",
		"foyer/portal/activity": "proves and records what is exported",
		"foyer/ledger":          "what somebody else changed is an event",
		"foyer/sapi":            "Symphony",
		"foyer/auth":            "who asks",
	},
	"foyer/notices": {},
	"foyer/portal/bulk": {
		"foyer/address":          "the one form by which addresses of rows are compared",
		"foyer/auth":             "who asks, and what they may",
		"foyer/ledger":           "records what is started, stopped and ended",
		"foyer/lists":            "types: a list that was read, the fields of its columns",
		"foyer/portal":           "the rules of what is typed in, transactions, jobs",
		"foyer/portal/change":    "makes the calls, and finds out how they ended",
		"foyer/portal/precheck":  "who of a list is on Symphony elsewhere",
		"foyer/portal/directory": "who is where, and with which status",
		"foyer/safely":           "makes calls side by side",
		"foyer/sapi":             "types: new people, statuses, what was refused; how long Symphony asked to wait",
	},
	"foyer/portal/change": {
		"foyer/safely":           "a panic while several are stored together is nobody else's trouble",
		"foyer/address":          "domains and addresses are compared in the one form",
		"foyer/portal":           "the permission, the errors, the rules",
		"foyer/portal/directory": "reads what is changed, before and after",
		"foyer/ledger":           "no change without an intent in the ledger",
		"foyer/sapi":             "Symphony",
		"foyer/auth":             "who asks",
	},
	"foyer/portal/precheck": {
		"foyer/safely":           "asks about many side by side",
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
	"foyer/portal/signin": {
		"foyer/safely":           "asks for its reasons side by side",
		"foyer/address":          "domains are compared in the one form",
		"foyer/portal":           "the error of what may not be seen",
		"foyer/portal/change":    "whether a change of the status is settled",
		"foyer/portal/directory": "the person, their company, who changed their status last",
		"foyer/sapi":             "Symphony's public services; types: statuses and states",
		"foyer/auth":             "who asks",
	},
	"foyer/jobs": {
		"foyer/portal": "types: a job, and the transaction of its row",
	},
	"foyer/store": {
		"foyer/lists":       "types: how a list was written",
		"foyer/portal/bulk": "keeps what it needs kept",
		"foyer/folding":     "people are searched and sorted by what is easy to type",
		"foyer/portal":      "the errors of a row that is not there, the values of an event",
		"foyer/ledger":      "types that it keeps, interfaces that it implements",

		"foyer/portal/activity":  "interfaces that it implements",
		"foyer/portal/change":    "types that it keeps, interfaces that it implements",
		"foyer/portal/directory": "types that it keeps, interfaces that it implements",
		"foyer/portal/review":    "types that it keeps, interfaces that it implements",

		"foyer/auth":    "types that it keeps, interfaces that it implements",
		"foyer/sapi":    "types: the readings of Symphony that it keeps",
		"foyer/address": "people are found and erased by the one form of their address",
		"foyer/files":   "the SQLite file is made so that few may read it",
	},
	"foyer/ledger": {
		"foyer/auth":   "types: the actor of an event",
		"foyer/files":  "the key file is made so that few may read it",
		"foyer/safely": "a panic beside a verification becomes an error",
	},
	"foyer/sandbox": {
		"foyer/files": "the database is made so that few may read it",
	},
	"foyer/files":       {},
	"foyer/sandbox/idp": {},
	"foyer/views": {
		"foyer/views/ui": "the components of a page",
		"foyer/static":   "the addresses of files with their hashes",
	},
	"foyer/views/activity": {
		"foyer/views":    "the paths of pages, and what several pages show",
		"foyer/views/ui": "the components of a page",
	},
	"foyer/views/changes": {
		"foyer/views/ui": "the components of a page",
	},
	"foyer/views/bulk": {
		"foyer/views":    "the paths of pages, and what several pages show",
		"foyer/views/ui": "the components of a page",
	},
	"foyer/views/companies": {
		"foyer/views":         "the paths of pages, and what several pages show",
		"foyer/views/figures": "the pictures of numbers",
		"foyer/views/ui":      "the components of a page",
	},
	"foyer/views/figures": {
		"foyer/views/ui": "the components of a page",
	},
	"foyer/views/find": {
		"foyer/views":    "the paths of pages, and what several pages show",
		"foyer/views/ui": "the components of a page",
	},
	"foyer/views/home": {
		"foyer/views":         "the paths of pages, and what several pages show",
		"foyer/views/figures": "the pictures of numbers",
		"foyer/views/ui":      "the components of a page",
	},
	"foyer/views/people": {
		"foyer/views":    "the paths of pages, and what several pages show",
		"foyer/views/ui": "the components of a page",
	},
	"foyer/views/precheck": {
		"foyer/views":    "the paths of pages, and what several pages show",
		"foyer/views/ui": "the components of a page",
	},
	"foyer/views/reviews": {
		"foyer/views":    "the paths of pages, and what several pages show",
		"foyer/views/ui": "the components of a page",
	},
	"foyer/views/session": {
		"foyer/views":    "the paths of pages",
		"foyer/views/ui": "the components of a page",
	},
	"foyer/views/ui": {
		"foyer/address": "domains are shown in their own letters",
	},
	"foyer/views/users": {
		"foyer/views":    "the paths of pages, and what several pages show",
		"foyer/views/ui": "the components of a page",
	},
	"foyer/static": {},
	"foyer/auth": {
		"foyer/safely": "a panic beside a request becomes an error",
	},
	"foyer/witness": {
		"foyer/ledger": "the form of checkpoints and cosignatures, and who is to give them",
		"foyer/safely": "a panic beside others that are asked becomes an error",
	},
	"foyer/address": {},
	"foyer/folding": {},
	"foyer/safely":  {},
	"foyer/lists": {
		"foyer/address": "a cell that shows nothing is empty",
	},
	"foyer/sapi": {
		"foyer/safely":  "a panic while a token is fetched becomes an error",
		"foyer/address": "rows sent and answers received are matched by the one form of an address",
	},
	"foyer/e2e": {},

	"foyer/internal/arch":      {},
	"foyer/internal/testneeds": {},
	"foyer/internal/testfault": {},
	"foyer/internal/testdb": {
		"foyer/internal/testpeople": "people to measure with",
		"foyer/internal/testpg":     "Foyer's own on PostgreSQL",
		"foyer/portal/directory":    "types: people as they are kept",
		"foyer/sandbox":             "the stand-in's database",
		"foyer/sapi":                "types: companies and people",
		"foyer/store":               "Foyer's own",
	},
	"foyer/internal/testpeople": {
		"foyer/sapi": "types: a person",
	},
	"foyer/internal/testworld": {
		"foyer/portal/bulk":      "makes the use cases",
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
	{"github.com/labstack/echo", []string{"foyer/handlers/..."}, "Echo's next version is to be a change of one room"},
	{"filippo.io/torchwood", []string{"foyer/ledger", "foyer/witness"}, "the forms that others read, too, are a matter of the ledger and its witnesses"},
	{"github.com/gorilla/sessions", []string{"foyer/auth"}, "who is signed in is a matter of auth"},
	{"modernc.org/sqlite", []string{"foyer/store", "foyer/sandbox"}, "SQL is met in store, and in the stand-in"},
	{"github.com/jackc/pgx", []string{"foyer/store", "foyer/jobs", "foyer/internal/testpg"}, "SQL is met in store; jobs hands River its pool"},
	{"database/sql", []string{"foyer/store", "foyer/sandbox", "foyer/jobs", "foyer/internal/testpg", "foyer/internal/testfirst", "foyer/internal/testfault"}, "SQL is met in store; jobs hands River its handle"},
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
	all := packages(t)
	for _, p := range all {
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
			used := slices.ContainsFunc(all, func(p pkg) bool {
				return stands(p.ImportPath, from) && slices.ContainsFunc(p.Imports, func(imported string) bool { return within(imported, rule.prefix) })
			})
			if !used {
				t.Errorf("%s may import %s and doesn't: take it out", from, rule.prefix)
			}
		}
	}
}

// within tells whether a package is the module or folder, or in it.
func within(imported, prefix string) bool {
	return imported == prefix || strings.HasPrefix(imported, prefix+"/")
}

// stands tells whether a package is the one named or, where the name ends with
// "/...", is that one or beneath it.
func stands(importPath, name string) bool {
	if folder, ok := strings.CutSuffix(name, "/..."); ok {
		return within(importPath, folder)
	}
	return importPath == name
}

func TestWhatComesFromOutsideStaysInItsPlace(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			for _, rule := range outside {
				may := slices.ContainsFunc(rule.only, func(from string) bool { return stands(p.ImportPath, from) })
				if within(imported, rule.prefix) && !may {
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
