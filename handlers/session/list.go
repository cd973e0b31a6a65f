package session

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/views"
	pages "foyer/views/session"
	"foyer/views/ui"
)

// List handles GET /sessions: one's own, and everybody's for who may end them.
func (h *Handlers) List(c echo.Context) error {
	own := kit.Session(c)
	number, err := kit.PageNumber(c)
	if err != nil {
		return err
	}
	page := pages.ListPage{Now: h.Now(), Everyone: own.Person.Roles.Can(auth.EndSessions)}
	of := own.Person
	if page.Everyone {
		of = auth.Person{}
	}
	list, err := h.Sessions.List(c.Request().Context(), of, number)
	if err != nil {
		return err
	}
	page.Pager = ui.NewPager(views.SessionsPath, nil, list.Page, auth.ListSize, list.Total, nil)
	seen := map[string]bool{} // whose sessions the page has already
	for _, s := range list.Rows {
		mine := s.Person.Subject == own.Person.Subject
		page.Rows = append(page.Rows, pages.Row{
			ID: s.ID, Name: s.Person.Name, Email: s.Person.Email, Role: s.Person.Roles.String(),
			Address: s.Address, Browser: wording.BrowserName(s.UserAgent), UserAgent: s.UserAgent, BeganAt: s.CreatedAt, SeenAt: s.SeenAt,
			Own: mine, Current: s.ID == own.ID, EndAll: page.Everyone && !mine && !seen[s.Person.Subject],
		})
		seen[s.Person.Subject] = true
	}
	return h.Render(c, http.StatusOK, "Sessions", "sessions", pages.List(page))
}

// End handles POST /sessions/:id/end: one's own other sessions, or anybody's
// for who may.
func (h *Handlers) End(c echo.Context) error {
	own, ctx := kit.Session(c), c.Request().Context()
	whose, err := h.Sessions.ByID(ctx, c.Param("id"))
	if errors.Is(err, auth.ErrNoSession) {
		return h.endedAlready(c)
	}
	if err != nil {
		return err
	}
	switch mine := whose.Person.Subject == own.Person.Subject; {
	case mine:
		err = h.Activity.SignedOut(ctx, kit.Actor(c))
	case own.Person.Roles.Can(auth.EndSessions) && !h.IsFresh(own):
		return h.AskAgain(c, views.SessionsPath)
	default:
		err = h.Activity.SessionEnded(ctx, kit.Actor(c), whose.Person)
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
	return h.SeeOther(c, views.SessionsPath, ui.Flash{Kind: ui.AlertOK, Title: "The session was ended.", Text: "Whatever is open in that browser can do nothing any more."})
}

// EndAll handles POST /sessions/:id/end-all: all sessions of the person who has this
// one, for who may end other people's.
func (h *Handlers) EndAll(c echo.Context) error {
	own, ctx := kit.Session(c), c.Request().Context()
	whose, err := h.Sessions.ByID(ctx, c.Param("id"))
	if errors.Is(err, auth.ErrNoSession) {
		return h.endedAlready(c)
	}
	if err != nil {
		return err
	}
	if own.Person.Roles.Can(auth.EndSessions) && !h.IsFresh(own) {
		return h.AskAgain(c, views.SessionsPath)
	}
	if err := h.Activity.AllSessionsEnded(ctx, kit.Actor(c), whose.Person); err != nil {
		return err
	}
	n, err := h.Sessions.EndAll(ctx, whose.Person)
	if err != nil {
		return err
	}
	if whose.Person.Subject == own.Person.Subject {
		return c.Redirect(http.StatusSeeOther, "/signed-out")
	}
	return h.SeeOther(c, views.SessionsPath, ui.Flash{
		Kind: ui.AlertOK, Title: ui.Count(n, "session was", "sessions were") + " ended.", Text: "Whatever this person has open can do nothing any more.",
	})
}

// endedAlready answers for a session that has ended since the page was shown.
func (h *Handlers) endedAlready(c echo.Context) error {
	return h.SeeOther(c, views.SessionsPath, ui.Flash{Kind: ui.AlertInfo, Title: "The session had ended already.", Text: "Nothing was changed."})
}
