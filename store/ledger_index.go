package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"iter"
	"maps"
	"math"
	"math/bits"
	"slices"
	"unicode/utf8"

	"foyer/ledger"
)

// segmentSize is how many events share one entry for each term. Larger segments
// make searches of old events quicker and those of the newest ones slower: what
// comes after the last full segment is compared one by one.
const segmentSize = 4096

// longestGram is how many letters of a text the longest terms have.
const longestGram = 3

// The letters that terms of the columns begin with.
const (
	termAction      = 'a'
	termCompanyID   = 'c'
	termOutcome     = 'o'
	termActorText   = 'A'
	termCompanyText = 'C'
	termPeopleText  = 'P'
	termNoteText    = 'N'
)

// segmentOf is the segment of an event.
func segmentOf(seq int64) int64 { return (seq - 1) / segmentSize }

// firstOf is the first event of a segment.
func firstOf(segment int64) int64 { return segment*segmentSize + 1 }

// segmentValues is what the events of a segment can be searched by, and the places
// in it, counted from 0, of those that have it. Most values are those of many.
type segmentValues map[columnValue][]uint16

type columnValue struct {
	column byte // as terms begin with
	value  string
}

// add adds an event. Events are added in their order.
func (v segmentValues) add(seq int64, x ledger.Index) {
	place := uint16((seq - 1) % segmentSize) //nolint:gosec // less than segmentSize
	for _, has := range []columnValue{
		{termAction, string(x.Action)},
		{termOutcome, string(x.Outcome)},
		{termCompanyID, x.CompanyID},
		{termActorText, x.Actor},
		{termCompanyText, x.Company},
		{termPeopleText, x.People},
		{termNoteText, x.Text},
	} {
		v[has] = append(v[has], place)
	}
}

// terms is the index of the segment.
func (v segmentValues) terms() map[string]*members {
	terms := make(map[string]*members)
	key := make([]byte, 0, 64)
	for has, places := range v {
		put := func(value string) {
			key = append(append(key[:0], has.column), value...)
			set := terms[string(key)]
			if set == nil {
				set = new(members)
				terms[string(key)] = set
			}
			set.add(places)
		}
		switch has.column {
		case termAction, termOutcome, termCompanyID:
			put(has.value)
		default:
			for gram := range grams(has.value) {
				put(gram)
			}
		}
	}
	return terms
}

// grams gives every run of one to three letters of a text.
func grams(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for from := 0; from < len(text); {
			_, first := utf8.DecodeRuneInString(text[from:])
			for to, n := from, 0; n < longestGram && to < len(text); n++ {
				_, width := utf8.DecodeRuneInString(text[to:])
				to += width
				if !yield(text[from:to]) {
					return
				}
			}
			from += first
		}
	}
}

// members is a set of places in a segment.
type members [segmentSize / 64]uint64

const membersBytes = segmentSize / 8

func (m *members) add(places []uint16) {
	for _, place := range places {
		m[place/64] |= 1 << (place % 64)
	}
}

// fill makes it the set of all places.
func (m *members) fill() {
	for i := range m {
		m[i] = math.MaxUint64
	}
}

// size is how many members there are.
func (m *members) size() int {
	n := 0
	for _, word := range m {
		n += bits.OnesCount64(word)
	}
	return n
}

func (m *members) intersect(other members) {
	for i := range m {
		m[i] &= other[i]
	}
}

// places are the members in their order.
func (m *members) places() iter.Seq[uint16] {
	return func(yield func(uint16) bool) {
		for i, word := range m {
			for ; word != 0; word &= word - 1 {
				if !yield(uint16(i*64 + bits.TrailingZeros64(word))) { //nolint:gosec // less than segmentSize
					return
				}
			}
		}
	}
}

// encode writes the places as numbers of two bytes or, when that is shorter, a bit
// for every place there is. The length tells which.
func (m *members) encode() []byte {
	var b []byte
	for place := range m.places() {
		if b = binary.BigEndian.AppendUint16(b, place); len(b) == membersBytes {
			b = b[:0]
			for _, word := range m {
				b = binary.LittleEndian.AppendUint64(b, word)
			}
			break
		}
	}
	return b
}

// decodeMembers reads what encode wrote. Of what it can't have written it makes
// some set: what is found is compared anyway.
func decodeMembers(b []byte) members {
	var m members
	if len(b) == membersBytes {
		for i := range m {
			m[i] = binary.LittleEndian.Uint64(b[i*8:])
		}
		return m
	}
	for ; len(b) >= 2; b = b[2:] {
		m.add([]uint16{binary.BigEndian.Uint16(b) % segmentSize})
	}
	return m
}

// indexOlder indexes the full segments that have no index yet, as a database of
// an earlier version has them: each in a transaction of its own.
func (db *DB) indexOlder(ctx context.Context) error {
	for {
		var left bool
		err := db.transact(ctx, func(tx *sql.Tx) error {
			h, err := scanHead(tx.QueryRowContext(ctx, selectHead+db.forUpdate()))
			if err != nil {
				return err
			}
			indexed, err := indexedSegments(ctx, tx)
			if err != nil || indexed >= h.tree.Size()/segmentSize {
				return err
			}
			left = true
			return db.indexSegment(ctx, tx, indexed)
		})
		if err != nil || !left {
			return wrap("index the ledger", err)
		}
	}
}

// indexFull indexes the segments that are full when the ledger has that many
// events. Who calls it has the head locked.
func (db *DB) indexFull(ctx context.Context, tx *sql.Tx, size int64) error {
	indexed, err := indexedSegments(ctx, tx)
	for ; err == nil && indexed < size/segmentSize; indexed++ {
		err = db.indexSegment(ctx, tx, indexed)
	}
	return wrap("index the ledger", err)
}

// indexedSegments is how many segments have an index: all before the first that
// has none.
func indexedSegments(ctx context.Context, q queryer) (int64, error) {
	var n int64
	err := q.QueryRowContext(ctx, `SELECT coalesce(max(segment) + 1, 0) FROM ledger_term`).Scan(&n)
	return n, err
}

// indexAgain makes the indexes anew of the segments of these events. It locks the
// head: nobody may index what these events were before.
func (db *DB) indexAgain(ctx context.Context, tx *sql.Tx, seqs []int64) error {
	if _, err := scanHead(tx.QueryRowContext(ctx, selectHead+db.forUpdate())); err != nil {
		return err
	}
	indexed, err := indexedSegments(ctx, tx)
	if err != nil {
		return err
	}
	segments := make(map[int64]bool)
	for _, seq := range seqs {
		segments[segmentOf(seq)] = true
	}
	for _, segment := range slices.Sorted(maps.Keys(segments)) {
		if segment >= indexed {
			break
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM ledger_term WHERE segment = $1`, segment); err != nil {
			return err
		}
		if err := db.indexSegment(ctx, tx, segment); err != nil {
			return err
		}
	}
	return nil
}

// termsAtOnce is how many terms one statement writes.
const termsAtOnce = 300

func (db *DB) indexSegment(ctx context.Context, tx *sql.Tx, segment int64) error {
	values, err := readValues(ctx, tx, segment)
	if err != nil {
		return err
	}
	terms := values.terms()
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(terms)), termsAtOnce) {
		rows := make([]any, 0, 3*len(chunk))
		for _, term := range chunk {
			rows = append(rows, segment, term, terms[term].encode())
		}
		if err := db.insertMany(ctx, tx, 3, `INSERT INTO ledger_term (segment, term, members)`, ``, rows); err != nil {
			return err
		}
	}
	return nil
}

// readValues reads the columns of the events of a segment.
func readValues(ctx context.Context, tx *sql.Tx, segment int64) (segmentValues, error) {
	rows, err := tx.QueryContext(ctx, `SELECT seq, action, outcome, company_id, company_text, actor_text, people_text, note_text
		FROM ledger_event WHERE seq BETWEEN $1 AND $2 ORDER BY seq`, firstOf(segment), firstOf(segment+1)-1)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	values := make(segmentValues)
	for rows.Next() {
		var seq int64
		var x ledger.Index
		if err := rows.Scan(&seq, &x.Action, &x.Outcome, &x.CompanyID, &x.Company, &x.Actor, &x.People, &x.Text); err != nil {
			return nil, err
		}
		values.add(seq, x)
	}
	return values, rows.Err()
}

// indexCheck holds the kept index against the events that verification reads:
// who edits it hides events from searches.
type indexCheck struct {
	tx      *sql.Tx
	indexed int64 // segments
	values  segmentValues
	segment int64 // that values are of
	bad     int64 // the first event that the index is wrong about; 0 while there is none
}

func newIndexCheck(ctx context.Context, tx *sql.Tx, size int64) (*indexCheck, error) {
	indexed, err := indexedSegments(ctx, tx)
	c := &indexCheck{tx: tx, indexed: indexed, values: make(segmentValues)}
	if full := size / segmentSize; indexed > full {
		c.bad = firstOf(full)
	}
	return c, err
}

// watch looks at every record that passes.
func (c *indexCheck) watch(ctx context.Context, records iter.Seq2[ledger.Stored, error]) iter.Seq2[ledger.Stored, error] {
	return func(yield func(ledger.Stored, error) bool) {
		for r, err := range records {
			if err == nil {
				err = c.record(ctx, r)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

func (c *indexCheck) record(ctx context.Context, r ledger.Stored) error {
	if segmentOf(r.Seq) != c.segment {
		c.segment = segmentOf(r.Seq)
		clear(c.values)
	}
	if c.segment >= c.indexed {
		return nil
	}
	c.values.add(r.Seq, r.Index)
	if r.Seq != firstOf(c.segment+1)-1 {
		return nil
	}
	return c.compare(ctx)
}

// compare holds the index of a segment that was read wholly against the kept one.
func (c *indexCheck) compare(ctx context.Context) error {
	rows, err := c.tx.QueryContext(ctx, `SELECT term, members FROM ledger_term WHERE segment = $1`, c.segment)
	if err != nil {
		return err
	}
	defer rows.Close()
	terms := c.values.terms()
	for rows.Next() {
		var term string
		var kept []byte
		if err := rows.Scan(&term, &kept); err != nil {
			return err
		}
		want := terms[term]
		if want == nil {
			want = new(members)
		}
		c.differ(kept, want)
		delete(terms, term)
	}
	for _, want := range terms {
		c.differ(nil, want)
	}
	return rows.Err()
}

// differ notes the first event that is in one of the sets only.
func (c *indexCheck) differ(kept []byte, want *members) {
	if bytes.Equal(kept, want.encode()) {
		return
	}
	bad := firstOf(c.segment) // if it is the same set, written in another way
	only := decodeMembers(kept)
	for i, word := range want {
		only[i] ^= word
	}
	for place := range only.places() {
		bad += int64(place)
		break
	}
	if c.bad == 0 || bad < c.bad {
		c.bad = bad
	}
}

// report adds what was found, unless something worse was: an index that follows
// from events which are not what was recorded says nothing more.
func (c *indexCheck) report(r *ledger.Report) {
	if r.OK() && c.bad != 0 {
		r.Add(ledger.Reindexed, c.bad, c.bad, "the index that searches use was edited")
	}
}
