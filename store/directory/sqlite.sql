-- The directory of people on SQLite. It is a cache, and has a version instead of
-- migrations: change directoryVersion with anything here, or with what is computed from a
-- person (keys, words, text), and the directory is made anew.

CREATE TABLE company (
    n           INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    name_key    TEXT    NOT NULL,  -- folded, for sorting
    started_at  INTEGER NOT NULL,  -- from here on as directory.ListReading has it
    next_page   INTEGER NOT NULL,
    total       INTEGER NOT NULL,
    tries       INTEGER NOT NULL,
    moved       INTEGER NOT NULL DEFAULT 0,
    changed     INTEGER NOT NULL DEFAULT 0,
    complete_at INTEGER NOT NULL,
    people      INTEGER NOT NULL,
    moving      INTEGER NOT NULL,
    failed_at   INTEGER NOT NULL,
    failure     TEXT    NOT NULL,
    due_at      INTEGER NOT NULL
) STRICT;

CREATE TABLE list_page (
    company INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    digest  BLOB    NOT NULL,
    ids     TEXT    NOT NULL,  -- a JSON array
    PRIMARY KEY (company, number)
) STRICT;

-- Values of which people share few: domains, departments, titles and locations.
CREATE TABLE word (
    n     INTEGER PRIMARY KEY,
    kind  INTEGER NOT NULL,
    key   TEXT    NOT NULL,  -- folded: what is compared and sorted
    value TEXT    NOT NULL,  -- as first told
    UNIQUE (kind, key)
) STRICT;

-- How many people of a company have a word.
CREATE TABLE word_use (
    word    INTEGER NOT NULL,
    company INTEGER NOT NULL,
    people  INTEGER NOT NULL,
    PRIMARY KEY (word, company)
) STRICT, WITHOUT ROWID;

CREATE INDEX word_use_company ON word_use (company, word, people);

-- How many people of a company have a standing.
CREATE TABLE tally (
    company  INTEGER NOT NULL,
    standing INTEGER NOT NULL,
    people   INTEGER NOT NULL,
    PRIMARY KEY (company, standing)
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
    n                INTEGER PRIMARY KEY,
    company          INTEGER NOT NULL,
    id               TEXT    NOT NULL,
    symphony_user_id INTEGER NOT NULL,
    email_key        TEXT    NOT NULL,
    name_key         TEXT    NOT NULL,
    last_key         TEXT    NOT NULL,
    domain_word      INTEGER NOT NULL,
    department_word  INTEGER NOT NULL,
    title_word       INTEGER NOT NULL,
    location_word    INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    status_at        INTEGER NOT NULL,
    not_listed_at    INTEGER NOT NULL,
    standing         INTEGER NOT NULL,  -- 1 active, 2 disabled, 3 unknown, 4 not listed
    record           TEXT    NOT NULL   -- the person as known, packed; the columns above are what they are found by
) STRICT;

-- What is searched of a person, folded. It changes seldom, and a search compares many
-- texts: here many are in a page of the file.
CREATE TABLE person_text (
    n    INTEGER PRIMARY KEY,
    text TEXT NOT NULL
) STRICT;

-- Of whom Symphony told no status when it was asked, and when that was.
CREATE TABLE status_asked (
    person INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX person_id ON person (id, company);
CREATE INDEX person_symphony ON person (symphony_user_id) WHERE symphony_user_id <> 0;
CREATE INDEX person_last ON person (last_key, n);

-- What people are sorted by, with what they are filtered by: of these no row is looked up
-- to leave it out.
CREATE INDEX person_name    ON person (name_key, n, company, standing, domain_word, department_word);
CREATE INDEX person_email   ON person (email_key, n, company, standing, domain_word, department_word);
CREATE INDEX person_created ON person (created_at, n, company, standing, domain_word, department_word);
CREATE INDEX person_seen    ON person (status_at, n, company, standing, domain_word, department_word);

-- The same within a company, whose people are created, read and often named alike.
CREATE INDEX person_company_name    ON person (company, name_key, n, standing, domain_word, department_word);
CREATE INDEX person_company_email   ON person (company, email_key, n, standing, domain_word, department_word);
CREATE INDEX person_company_created ON person (company, created_at, n, standing, domain_word, department_word);
CREATE INDEX person_company_seen    ON person (company, status_at, n, standing, domain_word, department_word);

-- What few people share, in whichever company.
CREATE INDEX person_standing   ON person (standing, company, n, domain_word, department_word);
CREATE INDEX person_domain     ON person (domain_word, company, n, standing, department_word);
CREATE INDEX person_department ON person (department_word, company, n, standing, domain_word);
CREATE INDEX person_title      ON person (title_word, company, n, standing, domain_word, department_word);
CREATE INDEX person_location   ON person (location_word, company, n, standing, domain_word, department_word);

CREATE VIRTUAL TABLE person_index USING fts5 (
    text, content = 'person_text', content_rowid = 'n', tokenize = 'trigram case_sensitive 1', detail = none, columnsize = 0
);
