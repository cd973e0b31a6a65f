-- +goose Up

-- What authenticates an event until a checkpoint covers it: made with a key that the
-- database doesn't have. NULL of events that versions without it recorded.
ALTER TABLE ledger_event ADD COLUMN mac BLOB;

DROP TRIGGER ledger_event_no_update;
-- The one door: the personal part may be erased, wholly and for ever.
-- +goose StatementBegin
CREATE TRIGGER ledger_event_no_update BEFORE UPDATE ON ledger_event
WHEN NOT (
    OLD.personal IS NOT NULL AND NEW.personal IS NULL AND NEW.salt IS NULL
    AND NEW.actor_text = '' AND NEW.people_text = '' AND NEW.note_text = ''
    AND NEW.seq = OLD.seq AND NEW.body = OLD.body AND NEW.hashes = OLD.hashes
    AND NEW.at = OLD.at AND NEW.high_at = OLD.high_at
    AND NEW.action = OLD.action AND NEW.outcome = OLD.outcome
    AND NEW.change_id = OLD.change_id AND NEW.company_id = OLD.company_id
    AND NEW.request = OLD.request AND NEW.trace = OLD.trace
    AND NEW.company_text = OLD.company_text AND NEW.mac IS OLD.mac
)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
-- +goose StatementEnd
