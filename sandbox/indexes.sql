-- Made after the seed: sorting 25,000 rows once is quicker than keeping four
-- indexes in order while they come.
CREATE UNIQUE INDEX users_id ON users (id);
CREATE UNIQUE INDEX users_email ON users (email_key);
CREATE INDEX users_page ON users (tenant_id, created_at, id);
CREATE INDEX users_root ON users (root_domain, tenant_id);
