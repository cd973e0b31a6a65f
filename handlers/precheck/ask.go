package precheck

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/address"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
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
	return h.page(c, http.StatusOK, page)
}

// Ask handles POST /precheck.
func (h *Handlers) Ask(c echo.Context) error {
	return h.answer(c, pages.ShowPage{Input: precheckInput(c.Request().PostForm)})
}

// answer asks about what was typed and shows the verdicts; or the form again.
func (h *Handlers) answer(c echo.Context, page pages.ShowPage) error {
	rows, unseen, problems, err := h.verdicts(c, page.Input)
	if err != nil {
		return err
	}
	if page.Errors = problems; problems.Any() {
		return h.page(c, http.StatusUnprocessableEntity, page)
	}
	page.Unseen = strings.Join(unseen, ", ")
	page.Rows, page.Counts, page.AskedAt = wording.PrecheckRows(rows), verdictCounts(rows), h.Now()
	return h.page(c, http.StatusOK, page)
}

// verdicts asks about each address or domain of what was typed or pasted. Unseen are the
// columns of a list that were not looked at.
func (h *Handlers) verdicts(c echo.Context, input string) (rows []precheck.Row, unseen []string, problems ui.Errors, err error) {
	inputs, unseen, ok := lists.Subjects(input)
	if !ok {
		inputs = portal.SplitList(input)
	}
	if len(inputs) == 0 || address.Blank(input) {
		return nil, nil, ui.Errors{{Field: "email", Message: "Enter at least one e-mail address or domain."}}, nil
	}
	rows, err = h.Precheck.Check(c.Request().Context(), kit.Actor(c), inputs)
	if problems, ok := kit.FormErrors(err); ok {
		return nil, nil, problems, nil
	}
	return rows, unseen, nil, err
}

func (h *Handlers) page(c echo.Context, status int, page pages.ShowPage) error {
	page.Input = lists.WithoutPasswords(page.Input)
	page.Hint = fmt.Sprintf("Up to %d, one a line or separated by commas.", portal.MaxPrecheck)
	return h.RenderIn(c, status, kit.Frame{Title: "Pre-check", Nav: "precheck", Errors: page.Errors.Any()}, pages.Show(page))
}

// precheckInput is what was typed, in either of the form's names.
func precheckInput(form url.Values) string { return cmp.Or(form.Get("email"), form.Get("domain")) }

// verdicts in words, in the order in which a summary counts them: what needs a
// look first.
var verdictWords = []struct {
	verdict precheck.Verdict
	word    string
}{
	{precheck.NotAnInput, "not understood"},
	{precheck.CouldNotAsk, "could not be asked"},
	{precheck.OnPod, "on Symphony"},
	{precheck.BelowYours, "below a domain of yours"},
	{precheck.Yours, "yours"},
	{precheck.NotOnRecord, "not found"},
}

// verdictCounts sums the verdicts up: "1 on Symphony · 2 not found".
func verdictCounts(rows []precheck.Row) string {
	count := map[precheck.Verdict]int{}
	for _, r := range rows {
		count[r.Verdict]++
	}
	var parts []string
	for _, v := range verdictWords {
		if n := count[v.verdict]; n > 0 {
			parts = append(parts, ui.Number(n)+" "+v.word)
		}
	}
	return strings.Join(parts, " · ")
}
