package users

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/signin"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
	pages "foyer/views/users"
)

// SignIn handles GET /companies/:id/users/:uid/sign-in: why somebody can't sign in.
func (h *Handlers) SignIn(c echo.Context) error {
	a, now := kit.Actor(c), h.Now()
	facts, err := h.Signin.Find(c.Request().Context(), a, kit.CompanyID(c), kit.UserID(c))
	if err != nil {
		return err
	}
	diagnosis := signin.Diagnose(facts)
	view := newSignInPage(diagnosis, facts, a, now)
	view.Ticket = wording.SignInTicket(diagnosis, facts, wording.ActorName(a, false), h.Environment.Word(), kit.RequestID(c), now)
	return h.Render(c, http.StatusOK, view.Title(), "companies", pages.SignIn(view))
}

func newSignInPage(d signin.Diagnosis, f signin.Facts, a auth.Actor, now time.Time) pages.SignInPage {
	u := f.User
	result, words, next := wording.SignInCause(d, f)
	cause := wording.SignInResult(result)
	cause.Word += ":"
	view := pages.SignInPage{
		Name: portal.UserName(u.User), CompanyID: u.CompanyID, CompanyName: u.Company.Name,
		UserHref: views.UserPath(u.CompanyID, u.ID), Href: views.SignInPath(u.CompanyID, u.ID),
		Cause: cause, Words: words, Next: next, Say: wording.SignInSay(d, f), Now: now,
	}
	if result == signin.Why && u.Status == sapi.StatusDisabled {
		view.Actions = []ui.ButtonProps{statusWay(u, a)}
	}
	for _, c := range d.Checks {
		check := pages.SignInCheck{Subject: wording.SignInSubject(c.Subject), Result: wording.SignInResult(c.Result), Words: wording.SignInFinding(c, f)}
		check.From, check.At = wording.SignInSource(c, f)
		if c.Subject == signin.LastChange {
			check.Href, check.Reason, check.Ticket = wording.MomentHref(f.Last), f.Last.Asked.Reason, f.Last.Asked.Ticket
		}
		if c.Code == signin.URLKnown && strings.HasPrefix(f.Company.PublicURL, "https://") {
			check.Copy = f.Company.PublicURL
		}
		view.Checks = append(view.Checks, check)
	}
	return view
}
