-- The books of one or more regions. The journal is the truth; sheets and postings can be rebuilt from it.
-- Texts compare by their bytes (collation "C"), as in Rust and in SQLite.
-- Each region has its own partitions (`journal_120000`), below them one for each year (`journal_120000_2026`); the program
-- names a region's partitions itself, so that no statement touches another region's.

-- `turns` counts the transactions that wrote to the region: each changes it first, and so waits for the one before. Room in
-- the page, so that its versions lie beside each other.
CREATE TABLE region (
  name  text COLLATE "C" PRIMARY KEY,
  turns bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);

CREATE TABLE journal (
  region  text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  year    smallint NOT NULL,
  number  integer NOT NULL CHECK (number > 0),
  at      bigint NOT NULL,
  request text COLLATE "C" NOT NULL,
  actor   text COLLATE "C" NOT NULL,
  kind    text COLLATE "C" NOT NULL,
  body    text COLLATE "C" NOT NULL,
  hash    bytea NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (region, subject, year, number)
) PARTITION BY LIST (region);

CREATE TABLE sheet (
  region  text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  year    smallint NOT NULL,
  entries integer NOT NULL CHECK (entries > 0),
  head    bytea NOT NULL CHECK (octet_length(head) = 32),
  body    text COLLATE "C" NOT NULL,
  PRIMARY KEY (region, subject, year)
) PARTITION BY LIST (region);

CREATE TABLE posting (
  region  text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  year    smallint NOT NULL,
  number  integer NOT NULL,
  line    integer NOT NULL CHECK (line > 0),
  account text COLLATE "C" NOT NULL,
  party   text COLLATE "C" NOT NULL,
  amount  bigint NOT NULL,
  PRIMARY KEY (region, subject, year, number, line)
) PARTITION BY LIST (region);

CREATE TABLE link (
  region  text COLLATE "C" NOT NULL,
  kind    text COLLATE "C" NOT NULL,
  name    text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  PRIMARY KEY (region, kind, name)
) PARTITION BY LIST (region);

CREATE TABLE answer (
  region  text COLLATE "C" NOT NULL,
  request text COLLATE "C" NOT NULL,
  input   bytea NOT NULL CHECK (octet_length(input) = 32),
  answer  text COLLATE "C" NOT NULL,
  at      bigint NOT NULL,
  PRIMARY KEY (region, request)
) PARTITION BY LIST (region);

CREATE TABLE note (
  name text COLLATE "C" PRIMARY KEY,
  text text COLLATE "C" NOT NULL
);

CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the % is append-only', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$;

-- Row triggers pass to every partition; a statement trigger (there is no other kind for TRUNCATE) does not, so that
-- `add_partition` sets it again.
CREATE TRIGGER keeps_its_rows BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION append_only('journal');
CREATE TRIGGER keeps_all_rows BEFORE TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION append_only('journal');

-- Ends the transaction when fewer rows were changed than meant: another writer was first.
CREATE FUNCTION demand(changed bigint, wanted bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF changed <> wanted THEN
    RAISE EXCEPTION '% of % sheets are no longer as they were read', wanted - changed, wanted
      USING ERRCODE = 'serialization_failure';
  END IF;
END $$;

-- A partition is made beside the tree and then attached: that waits for nobody who reads or writes the others. It takes
-- over the grants of its parent. What defines it runs as the owner of the tables, so that the role of the program needs
-- no more than USAGE of the schema, SELECT and INSERT, and UPDATE of `sheet` and `region`.
CREATE FUNCTION add_partition(parent text, part text, value text, below text, settings text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  held record;
BEGIN
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL) %s %s', part, parent, below, settings);
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%L)', parent, part, value);
  IF parent = 'journal' OR parent LIKE 'journal\_%' THEN
    EXECUTE format('CREATE TRIGGER keeps_all_rows BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION append_only(%L)',
      part, 'journal');
  END IF;
  FOR held IN
    SELECT pg_get_userbyid(a.grantee) AS grantee, a.grantee = 0 AS everybody, a.privilege_type
    FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = to_regclass(quote_ident(parent)) AND a.grantee <> c.relowner
  LOOP
    IF NOT held.everybody THEN
      EXECUTE format('GRANT %s ON %I TO %I', held.privilege_type, part, held.grantee);
    END IF;
  END LOOP;
END $$;

-- As of now: to_regclass would remember, from before a wait, that there was none.
CREATE FUNCTION has_table(wanted text) RETURNS boolean LANGUAGE sql VOLATILE AS $$
  SELECT EXISTS (SELECT FROM pg_class WHERE relname = wanted AND relnamespace = 'tongchou'::regnamespace)
$$;

CREATE FUNCTION open_year(wanted text, wanted_year smallint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tongchou, pg_temp AS $$
DECLARE
  kind text;
BEGIN
  IF has_table('posting_' || wanted || '_' || wanted_year) THEN
    RETURN;
  END IF;
  -- One at a time; who waited here finds the partitions made.
  PERFORM pg_advisory_xact_lock(hashtext('tongchou partitions of ' || wanted));
  IF has_table('posting_' || wanted || '_' || wanted_year) THEN
    RETURN;
  END IF;
  -- Room in each page of sheets, so that a new version can lie beside the old one and no index changes.
  FOREACH kind IN ARRAY ARRAY['journal', 'sheet', 'posting'] LOOP
    PERFORM add_partition(kind || '_' || wanted, kind || '_' || wanted || '_' || wanted_year, wanted_year::text, '',
      CASE kind WHEN 'sheet' THEN 'WITH (fillfactor = 70)' ELSE '' END);
  END LOOP;
END $$;

CREATE FUNCTION open_region(wanted text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = tongchou, pg_temp AS $$
DECLARE
  kind text;
BEGIN
  IF EXISTS (SELECT FROM region WHERE name = wanted) THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('tongchou partitions of ' || wanted));
  IF EXISTS (SELECT FROM region WHERE name = wanted) THEN
    RETURN;
  END IF;
  FOREACH kind IN ARRAY ARRAY['journal', 'sheet', 'posting'] LOOP
    PERFORM add_partition(kind, kind || '_' || wanted, wanted, 'PARTITION BY LIST (year)', '');
  END LOOP;
  FOREACH kind IN ARRAY ARRAY['link', 'answer'] LOOP
    PERFORM add_partition(kind, kind || '_' || wanted, wanted, '', '');
  END LOOP;
  INSERT INTO region (name) VALUES (wanted);
  PERFORM open_year(wanted, 0::smallint);
END $$;
