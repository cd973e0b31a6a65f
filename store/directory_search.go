package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"foyer/portal"
	"foyer/portal/directory"
)

const (
	// trigram is how many letters a word needs for the search index.
	trigram = 3
	// searchRows is how many rows a search compares one by one.
	searchRows = 3000
	// firstRows is the same for who is to come first, where the others are looked for too.
	firstRows = 200
)

// SearchPeople implements directory.PeopleStore.
func (db *DB) SearchPeople(ctx context.Context, words []string, limit int) (people []directory.UserRecord, more bool, err error) {
	words = searchWords(words)
	if len(words) == 0 || limit <= 0 {
		return nil, false, nil
	}
	s := search{db: db.people(), words: words, limit: limit, seen: map[int64]bool{}}
	if err := s.run(ctx); err != nil {
		return nil, false, fmt.Errorf("search people: %w", err)
	}
	more = s.more || len(s.found) > limit
	people, err = db.peopleByNumber(ctx, s.found[:min(len(s.found), limit)])
	if s.all {
		beginningsFirst(people, words[0])
	}
	return people, more, wrap("search people", err)
}

// beginningsFirst puts those first whose name, last name or e-mail begins with a word.
func beginningsFirst(people []directory.UserRecord, word string) {
	type place struct {
		begins int
		name   string
	}
	places := make(map[string]place, len(people))
	for _, u := range people {
		keys := []string{foldedKey(portal.UserName(u.User)), foldedKey(u.LastName), emailKey(u.Email)}
		begins := slices.IndexFunc(keys, func(key string) bool { return strings.HasPrefix(key, word) })
		if begins < 0 {
			begins = len(keys)
		}
		places[u.CompanyID+"/"+u.ID] = place{begins, keys[0]}
	}
	slices.SortStableFunc(people, func(a, b directory.UserRecord) int {
		x, y := places[a.CompanyID+"/"+a.ID], places[b.CompanyID+"/"+b.ID]
		return cmp.Or(cmp.Compare(x.begins, y.begins), cmp.Compare(x.name, y.name))
	})
}

// searchWords gives the words as they are looked for. What could be a part of a phone
// number is looked for by its digits.
func searchWords(words []string) []string {
	var wanted []string
	for _, word := range words {
		word = text(word)
		if strings.Trim(word, "0123456789+-()/.") == "" {
			word = digits(word)
		}
		if word != "" && !slices.Contains(wanted, word) {
			wanted = append(wanted, word)
		}
	}
	return wanted
}

// beginningKeys are what somebody is found by whose name or e-mail begins with a word.
var beginningKeys = []struct{ index, column string }{{"person_name", "name_key"}, {"person_last", "last_key"}, {"person_email", "email_key"}}

// search is one search under way.
type search struct {
	db    *DB
	words []string
	limit int

	found []int64
	seen  map[int64]bool
	more  bool // not all was looked through
	few   bool // what is compared is known to be less than searchRows
	all   bool // everybody was found, in no order
}

// run finds those first whose name or e-mail begins with the first word. Where the search
// index finds everybody at once, that is quicker, and they are sorted.
func (s *search) run(ctx context.Context) error {
	if len(s.words) > 1 && slices.ContainsFunc(s.words, isLong) {
		err := s.anywhere(ctx)
		s.all = !s.more && len(s.found) <= s.limit
		if err != nil || s.all {
			return err
		}
		*s = search{db: s.db, words: s.words, limit: s.limit, seen: map[int64]bool{}}
	}
	for _, by := range beginningKeys {
		if err := s.beginnings(ctx, by.index, by.column); err != nil || len(s.found) > s.limit {
			return err
		}
	}
	if !slices.ContainsFunc(s.words, isLong) {
		return nil
	}
	return s.anywhere(ctx)
}

func isLong(word string) bool { return utf8.RuneCountInString(word) >= trigram }

// beginnings finds those whose name or e-mail begins with the first word.
func (s *search) beginnings(ctx context.Context, index, column string) error {
	first := s.words[0]
	args := []any{cutKey(first), cutKey(first) + lastRune}
	where := column + ` >= $1 AND ` + column + ` < $2`
	order := ` ORDER BY ` + column + `, n`
	if len(s.words) == 1 {
		return s.add(ctx, `SELECT n FROM person`+s.db.indexed(index)+` WHERE `+where+order+fmt.Sprintf(` LIMIT %d`, s.limit+1), args, s.limit+1)
	}
	statement := `SELECT n, (SELECT t.text FROM person_text AS t WHERE t.n = person.n) AS text FROM person` + s.db.indexed(index) + ` WHERE ` + where + order
	if slices.ContainsFunc(s.words, isLong) {
		return s.compareSome(ctx, statement, args, s.words[1:], firstRows)
	}
	return s.compare(ctx, statement, statement, args, s.words[1:])
}

// lastRune is behind every text that begins alike.
const lastRune = "\U0010FFFF"

// compare adds those of a statement's rows, n and text, in whose text all the words stand.
// The entries have the same numbers and are less to read.
func (s *search) compare(ctx context.Context, statement, entries string, args []any, words []string) error {
	err := s.compareSome(ctx, statement, args, words, searchRows)
	if err != nil || len(s.found) > s.limit || s.more || s.few {
		return err
	}
	// Fewer than wanted: whether all rows were compared.
	left, err := queryColumn[int64](ctx, s.db.read, `SELECT r.n FROM (`+entries+fmt.Sprintf(` LIMIT 1 OFFSET %d`, searchRows)+`) AS r`, args...)
	s.more = s.more || len(left) > 0
	return err
}

// compareSome is compare for the first of the rows.
func (s *search) compareSome(ctx context.Context, statement string, args []any, words []string, rows int) error {
	args = slices.Clone(args)
	var conditions []string
	for _, word := range words {
		args = append(args, word)
		conditions = append(conditions, s.db.contains("r.text", fmt.Sprintf("$%d", len(args))))
	}
	statement = fmt.Sprintf(`SELECT r.n FROM (%s LIMIT %d) AS r WHERE %s LIMIT %d`, statement, rows, strings.Join(conditions, ` AND `), s.limit+1)
	return s.add(ctx, statement, args, s.limit+1)
}

// add adds who was not found yet.
func (s *search) add(ctx context.Context, statement string, args []any, most int) error {
	numbers, err := queryColumn[int64](ctx, s.db.read, statement, args...)
	if err != nil {
		return err
	}
	s.more = s.more || len(numbers) >= most
	for _, n := range numbers {
		if !s.seen[n] {
			s.seen[n] = true
			s.found = append(s.found, n)
		}
	}
	return nil
}

// anywhere finds those in whose text all the words stand.
func (s *search) anywhere(ctx context.Context) error {
	if s.db.dialect == PostgreSQL {
		return s.anywherePostgres(ctx)
	}
	match, err := s.db.matching(ctx, s.words)
	if err != nil {
		return err
	}
	s.few = match.few
	const entries = `SELECT rowid AS n FROM person_index WHERE person_index MATCH $1`
	return s.compare(ctx, `SELECT t.n, t.text FROM (`+entries+`) AS i CROSS JOIN person_text AS t ON t.n = i.n`, entries, []any{match.query}, s.words)
}

// anywherePostgres looks at some rows first: of a word that many have it finds enough
// there, while the search index would gather all of them.
func (s *search) anywherePostgres(ctx context.Context) error {
	where, args := likes("r.text", s.words)
	some := fmt.Sprintf(`SELECT r.n FROM (SELECT n, text FROM person_text ORDER BY n LIMIT %d) AS r WHERE %s LIMIT %d`, searchRows, where, s.limit+1)
	err := s.add(ctx, some, args, s.limit+1)
	if err != nil || len(s.found) > s.limit {
		return err
	}
	return s.add(ctx, `SELECT r.n FROM person_text AS r WHERE `+where+fmt.Sprintf(` LIMIT %d`, 2*s.limit+1), args, 2*s.limit+1)
}

// likes is the condition that all words stand in a column, as PostgreSQL's index
// understands it.
func likes(column string, words []string) (condition string, args []any) {
	var conditions []string
	for _, word := range words {
		args = append(args, "%"+likeEscaper.Replace(word)+"%")
		conditions = append(conditions, fmt.Sprintf(`%s LIKE $%d`, column, len(args)))
	}
	return strings.Join(conditions, ` AND `), args
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// peopleByNumber reads people in the order of their numbers as given.
func (db *DB) peopleByNumber(ctx context.Context, numbers []int64) ([]directory.UserRecord, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	place := make(map[int64]int, len(numbers))
	for i, n := range numbers {
		place[n] = i
	}
	people := make([]directory.UserRecord, len(numbers))
	for chunk := range slices.Chunk(numbers, usersAtOnce) {
		err := db.eachPerson(ctx, func(n int64, u directory.UserRecord) { people[place[n]] = u }, ` WHERE p.n IN `+db.placeholders(1, len(chunk)), anys(chunk)...)
		if err != nil {
			return nil, err
		}
	}
	// Who is missing was erased a moment ago.
	return slices.DeleteFunc(people, func(u directory.UserRecord) bool { return u.CompanyID == "" }), nil
}

// indexed names the index that is meant, where SQLite would choose by what it guesses.
// PostgreSQL knows better from its statistics.
func (db *DB) indexed(index string) string {
	if db.dialect == SQLite {
		return ` INDEXED BY ` + index
	}
	return ``
}
