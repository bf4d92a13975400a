-- When a server was up: a row for each time it ran, with its last sign of life. No part of the books: not in the journal, not sealed;
-- a copy carries it along. The program's role needs SELECT, INSERT and UPDATE of it.

CREATE TABLE uptime (
  region  text COLLATE "C" NOT NULL,
  run     text COLLATE "C" NOT NULL,
  begun   bigint NOT NULL,
  seen    bigint NOT NULL,
  stopped boolean NOT NULL,
  PRIMARY KEY (region, run)
);
