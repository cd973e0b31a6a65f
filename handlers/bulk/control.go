package bulk

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/portal/bulk"
	"foyer/views"
	"foyer/views/ui"
)

// do has a use case done with the bulk change of the path.
func (h *Handlers) do(c echo.Context, use func(ctx context.Context, a auth.Actor, id int64) (bulk.Change, error), flash ui.Flash) error {
	id, err := changeID(c)
	if err != nil {
		return err
	}
	_, err = use(c.Request().Context(), kit.Actor(c), id)
	return h.done(c, id, err, flash)
}

// Pause handles POST /bulk/:id/pause.
func (h *Handlers) Pause(c echo.Context) error {
	return h.do(c, h.Bulk.Pause, ui.Flash{Kind: ui.AlertOK, Title: "It is paused.", Text: "Calls that are under way are finished, and no other is begun."})
}

// Resume handles POST /bulk/:id/resume.
func (h *Handlers) Resume(c echo.Context) error {
	return h.do(c, h.Bulk.Resume, ui.Flash{Kind: ui.AlertOK, Title: "It goes on."})
}

// Stop handles POST /bulk/:id/stop.
func (h *Handlers) Stop(c echo.Context) error {
	return h.do(c, h.Bulk.Stop, ui.Flash{Kind: ui.AlertOK, Title: "It is stopped.", Text: "Calls that are under way are finished. What was not sent is left out."})
}

// TakeBack handles POST /bulk/:id/takeback.
func (h *Handlers) TakeBack(c echo.Context) error {
	return h.do(c, h.Bulk.TakeBack, ui.Flash{})
}

// Discard handles POST /bulk/:id/discard.
func (h *Handlers) Discard(c echo.Context) error {
	return h.do(c, h.Bulk.Discard, ui.Flash{})
}

// CheckAgain handles POST /bulk/:id/check.
func (h *Handlers) CheckAgain(c echo.Context) error {
	return h.do(c, h.Bulk.CheckAgain, ui.Flash{})
}

// LettersAreRight handles POST /bulk/:id/letters.
func (h *Handlers) LettersAreRight(c echo.Context) error {
	seen := c.Request().PostForm.Get(seenField)
	return h.do(c, func(ctx context.Context, a auth.Actor, id int64) (bulk.Change, error) {
		return h.Bulk.LettersAreRight(ctx, a, id, seen)
	}, ui.Flash{})
}

// EnableDisabled handles POST /bulk/:id/disabled.
func (h *Handlers) EnableDisabled(c echo.Context) error {
	enable := c.Request().PostForm.Get("enable") == "true"
	return h.do(c, func(ctx context.Context, a auth.Actor, id int64) (bulk.Change, error) {
		return h.Bulk.EnableDisabled(ctx, a, id, enable)
	}, ui.Flash{})
}

// Mend handles POST /bulk/:id/mend.
func (h *Handlers) Mend(c echo.Context) error {
	id, err := changeID(c)
	if err != nil {
		return err
	}
	_, n, err := h.Bulk.Mend(c.Request().Context(), kit.Actor(c), id)
	return h.done(c, id, err, ui.Flash{Kind: ui.AlertOK, Title: ui.Count(n, "row was", "rows were") + " corrected.", Text: "The list is checked again."})
}

// ChangeDomain handles POST /bulk/:id/domain: a misspelt domain is mended in all addresses.
func (h *Handlers) ChangeDomain(c echo.Context) error {
	id, err := changeID(c)
	if err != nil {
		return err
	}
	form := c.Request().PostForm
	_, n, err := h.Bulk.ChangeDomain(c.Request().Context(), kit.Actor(c), id, form.Get("from"), form.Get("to"))
	return h.done(c, id, err, ui.Flash{Kind: ui.AlertOK, Title: ui.Count(n, "address was", "addresses were") + " changed.", Text: "These rows are checked again."})
}

// Again handles POST /bulk/:id/again.
func (h *Handlers) Again(c echo.Context) error { return h.another(c, "again", h.Bulk.Again) }

// Undo handles POST /bulk/:id/undo.
func (h *Handlers) Undo(c echo.Context) error { return h.another(c, "undo", h.Bulk.Undo) }

// another makes another bulk change of the one of the path.
func (h *Handlers) another(c echo.Context, what string, use func(ctx context.Context, a auth.Actor, id int64, token string) (bulk.Change, error)) error {
	change, err := h.changeOf(c)
	if err != nil {
		return err
	}
	token, issued := newOf(change.ID, what).Token(c)
	if !issued {
		if made, before, err := h.madeBefore(c, token); before || err != nil {
			return h.seeMade(c, made, err)
		}
		return h.show(c, http.StatusUnprocessableEntity, change, shown{errors: outOfDate()})
	}
	next, err := use(c.Request().Context(), kit.Actor(c), change.ID, token)
	if found, ok := kit.FormErrors(err); ok {
		return h.show(c, http.StatusUnprocessableEntity, change, shown{errors: found})
	} else if err != nil {
		return h.done(c, change.ID, err, ui.Flash{})
	}
	return c.Redirect(http.StatusSeeOther, views.BulkChangePath(next.ID))
}
