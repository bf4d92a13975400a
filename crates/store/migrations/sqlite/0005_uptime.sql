-- When a server was up: a row for each time it ran, with its last sign of life. No part of the books: not in the journal, not sealed;
-- a copy carries it along.

CREATE TABLE uptime (
  region  TEXT    NOT NULL,
  run     TEXT    NOT NULL,
  begun   INTEGER NOT NULL,
  seen    INTEGER NOT NULL,
  stopped INTEGER NOT NULL CHECK (stopped IN (0, 1)),
  PRIMARY KEY (region, run)
) STRICT, WITHOUT ROWID;
