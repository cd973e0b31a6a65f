package users

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/ledger"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/views"
	"foyer/views/ui"
	pages "foyer/views/users"
)

// whom names the person of a path.
func whom(c echo.Context) directory.UserRef {
	return directory.UserRef{CompanyID: kit.CompanyID(c), UserID: kit.UserID(c)}
}

// EditNote handles GET /companies/:id/users/:uid/note.
func (h *Handlers) EditNote(c echo.Context) error {
	note, err := h.noteOn(c)
	if err != nil {
		return err
	}
	page := pages.NotePage{Note: note, Seen: directory.NoteVersion(note)}
	if draft := h.TakeDraft(c); draft != nil {
		page = pages.NotePage{Note: draft.Get("note"), Seen: draft.Get("seen"), Draft: true}
	}
	return h.noteForm(c, http.StatusOK, page)
}

// noteOn is the note on the person of a path.
func (h *Handlers) noteOn(c echo.Context) (string, error) {
	notes, err := h.Directory.PersonNotes(c.Request().Context(), kit.Actor(c), whom(c))
	return notes[whom(c)], err
}

// SaveNote handles POST /companies/:id/users/:uid/note.
func (h *Handlers) SaveNote(c echo.Context) error {
	ctx, a, form := c.Request().Context(), kit.Actor(c), c.Request().PostForm
	if err := kit.Has(c, "note", "seen"); err != nil {
		return err
	}
	page := pages.NotePage{Note: form.Get("note"), Seen: form.Get("seen")}
	err := h.Directory.SavePersonNote(ctx, a, whom(c), page.Note, page.Seen)
	if found, ok := kit.FormErrors(err); ok {
		page.Errors = found
		return h.noteForm(c, http.StatusUnprocessableEntity, page)
	}
	if status, found, ok := h.NotSaved(c, err); ok {
		page.Errors = found
		return h.noteForm(c, status, page)
	}
	if meanwhile, ok := errors.AsType[*directory.NoteChanged](err); ok {
		history, err := h.Activity.UserHistory(ctx, a, kit.CompanyID(c), ledger.User{ID: kit.UserID(c)}, ledger.Page{Limit: whoLooksBack})
		if err != nil {
			return err
		}
		page.Seen = directory.NoteVersion(meanwhile.Now)
		page.Changed = &pages.NoteChange{By: wording.NotedBy(history.Events, ledger.NoteUser), Now: meanwhile.Now}
		return h.noteForm(c, http.StatusConflict, page)
	}
	if err != nil {
		return err
	}
	return h.SeeOther(c, views.UserPath(kit.CompanyID(c), kit.UserID(c)), ui.Flash{Kind: ui.AlertOK, Title: "The note is saved."})
}

// noteForm shows the form with whom it is about.
func (h *Handlers) noteForm(c echo.Context, status int, page pages.NotePage) error {
	user, err := h.Directory.UserOrGone(c.Request().Context(), kit.Actor(c), kit.CompanyID(c), kit.UserID(c))
	if err != nil {
		return err
	}
	page.CompanyID, page.CompanyName = user.CompanyID, user.Company.Name
	page.UserID, page.UserName = user.ID, portal.UserName(user.User)
	return h.RenderIn(c, status, kit.Frame{Title: "Note on " + page.UserName, Nav: "companies", Errors: page.Errors.Any()}, pages.NoteForm(page))
}

// changeNote is the button that leads to the form, or why it can't be used.
func changeNote(c echo.Context, note string) ui.ButtonProps {
	b := ui.ButtonProps{
		Label: "Change", Href: views.NotePath(kit.CompanyID(c), kit.UserID(c)), Small: true,
		Forbidden: wording.Forbidden(kit.Actor(c), auth.ChangeStatus),
	}
	if note == "" {
		b.Label = "Add a note"
	}
	return b
}
