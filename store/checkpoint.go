package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"foyer/audit"
)

// loadKey reads the key that signs checkpoints, or makes it. A key is made only
// while nothing was signed: another one would make good checkpoints look forged.
func (db *DB) loadKey(ctx context.Context, path string) error {
	h, err := scanHead(db.read.QueryRowContext(ctx, selectHead))
	if err != nil {
		return err
	}
	var signed int
	if err := db.read.QueryRowContext(ctx, `SELECT count(*) FROM ledger_checkpoint`).Scan(&signed); err != nil {
		return fmt.Errorf("read checkpoints: %w", err)
	}
	if signed == 0 {
		db.key, err = audit.LoadOrCreateKey(path, h.origin)
	} else if db.key, err = audit.LoadKey(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the ledger has checkpoints, and the key that signed them is missing: restore %s from its backup: %w", path, err)
	}
	if err != nil {
		return err
	}
	if db.key.Name() != h.origin {
		return fmt.Errorf("the key in %s belongs to the ledger %s, and this one is %s", path, db.key.Name(), h.origin)
	}
	return nil
}
