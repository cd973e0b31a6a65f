package store

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"foyer/ledger"
)

// CountEvents implements activity.Store.
func (db *DB) CountEvents(ctx context.Context, f ledger.Filter, size int64) (int, error) {
	n, err := db.countEvents(ctx, f, size)
	return n, wrap("count events", err)
}

func (db *DB) countEvents(ctx context.Context, f ledger.Filter, size int64) (int, error) {
	if size == 0 {
		return 0, nil
	}
	q, err := db.listing(ctx, f, size+1)
	if err != nil {
		return 0, err
	}
	total := 0
	for part, err := range db.parts(ctx, q, mostCompared) {
		if err != nil {
			return 0, err
		}
		if part.empty() {
			continue
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

// SignArchive implements activity.Store.
func (db *DB) SignArchive(manifest []byte) ([]byte, error) {
	if err := db.checkSigner(); err != nil {
		return nil, fmt.Errorf("sign archive: %w", err)
	}
	return ledger.SignArchive(db.key.Signer(), manifest)
}

// evidenceBatch is how many events are proven at a time.
const evidenceBatch = 500

// ProvenEvents implements activity.Store.
func (db *DB) ProvenEvents(ctx context.Context, f ledger.Filter, size int64) iter.Seq2[ledger.Evidence, error] {
	return func(yield func(ledger.Evidence, error) bool) {
		for before := size + 1; before > 1; {
			records, err := db.list(ctx, f, ledger.Page{Before: before, Limit: evidenceBatch})
			if err != nil {
				yield(ledger.Evidence{}, wrap("list events", err))
				return
			}
			proofs, err := db.proofs(ctx, records, size)
			if err != nil {
				yield(ledger.Evidence{}, wrap("prove events", err))
				return
			}
			for i, r := range records {
				if !yield(ledger.NewEvidence(r.Record, size, proofs[i]), nil) {
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

// EarlierCheckpoints implements activity.Store.
func (db *DB) EarlierCheckpoints(ctx context.Context, size int64) iter.Seq2[ledger.Earlier, error] {
	return func(yield func(ledger.Earlier, error) bool) {
		signed, err := db.earlierCheckpoints(ctx, size)
		if err != nil {
			yield(ledger.Earlier{}, wrap("list checkpoints", err))
			return
		}
		for _, s := range signed {
			proof, err := db.Consistency(ctx, s.Size, size)
			if !yield(ledger.Earlier{Checkpoint: string(s.Note), Proof: proof}, err) || err != nil {
				return
			}
		}
	}
}

// everyCheckpointFor is for how long before the last one all checkpoints count; of
// the days before, the last one of each does.
const everyCheckpointFor = 7 * 24 * time.Hour

func (db *DB) earlierCheckpoints(ctx context.Context, size int64) ([]ledger.StoredCheckpoint, error) {
	var signed []ledger.StoredCheckpoint
	var newest, last time.Time
	for row, err := range newestFirst(ctx, db.read, size) {
		if err != nil {
			return nil, err
		}
		// Asked first, and of those alone that count already: it costs nothing, and
		// somebody else's row can't be in an own one's place.
		if len(signed) > 0 && (row.Size == signed[len(signed)-1].Size || // signed again when nothing had happened
			newest.Sub(row.At) > everyCheckpointFor && row.At.Truncate(24*time.Hour).Equal(last.Truncate(24*time.Hour))) {
			continue
		}
		if c, err := db.openRow(row); err != nil || c.Size == 0 {
			continue // of nothing, or somebody else's: it would spoil the export
		}
		if len(signed) == 0 {
			newest = row.At
		}
		signed, last = append(signed, row.StoredCheckpoint), row.At
	}
	return signed, nil
}
