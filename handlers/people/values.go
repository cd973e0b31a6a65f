package people

import (
	"slices"

	"github.com/labstack/echo/v4"

	"foyer/folding"
	"foyer/handlers/kit"
	"foyer/portal/directory"
	pages "foyer/views/people"
)

// suggested is how many values a field of a filter suggests.
const suggested = 50

// valueColumns are the columns whose values a field can suggest, by the field's name.
var valueColumns = map[string]directory.ValueColumn{
	domainParameter: directory.DomainColumn, departmentParameter: directory.DepartmentColumn,
	titleParameter: directory.TitleColumn, locationParameter: directory.LocationColumn,
}

// Values handles GET /people/values: the values of a column that contain what somebody
// has typed into its field of the filter, which is sent under the field's name.
func (h *Handlers) Values(c echo.Context) error {
	ctx, a, name := c.Request().Context(), kit.Actor(c), c.QueryParam("column")
	typed := kit.Cut(c.QueryParam(name), maxText)
	if name == companyParameter {
		known, err := h.Directory.Covered(ctx, a)
		if err != nil {
			return err
		}
		return h.Fragment(c, pages.Values(companyNames(known, typed)))
	}
	if name == tagParameter {
		known, err := h.Directory.Covered(ctx, a)
		if err != nil {
			return err
		}
		return h.Fragment(c, pages.Values(tagsWith(known, typed)))
	}
	column, ok := valueColumns[name]
	if !ok {
		return kit.BadRequest("No column of that name has values.")
	}
	values, err := h.Directory.PeopleValues(ctx, a, column, typed, suggested)
	if err != nil {
		return err
	}
	return h.Fragment(c, pages.Values(values))
}

// companyNames are the names of companies that contain what somebody has typed.
func companyNames(known *directory.KnownCompanies, typed string) []string {
	var names []string
	for _, company := range known.Companies {
		if folded := folding.Text(typed); len(names) < suggested && (folded == "" || contains(folding.Text(company.Name), folded)) {
			names = append(names, company.Name)
		}
	}
	return slices.Compact(names)
}

// tagsWith are the tags of companies that contain what somebody has typed.
func tagsWith(known *directory.KnownCompanies, typed string) []string {
	var tags []string
	for _, tag := range known.Tags() {
		if folded := folding.Text(typed); len(tags) < suggested && (folded == "" || contains(folding.Text(tag.Tag), folded)) {
			tags = append(tags, tag.Tag)
		}
	}
	return tags
}
