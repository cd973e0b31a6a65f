package store

import (
	"context"
	"fmt"
)

// peopleGroup is one of the groups by which people are sorted.
type peopleGroup struct {
	n       int64
	key     string // by which it is sorted; empty for standings
	people  int    // of whom some may be asked for: no more are
	entries int    // of the index that are read to find them
}

// groups gives the groups in their order, from the one of the position on:
// some of them, unless fewer are left.
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
		if err := rows.Scan(&g.n, &g.key, &g.people, &g.entries); err != nil {
			return nil, err
		}
		groups = append(groups, g)
	}
	return groups, rows.Err()
}

// groupsAtOnce is how many groups are listed at a time: most pages need one or two.
const groupsAtOnce = 20

// fromGroup compares groups with that of a position, which is among them unless it was
// listed before.
func (l *peopleList) fromGroup(b *builder, from position, keys []any, columns ...string) string {
	compare, _ := l.direction()
	if !from.beyond {
		compare += "="
	}
	return compared(b, compare, keys, columns)
}

func (l *peopleList) selectStandings(b *builder, from position) string {
	statement := `SELECT standing, '', CAST(sum(people) AS bigint), CAST(sum(people) AS bigint) FROM tally WHERE true`
	if l.standing != 0 {
		statement += ` AND standing = ` + b.arg(l.standing)
	} else {
		statement += fmt.Sprintf(` AND standing < %d`, standingNotListed)
	}
	if l.within != nil {
		statement += ` AND company IN ` + b.list(l.within)
	}
	if from.set {
		statement += ` AND ` + l.fromGroup(b, from, []any{from.group}, "standing")
	}
	return statement + ` GROUP BY standing` + l.orderBy("standing")
}

func (l *peopleList) selectCompanies(b *builder, from position) string {
	standing := fmt.Sprintf(`standing < %d`, standingNotListed)
	if l.standing != 0 {
		standing = `standing = ` + b.arg(l.standing)
	}
	statement := `SELECT c.n, c.name_key, CAST(coalesce((SELECT sum(people) FROM tally WHERE company = c.n AND ` + standing + `), 0) AS bigint),
		CAST(coalesce((SELECT sum(people) FROM tally WHERE company = c.n), 0) AS bigint) FROM company AS c WHERE true`
	if l.within != nil {
		statement += ` AND c.n IN ` + b.list(l.within)
	}
	if from.set {
		statement += ` AND ` + l.fromGroup(b, from, []any{from.groupKey, from.group}, "c.name_key", "c.n")
	}
	return statement + l.orderBy("c.name_key", "c.n") + fmt.Sprintf(` LIMIT %d`, groupsAtOnce)
}

// selectWordsOf has the words of a few companies.
func (l *peopleList) selectWordsOf(b *builder, from position) string {
	entries := `sum(u.people)`
	if len(l.within) > 1 {
		entries = `(SELECT sum(people) FROM word_use WHERE word = w.n)`
	}
	statement := `SELECT w.n, w.key, CAST(sum(u.people) AS bigint), CAST(` + entries + ` AS bigint) FROM word_use AS u JOIN word AS w ON w.n = u.word
		WHERE u.company IN ` + b.list(l.within) + ` AND u.people > 0 AND w.kind = ` + b.arg(l.order.kind) + l.fromWord(b, from)
	return statement + ` GROUP BY w.n, w.key` + l.orderBy("w.key") + fmt.Sprintf(` LIMIT %d`, groupsAtOnce)
}

func (l *peopleList) selectWords(b *builder, from position) string {
	statement := `SELECT w.n, w.key FROM word AS w WHERE w.kind = ` + b.arg(l.order.kind)
	if word, ok := l.words[l.order.kind]; ok {
		statement += ` AND w.n = ` + b.arg(word)
	}
	statement += l.fromWord(b, from) + l.orderBy("w.key") + fmt.Sprintf(` LIMIT %d`, groupsAtOnce)
	return `SELECT c.n, c.key, c.people, c.people FROM (SELECT w.n, w.key, CAST(coalesce((SELECT sum(people) FROM word_use WHERE word = w.n), 0) AS bigint) AS people
		FROM (` + statement + `) AS w) AS c` + l.orderBy("c.key")
}

func (l *peopleList) fromWord(b *builder, from position) string {
	if !from.set {
		return ``
	}
	return ` AND ` + l.fromGroup(b, from, []any{from.groupKey}, "w.key")
}
