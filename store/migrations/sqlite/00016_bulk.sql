-- Bulk changes: lists of people, of whom each row has an outcome.

-- +goose Up

CREATE TABLE bulk (
    id          INTEGER PRIMARY KEY CHECK (id > 0),
    version     INTEGER NOT NULL,  -- counts the updates
    kind        TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    token       TEXT    NOT NULL UNIQUE CHECK (token <> ''),
    digest      TEXT    NOT NULL,  -- SHA-256 of the list and what is to be done
    company_id  TEXT    NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    lease       TEXT    NOT NULL,  -- of the process that makes its calls
    leased_till INTEGER NOT NULL,
    body        TEXT    NOT NULL   -- the rest, in JSON
) STRICT;

CREATE INDEX bulk_working ON bulk (id) WHERE ended_at = 0;
CREATE INDEX bulk_digest  ON bulk (digest, id) WHERE started_at <> 0;

CREATE TABLE bulk_row (
    bulk_id      INTEGER NOT NULL REFERENCES bulk (id),
    n            INTEGER NOT NULL,  -- the place, from 1
    line         INTEGER NOT NULL,  -- of the list; 0: the list doesn't have the person
    cells        TEXT    NOT NULL,  -- of the list: a JSON array
    email        TEXT    NOT NULL,
    email_key    TEXT    NOT NULL,
    first_name   TEXT    NOT NULL,
    last_name    TEXT    NOT NULL,
    display_name TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    department   TEXT    NOT NULL,
    location     TEXT    NOT NULL,
    phone_number TEXT    NOT NULL,
    user_id      TEXT    NOT NULL,
    company_id   TEXT    NOT NULL,
    decision     TEXT    NOT NULL,  -- what somebody said of the row
    action       TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    code         TEXT    NOT NULL,  -- why
    facts        TEXT    NOT NULL,  -- that belong to the code, in JSON
    differs      INTEGER NOT NULL,  -- 1 when something else was planned before
    tries        INTEGER NOT NULL,  -- in how many calls it was
    vain         INTEGER NOT NULL,  -- how many of them did nothing for it
    change_id    TEXT    NOT NULL,  -- the last of them
    item         INTEGER NOT NULL,  -- the place there
    PRIMARY KEY (bulk_id, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX bulk_row_state  ON bulk_row (bulk_id, state, action, code, n);
CREATE INDEX bulk_row_change ON bulk_row (change_id, item) WHERE change_id <> '';
