-- Who is signed in at the server. No part of the books: not in the journal, not sealed, not carried along by a copy.
-- Tokens lie as their hashes.

CREATE TABLE session (
  region  TEXT    NOT NULL,
  token   BLOB    NOT NULL CHECK (length(token) = 32),
  user    TEXT    NOT NULL,
  changes INTEGER NOT NULL,
  ends    INTEGER NOT NULL,
  used    INTEGER NOT NULL,
  PRIMARY KEY (region, token)
) STRICT, WITHOUT ROWID;
