package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
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
// look up and compare a row.
const (
	stepCost = 0.08
	rowCost  = 2.5
)

// gram is a trigram with how many people have it, about.
type gram struct {
	term   string
	people float64
}

// matching gives the query for words of which at least one is long. All trigrams of a word
// must be there, but to step through the lists of common ones takes longer than to compare
// those whom the rare ones leave. So the rarest are asked for, as many as pay off.
func (db *DB) matching(ctx context.Context, words []string) (match, error) {
	terms := trigrams(words)
	if len(terms) == 1 {
		return match{query: quoted(terms[0])}, nil
	}
	var all int64
	if err := db.read.QueryRowContext(ctx, `SELECT coalesce(max(n), 0) FROM person`).Scan(&all); err != nil {
		return match{}, err
	}
	grams := make([]gram, len(terms))
	for i, term := range terms {
		var reached int64
		err := db.read.QueryRowContext(ctx, `SELECT rowid FROM person_index WHERE person_index MATCH $1 LIMIT 1 OFFSET $2`, quoted(term), probedRows).Scan(&reached)
		switch {
		case errors.Is(err, sql.ErrNoRows): // fewer have it, and they can be compared at once
			return match{query: quoted(term), few: true}, nil
		case err != nil:
			return match{}, err
		}
		grams[i] = gram{term, probedRows * float64(all) / float64(reached)}
	}
	slices.SortFunc(grams, func(a, b gram) int { return int(a.people - b.people) })
	return match{query: cheapest(grams, float64(all))}, nil
}

// cheapest is the query for some of the rarest trigrams, of which the first is the rarest.
func cheapest(grams []gram, all float64) string {
	best, at := 0.0, 0
	left, steps := all, 0.0
	var asked []string
	for i, g := range grams {
		asked = append(asked, quoted(g.term))
		left, steps = left*g.people/all, steps+g.people
		if cost := steps*stepCost + left*rowCost; i == 0 || cost < best {
			best, at = cost, i
		}
	}
	return strings.Join(asked[:at+1], " AND ")
}

// trigrams are those of the long words, each once: of many, some from everywhere.
func trigrams(words []string) []string {
	var terms []string
	for _, word := range words {
		letters := []rune(word)
		for i := range max(len(letters)-trigram+1, 0) {
			if term := string(letters[i : i+trigram]); !slices.Contains(terms, term) {
				terms = append(terms, term)
			}
		}
	}
	if len(terms) <= mostProbed {
		return terms
	}
	some := make([]string, mostProbed)
	for i := range some {
		some[i] = terms[i*len(terms)/mostProbed]
	}
	return some
}

func quoted(term string) string { return `"` + strings.ReplaceAll(term, `"`, `""`) + `"` }
