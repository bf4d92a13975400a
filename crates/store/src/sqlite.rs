//! Books in one SQLite file: write-ahead log, full sync, one writer at a time.

mod checkpoint;
mod read;
mod session;
mod write;

use std::collections::BTreeSet;
use std::ops::Range;

use checkpoint::Checkpoints;
use rusqlite::Connection;

use crate::inside::Inside;
use crate::{
    Answered, Balance, Batch, Counts, Each, Error, Hash, Key, Link, Mode, Posting, Record, Run, Seal, Session,
    SessionChange, Sheet, Store, Turn,
};

/// A connection to books in a SQLite file.
pub struct Sqlite {
    // Before the connection: its thread must have let go of the file before the last connection closes it.
    checkpoints: Checkpoints,
    connection: Connection,
    /// Regions seen to be here, so that not every write asks again. Forgotten on rollback.
    regions: BTreeSet<String>,
    inside: Inside,
    seen: Option<Seen>,
    /// Where the last entry lies that the running transaction has written.
    written: Option<i64>,
}

/// The last turn.
struct Seen {
    region: String,
    /// The file's version then; it changes when another connection commits, whatever that was.
    version: i64,
    /// Where the last entry of all lies, as this connection left it: who has written an entry since has put it behind that.
    last: i64,
}

impl Sqlite {
    /// Opens the file at `path`, or `:memory:`.
    pub fn open(path: &str, mode: Mode) -> Result<Sqlite, Error> {
        let mut connection = session::open(path, mode)?;
        let checkpoints = Checkpoints::watch(path, &mut connection, checkpoint::LONG).map_err(session::error)?;
        Ok(Sqlite {
            checkpoints,
            connection,
            regions: BTreeSet::new(),
            inside: Inside::default(),
            seen: None,
            written: None,
        })
    }

    fn run(&self, sql: &str) -> Result<(), Error> {
        self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute([])).map_err(session::error)?;
        Ok(())
    }

    /// What was read, or why not; a transaction in which something failed has failed.
    fn told<T>(&mut self, outcome: rusqlite::Result<T>) -> Result<T, Error> {
        self.inside.after(outcome.map_err(session::error))
    }

    /// What cannot be written to a region that has no books must not be lost unseen.
    fn must_be_open(&mut self, region: &str) -> Result<(), Error> {
        self.inside.may_write()?;
        if self.regions.contains(region) {
            return Ok(());
        }
        let found = self.told(read::has_region(&self.connection, region))?;
        self.inside.after(if found { Ok(()) } else { Err(crate::open::no_such_region(region)) })?;
        self.regions.insert(region.to_string());
        Ok(())
    }
}

impl Store for Sqlite {
    fn begin(&mut self) -> Result<(), Error> {
        self.inside.may_begin()?;
        self.checkpoints.between(&self.connection);
        self.run("BEGIN IMMEDIATE")?;
        self.inside.began(true);
        Ok(())
    }

    fn begin_read(&mut self) -> Result<(), Error> {
        self.inside.may_begin()?;
        self.run("BEGIN DEFERRED")?;
        self.inside.began(false);
        // The moment is that of the first read.
        self.regions().map(|_| ())
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.inside.may_commit()?;
        let done = self.run("COMMIT");
        self.inside.after(done)?;
        self.inside.left();
        if let (Some(last), Some(seen)) = (self.written.take(), &mut self.seen) {
            seen.last = last;
        }
        Ok(())
    }

    fn rollback(&mut self) -> Result<(), Error> {
        self.regions.clear();
        self.written = None;
        self.inside.left();
        // Some errors (a full disk) have ended the transaction already.
        if self.connection.is_autocommit() { Ok(()) } else { self.run("ROLLBACK") }
    }

    /// SQLite has one turn for all regions, and BEGIN IMMEDIATE has taken it. Sheets change with entries alone, so that what
    /// else another connection has written (who is signed in, above all) leaves true what was read.
    fn turn(&mut self, region: &str, requests: &[&str], streams: &[Key]) -> Result<Turn, Error> {
        self.must_be_open(region)?;
        let version = self.told(read::version(&self.connection))?;
        let seen = self.seen.take().filter(|seen| seen.region == region);
        let last = match &seen {
            Some(seen) if seen.version == version => seen.last,
            _ => self.told(read::last_entry(&self.connection))?,
        };
        let unchanged = seen.is_some_and(|seen| seen.last == last);
        self.seen = Some(Seen { region: region.to_string(), version, last });
        Ok(Turn { unchanged, answered: self.answered(region, requests)?, sheets: self.sheets(region, streams)? })
    }

    fn answered(&mut self, region: &str, requests: &[&str]) -> Result<Vec<Answered>, Error> {
        self.told(read::answered(&self.connection, region, requests))
    }

    fn sheets(&mut self, region: &str, keys: &[Key]) -> Result<Vec<Sheet>, Error> {
        self.told(read::sheets(&self.connection, region, keys))
    }

    fn linked(&mut self, region: &str, names: &[(&str, &str)]) -> Result<Vec<Link>, Error> {
        self.told(read::linked(&self.connection, region, names))
    }

    fn names(&mut self, region: &str, kind: &str, prefix: &str, limit: usize) -> Result<Vec<Link>, Error> {
        self.told(read::names(&self.connection, region, kind, prefix, limit))
    }

    fn write(&mut self, region: &str, batch: &Batch) -> Result<(), Error> {
        self.must_be_open(region)?;
        let done = write::batch(&self.connection, region, batch);
        self.written = self.inside.after(done)?.or(self.written);
        Ok(())
    }

    fn load(&mut self, region: &str, batch: &Batch) -> Result<(), Error> {
        self.must_be_open(region)?;
        let done = write::load(&self.connection, region, batch);
        self.written = self.inside.after(done)?.or(self.written);
        Ok(())
    }

    fn history(&mut self, region: &str, subject: &str) -> Result<Vec<Record>, Error> {
        self.told(read::history(&self.connection, region, subject))
    }

    fn scan(
        &mut self,
        region: &str,
        prefix: &str,
        year: Option<i16>,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Sheet>, Error> {
        self.told(read::scan(&self.connection, region, prefix, year, after, limit))
    }

    fn journal(&mut self, region: &str, after: Option<(&Key, u32)>, limit: usize) -> Result<Vec<Record>, Error> {
        self.told(read::journal(&self.connection, region, after, limit))
    }

    fn postings(&mut self, region: &str, after: Option<(&Key, u32, u16)>, limit: usize) -> Result<Vec<Posting>, Error> {
        self.told(read::postings(&self.connection, region, after, limit))
    }

    fn links(&mut self, region: &str, after: Option<(&str, &str)>, limit: usize) -> Result<Vec<Link>, Error> {
        self.told(read::links(&self.connection, region, after, limit))
    }

    fn answers(&mut self, region: &str, after: Option<&str>, limit: usize) -> Result<Vec<Answered>, Error> {
        self.told(read::answers(&self.connection, region, after, limit))
    }

    fn balances(&mut self, region: &str, year: Option<i16>) -> Result<Vec<Balance>, Error> {
        self.told(read::balances(&self.connection, region, year))
    }

    fn unbalanced(
        &mut self,
        region: &str,
        after: Option<(&Key, u32)>,
        limit: usize,
    ) -> Result<Vec<(Key, u32, i64)>, Error> {
        self.told(read::unbalanced(&self.connection, region, after, limit))
    }

    fn latest(&mut self, region: &str, from: i64) -> Result<Option<i64>, Error> {
        self.told(read::latest(&self.connection, region, from))
    }

    fn recorded(&mut self, region: &str, from: i64, before: i64, each: Each) -> Result<(), Error> {
        self.told(read::recorded(&self.connection, region, from, before, each))
    }

    fn last(&mut self, region: &str, during: Range<i64>, without: &str, limit: usize) -> Result<Vec<Record>, Error> {
        self.told(read::last(&self.connection, region, during, without, limit))
    }

    fn counts(&mut self, region: &str) -> Result<Counts, Error> {
        self.told(read::counts(&self.connection, region))
    }

    fn seals(&mut self, region: &str) -> Result<Vec<Seal>, Error> {
        self.told(read::seals(&self.connection, region))
    }

    fn add_seal(&mut self, region: &str, seal: &Seal) -> Result<(), Error> {
        self.must_be_open(region)?;
        self.told(write::seal(&self.connection, region, seal))
    }

    fn session(&mut self, region: &str, token: &Hash) -> Result<Option<Session>, Error> {
        self.told(read::session(&self.connection, region, token))
    }

    fn change_session(&mut self, region: &str, change: &SessionChange) -> Result<(), Error> {
        self.must_be_open(region)?;
        self.told(write::session(&self.connection, region, change))
    }

    fn runs(&mut self, region: &str) -> Result<Vec<Run>, Error> {
        self.told(read::runs(&self.connection, region))
    }

    fn keep_run(&mut self, region: &str, run: &Run) -> Result<(), Error> {
        self.must_be_open(region)?;
        self.told(write::run(&self.connection, region, run))
    }

    fn regions(&mut self) -> Result<Vec<String>, Error> {
        self.told(read::regions(&self.connection))
    }

    fn open_region(&mut self, region: &str) -> Result<(), Error> {
        self.inside.may_write()?;
        crate::open::check_region(region)?;
        self.told(write::region(&self.connection, region))
    }

    fn note(&mut self, name: &str) -> Result<Option<String>, Error> {
        self.told(read::note(&self.connection, name))
    }

    fn keep_note(&mut self, name: &str, text: &str) -> Result<(), Error> {
        self.inside.may_write()?;
        self.told(write::note(&self.connection, name, text))
    }

    fn notes(&mut self, prefix: &str) -> Result<Vec<String>, Error> {
        self.told(read::notes(&self.connection, prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_full_is_told_as_such_and_what_was_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("books.db").display().to_string();
        let mut store = Sqlite::open(&path, Mode::Create).unwrap();
        store.begin().unwrap();
        store.keep_note("small", "text").unwrap();
        store.commit().unwrap();
        // A limit on the pages of the file stands for the end of the disk.
        let pages: i64 = store.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        store.connection.pragma_update(None, "max_page_count", pages).unwrap();
        store.begin().unwrap();
        let full = store.keep_note("large", &"x".repeat(100_000));
        assert!(matches!(full, Err(Error::Full(_))), "{full:?}");
        store.rollback().unwrap();
        assert_eq!(store.notes("").unwrap(), ["small"]);
    }
}
