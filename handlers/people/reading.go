package people

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
	pages "foyer/views/people"
	"foyer/views/ui"
)

const (
	// readingRefresh is after how many seconds a page is loaded again, where there is no
	// JavaScript, while people are being read who are to be shown.
	readingRefresh = 5
	// namedUnread is how many companies a page names whose people could not be read.
	namedUnread = 3
	// listedAtOnce is how many people a page of Symphony's list has.
	listedAtOnce = 100

	askedParameter   = "asked"   // when somebody asked to have a company's people read, in Unix seconds
	sinceParameter   = "since"   // when the reading had begun that is gone on with for them, likewise
	readingParameter = "reading" // which company that was
	emptyParameter   = "empty"   // the page that asks shows nobody
)

// fresh says how old what a table shows is, and what of it is older than it should be.
func (l list) fresh() pages.Fresh {
	cover := l.Known.Coverage
	if l.company != nil {
		return l.freshOf(l.Known.Reading(l.company.ID))
	}
	f := pages.Fresh{Words: []string{"Everybody in " + ui.Count(cover.Companies, "company", "companies")}}
	if cover.Read < cover.Companies {
		f.Words[0] = ui.Number(cover.Read) + " of " + ui.Count(cover.Companies, "company", "companies") + " read so far"
	}
	if cover.NotReady > 0 {
		f.Words = append(f.Words, wording.NotReady(cover))
	}
	if cover.Read > 0 {
		f.Words = append(f.Words, wording.ReadWithin(cover.Oldest, l.now))
	}
	n := len(cover.Failed)
	for _, u := range cover.Failed[:min(n, namedUnread)] {
		f.Failed = append(f.Failed, pages.Unread{Name: u.Company.Name, Words: wording.Gap(u, l.now).Words, Again: l.again(u.Company.ID, u.Company.Name)})
	}
	if n > namedUnread {
		f.More = ui.Count(n-namedUnread, "other could not be read either", "others could not be read either")
	}
	return f
}

func (l list) freshOf(r directory.ListReading) pages.Fresh {
	f := pages.Fresh{Words: []string{ui.Count(l.Total.Listed(), "person", "people")}, Read: new(l.again(l.company.ID, l.company.Name))}
	switch {
	case r.CompleteAt.IsZero():
		f.Words = append(f.Words, "not read to the end yet")
	case l.company.Stale != nil: // whose note says both
	case !r.FailedAt.IsZero():
		f.Words = append(f.Words, "as of "+ui.When(r.CompleteAt, l.now), "could not be read at "+ui.When(r.FailedAt, l.now))
	default:
		f.Words = append(f.Words, "read "+ui.Relative(r.CompleteAt, l.now))
	}
	if r.Moving {
		f.Words = append(f.Words, "the list changed while it was read: somebody may be missing")
	}
	return f
}

func (l list) again(companyID, name string) pages.Again {
	a := pages.Again{Action: views.ReadPeoplePath(companyID), Of: "the people of " + name, Keep: []ui.Parameter{{Name: "query", Value: l.values.Encode()}}}
	if l.company == nil {
		a.Keep = append(a.Keep, ui.Parameter{Name: "everybody", Value: "yes"})
	}
	return a
}

// ReadAgain handles POST /companies/:id/users/read: a company's people are read as soon
// as may be, and the table from which that was asked says how far that is.
func (h *Handlers) ReadAgain(c echo.Context) error {
	ctx, a, id, form := c.Request().Context(), kit.Actor(c), kit.CompanyID(c), c.Request().PostForm
	since, err := h.Directory.ReadNow(ctx, a, id)
	if err != nil {
		return err
	}
	q := backTo(form)
	r := asked{company: id, at: h.Now().Unix(), since: since.Unix()}
	maps.Copy(q, r.parameters())
	path := views.PeoplePath(id)
	if form.Get("everybody") != "" {
		path = views.AllPeoplePath
	}
	return c.Redirect(http.StatusSeeOther, views.WithQuery(path, q))
}

// backTo is the query string of the table that a form of it was on.
func backTo(form url.Values) url.Values {
	q, err := url.ParseQuery(form.Get("query"))
	if err != nil {
		return url.Values{} // it is the table without filters, then
	}
	return q
}

// Reading handles GET /people/reading: how far people are read, for a page that says so.
// Once that is done a page on which nobody is is told to load again.
func (h *Handlers) Reading(c echo.Context) error {
	l := list{actor: kit.Actor(c), now: h.Now(), nobodyShown: c.QueryParam(emptyParameter) != ""}
	known, err := h.Directory.Covered(c.Request().Context(), l.actor)
	if err != nil {
		return err
	}
	if known.Down != nil {
		return known.Down
	}
	l.Known = known
	l.shownAt = withoutReading(c.Request().Header.Get("HX-Current-URL"))
	r := h.reading(c, l)
	if (r == nil || r.Poll == "") && l.nobodyShown {
		c.Response().Header().Set("HX-Refresh", "true")
	}
	if r == nil {
		r = &pages.Reading{Title: "Everybody is read", Progress: ui.ProgressProps{Label: "Everybody is read", Value: 1, Max: 1}, Show: &ui.Link{Label: "Show them"}} // on the page as it is
	}
	return h.Fragment(c, pages.ReadingPart(*r))
}

// reading says how far the people are being read whom somebody asked for, or who are
// read for the first time; nil when nothing is on its way.
func (h *Handlers) reading(c echo.Context, l list) *pages.Reading {
	if id := kit.OneSpelling(c.QueryParam(readingParameter)); kit.IsID(id) {
		at, err := strconv.ParseInt(c.QueryParam(askedParameter), 10, 64)
		if err != nil {
			return nil
		}
		since, err := strconv.ParseInt(c.QueryParam(sinceParameter), 10, 64)
		if err != nil {
			since = at
		}
		return l.readingOf(asked{company: id, at: at, since: min(since, at)})
	}
	if l.company != nil {
		if r := l.Known.Reading(l.company.ID); !l.company.State.Ready() || !r.CompleteAt.IsZero() || !r.FailedAt.IsZero() {
			return nil
		}
		return l.readingOf(asked{company: l.company.ID})
	}
	return l.filling()
}

// pollPath asks again how far people are read.
func (l list) pollPath(q url.Values) string {
	if l.nobodyShown {
		q.Set(emptyParameter, "yes")
	}
	return views.WithQuery(views.PeopleReadingPath, q)
}

// asked is when somebody asked to have a company's people read, and when the reading had
// begun that answers it, in Unix seconds; both zero: nobody did, and they are read for the
// first time.
type asked struct {
	company   string
	at, since int64
}

func (a asked) parameters() url.Values {
	q := url.Values{readingParameter: {a.company}, askedParameter: {strconv.FormatInt(a.at, 10)}}
	if a.since < a.at {
		q.Set(sinceParameter, strconv.FormatInt(a.since, 10))
	}
	return q
}

// readingOf says how far one company's people are read since somebody asked.
func (l list) readingOf(a asked) *pages.Reading {
	id, askedAt := a.company, time.Unix(a.at, 0)
	r, name := l.Known.Reading(id), l.Known.Name(id)
	title := "Reading the people of " + name
	p := ui.ProgressProps{Label: title, Value: 0, Max: 1, Words: "It begins as soon as its turn comes."}
	switch {
	case !r.CompleteAt.Before(time.Unix(a.since, 0)) && !r.CompleteAt.IsZero():
		p.Value, p.Words = 1, ui.Count(r.People, "person", "people")+", as of "+ui.When(r.CompleteAt, l.now)+"."
		return &pages.Reading{Title: "The people of " + name + " were read", Progress: p, Show: l.showAgain(id)}
	case !r.FailedAt.Before(askedAt) && !r.FailedAt.IsZero():
		p.Words = failureWords(r) + " at " + ui.When(r.FailedAt, l.now) + ". Foyer goes on trying; what is shown is what was read before."
		return &pages.Reading{Title: "The people of " + name + " could not be read", Progress: p}
	case l.now.Sub(askedAt) > time.Hour && a.at > 0:
		return nil
	case !r.StartedAt.IsZero() && r.Total > 0:
		p.Value, p.Max = min(r.NextPage*listedAtOnce, int(r.Total)), int(r.Total)
		p.Words = ui.Number(p.Value) + " of " + ui.Count(p.Max, "person", "people")
	case !r.StartedAt.IsZero():
		p.Words = ui.Count(r.NextPage*listedAtOnce, "person", "people") + " so far"
	}
	return &pages.Reading{Title: title, Progress: p, Poll: l.pollPath(a.parameters())}
}

// showAgain leads from a fragment to the company's people; on the page itself they are
// shown already.
func (l list) showAgain(id string) *ui.Link {
	if l.columns != nil {
		return nil
	}
	return &ui.Link{Label: "Show them", Href: cmp.Or(l.shownAt, views.PeoplePath(id))}
}

// withoutReading is the address of a page without what has it say how far people are
// read; empty for what is no address of a table.
func withoutReading(page string) string {
	u, err := url.Parse(page)
	if err != nil || u.Path != views.AllPeoplePath && !strings.HasPrefix(u.Path, views.CompaniesPath+"/") {
		return ""
	}
	q := u.Query()
	q.Del(readingParameter)
	q.Del(askedParameter)
	q.Del(sinceParameter)
	return views.WithQuery(u.EscapedPath(), q)
}

// filling says how far everybody is read for the first time; nil once they are.
func (l list) filling() *pages.Reading {
	cover := l.Known.Coverage
	if len(cover.Filling) == 0 {
		return nil
	}
	people := 0
	for _, company := range l.Known.Companies {
		if r := l.Known.Reading(company.ID); r.CompleteAt.IsZero() {
			people += r.NextPage * listedAtOnce
		} else {
			people += r.People
		}
	}
	title := strings.TrimSuffix(wording.Coverage(cover, l.now).FillingTitle, ".")
	return &pages.Reading{
		Title: title, Poll: l.pollPath(url.Values{}),
		Progress: ui.ProgressProps{
			Label: title, Value: cover.Read, Max: cover.Companies,
			Words: ui.Number(cover.Read) + " of " + ui.Count(cover.Companies, "company", "companies") + ", about " + ui.Count(people, "person", "people") + ". What was read can be used meanwhile.",
		},
	}
}

// failureWords say why a company's people could not be read.
func failureWords(r directory.ListReading) string {
	switch sapi.Class(r.Failure) {
	case sapi.ClassUnreachable, sapi.ClassTimeout, sapi.ClassCut, sapi.ClassTLS:
		return "Symphony could not be reached"
	case sapi.ClassCredentials:
		return "Symphony refused Foyer’s own credentials"
	case sapi.ClassRateLimited, sapi.ClassPaused:
		return "Symphony asked Foyer to wait"
	case sapi.ClassServer:
		return "Symphony failed"
	case sapi.ClassRefused, sapi.ClassInvalid:
		return "Symphony refused to list them"
	case sapi.ClassProtocol, sapi.ClassCanceled, sapi.ClassTooLate:
	}
	return "Symphony’s answer made no sense"
}
