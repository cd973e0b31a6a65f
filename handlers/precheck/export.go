package precheck

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/handlers/wording"
	"foyer/portal/precheck"
	pages "foyer/views/precheck"
)

// Export handles POST /precheck.csv: the verdicts as a file. Symphony is asked
// again, and the file says when: what a form carried back and forth would be no
// evidence.
func (h *Handlers) Export(c echo.Context) error {
	input := precheckInput(c.Request().PostForm)
	asked, problems, err := h.verdicts(c, input)
	if err != nil {
		return err
	}
	if problems.Any() {
		return h.page(c, http.StatusUnprocessableEntity, pages.ShowPage{Input: input, Errors: problems})
	}
	if err := h.Activity.RecordExport(c.Request().Context(), kit.Actor(c), auth.See, "precheck.csv", len(asked.rows)); err != nil {
		if status, found, _, ok := h.NotSent(c, err); ok {
			return h.page(c, status, pages.ShowPage{Input: input, Errors: found})
		}
		return err
	}
	return h.SendCSV(c, h.DatedFile("precheck.csv"), precheckColumns, kit.Whole(precheckCells(asked.rows)))
}

var precheckColumns = []string{
	"Asked about", "Domain", "Verdict", "Pod", "Company", "Company id", "What it means", "What to do", "Evidence", "Asked at (UTC)", "Verdict code", "Reason code", "User id",
}

// precheckCells are the verdicts as a file: the evidence of a row in one cell,
// each question on a line of its own.
func precheckCells(rows []precheck.Row) [][]string {
	cells := make([][]string, len(rows))
	for i, r := range rows {
		company, companyID, askedAt := "", "", ""
		if r.Company != nil && r.Verdict != precheck.Elsewhere {
			company, companyID = r.Company.Name, r.Company.ID
		}
		if n := len(r.Asked); n > 0 {
			askedAt = kit.Stamp(r.Asked[n-1].At)
		}
		var evidence []string
		for _, e := range wording.PrecheckEvidence(r.Asked) {
			answer := e.Answer
			if e.Failed != "" {
				answer = "no answer: " + e.Failed
			}
			evidence = append(evidence, fmt.Sprintf("%s, asked for %s at %s: %s", e.Source, e.Asked, kit.Stamp(e.At), answer))
		}
		userID := ""
		if r.User != nil {
			userID = r.User.ID
		}
		words, next := wording.VerdictWords(r)
		cells[i] = []string{
			r.Input, r.Domain, wording.VerdictStatus(r).Word, r.Tenant.Host, company, companyID, words, next, strings.Join(evidence, "\n"), askedAt,
			string(r.Verdict), string(r.Why), userID,
		}
	}
	return cells
}
