package companies

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/auth"
	"foyer/handlers/kit"
	"foyer/portal/directory"
	"foyer/views"
)

// Export handles GET /companies.csv: what the list with the same query shows,
// all of its pages.
func (h *Handlers) Export(c echo.Context) error {
	query, err := parseCompanyQuery(c.QueryParams())
	if err != nil {
		return err
	}
	if problem := tooLong(query); problem != "" {
		return kit.BadRequest("%s.", problem)
	}
	ctx, a := c.Request().Context(), kit.Actor(c)
	list, err := h.Directory.Companies(ctx, a, query)
	if err != nil {
		return err
	}
	what := views.WithQuery("companies.csv", companyQueryValues(query))
	if err := h.Activity.RecordExport(ctx, a, auth.See, what, len(list.Rows)); err != nil {
		return err
	}
	return h.SendCSV(c, h.DatedFile("companies.csv"), companyColumns, kit.Whole(companyCells(list, h.receivedBy(c))))
}

// companyColumns is the heading of the list as a file.
var companyColumns = []string{
	"Company", "Vanity name", "Public URL", "E-mail domains", "People", "People counted at (UTC)", "State", "Error message",
	"Created (UTC)", "Changed (UTC)", "Company id", "Read at (UTC)",
	"Tags", "Alias", "Reference", "People read",
}

// companyCells are the rows of the list as a file.
func companyCells(list directory.CompanyList, received map[string]int) [][]string {
	rows := make([][]string, len(list.Rows))
	for i, r := range list.Rows {
		people, read := "", ""
		if !r.PeopleReadAt.IsZero() {
			people = strconv.FormatInt(r.People, 10)
		}
		if n, known := received[r.ID]; known {
			read = strconv.Itoa(n)
		}
		rows[i] = []string{
			r.Name, r.VanityName, r.PublicURL, strings.Join(r.EmailDomains, " "), people, kit.Stamp(r.PeopleReadAt), string(r.State), r.ErrorMessage,
			kit.Stamp(r.CreatedAt), kit.Stamp(r.UpdatedAt), r.ID, kit.Stamp(r.ReadAt),
			strings.Join(r.Notes.Tags, ", "), r.Notes.Alias, r.Notes.Reference, read,
		}
	}
	return rows
}
