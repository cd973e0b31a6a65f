-- What people note of companies and people themselves, and Symphony has no place for.

-- +goose Up

CREATE TABLE company_note (
    company_id TEXT   PRIMARY KEY,
    tags       TEXT   NOT NULL,  -- a list in JSON, as typed
    alias      TEXT   NOT NULL,
    reference  TEXT   NOT NULL,
    noted_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE person_note (
    company_id TEXT   NOT NULL,
    user_id    TEXT   NOT NULL,
    note       TEXT   NOT NULL,
    text       TEXT   NOT NULL,  -- folded, to be searched
    noted_at   INTEGER NOT NULL,
    PRIMARY KEY (user_id, company_id)
) STRICT;

CREATE INDEX person_note_noted ON person_note (noted_at);
