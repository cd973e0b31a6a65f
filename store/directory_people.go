package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"foyer/portal/directory"
	"foyer/sapi"
)

// SavePeople implements directory.PeopleStore.
func (db *DB) SavePeople(ctx context.Context, companyID string, people []directory.UserRecord) error {
	if len(people) == 0 {
		return nil
	}
	companyID, people = text(companyID), inOneOrder(people)
	news, err := db.newPeople(ctx, companyID, people)
	if err != nil {
		return wrap("save people", err)
	}
	return wrap("save people", db.people().transact(ctx, func(tx *sql.Tx) error {
		s, err := db.people().beginSaving(ctx, tx, companyID)
		if err != nil {
			return err
		}
		stored, err := s.rows(ctx, idsOfPeople(people))
		if err != nil {
			return err
		}
		observed, err := db.observedBefore(ctx, companyID, people, stored)
		if err != nil {
			return err
		}
		for _, u := range people {
			id := text(u.ID)
			if was, ok := stored[id]; ok {
				row := *was
				row.merge(u, s.completeAt)
				s.store(was, row)
				continue
			}
			row, ok := news[id]
			if !ok { // they were there a moment ago
				row.merge(u, s.completeAt)
			}
			if last := observed[id]; u.Status == sapi.StatusUnknown {
				row.status, row.statusAt = int64(last.status), last.at
				row.stand()
			}
			s.store(nil, row)
		}
		return s.write(ctx)
	}))
}

// newPeople gives the rows of those who seem to be new, by id. What is computed of them
// takes a while, and all others who write wait for whoever does.
func (db *DB) newPeople(ctx context.Context, companyID string, people []directory.UserRecord) (map[string]personRow, error) {
	known := make(map[string]bool, len(people))
	for chunk := range slices.Chunk(idsOfPeople(people), usersAtOnce) {
		ids, err := queryColumn[string](ctx, db.people().read, `SELECT p.id FROM person AS p JOIN company AS c ON c.n = p.company WHERE c.id = $1 AND p.id IN `+
			db.placeholders(2, len(chunk)), userArgs(companyID, chunk)...)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			known[id] = true
		}
	}
	rows := map[string]personRow{}
	for _, u := range people {
		if id := text(u.ID); !known[id] {
			row := personRow{}
			row.merge(u, 0)
			rows[id] = row
		}
	}
	return rows, nil
}

// MarkNotListed implements directory.PeopleStore.
func (db *DB) MarkNotListed(ctx context.Context, companyID string, ids []string, since time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	return wrap("mark people as not listed", db.people().transact(ctx, func(tx *sql.Tx) error {
		s, err := db.people().beginSaving(ctx, tx, text(companyID))
		if err != nil {
			return err
		}
		stored, err := s.rows(ctx, ids)
		if err != nil {
			return err
		}
		for _, was := range stored {
			if row := *was; row.notListedAt == 0 && row.readAt < micros(since) {
				row.notListedAt = micros(since)
				row.computed()
				s.store(was, row)
			}
		}
		return s.write(ctx)
	}))
}

func idsOfPeople(people []directory.UserRecord) []string {
	ids := make([]string, len(people))
	for i, u := range people {
		ids[i] = u.ID
	}
	return ids
}

// observedBefore gives the last status that was observed of those who are new in the
// directory: it may have been thrown away, and to ask Symphony again takes hours.
func (db *DB) observedBefore(ctx context.Context, companyID string, people []directory.UserRecord, stored map[string]*personRow) (map[string]run, error) {
	var unknown []directory.UserReading
	for _, u := range people {
		if _, ok := stored[text(u.ID)]; !ok {
			unknown = append(unknown, directory.UserReading{User: sapi.User{ID: text(u.ID)}})
		}
	}
	observed := map[string]run{}
	for chunk := range slices.Chunk(unknown, usersAtOnce) {
		runs, err := db.lastRuns(ctx, db.read, companyID, chunk)
		if err != nil {
			return nil, err
		}
		maps.Copy(observed, runs)
	}
	return observed, nil
}

// saving is what is to be written of a company's people in one transaction: all at once,
// so that each page of an index is written once.
type saving struct {
	db         *DB
	tx         *sql.Tx
	company    int64
	completeAt int64

	news    []personRow
	changes []personChange
	tally   map[int64]int64 // by standing, how many more people have it
	uses    map[int64]int64 // the same by word
}

// personChange is a row that is stored otherwise from now on.
type personChange struct {
	was     *personRow
	row     personRow
	columns uint64
}

// beginSaving keeps everybody else from saving people of the company until the
// transaction ends.
func (db *DB) beginSaving(ctx context.Context, tx *sql.Tx, companyID string) (*saving, error) {
	s := &saving{db: db, tx: tx, tally: map[int64]int64{}, uses: map[int64]int64{}}
	var err error
	s.company, s.completeAt, err = db.companyForUpdate(ctx, tx, companyID)
	return s, err
}

// companyForUpdate gives the company's number, with a row of its own from now on.
func (db *DB) companyForUpdate(ctx context.Context, tx *sql.Tx, companyID string) (n, completeAt int64, err error) {
	statement := `SELECT n, complete_at FROM company WHERE id = $1` + db.forUpdate()
	err = tx.QueryRowContext(ctx, statement, companyID).Scan(&n, &completeAt)
	if !errors.Is(err, sql.ErrNoRows) {
		return n, completeAt, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO company (id, name_key, started_at, next_page, total, tries, moved, changed, complete_at, people, moving, failed_at, failure, due_at)
		VALUES ($1, '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', 0) ON CONFLICT (id) DO NOTHING`, companyID)
	if err != nil {
		return 0, 0, err
	}
	return n, completeAt, tx.QueryRowContext(ctx, statement, companyID).Scan(&n, &completeAt)
}

// rows gives what is stored of people, by id.
func (s *saving) rows(ctx context.Context, ids []string) (map[string]*personRow, error) {
	stored := make(map[string]*personRow, len(ids))
	for chunk := range slices.Chunk(ids, usersAtOnce) {
		args := []any{s.company}
		for _, id := range chunk {
			args = append(args, text(id))
		}
		if err := s.readRows(ctx, stored, `company = $1 AND id IN `+s.db.placeholders(2, len(chunk)), args); err != nil {
			return nil, err
		}
	}
	return stored, nil
}

func (s *saving) readRows(ctx context.Context, into map[string]*personRow, where string, args []any) error {
	return s.eachRow(ctx, where, args, func(r *personRow, unread error) error {
		s.db.noteDamage(unread)
		into[r.id] = r
		return unread
	})
}

// eachRow calls do with what is stored of those who meet a condition; unread says why the
// record, or the whole row, can't be read.
func (s *saving) eachRow(ctx context.Context, where string, args []any, do func(r *personRow, unread error) error) error {
	const statement = `SELECT ` + readColumns + ` FROM person AS p WHERE `
	rows, err := s.tx.QueryContext(ctx, statement+where, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		r := new(personRow)
		if err := do(r, r.scan(rows)); err != nil {
			return err
		}
	}
	return rows.Err()
}

// store notes a row that is to be written, if it is worth that; was is nil for one that
// isn't there yet.
func (s *saving) store(was *personRow, row personRow) {
	switch {
	case was == nil:
		s.news = append(s.news, row)
	case row.worthStoring(was, s.completeAt):
		s.changes = append(s.changes, personChange{was: was, row: row})
	}
}

// write writes what was noted.
func (s *saving) write(ctx context.Context) error {
	if len(s.news)+len(s.changes) == 0 {
		return nil
	}
	if err := s.fillWords(ctx); err != nil {
		return fmt.Errorf("words: %w", err)
	}
	for i := range s.changes {
		c := &s.changes[i]
		c.columns = c.row.differing(c.was)
		s.count(c.was, -1)
		s.count(&c.row, +1)
	}
	for i := range s.news {
		s.count(&s.news[i], +1)
	}
	if err := s.insert(ctx); err != nil {
		return fmt.Errorf("insert: %w", err)
	}
	if err := s.update(ctx); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return s.writeCounts(ctx)
}

func (s *saving) count(r *personRow, by int64) {
	s.tally[r.standing] += by
	for _, word := range r.words {
		s.uses[word] += by
	}
}

// insertedAtOnce is how many rows one statement inserts: SQLite is quickest with few,
// since it looks through all places in a statement; for PostgreSQL each is a round trip.
func (db *DB) insertedAtOnce() int {
	if db.dialect == SQLite {
		return 25
	}
	return 500
}

// insert stores those who are new, in the order of their names: by which, and by e-mails,
// which are like them, four indexes are sorted.
func (s *saving) insert(ctx context.Context) error {
	if len(s.news) == 0 {
		return nil
	}
	slices.SortFunc(s.news, func(a, b personRow) int { return strings.Compare(a.nameKey, b.nameKey) })
	columns := append([]personColumn{{"company", numberKind, func(*personRow) any { return s.company }}}, personColumns...)
	number := personColumn{"n", numberKind, func(r *personRow) any { return r.n }}
	texts := []personColumn{number, {"text", textKind, func(r *personRow) any { return r.text }}}
	if s.db.dialect == PostgreSQL {
		numbers, err := queryColumn[int64](ctx, s.tx, `SELECT nextval(pg_get_serial_sequence('person', 'n')) FROM generate_series(1, $1)`, len(s.news))
		if err != nil {
			return err
		}
		for i, n := range numbers {
			s.news[i].n = n
		}
		if err := s.insertRows(ctx, `INSERT INTO person`, append(columns, number)); err != nil {
			return err
		}
		return s.insertRows(ctx, `INSERT INTO person_text`, texts)
	}
	var last int64
	if err := s.tx.QueryRowContext(ctx, `SELECT coalesce(max(n), 0) FROM person`).Scan(&last); err != nil {
		return err
	}
	for i := range s.news {
		s.news[i].n = last + int64(i) + 1
	}
	// What fails rolls the transaction back, as whoever began it would: else SQLite keeps a
	// journal of each statement. It would if it were given the numbers, too, which are those
	// that it gives itself.
	if err := s.insertRows(ctx, `INSERT OR ROLLBACK INTO person`, columns); err != nil {
		return err
	}
	if err := s.insertRows(ctx, `INSERT INTO person_text`, texts); err != nil {
		return err
	}
	_, err := s.tx.ExecContext(ctx, `INSERT INTO person_index (rowid, text) SELECT n, text FROM person_text WHERE n > $1`, last)
	return err
}

// insertRows inserts columns of those who are new.
func (s *saving) insertRows(ctx context.Context, into string, columns []personColumn) error {
	for chunk := range slices.Chunk(s.news, s.db.insertedAtOnce()) {
		values := make([]any, 0, len(chunk)*len(columns))
		for i := range chunk {
			for _, c := range columns {
				values = append(values, c.value(&chunk[i]))
			}
		}
		if err := s.db.insertMany(ctx, s.tx, len(columns), into+` (`+columnNames(columns)+`)`, ``, values); err != nil {
			return err
		}
	}
	return nil
}

// update stores what is told otherwise than before. A column that stays is not written,
// because SQLite would write each index that has it.
func (s *saving) update(ctx context.Context) error {
	alike := map[uint64][]personChange{}
	for _, c := range s.changes {
		alike[c.columns] = append(alike[c.columns], c)
	}
	for columns, changes := range alike {
		for chunk := range slices.Chunk(changes, usersAtOnce) {
			if err := s.updateColumns(ctx, columns, chunk); err != nil {
				return err
			}
		}
	}
	for _, c := range s.changes {
		if err := s.updateText(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// updateText stores what is searched. SQLite's index first: it takes back what it was
// given of the text, as that is stored.
func (s *saving) updateText(ctx context.Context, c personChange) error {
	if c.row.text == c.was.text {
		return nil
	}
	statements := []string{`UPDATE person_text SET text = $2 WHERE n = $1`}
	if s.db.dialect == SQLite {
		statements = slices.Insert(statements, 0, `UPDATE person_index SET text = $2 WHERE rowid = $1`)
	}
	for _, statement := range statements {
		if _, err := s.tx.ExecContext(ctx, statement, c.was.n, c.row.text); err != nil {
			return err
		}
	}
	return nil
}

func (s *saving) updateColumns(ctx context.Context, columns uint64, changes []personChange) error {
	if columns == 0 {
		return nil
	}
	names, sets, casts := []string{"n"}, []string{}, []string{"CAST(%s AS bigint)"}
	var values []func(*personRow) any
	for i, c := range personColumns {
		if columns&(1<<i) != 0 {
			names, sets = append(names, c.name), append(sets, c.name+" = v."+c.name)
			casts, values = append(casts, "CAST(%s AS "+c.kind+")"), append(values, c.value)
		}
	}
	var args []any
	rows := make([]string, len(changes))
	for i := range changes {
		rows[i] = s.db.placeholders(len(args)+1, len(names))
		args = append(args, changes[i].was.n)
		for _, value := range values {
			args = append(args, value(&changes[i].row))
		}
	}
	// PostgreSQL takes the types of all rows from the first.
	rows[0] = typed(rows[0], casts)
	_, err := s.tx.ExecContext(ctx, `WITH v (`+strings.Join(names, ", ")+`) AS (VALUES `+strings.Join(rows, ", ")+`)
		UPDATE person SET `+strings.Join(sets, ", ")+` FROM v WHERE person.n = v.n`, args...)
	return err
}

// typed gives a list of placeholders in which each is cast.
func typed(placeholders string, casts []string) string {
	list := strings.Split(strings.Trim(placeholders, "()"), ",")
	for i, place := range list {
		list[i] = fmt.Sprintf(casts[i], place)
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// writeCounts adds what changed to what the company's people are counted by.
func (s *saving) writeCounts(ctx context.Context) error {
	for _, c := range []struct {
		table, by string
		counted   map[int64]int64
	}{{"tally", "standing", s.tally}, {"word_use", "word", s.uses}} {
		var args []any
		for what, by := range c.counted {
			if by != 0 {
				args = append(args, what, s.company, by)
			}
		}
		for chunk := range slices.Chunk(args, 3*usersAtOnce) {
			err := s.db.insertMany(ctx, s.tx, 3, `INSERT INTO `+c.table+` (`+c.by+`, company, people)`,
				` ON CONFLICT (`+c.by+`, company) DO UPDATE SET people = `+c.table+`.people + excluded.people`, chunk)
			if err != nil {
				return fmt.Errorf("%s: %w", c.table, err)
			}
		}
	}
	return nil
}
