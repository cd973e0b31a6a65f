-- The index of segments has what these had: lists by company, action and outcome.

-- +goose Up

DROP INDEX ledger_event_a;
DROP INDEX ledger_event_o;
DROP INDEX ledger_event_ao;
DROP INDEX ledger_event_c;
DROP INDEX ledger_event_ca;
DROP INDEX ledger_event_co;
DROP INDEX ledger_event_cao;
