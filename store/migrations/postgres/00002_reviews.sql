-- Access reviews: who had access to a company, and what was decided of each.

-- +goose Up

CREATE TABLE review (
    id           BIGINT  PRIMARY KEY CHECK (id > 0),
    version      BIGINT  NOT NULL,  -- counts what is decided
    token        TEXT    NOT NULL UNIQUE CHECK (token <> ''),
    company_id   TEXT    NOT NULL,
    company_name TEXT    NOT NULL,
    due          TEXT    NOT NULL,  -- a day: 2026-12-31
    confirms     TEXT    NOT NULL,  -- whoever answers for the list
    note         TEXT    NOT NULL,  -- why it can't be prepared just now
    started_at   BIGINT  NOT NULL,
    started_by   TEXT    NOT NULL,  -- a person in JSON
    listed_at    BIGINT  NOT NULL,  -- when the company's people had been listed
    opened_at    BIGINT  NOT NULL,  -- when the status of each had been read
    finished_at  BIGINT  NOT NULL,
    finished_by  TEXT    NOT NULL,
    seal         TEXT    NOT NULL   -- SHA-256 of the finished review's file
);

CREATE INDEX review_company   ON review (company_id, id);
CREATE INDEX review_preparing ON review (id) WHERE opened_at = 0;

CREATE TABLE review_person (
    review_id        BIGINT  NOT NULL REFERENCES review (id),
    n                BIGINT  NOT NULL,  -- the place in the review, from 1, by name
    user_id          TEXT    NOT NULL,
    symphony_user_id BIGINT  NOT NULL,
    email            TEXT    NOT NULL,
    name             TEXT    NOT NULL,
    title            TEXT    NOT NULL,
    department       TEXT    NOT NULL,
    created_at       BIGINT  NOT NULL,
    checked          BIGINT  NOT NULL,  -- 1 when the status was read, or can't be
    status           BIGINT  NOT NULL,  -- 0 unknown, 1 active, 2 disabled: left out of the review
    status_at        BIGINT  NOT NULL,
    decision         TEXT    NOT NULL,  -- the last of decisions; empty while there is none
    decisions        TEXT    NOT NULL,  -- each with who and when, oldest first: a JSON array
    PRIMARY KEY (review_id, n),
    UNIQUE (review_id, user_id)
);

-- Counts, and the people of one decision in their order, without a row read.
CREATE INDEX review_person_decision ON review_person (review_id, checked, decision, status, n);

-- A finished review stays as it is.
-- +goose StatementBegin
CREATE FUNCTION review_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the review is finished, or its people are listed';
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION review_person_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND (SELECT listed_at FROM review WHERE id = NEW.review_id) <> 0
    OR TG_OP = 'UPDATE' AND (SELECT finished_at FROM review WHERE id = OLD.review_id) <> 0 THEN
        RAISE EXCEPTION 'the review is finished, or its people are listed';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd

CREATE TRIGGER review_no_update BEFORE UPDATE ON review
    FOR EACH ROW WHEN (OLD.finished_at <> 0) EXECUTE FUNCTION review_refuse();
CREATE TRIGGER review_no_delete BEFORE DELETE ON review
    FOR EACH ROW EXECUTE FUNCTION review_refuse();
CREATE TRIGGER review_person_keep BEFORE INSERT OR UPDATE ON review_person
    FOR EACH ROW EXECUTE FUNCTION review_person_refuse();
CREATE TRIGGER review_person_no_delete BEFORE DELETE ON review_person
    FOR EACH ROW EXECUTE FUNCTION review_refuse();
CREATE TRIGGER review_no_truncate BEFORE TRUNCATE ON review
    FOR EACH STATEMENT EXECUTE FUNCTION review_refuse();
CREATE TRIGGER review_person_no_truncate BEFORE TRUNCATE ON review_person
    FOR EACH STATEMENT EXECUTE FUNCTION review_refuse();
