package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// gatherBy is a way to gather people.
type gatherBy struct {
	index   string // that it is meant to use
	from    string // what is read: p, or what texts and p are joined to by number
	number  string // in what is read, where p is joined to it
	in      func(b *builder) []string
	entries int
	most    int // entries that are read, where p is joined to them; 0: all
}

// byText says whether the way leads to texts that are compared before rows of people are
// looked up.
func (w gatherBy) byText() bool { return w.number != "" }

// selects is the part of a statement behind its columns that reads a way. CROSS JOIN has
// SQLite read in this order; most are left out by their text.
func (w gatherBy) selects(b *builder, conditions ...string) string {
	in := w.in(b)
	if !w.byText() {
		return ` FROM ` + w.from + where(append(in, conditions...))
	}
	return ` FROM (SELECT ` + w.number + ` AS n FROM ` + w.from + where(in) + limited(w.most) + `) AS i
		CROSS JOIN person_text AS t CROSS JOIN person AS p` + where(append([]string{"t.n = i.n", "p.n = i.n"}, conditions...))
}

// counts is the same for the entries alone.
func (w gatherBy) counts(b *builder) string { return ` FROM ` + w.from + where(w.in(b)) }

func where(conditions []string) string {
	if len(conditions) == 0 {
		return ``
	}
	return ` WHERE ` + strings.Join(conditions, ` AND `)
}

func limited(most int) string {
	if most == 0 {
		return ``
	}
	return fmt.Sprintf(` LIMIT %d`, most)
}

// restOf are the conditions beside those of a way, the cheapest to say no first.
func (l *peopleList) restOf(way gatherBy, b *builder) []string {
	if !way.byText() {
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
		statement := `SELECT count(*) FROM (SELECT 1` + way.counts(b) + limited(l.bounds.gatherLast+1) + `) AS counted`
		if err := l.db.read.QueryRowContext(ctx, statement, b.args...).Scan(&ways[i].entries); err != nil {
			return nil, err
		}
		if way.byText() {
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
	way.most = sampledTexts
	statement := `SELECT count(*), coalesce(sum(CASE WHEN found THEN 1 ELSE 0 END), 0), (SELECT CAST(coalesce(sum(people), 0) AS bigint) FROM tally)
		FROM (SELECT ` + l.hasText(b) + ` AS found` + way.selects(b) + `) AS sample`
	var sampled, found, everybody int
	if err := l.db.read.QueryRowContext(ctx, statement, b.args...).Scan(&sampled, &found, &everybody); err != nil || sampled == 0 {
		return 0, err
	}
	return float64(found) / float64(sampled) / float64(max(everybody, 1)), nil
}

// searched is the way by the search index.
func (l *peopleList) searched(ctx context.Context) (gatherBy, error) {
	if l.db.dialect == PostgreSQL {
		return gatherBy{index: "person_index", from: `person_text`, number: "n", in: func(b *builder) (conditions []string) {
			for _, word := range l.text {
				conditions = append(conditions, "text LIKE "+b.arg("%"+likeEscaper.Replace(word)+"%"))
			}
			return conditions
		}}, nil
	}
	match, err := l.db.matching(ctx, l.text)
	return gatherBy{index: "person_index", from: `person_index`, number: "rowid", in: func(b *builder) []string {
		return []string{"person_index MATCH " + b.arg(match.query)}
	}}, err
}

// beginnings is the way to those whose name or e-mail begins with the first word.
func (l *peopleList) beginnings() gatherBy {
	first := cutKey(l.text[0])
	return gatherBy{index: "person_name", from: `person`, number: "n", in: func(b *builder) []string {
		var parts []string
		for _, by := range beginningKeys {
			parts = append(parts, `SELECT n FROM (SELECT n FROM person`+l.db.indexed(by.index)+` WHERE `+by.column+` >= `+b.arg(first)+` AND `+by.column+` < `+b.arg(first+lastRune)+limited(l.bounds.gatherMost)+`) AS `+by.column)
		}
		return []string{`n IN (` + strings.Join(parts, ` UNION `) + `)`}
	}}
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
	// The limit, which is not met, keeps PostgreSQL from walking along the order instead.
	inner := `SELECT ` + strings.Join(keys, ", ") + `, p.n` + way.selects(b, append(l.restOf(way, b), l.covered(b, "p")...)...) + limited(way.entries+l.bounds.gatherLast)
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
