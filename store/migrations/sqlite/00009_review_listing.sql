-- The people of an access review are listed a few hundred at a time.

-- +goose Up

-- A listing that was stopped half-way is begun anew: until it is complete nobody has
-- seen anything of it, and its people may be taken out again.
DROP TRIGGER review_person_no_delete;
-- +goose StatementBegin
CREATE TRIGGER review_person_no_delete BEFORE DELETE ON review_person
WHEN (SELECT listed_at <> 0 OR cancelled_at <> 0 FROM review WHERE id = OLD.review_id)
BEGIN SELECT RAISE(ABORT, 'reviews are kept'); END;
-- +goose StatementEnd
