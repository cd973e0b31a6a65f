package store

import (
	"context"
	"database/sql"

	"github.com/pressly/goose/v3"
)

// erasure is migration 00006: what erasing somebody needs of what earlier versions
// wrote.
func (db *DB) erasure() *goose.Migration {
	const version = 6
	return goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		return db.openReviewDoor(ctx, tx)
	}}, nil)
}

// A review that is cancelled stays as it is, but for what names people: that may be
// erased, as it may be in one that is open.
const (
	reviewKept = `NEW.id = OLD.id AND NEW.version = OLD.version AND NEW.token = OLD.token AND NEW.company_id = OLD.company_id
		AND NEW.company_name = OLD.company_name AND NEW.due = OLD.due AND NEW.note = OLD.note AND NEW.started_at = OLD.started_at
		AND NEW.listed_at = OLD.listed_at AND NEW.opened_at = OLD.opened_at AND NEW.finished_at = OLD.finished_at
		AND NEW.finished_by = OLD.finished_by AND NEW.seal = OLD.seal AND NEW.cancelled_at = OLD.cancelled_at`
	reviewPersonKept = `NEW.review_id = OLD.review_id AND NEW.n = OLD.n AND NEW.user_id = OLD.user_id
		AND NEW.symphony_user_id = OLD.symphony_user_id AND NEW.created_at = OLD.created_at AND NEW.checked = OLD.checked
		AND NEW.status = OLD.status AND NEW.status_at = OLD.status_at AND NEW.decision = OLD.decision
		AND (NEW.email = '' AND NEW.title = '' AND NEW.department = ''
			OR NEW.email = OLD.email AND NEW.name = OLD.name AND NEW.title = OLD.title AND NEW.department = OLD.department)`
)

// openReviewDoor changes the triggers of reviews accordingly.
func (db *DB) openReviewDoor(ctx context.Context, tx *sql.Tx) error {
	statements := []string{
		`DROP TRIGGER review_no_update`,
		`DROP TRIGGER review_person_no_update`,
		`CREATE TRIGGER review_no_update BEFORE UPDATE ON review
			WHEN OLD.finished_at <> 0 OR OLD.cancelled_at <> 0 AND NOT (` + reviewKept + `)
			BEGIN SELECT RAISE(ABORT, 'the review is finished or cancelled'); END`,
		`CREATE TRIGGER review_person_no_update BEFORE UPDATE ON review_person
			WHEN (SELECT finished_at <> 0 OR cancelled_at <> 0 AND NOT (` + reviewPersonKept + `) FROM review WHERE id = OLD.review_id)
			BEGIN SELECT RAISE(ABORT, 'the review is finished or cancelled'); END`,
	}
	if db.dialect == PostgreSQL {
		statements = []string{
			`DROP TRIGGER review_no_update ON review`,
			`CREATE TRIGGER review_no_update BEFORE UPDATE ON review
				FOR EACH ROW WHEN (OLD.finished_at <> 0 OR OLD.cancelled_at <> 0 AND NOT (` + reviewKept + `)) EXECUTE FUNCTION review_refuse()`,
			`CREATE OR REPLACE FUNCTION review_person_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN
				IF TG_OP = 'INSERT' AND (SELECT listed_at <> 0 OR cancelled_at <> 0 FROM review WHERE id = NEW.review_id)
				OR TG_OP = 'UPDATE' AND (SELECT finished_at <> 0 OR cancelled_at <> 0 AND NOT (` + reviewPersonKept + `) FROM review WHERE id = OLD.review_id) THEN
					RAISE EXCEPTION 'the review is finished or cancelled, or its people are listed';
				END IF;
				RETURN NEW;
			END $$`,
		}
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
