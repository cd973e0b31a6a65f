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

-- By the negative number, newest first: an order that the primary key does not have
-- too, so that nothing tempts the planner to walk through the whole ledger.
DROP INDEX ledger_event_a, ledger_event_o, ledger_event_ao, ledger_event_c, ledger_event_ca, ledger_event_co, ledger_event_cao;
CREATE INDEX ledger_event_a   ON ledger_event (action, (-seq));
CREATE INDEX ledger_event_o   ON ledger_event (outcome, (-seq));
CREATE INDEX ledger_event_ao  ON ledger_event (action, outcome, (-seq));
CREATE INDEX ledger_event_c   ON ledger_event (company_id, (-seq)) WHERE company_id <> '';
CREATE INDEX ledger_event_ca  ON ledger_event (company_id, action, (-seq)) WHERE company_id <> '';
CREATE INDEX ledger_event_co  ON ledger_event (company_id, outcome, (-seq)) WHERE company_id <> '';
CREATE INDEX ledger_event_cao ON ledger_event (company_id, action, outcome, (-seq)) WHERE company_id <> '';
