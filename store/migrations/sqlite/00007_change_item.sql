-- Changes that can be executed: found by what they are about and by when they are
-- due, with a row for each of their people.

-- +goose Up

ALTER TABLE change ADD COLUMN subject    TEXT    NOT NULL DEFAULT '';  -- what it is about; empty: its people are
ALTER TABLE change ADD COLUMN due_at     INTEGER NOT NULL DEFAULT 0;   -- when something has to be done with it
ALTER TABLE change ADD COLUMN sent_at    INTEGER NOT NULL DEFAULT 0;   -- when it was claimed for sending
ALTER TABLE change ADD COLUMN settled_at INTEGER NOT NULL DEFAULT 0;

CREATE TABLE change_item (
    change_id    TEXT    NOT NULL REFERENCES change (id),
    n            INTEGER NOT NULL,  -- the place in the change, from 0
    sent         INTEGER NOT NULL,  -- 1 for whom the change is about; 0 for somebody in Symphony's answer besides
    held         INTEGER NOT NULL,  -- 1 while no other change may be about the person
    email        TEXT    NOT NULL,  -- as it was written
    email_key    TEXT    NOT NULL,  -- the one form by which it is compared
    first_name   TEXT    NOT NULL,
    last_name    TEXT    NOT NULL,
    display_name TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    department   TEXT    NOT NULL,
    location     TEXT    NOT NULL,
    phone_number TEXT    NOT NULL,
    outcome      TEXT    NOT NULL,  -- empty before the call
    user_id      TEXT    NOT NULL,  -- once created, or found
    problem      TEXT    NOT NULL,  -- what Symphony said of the person, in JSON; empty when nothing
    PRIMARY KEY (change_id, n)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX change_subject    ON change (subject) WHERE settled = 0 AND subject <> '';
CREATE INDEX change_subject_settled   ON change (subject, settled_at) WHERE subject <> '';
CREATE INDEX change_due               ON change (due_at, id) WHERE due_at <> 0;
CREATE UNIQUE INDEX change_item_held  ON change_item (email_key) WHERE held = 1;
CREATE INDEX change_item_email        ON change_item (email_key, change_id);
CREATE INDEX change_item_user         ON change_item (user_id) WHERE user_id <> '';
