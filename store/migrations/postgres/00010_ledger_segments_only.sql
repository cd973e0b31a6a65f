-- The index of segments has what these had: lists by company, action and outcome.

-- +goose Up

DROP INDEX ledger_event_a, ledger_event_o, ledger_event_ao, ledger_event_c, ledger_event_ca, ledger_event_co, ledger_event_cao;
