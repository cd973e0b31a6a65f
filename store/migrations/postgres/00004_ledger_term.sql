-- What events are searched by.

-- +goose Up

-- An index that earlier builds had instead.
DROP INDEX IF EXISTS ledger_event_text;

-- Which events of a segment, 4096 in a row, have a term. Written when the segment
-- is full; the events after the last one are compared one by one. Follows from
-- ledger_event: foyer audit verify compares it, and it is made again when it is
-- empty.
CREATE TABLE ledger_term (
    segment BIGINT NOT NULL,
    term    TEXT   COLLATE "C" NOT NULL,  -- a letter for the column, then its value or one to three letters of it
    members BYTEA  NOT NULL,  -- places in the segment: 2 bytes each, or a bit for every place
    PRIMARY KEY (segment, term)
);
