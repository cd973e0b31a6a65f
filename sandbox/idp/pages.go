package idp

import (
	"bytes"
	_ "embed"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The paths of our own pages, below the issuer's.
const (
	choosePath    = "/choose"
	signedOutPath = "/signed-out"
	stylePath     = "/style.css"
)

//go:embed pages.html
var pagesHTML string

//go:embed style.css
var styleCSS []byte

// page is what pages.html is filled with.
type page struct {
	Title   string
	Style   string // the style sheet's address
	Action  string // where the form goes; without one there is no form
	Request string
	People  []Person
	Message string // instead of the form
}

// pages are what people see of the provider.
type pages struct {
	prefix      string
	template    *template.Template
	storage     *storage
	callback    string // where package op takes over again
	csp         string
	logger      *slog.Logger
	crossOrigin *http.CrossOriginProtection
}

func (p *pages) register(mux *http.ServeMux) {
	mux.HandleFunc("GET "+p.prefix+choosePath, p.ask)
	mux.HandleFunc("POST "+p.prefix+choosePath, p.choose)
	mux.HandleFunc("GET "+p.prefix+signedOutPath, p.signedOut)
	mux.HandleFunc("GET "+p.prefix+stylePath, p.style)
}

// ask handles GET /choose: whom to sign in as.
func (p *pages) ask(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("request")
	if _, err := p.storage.AuthRequestByID(r.Context(), id); err != nil {
		p.expired(w)
		return
	}
	p.render(w, http.StatusOK, page{
		Title:   "Who are you today?",
		Action:  p.prefix + choosePath,
		Request: id,
		People:  People(),
	})
}

// choose handles POST /choose: that person signs in, or with the person "" the
// sign-in is called off.
func (p *pages) choose(w http.ResponseWriter, r *http.Request) {
	if err := p.crossOrigin.Check(r); err != nil {
		http.Error(w, "The form must be sent from our own page.", http.StatusForbidden)
		return
	}
	const maxForm = 4 << 10
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form can't be read.", http.StatusBadRequest)
		return
	}

	id, subject := r.PostForm.Get("request"), r.PostForm.Get("person")
	request, err := p.storage.AuthRequestByID(r.Context(), id)
	if err != nil {
		p.expired(w)
		return
	}
	if subject == "" {
		p.refuse(w, r, id, request.GetRedirectURI(), request.GetState())
		return
	}
	person, ok := personBySubject(subject)
	if !ok {
		http.Error(w, "There is no such person.", http.StatusBadRequest)
		return
	}
	if err := p.storage.choose(id, person); err != nil {
		p.expired(w)
		return
	}
	p.logger.DebugContext(r.Context(), "demo sign-in", "role", person.Role)
	http.Redirect(w, r, p.callback+"?"+url.Values{"id": {id}}.Encode(), http.StatusSeeOther)
}

// refuse sends the browser back with access_denied. The redirect URI was
// checked when the request was made.
func (p *pages) refuse(w http.ResponseWriter, r *http.Request, id, redirectURI, state string) {
	back, err := url.Parse(redirectURI)
	if err != nil {
		p.expired(w)
		return
	}
	if err := p.storage.DeleteAuthRequest(r.Context(), id); err != nil {
		p.expired(w)
		return
	}
	query := back.Query()
	query.Set("error", "access_denied")
	query.Set("state", state)
	back.RawQuery = query.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther) //nolint:gosec // one of the client's registered addresses
}

// signedOut handles GET /signed-out, for sign-outs that say nowhere to go.
func (p *pages) signedOut(w http.ResponseWriter, _ *http.Request) {
	p.render(w, http.StatusOK, page{Title: "Signed out", Message: "You can close this window."})
}

func (p *pages) expired(w http.ResponseWriter) {
	p.render(w, http.StatusBadRequest, page{
		Title:   "This sign-in is over",
		Message: "It was finished already, or took more than ten minutes. Go back to Foyer and sign in again.",
	})
}

// style handles GET /style.css.
func (p *pages) style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "max-age=3600")
	_, _ = w.Write(styleCSS) // the browser went away: nobody to tell
}

func (p *pages) render(w http.ResponseWriter, status int, page page) {
	page.Style = p.prefix + stylePath
	var body bytes.Buffer
	if err := p.template.Execute(&body, page); err != nil {
		p.logger.Error("render demo sign-in page", "error", err)
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", p.csp)
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // the browser went away: nobody to tell
}

// contentSecurityPolicy allows nothing but our style sheet, our empty icon and
// our form.
// Browsers hold the redirects that follow a form to form-action too, and ours
// end at the client.
func contentSecurityPolicy(redirectURIs []string) string {
	targets := []string{"'self'"}
	for _, uri := range redirectURIs {
		if u, err := url.Parse(uri); err == nil {
			targets = append(targets, u.Scheme+"://"+u.Host)
		}
	}
	return "default-src 'none'; style-src 'self'; img-src data:; form-action " + strings.Join(slices.Compact(targets), " ") +
		"; base-uri 'none'; frame-ancestors 'none'"
}
