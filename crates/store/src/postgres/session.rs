//! A connection to a server that is fit for books, to a database that is up to date.

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls, Row};

use super::line::{self, Line};
use super::url::{self, Target};
use super::{rows, tls};
use crate::{Error, Mode, migrations};

/// The oldest server this is built for and tested with: it prunes partitions in updates.
const OLDEST: i32 = 140_000;

/// How statements run. A plan is made once for a connection, perhaps while tables are still empty, so that every look-up
/// is told to go by the index; a lock is waited for as long as SQLite's writer. (A pooler that hands each transaction another
/// session would lose all this: the books want sessions of their own.)
const SETTINGS: &str = "
SET search_path = tongchou, pg_temp; SET plan_cache_mode = force_generic_plan; SET jit = off;
SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '10min'";

const SERVER: &str = "
SELECT current_setting('server_version_num')::integer, current_setting('server_encoding'), current_setting('fsync')";

/// Two programs at once must not both make the books; the second waits as long as it takes.
const TAKE_TURNS: &str =
    "BEGIN; SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(hashtext('tongchou migrations'))";

pub(super) fn open(text: &str, mode: Mode) -> Result<Line, Error> {
    let target = url::read(text)?;
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|e| Error::Other(e.to_string()))?;
    let (client, carrier) = connect(&runtime, &target)?;
    let mut line = Line::new(runtime, client, carrier);
    line.batch(SETTINGS)?;
    let server = ask(&mut line, SERVER)?;
    check(&server, &target.shown)?;
    migrate(&mut line, &target.shown, mode)?;
    Ok(line)
}

fn connect(runtime: &Runtime, target: &Target) -> Result<(Client, JoinHandle<()>), Error> {
    let failed = |e: tokio_postgres::Error| {
        let cure = "check that the server runs, and host, port, user, password and database";
        match line::error(e) {
            Error::Gone(text) => Error::Gone(format!("{} cannot be reached ({text}): {cure}", target.shown)),
            other => Error::Unfit(format!("{}: {other}: {cure}", target.shown)),
        }
    };
    if target.tls {
        let connector = tls::connector(target.roots.as_deref())?;
        let (client, connection) = runtime.block_on(target.config.connect(connector)).map_err(failed)?;
        return Ok((client, runtime.spawn(async { drop(connection.await) })));
    }
    let (client, connection) = runtime.block_on(target.config.connect(NoTls)).map_err(failed)?;
    Ok((client, runtime.spawn(async { drop(connection.await) })))
}

fn check(server: &Row, shown: &str) -> Result<(), Error> {
    let (version, encoding, fsync): (i32, String, String) =
        (rows::at(server, 0)?, rows::at(server, 1)?, rows::at(server, 2)?);
    if version < OLDEST {
        return Err(Error::Unfit(format!(
            "{shown} is of PostgreSQL {}: PostgreSQL {} or newer is needed",
            version / 10_000,
            OLDEST / 10_000
        )));
    }
    if encoding != "UTF8" {
        return Err(Error::Unfit(format!(
            "{shown} stores texts as {encoding}: make the database with ENCODING 'UTF8'"
        )));
    }
    if fsync != "on" {
        return Err(Error::Unfit(format!(
            "{shown} runs with fsync = {fsync}, so that what it confirms can be lost: set fsync = on in postgresql.conf"
        )));
    }
    Ok(())
}

fn migrate(line: &mut Line, shown: &str, mode: Mode) -> Result<(), Error> {
    // The common case waits for nobody.
    let found = reached(line)?;
    if migrations::pending(migrations::POSTGRES, found)?.is_empty() {
        return commit_on_disk(line);
    }
    if found == 0 && mode == Mode::Existing {
        return Err(Error::Unfit(format!("{shown} holds no books: check the URL, or make new books there first")));
    }
    let failed = |e: Error| {
        Error::Unfit(format!("{shown}: its making failed: {e}: the user must be its owner, or may CREATE in it"))
    };
    line.batch(TAKE_TURNS)?;
    if reached(line)? == 0 {
        line.batch("CREATE SCHEMA IF NOT EXISTS tongchou; CREATE TABLE IF NOT EXISTS migration (number bigint PRIMARY KEY, name text NOT NULL)")
            .map_err(failed)?;
    }
    for migration in migrations::pending(migrations::POSTGRES, reached(line)?)? {
        line.batch(migration.sql).map_err(failed)?;
        line.batch(&format!("INSERT INTO migration VALUES ({}, '{}')", migration.number, migration.name))
            .map_err(failed)?;
    }
    line.batch("COMMIT").map_err(failed)?;
    commit_on_disk(line)
}

/// The last step that was done; 0 where there are no books.
fn reached(line: &mut Line) -> Result<i64, Error> {
    let made: bool = rows::at(&ask(line, "SELECT to_regclass('tongchou.migration') IS NOT NULL")?, 0)?;
    if !made {
        return Ok(0);
    }
    rows::at(&ask(line, "SELECT coalesce(max(number), 0) FROM tongchou.migration")?, 0)
}

/// A commit is confirmed when it is on the disk (and on the standby's, where the server waits for one), even on a server
/// whose default is less. What is more than that stays.
fn commit_on_disk(line: &mut Line) -> Result<(), Error> {
    let level: String = rows::at(&ask(line, "SELECT current_setting('synchronous_commit')")?, 0)?;
    if level == "on" || level == "remote_apply" { Ok(()) } else { line.batch("SET synchronous_commit = on") }
}

fn ask(line: &mut Line, sql: &str) -> Result<Row, Error> {
    let statement = line.prepare(sql)?;
    let rows = line.query(&statement, &[])?;
    rows.into_iter().next().ok_or_else(|| Error::Other("the server gave no answer".to_string()))
}
