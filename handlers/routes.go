package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/auth"
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
	fragment bool   // a part of a page: no place to return to
	poll     bool   // asked by the page itself, again and again: doesn't keep a session alive
	export   bool   // a file that goes on record as it leaves: there is no HEAD of it
}

// routes is the whole of Foyer's web: each path, who may, and what answers.
func (r resources) routes() []route {
	const (
		get, post = http.MethodGet, http.MethodPost

		companyForm = "/companies/new"
		domainsForm = "/companies/:id/domains"
		usersForm   = "/companies/:id/users/new"
		statusForm  = "/companies/:id/users/:uid/status"
		reviewForm  = "/reviews/:id"
		cancelForm  = "/reviews/:id/cancel"

		reviewsOfCompany = "/companies/:id/reviews"
	)
	return []route{
		{method: get, path: "/", needs: auth.See, handle: r.home.show},

		{method: get, path: "/login", needs: public, handle: r.session.login},
		{method: get, path: "/login/start", needs: public, handle: r.session.start},
		{method: get, path: "/auth/callback", needs: public, handle: r.session.callback},
		{method: post, path: "/logout", needs: public, handle: r.session.logout},
		{method: get, path: "/signed-out", needs: public, handle: r.session.signedOut},
		{method: get, path: "/no-access", needs: anybody, handle: r.session.noAccess},
		{method: get, path: "/sessions", needs: anybody, handle: r.session.list},
		{method: post, path: "/sessions/:id/end", needs: anybody, handle: r.session.end, form: "/sessions"},

		{method: get, path: "/companies", needs: auth.See, handle: r.companies.list},
		{method: get, path: "/companies.csv", needs: auth.See, handle: r.companies.export, fragment: true, export: true},
		{method: post, path: "/companies/read", needs: auth.See, handle: r.companies.readAgain, form: "/companies"},
		{method: get, path: companyForm, needs: auth.Onboard, handle: r.companies.new},
		{method: post, path: "/companies/check", needs: auth.Onboard, handle: r.companies.check, form: companyForm},
		{method: post, path: "/companies", needs: auth.Onboard, handle: r.companies.create, form: companyForm},
		{method: get, path: "/companies/:id", needs: auth.See, handle: r.companies.show},
		{method: get, path: "/companies/:id/progress", needs: auth.See, handle: r.companies.progress, fragment: true, poll: true},
		{method: get, path: "/companies/:id/history", needs: auth.SeeHistory, handle: r.companies.history},

		{method: get, path: domainsForm, needs: auth.Onboard, handle: r.companies.newDomains},
		{method: post, path: "/companies/:id/domains/check", needs: auth.Onboard, handle: r.companies.checkDomains, form: domainsForm},
		{method: post, path: "/companies/:id/domains", needs: auth.Onboard, handle: r.companies.addDomains, form: domainsForm},

		{method: get, path: "/companies/:id/users", needs: auth.See, handle: r.users.list},
		{method: get, path: "/companies/:id/users/at.csv", needs: auth.SeeActivity, handle: r.users.exportAt, fragment: true, export: true},
		{method: get, path: "/companies/:id/users/at.zip", needs: auth.SeeActivity, handle: r.users.exportAtProven, fragment: true, export: true},
		{method: get, path: "/companies/:id/users/statuses", needs: auth.See, handle: r.users.statuses, fragment: true, poll: true},
		{method: post, path: "/companies/:id/users/statuses", needs: auth.See, handle: r.users.readStatuses, form: "/companies/:id/users"},
		{method: get, path: usersForm, needs: auth.Onboard, handle: r.users.new},
		{method: post, path: "/companies/:id/users/check", needs: auth.Onboard, handle: r.users.check, form: usersForm},
		{method: post, path: "/companies/:id/users", needs: auth.Onboard, handle: r.users.create, form: usersForm},
		{method: get, path: "/companies/:id/users/:uid", needs: auth.See, handle: r.users.show},
		{method: get, path: "/companies/:id/users/:uid/history", needs: auth.SeeHistory, handle: r.users.history},
		{method: get, path: statusForm, needs: auth.ChangeStatus, handle: r.users.editStatus},
		{method: post, path: statusForm, needs: auth.ChangeStatus, handle: r.users.updateStatus, form: statusForm},

		{method: get, path: "/changes/:id", needs: auth.SeeHistory, handle: r.changes.show},
		{method: get, path: "/changes/:id/progress", needs: auth.SeeHistory, handle: r.changes.progress, fragment: true, poll: true},

		{method: get, path: "/precheck", needs: auth.See, handle: r.precheck.show},
		{method: post, path: "/precheck", needs: auth.See, handle: r.precheck.ask, form: "/precheck"},
		{method: post, path: "/precheck.csv", needs: auth.See, handle: r.precheck.export, form: "/precheck"},

		{method: get, path: "/find", needs: auth.See, handle: r.find.show},

		{method: get, path: "/audit", needs: auth.SeeActivity, handle: r.activity.list},
		{method: get, path: "/audit.csv", needs: auth.SeeActivity, handle: r.activity.export, fragment: true, export: true},
		{method: get, path: "/audit.zip", needs: auth.SeeActivity, handle: r.activity.exportProven, fragment: true, export: true},
		{method: get, path: "/audit/checkpoint.txt", needs: auth.SeeActivity, handle: r.activity.checkpoint, fragment: true},
		{method: get, path: "/audit/:seq/proof.json", needs: auth.SeeActivity, handle: r.activity.proof, fragment: true, export: true},
		{method: get, path: "/audit/:seq", needs: auth.SeeActivity, handle: r.activity.show},

		{method: get, path: "/reviews", needs: auth.Review, handle: r.reviews.all},
		{method: get, path: reviewsOfCompany, needs: auth.Review, handle: r.reviews.list},
		{method: post, path: reviewsOfCompany, needs: auth.Review, handle: r.reviews.create, form: reviewsOfCompany},
		{method: get, path: reviewForm, needs: auth.Review, handle: r.reviews.show},
		{method: get, path: "/reviews/:id/progress", needs: auth.Review, handle: r.reviews.progress, fragment: true, poll: true},
		{method: post, path: "/reviews/:id/decisions", needs: auth.Review, handle: r.reviews.decide, form: reviewForm},
		{method: post, path: "/reviews/:id/people/:uid", needs: auth.Review, handle: r.reviews.decideOne, form: reviewForm},
		{method: get, path: "/reviews/:id/finish", needs: auth.Review, handle: r.reviews.askFinish},
		{method: post, path: "/reviews/:id/finish", needs: auth.Review, handle: r.reviews.finish, form: "/reviews/:id/finish"},
		{method: get, path: cancelForm, needs: auth.Review, handle: r.reviews.askCancel},
		{method: post, path: cancelForm, needs: auth.Review, handle: r.reviews.cancel, form: cancelForm},
		{method: get, path: "/reviews/:id/export.csv", needs: auth.Review, handle: r.reviews.export, fragment: true, export: true},
		{method: get, path: "/reviews/:id/export.zip", needs: auth.Review, handle: r.reviews.exportProven, fragment: true, export: true},
		{method: get, path: "/reviews/:id/to-disable", needs: auth.ChangeStatus, handle: r.reviews.toDisable},

		{method: get, path: "/shortcuts", needs: public, handle: r.system.shortcuts},
		{method: get, path: "/healthz", needs: public, handle: r.system.alive},
		{method: get, path: "/readyz", needs: public, handle: r.system.isReady},
		{method: post, path: "/csp-report", needs: public, handle: r.system.cspReport},
		{method: get, path: "/static/*", needs: public, handle: r.system.static},
		{method: get, path: "/favicon.ico", needs: public, handle: r.system.favicon},
	}
}

// register adds a route, and HEAD beside GET, behind its session and
// permission. Echo itself answers 405 to any other method.
func (s *server) register(r route) {
	s.echo.Add(r.method, r.path, r.handle, s.authorise(r))
	if r.method != http.MethodGet {
		return
	}
	if r.export {
		r.handle = onlyGet
	}
	s.echo.Add(http.MethodHead, r.path, r.handle, s.authorise(r))
}

// onlyGet refuses HEAD where the file would be made, and put on record, for nobody.
func onlyGet(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderAllow, http.MethodGet)
	return echo.ErrMethodNotAllowed
}

// AllowedReturn says whether sign-in may go on at a path: a page of the table
// that makes sense on its own.
func AllowedReturn(path string) bool {
	for _, r := range new(resources).routes() {
		if r.method == http.MethodGet && r.needs != public && !r.fragment && matchesPattern(r.path, path) {
			return true
		}
	}
	return false
}

func matchesPattern(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if strings.HasPrefix(want[i], ":") && got[i] != "" {
			continue
		}
		if want[i] != got[i] {
			return false
		}
	}
	return true
}
