-- What the pre-check said of the address of a row of a bulk change, where somebody asked; and
-- which bulk changes need somebody, so that these are listed first.

-- +goose Up

ALTER TABLE bulk_row ADD COLUMN precheck TEXT NOT NULL DEFAULT '';

CREATE INDEX bulk_row_precheck ON bulk_row (bulk_id, precheck, n) WHERE precheck <> '';

ALTER TABLE bulk ADD COLUMN needs_somebody BIGINT NOT NULL DEFAULT 0;
