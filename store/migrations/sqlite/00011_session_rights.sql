-- A session keeps what the identity provider said of the person, and no longer the
-- roles that followed from it once. Of older sessions that isn't known: they end.
--
-- A sign-in may have to be fresh, and a logout token is good for one use.

-- +goose Up

DELETE FROM session;
ALTER TABLE session RENAME COLUMN roles TO role_values;  -- a JSON array: the values of the roles claim
CREATE INDEX session_person ON session (issuer, subject);

ALTER TABLE login ADD COLUMN max_age INTEGER NOT NULL DEFAULT 0;  -- in seconds; 0: any sign-in will do

CREATE TABLE logout_token (
    hash  BLOB    PRIMARY KEY,  -- of its id
    until INTEGER NOT NULL      -- it is refused for its age after that
) STRICT;
