package handlers

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/portal"
	"foyer/portal/activity"
	"foyer/portal/precheck"
	"foyer/views"
	"foyer/views/ui"
)

// precheck has the handlers of the page that asks who is on Symphony already.
type precheckPages struct {
	*Kit
	Precheck *precheck.Service
	Activity *activity.Activity
}

// show handles GET /precheck: the form, and with ?email= or ?domain= the answer
// about that one at once.
func (h *precheckPages) show(c echo.Context) error {
	draft, err := h.takeDraft(c)
	if err != nil {
		return err
	}
	page := views.PrecheckPage{Input: precheckInput(draft), NotSentYet: draft != nil}
	if asked := cmp.Or(c.QueryParam("email"), c.QueryParam("domain")); asked != "" && draft == nil {
		page.Input = asked
		return h.answer(c, page)
	}
	return h.page(c, http.StatusOK, page)
}

// ask handles POST /precheck.
func (h *precheckPages) ask(c echo.Context) error {
	return h.answer(c, views.PrecheckPage{Input: precheckInput(c.Request().PostForm)})
}

// answer asks about what was typed and shows the verdicts; or the form again.
func (h *precheckPages) answer(c echo.Context, page views.PrecheckPage) error {
	rows, problems, err := h.verdicts(c, page.Input)
	if err != nil {
		return err
	}
	if page.Errors = problems; problems.Any() {
		return h.page(c, http.StatusUnprocessableEntity, page)
	}
	page.Rows, page.Counts, page.AskedAt = precheckRows(rows), verdictCounts(rows), h.Now()
	return h.page(c, http.StatusOK, page)
}

// export handles POST /precheck.csv: the verdicts as a file. Symphony is asked
// again, and the file says when: what a form carried back and forth would be no
// evidence.
func (h *precheckPages) export(c echo.Context) error {
	input := precheckInput(c.Request().PostForm)
	rows, problems, err := h.verdicts(c, input)
	if err != nil {
		return err
	}
	if problems.Any() {
		return h.page(c, http.StatusUnprocessableEntity, views.PrecheckPage{Input: input, Errors: problems})
	}
	if err := h.Activity.RecordExport(c.Request().Context(), actor(c), auth.See, "precheck.csv", len(rows)); err != nil {
		return err
	}
	return h.sendCSV(c, "precheck.csv", precheckColumns, whole(precheckCells(rows)))
}

// verdicts asks about each address or domain of what was typed.
func (h *precheckPages) verdicts(c echo.Context, input string) ([]precheck.Row, ui.Errors, error) {
	inputs := portal.SplitList(input)
	if len(inputs) == 0 {
		return nil, ui.Errors{{Field: "email", Message: "Enter at least one e-mail address or domain."}}, nil
	}
	rows, err := h.Precheck.Check(c.Request().Context(), actor(c), inputs)
	if problems, ok := formErrors(err); ok {
		return nil, problems, nil
	}
	return rows, nil, err
}

func (h *precheckPages) page(c echo.Context, status int, page views.PrecheckPage) error {
	page.Hint = fmt.Sprintf("Up to %d, one a line or separated by commas.", portal.MaxPrecheck)
	return h.renderIn(c, status, frame{title: "Pre-check", nav: "precheck", errors: page.Errors.Any()}, views.Precheck(page))
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

var precheckColumns = []string{
	"Asked about", "Domain", "Verdict", "Pod", "Company", "Company id", "What it means", "What to do", "Evidence", "Asked at (UTC)",
}

// precheckCells are the verdicts as a file: the evidence of a row in one cell,
// each question on a line of its own.
func precheckCells(rows []precheck.Row) [][]string {
	cells := make([][]string, len(rows))
	for i, r := range rows {
		company, companyID, askedAt := "", "", ""
		if r.Company != nil {
			company, companyID = r.Company.Name, r.Company.ID
		}
		if n := len(r.Asked); n > 0 {
			askedAt = stamp(r.Asked[n-1].At)
		}
		var evidence []string
		for _, e := range precheckEvidence(r.Asked) {
			answer := e.Answer
			if e.Failed != "" {
				answer = "no answer: " + e.Failed
			}
			evidence = append(evidence, fmt.Sprintf("%s, asked for %s at %s: %s", e.Source, e.Asked, stamp(e.At), answer))
		}
		cells[i] = []string{
			r.Input, r.Domain, verdictStatus(r).Word, r.Pod, company, companyID, r.Words, r.Next, strings.Join(evidence, "\n"), askedAt,
		}
	}
	return cells
}
