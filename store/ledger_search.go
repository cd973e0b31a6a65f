package store

import (
	"cmp"
	"context"
	"database/sql"
	"iter"
	"slices"
)

// parts gives the queries that together find a list, the newest events first. One
// is enough where something leaves few events, or nothing but a time is asked for. Where
// only the calls of bulk changes are left out the events are compared, some at a time.
// Else the events after the last full segment are compared, and of those before them
// the ones that the index of segments names.
func (db *DB) parts(ctx context.Context, q query, limit int) iter.Seq2[query, error] {
	return func(yield func(query, error) bool) {
		switch {
		case q.empty():
			return
		case !q.few && !q.searches() && q.compared:
			for some, err := range db.windows(ctx, q) {
				if !yield(some, err) || err != nil {
					return
				}
			}
			return
		case q.few, !q.searches():
			yield(q.within(q.first, q.last), nil)
			return
		}
		segments, err := indexedSegments(ctx, db.read)
		if err != nil {
			yield(query{}, err)
			return
		}
		if indexed := firstOf(segments) - 1; q.last > indexed {
			if !yield(q.within(max(q.first, indexed+1), q.last), nil) {
				return
			}
			q.last = indexed
		}
		for round, err := range db.named(ctx, q) {
			if err != nil {
				yield(query{}, err)
				return
			}
			for some := range slices.Chunk(round.seqs, min(max(limit, leastCompared), mostCompared)) {
				if !yield(q.among(db, some), nil) {
					return
				}
			}
			if !yield(q.nowhere(round.down), nil) {
				return
			}
		}
	}
}

// How many events are compared by one statement where nothing but comparing tells which are
// asked for: few at first, because most often these are enough.
const (
	leastWindow = 1000
	mostWindow  = 16_000
)

// windows gives the queries that compare every event, the newest ones first, so that a list
// can be given up between them.
func (db *DB) windows(ctx context.Context, q query) iter.Seq2[query, error] {
	return func(yield func(query, error) bool) {
		head, err := scanHead(db.read.QueryRowContext(ctx, selectHead))
		if err != nil {
			yield(query{}, err)
			return
		}
		last := min(q.last, head.tree.Size())
		for size := int64(leastWindow); last >= q.first; size = min(4*size, mostWindow) {
			first := max(q.first, last-size+1)
			if !yield(q.within(first, last), nil) {
				return
			}
			last = first - 1
		}
	}
}

// How many events that the index names are compared by one statement: about as
// many as are asked for, because hardly any is named in vain.
const (
	leastCompared = 50
	mostCompared  = 500
)

// namedRound is what one round of looking up gives.
type namedRound struct {
	seqs []int64 // the newest first
	down int64   // events from this number on have been looked up
}

// named gives the numbers of the events that the index of segments names for a
// query, the newest first. Not every term is looked up everywhere: the newest
// segments tell which are rare, and where few events are left these are compared.
func (db *DB) named(ctx context.Context, q query) iter.Seq2[namedRound, error] {
	return func(yield func(namedRound, error) bool) {
		if q.empty() {
			return
		}
		terms := slices.Clone(q.terms)
		atOnce := len(terms) // in the newest segments
		met := make(map[string]int)
		for first, last := range rounds(segmentOf(q.first), segmentOf(q.last)) {
			seqs, err := db.intersect(ctx, terms, atOnce, first, last, met)
			if err != nil {
				yield(namedRound{}, err)
				return
			}
			seqs = slices.DeleteFunc(seqs, func(seq int64) bool { return seq < q.first || seq > q.last })
			if !yield(namedRound{seqs, max(q.first, firstOf(first))}, nil) {
				return
			}
			terms, atOnce = promising(terms, met), termsAtATime
		}
	}
}

// How many segments are looked up together: few at first, because what is common
// is found in the newest ones.
const (
	leastSegments = 4
	mostSegments  = 64
)

// promising gives terms in the order in which they are best looked up: first the
// rarest of each text, and what is asked for exactly, because the terms of one text
// tend to come together; among these the rarest.
func promising(terms []string, met map[string]int) []string {
	slices.SortStableFunc(terms, func(a, b string) int { return cmp.Compare(met[a], met[b]) })
	var first, others []string
	columns := make(map[byte]bool)
	for _, term := range terms {
		if column := term[0]; !columns[column] {
			columns[column] = true
			first = append(first, term)
		} else {
			others = append(others, term)
		}
	}
	return append(first, others...)
}

// rounds divides the segments between two, from the last one down, into those that
// are looked up together: more and more.
func rounds(first, last int64) iter.Seq2[int64, int64] {
	return func(yield func(first, last int64) bool) {
		for n := int64(leastSegments); last >= first; n = min(4*n, mostSegments) {
			from := max(last-n+1, first)
			if !yield(from, last) {
				return
			}
			last = from - 1
		}
	}
}

// How many terms are looked up before it is seen where any events are left; when
// there are no more than fewLeft, these are compared rather than narrowed down.
const (
	termsAtATime = 3
	fewLeft      = 32
)

// intersect gives the events that have all the terms, or a few more, of the
// segments between two, the last one first. The terms are looked up some at once,
// and the next ones only where events are left. To met it adds how many events were
// seen to have a term.
func (db *DB) intersect(ctx context.Context, terms []string, atOnce int, first, last int64, met map[string]int) ([]int64, error) {
	segments := make([]int64, 0, last-first+1)
	for segment := first; segment <= last; segment++ {
		segments = append(segments, segment)
	}
	sets := make([]members, len(segments)) // by their distance from the first
	for i := range sets {
		sets[i].fill()
	}
	for some := range slices.Chunk(terms, atOnce) {
		found := make([]int, len(sets)) // of these terms
		err := db.members(ctx, some, segments, func(segment int64, term string, m members) {
			met[term] += m.size()
			sets[segment-first].intersect(m)
			found[segment-first]++
		})
		if err != nil {
			return nil, err
		}
		left := 0
		segments = slices.DeleteFunc(segments, func(segment int64) bool {
			i := segment - first
			if found[i] < len(some) {
				sets[i] = members{}
			}
			size := sets[i].size()
			left += size
			return size == 0
		})
		if left <= fewLeft {
			break
		}
	}
	var seqs []int64
	for _, segment := range segments {
		for place := range sets[segment-first].places() {
			seqs = append(seqs, firstOf(segment)+int64(place))
		}
	}
	slices.Reverse(seqs)
	return seqs, nil
}

// members looks up every term in every segment.
func (db *DB) members(ctx context.Context, terms []string, segments []int64, found func(segment int64, term string, m members)) error {
	statement, args := db.selectMembers(terms, segments)
	rows, err := db.read.QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var segment int64
		var term string
		var kept sql.RawBytes
		if err := rows.Scan(&segment, &term, &kept); err != nil {
			return err
		}
		found(segment, term, decodeMembers(kept))
	}
	return rows.Err()
}

// selectMembers is the statement that does so, by the primary key.
func (db *DB) selectMembers(terms []string, segments []int64) (statement string, args []any) {
	for _, segment := range segments {
		args = append(args, segment)
	}
	for _, term := range terms {
		args = append(args, term)
	}
	return `SELECT segment, term, members FROM ledger_term WHERE segment IN ` + db.placeholders(1, len(segments)) +
		` AND term IN ` + db.placeholders(len(segments)+1, len(terms)), args
}

// mostGrams is how many groups of letters a text is looked up by at most: each
// costs time of its own, and the text itself is compared anyway.
const mostGrams = 8

// searchTerms gives the terms of the index that an event has whose column
// contains a text: the text itself when it is short, or groups of three letters
// spread evenly over it.
func searchTerms(column byte, part string) []string {
	letters := []rune(part)
	if len(letters) <= longestGram {
		return []string{string(column) + part}
	}
	total := len(letters) - longestGram + 1
	var terms []string
	for i := range min(total, mostGrams) {
		at := i * total / min(total, mostGrams)
		terms = append(terms, string(column)+string(letters[at:at+longestGram]))
	}
	return terms
}
