package people

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"foyer/address"
	"foyer/folding"
	"foyer/handlers/kit"
	"foyer/portal"
	"foyer/portal/directory"
	"foyer/views"
	"foyer/views/ui"
)

// The parameters of a table's address. A saved filter has those before sort, and an
// address of old may have a page, which is left out.
const (
	textParameter       = "q"
	statusParameter     = "status"
	companyParameter    = "company"
	domainParameter     = "domain"
	departmentParameter = "department"
	titleParameter      = "title"
	locationParameter   = "location"
	tagParameter        = "tag"   // noted of the company
	fromParameter       = "from"  // the day of creation, or a later one
	toParameter         = "to"    // that day, or an earlier one
	olderParameter      = "older" // than so long is the status: 7d, 12h
	sortParameter       = "sort"
	orderParameter      = "order"
	afterParameter      = "after"
	beforeParameter     = "before"
	columnsParameter    = "columns"
	countParameter      = "count" // exact: to the end
)

// filterParameters are those that narrow people, in the order of their chips. The
// status has a place of its own.
var filterParameters = []string{
	textParameter, companyParameter, tagParameter, domainParameter, departmentParameter, titleParameter, locationParameter, fromParameter, toParameter, olderParameter,
}

const (
	maxText      = 320  // characters of a filter, as of the search box
	maxCompanies = 50   // to filter by
	maxPlace     = 2000 // bytes of a place in the list
)

// table is what the address of a table asks for.
type table struct {
	directory.PeopleQuery
	company string     // whose people alone it has; empty for everybody
	tags    []string   // that their company has, all of them
	values  url.Values // of the address, in their one form: without the place in the list
	exact   bool       // counted to the end
	hollow  string     // a filter in which there is nothing to look for
}

// statusFilters are the choices, in the order of the pages.
var statusFilters = []directory.StatusFilter{
	directory.AnyStatus, directory.OnlyActive, directory.OnlyDisabled, directory.OnlyUnknown, directory.OnlyNotListed,
}

// parseTable reads what a table is narrowed to, how it is sorted, and where in it a page
// begins. company is whose people alone it has; empty for everybody. What can't be is a
// bad request, never ignored; parameters of other pages are.
func parseTable(q url.Values, company string, now time.Time) (table, error) {
	t := table{company: company, values: url.Values{}}
	if err := t.parseTexts(q); err != nil {
		return table{}, err
	}
	if err := t.parseCompanies(q); err != nil {
		return table{}, err
	}
	if err := t.parseTags(q); err != nil {
		return table{}, err
	}
	if err := t.parseTimes(q, now); err != nil {
		return table{}, err
	}
	t.Status = directory.StatusFilter(t.take(q, statusParameter))
	if !slices.Contains(statusFilters, t.Status) {
		return table{}, kit.BadRequest("A status to filter by is active, disabled, unknown or not-listed.")
	}
	if err := t.parseOrder(q); err != nil {
		return table{}, err
	}
	t.exact = q.Get(countParameter) == "exact"
	if t.hollow != "" {
		t.ToNobody() // or it would find everybody
	}
	return t, nil
}

// take notes a parameter that is set, and gives its value.
func (t *table) take(q url.Values, name string) string {
	value := strings.TrimSpace(q.Get(name))
	if value != "" {
		t.values.Set(name, value)
	}
	return value
}

func (t *table) parseTexts(q url.Values) error {
	for name, field := range map[string]*string{
		textParameter: nil, domainParameter: &t.Domain, departmentParameter: &t.Department, titleParameter: &t.Title, locationParameter: &t.Location,
	} {
		value := t.take(q, name)
		if !isText(value) {
			return kit.BadRequest("A filter is a text of %d characters at most.", maxText)
		}
		if field != nil {
			*field = value
		}
		if value != "" && (field == nil && len(directory.SearchWords(value)) == 0 || field != nil && folding.Text(value) == "") {
			t.hollow = value
		}
	}
	if domain, ok := address.ParseDomain(t.Domain); ok {
		t.Domain = string(domain)
		t.values.Set(domainParameter, t.Domain)
	}
	t.Words = directory.SearchWords(t.values.Get(textParameter))
	return nil
}

// isText says whether something is a text that people can be filtered by.
func isText(value string) bool {
	return utf8.ValidString(value) && !strings.ContainsRune(value, 0) && utf8.RuneCountInString(value) <= maxText
}

// parseTags reads the tags that people's companies have. Of one company all people have
// them, or nobody.
func (t *table) parseTags(q url.Values) error {
	for _, tag := range q[tagParameter] {
		if tag = strings.TrimSpace(tag); tag == "" || t.company != "" || slices.Contains(t.tags, tag) {
			continue
		}
		if !isText(tag) || len(t.tags) == portal.MaxTags {
			return kit.BadRequest("People can be narrowed to those whose company has all of %d tags at most, each a text of %d characters at most.", portal.MaxTags, maxText)
		}
		t.tags = append(t.tags, tag)
		t.values.Add(tagParameter, tag)
	}
	return nil
}

func (t *table) parseCompanies(q url.Values) error {
	if t.company != "" {
		t.CompanyIDs = []string{t.company}
		return nil
	}
	for _, id := range q[companyParameter] {
		if id = kit.OneSpelling(strings.TrimSpace(id)); id == "" || slices.Contains(t.CompanyIDs, id) {
			continue
		}
		if !isText(id) || len(t.CompanyIDs) == maxCompanies {
			return kit.BadRequest("People can be narrowed to %d companies at most, each by its id or its name.", maxCompanies)
		}
		t.CompanyIDs = append(t.CompanyIDs, id)
		t.values.Add(companyParameter, id)
	}
	return nil
}

var agePattern = regexp.MustCompile(`^([0-9]{1,4})([hd])$`)

func (t *table) parseTimes(q url.Values, now time.Time) error {
	const aDay = "A day to filter by is written as in 2026-03-01."
	if from := t.take(q, fromParameter); from != "" {
		begin, _, ok := kit.ParseMoment(from)
		if !ok {
			return kit.BadRequest(aDay)
		}
		t.CreatedFrom = begin
	}
	if to := t.take(q, toParameter); to != "" {
		_, end, ok := kit.ParseMoment(to)
		if !ok {
			return kit.BadRequest(aDay)
		}
		t.CreatedTo = end
	}
	if !t.CreatedTo.IsZero() && !t.CreatedTo.After(t.CreatedFrom) {
		return kit.BadRequest("The days to filter by are the wrong way round: nobody was created from %s to %s.", q.Get(fromParameter), q.Get(toParameter))
	}
	if older := t.take(q, olderParameter); older != "" {
		parts := agePattern.FindStringSubmatch(older)
		if parts == nil {
			return kit.BadRequest("The age of a status is written as in 12h or 7d.")
		}
		n, _ := strconv.Atoi(parts[1]) // can't fail: four digits
		unit := time.Hour
		if parts[2] == "d" {
			unit = 24 * time.Hour
		}
		t.StatusBefore = now.Add(-time.Duration(n) * unit)
	}
	return nil
}

func (t *table) parseOrder(q url.Values) error {
	t.Sort = directory.PeopleByName
	if sort := t.take(q, sortParameter); sort != "" {
		t.Sort = directory.PeopleSort(sort)
	}
	if !slices.ContainsFunc(columns, func(c column) bool { return c.sort == t.Sort }) {
		return kit.BadRequest("People can’t be sorted like that.")
	}
	switch t.take(q, orderParameter) {
	case "", "asc":
		t.values.Del(orderParameter)
	case "desc":
		t.Desc = true
	default:
		return kit.BadRequest("The order of sorting is asc or desc.")
	}
	if t.Sort == directory.PeopleByName {
		t.values.Del(sortParameter)
	}
	t.After, t.Before = q.Get(afterParameter), q.Get(beforeParameter)
	if t.After != "" && t.Before != "" || len(t.After)+len(t.Before) > maxPlace {
		return badPlace()
	}
	return nil
}

// badPlace says that an address leads to no place in a list.
func badPlace() error { return kit.BadRequest("The address leads to no page of this list.") }

// path is the table's own.
func (t table) path() string {
	if t.company != "" {
		return views.PeoplePath(t.company)
	}
	return views.AllPeoplePath
}

// href is the table's first page with some parameters set, or removed where they are
// empty.
func (t table) href(changes ...ui.Parameter) string {
	return views.WithQuery(t.path(), t.with(changes...))
}

func (t table) with(changes ...ui.Parameter) url.Values {
	q := maps.Clone(t.values)
	for _, p := range changes {
		if q.Del(p.Name); p.Value != "" {
			q.Set(p.Name, p.Value)
		}
	}
	return q
}

// filters are the parameters that narrow people: what a saved filter keeps.
func (t table) filters() url.Values {
	q := url.Values{}
	for _, name := range append([]string{statusParameter}, filterParameters...) {
		if values := t.values[name]; len(values) > 0 {
			q[name] = values
		}
	}
	return q
}

// narrowed says whether anything is filtered by but the status.
func (t table) narrowed() bool {
	return slices.ContainsFunc(filterParameters, func(name string) bool { return len(t.values[name]) > 0 })
}

// cleared is the table without its filters.
func (t table) cleared() string {
	q := maps.Clone(t.values)
	for name := range t.filters() {
		q.Del(name)
	}
	return views.WithQuery(t.path(), q)
}
