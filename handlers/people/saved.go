package people

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/views"
	pages "foyer/views/people"
	"foyer/views/ui"
)

// saving is a form that saves a filter, as it was filled in; zero when it wasn't sent.
type saving struct {
	name    string
	shared  bool
	problem string
	unsaved bool // the store can't be written
}

func (s saving) status() int {
	switch {
	case s.unsaved:
		return http.StatusServiceUnavailable
	case s.problem != "":
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// form is the form for what is set now.
func (s saving) form(filters url.Values) pages.SaveForm {
	return pages.SaveForm{Query: filters.Encode(), Name: s.name, Shared: s.shared, Problem: s.problem}
}

// SaveFilter handles POST /people/filters: the filters of a table are saved under a
// name.
func (h *Handlers) SaveFilter(c echo.Context) error {
	form := c.Request().PostForm
	t, err := parseTable(backTo(form), "", h.Now())
	if err == nil {
		t, err = t.asFile()
	}
	if err != nil {
		return err
	}
	if company := kit.OneSpelling(form.Get(companyParameter)); kit.IsID(company) {
		t.values.Set(companyParameter, company) // what was set on its own page is set on everybody's
	}
	s := saving{name: form.Get("filterName"), shared: form.Get("shared") != ""}
	back := views.WithQuery(views.AllPeoplePath, t.filters())
	err = h.Directory.SaveFilter(c.Request().Context(), kit.Actor(c), s.name, t.filters().Encode(), s.shared)
	if invalid, ok := errors.AsType[*portal.Invalid](err); ok {
		s.problem = wording.FieldWords(invalid.Fields[0])
		return h.show(c, nil, t.filters(), s)
	}
	if _, found, ok := h.NotSaved(c, err); ok {
		s.problem, s.unsaved = found.For(""), true
		return h.show(c, nil, t.filters(), s)
	}
	if err != nil {
		return err
	}
	words := "It is in your saved filters."
	if s.shared {
		words = "Everybody has it in their saved filters."
	}
	return h.SeeOther(c, back, ui.Flash{Kind: ui.AlertOK, Title: "The filter “" + strings.TrimSpace(s.name) + "” was saved.", Text: words})
}

// DeleteFilter handles POST /people/filters/:id/delete.
func (h *Handlers) DeleteFilter(c echo.Context) error {
	if err := h.Directory.DeleteFilter(c.Request().Context(), kit.Actor(c), c.Param("id")); err != nil {
		return err
	}
	return h.SeeOther(c, views.AllPeoplePath, ui.Flash{Kind: ui.AlertOK, Title: "The filter was deleted."})
}

// savedFilters are the filters that somebody is offered.
func savedFilters(filters []directory.SavedFilter, t table, a auth.Actor) []pages.SavedFilter {
	rows := make([]pages.SavedFilter, len(filters))
	for i, f := range filters {
		row := pages.SavedFilter{Name: f.Name, Href: views.AllPeoplePath + "?" + f.Query, Whose: "for everybody", Current: t.company == "" && f.Query == t.filters().Encode()}
		switch {
		case f.Owned(a) && f.Shared:
			row.Whose = "yours, for everybody"
		case f.Owned(a):
			row.Whose = "yours"
		}
		if f.MayDelete(a) {
			row.Delete = views.DeleteFilterPath(f.ID)
		}
		rows[i] = row
	}
	return rows
}
