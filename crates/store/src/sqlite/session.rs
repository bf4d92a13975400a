//! A connection to a file that is ours and up to date, and what SQLite's errors mean here.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, ffi};

use crate::{Error, Mode, migrations};

/// Marks a file as these books: "TCHB", at a fixed place of every SQLite file.
const APPLICATION: i32 = 0x5443_4842;

/// Prepared statements kept: all that this crate has.
const STATEMENTS: usize = 64;

/// How long to wait for another writer, before that is a conflict.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn open(path: &str, mode: Mode) -> Result<Connection, Error> {
    let in_memory = path == ":memory:";
    if !in_memory {
        prepare_file(Path::new(path), mode)?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let flags = if in_memory { flags | OpenFlags::SQLITE_OPEN_CREATE } else { flags };
    let mut connection = Connection::open_with_flags(path, flags).map_err(|e| opening(path, e))?;
    connection.busy_timeout(PATIENCE).map_err(|e| opening(path, e))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    check_owner(path, &connection)?;
    settle_in(&connection).map_err(|e| opening(path, e))?;
    migrate(path, &mut connection)?;
    Ok(connection)
}

/// A new file is for its owner alone from its first moment: SQLite would make it readable as the umask says, and gives
/// its log the same rights.
fn prepare_file(path: &Path, mode: Mode) -> Result<(), Error> {
    let shown = path.display();
    if path.is_dir() {
        return Err(Error::Unfit(format!("{shown} is a folder: name a file in it")));
    }
    if path.exists() {
        return Ok(());
    }
    if mode == Mode::Existing {
        return Err(Error::Unfit(format!(
            "there are no books at {shown}: check the path, or make new books there first"
        )));
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(Error::Unfit(format!(
            "{shown} cannot be made ({e}): check that its folder is there and can be written"
        ))),
    }
}

/// An empty file is taken; any other must carry our mark, before anything is changed in it.
fn check_owner(path: &str, connection: &Connection) -> Result<(), Error> {
    let empty: bool = connection
        .query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|e| opening(path, e))?;
    let owner: i32 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(|e| opening(path, e))?;
    if empty || owner == APPLICATION {
        return Ok(());
    }
    Err(Error::Unfit(format!("{path} is a database of another program: name another file")))
}

fn settle_in(connection: &Connection) -> rusqlite::Result<()> {
    keep_log(connection)?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Pages kept in memory, 16 MB at most: the upper levels of all indexes. Not more, since most commits walk through the
    // whole list of them (one that balanced a tree cuts the list behind the last page); the system keeps the file's others.
    connection.pragma_update(None, "cache_size", -16_384)?;
    // What another program may have put into the schema is not run.
    connection.pragma_update(None, "trusted_schema", false)
}

/// Readers never wait for the writer; a commit is one write and one sync at the end of the log. Of several that turn a new file
/// to it at once, SQLite tells some that it is busy without waiting; these try again.
fn keep_log(connection: &Connection) -> rusqlite::Result<()> {
    let pause = Duration::from_millis(10);
    for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
        let done = connection.pragma_update(None, "journal_mode", "wal");
        let busy = |e: &rusqlite::Error| e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy);
        if !done.as_ref().is_err_and(busy) {
            return done;
        }
        std::thread::sleep(pause);
    }
    connection.pragma_update(None, "journal_mode", "wal")
}

fn migrate(path: &str, connection: &mut Connection) -> Result<(), Error> {
    // The common case takes no writer's place.
    if migrations::pending(migrations::SQLITE, reached(connection).map_err(|e| opening(path, e))?)?.is_empty() {
        return Ok(());
    }
    for migration in migrations::SQLITE {
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|e| opening(path, e))?;
        // Another process may have been first.
        if reached(&transaction).map_err(|e| opening(path, e))? >= migration.number {
            continue;
        }
        let done = apply(&transaction, migration).and_then(|()| transaction.commit());
        done.map_err(|e| Error::Unfit(format!("{path}: step {} of its making failed: {e}", migration.name)))?;
    }
    Ok(())
}

fn reached(connection: &Connection) -> rusqlite::Result<i64> {
    let made = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'migration'";
    if connection.query_row(made, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(0);
    }
    connection.query_row("SELECT coalesce(max(number), 0) FROM migration", [], |row| row.get(0))
}

fn apply(connection: &Connection, migration: &migrations::Migration) -> rusqlite::Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT",
    )?;
    connection.execute_batch(migration.sql)?;
    connection.execute("INSERT INTO migration (number, name) VALUES (?1, ?2)", (migration.number, migration.name))?;
    Ok(())
}

fn opening(path: &str, e: rusqlite::Error) -> Error {
    match e.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => Error::Unfit(format!("{path} is not a database: name another file")),
        Some(ErrorCode::DatabaseCorrupt) => {
            Error::Unfit(format!("{path} is damaged ({e}): restore the last backup, and keep this file for inspection"))
        }
        Some(ErrorCode::CannotOpen) | Some(ErrorCode::PermissionDenied) => {
            Error::Unfit(format!("{path} cannot be opened ({e}): check that you may read and write it and its folder"))
        }
        Some(ErrorCode::ReadOnly) => Error::Full(format!("{path}: {e}")),
        _ => error(e),
    }
}

/// What an error of SQLite means to who asked.
pub(super) fn error(e: rusqlite::Error) -> Error {
    let text = e.to_string();
    let rusqlite::Error::SqliteFailure(failure, _) = e else {
        return Error::Other(text);
    };
    match (failure.code, failure.extended_code) {
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Error::Conflict(text),
        (_, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => Error::Conflict(text),
        (
            ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::ReadOnly
            | ErrorCode::FileLockingProtocolFailed,
            _,
        ) => Error::Full(text),
        (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => Error::Unfit(format!(
            "the database is damaged ({text}): restore the last backup, and keep this file for inspection"
        )),
        (ErrorCode::CannotOpen, _) => Error::Gone(text),
        _ => Error::Other(text),
    }
}
