-- Access reviews that were cancelled.

-- +goose Up

ALTER TABLE review ADD COLUMN cancelled_at  INTEGER NOT NULL DEFAULT 0 CHECK (cancelled_at = 0 OR finished_at = 0);
ALTER TABLE review ADD COLUMN cancelled_by  TEXT    NOT NULL DEFAULT '';  -- a person in JSON
ALTER TABLE review ADD COLUMN cancel_reason TEXT    NOT NULL DEFAULT '';

DROP INDEX review_preparing;
CREATE INDEX review_preparing ON review (id) WHERE opened_at = 0 AND cancelled_at = 0;

-- A review that is finished or cancelled stays as it is, but for one door: from a
-- cancelled one, which proves nothing, a person may be erased.
DROP TRIGGER review_no_update;
DROP TRIGGER review_person_no_insert;
DROP TRIGGER review_person_no_update;
-- +goose StatementBegin
CREATE TRIGGER review_no_update BEFORE UPDATE ON review WHEN OLD.finished_at <> 0 OR OLD.cancelled_at <> 0
BEGIN SELECT RAISE(ABORT, 'the review is finished or cancelled'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER review_person_no_insert BEFORE INSERT ON review_person
WHEN (SELECT listed_at <> 0 OR cancelled_at <> 0 FROM review WHERE id = NEW.review_id)
BEGIN SELECT RAISE(ABORT, 'the people of the review are listed, or it is cancelled'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER review_person_no_update BEFORE UPDATE ON review_person
WHEN (SELECT finished_at <> 0 OR cancelled_at <> 0 AND NOT (
        NEW.email = '' AND NEW.title = '' AND NEW.department = ''
        AND NEW.review_id = OLD.review_id AND NEW.n = OLD.n AND NEW.user_id = OLD.user_id AND NEW.symphony_user_id = OLD.symphony_user_id
        AND NEW.created_at = OLD.created_at AND NEW.checked = OLD.checked AND NEW.status = OLD.status AND NEW.status_at = OLD.status_at
        AND NEW.decision = OLD.decision AND NEW.decisions = OLD.decisions
    ) FROM review WHERE id = OLD.review_id)
BEGIN SELECT RAISE(ABORT, 'the review is finished or cancelled'); END;
-- +goose StatementEnd
