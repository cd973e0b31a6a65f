package store

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"foyer/audit"
)

// CountEvents implements portal.LedgerStore.
func (db *DB) CountEvents(ctx context.Context, f audit.Filter, size int64) (int, error) {
	n, err := db.countEvents(ctx, f, size)
	return n, wrap("count events", err)
}

func (db *DB) countEvents(ctx context.Context, f audit.Filter, size int64) (int, error) {
	if size == 0 {
		return 0, nil
	}
	q, err := db.listing(ctx, f, size+1)
	if err != nil || q.empty() {
		return 0, err
	}
	total := 0
	for part, err := range db.parts(ctx, q, mostCompared) {
		if err != nil {
			return 0, err
		}
		var n int
		statement, args := part.selectCount()
		if err := db.read.QueryRowContext(ctx, statement, args...).Scan(&n); err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// evidenceBatch is how many events are proven at a time.
const evidenceBatch = 500

// ProvenEvents implements portal.LedgerStore.
func (db *DB) ProvenEvents(ctx context.Context, f audit.Filter, size int64) iter.Seq2[audit.Evidence, error] {
	return func(yield func(audit.Evidence, error) bool) {
		for before := size + 1; before > 1; {
			records, err := db.list(ctx, f, audit.Page{Before: before, Limit: evidenceBatch})
			if err != nil {
				yield(audit.Evidence{}, wrap("list events", err))
				return
			}
			proofs, err := db.proofs(ctx, records, size)
			if err != nil {
				yield(audit.Evidence{}, wrap("prove events", err))
				return
			}
			for i, r := range records {
				if !yield(audit.NewEvidence(r.Record, size, proofs[i]), nil) {
					return
				}
			}
			if len(records) < evidenceBatch {
				return
			}
			before = records[len(records)-1].seq
		}
	}
}

// proofs proves many records at once: the hashes that they need, most of which
// they share, are read in one statement.
func (db *DB) proofs(ctx context.Context, records []numbered, size int64) ([]tlog.RecordProof, error) {
	needed := map[int64]tlog.Hash{}
	prove := func(reader tlog.HashReaderFunc) ([]tlog.RecordProof, error) {
		proofs := make([]tlog.RecordProof, len(records))
		for i, r := range records {
			var err error
			if proofs[i], err = tlog.ProveRecord(size, r.seq-1, reader); err != nil {
				return nil, fmt.Errorf("event %d: %w", r.seq, err)
			}
		}
		return proofs, nil
	}
	kept := func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = needed[index]
			needed[index] = hashes[i]
		}
		return hashes, nil
	}
	// The first time only to learn which hashes are asked for.
	if _, err := prove(kept); err != nil {
		return nil, err
	}
	indexes := slices.Sorted(maps.Keys(needed))
	hashes, err := db.hashReader(ctx, db.read)(indexes)
	if err != nil {
		return nil, err
	}
	for i, index := range indexes {
		needed[index] = hashes[i]
	}
	return prove(kept)
}
