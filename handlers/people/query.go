package people

import (
	"fmt"
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

// wholeParameters are those of them that want all of a value, and not a part of it.
var wholeParameters = []string{domainParameter, departmentParameter, titleParameter, locationParameter}

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

	refused ui.Errors         // filters that can't be: nobody is listed then
	typed   map[string]string // what was typed as those
}

// statusFilters are the choices, in the order of the pages.
var statusFilters = []directory.StatusFilter{
	directory.AnyStatus, directory.OnlyActive, directory.OnlyDisabled, directory.OnlyUnknown, directory.OnlyNotListed,
}

// parseTable reads what a table is narrowed to, how it is sorted, and where in it a page
// begins. company is whose people alone it has; empty for everybody. What can't be is never
// ignored: it is refused, for the form to be mended, where it can have been typed into that,
// and else a bad request. Parameters of other pages are ignored.
func parseTable(q url.Values, company string, now time.Time) (table, error) {
	t := table{company: company, values: url.Values{}, typed: map[string]string{}}
	if err := t.parseTexts(q); err != nil {
		return table{}, err
	}
	if err := t.parseCompanies(q); err != nil {
		return table{}, err
	}
	if err := t.parseTags(q); err != nil {
		return table{}, err
	}
	t.parseTimes(q, now)
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

// refuse notes why a filter can't be, and what was typed as it.
func (t *table) refuse(name, typed, format string, args ...any) {
	t.refused.Add(name, fmt.Sprintf(format, args...))
	t.typed[name] = typed
	t.values.Del(name)
}

// asFile is the table for a file, which has no form: what is refused is a bad request.
func (t table) asFile() (table, error) {
	if t.refused.Any() {
		return table{}, kit.BadRequest("%s", t.refused[0].Message)
	}
	return t, nil
}

func (t *table) parseTexts(q url.Values) error {
	fields := map[string]*string{
		textParameter: new(string), domainParameter: &t.Domain, departmentParameter: &t.Department, titleParameter: &t.Title, locationParameter: &t.Location,
	}
	for _, name := range append([]string{textParameter}, wholeParameters...) {
		value := t.take(q, name)
		switch {
		case !isText(value):
			return kit.BadRequest("A filter is a text.")
		case tooLong(value):
			t.refuse(name, value, "%s can have %d characters at most.", filterNames[name], maxText)
		default:
			*fields[name] = value
		}
		if nothing := folding.Text(value) == ""; value != "" && (nothing || name == textParameter && len(directory.SearchWords(value)) == 0) {
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

// isText says whether something can have been typed.
func isText(value string) bool { return utf8.ValidString(value) && !strings.ContainsRune(value, 0) }

func tooLong(value string) bool { return utf8.RuneCountInString(value) > maxText }

// parseTags reads the tags that people's companies have. Of one company all people have
// them, or nobody.
func (t *table) parseTags(q url.Values) error {
	for _, tag := range q[tagParameter] {
		if tag = strings.TrimSpace(tag); tag == "" || t.company != "" || slices.Contains(t.tags, tag) {
			continue
		}
		if !isText(tag) || len(t.tags) == portal.MaxTags {
			return kit.BadRequest("People can be narrowed to those whose company has all of %d tags at most.", portal.MaxTags)
		}
		if tooLong(tag) {
			t.refused.Add(tagParameter, fmt.Sprintf("A tag can have %d characters at most.", maxText))
			t.typed[tagParameter] = tag
			continue
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
		if tooLong(id) {
			t.refused.Add(companyParameter, fmt.Sprintf("A company’s name can have %d characters at most.", maxText))
			t.typed[companyParameter] = id
			continue
		}
		t.CompanyIDs = append(t.CompanyIDs, id)
		t.values.Add(companyParameter, id)
	}
	return nil
}

var agePattern = regexp.MustCompile(`^([0-9]{1,4})([hd])$`)

func (t *table) parseTimes(q url.Values, now time.Time) {
	const aDay = "Enter a day such as 2026-03-01, or a day and a time such as 2026-03-01 09:30, in UTC."
	if from := t.take(q, fromParameter); from != "" {
		begin, _, ok := kit.ParseMoment(from)
		if t.CreatedFrom = begin; !ok {
			t.refuse(fromParameter, from, aDay)
		}
	}
	if to := t.take(q, toParameter); to != "" {
		_, end, ok := kit.ParseMoment(to)
		switch {
		case !ok:
			t.refuse(toParameter, to, aDay)
		case !end.After(t.CreatedFrom):
			t.refuse(toParameter, to, "This is before the day from which they were created, %s.", q.Get(fromParameter))
		default:
			t.CreatedTo = end
		}
	}
	if older := t.take(q, olderParameter); older != "" {
		parts := agePattern.FindStringSubmatch(older)
		if parts == nil {
			t.refuse(olderParameter, older, "The age of a status is written as in 12h or 7d.")
			return
		}
		n, _ := strconv.Atoi(parts[1]) // can't fail: four digits
		unit := time.Hour
		if parts[2] == "d" {
			unit = 24 * time.Hour
		}
		t.StatusBefore = now.Add(-time.Duration(n) * unit)
	}
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
