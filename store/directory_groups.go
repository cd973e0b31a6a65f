package store

import (
	"context"
	"fmt"
)

// peopleGroup is one of the groups by which people are sorted.
type peopleGroup struct {
	n       int64
	people  int // of whom some may be asked for: no more are
	entries int // of the index that are read to find them
}

// groups gives the groups in their order, from the one of the position on; there may be
// more than a walk goes through.
func (l *peopleList) groups(ctx context.Context, from position) ([]peopleGroup, error) {
	b := &builder{}
	var statement string
	switch {
	case l.order.groups == "":
		statement = l.selectStandings(b, from)
	case l.order.groups == "company":
		statement = l.selectCompanies(b, from)
	case l.within != nil && len(l.within) <= l.db.bounds.mergeMost:
		statement = l.selectWordsOf(b, from)
	default:
		statement = l.selectWords(b, from)
	}
	rows, err := l.db.read.QueryContext(ctx, statement, b.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var groups []peopleGroup
	for rows.Next() {
		var g peopleGroup
		if err := rows.Scan(&g.n, &g.people, &g.entries); err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	return groups, rows.Err()
}

func (l *peopleList) selectStandings(b *builder, from position) string {
	statement := `SELECT standing, CAST(sum(people) AS bigint), CAST(sum(people) AS bigint) FROM tally WHERE true`
	if l.standing != 0 {
		statement += ` AND standing = ` + b.arg(l.standing)
	} else {
		statement += fmt.Sprintf(` AND standing < %d`, standingNotListed)
	}
	if l.within != nil {
		statement += ` AND company IN ` + b.list(l.within)
	}
	if from.set {
		statement += ` AND ` + l.from(b, []any{from.group}, "standing")
	}
	return statement + ` GROUP BY standing` + l.orderBy("standing")
}

func (l *peopleList) selectCompanies(b *builder, from position) string {
	standing := fmt.Sprintf(`standing < %d`, standingNotListed)
	if l.standing != 0 {
		standing = `standing = ` + b.arg(l.standing)
	}
	statement := `SELECT c.n, CAST(coalesce((SELECT sum(people) FROM tally WHERE company = c.n AND ` + standing + `), 0) AS bigint),
		CAST(coalesce((SELECT sum(people) FROM tally WHERE company = c.n), 0) AS bigint) FROM company AS c WHERE true`
	if l.within != nil {
		statement += ` AND c.n IN ` + b.list(l.within)
	}
	if from.set {
		statement += ` AND ` + l.from(b, []any{from.groupKey, from.group}, "c.name_key", "c.n")
	}
	return statement + l.orderBy("c.name_key", "c.n")
}

// selectWordsOf has the words of a few companies.
func (l *peopleList) selectWordsOf(b *builder, from position) string {
	entries := `sum(u.people)`
	if len(l.within) > 1 {
		entries = `(SELECT sum(people) FROM word_use WHERE word = w.n)`
	}
	statement := `SELECT w.n, CAST(sum(u.people) AS bigint), CAST(` + entries + ` AS bigint) FROM word_use AS u JOIN word AS w ON w.n = u.word
		WHERE u.company IN ` + b.list(l.within) + ` AND u.people > 0 AND w.kind = ` + b.arg(l.order.kind) + l.fromWord(b, from)
	return statement + ` GROUP BY w.n, w.key` + l.orderBy("w.key") + fmt.Sprintf(` LIMIT %d`, l.db.bounds.walkGroups+1)
}

func (l *peopleList) selectWords(b *builder, from position) string {
	const people = `CAST(coalesce((SELECT sum(people) FROM word_use WHERE word = w.n), 0) AS bigint)`
	statement := `SELECT w.n, ` + people + `, ` + people + ` FROM word AS w WHERE w.kind = ` + b.arg(l.order.kind)
	if word, ok := l.words[l.order.kind]; ok {
		statement += ` AND w.n = ` + b.arg(word)
	}
	return statement + l.fromWord(b, from) + l.orderBy("w.key") + fmt.Sprintf(` LIMIT %d`, l.db.bounds.walkGroups+1)
}

func (l *peopleList) fromWord(b *builder, from position) string {
	if !from.set {
		return ``
	}
	return ` AND ` + l.from(b, []any{from.groupKey}, "w.key")
}
