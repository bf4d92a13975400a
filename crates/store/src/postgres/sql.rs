//! The statements. `@` stands for the region: each names the partitions of its region itself, so that it plans for them
//! and locks them alone. The region in the condition lets the primary key give the order.
//!
//! A plan is made once for a connection, perhaps while a table has a handful of rows: then reading all of a region and
//! leaving out what was not asked for looks as cheap as a look-up, and stays the plan when there are millions. So each key
//! of a list is looked up by itself (LATERAL, and OFFSET 0 to keep it a look-up), which leaves the planner no choice.

/// Counts a turn; the row stays locked to the end of the transaction.
pub(super) const TURN: &str = "UPDATE region SET turns = turns + 1 WHERE name = $1 RETURNING turns";

pub(super) const ANSWERED: &str = r#"
SELECT a.* FROM unnest($1::text[]) AS k (request), LATERAL (
  SELECT request, input, answer, at FROM "answer_@" WHERE region = '@' AND request = k.request OFFSET 0
) a ORDER BY a.request"#;

pub(super) const SHEETS: &str = r#"
SELECT s.* FROM unnest($1::text[], $2::smallint[]) AS k (subject, year), LATERAL (
  SELECT subject, year, entries, head, body FROM "sheet_@"
  WHERE region = '@' AND subject = k.subject AND year = k.year OFFSET 0
) s ORDER BY s.subject, s.year"#;

pub(super) const LINKED: &str = r#"
SELECT l.* FROM unnest($1::text[], $2::text[]) AS k (kind, name), LATERAL (
  SELECT kind, name, subject FROM "link_@" WHERE region = '@' AND kind = k.kind AND name = k.name OFFSET 0
) l ORDER BY l.kind, l.name"#;

pub(super) const NAMES: &str = r#"
SELECT kind, name, subject FROM "link_@"
WHERE region = '@' AND kind = $1 AND name >= $2 AND name < $3 ORDER BY name LIMIT $4"#;

pub(super) const HISTORY: &str = r#"
SELECT subject, year, number, at, request, actor, kind, body, hash FROM "journal_@"
WHERE region = '@' AND subject = $1 ORDER BY year, number"#;

pub(super) const HISTORIES: &str = r#"
SELECT h.* FROM unnest($1::text[]) AS k (subject), LATERAL (
  SELECT subject, year, number, at, request, actor, kind, body, hash FROM "journal_@"
  WHERE region = '@' AND subject = k.subject OFFSET 0
) h ORDER BY h.subject, h.year, h.number"#;

pub(super) const SCAN: &str = r#"
SELECT subject, year, entries, head, body FROM "sheet_@"
WHERE region = '@' AND (subject, year) > ($1, $2) AND subject < $3 AND year BETWEEN $4 AND $5
ORDER BY subject, year LIMIT $6"#;

pub(super) const JOURNAL: &str = r#"
SELECT subject, year, number, at, request, actor, kind, body, hash FROM "journal_@"
WHERE region = '@' AND (subject, year, number) > ($1, $2, $3) ORDER BY subject, year, number LIMIT $4"#;

pub(super) const POSTED: &str = r#"
SELECT subject, year, number, line, account, party, amount FROM "posting_@"
WHERE region = '@' AND (subject, year, number, line) > ($1, $2, $3, $4)
ORDER BY subject, year, number, line LIMIT $5"#;

pub(super) const ALL_LINKS: &str = r#"
SELECT kind, name, subject FROM "link_@"
WHERE region = '@' AND (kind, name) > ($1, $2) ORDER BY kind, name LIMIT $3"#;

pub(super) const ALL_ANSWERS: &str = r#"
SELECT request, input, answer, at FROM "answer_@" WHERE region = '@' AND request > $1 ORDER BY request LIMIT $2"#;

/// Reads every posting of the years: without the region in the condition, so that no index tempts.
pub(super) const BALANCES: &str = r#"
SELECT account, party, sum(greatest(amount, 0))::bigint, sum(greatest(-amount, 0))::bigint FROM "posting_@"
WHERE year BETWEEN $1 AND $2 GROUP BY account, party ORDER BY account, party"#;

pub(super) const UNBALANCED: &str = r#"
SELECT subject, year, number, sum(amount)::bigint FROM "posting_@"
WHERE region = '@' AND (subject, year, number) > ($1, $2, $3)
GROUP BY subject, year, number HAVING sum(amount) <> 0 ORDER BY subject, year, number LIMIT $4"#;

pub(super) const LATEST: &str = r#"SELECT max(at) FROM "journal_@" WHERE at >= $1"#;

pub(super) const RECORDED: &str = r#"
SELECT subject, year, number, hash FROM "journal_@"
WHERE at >= $1 AND at < $2 ORDER BY subject, year, number"#;

pub(super) const LAST: &str = r#"
SELECT subject, year, number, at, request, actor, kind, body, hash FROM "journal_@"
WHERE at >= $1 AND at < $2 AND NOT starts_with(subject, $3) ORDER BY at DESC, subject, year, number LIMIT $4"#;

pub(super) const COUNTS: &str = r#"
SELECT (SELECT count(*) FROM "journal_@"), (SELECT count(*) FROM "sheet_@"), (SELECT count(*) FROM "posting_@"),
  (SELECT count(*) FROM "link_@"), (SELECT count(*) FROM "answer_@"), (SELECT count(*) FROM seal WHERE region = '@')"#;

pub(super) const NEW_SHEETS: &str = r#"
INSERT INTO "sheet_@" (region, subject, year, entries, head, body)
SELECT '@', n.* FROM unnest($1::text[], $2::smallint[], $3::integer[], $4::bytea[], $5::text[]) AS n"#;

/// The guard against lost updates: all of them must still have as many entries as when they were read. A row is looked up by
/// its key and changed where it lies.
pub(super) const LATER_SHEETS: &str = r#"
WITH done AS (
  UPDATE "sheet_@" s SET entries = n.entries, head = n.head, body = n.body
  FROM unnest($1::text[], $2::smallint[], $3::integer[], $4::bytea[], $5::text[], $6::integer[])
    AS n (subject, year, entries, head, body, before), LATERAL (
    SELECT tableoid AS part, ctid AS place FROM "sheet_@"
    WHERE region = '@' AND subject = n.subject AND year = n.year AND entries = n.before OFFSET 0
  ) AS found
  WHERE s.ctid = found.place AND s.tableoid = found.part
  RETURNING 1
)
SELECT demand((SELECT count(*) FROM done), cardinality($1))"#;

pub(super) const RECORDS: &str = r#"
INSERT INTO "journal_@" (region, subject, year, number, at, request, actor, kind, body, hash)
SELECT '@', n.* FROM unnest($1::text[], $2::smallint[], $3::integer[], $4::bigint[], $5::text[], $6::text[], $7::text[],
  $8::text[], $9::bytea[]) AS n"#;

pub(super) const POSTINGS: &str = r#"
INSERT INTO "posting_@" (region, subject, year, number, line, account, party, amount)
SELECT '@', n.* FROM unnest($1::text[], $2::smallint[], $3::integer[], $4::integer[], $5::text[], $6::text[],
  $7::bigint[]) AS n"#;

pub(super) const LINKS: &str = r#"
INSERT INTO "link_@" (region, kind, name, subject)
SELECT '@', n.* FROM unnest($1::text[], $2::text[], $3::text[]) AS n"#;

pub(super) const ANSWERS: &str = r#"
INSERT INTO "answer_@" (region, request, input, answer, at)
SELECT '@', n.* FROM unnest($1::text[], $2::bytea[], $3::text[], $4::bigint[]) AS n"#;
