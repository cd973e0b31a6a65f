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
	from := way.selects(b, l.covered(b, "p")...)
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
