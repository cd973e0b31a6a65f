package handlers

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/lists"
)

// maxForm is the greatest form that is read: twenty people with every field at
// its longest fit several times.
const maxForm = 512 << 10

const (
	// readWithin is how long a page may take, whatever it waits for.
	readWithin = time.Minute
	// changeWithin is how long a form may: what a change waits for has limits of its
	// own, which are shorter together.
	changeWithin = 2 * time.Minute
)

// contentSecurityPolicy lets nothing run or load that isn't Foyer's own file.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; report-to csp"

// recoverPanics turns a panic into an error like any other, so that it is
// answered with the error page and logged once, and the process lives on.
func (s *server) recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch cause := recover(); cause {
			case nil:
			case http.ErrAbortHandler: // compared as net/http does
				panic(cause)
			default:
				err = &kit.PanicError{Cause: cause, Stack: debug.Stack()}
			}
		}()
		return next(c)
	}
}

// identify gives the request the id by which people and logs refer to it, and
// the address of the client behind any trusted proxy.
func (s *server) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := newRequestID()
		kit.SetRequestID(c, id)
		kit.Prepare(c)
		defer kit.Over(c)
		c.Response().Header().Set("X-Request-Id", id)
		c.Request().RemoteAddr = net.JoinHostPort(s.forwarded.client(c.Request()), "0")
		return next(c)
	}
}

// newRequestID makes an id that can be read out on the phone, such as
// 7F3K-22QD-9M1X: sixty random bits without letters that look alike.
func newRequestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	id := base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding).EncodeToString(b[:])
	return id[:4] + "-" + id[4:8] + "-" + id[8:12]
}

// errNoAnswer is a mistake of a handler's. Without it net/http would say 200 and nothing.
var errNoAnswer = errors.New("nothing was answered")

// logRequests writes one line per request. It names the route and never the
// URL: paths hold ids, and queries may hold e-mail addresses.
func (s *server) logRequests(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		err := next(c)
		if err == nil && !c.Response().Committed {
			err = errNoAnswer
		}
		if err != nil {
			s.HandleError(err, c)
		}
		took, status := time.Since(began), c.Response().Status
		if s.metrics.Observe != nil {
			s.metrics.Observe(methodLabel(c.Request()), c.Path(), status, took)
		}
		level := slog.LevelInfo
		switch c.Path() {
		case "/static/*", "/healthz", "/readyz", "/csp-report":
			level = slog.LevelDebug
		}
		s.Logger.LogAttrs(c.Request().Context(), level, "request",
			slog.String("request", kit.RequestID(c)), slog.String("method", methodLabel(c.Request())), slog.String("route", c.Path()),
			slog.Int("status", status), slog.Int64("bytes", c.Response().Size), slog.Duration("took", took))
		return nil
	}
}

// secureHeaders puts the headers on every answer, errors and files included.
func (s *server) secureHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("Reporting-Endpoints", `csp="/csp-report"`)
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		h.Set("Cache-Control", "no-store")
		return next(c)
	}
}

// limitBody bounds what is read, and refuses what no form of Foyer's sends: other
// kinds of body, and a field twice.
func (s *server) limitBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		file := r.Method == http.MethodPost && kit.IsMultipart(r) && takesFile(c.Path())
		if file {
			r.Body = http.MaxBytesReader(c.Response(), r.Body, kit.MaxUpload)
		} else {
			r.Body = http.MaxBytesReader(c.Response(), r.Body, maxForm)
		}
		if len(r.TransferEncoding) > 0 {
			// No browser sends a form without its length. Where a length came as well,
			// somebody before Foyer may have seen another end of the request: what
			// follows on the connection is nobody's.
			c.Response().Header().Set("Connection", "close")
		}
		if r.Method != http.MethodPost || c.Path() == "/csp-report" {
			return next(c)
		}
		if file {
			if 0 < r.ContentLength && r.ContentLength <= maxForm { // what was filled in can wait for a sign-in
				if err := s.readUpload(c); err != nil {
					return err
				}
			}
			// What was not read is passed over, or the browser, which sends it still, never
			// reads the answer.
			defer func() { _, _ = io.Copy(io.Discard, r.Body) }()
			return next(c)
		}
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); r.ContentLength != 0 && (err != nil || kind != "application/x-www-form-urlencoded") {
			return echo.NewHTTPError(http.StatusUnsupportedMediaType)
		}
		if err := r.ParseForm(); err != nil {
			if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
				return echo.NewHTTPError(http.StatusRequestEntityTooLarge, fmt.Sprintf("A form can have %d KB at most.", maxForm>>10)).SetInternal(err)
			}
			return echo.NewHTTPError(http.StatusBadRequest).SetInternal(errors.New("malformed form"))
		}
		if err := refuseTwice(c); err != nil {
			return err
		}
		return next(c)
	}
}

// refuseTwice refuses a form that has a field twice.
func refuseTwice(c echo.Context) error {
	for name, values := range c.Request().PostForm {
		if len(values) > 1 && !isList(c.Path(), name) {
			return kit.BadRequest("The form has a field twice, so that it can’t be known which one counts.")
		}
	}
	return nil
}

// takesFile says whether a path's form may have a file.
func takesFile(path string) bool {
	for _, r := range new(resources).routes() {
		if r.method == http.MethodPost && r.path == path {
			return r.file
		}
	}
	return false
}

// readUpload reads a form with its file.
func (s *server) readUpload(c echo.Context) error {
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(s.uploadWithin)) // where it can't be set, the server's own holds
	err := kit.ReadUpload(c, lists.MaxBytes)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return echo.NewHTTPError(http.StatusRequestTimeout).SetInternal(err)
	}
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge || errors.Is(err, kit.ErrFormTooLarge) {
		return echo.NewHTTPError(http.StatusRequestEntityTooLarge, fmt.Sprintf("A list can have %d MB at most.", lists.MaxBytes>>20)).SetInternal(err)
	} else if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(errors.New("malformed form"))
	}
	return refuseTwice(c)
}

// refuseDoubled refuses a parameter that is there twice: of two values, two readers may
// take two. It refuses one that can't be read, too, without which a list would have
// everybody. The pages of the activity say themselves which filter is there twice, and the
// callback of a sign-in is an answer of its own.
func refuseDoubled(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Path() == "/auth/callback" {
			return next(c)
		}
		query, err := url.ParseQuery(c.Request().URL.RawQuery)
		if err != nil {
			return kit.BadRequest("The address has a ‘%%’ or a ‘;’ where neither can be read, so that it can’t be known what is asked for.")
		}
		switch c.Path() {
		case "/audit", "/audit.csv", "/audit.zip":
			return next(c)
		}
		for name, values := range query {
			if len(values) > 1 && !isList(c.Path(), name) {
				return kit.BadRequest("The address has ‘%s’ twice, so that it can’t be known which one counts.", kit.Cut(name, 40))
			}
		}
		return next(c)
	}
}

// isList says whether a parameter is a list by nature: of people, of what a table shows of
// them, of the companies whose people it has, and of their tags.
func isList(path, name string) bool {
	switch name {
	case "uid", "pick", "cell", "columns":
		return true
	}
	return (name == "company" || name == "tag") && (strings.HasPrefix(path, "/people") || path == "/bulk/selected")
}

// withoutSlash leads from the address of a page with a slash at its end to the page. Only
// an address of the table is one.
func (s *server) withoutSlash(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		path, found := strings.CutSuffix(r.URL.Path, "/")
		if !found || path == "" || r.Method != http.MethodGet || !slices.Contains(s.allowedMethods(path), http.MethodGet) {
			return next(c)
		}
		to := url.URL{Path: path, RawQuery: r.URL.RawQuery}
		return c.Redirect(http.StatusMovedPermanently, to.String())
	}
}

// refuseStrangeIDs answers an address with something in it that no id has as one
// that names nothing, so that it goes no further: other programs on the way to
// Symphony may read an escaped path in other ways.
func refuseStrangeIDs(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		for _, name := range c.ParamNames() {
			if name != "*" && !kit.IsID(c.Param(name)) {
				return echo.ErrNotFound
			}
		}
		return next(c)
	}
}

// refuseCrossOrigin refuses what another site's page has a browser send. GETs
// change nothing, but no other site may load what a session shows either,
// except by leading the person here.
func (s *server) refuseCrossOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if c.Path() == "/csp-report" {
			return next(c)
		}
		if err := s.csrf.Check(r); err != nil {
			return s.refuseForm(c, err)
		}
		if r.Header.Get("Sec-Fetch-Site") == "cross-site" && (r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document") {
			return echo.NewHTTPError(http.StatusForbidden).SetInternal(errors.New("cross-site request for anything but a page to look at"))
		}
		return next(c)
	}
}

// refuseForm refuses a form of another site's page, and records whose browser had it
// sent: somebody led them there.
func (s *server) refuseForm(c echo.Context, why error) error {
	refused := echo.NewHTTPError(http.StatusForbidden).SetInternal(why)
	found, err := s.Sessions.Peek(c.Request())
	if err != nil || found == nil {
		return refused
	}
	if err := s.budgets.spend(c, refusals, found.ID); err != nil {
		return err
	}
	kit.SetSession(c, found)
	if err := s.activity.DenyForm(c.Request().Context(), kit.Actor(c)); err != nil {
		s.Logger.ErrorContext(c.Request().Context(), "refused form not recorded", "request", kit.RequestID(c), "error", err)
	}
	return refused
}

// authorise finds the session and checks the route's permission. Without a
// session a page leads to sign-in, and a form is kept until after it.
func (s *server) authorise(r route) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		next = refuseStrangeIDs(refuseDoubled(next))
		return func(c echo.Context) error {
			if !r.export {
				kit.Bound(c, r.within())
			}
			if r.method == http.MethodGet && !r.fragment && !r.decides {
				kit.Patient(c, s.Patience)
			}
			if r.path == "/static/*" || r.path == "/healthz" || r.path == "/readyz" || r.path == "/csp-report" || r.path == "/favicon.ico" {
				return next(c)
			}
			signedIn, err := s.loadSession(c, r)
			if err != nil {
				return err
			}
			switch {
			case r.path == startOfSignIn && fromElsewhere(c.Request()):
				return c.Redirect(http.StatusSeeOther, "/login?return_to="+url.QueryEscape(c.QueryParam("return_to")))
			case r.needs == public:
				return next(c)
			case signedIn == nil:
				return s.session.AskToSignIn(c, formPage(c, r), r.fragment)
			case r.needs == anybody:
				return next(c)
			case len(signedIn.Person.Roles) == 0:
				return c.Redirect(http.StatusSeeOther, "/no-access")
			case !signedIn.Person.Roles.Can(r.needs):
				if err := s.budgets.spend(c, refusals, signedIn.ID); err != nil {
					return err
				}
				return s.activity.Deny(c.Request().Context(), kit.Actor(c), r.needs)
			case r.fresh && !s.session.IsFresh(signedIn):
				return s.session.AskAgain(c, formPage(c, r))
			}
			if r.export && fromElsewhere(c.Request()) {
				return echo.NewHTTPError(http.StatusForbidden, "A file is downloaded from Foyer’s own pages.")
			}
			// A form with a file says itself that it comes too soon: what was typed beside the
			// file would be lost with it.
			if err := s.budgets.spend(c, r.budget, signedIn.ID); err != nil && !r.file {
				return err
			}
			if c.QueryParam("q")+c.QueryParam("text") != "" {
				if err := s.budgets.spend(c, r.searched, signedIn.ID); err != nil {
					return err
				}
			}
			if r.file && kit.IsMultipart(c.Request()) {
				if err := s.readUpload(c); err != nil {
					return err
				}
			}
			return next(c)
		}
	}
}

// fromElsewhere says whether another site led here. What goes on record in a person's
// name, and signing them in, begins with themselves: on a page of Foyer's, or with an
// address that they typed.
func fromElsewhere(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "cross-site" || site == "same-site"
}

// within is how long a request of the route may take.
func (r route) within() time.Duration {
	if r.method == http.MethodPost {
		return changeWithin
	}
	return readWithin
}

// loadSession finds the session; polling, by a script or a refreshing page,
// doesn't keep it alive.
func (s *server) loadSession(c echo.Context, r route) (*auth.Session, error) {
	load := s.Sessions.Load
	if r.poll || c.QueryParam("auto") != "" {
		load = s.Sessions.Peek
	}
	found, err := load(c.Request())
	if err != nil {
		// Fail closed: without the store nobody is known to be signed in.
		return nil, echo.NewHTTPError(http.StatusServiceUnavailable).SetInternal(fmt.Errorf("load session: %w", err))
	}
	if found != nil {
		kit.SetSession(c, found)
	}
	return found, nil
}

// formPage is the path of the page whose form a POST is.
func formPage(c echo.Context, r route) string {
	path := r.form
	for _, name := range c.ParamNames() {
		path = strings.Replace(path, ":"+name, url.PathEscape(c.Param(name)), 1)
	}
	return path
}
