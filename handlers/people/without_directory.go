package people

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/portal/directory"
	pages "foyer/views/people"
	"foyer/views/ui"
)

// fromSymphony answers with the people of one company as Symphony lists them, while the
// directory can't be used. What only the directory can do, such as filters, fails: a list
// without them must not pass for one with them.
func (h *Handlers) fromSymphony(c echo.Context, l list, down *directory.Unavailable) error {
	ctx, frame := c.Request().Context(), kit.Frame{Title: "People of " + l.company.Name, Nav: "companies"}
	ready := l.company.State.Ready()
	if ready && (len(l.filters()) > 0 || l.After+l.Before != "") {
		return down
	}
	var err error
	if l.Known, err = h.Directory.Covered(ctx, l.actor); err != nil {
		return err
	}
	if !ready {
		return h.RenderIn(c, http.StatusOK, frame, pages.List(l.page()))
	}
	page, err := kit.PageNumber(c)
	if err != nil {
		return err
	}
	people, err := h.Directory.Users(ctx, l.actor, l.company.ID, page, l.Limit)
	if status, empty, ok := h.CouldNotLoad(c, err); ok {
		view := l.page()
		view.Counts, view.Fresh, view.Empty = nil, pages.Fresh{}, &empty
		return h.RenderIn(c, status, frame, pages.List(view))
	} else if err != nil {
		return err
	}
	l.Rows = people.Rows
	if err = h.readNotes(c, &l); err != nil {
		return err
	}
	return h.RenderIn(c, http.StatusOK, frame, pages.List(l.pageOfSymphony(people)))
}

// formAlone answers with a form that was refused, as it was filled, in a table of which
// nobody can be shown.
func (h *Handlers) formAlone(c echo.Context, l list, s saving, down *directory.Unavailable) (err error) {
	ctx := c.Request().Context()
	if l.Known, err = h.Directory.Covered(ctx, l.actor); err != nil {
		return err
	}
	filters, err := h.Directory.SavedFilters(ctx, l.actor)
	if err != nil {
		return err
	}
	_, empty, _ := h.CouldNotLoad(c, down)
	empty.Action.Href = l.href()
	view := l.page()
	view.Counts, view.Fresh, view.Matched, view.Exact, view.Empty = nil, pages.Fresh{}, "", "", &empty
	view.Save, view.Saved = s.form(l.filters()), savedFilters(filters, l.table, l.actor)
	return h.RenderIn(c, s.status(), kit.Frame{Title: view.Title, Nav: "people", Errors: true}, pages.List(view))
}

// total is how many people Symphony says there are, as far as that can be believed.
func total(people directory.UserPage) string {
	if count := ui.Count(int(people.Total), "person", "people"); !people.AtLeast {
		return count
	} else {
		return "at least " + count
	}
}

// pageOfSymphony maps a page of Symphony's list, without the ways to what only the
// directory can do.
func (l list) pageOfSymphony(people directory.UserPage) pages.ListPage {
	l.values.Del(sortParameter)
	l.values.Del(orderParameter)
	view := l.page()
	view.Counts, view.Downloads, view.Select.All = nil, nil, ""
	view.Fresh = pages.Fresh{Words: []string{total(people), "as Symphony lists them"}}
	view.Cut = "These are the company’s people as Symphony lists them. Until the directory can be used again they can’t be searched, filtered, sorted or taken as a file."
	for i := range view.Columns {
		view.Columns[i].SortHref = ""
		view.Columns[i].Sorted = ui.SortNone
	}
	if len(l.Rows) == 0 && people.Page == 1 {
		view.Empty = &ui.EmptyProps{Kind: ui.EmptyNothing, Title: "Nobody is here yet", Text: "Symphony lists nobody of this company.", Action: view.Add}
	}
	number := func(n int) string { return l.href(ui.Parameter{Name: ui.PageParameter, Value: strconv.Itoa(n)}) }
	view.Pager.First, view.Pager.Previous, view.Pager.Next = "", "", ""
	if people.Page > 1 {
		view.Pager.First, view.Pager.Previous = number(1), number(people.Page-1)
	}
	if people.Page < people.Pages || people.AtLeast && len(people.Rows) == people.Size {
		view.Pager.Next = number(people.Page + 1)
	}
	return view
}
