package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"foyer/portal/directory"
)

// peopleList is a query with all that it names looked up.
type peopleList struct {
	db     *DB
	q      directory.PeopleQuery
	order  order
	bounds listBounds
	desc   bool // the direction of the walk, which is turned round for the page before
	limit  int  // one more than the page has

	included bool // the page begins with its position
	lost     bool // whom it was to begin behind is gone

	all      int     // people in the companies
	expected float64 // about how many of them are asked for

	nobody    bool
	standing  int64   // 0: everybody who is listed
	companies []int64 // as asked for; nil: all
	words     map[wordKind]int64
	text      []string // as searched for
	// within are the companies in which people can be at all: as asked for, and those that
	// have the words. nil: all.
	within []int64
	used   map[wordKind]map[int64]int64 // how many people have the word, by company
}

// wordColumns are the columns of person by the kind of their words.
var wordColumns = [wordKinds]string{"domain_word", "department_word", "title_word", "location_word"}

// wordIndexes are the indexes of these columns.
var wordIndexes = [wordKinds]string{"person_domain", "person_department", "person_title", "person_location"}

func (db *DB) peopleList(ctx context.Context, q directory.PeopleQuery) (*peopleList, error) {
	l := &peopleList{db: db, q: q, bounds: db.bounds, limit: q.Limit + 1, desc: q.Desc != (q.Before != ""), words: map[wordKind]int64{}, used: map[wordKind]map[int64]int64{}}
	var err, errBefore error
	l.q.After, err = unnamed(q, q.After)
	l.q.Before, errBefore = unnamed(q, q.Before)
	if err = errors.Join(err, errBefore); err != nil {
		return nil, err
	}
	var ok bool
	if l.order, ok = orders[q.Sort]; !ok {
		l.order = orders[directory.PeopleByName]
	}
	switch q.Status {
	case directory.AnyStatus:
	case directory.OnlyActive:
		l.standing = standingActive
	case directory.OnlyDisabled:
		l.standing = standingDisabled
	case directory.OnlyUnknown:
		l.standing = standingUnknown
	case directory.OnlyNotListed:
		l.standing = standingNotListed
	default:
		l.nobody = true
	}
	if l.text = searchWords(q.Words); len(l.text) > 0 {
		l.bounds = l.bounds.ofTexts()
	}
	if err := l.findCompanies(ctx); err != nil || l.nobody {
		return l, err
	}
	return l, l.findWords(ctx)
}

func (l *peopleList) findCompanies(ctx context.Context) error {
	if l.q.CompanyIDs == nil {
		return nil
	}
	for chunk := range slices.Chunk(l.q.CompanyIDs, usersAtOnce) {
		args := make([]any, len(chunk))
		for i, id := range chunk {
			args[i] = text(id)
		}
		found, err := queryColumn[int64](ctx, l.db.read, `SELECT n FROM company WHERE id IN `+l.db.placeholders(1, len(args)), args...)
		if err != nil {
			return err
		}
		l.companies = append(l.companies, found...)
	}
	slices.Sort(l.companies)
	l.companies = slices.Compact(l.companies)
	l.within = l.companies
	l.nobody = len(l.companies) == 0
	return nil
}

// findWords looks up what is asked for, and narrows the companies to those that have it:
// a domain, and often a department, is of one company only.
func (l *peopleList) findWords(ctx context.Context) error {
	for kind, wanted := range [wordKinds]string{
		domainWord: cutKey(text(l.q.Domain)), departmentWord: foldedKey(l.q.Department),
		titleWord: foldedKey(l.q.Title), locationWord: foldedKey(l.q.Location),
	} {
		if wanted == "" {
			continue
		}
		kind := wordKind(kind)
		found, err := queryColumn[int64](ctx, l.db.read, `SELECT n FROM word WHERE kind = $1 AND key = $2`, kind, wanted)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			l.nobody = true
			return nil
		}
		l.words[kind] = found[0]
		used, err := l.usedBy(ctx, found[0])
		if err != nil {
			return err
		}
		var companies []int64
		for company := range used {
			if l.within == nil || slices.Contains(l.within, company) {
				companies = append(companies, company)
			}
		}
		slices.Sort(companies)
		l.used[kind], l.within = used, companies
		if len(companies) == 0 {
			l.nobody = true
			return nil
		}
	}
	return nil
}

func (l *peopleList) usedBy(ctx context.Context, word int64) (map[int64]int64, error) {
	rows, err := l.db.read.QueryContext(ctx, `SELECT company, people FROM word_use WHERE word = $1 AND people > 0`, word)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	used := map[int64]int64{}
	for rows.Next() {
		var company, people int64
		if err := rows.Scan(&company, &people); err != nil {
			return nil, err
		}
		used[company] = people
	}
	return used, rows.Err()
}

// covered are the conditions on what the indexes of orders have beside the order.
func (l *peopleList) covered(b *builder, alias string) []string {
	conditions := []string{fmt.Sprintf("%s.standing < %d", alias, standingNotListed)}
	if l.standing != 0 {
		conditions[0] = fmt.Sprintf("%s.standing = %d", alias, l.standing)
	}
	switch {
	case len(l.companies) == 1:
		conditions = append(conditions, alias+".company = "+b.arg(l.companies[0]))
	case len(l.companies) > 1:
		conditions = append(conditions, alias+".company IN "+b.list(l.companies))
	}
	for _, kind := range []wordKind{domainWord, departmentWord} {
		if word, ok := l.words[kind]; ok {
			conditions = append(conditions, alias+"."+wordColumns[kind]+" = "+b.arg(word))
		}
	}
	return conditions
}

// hasRest says whether a row must be looked up to say whether it is asked for.
func (l *peopleList) hasRest() bool { return len(l.rest(&builder{})) > 0 }

// rest are the other conditions, on p.
func (l *peopleList) rest(b *builder) []string {
	conditions := l.columns(b)
	if len(l.text) > 0 {
		conditions = append(conditions, `(SELECT `+l.hasText(b)+` FROM person_text AS t WHERE t.n = p.n)`)
	}
	return conditions
}

// hasText is the condition that all that is searched for stands in the text of t.
func (l *peopleList) hasText(b *builder) string {
	var contained []string
	for _, word := range l.text {
		contained = append(contained, l.db.contains("t.text", b.arg(word)))
	}
	return strings.Join(contained, " AND ")
}

// columns are those of the other conditions that columns of p tell.
func (l *peopleList) columns(b *builder) []string {
	var conditions []string
	for _, kind := range []wordKind{titleWord, locationWord} {
		if word, ok := l.words[kind]; ok {
			conditions = append(conditions, "p."+wordColumns[kind]+" = "+b.arg(word))
		}
	}
	conditions = append(conditions, l.times(b, "p.", "created_at")...)
	return append(conditions, l.times(b, "p.", "status_at")...)
}

// times are the conditions on the times of a column.
func (l *peopleList) times(b *builder, alias, column string) []string {
	var conditions []string
	add := func(of, compare string, at time.Time) {
		if of == column && !at.IsZero() {
			conditions = append(conditions, alias+of+compare+b.arg(micros(at)))
		}
	}
	add("created_at", " >= ", l.q.CreatedFrom)
	add("created_at", " < ", l.q.CreatedTo)
	add("status_at", " < ", l.q.StatusBefore)
	return conditions
}

// ranged are the conditions on the column of the order, so that the walk begins and ends
// where they hold. Whose status is unknown was never told one.
func (l *peopleList) ranged(b *builder) []string {
	conditions := l.times(b, "", l.order.column)
	if l.order.column == "status_at" {
		switch l.standing {
		case standingUnknown:
			conditions = append(conditions, "status_at = 0")
		case standingActive, standingDisabled:
			conditions = append(conditions, "status_at > 0")
		}
	}
	return conditions
}

// gatherBy is a way to gather people.
type gatherBy struct {
	index   string // that it is meant to use
	from    string // what is read
	joined  string // what p is joined by, behind t; empty: from is p
	in      func(b *builder) []string
	entries int
}

// rest are the conditions beside those of a way.
func (l *peopleList) restOf(way gatherBy, b *builder) []string {
	if way.joined == "" {
		return l.rest(b)
	}
	return append([]string{l.hasText(b)}, l.columns(b)...)
}

// fewest gives the way that reads the fewest entries.
func (l *peopleList) fewest(ctx context.Context) (gatherBy, error) {
	ways, err := l.ways(ctx)
	if err != nil {
		return gatherBy{}, err
	}
	few := slices.MinFunc(ways, func(a, b gatherBy) int { return a.entries - b.entries })
	if few.entries <= l.bounds.gatherMost {
		return few, nil
	}
	more, err := l.countedWays(ctx)
	if err != nil {
		return gatherBy{}, err
	}
	return slices.MinFunc(append(more, few), func(a, b gatherBy) int { return a.entries - b.entries }), nil
}

// ways are the ways of which the entries are counted already. The last one is to read
// everybody.
func (l *peopleList) ways(ctx context.Context) ([]gatherBy, error) {
	all, ofStanding, err := l.tallied(ctx)
	if err != nil {
		return nil, err
	}
	var ways []gatherBy
	l.all, l.expected = all, float64(all)
	add := func(index, column string, value int64, entries int) {
		ways = append(ways, l.way(index, column, value, entries))
		l.expected *= float64(entries) / float64(max(all, 1))
	}
	for kind, word := range l.words {
		add(wordIndexes[kind], wordColumns[kind], word, l.inCompanies(l.used[kind]))
	}
	if l.standing != 0 {
		add("person_standing", "standing", l.standing, ofStanding)
	}
	if l.within != nil {
		in := func(b *builder) []string { return []string{"p.company IN " + b.list(l.within)} }
		ways = append(ways, gatherBy{index: "person_company_name", from: `person AS p` + l.db.indexed("person_company_name"), in: in, entries: all})
	}
	return append(ways, gatherBy{index: "person_name", from: `person AS p` + l.db.indexed("person_name"), in: func(*builder) []string { return nil }, entries: all}), nil
}

// way reads what has a value in a column, in the companies asked for.
func (l *peopleList) way(index, column string, value int64, entries int) gatherBy {
	in := func(b *builder) []string {
		conditions := []string{"p." + column + " = " + b.arg(value)}
		if l.companies != nil {
			conditions = append(conditions, "p.company IN "+b.list(l.companies))
		}
		return conditions
	}
	return gatherBy{index: index, from: `person AS p` + l.db.indexed(index), in: in, entries: entries}
}

func (l *peopleList) inCompanies(counted map[int64]int64) (people int) {
	for company, n := range counted {
		if l.companies == nil || slices.Contains(l.companies, company) {
			people += int(n)
		}
	}
	return people
}

// tallied counts the people of the companies, all of them and those of the standing.
func (l *peopleList) tallied(ctx context.Context) (all, ofStanding int, err error) {
	b := &builder{}
	statement := `SELECT CAST(coalesce(sum(people), 0) AS bigint), CAST(coalesce(sum(CASE WHEN standing = ` + b.arg(l.standing) + ` THEN people END), 0) AS bigint) FROM tally`
	if l.within != nil {
		statement += ` WHERE company IN ` + b.list(l.within)
	}
	return all, ofStanding, l.db.read.QueryRowContext(ctx, statement, b.args...).Scan(&all, &ofStanding)
}

// countedWays are the ways of which the entries must be counted, which is given up soon.
func (l *peopleList) countedWays(ctx context.Context) ([]gatherBy, error) {
	var ways []gatherBy
	for column, index := range map[string]string{"created_at": "person_created", "status_at": "person_seen"} {
		in := func(b *builder) []string { return l.times(b, "p.", column) }
		if len(in(&builder{})) > 0 {
			ways = append(ways, gatherBy{index: index, from: `person AS p` + l.db.indexed(index), in: in})
		}
	}
	if slices.ContainsFunc(l.text, isLong) {
		way, err := l.searched(ctx)
		if err != nil {
			return nil, err
		}
		ways = append(ways, way)
	}
	for i, way := range ways {
		b := &builder{}
		statement := `SELECT count(*) FROM (SELECT 1 FROM ` + way.from + ` WHERE ` + strings.Join(way.in(b), " AND ") + fmt.Sprintf(` LIMIT %d) AS counted`, l.bounds.gatherLast+1)
		if err := l.db.read.QueryRowContext(ctx, statement, b.args...).Scan(&ways[i].entries); err != nil {
			return nil, err
		}
		if way.joined != "" {
			share, err := l.sampled(ctx, way)
			if err != nil {
				return nil, err
			}
			l.expected *= share * float64(ways[i].entries)
		}
	}
	return ways, nil
}

// sampledTexts is how many texts are compared to tell how many people have what is
// searched for.
const sampledTexts = 200

// sampled gives which share of everybody has what is searched for, for each entry of a way
// by the search index.
func (l *peopleList) sampled(ctx context.Context, way gatherBy) (share float64, err error) {
	b := &builder{}
	statement := `SELECT count(*), coalesce(sum(CASE WHEN found THEN 1 ELSE 0 END), 0), (SELECT CAST(coalesce(sum(people), 0) AS bigint) FROM tally)
		FROM (SELECT ` + l.hasText(b) + ` AS found FROM ` + way.from + way.joined + ` WHERE ` + strings.Join(way.in(b), " AND ") + fmt.Sprintf(` LIMIT %d) AS sample`, sampledTexts)
	var sampled, found, everybody int
	if err := l.db.read.QueryRowContext(ctx, statement, b.args...).Scan(&sampled, &found, &everybody); err != nil || sampled == 0 {
		return 0, err
	}
	return float64(found) / float64(sampled) / float64(max(everybody, 1)), nil
}

// searched is the way by the search index.
func (l *peopleList) searched(ctx context.Context) (gatherBy, error) {
	if l.db.dialect == PostgreSQL {
		return gatherBy{index: "person_index", from: `person_text AS t`, joined: ` JOIN person AS p ON p.n = t.n`, in: func(b *builder) []string {
			var conditions []string
			for _, word := range l.text {
				conditions = append(conditions, "t.text LIKE "+b.arg("%"+likeEscaper.Replace(word)+"%"))
			}
			return conditions
		}}, nil
	}
	match, err := l.db.matching(ctx, l.text)
	return gatherBy{
		index:  "person_index",
		from:   `person_index AS i`,
		joined: ` CROSS JOIN person_text AS t ON t.n = i.rowid CROSS JOIN person AS p ON p.n = t.n`,
		in:     func(b *builder) []string { return []string{"person_index MATCH " + b.arg(match.query)} },
	}, err
}

// gather sorts all whom a way leads to.
func (l *peopleList) gather(ctx context.Context, way gatherBy, from position) ([]entry, error) {
	statement, args := l.selectGathered(way, from)
	rows, err := l.entries(ctx, statement, args)
	if l.order.group != "" {
		for i := range rows {
			rows[i] = entry{n: rows[i].n, group: rows[i].key.(int64)}
		}
	}
	return rows, err
}

func (l *peopleList) selectGathered(way gatherBy, from position) (string, []any) {
	b := &builder{}
	keys, columns := l.sortKeys()
	conditions := slices.Concat(way.in(b), l.restOf(way, b), l.covered(b, "p"))
	// The limit, which is not met, keeps PostgreSQL from walking along the order instead.
	inner := `SELECT ` + strings.Join(keys, ", ") + `, p.n FROM ` + way.from + way.joined + ` WHERE ` + strings.Join(conditions, " AND ") + fmt.Sprintf(` LIMIT %d`, way.entries+l.bounds.gatherLast)
	statement := `SELECT g.n, g.k1 FROM (` + inner + `) AS g`
	group := l.order.group != ""
	if group {
		statement = `SELECT g.n, g.grouped FROM (` + inner + `) AS g`
	}
	if from.set {
		statement += ` WHERE ` + l.behindPosition(b, from, columns)
	}
	return statement + l.orderBy(columns...) + fmt.Sprintf(` LIMIT %d`, l.limit), b.args
}

// sortKeys are the expressions by which people are sorted, and the names that they have.
func (l *peopleList) sortKeys() (expressions, columns []string) {
	o := l.order
	if o.column != "" {
		return []string{"p." + o.column + " AS k1"}, []string{"g.k1", "g.n"}
	}
	expressions, columns = []string{"p." + o.group + " AS grouped", "p." + o.within + " AS k1"}, []string{"g.grouped", "g.k1", "g.n"}
	if o.groups != "" {
		key := "(SELECT s." + o.groupKey + " FROM " + o.groups + " AS s WHERE s.n = p." + o.group + ") AS k0"
		return append(expressions, key), append([]string{"g.k0"}, columns...)
	}
	return expressions, columns
}

// behindPosition compares the sorted columns with a position.
func (l *peopleList) behindPosition(b *builder, from position, columns []string) string {
	if l.order.column != "" {
		return l.behind(b, from.keys, columns...)
	}
	grouped, keys := columns[:len(columns)-2], []any{from.group}
	if l.order.groups != "" {
		keys = []any{from.groupKey, from.group}
	}
	if from.keys == nil {
		return l.behind(b, keys, grouped...)
	}
	return l.behind(b, append(keys, from.keys...), columns...)
}

// CountPeople implements directory.PeopleStore.
func (db *DB) CountPeople(ctx context.Context, q directory.PeopleQuery, atMost int) (t directory.Tally, all bool, err error) {
	t, all, err = db.countPeople(ctx, q, atMost)
	return t, all, wrap("count people", err)
}

func (db *DB) countPeople(ctx context.Context, q directory.PeopleQuery, atMost int) (t directory.Tally, all bool, err error) {
	l, err := db.people().peopleList(ctx, q)
	if err != nil || l.nobody {
		return t, true, err
	}
	way, err := l.fewest(ctx)
	if err != nil {
		return t, false, err
	}
	b := &builder{}
	from := ` FROM ` + way.from + way.joined + ` WHERE ` + strings.Join(slices.Concat(way.in(b), l.covered(b, "p")), " AND ")
	found := "1 = 1"
	if rest := l.restOf(way, b); len(rest) > 0 {
		found = strings.Join(rest, " AND ")
		atMost = min(atMost, max(l.bounds.gatherMost, 1)) // a row is looked up for each
	}
	if atMost > 0 {
		from += fmt.Sprintf(` LIMIT %d`, atMost)
	}
	t, looked, err := l.db.tally(ctx, `SELECT standing, sum(CASE WHEN found THEN 1 ELSE 0 END), count(*)
		FROM (SELECT p.standing, `+found+` AS found`+from+`) AS looked GROUP BY standing`, b.args...)
	return t, atMost == 0 || looked < atMost, err
}

// tally reads rows of a standing, how many people have it, and among how many of it they
// were counted.
func (db *DB) tally(ctx context.Context, statement string, args ...any) (t directory.Tally, looked int, err error) {
	rows, err := db.read.QueryContext(ctx, statement, args...)
	if err != nil {
		return t, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var standing, people, among int
		if err := rows.Scan(&standing, &people, &among); err != nil {
			return t, 0, err
		}
		tallyOf(&t, standing, people)
		looked += among
	}
	return t, looked, rows.Err()
}
