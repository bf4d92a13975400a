-- Postings lie in the order of the journal, under the place of their entry there, and not in the order of subjects: these come at
-- random, so that almost each settlement wrote a page of its own to the log for the two lines that it posts.
-- The place is a column of its own, for SQLite may number rows anew that have no name for their number. Region and year stand with
-- the lines too: balances ask for nothing else of an entry.

CREATE TABLE journal_with_places (
  place   INTEGER PRIMARY KEY,
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

INSERT INTO journal_with_places
SELECT rowid, region, subject, year, number, at, request, actor, kind, body, hash FROM journal ORDER BY rowid;

-- A line whose entry is not there has no place: the step then fails, and the file stays as it is.
CREATE TABLE posting_by_place (
  entry   INTEGER NOT NULL,
  line    INTEGER NOT NULL CHECK (line > 0),
  region  TEXT    NOT NULL,
  year    INTEGER NOT NULL,
  account TEXT    NOT NULL,
  party   TEXT    NOT NULL,
  amount  INTEGER NOT NULL,
  PRIMARY KEY (entry, line)
) STRICT, WITHOUT ROWID;

INSERT INTO posting_by_place
SELECT j.place, p.line, p.region, p.year, p.account, p.party, p.amount FROM posting p
LEFT JOIN journal_with_places j USING (region, subject, year, number) ORDER BY j.place, p.line;

DROP TABLE journal;
DROP TABLE posting;
ALTER TABLE journal_with_places RENAME TO journal;
ALTER TABLE posting_by_place RENAME TO posting;

CREATE INDEX journal_at ON journal (at);
CREATE TRIGGER journal_keeps_its_rows BEFORE DELETE ON journal
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_keeps_its_words BEFORE UPDATE ON journal
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
