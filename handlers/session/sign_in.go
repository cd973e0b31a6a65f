package session

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/lists"
	"foyer/portal"
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
// leading to another site. At another host name than the public one, the browser would
// come back without its cookie: it is sent there first.
func (h *Handlers) Start(c echo.Context) error {
	if elsewhere := h.publicStart(c.Request()); elsewhere != "" {
		return c.Redirect(http.StatusSeeOther, elsewhere)
	}
	if kit.Session(c) == nil {
		if wait := h.Limits.Starts.Allow(portal.Network(c.RealIP()), startCost); wait > 0 {
			return kit.TooMany(c, wait)
		}
	}
	resume := auth.Resume{ReturnTo: c.QueryParam("return_to"), SelectAccount: c.QueryParam("prompt") == "select_account"}
	authURL, err := h.OIDC.Start(c.Response(), c.Request(), resume)
	if err != nil {
		return h.signInRefused(c, err)
	}
	return c.Redirect(http.StatusSeeOther, authURL)
}

// atPublic marks an address that was led to the public host name. A proxy may have
// Foyer see another one all the same, and then it is led there once only.
const atPublic = "at"

// publicStart is the address of a sign-in's start at the public host name, or empty
// where the request is there already.
func (h *Handlers) publicStart(r *http.Request) string {
	query := r.URL.Query()
	if strings.EqualFold(r.Host, h.PublicURL.Host) || query.Get(atPublic) == "public" {
		return ""
	}
	query.Set(atPublic, "public")
	return (&url.URL{Scheme: h.PublicURL.Scheme, Host: h.PublicURL.Host, Path: r.URL.Path, RawQuery: query.Encode()}).String()
}

// Callback handles GET /auth/callback: the return from the identity provider. A browser
// that began this sign-in itself is never held back by what others at its address do.
func (h *Handlers) Callback(c echo.Context) error {
	own := h.OIDC.Began(c.Request())
	if !own && kit.Session(c) != nil {
		return c.Redirect(http.StatusSeeOther, "/") // loaded again, or come back to
	}
	if !own {
		if wait := h.Limits.Failures.Allow(portal.Network(c.RealIP()), 1); wait > 0 {
			return kit.TooMany(c, wait)
		}
	}
	identity, resume, err := h.OIDC.Finish(c.Response(), c.Request())
	if refused, ok := errors.AsType[*auth.SignInError](err); ok && own && refused.Reason == auth.ReasonState {
		h.Limits.Failures.Take(portal.Network(c.RealIP()), 1) // sent several times at once
	}
	if err != nil {
		return h.signInRefused(c, err)
	}
	h.Limits.Starts.Take(portal.Network(c.RealIP()), -costOf(resume))

	// The ledger comes first: nobody has a session that it doesn't know of.
	a := kit.Actor(c)
	a.Issuer, a.Subject = identity.Person.Issuer, identity.Person.Subject
	if wait := h.Limits.SignIns.Allow(a.Issuer+"\n"+a.Subject, 1); wait > 0 {
		return kit.TooMany(c, wait)
	}
	a.Name, a.Email, a.Roles = identity.Person.Name, identity.Person.Email, identity.Person.Roles
	if err := h.Activity.SignedIn(c.Request().Context(), a, identity.RolesClaim); err != nil {
		return err
	}
	if _, err := h.Sessions.Begin(c.Response(), c.Request(), identity, resume.Draft); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	if len(identity.Person.Roles) == 0 {
		h.Logger.WarnContext(c.Request().Context(), "sign-in without a role", "request", kit.RequestID(c), "claim", cmp.Or(string(identity.RolesClaim), "none of its values is mapped"))
		return c.Redirect(http.StatusSeeOther, "/no-access")
	}
	if resume.OfAnother {
		return h.SeeOther(c, resume.ReturnTo, ui.Flash{Kind: ui.AlertInfo, Text: "The form that waited for a sign-in was somebody else’s. It was not sent, and is not kept."})
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
	if err := h.Activity.SignInRefused(c.Request().Context(), kit.Actor(c), refused.Note()); err != nil && refused.Reason != auth.ReasonStore {
		return err // where the store is why, it can't be recorded either
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
		return http.StatusBadRequest, "The sign-in was cancelled, or your organisation’s sign-in service turned it down. Begin again, or ask whoever manages access."
	case auth.ReasonClient, auth.ReasonNoToken, auth.ReasonSpelling:
		return http.StatusBadGateway, "Foyer isn’t set up rightly with your organisation’s sign-in service, so nobody can sign in. People who are signed in can go on working. Tell whoever runs Foyer: its log says what is wrong."
	case auth.ReasonStale:
		return http.StatusBadRequest, "Your organisation’s sign-in service let you in without asking again who you are, which this needs. Sign out there, then begin again. If it happens again, tell whoever runs Foyer."
	case auth.ReasonUnavailable:
		if why := wording.TLSWords(e); why != "" {
			return http.StatusBadGateway, "Foyer has no safe connection to your organisation’s sign-in service: " + why + ". People who are signed in can go on working. Tell whoever runs Foyer."
		}
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
	return h.signInAgain(c, auth.Resume{ReturnTo: formPage}, "Your session ended before this was sent. Nothing was changed.")
}

// IsFresh says whether somebody was seen by the identity provider lately enough to do
// what is grave.
func (h *Handlers) IsFresh(s *auth.Session) bool { return h.Now().Sub(s.AuthenticatedAt()) <= h.Fresh }

// AskAgain answers a form that does something grave, too long after sign-in: the
// person has to say again who they are, and the form comes back filled on formPage.
func (h *Handlers) AskAgain(c echo.Context, formPage string) error {
	return h.signInAgain(c, auth.Resume{ReturnTo: formPage, MaxAge: h.Fresh},
		"This needs a sign-in of the last "+wording.Usually(h.Fresh)+", and yours is older. Nothing was changed.")
}

// signInAgain keeps the form of a request and leads to the identity provider.
func (h *Handlers) signInAgain(c echo.Context, resume auth.Resume, notice string) error {
	filled, owner := filledIn(c), h.Sessions.Owner(c.Request())
	kept, err := json.Marshal(kit.Draft{Page: resume.ReturnTo, Values: filled})
	switch {
	case len(filled) == 0:
		notice += " Sign in again, then do it once more."
	case owner == "":
		notice += " What you filled in could not be kept: Foyer can’t tell any more whose it was."
	case err != nil || len(kept) > auth.MaxDraft:
		notice += " What you filled in could not be kept: it is too large."
	default:
		resume.Draft, resume.DraftOwner = kept, owner
		notice += " Sign in again and the form comes back as you filled it, for you to check and send."
	}
	if kit.IsMultipart(c.Request()) {
		notice += " A file can’t be kept: choose it again."
	}
	if kit.Session(c) == nil {
		if wait := h.Limits.Starts.Allow(portal.Network(c.RealIP()), costOf(resume)); wait > 0 {
			return kit.TooMany(c, wait)
		}
	}
	authURL, err := h.OIDC.Start(c.Response(), c.Request(), resume)
	if err != nil {
		return h.signInRefused(c, err)
	}
	return h.signInPage(c, http.StatusUnauthorized, authURL, notice)
}

// filledIn is what of a request's form may wait for its person.
func filledIn(c echo.Context) url.Values {
	values := c.Request().PostForm
	values.Del(ui.FormTokenField)
	for _, box := range []string{"paste", "email"} { // in which people paste lists
		if values.Has(box) {
			values.Set(box, lists.WithoutPasswords(values.Get(box)))
		}
	}
	return values
}

// costOf is how much of an address's allowance a sign-in takes, and gives back: also
// where the form that it kept is somebody else's.
func costOf(resume auth.Resume) float64 {
	if resume.DraftOwner != "" {
		return draftCost
	}
	return startCost
}
