-- What events are searched by.

-- +goose Up

-- An index that earlier builds had instead.
DROP TABLE IF EXISTS ledger_text;

-- Which events of a segment, 4096 in a row, have a term. Written when the segment
-- is full; the events after the last one are compared one by one. Follows from
-- ledger_event: foyer audit verify compares it, and it is made again when it is
-- empty.
CREATE TABLE ledger_term (
    segment INTEGER NOT NULL,
    term    TEXT    NOT NULL,  -- a letter for the column, then its value or one to three letters of it
    members BLOB    NOT NULL,  -- places in the segment: 2 bytes each, or a bit for every place
    PRIMARY KEY (segment, term)
) STRICT, WITHOUT ROWID;
