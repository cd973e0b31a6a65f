-- What the pre-check said of the address of a row of a bulk change, where somebody asked.

-- +goose Up

ALTER TABLE bulk_row ADD COLUMN precheck TEXT NOT NULL DEFAULT '';

CREATE INDEX bulk_row_precheck ON bulk_row (bulk_id, precheck, n) WHERE precheck <> '';
