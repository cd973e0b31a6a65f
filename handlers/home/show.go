package home

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/bulk"
	"foyer/portal/change"
	"foyer/portal/directory"
	"foyer/safely"
	"foyer/sapi"
	"foyer/views"
	pages "foyer/views/home"
	"foyer/views/ui"
)

// Handlers answers with the first page. Its exported fields are required.
type Handlers struct {
	*kit.Kit
	Directory *directory.Directory
	Changes   *change.Engine
	Activity  *activity.Activity
	Bulk      *bulk.Service
	OIDC      *auth.OIDC
	Troubles  func() []wording.Trouble

	provider providerHealth
}

// Show handles GET /.
func (h *Handlers) Show(c echo.Context) error {
	ctx, a := c.Request().Context(), kit.Actor(c)
	found, err := h.found(ctx, a)
	if err != nil {
		return err
	}

	if found.ChangesErr != nil {
		h.Logger.ErrorContext(ctx, "last activity not read", "request", kit.RequestID(c), "error", kit.Loggable(found.ChangesErr))
	}
	page := newHomePage(found, a, h.Directory.Overdue, wording.BuildTime(h.Directory.BuildTime(), h.StandInBuildTime), h.Now())
	page.Health = append(page.Health, providerRow(found.Provider, found.ProviderAt))
	page.Outside = outsideLinks(found.Outside, a, h.Now())
	page.OutsideForbidden = wording.Forbidden(a, auth.SeeActivity)
	if row, ok := signingRow(h.Activity.CheckSigning(ctx, a)); ok {
		page.Health = append(page.Health, row)
	}
	for _, t := range h.Troubles() {
		page.Health = append(page.Health, troubleRow(t, a))
	}
	if found.Stale != nil && found.ReadAt.IsZero() {
		_, empty, ok := h.CouldNotLoad(c, found.Stale)
		if !ok {
			return found.Stale
		}
		page.Failed, page.First = &empty, nil
	}
	return h.Render(c, http.StatusOK, "Home", "home", pages.Show(page))
}

// AskNow handles POST /symphony/ask: an administrator doesn't wait until Foyer asks again
// by itself.
func (h *Handlers) AskNow(c echo.Context) error {
	found, err := h.Directory.AskNow(c.Request().Context(), kit.Actor(c))
	if err != nil {
		return err
	}
	if found.Err == nil {
		return h.SeeOther(c, "/", ui.Flash{Kind: ui.AlertOK, Title: "Symphony answers.", Text: "Foyer asks it again for everything."})
	}
	a := wording.Classify(found.Err)
	return h.SeeOther(c, "/", ui.Flash{Kind: ui.AlertAsk, Title: a.Title + ".", Text: a.What})
}

// firstPage is what the first page is made of.
type firstPage struct {
	directory.Overview
	Changes    []ledger.Event        // the last ones: everybody's for those who may see them, else the actor's own
	ChangesErr error                 // why they can't be shown
	Everyone   bool                  // whose they are
	Bulks      map[int64]bulk.Change // those that they are of, by their numbers
	Open       []change.Change       // the last touched of those that are not settled
	Unsettled  int                   // how many there are in all
	Symphony   directory.Health
	Outside    activity.Outside // what others changed lately
	People     directory.LargestCompanies
	Builds     *directory.Builds

	Provider   error // why the identity provider can't be used
	ProviderAt time.Time
}

// outsideFor is how far back the first page looks for what others changed.
const outsideFor = 7 * 24 * time.Hour

// homeOpen is how many changes that are not settled the first page shows.
const homeOpen = 10

// found gathers the first page, side by side: it waits for others.
func (h *Handlers) found(ctx context.Context, a auth.Actor) (f firstPage, err error) {
	err = safely.Together(
		func() (err error) { f.Overview, err = h.Directory.Overview(ctx, a); return err },
		func() error { f.Symphony = h.Directory.SymphonyHealth(ctx); return nil },
		func() error { f.ProviderAt, f.Provider = h.provider.check(ctx, h.Now, h.OIDC.Check); return nil },
		func() (err error) {
			// An event of which somebody left nothing to read keeps nobody from their work.
			if f.Changes, f.Everyone, f.ChangesErr = h.Activity.LastChanges(ctx, a); f.ChangesErr == nil {
				f.Bulks, err = h.bulksOf(ctx, a, f.Changes)
			}
			return err
		},
		func() (err error) { f.Open, f.Unsettled, err = h.Changes.Unsettled(ctx, a, homeOpen); return err },
		func() (err error) { f.Outside, err = h.Activity.Outside(ctx, a, h.Now().Add(-outsideFor)); return err },
	)
	if err != nil {
		return firstPage{}, err
	}
	if f.People, err = h.Directory.LargestCompanies(ctx, a); err != nil {
		return firstPage{}, err
	}
	f.Builds, err = h.Directory.Builds(ctx, a)
	return f, err
}

// bulksOf reads the bulk changes that events are of. One that isn't there is left out.
func (h *Handlers) bulksOf(ctx context.Context, a auth.Actor, events []ledger.Event) (map[int64]bulk.Change, error) {
	found := map[int64]bulk.Change{}
	for _, e := range events {
		if e.Bulk() == 0 {
			continue
		}
		c, err := h.Bulk.Get(ctx, a, e.Bulk())
		if errors.Is(err, portal.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found[c.ID] = c
	}
	return found, nil
}

// newHomePage maps what the first page shows. overdue and usual are the use
// cases' own judgement of how long a company may take.
func newHomePage(found firstPage, a auth.Actor, overdue func(directory.CompanyRecord) bool, usual string, now time.Time) pages.ShowPage {
	page := pages.ShowPage{
		Now: now, ReadAt: found.ReadAt, Actions: homeActions(a), Everyone: found.Everyone,
		Usual:  "Symphony says about " + usual,
		Health: []pages.HealthRow{symphonyRow(found.Symphony, a)},
	}
	if !found.ReadAt.IsZero() {
		page.Companies = ui.Count(found.Companies, "sponsored company", "sponsored companies")
		page.Stale = wording.Stale(found.Stale, found.ReadAt, now, "/")
		if found.Companies == 0 {
			page.First = &ui.EmptyProps{
				Kind: ui.EmptyNothing, Title: "No companies yet", Text: "Sponsor the first one: its people can be added about " + usual + " later.",
				Action: &ui.ButtonProps{Label: "New company", Href: views.NewCompanyPath, Forbidden: wording.Forbidden(a, auth.Onboard)},
			}
		}
	}
	for _, r := range found.Attention {
		page.Attention = append(page.Attention, companyInNeed(r, overdue(r), usual, now))
	}
	page.AttentionMore = found.NeedAttention - len(found.Attention)
	page.BuildingMore = found.BeingBuilt - len(found.Building)
	for _, r := range found.Building {
		page.Building = append(page.Building, pages.Company{
			Href: views.CompanyPath(r.ID), Name: r.Name, State: wording.CompanyStatus(r, false, now),
		})
	}
	for _, change := range found.Open {
		page.Open = append(page.Open, homeChange(change))
	}
	page.OpenMore = found.Unsettled - len(found.Open)
	page.Events, page.EventsUnread = lastRows(found, a, now), found.ChangesErr != nil
	if page.First == nil {
		page.People, page.Builds = peopleFigure(found.People, now), buildsFigure(found.Builds, usual)
	}
	if found.Everyone {
		page.ActivityHref = views.ActivityPath
	}
	return page
}

// lastRows map the last changes, each as it stands now: a bulk change goes on long after
// the event of its start.
func lastRows(found firstPage, a auth.Actor, now time.Time) (rows []views.EventRow) {
	for _, e := range wording.WithoutAnswered(found.Changes) {
		row := wording.EventRow(e, a, now)
		if c, ok := found.Bulks[e.Bulk()]; ok {
			rows = append(rows, wording.BulkRow(c, row))
			continue
		}
		if row.Whom != e.Company.Name {
			row.Company = e.Company.Name
			if e.Company.ID != "" {
				row.CompanyHref = views.CompanyPath(e.Company.ID)
			}
		} else if e.Company.ID != "" {
			row.WhomHref = views.CompanyPath(e.Company.ID)
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b views.EventRow) int { return b.At.Compare(a.At) })
	return rows
}

// homeActions are what people come for, by what their roles allow.
func homeActions(a auth.Actor) []ui.ButtonProps {
	actions := []ui.ButtonProps{
		{Label: "Find people", Href: views.FindPath(""), Icon: ui.IconFind},
		{Label: "Pre-check", Href: views.PrecheckPath, Icon: ui.IconPrecheck},
	}
	if a.Can(auth.Onboard) {
		actions = append(actions, ui.ButtonProps{Label: "Bulk change", Href: views.NewBulkPath("", ""), Icon: ui.IconImports})
		actions = append(actions, ui.ButtonProps{Label: "New company", Href: views.NewCompanyPath, Icon: ui.IconAdd, Variant: ui.ButtonPrimary})
	}
	return actions
}

// companyInNeed says what is wrong with a company, and what to do about it.
func companyInNeed(r directory.CompanyRecord, overdue bool, usual string, now time.Time) pages.Company {
	row := pages.Company{Href: views.CompanyPath(r.ID), Name: r.Name, State: wording.CompanyStatus(r, overdue, now)}
	switch {
	case r.State.Failed():
		row.Text = "Symphony could not build it: " + strings.TrimPrefix(wording.FailureTitle(r.State), "Failed: ") + "."
		row.Next = "Only Symphony can help. The company’s page has a message to send them."
	case overdue:
		row.Text = fmt.Sprintf("It has been building for %s; Symphony says about %s.", wording.Briefly(now.Sub(r.CreatedAt)), usual)
		row.Next = "Ask Symphony what it waits for. The company’s page has a message to send them."
	default:
		row.Text = "Symphony reports a state that Foyer doesn’t know."
		row.Next = "Ask Symphony what it means. Until then no people can be added."
	}
	return row
}

// homeChange is a change that isn't settled yet: on its way, or unknown.
func homeChange(made change.Change) pages.Change {
	row := pages.Change{
		Href: views.ChangePath(made.ID), Title: wording.ChangeTitle(made), By: wording.ActorName(made.Actor, made.Erased), At: made.CreatedAt,
		State: ui.StatusProps{Kind: ui.StatusUnknown, Word: "Not known yet"}, Text: "Symphony’s answer was lost. Foyer is asking what became of it.",
	}
	switch made.State {
	case change.Sent:
		row.State, row.Text = ui.StatusProps{Kind: ui.StatusWaiting, Word: wording.StateWord(made.State)}, "Symphony has not answered yet."
	case change.Proposed, change.Queued:
		row.State, row.Text = ui.StatusProps{Kind: ui.StatusWaiting, Word: wording.StateWord(made.State)}, "Nothing has been sent."
	default:
	}
	return row
}

// symphonyRow says whether Symphony answers, and what it means when it doesn't.
func symphonyRow(health directory.Health, asker auth.Actor) pages.HealthRow {
	row := pages.HealthRow{Name: "Symphony", State: ui.StatusProps{Kind: ui.StatusReady, Word: "Answers"}, At: health.CheckedAt}
	if health.Err == nil {
		return row
	}
	a := wording.Classify(health.Err)
	if errors.Is(health.Err, portal.ErrNoAnswerYet) {
		row.State, row.Text = ui.StatusProps{Kind: ui.StatusWaiting, Word: "Slow"}, a.Title+". Pages show what Foyer read before, and say so, rather than wait for it."
		return row
	}
	row.State = ui.StatusProps{Kind: ui.StatusFailed, Word: "Doesn’t answer"}
	if _, limited := sapi.IsRateLimited(health.Err); limited || sapi.IsCredentialsRejected(health.Err) || sapi.IsForbidden(health.Err) {
		row.State.Word = "Refuses"
	}
	if why := wording.TLSWords(health.Err); why != "" {
		row.State.Word = "Not trusted"
		a.Title += ": " + why
	}
	row.Text = a.Title + ". What Foyer read before can still be seen; nothing can be changed. " + a.Next
	if until := sapi.WaitsUntil(health.Err); !until.IsZero() {
		row.Text = a.Title + ". Foyer asks again at " + ui.Clock(until) + " UTC. What it read before can still be seen; until then nothing can be changed."
	}
	if asker.Can(auth.AskNow) {
		row.AskPath = views.AskSymphonyPath
	}
	return row
}

// signingRow says why this process can't sign the ledger; ok is false where it can.
func signingRow(err error) (row pages.HealthRow, ok bool) {
	whom, word, text := wording.UnsignedWords(err)
	return pages.HealthRow{Name: whom, State: ui.StatusProps{Kind: ui.StatusFailed, Word: word}, Text: text}, whom != ""
}

// providerRow says whether people can sign in, and what it means when they
// can't.
func providerRow(err error, askedAt time.Time) pages.HealthRow {
	row := pages.HealthRow{Name: "Sign-in service", State: ui.StatusProps{Kind: ui.StatusReady, Word: "Answers"}, At: askedAt}
	if err != nil {
		row.State = ui.StatusProps{Kind: ui.StatusFailed, Word: "Doesn’t answer"}
		row.Text = "People who are signed in can go on working. Nobody else can sign in until it answers."
	}
	if why := wording.TLSWords(err); why != "" {
		row.State.Word = "Not trusted"
		row.Text = "There is no safe connection to it: " + why + ". People who are signed in can go on working. Nobody else can sign in. Tell whoever runs Foyer."
	}
	return row
}

// troubleRow says what about Foyer itself isn't as it should be. Whoever may see everybody's
// activity is led to the event that it is about.
func troubleRow(t wording.Trouble, a auth.Actor) pages.HealthRow {
	whom, word, text := wording.TroubleWords(t)
	row := pages.HealthRow{Name: whom, State: ui.StatusProps{Kind: ui.StatusPartial, Word: word}, Text: text, At: t.At}
	if t.Grave() {
		row.State.Kind = ui.StatusFailed
	}
	if t.Code == wording.NotWitnessed {
		row.At = time.Time{} // nothing was asked then: the words say what it is
	}
	if a.Can(auth.SeeActivity) {
		row.Link = wording.TroubleLink(t)
	}
	return row
}

// outsideLinks leads whoever may see everybody's activity from each line about what
// others changed to the events that it counts.
func outsideLinks(o activity.Outside, a auth.Actor, now time.Time) []ui.Link {
	lines := wording.Outside(o)
	links := make([]ui.Link, len(lines))
	for i, line := range lines {
		links[i].Label = line.Words
		if a.Can(auth.SeeActivity) {
			since := now.UTC().Add(-outsideFor).Format(time.DateOnly)
			links[i].Href = views.WithQuery(views.ActivityPath, url.Values{"action": {string(line.Action)}, "from": {since}})
		}
	}
	return links
}
