package companies

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/ledger"
	"foyer/portal/directory"
	"foyer/views"
	pages "foyer/views/companies"
	"foyer/views/ui"
)

// suggestedTags is how many tags in use the form names.
const suggestedTags = 20

// EditNotes handles GET /companies/:id/notes.
func (h *Handlers) EditNotes(c echo.Context) error {
	company, err := h.Directory.Company(c.Request().Context(), kit.Actor(c), kit.CompanyID(c))
	if err != nil {
		return err
	}
	notes := company.Notes
	page := pages.NotesPage{Tags: strings.Join(notes.Tags, ", "), Alias: notes.Alias, Reference: notes.Reference, Seen: notes.Version()}
	if draft := h.TakeDraft(c); draft != nil {
		page = typedNotes(draft)
		page.Draft = true
	}
	page.Name = company.Name
	return h.notesForm(c, http.StatusOK, page)
}

// typedNotes is the form as it was filled in.
func typedNotes(form url.Values) pages.NotesPage {
	return pages.NotesPage{Tags: form.Get("tags"), Alias: form.Get("alias"), Reference: form.Get("reference"), Seen: form.Get("seen")}
}

// SaveNotes handles POST /companies/:id/notes.
func (h *Handlers) SaveNotes(c echo.Context) error {
	ctx, a, id := c.Request().Context(), kit.Actor(c), kit.CompanyID(c)
	if err := kit.Has(c, "tags", "alias", "reference", "seen"); err != nil {
		return err
	}
	page := typedNotes(c.Request().PostForm)
	typed := directory.CompanyNotes{Tags: directory.SplitTags(page.Tags), Alias: page.Alias, Reference: page.Reference}
	err := h.Directory.SaveCompanyNotes(ctx, a, id, typed, page.Seen)
	if found, ok := kit.FormErrors(err); ok {
		page.Errors = found
		return h.notesForm(c, http.StatusUnprocessableEntity, page)
	}
	if status, found, ok := h.NotSaved(c, err); ok {
		page.Errors = found
		return h.notesForm(c, status, page)
	}
	if meanwhile, ok := errors.AsType[*directory.NotesChanged](err); ok {
		history, err := h.Activity.CompanyHistory(ctx, a, id, ledger.Page{Limit: lastEvents})
		if err != nil {
			return err
		}
		page.Seen = meanwhile.Now.Version()
		now := companyNotes(meanwhile.Now)
		for i := range now.Tags {
			now.Tags[i].Href = "" // nothing leads away from what was typed
		}
		page.Changed = &pages.NotesChange{By: wording.NotedBy(history.Events, ledger.NoteCompany), Now: now}
		return h.notesForm(c, http.StatusConflict, page)
	}
	if err != nil {
		return err
	}
	return h.SeeOther(c, views.CompanyPath(id), ui.Flash{Kind: ui.AlertOK, Title: "The notes are saved."})
}

// notesForm shows the form with what it says besides of the company.
func (h *Handlers) notesForm(c echo.Context, status int, page pages.NotesPage) error {
	known, err := h.Directory.Covered(c.Request().Context(), kit.Actor(c))
	if err != nil {
		return err
	}
	page.ID = kit.CompanyID(c)
	if page.Name == "" {
		page.Name = known.Name(page.ID)
	}
	for _, tag := range known.Tags() {
		if len(page.InUse) < suggestedTags {
			page.InUse = append(page.InUse, tag.Tag)
		}
	}
	return h.RenderIn(c, status, kit.Frame{Title: "Notes on " + page.Name, Nav: "companies", Errors: page.Errors.Any()}, pages.NotesForm(page))
}

// companyNotes are the notes as pages show them.
func companyNotes(n directory.CompanyNotes) pages.Notes {
	return pages.Notes{Tags: wording.Tags(n.Tags), Alias: n.Alias, Reference: n.Reference}
}

// changeNotes is the button that leads to the form, or why it can't be used.
func changeNotes(company directory.Company, a auth.Actor) ui.ButtonProps {
	b := ui.ButtonProps{Label: "Change", Href: views.NotesPath(company.ID), Small: true, Forbidden: wording.Forbidden(a, auth.Onboard)}
	if !company.Notes.Any() {
		b.Label = "Add notes"
	}
	return b
}
