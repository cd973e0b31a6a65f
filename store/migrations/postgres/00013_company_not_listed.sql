-- +goose Up

-- A company that is missing in the list is kept, with when that was; 0 while it is listed.
ALTER TABLE company ADD COLUMN not_listed_at BIGINT NOT NULL DEFAULT 0;
