package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"
)

// match is a query to SQLite's search index. It finds too many: who is found is compared.
type match struct {
	query string
	few   bool // it finds no more than probedRows
}

const (
	// probedRows is how far into the list of a trigram one looks for how common it is.
	probedRows = 500
	// mostProbed bounds for how many trigrams that is done.
	mostProbed = 12
)

// What looking at one more person costs: to step over one in the list of a trigram, and to
// look up and compare a text.
const (
	stepCost = 0.08
	rowCost  = 2.5
)

// gram is a trigram of a word.
type gram struct {
	term     string
	word, at int
	share    float64 // of everybody, how many have it, about
}

// together says whether two trigrams share letters: who has one then often has both.
func (g gram) together(other gram) bool {
	return g.word == other.word && g.at-other.at < trigram && other.at-g.at < trigram
}

// matching gives the query for words of which at least one is long. All trigrams of a word
// must be there, but to step through the lists of common ones takes longer than to compare
// those whom the rare ones leave. So the rarest are asked for, as many as pay off.
func (db *DB) matching(ctx context.Context, words []string) (match, error) {
	grams := trigrams(words)
	if len(grams) == 1 {
		return match{query: quoted(grams[0].term)}, nil
	}
	var all int64
	if err := db.read.QueryRowContext(ctx, `SELECT coalesce(max(n), 0) FROM person`).Scan(&all); err != nil {
		return match{}, err
	}
	for i, g := range grams {
		var few bool
		var err error
		if grams[i].share, few, err = db.howCommon(ctx, g.term, all); err != nil {
			return match{}, err
		}
		if few { // they can be compared at once
			return match{query: quoted(g.term), few: true}, nil
		}
	}
	return match{query: cheapest(grams, float64(all))}, nil
}

// howCommon gives the share of everybody who has a trigram; few says that no more than
// probedRows have it.
func (db *DB) howCommon(ctx context.Context, term string, all int64) (share float64, few bool, err error) {
	if share, known := db.common.share(term, all); known {
		return share, false, nil
	}
	first, few, err := db.probe(ctx, term, 0, all)
	if few || err != nil {
		return 0, few, err
	}
	// Whose names are alike are often beside each other, so one looks at two places.
	second, _, err := db.probe(ctx, term, all/2, all)
	if err != nil {
		return 0, false, err
	}
	share = (first + second) / 2
	db.common.keep(term, share)
	return share, false, nil
}

// probe gives the share of those behind a number who have a trigram; few says that no more
// than probedRows of them do.
func (db *DB) probe(ctx context.Context, term string, behind, all int64) (share float64, few bool, err error) {
	var reached int64
	err = db.read.QueryRowContext(ctx, `SELECT rowid FROM person_index WHERE person_index MATCH $1 AND rowid > $2 LIMIT 1 OFFSET $3`, quoted(term), behind, probedRows).Scan(&reached)
	if errors.Is(err, sql.ErrNoRows) {
		reached, few, err = all, true, nil
	}
	return probedRows / float64(max(reached-behind, 1)), few, err
}

// commonGrams remembers how common trigrams are, of the common ones: that changes slowly,
// and to look takes as long as a search itself.
type commonGrams struct {
	mu     sync.Mutex
	all    int64 // how many people there were when it began
	shares map[string]float64
}

// mostCommon is how many trigrams are remembered.
const mostCommon = 5000

// share gives what is remembered, which is forgotten when there are twice or half as many
// people.
func (c *commonGrams) share(term string, all int64) (share float64, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shares == nil || all > 2*c.all || 2*all < c.all || len(c.shares) >= mostCommon {
		c.all, c.shares = all, map[string]float64{}
	}
	share, known = c.shares[term]
	return share, known
}

func (c *commonGrams) keep(term string, share float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shares != nil {
		c.shares[term] = share
	}
}

// cheapest is the query for some trigrams: the rarest, and then those that tell the most
// beside it, which are the rarest of those that share no letters with any before.
func cheapest(grams []gram, all float64) string {
	slices.SortStableFunc(grams, func(a, b gram) int {
		switch {
		case a.share < b.share:
			return -1
		case a.share > b.share:
			return 1
		}
		return 0
	})
	var apart, others []gram
	for _, g := range grams {
		if slices.ContainsFunc(apart, g.together) {
			others = append(others, g)
		} else {
			apart = append(apart, g)
		}
	}
	best, at := 0.0, 0
	left, steps := all, 0.0
	var asked []string
	for i, g := range append(apart, others...) {
		asked = append(asked, quoted(g.term))
		left, steps = left*g.share, steps+all*g.share
		if cost := steps*stepCost + left*rowCost; i == 0 || cost < best {
			best, at = cost, i
		}
	}
	return strings.Join(asked[:at+1], " AND ")
}

// trigrams are those of the long words, each once: of many, some from everywhere.
func trigrams(words []string) []gram {
	var grams []gram
	for w, word := range words {
		letters := []rune(word)
		for i := range max(len(letters)-trigram+1, 0) {
			term := string(letters[i : i+trigram])
			if !slices.ContainsFunc(grams, func(g gram) bool { return g.term == term }) {
				grams = append(grams, gram{term: term, word: w, at: i})
			}
		}
	}
	if len(grams) <= mostProbed {
		return grams
	}
	some := make([]gram, mostProbed)
	for i := range some {
		some[i] = grams[i*len(grams)/mostProbed]
	}
	return some
}

func quoted(term string) string { return `"` + strings.ReplaceAll(term, `"`, `""`) + `"` }
