package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/lists"
	pages "foyer/views/session"
	"foyer/views/ui"
)

// Login handles GET /login: the page that leads to the identity provider.
func (h *Handlers) Login(c echo.Context) error {
	if signedIn := kit.Session(c); signedIn != nil {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	return h.signInPage(c, http.StatusOK, startHref(c.QueryParam("return_to")), "")
}

func (h *Handlers) signInPage(c echo.Context, status int, href, notice string) error {
	page := pages.SignInPage{StartHref: href, Notice: notice}
	for _, p := range h.Demo {
		page.Demo = append(page.Demo, pages.DemoPerson{Name: p.Name, Role: p.Role})
	}
	return h.Render(c, status, "Sign in", "", pages.SignIn(page))
}

func startHref(returnTo string) string {
	if returnTo == "" {
		return "/login/start"
	}
	return "/login/start?return_to=" + url.QueryEscape(returnTo)
}

// Start handles GET /login/start: the way to the identity provider. It is a
// link and not a form, because the Content-Security-Policy keeps forms from
// leading to another site.
func (h *Handlers) Start(c echo.Context) error {
	if err := h.limitSignIns(c); err != nil {
		return err
	}
	authURL, err := h.OIDC.Start(c.Response(), c.Request(), auth.Resume{ReturnTo: c.QueryParam("return_to")})
	if err != nil {
		return h.signInRefused(c, err)
	}
	return c.Redirect(http.StatusSeeOther, authURL)
}

// Callback handles GET /auth/callback: the return from the identity provider.
func (h *Handlers) Callback(c echo.Context) error {
	if err := h.limitSignIns(c); err != nil {
		return err
	}
	identity, resume, err := h.OIDC.Finish(c.Response(), c.Request())
	if err != nil {
		return h.signInRefused(c, err)
	}

	// The ledger comes first: nobody has a session that it doesn't know of.
	a := kit.Actor(c)
	a.Issuer, a.Subject = identity.Person.Issuer, identity.Person.Subject
	a.Name, a.Email, a.Roles = identity.Person.Name, identity.Person.Email, identity.Person.Roles
	if err := h.Activity.SignedIn(c.Request().Context(), a); err != nil {
		return err
	}
	if _, err := h.Sessions.Begin(c.Response(), c.Request(), identity, resume.Draft); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	if len(identity.Person.Roles) == 0 {
		return c.Redirect(http.StatusSeeOther, "/no-access")
	}
	return c.Redirect(http.StatusSeeOther, resume.ReturnTo)
}

// signInRefused records why a sign-in failed and shows it with a way to try
// again.
func (h *Handlers) signInRefused(c echo.Context, err error) error {
	refused, ok := errors.AsType[*auth.SignInError](err)
	if !ok {
		return fmt.Errorf("sign in: %w", err)
	}
	h.Logger.WarnContext(c.Request().Context(), "sign-in refused", "request", kit.RequestID(c), "reason", refused.Reason, "error", err)
	if err := h.Activity.SignInRefused(c.Request().Context(), kit.Actor(c), string(refused.Reason)); err != nil {
		return err
	}
	status, words := refusedWords(refused)
	return h.signInPage(c, status, "/login/start", words)
}

// refusedWords is what people are told of each way in which a sign-in fails.
func refusedWords(e *auth.SignInError) (status int, words string) {
	switch e.Reason {
	case auth.ReasonState, auth.ReasonBrowser:
		return http.StatusBadRequest, "This sign-in was begun too long ago, in another browser, or was used already. Begin again."
	case auth.ReasonDenied:
		return http.StatusBadRequest, "Your organisation’s sign-in service turned the request down. Begin again, or ask whoever manages access."
	case auth.ReasonUnavailable:
		return http.StatusBadGateway, "Your organisation’s sign-in service doesn’t answer. People who are signed in can go on working. Try again in a moment."
	case auth.ReasonStore:
		return http.StatusServiceUnavailable, "Foyer’s own store doesn’t answer. Try again in a moment."
	case auth.ReasonRequest, auth.ReasonIssuer, auth.ReasonCode, auth.ReasonToken, auth.ReasonNonce, auth.ReasonClaims:
	}
	return http.StatusBadRequest, "The answer of your organisation’s sign-in service could not be trusted. Begin again. If it happens again, tell whoever runs Foyer."
}

// NoAccess handles GET /no-access: somebody signed in who has no role.
func (h *Handlers) NoAccess(c echo.Context) error {
	signedIn := kit.Session(c)
	if len(signedIn.Person.Roles) > 0 {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	page := pages.NoAccessPage{Name: signedIn.Person.Name, Email: signedIn.Person.Email, Reference: kit.RequestID(c)}
	return h.Render(c, http.StatusForbidden, "No access", "", pages.NoAccess(page))
}

// AskToSignIn answers a request without a session: a page leads to sign-in and
// back; a form is kept and comes back filled on formPage, its own page, and is
// never sent by itself. A fragment of a page is no place to come back to.
func (h *Handlers) AskToSignIn(c echo.Context, formPage string, fragment bool) error {
	if c.Request().Method != http.MethodPost {
		if fragment {
			return h.signInPage(c, http.StatusUnauthorized, "/login/start", "")
		}
		return c.Redirect(http.StatusSeeOther, "/login?return_to="+url.QueryEscape(c.Request().URL.RequestURI()))
	}
	if err := h.limitSignIns(c); err != nil {
		return err
	}
	resume := auth.Resume{ReturnTo: formPage}
	if h.Sessions.HasCookie(c.Request()) {
		values := c.Request().PostForm
		values.Del(ui.FormTokenField)
		for _, box := range []string{"paste", "email"} { // in which people paste lists
			if values.Has(box) {
				values.Set(box, lists.WithoutPasswords(values.Get(box)))
			}
		}
		kept, err := json.Marshal(kit.Draft{Page: resume.ReturnTo, Values: values})
		if err == nil && len(kept) <= auth.MaxDraft {
			resume.Draft = kept
		}
	}
	authURL, err := h.OIDC.Start(c.Response(), c.Request(), resume)
	if err != nil {
		return h.signInRefused(c, err)
	}
	notice := "Your session ended before this was sent. Nothing was changed."
	if resume.Draft != nil {
		notice += " Sign in again and the form comes back as you filled it, for you to check and send."
	}
	return h.signInPage(c, http.StatusUnauthorized, authURL, notice)
}
