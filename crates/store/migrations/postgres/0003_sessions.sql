-- Who is signed in at the server. No part of the books: not in the journal, not sealed, not carried along by a copy.
-- Tokens lie as their hashes.

CREATE TABLE session (
  region  text COLLATE "C" NOT NULL,
  token   bytea NOT NULL CHECK (octet_length(token) = 32),
  "user"  text COLLATE "C" NOT NULL,
  changes integer NOT NULL,
  ends    bigint NOT NULL,
  used    bigint NOT NULL,
  PRIMARY KEY (region, token)
);
