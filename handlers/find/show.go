package find

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/users"
	"foyer/handlers/wording"
	"foyer/lists"
	"foyer/portal/activity"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
	pages "foyer/views/find"
	"foyer/views/ui"
)

// Handlers answers a search. All of its fields are required.
type Handlers struct {
	*kit.Kit
	Directory *directory.Directory
	Changes   *change.Engine
	Activity  *activity.Activity
	PublicURL *url.URL
	// Page says which permission a page of Foyer's own needs, by its path; found is false
	// for what is no page.
	Page func(path string) (needs auth.Permission, found bool)
}

const (
	// maxFind is the longest text that is searched for, in characters, unless it is
	// several addresses.
	maxFind = 320
	// maxPeople is how many people a search lists; there is a table of all for the rest.
	maxPeople = 50
)

// Show handles GET /find: a single hit opens at once, several are listed.
func (h *Handlers) Show(c echo.Context) error {
	if draft := h.TakeDraft(c); draft != nil {
		return h.page(c, http.StatusOK, pages.ShowPage{Title: startTitle, Query: draft.Get("q"), NotSentYet: true})
	}
	return h.answer(c, c.QueryParam("q"))
}

// Look handles POST /find: what is too long for an address, or should not be in one.
func (h *Handlers) Look(c echo.Context) error {
	return h.answer(c, c.Request().PostForm.Get("q"))
}

const startTitle = "Find people and companies"

func (h *Handlers) answer(c echo.Context, text string) error {
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxFind && len(directory.Understand(text).Emails) < 2 {
		return kit.BadRequest("A search can have %d characters at most, unless it is a list of addresses.", maxFind)
	}
	typed := directory.Understand(text)
	page := pages.ShowPage{Title: startTitle, Query: typed.Text, Now: h.Now()}
	if typed.Text == "" {
		var err error
		page.Recent, err = h.recent(c)
		if err != nil {
			return err
		}
		return h.page(c, http.StatusOK, page)
	}
	page.Title = "Search for “" + typed.Text + "”"
	lead, err := h.lead(c, typed)
	if err != nil {
		return err
	}
	if lead.href != "" {
		return c.Redirect(http.StatusSeeOther, lead.href)
	}

	ctx, a := c.Request().Context(), kit.Actor(c)
	found, err := h.Directory.Find(ctx, a, text, maxPeople)
	if status, empty, ok := h.CouldNotLoad(c, err); ok {
		page.Nothing = &empty
		return h.page(c, status, page)
	} else if err != nil {
		return err
	}
	if company, user := found.Only(); user != nil {
		return c.Redirect(http.StatusSeeOther, views.UserPath(user.CompanyID, user.ID))
	} else if company != nil {
		return c.Redirect(http.StatusSeeOther, views.CompanyPath(company.ID))
	}
	if found.Down != nil {
		return h.withoutDirectory(c, page, found)
	}
	h.fill(&page, text, found, a)
	if lead.closed != "" && page.Nothing != nil {
		page.Nothing.Text = lead.closed
	}
	page.Coverage.LookAgain = page.Nothing != nil && c.Request().Method == http.MethodGet
	return h.page(c, http.StatusOK, page)
}

func (h *Handlers) page(c echo.Context, status int, page pages.ShowPage) error {
	search := page.Query
	if utf8.RuneCountInString(search) > maxFind || page.NotSentYet {
		search = ""
	}
	return h.RenderIn(c, status, kit.Frame{Title: page.Title, Nav: "find", Search: search}, pages.Show(page))
}

// fill maps what a search for a text found.
func (h *Handlers) fill(page *pages.ShowPage, text string, found directory.Found, a auth.Actor) {
	coverage := wording.Coverage(found.Known.Coverage, page.Now)
	page.Coverage = &coverage
	if len(found.Who) > 1 {
		page.Title = "Who is who"
		page.Who = whoIsWho(text, found, a, page.Now)
		return
	}
	words := found.Typed.Words
	for _, r := range found.Companies {
		page.Companies = append(page.Companies, wording.CompanyRow(r, page.Now, h.Directory.Overdue(r)))
		page.Names = append(page.Names, wording.Marked(r.Name, words))
		page.Notes = append(page.Notes, wording.NotesFound(r.Notes, words))
	}
	for _, u := range found.Users {
		person := foundPerson(u, found.Known.Name(u.CompanyID), words, page.Now)
		if note := noteOf(found, u); note != "" {
			person.FoundBy = wording.NoteFound(note, words)
		}
		page.People = append(page.People, person)
	}
	page.Count = foundCount(found)
	if found.More {
		if _, there := h.Page(views.EverybodyPath("")); there {
			page.More = &ui.ButtonProps{Label: "See all in People", Href: views.EverybodyPath(page.Query), Small: true}
		}
	}
	switch {
	case found.Nothing():
		page.Nothing, page.Offers = nothing(found, coverage, page.Now), offers(found, a)
	case len(found.Typed.Emails) == 1 && !found.Named():
		page.Near = strings.TrimSpace("Nobody has exactly this address. The people below come close. " + wording.Unsearched(found.Unsearched))
		page.Offers = forAddress(found, a)
	}
}

// noteOf is the note by which alone a person was found; empty when they were found
// otherwise.
func noteOf(found directory.Found, u directory.UserRecord) string {
	return found.Notes[directory.UserRef{CompanyID: u.CompanyID, UserID: u.ID}]
}

func foundPerson(u directory.UserRecord, company string, words []string, now time.Time) pages.Person {
	return pages.Person{
		Href: views.UserPath(u.CompanyID, u.ID), Name: wording.Marked(userName(u), words), Email: wording.Marked(u.Email, words),
		Company: company, CompanyHref: views.CompanyPath(u.CompanyID), Department: wording.Marked(u.Department, words), Status: statusOf(u, now),
		FoundBy: wording.FoundBy(u.User, words, userName(u), u.Email, u.Department),
	}
}

func foundCount(found directory.Found) string {
	var parts []string
	if n := len(found.Companies); n > 0 {
		parts = append(parts, ui.Count(n, "company", "companies"))
	}
	if n := len(found.Users); n > 0 {
		people := ui.Count(n, "person", "people")
		if found.More {
			people = "the first " + people
		}
		parts = append(parts, people)
	}
	if len(parts) == 0 {
		return ""
	}
	words := strings.Join(parts, " and ") + " found"
	return strings.ToUpper(words[:1]) + words[1:]
}

// nothing says that nothing was found, and what was looked through.
func nothing(found directory.Found, coverage views.Coverage, now time.Time) *ui.EmptyProps {
	t := found.Typed
	empty := &ui.EmptyProps{Kind: ui.EmptyNoMatch, Title: "Nothing found for “" + t.Text + "”"}
	switch {
	case t.URL != nil && isSymphonys(t.URL.Hostname()):
		empty.Text = "This is an address at Symphony. No company that you sponsor has it as its public address."
	case t.URL != nil && t.URL.Host != "":
		empty.Text = "This is an address of the web. No company that you sponsor has its domain, " + websiteDomain(t.URL.Hostname()) + ", or has it as its public address."
	case t.URL != nil:
		empty.Text = "Foyer has no such page."
	case t.Event != 0:
		empty.Text = fmt.Sprintf("The ledger has no event %d.", t.Event)
	case t.Hollow():
		empty.Text = wording.NoLetter
	case found.Known.Coverage.Read == 0 && len(found.Known.Coverage.Failed) > 0:
		empty.Kind, empty.Title = ui.EmptyFailed, "Nobody could be looked through"
		empty.Text = "Foyer has read no company’s people yet: Symphony could not be read. No company is called so."
	case len(found.Known.Coverage.Filling) > 0 && len(t.Emails) == 0:
		empty.Kind, empty.Title = ui.EmptyNotLoaded, "Nothing found so far for “"+t.Text+"”"
		empty.Text = "Not everybody has been read yet. Looked through " + coverage.Words + "."
	default:
		empty.Text = lookedThrough(found, coverage, now)
	}
	return empty
}

// lookedThrough says what was looked through in vain.
func lookedThrough(found directory.Found, coverage views.Coverage, now time.Time) string {
	words := []string{"Looked through " + coverage.Words + ": nobody and no company has this."}
	switch t := found.Typed; {
	case t.Short():
		words[0] = "Looked through " + coverage.Words + ": nobody’s name or e-mail begins so, and no company has this. With three letters or digits any part is found."
	case len(t.Emails) == 1:
		words[0] = "Looked through " + coverage.Words + ": nobody has this address."
		for _, c := range found.Asked {
			words = append(words, c.Name+", which has the domain, was asked again at "+ui.When(now, now)+".")
		}
	}
	if unsearched := wording.Unsearched(found.Unsearched); unsearched != "" {
		words = append(words, unsearched)
	}
	return strings.Join(words, " ")
}

// statusOf is a person's status, and since when their company's list hasn't got them.
func statusOf(u directory.UserRecord, now time.Time) views.StatusCell {
	cell := wording.StatusCell(u, now)
	if !u.NotListedAt.IsZero() {
		cell.Why = "not listed since " + wording.DateOf(u.NotListedAt)
	}
	return cell
}

// offers are the ways on when nothing was found.
func offers(found directory.Found, a auth.Actor) []views.PrecheckAction {
	actions := forAddress(found, a)
	switch text := found.Typed.Text; {
	case len(actions) > 0:
	case found.Typed.URL != nil && isDomain(found.Typed.URL.Hostname()) && !isSymphonys(found.Typed.URL.Hostname()):
		domain := websiteDomain(found.Typed.URL.Hostname())
		actions = append(actions, link(ui.ButtonProps{Label: "Pre-check " + domain, Href: views.PrecheckOfPath(domain), Icon: ui.IconPrecheck}))
	case isDomain(text):
		actions = append(actions, link(ui.ButtonProps{Label: "Pre-check it", Href: views.PrecheckOfPath(text), Icon: ui.IconPrecheck}))
	default:
		actions = append(actions, link(ui.ButtonProps{Label: "Pre-check", Href: views.PrecheckPath, Icon: ui.IconPrecheck}))
	}
	return append(actions,
		link(ui.ButtonProps{Label: "All companies", Href: views.CompaniesPath}),
		link(ui.ButtonProps{Label: "Clear the search", Href: views.FindPath("")}))
}

// isSymphonys says whether a host is one of Symphony's.
func isSymphonys(host string) bool {
	return strings.HasSuffix("."+strings.ToLower(host), ".symphony.com")
}

// websiteDomain is the domain that a web site most likely is of.
func websiteDomain(host string) string { return strings.TrimPrefix(strings.ToLower(host), "www.") }

// forAddress is what can be done with an address that nobody has: it is added to the
// company that has its domain, or the pre-check is asked.
func forAddress(found directory.Found, a auth.Actor) (actions []views.PrecheckAction) {
	if len(found.Who) != 1 {
		return nil
	}
	who := found.Who[0]
	if who.Company.State.Ready() {
		actions = append(actions, adding(who, lists.Subject{Text: who.Email}, a))
	}
	return append(actions, link(ui.ButtonProps{Label: "Why can’t they sign in?", Href: views.PrecheckOfPath(who.Email), Icon: ui.IconPrecheck}))
}

func link(button ui.ButtonProps) views.PrecheckAction { return views.PrecheckAction{Button: button} }

// adding carries an address, and what was pasted beside it, to the form that adds people
// to the company that has its domain.
func adding(who directory.Who, person lists.Subject, a auth.Actor) views.PrecheckAction {
	return views.PrecheckAction{
		Button: ui.ButtonProps{Label: "Add to " + who.Company.Name, Icon: ui.IconAdd, Forbidden: wording.Forbidden(a, auth.Onboard)},
		Path:   views.CheckPeoplePath(who.Company.ID),
		Fields: append(users.FormFields([]sapi.NewUser{users.OfList(person)}), ui.Parameter{Name: kit.AsksToChange, Value: users.FieldName(0, "firstName")}),
	}
}
