//! The line to the server: what is sent together goes in one journey, and each error gets its meaning.

use std::error::Error as _;
use std::future::Future;
use std::time::Duration;

use futures_util::TryStreamExt;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

use crate::Error;

/// A connection that does one thing at a time.
pub(super) struct Line {
    runtime: Runtime,
    client: Option<Client>,
    /// Carries what is sent and received, while something is waited for.
    carrier: JoinHandle<()>,
    begin: Begin,
}

/// A statement with its values.
pub(super) type Asked<'a> = (&'a Statement, &'a [&'a (dyn ToSql + Sync)]);

enum Begin {
    /// No transaction.
    Not,
    /// Travels with the next statement.
    Waits(&'static str),
    Done,
}

/// Statements that go together, none waiting for the answer of the one before.
#[derive(Default)]
pub(super) struct Train<'a> {
    pub wagons: Vec<(Statement, Vec<&'a (dyn ToSql + Sync)>)>,
    pub commit: bool,
}

impl Line {
    pub fn new(runtime: Runtime, client: Client, carrier: JoinHandle<()>) -> Line {
        Line { runtime, client: Some(client), carrier, begin: Begin::Not }
    }

    /// The next statement begins a transaction so.
    pub fn begin(&mut self, sql: &'static str) {
        self.begin = Begin::Waits(sql);
    }

    /// Ends the transaction, if it has begun.
    pub fn end(&mut self, sql: &'static str) -> Result<(), Error> {
        match std::mem::replace(&mut self.begin, Begin::Not) {
            Begin::Done => self.run(|client| client.batch_execute(sql)),
            Begin::Not | Begin::Waits(_) => Ok(()),
        }
    }

    /// Simple statements, separated by `;`. A BEGIN among them begins a transaction.
    pub fn batch(&mut self, sql: &str) -> Result<(), Error> {
        self.begin = if sql.starts_with("BEGIN") { Begin::Done } else { Begin::Not };
        self.run(|client| client.batch_execute(sql))
    }

    pub fn prepare(&mut self, sql: &str) -> Result<Statement, Error> {
        self.run(|client| client.prepare(sql))
    }

    pub fn query(&mut self, statement: &Statement, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        let begin = self.begins();
        self.run(|client| async move {
            let (begun, rows) = tokio::join!(biased; simple(client, begin), client.query(statement, values));
            begun.and(rows)
        })
    }

    /// Three statements in one journey, each carried out after the one before.
    pub fn query_together(&mut self, asked: [Asked<'_>; 3]) -> Result<[Vec<Row>; 3], Error> {
        let begin = self.begins();
        self.run(|client| async move {
            let [a, b, c] = asked.map(|(statement, values)| client.query(statement, values));
            let (begun, a, b, c) = tokio::join!(biased; simple(client, begin), a, b, c);
            begun?;
            Ok([a?, b?, c?])
        })
    }

    /// Gives each row as it comes, without holding them.
    pub fn stream(
        &mut self,
        statement: &Statement,
        values: &[&(dyn ToSql + Sync)],
        each: &mut dyn FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let begin = self.begins();
        let mut rows = std::pin::pin!(self.run(|client| async move {
            simple(client, begin).await?;
            client.query_raw(statement, values.iter().copied()).await
        })?);
        while let Some(row) = self.run(|_| rows.try_next())? {
            each(&row)?;
        }
        Ok(())
    }

    /// Sends all wagons, with BEGIN before them and COMMIT behind them where that is still to come. The first error is
    /// the one that counts; what comes after it is not done, and COMMIT then leaves nothing.
    pub fn go(&mut self, train: Train) -> Result<(), Error> {
        let begin = self.begins();
        let commit = train.commit.then_some("COMMIT");
        if train.commit {
            self.begin = Begin::Not;
        }
        let mut wagons = train.wagons.into_iter();
        let (a, b, c) = (wagons.next(), wagons.next(), wagons.next());
        let (d, e, f) = (wagons.next(), wagons.next(), wagons.next());
        self.run(|client| async move {
            let done = tokio::join!(
                biased;
                simple(client, begin),
                wagon(client, a),
                wagon(client, b),
                wagon(client, c),
                wagon(client, d),
                wagon(client, e),
                wagon(client, f),
                simple(client, commit)
            );
            done.0.and(done.1).and(done.2).and(done.3).and(done.4).and(done.5).and(done.6).and(done.7)
        })
    }

    fn begins(&mut self) -> Option<&'static str> {
        let Begin::Waits(sql) = self.begin else { return None };
        self.begin = Begin::Done;
        Some(sql)
    }

    fn run<'a, T, F>(&'a self, ask: impl FnOnce(&'a Client) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, tokio_postgres::Error>>,
    {
        let Some(client) = &self.client else { return Err(Error::Gone("the connection was closed".to_string())) };
        let answer = self.runtime.block_on(ask(client));
        answer.map_err(|e| if client.is_closed() { Error::Gone(told(&e)) } else { error(e) })
    }
}

impl Drop for Line {
    /// Says goodbye, so that the server does not log a lost connection; but does not wait for a server that is gone.
    fn drop(&mut self) {
        self.client = None;
        let _ = self.runtime.block_on(async { tokio::time::timeout(Duration::from_secs(1), &mut self.carrier).await });
    }
}

async fn simple(client: &Client, sql: Option<&str>) -> Result<(), tokio_postgres::Error> {
    match sql {
        Some(sql) => client.batch_execute(sql).await,
        None => Ok(()),
    }
}

type Wagon<'a> = (Statement, Vec<&'a (dyn ToSql + Sync)>);

async fn wagon(client: &Client, wagon: Option<Wagon<'_>>) -> Result<(), tokio_postgres::Error> {
    let Some((statement, values)) = wagon else { return Ok(()) };
    client.execute(&statement, &values).await.map(|_| ())
}

/// What an error of the server, or of the way to it, means to who asked.
pub(super) fn error(e: tokio_postgres::Error) -> Error {
    let text = told(&e);
    let Some(code) = e.code() else {
        let broken = e.is_closed() || e.source().is_some_and(|source| source.is::<std::io::Error>());
        return if broken { Error::Gone(text) } else { Error::Other(text) };
    };
    match *code {
        SqlState::UNIQUE_VIOLATION
        | SqlState::T_R_SERIALIZATION_FAILURE
        | SqlState::T_R_DEADLOCK_DETECTED
        | SqlState::LOCK_NOT_AVAILABLE => Error::Conflict(text),
        SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
        | SqlState::TOO_MANY_CONNECTIONS => Error::Gone(text),
        SqlState::DISK_FULL | SqlState::IO_ERROR | SqlState::READ_ONLY_SQL_TRANSACTION => Error::Full(text),
        SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED => Error::Unfit(format!(
            "the database is damaged ({text}): restore the last backup, and keep this one for inspection"
        )),
        _ if code.code().starts_with("08") => Error::Gone(text),
        _ => Error::Other(format!("{text} ({})", code.code())),
    }
}

/// The message without its detail, which may hold what is stored.
fn told(e: &tokio_postgres::Error) -> String {
    if let Some(db) = e.as_db_error() {
        return db.message().to_string();
    }
    match e.source() {
        Some(source) => format!("{e}: {source}"),
        None => e.to_string(),
    }
}
