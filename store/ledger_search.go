package store

import (
	"context"
	"iter"
	"slices"
)

// parts gives the queries that together find a list, the newest events first. One
// is enough unless a text is searched for and nothing else leaves few events:
// then the events after the last full segment are compared, and of those before
// them the ones that the index names.
func (db *DB) parts(ctx context.Context, q query, limit int) iter.Seq2[query, error] {
	return func(yield func(query, error) bool) {
		switch {
		case q.few:
			yield(q.within(q.first, q.last), nil)
			return
		case !q.searches():
			yield(q.ordered(q.first, q.last), nil)
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
		for seqs, err := range db.named(ctx, q) {
			if err != nil {
				yield(query{}, err)
				return
			}
			for some := range slices.Chunk(seqs, min(max(limit, leastCompared), mostCompared)) {
				if !yield(q.among(db, some), nil) {
					return
				}
			}
		}
	}
}

// How many events that the index names are compared by one statement: about as
// many as are asked for, because hardly any is named in vain.
const (
	leastCompared = 50
	mostCompared  = 500
)

// How many segments are looked up by one statement: few at first, because what is
// common is found in the newest ones.
const (
	leastSegments = 4
	mostSegments  = 64
)

// named gives the numbers of the events that the index of segments names for a
// query, the newest first.
func (db *DB) named(ctx context.Context, q query) iter.Seq2[[]int64, error] {
	return func(yield func([]int64, error) bool) {
		if q.empty() {
			return
		}
		terms := q.allTerms()
		for first, last := range rounds(segmentOf(q.first), segmentOf(q.last)) {
			seqs, err := db.intersect(ctx, terms, first, last)
			if err != nil {
				yield(nil, err)
				return
			}
			seqs = slices.DeleteFunc(seqs, func(seq int64) bool { return seq < q.first || seq > q.last })
			if len(seqs) > 0 && !yield(seqs, nil) {
				return
			}
		}
	}
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

// intersect gives the events of some segments that have all the terms, the last
// one first.
func (db *DB) intersect(ctx context.Context, terms []string, first, last int64) ([]int64, error) {
	statement, args := db.selectMembers(terms, first, last)
	rows, err := db.read.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()

	type found struct {
		terms int
		members
	}
	sets := make([]found, last-first+1)
	for rows.Next() {
		var segment int64
		var kept []byte
		if err := rows.Scan(&segment, &kept); err != nil {
			return nil, err
		}
		set := &sets[segment-first]
		if members := decodeMembers(kept); set.terms == 0 {
			set.members = members
		} else {
			set.intersect(members)
		}
		set.terms++
	}
	var seqs []int64
	for i, set := range sets {
		if set.terms == len(terms) {
			for place := range set.places() {
				seqs = append(seqs, firstOf(first+int64(i))+int64(place))
			}
		}
	}
	slices.Reverse(seqs)
	return seqs, rows.Err()
}

// selectMembers looks up every term in every segment by the primary key.
func (db *DB) selectMembers(terms []string, first, last int64) (statement string, args []any) {
	for segment := first; segment <= last; segment++ {
		args = append(args, segment)
	}
	segments := len(args)
	for _, term := range terms {
		args = append(args, term)
	}
	return `SELECT segment, members FROM ledger_term WHERE segment IN ` + db.placeholders(1, segments) +
		` AND term IN ` + db.placeholders(segments+1, len(terms)), args
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
