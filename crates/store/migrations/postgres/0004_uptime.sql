-- When a server was up: a row for each time it ran, with its last sign of life. No part of the books: not in the journal, not sealed;
-- a copy carries it along. Who may change sheets, the program's role among them, may write it.

CREATE TABLE uptime (
  region  text COLLATE "C" NOT NULL,
  run     text COLLATE "C" NOT NULL,
  begun   bigint NOT NULL,
  seen    bigint NOT NULL,
  stopped boolean NOT NULL,
  PRIMARY KEY (region, run)
);

DO $$
DECLARE
  held record;
BEGIN
  FOR held IN
    SELECT pg_get_userbyid(a.grantee) AS grantee FROM pg_class c, aclexplode(c.relacl) a
    WHERE c.oid = 'sheet'::regclass AND a.grantee NOT IN (0, c.relowner) AND a.privilege_type = 'UPDATE'
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON uptime TO %I', held.grantee);
  END LOOP;
END $$;
