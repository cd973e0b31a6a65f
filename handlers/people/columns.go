package people

import (
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"foyer/handlers/kit"
	"foyer/portal/directory"
	pages "foyer/views/people"
	"foyer/views/ui"
)

// column is one column of the tables.
type column struct {
	key    pages.ColumnKey
	label  string
	sort   directory.PeopleSort // empty: it can't be sorted by
	usual  bool                 // shown until somebody chooses
	ofOne  bool                 // likewise, of one company's people alone
	always bool                 // can't be hidden
}

// columns are all columns in their order.
var columns = []column{
	{key: pages.Person, label: "Person", sort: directory.PeopleByName, always: true},
	{key: pages.Email, label: "E-mail", sort: directory.PeopleByEmail, usual: true},
	{key: pages.Company, label: "Company", sort: directory.PeopleByCompany, usual: true},
	{key: pages.Department, label: "Department", sort: directory.PeopleByDepartment, usual: true},
	{key: pages.Title, label: "Title", sort: directory.PeopleByTitle},
	{key: pages.Location, label: "Location", sort: directory.PeopleByLocation},
	{key: pages.Phone, label: "Phone"},
	{key: pages.SymphonyID, label: "Symphony id"},
	{key: pages.Tags, label: "Company tags"},
	{key: pages.Reference, label: "Company reference"},
	{key: pages.Note, label: "Note"},
	{key: pages.Created, label: "Created", sort: directory.PeopleByCreated},
	{key: pages.Status, label: "Status", sort: directory.PeopleByStatus, always: true},
	{key: pages.Seen, label: "Status seen", sort: directory.PeopleByStatusAge, usual: true},
	{key: pages.Action, label: "Change", ofOne: true},
}

// noColumns is how an address says that none of those is shown that can be hidden.
const noColumns = "none"

// columnsOf gives the columns to show: those that the address asks for, which the
// session then remembers; else those remembered; else the usual ones. asked is how an
// address asks for them; empty when this one doesn't.
func (h *Handlers) columnsOf(c echo.Context, q url.Values, ofOne bool) (shown []column, asked string, err error) {
	// A form sends each by itself, and a link all of them with commas.
	asked = strings.Join(q[columnsParameter], ",")
	chosen := asked
	if asked == "" {
		chosen = h.Sessions.Value(c.Request(), columnsKey)
	}
	if chosen == "" {
		return choose(func(col column) bool { return col.usual || ofOne && col.ofOne }), "", nil
	}
	keys := strings.Split(chosen, ",")
	for _, key := range keys {
		known := slices.ContainsFunc(columns, func(col column) bool { return string(col.key) == key })
		if asked != "" && !known && key != noColumns {
			return nil, "", kit.BadRequest("The table has no such column.")
		}
	}
	shown = choose(func(col column) bool { return slices.Contains(keys, string(col.key)) })
	if asked != "" {
		asked = keysOf(shown)
		h.Remember(c, "columns", columnsKey, asked)
	}
	return shown, asked, nil
}

// columnsKey is where a session remembers the columns that were chosen last.
const columnsKey = "people columns"

// choose gives some of the columns, and those that can't be hidden.
func choose(some func(column) bool) []column {
	return slices.DeleteFunc(slices.Clone(columns), func(c column) bool { return !c.always && !some(c) })
}

// keysOf is how an address asks for columns.
func keysOf(shown []column) string {
	keys := []string{noColumns}
	for _, c := range shown {
		if !c.always {
			keys = append(keys, string(c.key))
		}
	}
	if len(keys) == 1 {
		return noColumns
	}
	return strings.Join(keys[1:], ",")
}

// heads are the heads of the columns, each of which sorts by itself; the one that sorts
// now turns the order round. Of a company's own table the company is no column.
func (t table) heads(shown []column) []pages.Column {
	var heads []pages.Column
	for _, c := range shown {
		if c.key == pages.Company && t.company != "" {
			continue
		}
		head := pages.Column{Key: c.key, Column: ui.Column{Label: c.label, Numeric: c.key == pages.Seen, HideLabel: c.key == pages.Action}}
		if c.sort != "" {
			order, sort := "", string(c.sort)
			if c.sort == t.Sort {
				head.Sorted, order = ui.SortAscending, "desc"
				if t.Desc {
					head.Sorted, order = ui.SortDescending, ""
				}
			}
			if c.sort == directory.PeopleByName {
				sort = ""
			}
			head.SortHref = t.href(ui.Parameter{Name: sortParameter, Value: sort}, ui.Parameter{Name: orderParameter, Value: order})
		}
		heads = append(heads, head)
	}
	return heads
}

// columnChoices are the columns that can be hidden.
func (t table) columnChoices(shown []column) []pages.Choice {
	var choices []pages.Choice
	for _, c := range columns {
		if c.always || c.key == pages.Company && t.company != "" {
			continue
		}
		choices = append(choices, pages.Choice{
			Value: string(c.key), Label: c.label, Checked: slices.ContainsFunc(shown, func(s column) bool { return s.key == c.key }),
		})
	}
	return choices
}
