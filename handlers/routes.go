package handlers

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
)

// Two routes of the table need no permission: public ones are for everybody,
// anybody's for whoever has signed in, with or without a role.
const (
	public  auth.Permission = "public"
	anybody auth.Permission = "anybody who has signed in"
)

// route is one line of the table.
type route struct {
	method string
	path   string
	needs  auth.Permission
	handle echo.HandlerFunc

	form     string // of a POST: the page whose form it is, which comes back filled after a lost session
	fresh    bool   // of a POST: needs a sign-in of lately
	file     bool   // of a POST: its form may have a file
	fragment bool   // a part of a page: no place to return to
	poll     bool   // asked by the page itself, again and again: doesn't keep a session alive
	export   bool   // a file that goes on record as it leaves: there is no HEAD of it
	decides  bool   // what Symphony says now is what one decides by there: it is waited for
	opens    bool   // the page of a company or a person: offered again as opened lately
	budget   budget // what it takes from
	searched budget // what it takes from where its address has a text to search for
}

// startOfSignIn leads to the identity provider, which may sign somebody in without
// asking them.
const startOfSignIn = "/login/start"

// routes is the whole of Foyer's web: each path, who may, and what answers.
func (r resources) routes() []route {
	const (
		get, post = http.MethodGet, http.MethodPost

		companyForm = "/companies/new"
		domainsForm = "/companies/:id/domains"
		usersForm   = "/companies/:id/users/new"
		statusForm  = "/companies/:id/users/:uid/status"
		notesForm   = "/companies/:id/notes"
		noteForm    = "/companies/:id/users/:uid/note"
		reviewForm  = "/reviews/:id"
		cancelForm  = "/reviews/:id/cancel"

		reviewsOfCompany = "/companies/:id/reviews"

		bulkForm  = "/bulk/new"
		bulkPage  = "/bulk/:id"
		bulkRow   = "/bulk/:id/rows/:n"
		bulkStart = "/bulk/:id/start"
	)
	return []route{
		{method: get, path: "/", needs: auth.See, handle: r.home.Show},
		{method: post, path: "/symphony/ask", needs: auth.AskNow, handle: r.home.AskNow, form: "/"},

		{method: get, path: "/login", needs: public, handle: r.session.Login},
		{method: get, path: startOfSignIn, needs: public, handle: r.session.Start},
		{method: get, path: "/auth/callback", needs: public, handle: r.session.Callback},
		{method: post, path: "/auth/backchannel-logout", needs: public, handle: r.session.BackChannelLogout},
		{method: post, path: "/logout", needs: public, handle: r.session.Logout},
		{method: get, path: "/signed-out", needs: public, handle: r.session.SignedOut},
		{method: get, path: "/no-access", needs: anybody, handle: r.session.NoAccess},
		{method: get, path: "/sessions", needs: anybody, handle: r.session.List},
		{method: post, path: "/sessions/:id/end", needs: anybody, handle: r.session.End, form: "/sessions"},
		{method: post, path: "/sessions/:id/end-all", needs: auth.EndSessions, handle: r.session.EndAll, form: "/sessions"},

		{method: get, path: "/companies", needs: auth.See, handle: r.companies.List, searched: typing},
		{method: get, path: "/companies.csv", needs: auth.See, handle: r.companies.Export, fragment: true, export: true, budget: downloads},
		{method: post, path: "/companies/read", needs: auth.See, handle: r.companies.ReadAgain, form: "/companies"},
		{method: get, path: companyForm, needs: auth.Onboard, handle: r.companies.New},
		{method: post, path: "/companies/check", needs: auth.Onboard, handle: r.companies.Check, form: companyForm},
		{method: post, path: "/companies", needs: auth.Onboard, handle: r.companies.Create, form: companyForm},
		{method: get, path: "/companies/:id", needs: auth.See, handle: r.companies.Show, opens: true},
		{method: get, path: "/companies/:id/progress", needs: auth.See, handle: r.companies.Progress, fragment: true, poll: true},
		{method: get, path: "/companies/:id/history", needs: auth.SeeHistory, handle: r.companies.History},

		{method: get, path: domainsForm, needs: auth.Onboard, handle: r.companies.NewDomains},
		{method: post, path: "/companies/:id/domains/check", needs: auth.Onboard, handle: r.companies.CheckDomains, form: domainsForm},
		{method: post, path: "/companies/:id/domains", needs: auth.Onboard, handle: r.companies.AddDomains, form: domainsForm},

		{method: get, path: notesForm, needs: auth.Onboard, handle: r.companies.EditNotes},
		{method: post, path: notesForm, needs: auth.Onboard, handle: r.companies.SaveNotes, form: notesForm},

		{method: get, path: "/people", needs: auth.See, handle: r.people.Everybody, searched: typing},
		{method: get, path: "/people.csv", needs: auth.See, handle: r.people.CSV, fragment: true, export: true, budget: downloads},
		{method: get, path: "/people.jsonl", needs: auth.See, handle: r.people.Lines, fragment: true, export: true, budget: downloads},
		{method: get, path: "/people/values", needs: auth.See, handle: r.people.Values, fragment: true, budget: typing},
		{method: get, path: "/people/reading", needs: auth.See, handle: r.people.Reading, fragment: true, poll: true},
		{method: post, path: "/people/selected.csv", needs: auth.See, handle: r.people.SelectedCSV, form: "/people", budget: downloads},
		{method: post, path: "/people/emails", needs: auth.See, handle: r.people.Emails, form: "/people", budget: downloads},
		{method: post, path: "/people/filters", needs: auth.See, handle: r.people.SaveFilter, form: "/people"},
		{method: post, path: "/people/filters/:id/delete", needs: auth.See, handle: r.people.DeleteFilter, form: "/people"},

		{method: get, path: "/companies/:id/users", needs: auth.See, handle: r.companyPeople, searched: typing},
		{method: get, path: "/companies/:id/users.csv", needs: auth.See, handle: r.people.CompanyCSV, fragment: true, export: true, budget: downloads},
		{method: get, path: "/companies/:id/users.jsonl", needs: auth.See, handle: r.people.CompanyLines, fragment: true, export: true, budget: downloads},
		{method: post, path: "/companies/:id/users/read", needs: auth.See, handle: r.people.ReadAgain, form: "/companies/:id/users"},
		{method: get, path: "/companies/:id/users/at.csv", needs: auth.SeeActivity, handle: r.users.ExportAt, fragment: true, export: true, budget: downloads},
		{method: get, path: "/companies/:id/users/at.zip", needs: auth.SeeActivity, handle: r.users.ExportAtProven, fragment: true, export: true, budget: downloads},
		{method: get, path: "/companies/:id/users/statuses", needs: auth.See, handle: r.people.Statuses, fragment: true, poll: true},
		{method: get, path: "/companies/:id/users/counts", needs: auth.See, handle: r.people.Counts, fragment: true, poll: true, searched: typing},
		{method: post, path: "/companies/:id/users/statuses", needs: auth.See, handle: r.users.ReadStatuses, form: "/companies/:id/users"},
		{method: get, path: usersForm, needs: auth.Onboard, handle: r.users.New},
		{method: post, path: "/companies/:id/users/check", needs: auth.Onboard, handle: r.users.Check, form: usersForm},
		{method: post, path: "/companies/:id/users", needs: auth.Onboard, handle: r.users.Create, form: usersForm},
		{method: get, path: "/companies/:id/users/:uid", needs: auth.See, handle: r.users.Show, opens: true},
		{method: get, path: "/companies/:id/users/:uid/sign-in", needs: auth.See, handle: r.users.SignIn, decides: true, budget: searches},
		{method: get, path: "/companies/:id/users/:uid/history", needs: auth.SeeHistory, handle: r.users.History},
		{method: get, path: statusForm, needs: auth.ChangeStatus, handle: r.users.EditStatus, decides: true},
		{method: post, path: statusForm, needs: auth.ChangeStatus, handle: r.users.UpdateStatus, form: statusForm},
		{method: get, path: noteForm, needs: auth.ChangeStatus, handle: r.users.EditNote},
		{method: post, path: noteForm, needs: auth.ChangeStatus, handle: r.users.SaveNote, form: noteForm},

		{method: get, path: "/changes/:id", needs: auth.SeeHistory, handle: r.changes.Show},
		{method: get, path: "/changes/:id/progress", needs: auth.SeeHistory, handle: r.changes.Progress, fragment: true, poll: true},

		{method: get, path: "/precheck", needs: auth.See, handle: r.precheck.Show, decides: true},
		{method: post, path: "/precheck", needs: auth.See, handle: r.precheck.Ask, form: "/precheck", budget: searches},
		{method: post, path: "/precheck.csv", needs: auth.See, handle: r.precheck.Export, form: "/precheck", budget: searches},

		{method: get, path: "/find", needs: auth.See, handle: r.find.Show, decides: true, budget: searches},
		{method: post, path: "/find", needs: auth.See, handle: r.find.Look, form: "/find", budget: searches},
		{method: get, path: "/find/suggest", needs: auth.See, handle: r.find.Suggest, fragment: true, poll: true, budget: typing},
		{method: get, path: "/find/filling", needs: auth.See, handle: r.find.Filling, fragment: true, poll: true},

		{method: get, path: "/audit", needs: auth.SeeActivity, handle: r.activity.List, searched: typing},
		{method: get, path: "/audit.csv", needs: auth.SeeActivity, handle: r.activity.Export, fragment: true, export: true, budget: downloads},
		{method: get, path: "/audit.zip", needs: auth.SeeActivity, handle: r.activity.ExportProven, fragment: true, export: true, budget: downloads},
		{method: get, path: "/audit/checkpoint.txt", needs: auth.SeeActivity, handle: r.activity.Checkpoint, fragment: true},
		{method: get, path: "/audit/:seq/proof.json", needs: auth.SeeActivity, handle: r.activity.Proof, fragment: true, export: true, budget: downloads},
		{method: get, path: "/audit/:seq/proof.tlog-proof", needs: auth.SeeActivity, handle: r.activity.TLogProof, fragment: true, export: true, budget: downloads},
		{method: get, path: "/audit/:seq", needs: auth.SeeActivity, handle: r.activity.Show},

		{method: get, path: "/reviews", needs: auth.Review, handle: r.reviews.All},
		{method: get, path: reviewsOfCompany, needs: auth.Review, handle: r.reviews.List},
		{method: post, path: reviewsOfCompany, needs: auth.Review, handle: r.reviews.Create, form: reviewsOfCompany},
		{method: get, path: reviewForm, needs: auth.Review, handle: r.reviews.Show},
		{method: get, path: "/reviews/:id/progress", needs: auth.Review, handle: r.reviews.Progress, fragment: true, poll: true},
		{method: post, path: "/reviews/:id/decisions", needs: auth.Review, handle: r.reviews.Decide, form: reviewForm},
		{method: post, path: "/reviews/:id/people/:uid", needs: auth.Review, handle: r.reviews.DecideOne, form: reviewForm},
		{method: get, path: "/reviews/:id/finish", needs: auth.Review, handle: r.reviews.AskFinish},
		{method: post, path: "/reviews/:id/finish", needs: auth.Review, handle: r.reviews.Finish, form: "/reviews/:id/finish", fresh: true},
		{method: get, path: cancelForm, needs: auth.Review, handle: r.reviews.AskCancel},
		{method: post, path: cancelForm, needs: auth.Review, handle: r.reviews.Cancel, form: cancelForm},
		{method: get, path: "/reviews/:id/export.csv", needs: auth.Review, handle: r.reviews.Export, fragment: true, export: true, budget: downloads},
		{method: get, path: "/reviews/:id/export.zip", needs: auth.Review, handle: r.reviews.ExportProven, fragment: true, export: true, budget: downloads},
		{method: get, path: "/reviews/:id/to-disable", needs: auth.ChangeStatus, handle: r.reviews.ToDisable},

		{method: get, path: "/bulk", needs: auth.SeeHistory, handle: r.bulk.List},
		{method: get, path: bulkForm, needs: auth.ChangeStatus, handle: r.bulk.New},
		{method: post, path: "/bulk", needs: auth.ChangeStatus, handle: r.bulk.Create, form: bulkForm, file: true, budget: uploads},
		{method: post, path: "/bulk/selected", needs: auth.ChangeStatus, handle: r.bulkSelected, form: "/people", budget: uploads},
		{method: get, path: "/bulk/template.csv", needs: auth.ChangeStatus, handle: r.bulk.TemplateCSV, fragment: true},
		{method: get, path: "/bulk/template.xlsx", needs: auth.ChangeStatus, handle: r.bulk.TemplateXLSX, fragment: true},
		{method: get, path: "/bulk/example.csv", needs: auth.ChangeStatus, handle: r.bulk.ExampleCSV, fragment: true},
		{method: get, path: "/bulk/example.xlsx", needs: auth.ChangeStatus, handle: r.bulk.ExampleXLSX, fragment: true},
		{method: get, path: bulkPage, needs: auth.SeeHistory, handle: r.bulk.Show},
		{method: get, path: "/bulk/:id/progress", needs: auth.SeeHistory, handle: r.bulk.Progress, fragment: true, poll: true},
		{method: post, path: "/bulk/:id/list", needs: auth.ChangeStatus, handle: r.bulk.Replace, form: bulkPage, file: true, budget: uploads},
		{method: post, path: "/bulk/:id/columns", needs: auth.ChangeStatus, handle: r.bulk.Map, form: bulkPage},
		{method: post, path: "/bulk/:id/letters", needs: auth.ChangeStatus, handle: r.bulk.LettersAreRight, form: bulkPage},
		{method: get, path: bulkRow, needs: auth.ChangeStatus, handle: r.bulk.EditRow},
		{method: post, path: bulkRow, needs: auth.ChangeStatus, handle: r.bulk.SaveRow, form: bulkRow},
		{method: post, path: "/bulk/:id/mend", needs: auth.ChangeStatus, handle: r.bulk.Mend, form: bulkPage},
		{method: post, path: "/bulk/:id/domain", needs: auth.Onboard, handle: r.bulk.ChangeDomain, form: bulkPage},
		{method: post, path: "/bulk/:id/decisions", needs: auth.ChangeStatus, handle: r.bulk.Decide, form: bulkPage},
		{method: post, path: "/bulk/:id/disabled", needs: auth.ChangeStatus, handle: r.bulk.EnableDisabled, form: bulkPage},
		{method: post, path: "/bulk/:id/check", needs: auth.ChangeStatus, handle: r.bulk.CheckAgain, form: bulkPage},
		{method: get, path: "/bulk/:id/precheck", needs: auth.SeeHistory, handle: r.bulk.Precheck, fragment: true, poll: true},
		{method: post, path: "/bulk/:id/precheck", needs: auth.ChangeStatus, handle: r.bulk.AskPrecheck, form: bulkPage, budget: searches},
		{method: get, path: bulkStart, needs: auth.ChangeStatus, handle: r.bulk.AskStart},
		{method: post, path: bulkStart, needs: auth.ChangeStatus, handle: r.bulk.Start, form: bulkStart},
		{method: post, path: "/bulk/:id/start/typed", needs: auth.ChangeStatus, handle: r.bulk.StartTyped, form: bulkStart, fresh: true},
		{method: post, path: "/bulk/:id/pause", needs: auth.ChangeStatus, handle: r.bulk.Pause, form: bulkPage},
		{method: post, path: "/bulk/:id/resume", needs: auth.ChangeStatus, handle: r.bulk.Resume, form: bulkPage},
		{method: post, path: "/bulk/:id/stop", needs: auth.ChangeStatus, handle: r.bulk.Stop, form: bulkPage},
		{method: post, path: "/bulk/:id/takeback", needs: auth.ChangeStatus, handle: r.bulk.TakeBack, form: bulkPage},
		{method: post, path: "/bulk/:id/discard", needs: auth.ChangeStatus, handle: r.bulk.Discard, form: bulkPage},
		{method: post, path: "/bulk/:id/again", needs: auth.ChangeStatus, handle: r.bulk.Again, form: bulkPage},
		{method: post, path: "/bulk/:id/undo", needs: auth.ChangeStatus, handle: r.bulk.Undo, form: bulkPage},
		{method: get, path: "/bulk/:id/result.csv", needs: auth.SeeHistory, handle: r.bulk.ResultCSV, fragment: true, export: true, budget: downloads},
		{method: get, path: "/bulk/:id/result.xlsx", needs: auth.SeeHistory, handle: r.bulk.ResultXLSX, fragment: true, export: true, budget: downloads},

		{method: get, path: "/shortcuts", needs: public, handle: r.system.Shortcuts},
		{method: get, path: "/healthz", needs: public, handle: r.system.Alive},
		{method: get, path: "/readyz", needs: public, handle: r.system.Ready},
		{method: post, path: "/csp-report", needs: public, handle: r.system.CSPReport},
		{method: get, path: "/static/*", needs: public, handle: r.system.Static},
		{method: get, path: "/favicon.ico", needs: public, handle: r.system.Favicon},
	}
}

// register adds a route behind its session and permission, and HEAD beside GET, unless
// the file would be made, and put on record, for nobody.
func (s *server) register(r route) {
	if r.opens {
		r.handle = s.find.Opening(r.handle)
	}
	s.echo.Add(r.method, r.path, r.handle, s.authorise(r))
	switch {
	case r.method != http.MethodGet:
	case r.export:
		s.echo.Add(http.MethodHead, r.path, s.refuseUnrouted, s.authorise(unrouted))
	default:
		s.echo.Add(http.MethodHead, r.path, r.handle, s.authorise(r))
	}
}

// unrouted is what is in the table's place for a request that it has no line for.
var unrouted = route{needs: public, poll: true}

// refuseUnrouted answers what no route does: a path of the table with another method,
// or something that isn't there.
func (s *server) refuseUnrouted(c echo.Context) error {
	if allowed := s.allowedMethods(c.Request().URL.Path); len(allowed) > 0 {
		c.Response().Header().Set(echo.HeaderAllow, strings.Join(allowed, ", "))
		return echo.ErrMethodNotAllowed
	}
	return echo.ErrNotFound
}

// allowedMethods are the methods that the table has for a path, in alphabetical order.
func (s *server) allowedMethods(path string) []string {
	var methods []string
	for _, r := range s.routes() {
		if !matchesPattern(r.path, path) {
			continue
		}
		methods = append(methods, r.method)
		if r.method == http.MethodGet && !r.export {
			methods = append(methods, http.MethodHead)
		}
	}
	slices.Sort(methods)
	return slices.Compact(methods)
}

// methodLabel is a request's method as metrics and logs name it: one of the known
// ones, because anybody can invent others without end.
func methodLabel(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace, http.MethodConnect:
		return r.Method
	}
	return "other"
}

// AllowedReturn says whether sign-in may go on at a path: a page of the table
// that makes sense on its own.
func AllowedReturn(path string) bool {
	_, found := pageAt(path)
	return found
}

// pageAt says which permission the page of the table with this path needs, empty for
// none; found is false where there is no page that makes sense on its own.
func pageAt(path string) (needs auth.Permission, found bool) {
	for _, r := range new(resources).routes() {
		if r.method == http.MethodGet && r.needs != public && !r.fragment && matchesPattern(r.path, path) {
			if r.needs == anybody {
				return "", true
			}
			return r.needs, true
		}
	}
	return "", false
}

func matchesPattern(pattern, path string) bool {
	if folder, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(path, folder)
	}
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if strings.HasPrefix(want[i], ":") && kit.IsID(got[i]) {
			continue
		}
		if want[i] != got[i] {
			return false
		}
	}
	return true
}
