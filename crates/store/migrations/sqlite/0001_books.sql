-- The books of one or more regions. The journal is the truth; sheets and postings can be rebuilt from it.
-- Texts compare by their bytes (BINARY), as in Rust and as under PostgreSQL's collation "C".
-- Large rows lie in order of arrival, found by a narrow unique index: subjects come at random, so that keeping the rows
-- themselves in the order of keys would touch, and write to the log, far more pages per commit.

CREATE TABLE region (
  name TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
  region  TEXT    NOT NULL,
  subject TEXT    NOT NULL,
  year    INTEGER NOT NULL,
  number  INTEGER NOT NULL CHECK (number > 0),
  at      INTEGER NOT NULL,
  request TEXT    NOT NULL,
  actor   TEXT    NOT NULL,
  kind    TEXT    NOT NULL,
  body    TEXT    NOT NULL,
  hash    BLOB    NOT NULL CHECK (length(hash) = 32),
  UNIQUE (region, subject, year, number)
) STRICT;

CREATE TRIGGER journal_keeps_its_rows BEFORE DELETE ON journal
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_keeps_its_words BEFORE UPDATE ON journal
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;

CREATE TABLE sheet (
  region  TEXT    NOT NULL,
  subject TEXT    NOT NULL,
  year    INTEGER NOT NULL,
  entries INTEGER NOT NULL CHECK (entries > 0),
  head    BLOB    NOT NULL CHECK (length(head) = 32),
  body    TEXT    NOT NULL,
  UNIQUE (region, subject, year)
) STRICT;

CREATE TABLE posting (
  region  TEXT    NOT NULL,
  subject TEXT    NOT NULL,
  year    INTEGER NOT NULL,
  number  INTEGER NOT NULL,
  line    INTEGER NOT NULL CHECK (line > 0),
  account TEXT    NOT NULL,
  party   TEXT    NOT NULL,
  amount  INTEGER NOT NULL,
  PRIMARY KEY (region, subject, year, number, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE link (
  region  TEXT NOT NULL,
  kind    TEXT NOT NULL,
  name    TEXT NOT NULL,
  subject TEXT NOT NULL,
  PRIMARY KEY (region, kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE answer (
  region  TEXT    NOT NULL,
  request TEXT    NOT NULL,
  input   BLOB    NOT NULL CHECK (length(input) = 32),
  answer  TEXT    NOT NULL,
  at      INTEGER NOT NULL,
  UNIQUE (region, request)
) STRICT;

CREATE TABLE note (
  name TEXT NOT NULL PRIMARY KEY,
  text TEXT NOT NULL
) STRICT;
