-- Access reviews: who had access to a company, and what was decided of each.

-- +goose Up

CREATE TABLE review (
    id           INTEGER PRIMARY KEY CHECK (id > 0),
    version      INTEGER NOT NULL,  -- counts what is decided
    token        TEXT    NOT NULL UNIQUE CHECK (token <> ''),
    company_id   TEXT    NOT NULL,
    company_name TEXT    NOT NULL,
    due          TEXT    NOT NULL,  -- a day: 2026-12-31
    confirms     TEXT    NOT NULL,  -- whoever answers for the list
    note         TEXT    NOT NULL,  -- why it can't be prepared just now
    started_at   INTEGER NOT NULL,
    started_by   TEXT    NOT NULL,  -- a person in JSON
    listed_at    INTEGER NOT NULL,  -- when the company's people had been listed
    opened_at    INTEGER NOT NULL,  -- when the status of each had been read
    finished_at  INTEGER NOT NULL,
    finished_by  TEXT    NOT NULL,
    seal         TEXT    NOT NULL   -- SHA-256 of the finished review's file
) STRICT;

CREATE INDEX review_company   ON review (company_id, id);
CREATE INDEX review_preparing ON review (id) WHERE opened_at = 0;

CREATE TABLE review_person (
    review_id        INTEGER NOT NULL REFERENCES review (id),
    n                INTEGER NOT NULL,  -- the place in the review, from 1, by name
    user_id          TEXT    NOT NULL,
    symphony_user_id INTEGER NOT NULL,
    email            TEXT    NOT NULL,
    name             TEXT    NOT NULL,
    title            TEXT    NOT NULL,
    department       TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    checked          INTEGER NOT NULL,  -- 1 when the status was read, or can't be
    status           INTEGER NOT NULL,  -- 0 unknown, 1 active, 2 disabled: left out of the review
    status_at        INTEGER NOT NULL,
    decision         TEXT    NOT NULL,  -- the last of decisions; empty while there is none
    decisions        TEXT    NOT NULL,  -- each with who and when, oldest first: a JSON array
    PRIMARY KEY (review_id, n),
    UNIQUE (review_id, user_id)
) STRICT, WITHOUT ROWID;

-- Counts, and the people of one decision in their order, without a row read.
CREATE INDEX review_person_decision ON review_person (review_id, checked, decision, status, n);

-- A finished review stays as it is.
-- +goose StatementBegin
CREATE TRIGGER review_no_update BEFORE UPDATE ON review WHEN OLD.finished_at <> 0
BEGIN SELECT RAISE(ABORT, 'the review is finished'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER review_no_delete BEFORE DELETE ON review
BEGIN SELECT RAISE(ABORT, 'reviews are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER review_person_no_insert BEFORE INSERT ON review_person
WHEN (SELECT listed_at FROM review WHERE id = NEW.review_id) <> 0
BEGIN SELECT RAISE(ABORT, 'the people of the review are listed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER review_person_no_update BEFORE UPDATE ON review_person
WHEN (SELECT finished_at FROM review WHERE id = OLD.review_id) <> 0
BEGIN SELECT RAISE(ABORT, 'the review is finished'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER review_person_no_delete BEFORE DELETE ON review_person
BEGIN SELECT RAISE(ABORT, 'reviews are kept'); END;
-- +goose StatementEnd
