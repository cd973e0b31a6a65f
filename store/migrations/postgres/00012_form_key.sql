-- A session signs the tokens of its forms with a key of its own. A form that waits for
-- its person knows whose it is.

-- +goose Up

-- The default makes a key for each of the rows that are there, and for those that a
-- replica of the version before still adds.
ALTER TABLE session ADD COLUMN form_key BYTEA NOT NULL DEFAULT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());

ALTER TABLE login ADD COLUMN draft_owner TEXT NOT NULL DEFAULT '';  -- a digest of who may have the draft
