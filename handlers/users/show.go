package users

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/sapi"
	"foyer/views"
	"foyer/views/ui"
	pages "foyer/views/users"
)

// Show handles GET /companies/:id/users/:uid. Somebody whom Symphony doesn't know any more
// is shown as Foyer last read them, with 200: the address names the page that Foyer has of
// them, and that is there. Whom Foyer never had is a 404.
func (h *Handlers) Show(c echo.Context) error {
	a, ctx := kit.Actor(c), c.Request().Context()
	user, err := h.Directory.UserOrGone(ctx, a, kit.CompanyID(c), kit.UserID(c))
	if err != nil {
		return err
	}
	history, err := h.Activity.UserHistory(ctx, a, user.CompanyID, ledger.User{ID: user.ID, Email: user.Email}, ledger.Page{Limit: historyRows})
	if err != nil {
		return err
	}
	statuses, err := h.Directory.StatusHistory(ctx, a, user.UserRecord)
	if err != nil {
		return err
	}
	view := newUserPage(user, statuses, a, h.Now())
	if other, found, err := h.Changes.UnsettledStatus(ctx, a, user.CompanyID, user.ID); err != nil {
		return err
	} else if found {
		words := wording.ActorName(other.Actor, other.Erased) + " asked for it at " + ui.Clock(other.CreatedAt) + " UTC: " + wording.Standing(other.State) + "."
		view.Unsettled = &pages.UnsettledChange{Title: wording.ChangeTitle(other), Words: words, Href: views.ChangePath(other.ID)}
	}
	view.History = wording.EventRows(wording.OfPerson(history.Events, user.ID), a, h.Now())
	if history.Next != 0 {
		view.HistoryHref = views.UserHistoryPath(user.CompanyID, user.ID, 0)
	}
	if view.Note, err = h.noteOn(c); err != nil {
		return err
	}
	view.ChangeNote = changeNote(c, view.Note)
	status, err := h.fillAt(c, &view, user)
	if err != nil {
		return err
	}
	return h.RenderIn(c, status, kit.Frame{Title: view.Name, Nav: "companies", Errors: view.Errors.Any()}, pages.Show(view))
}

func newUserPage(u directory.User, h directory.StatusHistory, a auth.Actor, now time.Time) pages.ShowPage {
	view := pages.ShowPage{
		Name: portal.UserName(u.User), Href: views.UserPath(u.CompanyID, u.ID), CompanyID: u.CompanyID, CompanyName: u.Company.Name,
		Answer: newAnswer(u, h, now), SignInHref: views.SignInPath(u.CompanyID, u.ID), Timeline: newTimeline(u, h, a, now),
		Status: wording.StatusCell(u.UserRecord, now), ReadAt: u.ReadAt, Now: now,
		Actions: []ui.ButtonProps{statusWay(u, a)},
		Stale:   wording.Stale(u.Stale, u.ReadAt, now, views.UserPath(u.CompanyID, u.ID)),
		Facts: []ui.KeyValueItem{
			{Key: "E-mail", Value: u.Email, Copy: true},
			{Key: "First name", Value: u.FirstName},
			{Key: "Last name", Value: u.LastName},
			{Key: "Display name", Value: u.DisplayName},
			{Key: "Job title", Value: u.Title},
			{Key: "Department", Value: u.Department},
			{Key: "Location", Value: u.Location},
			{Key: "Phone number", Value: u.PhoneNumber},
			{Key: "User id", Value: u.ID, Code: true, Copy: true},
			{Key: "Symphony id", Value: wording.SymphonyID(u.SymphonyUserID), Code: true, Copy: true},
			{Key: "Created", Value: wording.UTC(u.CreatedAt)},
			{Key: "Changed", Value: wording.UTC(u.UpdatedAt)},
		},
	}
	if u.Gone() {
		view.Gone, view.SignInHref, view.Actions = true, "", nil
	}
	return view
}

// fillAt puts the status at the asked time into a person's page.
func (h *Handlers) fillAt(c echo.Context, view *pages.ShowPage, user directory.User) (status int, err error) {
	path, typed := views.UserPath(user.CompanyID, user.ID), c.QueryParam("at")
	at, problem := parsePast(typed, h.Now())
	view.At = pages.AtForm{Action: path, Value: atValue(at, typed), Error: problem}
	switch {
	case problem != "":
		view.Errors.Add("at", problem)
		view.At.NowHref = path
		return http.StatusUnprocessableEntity, nil
	case at.IsZero():
		return http.StatusOK, nil
	}
	a := kit.Actor(c)
	past, err := h.Directory.StatusAt(c.Request().Context(), a, user.CompanyID, []string{user.ID}, at)
	if err != nil {
		return 0, err
	}
	known := past.People[user.ID]
	view.At.NowHref = path
	view.Actions = nil // they are about now
	view.Past = new(pastStatus(known, user.CreatedAt, a))
	view.AsOf = &pages.PastNote{At: ui.UTC(at), Whom: "this person", Since: wording.UTC(known.Since)}
	return http.StatusOK, nil
}

// statusWay is the button that leads to the page on which a status is changed,
// or why it can't be used.
func statusWay(u directory.User, a auth.Actor) ui.ButtonProps {
	b := ui.ButtonProps{
		Label: wording.UserAction(u.UserRecord, a).Label, Href: views.StatusPath(u.CompanyID, u.ID),
		Forbidden: wording.Forbidden(a, auth.ChangeStatus),
	}
	if u.Status == sapi.StatusActive {
		b.Variant = ui.ButtonDanger
	}
	return b
}
