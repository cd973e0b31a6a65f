-- Times are microseconds since 1970 in UTC; 0 says never.

-- +goose Up

-- The ledger. What follows the column hashes is derived from body and personal:
-- foyer audit verify compares it.
CREATE TABLE ledger_event (
    seq          BIGINT  PRIMARY KEY CHECK (seq > 0),
    body         BYTEA   NOT NULL,  -- the bytes that are the leaf of the Merkle tree
    salt         BYTEA,              -- NULL together with personal: erased on legal order
    personal     BYTEA,
    hashes       BYTEA   NOT NULL,  -- of the leaf and of the subtrees it completes, 32 bytes each
    at           BIGINT  NOT NULL,
    high_at      BIGINT  NOT NULL,  -- the latest time up to here: never goes back, as at may
    action       TEXT    NOT NULL,
    outcome      TEXT    NOT NULL,
    change_id    TEXT    NOT NULL,
    company_id   TEXT    NOT NULL,
    request      TEXT    NOT NULL,
    trace        TEXT    NOT NULL,
    company_text TEXT    NOT NULL,
    actor_text   TEXT    NOT NULL,  -- this and the next two are emptied with personal
    people_text  TEXT    NOT NULL,
    note_text    TEXT    NOT NULL
);

-- Whichever of company, action and outcome are asked for together, one index has
-- their events in order: no list has to walk past what it does not show.
CREATE INDEX ledger_event_high_at ON ledger_event (high_at, seq);
CREATE INDEX ledger_event_a   ON ledger_event (action, seq);
CREATE INDEX ledger_event_o   ON ledger_event (outcome, seq);
CREATE INDEX ledger_event_ao  ON ledger_event (action, outcome, seq);
CREATE INDEX ledger_event_c   ON ledger_event (company_id, seq) WHERE company_id <> '';
CREATE INDEX ledger_event_ca  ON ledger_event (company_id, action, seq) WHERE company_id <> '';
CREATE INDEX ledger_event_co  ON ledger_event (company_id, outcome, seq) WHERE company_id <> '';
CREATE INDEX ledger_event_cao ON ledger_event (company_id, action, outcome, seq) WHERE company_id <> '';
CREATE INDEX ledger_event_change  ON ledger_event (change_id, seq) WHERE change_id <> '';
CREATE INDEX ledger_event_request ON ledger_event (request, seq) WHERE request <> '';
CREATE INDEX ledger_event_trace   ON ledger_event (trace, seq) WHERE trace <> '';

-- The people that an event is about, members of bulk changes included.
CREATE TABLE ledger_user (
    seq     BIGINT  NOT NULL REFERENCES ledger_event (seq),
    n       BIGINT  NOT NULL,
    user_id TEXT    NOT NULL,
    email   TEXT    NOT NULL,  -- folded; emptied with personal
    PRIMARY KEY (seq, n)
);

CREATE INDEX ledger_user_id    ON ledger_user (user_id, seq) WHERE user_id <> '';
CREATE INDEX ledger_user_email ON ledger_user (email, seq) WHERE email <> '';

-- The growing edge of the tree. Who appends has its row locked.
CREATE TABLE ledger_head (
    id      BIGINT  PRIMARY KEY CHECK (id = 1),
    origin  TEXT    NOT NULL,
    size    BIGINT  NOT NULL,
    peaks   BYTEA   NOT NULL,
    high_at BIGINT  NOT NULL,  -- of the last event
    lag     BIGINT  NOT NULL   -- the most that any at was behind its high_at
);

CREATE TABLE ledger_checkpoint (
    id   BIGINT  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    size BIGINT  NOT NULL,
    at   BIGINT  NOT NULL,
    note TEXT    NOT NULL   -- the signed note
);

CREATE INDEX ledger_checkpoint_size ON ledger_checkpoint (size, id);

-- +goose StatementBegin
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only';
END $$;
-- +goose StatementEnd

CREATE TRIGGER ledger_event_no_delete BEFORE DELETE ON ledger_event
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
-- The one door: the personal part may be erased, wholly and for ever.
CREATE TRIGGER ledger_event_no_update BEFORE UPDATE ON ledger_event
    FOR EACH ROW WHEN (NOT (
        OLD.personal IS NOT NULL AND NEW.personal IS NULL AND NEW.salt IS NULL
        AND NEW.actor_text = '' AND NEW.people_text = '' AND NEW.note_text = ''
        AND NEW.seq = OLD.seq AND NEW.body = OLD.body AND NEW.hashes = OLD.hashes
        AND NEW.at = OLD.at AND NEW.high_at = OLD.high_at
        AND NEW.action = OLD.action AND NEW.outcome = OLD.outcome
        AND NEW.change_id = OLD.change_id AND NEW.company_id = OLD.company_id
        AND NEW.request = OLD.request AND NEW.trace = OLD.trace
        AND NEW.company_text = OLD.company_text
    )) EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_event_no_truncate BEFORE TRUNCATE ON ledger_event
    EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_user_no_delete BEFORE DELETE ON ledger_user
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_user_no_update BEFORE UPDATE ON ledger_user
    FOR EACH ROW WHEN (NOT (
        NEW.email = '' AND NEW.seq = OLD.seq AND NEW.n = OLD.n AND NEW.user_id = OLD.user_id
    )) EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_user_no_truncate BEFORE TRUNCATE ON ledger_user
    EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_head_only_grows BEFORE UPDATE ON ledger_head
    FOR EACH ROW WHEN (NOT (
        NEW.size > OLD.size AND NEW.origin = OLD.origin AND NEW.high_at >= OLD.high_at AND NEW.lag >= OLD.lag
    )) EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_head_no_truncate BEFORE TRUNCATE ON ledger_head
    EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_checkpoint_no_change BEFORE UPDATE OR DELETE ON ledger_checkpoint
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_checkpoint_no_truncate BEFORE TRUNCATE ON ledger_checkpoint
    EXECUTE FUNCTION ledger_refuse();

-- What Foyer works with.
CREATE TABLE change (
    id         TEXT    PRIMARY KEY CHECK (id <> ''),
    version    BIGINT  NOT NULL,
    kind       TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    token      TEXT    NOT NULL,
    company_id TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    settled    BIGINT  NOT NULL,  -- 1 when nothing more will happen to it
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    body       TEXT    NOT NULL   -- the whole change in JSON
);

CREATE UNIQUE INDEX change_token ON change (token) WHERE token <> '';
CREATE INDEX change_unsettled ON change (updated_at, id) WHERE settled = 0;

-- What was last read from Symphony.
CREATE TABLE company (
    id            TEXT    PRIMARY KEY,
    name          TEXT    NOT NULL,
    vanity_name   TEXT    NOT NULL,
    email_domains TEXT    NOT NULL,  -- a JSON array
    public_url    TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    error_message TEXT    NOT NULL,
    created_at    BIGINT  NOT NULL,
    updated_at    BIGINT  NOT NULL,
    read_at       BIGINT  NOT NULL,
    state_seen_at BIGINT  NOT NULL
);

-- Apart from company: the list of companies is replaced as a whole, and a count
-- may come before the company itself was stored.
CREATE TABLE company_people (
    company_id TEXT    PRIMARY KEY,
    people     BIGINT  NOT NULL,
    read_at    BIGINT  NOT NULL
);

-- When a whole list was last read.
CREATE TABLE list_read (
    name    TEXT    PRIMARY KEY,
    read_at BIGINT  NOT NULL
);

CREATE TABLE company_user (
    company_id       TEXT    NOT NULL,
    id               TEXT    NOT NULL,
    symphony_user_id BIGINT  NOT NULL,
    email            TEXT    NOT NULL,
    email_normal     TEXT    NOT NULL,
    first_name       TEXT    NOT NULL,
    last_name        TEXT    NOT NULL,
    display_name     TEXT    NOT NULL,
    phone_number     TEXT    NOT NULL,
    department       TEXT    NOT NULL,
    title            TEXT    NOT NULL,
    location         TEXT    NOT NULL,
    created_at       BIGINT  NOT NULL,
    updated_at       BIGINT  NOT NULL,
    read_at          BIGINT  NOT NULL,
    PRIMARY KEY (company_id, id)
);

CREATE INDEX company_user_id       ON company_user (id);
CREATE INDEX company_user_email    ON company_user (email_normal) WHERE email_normal <> '';
CREATE INDEX company_user_symphony ON company_user (symphony_user_id) WHERE symphony_user_id <> 0;

-- The last status told of somebody. It has times of its own: most readings tell none.
CREATE TABLE user_status (
    company_id TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    status     BIGINT  NOT NULL,  -- 1 active, 2 disabled
    since      BIGINT  NOT NULL,  -- first told of the run of the same status that lasts
    at         BIGINT  NOT NULL,  -- last told
    PRIMARY KEY (company_id, user_id)
);

-- One row for each run of readings that told the same status of somebody.
CREATE TABLE observation (
    company_id TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    first_at   BIGINT  NOT NULL,
    last_at    BIGINT  NOT NULL,
    active     BIGINT  NOT NULL,
    PRIMARY KEY (company_id, user_id, first_at)
);

-- Who is signed in, and who is about to be.
CREATE TABLE session (
    hash       BYTEA   PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    issuer     TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    email      TEXT    NOT NULL,
    roles      TEXT    NOT NULL,  -- a JSON array
    created_at BIGINT  NOT NULL,
    seen_at    BIGINT  NOT NULL,
    auth_time  BIGINT  NOT NULL,
    address    TEXT    NOT NULL,
    user_agent TEXT    NOT NULL,
    data       BYTEA,
    sid        TEXT    NOT NULL
);

CREATE INDEX session_seen_at ON session (seen_at);

CREATE TABLE login (
    state_hash   BYTEA   PRIMARY KEY,
    browser_hash BYTEA   NOT NULL,
    nonce        TEXT    NOT NULL,
    verifier     TEXT    NOT NULL,
    return_to    TEXT    NOT NULL,
    draft        BYTEA,
    created_at   BIGINT  NOT NULL
);
