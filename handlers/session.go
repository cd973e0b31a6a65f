package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"foyer/auth"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/views"
	"foyer/views/ui"
)

// session has the handlers of signing in, signing out, and the sessions page.
type session struct {
	*Kit
	Activity *activity.Activity
	OIDC     *auth.OIDC
	Demo     []DemoPerson                // whom one can sign in as; empty outside the sandbox
	SignIns  middleware.RateLimiterStore // how many sign-ins an address may begin
}

// login handles GET /login: the page that leads to the identity provider.
func (h *session) login(c echo.Context) error {
	if signedIn := currentSession(c); signedIn != nil {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	return h.signInPage(c, http.StatusOK, startHref(c.QueryParam("return_to")), "")
}

func (h *session) signInPage(c echo.Context, status int, href, notice string) error {
	page := views.SignInPage{StartHref: href, Notice: notice}
	for _, p := range h.Demo {
		page.Demo = append(page.Demo, views.DemoPerson{Name: p.Name, Role: p.Role})
	}
	return h.render(c, status, "Sign in", "", views.SignIn(page))
}

func startHref(returnTo string) string {
	if returnTo == "" {
		return "/login/start"
	}
	return "/login/start?return_to=" + url.QueryEscape(returnTo)
}

// start handles GET /login/start: the way to the identity provider. It is a
// link and not a form, because the Content-Security-Policy keeps forms from
// leading to another site.
func (h *session) start(c echo.Context) error {
	if err := h.limitSignIns(c); err != nil {
		return err
	}
	authURL, err := h.OIDC.Start(c.Response(), c.Request(), auth.Resume{ReturnTo: c.QueryParam("return_to")})
	if err != nil {
		return h.signInRefused(c, err)
	}
	return c.Redirect(http.StatusSeeOther, authURL)
}

// callback handles GET /auth/callback: the return from the identity provider.
func (h *session) callback(c echo.Context) error {
	if err := h.limitSignIns(c); err != nil {
		return err
	}
	identity, resume, err := h.OIDC.Finish(c.Response(), c.Request())
	if err != nil {
		return h.signInRefused(c, err)
	}

	// The ledger comes first: nobody has a session that it doesn't know of.
	a := actor(c)
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
func (h *session) signInRefused(c echo.Context, err error) error {
	refused, ok := errors.AsType[*auth.SignInError](err)
	if !ok {
		return fmt.Errorf("sign in: %w", err)
	}
	h.Logger.WarnContext(c.Request().Context(), "sign-in refused", "request", requestID(c), "reason", refused.Reason, "error", err)
	if err := h.Activity.SignInRefused(c.Request().Context(), actor(c), string(refused.Reason)); err != nil {
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

// logout handles POST /logout: the session ends here, and at the identity
// provider when it offers that.
func (h *session) logout(c echo.Context) error {
	if currentSession(c) != nil {
		if err := h.Activity.SignedOut(c.Request().Context(), actor(c)); err != nil {
			h.Logger.ErrorContext(c.Request().Context(), "sign-out not recorded", "request", requestID(c), "error", err)
		}
	}
	if err := h.Sessions.End(c.Response(), c.Request()); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	c.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	// The form's redirect may not leave Foyer, so the page has a link that does.
	return c.Redirect(http.StatusSeeOther, "/signed-out")
}

// signedOut handles GET /signed-out.
func (h *session) signedOut(c echo.Context) error {
	page := views.SignedOutPage{ProviderHref: h.OIDC.LogoutURL(c.Request().Context())}
	return h.render(c, http.StatusOK, "Signed out", "", views.SignedOut(page))
}

// noAccess handles GET /no-access: somebody signed in who has no role.
func (h *session) noAccess(c echo.Context) error {
	signedIn := currentSession(c)
	if len(signedIn.Person.Roles) > 0 {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	page := views.NoAccessPage{Name: signedIn.Person.Name, Email: signedIn.Person.Email, Reference: requestID(c)}
	return h.render(c, http.StatusForbidden, "No access", "", views.NoAccess(page))
}

// list handles GET /sessions: one's own, and everybody's for who may end them.
func (h *session) list(c echo.Context) error {
	own := currentSession(c)
	all, err := h.Sessions.List(c.Request().Context())
	if err != nil {
		return err
	}
	page := views.SessionsPage{Now: h.Now(), Everyone: own.Person.Roles.Can(auth.EndSessions)}
	for _, s := range all {
		mine := s.Person.Issuer == own.Person.Issuer && s.Person.Subject == own.Person.Subject
		if !mine && !page.Everyone {
			continue
		}
		page.Rows = append(page.Rows, views.SessionRow{
			ID: s.ID, Name: s.Person.Name, Email: s.Person.Email, Role: s.Person.Roles.String(),
			Address: s.Address, Browser: browserName(s.UserAgent), UserAgent: s.UserAgent, BeganAt: s.CreatedAt, SeenAt: s.SeenAt,
			Own: mine, Current: s.ID == own.ID,
		})
	}
	return h.render(c, http.StatusOK, "Sessions", "", views.Sessions(page))
}

// end handles POST /sessions/:id/end: one's own other sessions, or anybody's
// for who may.
func (h *session) end(c echo.Context) error {
	own, ctx := currentSession(c), c.Request().Context()
	whose, err := h.sessionByID(c, c.Param("id"))
	if err != nil {
		return err
	}
	mine := whose.Person.Issuer == own.Person.Issuer && whose.Person.Subject == own.Person.Subject
	if mine {
		err = h.Activity.SignedOut(ctx, actor(c))
	} else {
		err = h.Activity.SessionEnded(ctx, actor(c), whose.Person)
	}
	if err != nil {
		return err
	}
	if _, err := h.Sessions.EndByID(ctx, whose.ID); err != nil && !errors.Is(err, auth.ErrNoSession) {
		return err
	}
	if whose.ID == own.ID {
		return c.Redirect(http.StatusSeeOther, "/signed-out")
	}
	return h.seeOther(c, "/sessions", ui.Flash{Kind: ui.AlertOK, Title: "The session was ended.", Text: "Whatever is open in that browser can do nothing any more."})
}

func (h *session) sessionByID(c echo.Context, id string) (auth.Session, error) {
	all, err := h.Sessions.List(c.Request().Context())
	if err != nil {
		return auth.Session{}, err
	}
	for _, s := range all {
		if s.ID == id {
			return s, nil
		}
	}
	return auth.Session{}, portal.ErrNotFound
}

// limitSignIns keeps one address from filling the store with sign-ins that it
// never finishes.
func (h *session) limitSignIns(c echo.Context) error {
	allowed, err := h.SignIns.Allow(c.RealIP())
	if err != nil {
		return fmt.Errorf("limit sign-ins: %w", err)
	}
	if !allowed {
		c.Response().Header().Set("Retry-After", "60")
		return echo.NewHTTPError(http.StatusTooManyRequests)
	}
	return nil
}

// draft is a form that was sent after its session had ended.
type draft struct {
	Page   string     `json:"page"` // the path of the form's page
	Values url.Values `json:"values"`
}

// askToSignIn answers a request without a session: a page leads to sign-in and
// back; a form is kept and comes back filled on formPage, its own page, and is
// never sent by itself. A fragment of a page is no place to come back to.
func (h *session) askToSignIn(c echo.Context, formPage string, fragment bool) error {
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
		kept, err := json.Marshal(draft{Page: resume.ReturnTo, Values: values})
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

// takeDraft returns the form that was kept for this page while its person
// signed in again, or nil.
func (k *Kit) takeDraft(c echo.Context) (url.Values, error) {
	kept, err := k.Sessions.TakeDraft(c.Response(), c.Request())
	if err != nil || kept == nil {
		return nil, err
	}
	var d draft
	if err := json.Unmarshal(kept, &d); err != nil || d.Page != c.Request().URL.Path {
		return nil, nil //nolint:nilerr // a draft of another page is of no use here
	}
	return d.Values, nil
}

// DemoPerson is a person of the demo identity provider, for the sign-in page.
type DemoPerson struct{ Name, Role string }

// Each address may begin so many sign-ins a second, and so many at once: a
// whole office may share one, and each that is begun is a row in the store.
const (
	signInRate  = 1
	signInBurst = 40
)

// NewSignIns counts the sign-ins that each address begins.
func NewSignIns() middleware.RateLimiterStore {
	return middleware.NewRateLimiterMemoryStoreWithConfig(middleware.RateLimiterMemoryStoreConfig{Rate: signInRate, Burst: signInBurst})
}
