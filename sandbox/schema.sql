-- The directory of a stand-in Symphony. Times are microseconds since 1970, UTC.

-- Single values: the signing key, the token epoch.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Every tenant there is, ours or not. partner is empty for a normal customer.
-- fate is the state the tenant ends in once its provisioning time is over.
CREATE TABLE tenants (
    id            TEXT PRIMARY KEY,
    partner       TEXT NOT NULL,
    name          TEXT NOT NULL,
    name_key      TEXT NOT NULL UNIQUE,
    vanity_name   TEXT NOT NULL UNIQUE,
    public_host   TEXT NOT NULL,
    listed        INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    provisioning  INTEGER NOT NULL,
    fate          TEXT NOT NULL,
    error_message TEXT NOT NULL
) WITHOUT ROWID;

-- A domain belongs to one tenant of the whole directory.
CREATE TABLE domains (
    domain    TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    position  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX domains_of_tenant ON domains (tenant_id, position);

-- email_key is the address as the directory compares it. root_domain is what
-- the login service groups by.
CREATE TABLE users (
    seq              INTEGER PRIMARY KEY,
    id               TEXT NOT NULL,
    tenant_id        TEXT NOT NULL REFERENCES tenants (id),
    symphony_user_id INTEGER NOT NULL,
    email            TEXT NOT NULL,
    email_key        TEXT NOT NULL,
    root_domain      TEXT NOT NULL,
    first_name       TEXT NOT NULL,
    last_name        TEXT NOT NULL,
    display_name     TEXT NOT NULL,
    active           INTEGER NOT NULL,
    phone_number     TEXT NOT NULL,
    department       TEXT NOT NULL,
    title            TEXT NOT NULL,
    location         TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL
);

-- What reached Symphony, in the order in which it was done.
CREATE TABLE calls (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    method     TEXT NOT NULL,
    path       TEXT NOT NULL,
    query      TEXT NOT NULL,
    operation  TEXT NOT NULL,
    company_id TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    emails     TEXT NOT NULL,
    status     INTEGER NOT NULL,
    applied    INTEGER NOT NULL,
    created    INTEGER NOT NULL,
    fault      TEXT NOT NULL,
    trace_id   TEXT NOT NULL
);
