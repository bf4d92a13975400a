-- A seal holds the hash of all entries recorded before a moment and after the seal before it, so that the end of a stream
-- cannot be cut off unseen either. It is made from a span of time, hence the index; entries lie in the order of time, so
-- that one that keeps only the least and the greatest of each stretch of pages is enough.

CREATE INDEX journal_at ON journal USING brin (at);

CREATE TABLE seal (
  region  text COLLATE "C" NOT NULL,
  number  integer NOT NULL CHECK (number > 0),
  before  bigint NOT NULL,
  entries bigint NOT NULL,
  root    bytea NOT NULL CHECK (octet_length(root) = 32),
  hash    bytea NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (region, number)
);

CREATE TRIGGER keeps_its_rows BEFORE UPDATE OR DELETE ON seal FOR EACH ROW EXECUTE FUNCTION append_only('seal');
CREATE TRIGGER keeps_all_rows BEFORE TRUNCATE ON seal FOR EACH STATEMENT EXECUTE FUNCTION append_only('seal');
