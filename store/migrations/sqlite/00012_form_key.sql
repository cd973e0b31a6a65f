-- A session signs the tokens of its forms with a key of its own. A form that waits for
-- its person knows whose it is.

-- +goose Up

ALTER TABLE session ADD COLUMN form_key BLOB NOT NULL DEFAULT x'';
UPDATE session SET form_key = randomblob(32);

ALTER TABLE login ADD COLUMN draft_owner TEXT NOT NULL DEFAULT '';  -- a digest of who may have the draft
