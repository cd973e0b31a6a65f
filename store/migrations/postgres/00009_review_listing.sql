-- The people of an access review are listed a few hundred at a time.

-- +goose Up

-- A listing that was stopped half-way is begun anew: until it is complete nobody has
-- seen anything of it, and its people may be taken out again.
-- +goose StatementBegin
CREATE FUNCTION review_person_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT listed_at <> 0 OR cancelled_at <> 0 FROM review WHERE id = OLD.review_id) THEN
        RAISE EXCEPTION 'reviews are kept';
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd

DROP TRIGGER review_person_no_delete ON review_person;
CREATE TRIGGER review_person_no_delete BEFORE DELETE ON review_person
    FOR EACH ROW EXECUTE FUNCTION review_person_refuse_delete();
