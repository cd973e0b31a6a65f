-- Filters of the people's table that somebody gave a name.

-- +goose Up

CREATE TABLE saved_filter (
    id       TEXT     PRIMARY KEY,
    issuer   TEXT     NOT NULL,  -- with subject: whose it is
    subject  TEXT     NOT NULL,
    email    TEXT     NOT NULL,  -- theirs, so that an order to erase finds them by it
    name     TEXT     NOT NULL,
    query    TEXT     NOT NULL,  -- the query string of the table
    shared   BIGINT   NOT NULL,  -- 1 when everybody is offered it
    saved_at BIGINT   NOT NULL,
    UNIQUE (issuer, subject, name)
);

CREATE INDEX saved_filter_shared ON saved_filter (name) WHERE shared = 1;
