-- Access reviews that were cancelled.

-- +goose Up

ALTER TABLE review
    ADD COLUMN cancelled_at  BIGINT NOT NULL DEFAULT 0 CHECK (cancelled_at = 0 OR finished_at = 0),
    ADD COLUMN cancelled_by  TEXT   NOT NULL DEFAULT '',  -- a person in JSON
    ADD COLUMN cancel_reason TEXT   NOT NULL DEFAULT '';

DROP INDEX review_preparing;
CREATE INDEX review_preparing ON review (id) WHERE opened_at = 0 AND cancelled_at = 0;

-- A review that is finished or cancelled stays as it is, but for one door: from a
-- cancelled one, which proves nothing, a person may be erased.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION review_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the review is finished or cancelled, or its people are listed';
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION review_person_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND (SELECT listed_at <> 0 OR cancelled_at <> 0 FROM review WHERE id = NEW.review_id)
    OR TG_OP = 'UPDATE' AND (SELECT finished_at <> 0 OR cancelled_at <> 0 AND NOT (
        NEW.email = '' AND NEW.title = '' AND NEW.department = ''
        AND NEW.review_id = OLD.review_id AND NEW.n = OLD.n AND NEW.user_id = OLD.user_id AND NEW.symphony_user_id = OLD.symphony_user_id
        AND NEW.created_at = OLD.created_at AND NEW.checked = OLD.checked AND NEW.status = OLD.status AND NEW.status_at = OLD.status_at
        AND NEW.decision = OLD.decision AND NEW.decisions = OLD.decisions
    ) FROM review WHERE id = OLD.review_id) THEN
        RAISE EXCEPTION 'the review is finished or cancelled, or its people are listed';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

DROP TRIGGER review_no_update ON review;
CREATE TRIGGER review_no_update BEFORE UPDATE ON review
    FOR EACH ROW WHEN (OLD.finished_at <> 0 OR OLD.cancelled_at <> 0) EXECUTE FUNCTION review_refuse();
