package kit

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/views"
	"foyer/views/ui"
)

// Frame is what a handler can say about the page around its content.
type Frame struct {
	Title   string // of the page, without Foyer's name
	Nav     string // the item of the navigation that it belongs to
	Errors  bool   // a form came back with problems
	Refresh int    // seconds until the page is loaded again where there is no JavaScript; 0: never
	Search  string // what stands in the search box
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render writes a page: status and body together, once all of it is there, so
// that a page that fails half-way is an error page and never half a page.
func (k *Kit) Render(c echo.Context, status int, title, nav string, content templ.Component) error {
	return k.RenderIn(c, status, Frame{Title: title, Nav: nav}, content)
}

// RenderIn is render for pages with more to say about what is around them.
func (k *Kit) RenderIn(c echo.Context, status int, f Frame, content templ.Component) error {
	chrome := k.chrome(c, f)
	page := views.Layout(chrome)
	if chrome.Person == nil {
		page = views.Bare(chrome)
	}
	return k.write(templ.WithChildren(c.Request().Context(), content), c, status, page)
}

// Fragment writes a part of a page, for the script that asked for it.
func (k *Kit) Fragment(c echo.Context, part templ.Component) error {
	return k.write(c.Request().Context(), c, http.StatusOK, part)
}

func (k *Kit) write(ctx context.Context, c echo.Context, status int, component templ.Component) error {
	b, _ := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	// What is said of a request that ran out of time must still be said.
	if err := component.Render(context.WithoutCancel(ctx), b); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	return c.HTMLBlob(status, b.Bytes())
}

// messagesWithin is how long a page waits for the messages that it shows to be taken out
// of its session. Where the store can't be written they are shown again on the next.
const messagesWithin = 300 * time.Millisecond

// chrome is everything around a page's content. What of it can't be read is left out:
// the content is worth more, and so is the page that says what is wrong.
func (k *Kit) chrome(c echo.Context, f Frame) views.Chrome {
	chrome := views.Chrome{
		Environment: k.Environment.Word(), EnvironmentNote: environmentNotes[k.Environment],
		Title: f.Title, Nav: f.Nav, HasErrors: f.Errors, Refresh: f.Refresh, Search: f.Search,
		RequestID: RequestID(c), Now: k.Now(), Version: k.Version,
	}
	if f.Refresh > 0 {
		q := c.QueryParams()
		q.Set("auto", "1") // it doesn't keep the session alive
		chrome.RefreshTo = "?" + q.Encode()
	}
	signedIn := Session(c)
	if signedIn == nil || len(signedIn.Person.Roles) == 0 {
		return chrome
	}
	chrome.Person = &views.Person{
		Name: signedIn.Person.Name, Email: signedIn.Person.Email,
		Initials: initials(signedIn.Person.Name), Role: signedIn.Person.Roles.String(),
	}
	chrome.NavItems = k.navItems(c, signedIn.Person.Roles)
	if f.Nav == "companies" { // where the groups of a pre-check lead
		chrome.Precheck = k.BackToPrecheck(c)
	}
	var flashes []ui.Flash
	ctx, cancel := context.WithTimeout(c.Request().Context(), messagesWithin)
	defer cancel()
	if err := k.Sessions.TakeFlashes(c.Response(), c.Request().WithContext(ctx), &flashes); err != nil {
		k.worksWithout(c, "message", err)
	}
	chrome.Unkept = wording.Unkept(portal.Unkept(c.Request().Context()), k.Unwritable())
	if len(flashes) > 0 {
		chrome.Flash = &flashes[len(flashes)-1]
	}
	return chrome
}

var environmentNotes = map[Environment]string{
	Sandbox: "A stand-in for Symphony on this machine. Nothing here reaches anybody.",
	UAT:     "Symphony’s test network. Real requests, test people.",
	Prod:    "What you change here happens to real people.",
}

// navItems is the navigation: only what works, and what the roles allow.
func (k *Kit) navItems(c echo.Context, roles auth.Roles) []views.NavItem {
	items := []views.NavItem{
		{Key: "home", Label: "Home", Href: "/", Icon: "home"},
		{Key: "companies", Label: "Companies", Href: "/companies", Icon: "companies"},
		{Key: "people", Label: "People", Href: views.AllPeoplePath, Icon: ui.IconPeople},
		{Key: "precheck", Label: "Pre-check", Href: "/precheck", Icon: "precheck"},
	}
	if roles.Can(auth.SeeHistory) {
		items = append(items, views.NavItem{Key: "bulk", Label: "Bulk changes", Href: views.BulkPath, Icon: ui.IconImports, Count: k.bulkUnderWay(c)})
	}
	if roles.Can(auth.SeeActivity) {
		items = append(items, views.NavItem{Key: "activity", Label: "Activity", Href: "/audit", Icon: "activity"})
	}
	if roles.Can(auth.Review) {
		items = append(items, views.NavItem{Key: "reviews", Label: "Access reviews", Href: views.ReviewsPath, Icon: ui.IconReviews})
	}
	if roles.Can(auth.EndSessions) {
		items = append(items, views.NavItem{Key: "sessions", Label: "Sessions", Href: views.SessionsPath, Icon: ui.IconSessions})
	}
	return items
}

// bulkUnderWay is the number of bulk changes that are under way; empty for none.
func (k *Kit) bulkUnderWay(c echo.Context) string {
	if k.BulkUnderWay == nil {
		return ""
	}
	if n := k.BulkUnderWay(c.Request().Context(), Actor(c)); n > 0 {
		return ui.Number(n)
	}
	return ""
}

// initials are the first letters of a name's first and last word.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return "?"
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	last := ""
	if len(words) > 1 {
		r, _ := utf8.DecodeRuneInString(words[len(words)-1])
		last = string(r)
	}
	return strings.ToUpper(string(first) + last)
}

// SeeOther redirects after a POST, with words for the next page. What was done is done,
// whether or not the words can be kept.
func (k *Kit) SeeOther(c echo.Context, path string, flash ui.Flash) error {
	if err := k.Sessions.AddFlash(c.Response(), c.Request(), flash); err != nil {
		k.worksWithout(c, "message", err)
	}
	return c.Redirect(http.StatusSeeOther, path)
}

// InEnvironment puts the environment's word into a button that changes
// something: always in PROD and UAT, and in the sandbox too, so that people
// practise with the words they will see.
func (k *Kit) InEnvironment(label string) string {
	return label + " in " + k.Environment.Word()
}
