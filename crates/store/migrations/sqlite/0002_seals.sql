-- A seal holds the hash of all entries recorded before a moment and after the seal before it, so that the end of a stream
-- cannot be cut off unseen either. It is made from a span of time, hence the index.

CREATE INDEX journal_at ON journal (at);

CREATE TABLE seal (
  region  TEXT    NOT NULL,
  number  INTEGER NOT NULL CHECK (number > 0),
  before  INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  root    BLOB    NOT NULL CHECK (length(root) = 32),
  hash    BLOB    NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (region, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER seal_keeps_its_rows BEFORE DELETE ON seal
BEGIN SELECT raise(ABORT, 'the seal is append-only'); END;
CREATE TRIGGER seal_keeps_its_words BEFORE UPDATE ON seal
BEGIN SELECT raise(ABORT, 'the seal is append-only'); END;
