package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"foyer/portal/directory"
)

// How much of an index a list reads. A page of people is found in one of two ways. Where
// few people have what is asked for they are all gathered and sorted; where many have it
// they are met soon when one walks along the index of the order.
type listBounds struct {
	gatherMost int // entries: no more are gathered in the first place
	gatherLast int // nor when a walk met too few
	gatherSome int // so many where not all are wanted
	walkMost   int // entries of an index that has all that is compared
	walkRows   int // entries with a row to be looked up for each
	walkGroups int // values of a column by which people are sorted
	mergeMost  int // companies that are walked side by side
}

var usualBounds = listBounds{gatherMost: 3_000, gatherLast: 30_000, gatherSome: 8_000, walkMost: 50_000, walkRows: 15_000, walkGroups: 300, mergeMost: 8}

// ofTexts are the bounds where texts are compared, each of which is looked up.
func (b listBounds) ofTexts() listBounds {
	b.gatherLast, b.walkRows = b.gatherSome, b.walkRows*2/3
	return b
}

// People implements directory.PeopleStore.
func (db *DB) People(ctx context.Context, q directory.PeopleQuery) (directory.PeoplePage, error) {
	page, err := db.listPeople(ctx, q)
	return page, wrap("list people", err)
}

func (db *DB) listPeople(ctx context.Context, q directory.PeopleQuery) (directory.PeoplePage, error) {
	l, err := db.people().peopleList(ctx, q)
	if err != nil || l.nobody || q.Limit <= 0 {
		return directory.PeoplePage{}, err
	}
	found, err := l.page(ctx)
	if err != nil {
		return directory.PeoplePage{}, err
	}
	rows, more := found.rows, len(found.rows) > q.Limit
	rows = rows[:min(len(rows), q.Limit)]
	var onward, back string
	switch {
	case more:
		onward = l.tokenOf(rows[len(rows)-1])
	case found.bounded:
		onward = found.end
	}
	if token := cmp.Or(l.q.After, l.q.Before); token != "" {
		back = strings.TrimSuffix(token, included) + included
		if len(rows) > 0 {
			back = l.tokenOf(rows[0])
		}
	}
	numbers := make([]int64, len(rows))
	for i, r := range rows {
		numbers[i] = r.n
	}
	page := directory.PeoplePage{Next: onward, Previous: back, Cut: !more && found.bounded, Some: found.some}
	if q.Before != "" {
		slices.Reverse(numbers)
		page.Next, page.Previous = back, onward
	}
	page.Next, page.Previous, page.Lost = l.named(page.Next), l.named(page.Previous), l.lost
	page.Rows, err = db.peopleByNumber(ctx, numbers)
	return page, err
}

// foundPage is what an order of entries came to.
type foundPage struct {
	rows    []entry
	bounded bool   // not all entries were read
	end     string // where the next page goes on then
	some    bool   // the rows are of some of those whom it would have
}

// entry is a person where the order puts them.
type entry struct {
	n     int64
	group int64 // what they are grouped by, in an order of groups
	key   any   // the value in the order, where it is a column
}

// page finds the rows of a page, and one more if there are more.
func (l *peopleList) page(ctx context.Context) (foundPage, error) {
	from, err := l.position(ctx)
	if err != nil {
		return foundPage{}, err
	}
	few, err := l.fewest(ctx)
	if err != nil {
		return foundPage{}, err
	}
	some := few.byText() && !l.q.Whole
	if few.entries <= l.bounds.gatherMost || few.entries <= l.bounds.gatherLast && (some || l.gatherIsLess(few)) {
		rows, err := l.gather(ctx, few, from)
		return foundPage{rows: rows}, err
	}
	if some {
		return l.some(ctx, few, from)
	}
	found, err := l.walk(ctx, from)
	switch {
	case err != nil || !found.bounded:
		return found, err
	case few.entries <= l.bounds.gatherLast:
		rows, err := l.gather(ctx, few, from)
		return foundPage{rows: rows}, err
	case len(l.text) > 0 && !l.q.Whole: // of words so short that the search index doesn't know them
		return l.some(ctx, l.beginnings(), from)
	}
	return found, nil
}

// some sorts those to whom a way leads first.
func (l *peopleList) some(ctx context.Context, way gatherBy, from position) (foundPage, error) {
	way.most, way.entries = l.bounds.gatherSome, l.bounds.gatherSome
	rows, err := l.gather(ctx, way, from)
	return foundPage{rows: rows, some: true}, err
}

// lookUpCost is how many entries of an index are read while one row is looked up.
const lookUpCost = 20

// gatherIsLess says whether gathering reads less than a walk is likely to: until a page
// is full, as many entries as people are met among whom there are that many.
func (l *peopleList) gatherIsLess(few gatherBy) bool {
	expected := max(l.expected, 1)
	gathered, walked := float64(few.entries), float64(l.limit)*float64(l.all)/expected
	if few.byText() {
		gathered *= lookUpCost
	}
	if len(l.text) > 0 {
		walked *= lookUpCost
	}
	return gathered+lookUpCost*expected < walked
}

// order is how people are sorted by a column.
type order struct {
	column              string // of person; empty when they are grouped
	index, companyIndex string // along which they are walked, everywhere and in one company
	group               string // the column of person by which they are grouped
	groups, groupKey    string // the table that sorts the groups, and by what; empty: they are standings
	kind                wordKind
	within              string // the column by which each group is sorted
}

var orders = map[directory.PeopleSort]order{
	directory.PeopleByName:       {column: "name_key", index: "person_name", companyIndex: "person_company_name"},
	directory.PeopleByEmail:      {column: "email_key", index: "person_email", companyIndex: "person_company_email"},
	directory.PeopleByCreated:    {column: "created_at", index: "person_created", companyIndex: "person_company_created"},
	directory.PeopleByStatusAge:  {column: "status_at", index: "person_seen", companyIndex: "person_company_seen"},
	directory.PeopleByCompany:    {group: "company", within: "name_key", index: "person_company_name", groups: "company", groupKey: "name_key"},
	directory.PeopleByStatus:     {group: "standing", within: "company", index: "person_standing"},
	directory.PeopleByDepartment: {group: "department_word", within: "company", index: "person_department", groups: "word", groupKey: "key", kind: departmentWord},
	directory.PeopleByTitle:      {group: "title_word", within: "company", index: "person_title", groups: "word", groupKey: "key", kind: titleWord},
	directory.PeopleByLocation:   {group: "location_word", within: "company", index: "person_location", groups: "word", groupKey: "key", kind: locationWord},
}

// included is at the end of a position's name that a page begins with, and not behind.
const included = "!"

// position is where a page begins: behind a person, in the direction of the walk.
type position struct {
	set      bool
	group    int64
	groupKey string // by which groups are sorted, but for standings
	past     bool   // behind the whole group
	beyond   bool   // the group itself is not listed any more
	keys     []any  // what the order compares, the person's number last
}

// tokenOf names a position in an address. It has numbers alone, and nothing of a person.
func (l *peopleList) tokenOf(e entry) string {
	with := e.group
	if value, ok := e.key.(int64); ok {
		with = value
	}
	return strconv.FormatInt(with, 36) + "." + strconv.FormatInt(e.n, 36)
}

// groupEnd is tokenOf for a position behind a whole group.
func groupEnd(group int64) string { return strconv.FormatInt(group, 36) + "." }

// sortName is at the beginning of a position's name: in another order it is none.
func sortName(q directory.PeopleQuery) string {
	return string(cmp.Or(q.Sort, directory.PeopleByName)) + "."
}

// named is a position as addresses have it.
func (l *peopleList) named(token string) string {
	if token == "" {
		return ""
	}
	return sortName(l.q) + token
}

// unnamed is a position as the list has it, or directory.ErrNoPlace.
func unnamed(q directory.PeopleQuery, token string) (string, error) {
	if token == "" {
		return "", nil
	}
	place, ok := strings.CutPrefix(token, sortName(q))
	if !ok || place == "" {
		return "", directory.ErrNoPlace
	}
	return place, nil
}

// position looks up where the page begins. A person who is gone is no position: then it
// is the first page, and lost.
func (l *peopleList) position(ctx context.Context) (position, error) {
	token := cmp.Or(l.q.After, l.q.Before)
	token, l.included = strings.CutSuffix(token, included)
	if token == "" {
		return position{}, nil
	}
	first, last, ok := strings.Cut(token, ".")
	with, err := strconv.ParseInt(first, 36, 64)
	n, nErr := strconv.ParseInt(cmp.Or(last, "0"), 36, 64)
	if !ok || err != nil || nErr != nil || last == "" && l.order.column != "" {
		return position{}, directory.ErrNoPlace
	}
	p := position{set: true, group: with, past: last == "" && !l.included}
	if l.order.column == "created_at" || l.order.column == "status_at" {
		p.keys = []any{with, n}
		return p, nil
	}
	if last != "" {
		var key any
		err = l.db.read.QueryRowContext(ctx, `SELECT `+cmp.Or(l.order.column, l.order.within)+` FROM person WHERE n = $1`, n).Scan(&key)
		p.keys = []any{key, n}
	}
	if err == nil && l.order.groups != "" {
		err = l.db.read.QueryRowContext(ctx, `SELECT `+l.order.groupKey+` FROM `+l.order.groups+` WHERE n = $1`, with).Scan(&p.groupKey)
	}
	if l.lost = errors.Is(err, sql.ErrNoRows); l.lost {
		return position{}, nil
	}
	return p, err
}

// builder makes a statement.
type builder struct{ args []any }

// arg adds an argument and gives its place.
func (b *builder) arg(value any) string {
	b.args = append(b.args, value)
	return "$" + strconv.Itoa(len(b.args))
}

// list is a list of arguments in brackets.
func (b *builder) list(values []int64) string {
	places := make([]string, len(values))
	for i, value := range values {
		places[i] = b.arg(value)
	}
	return "(" + strings.Join(places, ", ") + ")"
}

func (l *peopleList) direction() (compare, suffix string) {
	if l.desc {
		return "<", " DESC"
	}
	return ">", ""
}

// orderBy sorts by columns in the direction of the walk.
func (l *peopleList) orderBy(columns ...string) string {
	_, suffix := l.direction()
	return ` ORDER BY ` + strings.Join(columns, suffix+", ") + suffix
}

// behind compares columns with a position.
func (l *peopleList) behind(b *builder, keys []any, columns ...string) string {
	if l.included {
		return l.from(b, keys, columns...)
	}
	compare, _ := l.direction()
	return compared(b, compare, keys, columns)
}

// from is behind, with the position itself.
func (l *peopleList) from(b *builder, keys []any, columns ...string) string {
	compare, _ := l.direction()
	return compared(b, compare+"=", keys, columns)
}

func compared(b *builder, by string, keys []any, columns []string) string {
	places := make([]string, len(keys))
	for i, key := range keys {
		places[i] = b.arg(key)
	}
	return "(" + strings.Join(columns, ", ") + ") " + by + " (" + strings.Join(places, ", ") + ")"
}

// part is a stretch of an index that is walked.
type part struct {
	index  string
	column string                    // by which it is sorted, and then by n
	in     func(b *builder) []string // what holds for all of it
	behind []any                     // where it begins; nil: at its beginning
	bound  int                       // entries
	short  bool                      // it is known to have fewer
	limit  int
}

// selectPart gives the statement that walks along a part. All entries of the stretch
// come from the index, in its order, and are compared one after the other.
func (l *peopleList) selectPart(p part) (string, []any) {
	b := &builder{}
	inner := l.selectStretch(b, p, `n, company, standing, domain_word, department_word, `+p.column+` AS k`) + fmt.Sprintf(` LIMIT %d`, p.bound)
	conditions := l.covered(b, "w")
	if rest := l.rest(b); len(rest) > 0 {
		// As a value, so that nobody thinks of joining in another order.
		conditions = append(conditions, `(SELECT `+strings.Join(rest, " AND ")+` FROM person AS p WHERE p.n = w.n)`)
	}
	return `SELECT w.n, w.k FROM (` + inner + `) AS w WHERE ` + strings.Join(conditions, " AND ") + fmt.Sprintf(` LIMIT %d`, p.limit), b.args
}

func (l *peopleList) selectStretch(b *builder, p part, columns string) string {
	conditions := p.in(b)
	if p.behind != nil {
		conditions = append(conditions, l.behind(b, p.behind, p.column, "n"))
	}
	where := ""
	if len(conditions) > 0 {
		where = ` WHERE ` + strings.Join(conditions, " AND ")
	}
	return `SELECT ` + columns + ` FROM person` + l.db.indexed(p.index) + where + l.orderBy(p.column, "n")
}

// walkPart reads a part; ended says that there is no more of it.
func (l *peopleList) walkPart(ctx context.Context, p part) (rows []entry, ended bool, end string, err error) {
	statement, args := l.selectPart(p)
	if rows, err = l.entries(ctx, statement, args); err != nil || len(rows) >= p.limit || p.short {
		return rows, p.short, "", err
	}
	b := &builder{}
	statement = l.selectStretch(b, p, `n, `+p.column) + fmt.Sprintf(` LIMIT 1 OFFSET %d`, p.bound-1)
	last, err := l.entries(ctx, statement, b.args)
	if err != nil || len(last) == 0 {
		return rows, true, "", err
	}
	return rows, false, l.tokenOf(last[0]), nil
}

func (l *peopleList) entries(ctx context.Context, statement string, args []any) ([]entry, error) {
	rows, err := l.db.read.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var entries []entry
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.n, &e.key); err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// bound is how many entries a walk reads.
func (l *peopleList) bound() int {
	if l.hasRest() {
		return l.bounds.walkRows
	}
	return l.bounds.walkMost
}

// walk goes along the order.
func (l *peopleList) walk(ctx context.Context, from position) (foundPage, error) {
	if l.order.column == "" {
		return l.walkGroups(ctx, from)
	}
	if n := len(l.within); n > 0 && n <= l.bounds.mergeMost {
		found, err := l.walkCompanies(ctx, from)
		if err != nil || !found.bounded || n == 1 {
			return found, err
		}
	}
	p := part{index: l.order.index, column: l.order.column, in: l.ranged, behind: from.keys, bound: l.bound(), limit: l.limit}
	rows, ended, end, err := l.walkPart(ctx, p)
	return foundPage{rows: rows, bounded: !ended && len(rows) < l.limit, end: end}, err
}

// walkCompanies walks along the order in each of a few companies.
func (l *peopleList) walkCompanies(ctx context.Context, from position) (foundPage, error) {
	var found foundPage
	for _, company := range l.within {
		p := part{index: l.order.companyIndex, column: l.order.column, in: l.inCompany(company), behind: from.keys, bound: l.bound() / len(l.within), limit: l.limit}
		rows, ended, end, err := l.walkPart(ctx, p)
		if err != nil {
			return foundPage{}, err
		}
		found.rows = append(found.rows, rows...)
		if !ended && len(rows) < l.limit {
			found.bounded, found.end = true, end
		}
	}
	slices.SortFunc(found.rows, l.compare)
	found.rows = found.rows[:min(len(found.rows), l.limit)]
	return found, nil
}

// inCompany is what holds for all of a company's part.
func (l *peopleList) inCompany(company int64) func(b *builder) []string {
	return func(b *builder) []string {
		return append([]string{"company = " + b.arg(company)}, l.ranged(b)...)
	}
}

// compare sorts entries as the database does.
func (l *peopleList) compare(a, b entry) int {
	order := cmp.Compare(a.n, b.n)
	switch x := a.key.(type) {
	case int64:
		order = cmp.Or(cmp.Compare(x, b.key.(int64)), order)
	case string:
		order = cmp.Or(cmp.Compare(x, b.key.(string)), order)
	}
	if l.desc {
		return -order
	}
	return order
}

// walkGroups walks through the groups in their order.
func (l *peopleList) walkGroups(ctx context.Context, from position) (foundPage, error) {
	var found foundPage
	left, walked := l.bound(), 0
	for next := from; ; {
		groups, err := l.groups(ctx, next)
		if err != nil {
			return foundPage{}, err
		}
		for _, g := range groups {
			if left <= 0 || walked >= l.bounds.walkGroups {
				found.bounded = true
				return found, nil
			}
			walked++
			if from.set && g.n == from.group && from.past || g.people == 0 {
				found.end = groupEnd(g.n)
				continue
			}
			done, err := l.walkGroup(ctx, from, g, left, &found)
			if err != nil || done {
				return found, err
			}
			left -= g.entries
		}
		if len(groups) < groupsAtOnce {
			return found, nil
		}
		last := groups[len(groups)-1]
		next = position{set: true, group: last.n, groupKey: last.key, beyond: true}
	}
}

// walkGroup adds the people of one group; done says that the page is full, or so much read
// that it is enough.
func (l *peopleList) walkGroup(ctx context.Context, from position, g peopleGroup, left int, found *foundPage) (done bool, err error) {
	p := part{index: l.order.index, column: l.order.within, in: l.inGroup(g.n), bound: left, short: g.entries < left, limit: l.limit - len(found.rows)}
	if from.set && g.n == from.group {
		p.behind = from.keys
	}
	rows, ended, end, err := l.walkPart(ctx, p)
	if err != nil {
		return false, err
	}
	for _, e := range rows {
		found.rows = append(found.rows, entry{n: e.n, group: g.n})
	}
	if len(found.rows) >= l.limit {
		return true, nil
	}
	found.end = groupEnd(g.n)
	if !ended {
		_, n, _ := strings.Cut(end, ".")
		found.bounded, found.end = true, groupEnd(g.n)+n
	}
	return !ended, nil
}

// inGroup is what holds for all of a group.
func (l *peopleList) inGroup(group int64) func(b *builder) []string {
	return func(b *builder) []string {
		conditions := []string{l.order.group + " = " + b.arg(group)}
		if len(l.within) == 1 && l.order.group != "company" {
			conditions = append(conditions, "company = "+b.arg(l.within[0]))
		}
		return conditions
	}
}
