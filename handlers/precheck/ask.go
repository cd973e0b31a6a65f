package precheck

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/lists"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/precheck"
	pages "foyer/views/precheck"
	"foyer/views/ui"
)

// Handlers answers who is on Symphony already. All of its fields are required.
type Handlers struct {
	*kit.Kit
	Precheck *precheck.Service
	Activity *activity.Activity
}

// Show handles GET /precheck: the form, and with ?email= or ?domain= the answer
// about that one at once.
func (h *Handlers) Show(c echo.Context) error {
	draft := h.TakeDraft(c)
	page := pages.ShowPage{Input: precheckInput(draft), NotSentYet: draft != nil}
	if asked := cmp.Or(c.QueryParam("email"), c.QueryParam("domain")); asked != "" && draft == nil {
		page.Input = asked
		return h.answer(c, page)
	}
	page.Back = h.BackToPrecheck(c)
	return h.page(c, http.StatusOK, page)
}

// Ask handles POST /precheck: about what was typed, or about the last list again.
func (h *Handlers) Ask(c echo.Context) error {
	input := precheckInput(c.Request().PostForm)
	if list, ok := h.AskedList(c); ok && c.Request().PostForm.Has("last") {
		input = list.Input
	}
	return h.answer(c, pages.ShowPage{Input: input})
}

// answer asks about what was typed and shows the verdicts; or the form again.
func (h *Handlers) answer(c echo.Context, page pages.ShowPage) error {
	asked, problems, err := h.verdicts(c, page.Input)
	if err != nil {
		return err
	}
	if page.Errors = problems; problems.Any() {
		return h.page(c, http.StatusUnprocessableEntity, page)
	}
	page.Unseen = strings.Join(asked.unseen, ", ")
	page.Groups, page.Filters = asked.groups(kit.Actor(c)), filters(asked.rows)
	page.Title, page.AskedAt = ui.Count(len(asked.rows), "verdict", "verdicts"), h.Now()
	h.KeepAskedList(c, kit.AskedList{Input: asked.input, Count: len(asked.rows), At: page.AskedAt})
	return h.page(c, http.StatusOK, page)
}

// verdicts asks about each address or domain of what was typed or pasted.
func (h *Handlers) verdicts(c echo.Context, input string) (asked, ui.Errors, error) {
	subjects, unseen := lists.Subjects(input)
	if len(subjects) == 0 {
		return asked{}, ui.Errors{{Field: "email", Message: "Enter at least one e-mail address or domain."}}, nil
	}
	inputs := make([]string, len(subjects))
	for i, s := range subjects {
		inputs[i] = s.Text
	}
	rows, err := h.Precheck.Check(c.Request().Context(), kit.Actor(c), inputs)
	if problems, ok := kit.FormErrors(err); ok {
		return asked{}, problems, nil
	}
	return asked{lists.WithoutPasswords(input), subjects, unseen, rows}, nil, err
}

func (h *Handlers) page(c echo.Context, status int, page pages.ShowPage) error {
	page.Input = lists.WithoutPasswords(page.Input)
	page.Hint = fmt.Sprintf("Up to %d: one a line, with commas, as a mail program writes them, or cells of a spreadsheet.", portal.MaxPrecheck)
	return h.RenderIn(c, status, kit.Frame{Title: "Pre-check", Nav: "precheck", Errors: page.Errors.Any()}, pages.Show(page))
}

// precheckInput is what was typed, in either of the form's names.
func precheckInput(form url.Values) string { return cmp.Or(form.Get("email"), form.Get("domain")) }
