//! Books in one SQLite file: write-ahead log, full sync, one writer at a time.

mod checkpoint;
mod read;
mod session;
mod write;

use std::collections::BTreeSet;

use checkpoint::Checkpoints;
use rusqlite::Connection;

use crate::{Answered, Balance, Batch, Counts, Each, Error, Key, Link, Mode, Posting, Record, Seal, Sheet, Store};

/// A connection to books in a SQLite file.
pub struct Sqlite {
    // Before the connection: its thread must have let go of the file before the last connection closes it.
    checkpoints: Checkpoints,
    connection: Connection,
    /// Regions seen to be here, so that not every write asks again. Forgotten on rollback.
    regions: BTreeSet<String>,
}

impl Sqlite {
    /// Opens the file at `path`, or `:memory:`.
    pub fn open(path: &str, mode: Mode) -> Result<Sqlite, Error> {
        let mut connection = session::open(path, mode)?;
        let checkpoints = Checkpoints::watch(path, &mut connection, checkpoint::LONG).map_err(session::error)?;
        Ok(Sqlite { checkpoints, connection, regions: BTreeSet::new() })
    }

    fn run(&self, sql: &str) -> Result<(), Error> {
        self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute([])).map_err(session::error)?;
        Ok(())
    }

    /// What cannot be written to a region that has no books must not be lost unseen.
    fn must_be_open(&mut self, region: &str) -> Result<(), Error> {
        if self.regions.contains(region) {
            return Ok(());
        }
        if !read::has_region(&self.connection, region).map_err(session::error)? {
            return Err(crate::open::no_such_region(region));
        }
        self.regions.insert(region.to_string());
        Ok(())
    }
}

impl Store for Sqlite {
    fn begin(&mut self) -> Result<(), Error> {
        self.checkpoints.between(&self.connection);
        self.run("BEGIN IMMEDIATE")
    }

    fn begin_read(&mut self) -> Result<(), Error> {
        self.run("BEGIN DEFERRED")?;
        // The moment is that of the first read.
        read::regions(&self.connection).map_err(session::error)?;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.run("COMMIT")
    }

    fn rollback(&mut self) -> Result<(), Error> {
        self.regions.clear();
        // Some errors (a full disk) have ended the transaction already.
        if self.connection.is_autocommit() { Ok(()) } else { self.run("ROLLBACK") }
    }

    fn answered(&mut self, region: &str, requests: &[&str]) -> Result<Vec<Answered>, Error> {
        read::answered(&self.connection, region, requests).map_err(session::error)
    }

    fn sheets(&mut self, region: &str, keys: &[Key]) -> Result<Vec<Sheet>, Error> {
        read::sheets(&self.connection, region, keys).map_err(session::error)
    }

    fn linked(&mut self, region: &str, names: &[(&str, &str)]) -> Result<Vec<Link>, Error> {
        read::linked(&self.connection, region, names).map_err(session::error)
    }

    fn names(&mut self, region: &str, kind: &str, prefix: &str, limit: usize) -> Result<Vec<Link>, Error> {
        read::names(&self.connection, region, kind, prefix, limit).map_err(session::error)
    }

    fn write(&mut self, region: &str, batch: &Batch) -> Result<(), Error> {
        self.must_be_open(region)?;
        write::batch(&self.connection, region, batch)
    }

    fn load(&mut self, region: &str, batch: &Batch) -> Result<(), Error> {
        self.must_be_open(region)?;
        write::load(&self.connection, region, batch)
    }

    fn history(&mut self, region: &str, subject: &str) -> Result<Vec<Record>, Error> {
        read::history(&self.connection, region, subject).map_err(session::error)
    }

    fn scan(
        &mut self,
        region: &str,
        prefix: &str,
        year: Option<i16>,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Sheet>, Error> {
        read::scan(&self.connection, region, prefix, year, after, limit).map_err(session::error)
    }

    fn journal(&mut self, region: &str, after: Option<(&Key, u32)>, limit: usize) -> Result<Vec<Record>, Error> {
        read::journal(&self.connection, region, after, limit).map_err(session::error)
    }

    fn postings(&mut self, region: &str, after: Option<(&Key, u32, u16)>, limit: usize) -> Result<Vec<Posting>, Error> {
        read::postings(&self.connection, region, after, limit).map_err(session::error)
    }

    fn links(&mut self, region: &str, after: Option<(&str, &str)>, limit: usize) -> Result<Vec<Link>, Error> {
        read::links(&self.connection, region, after, limit).map_err(session::error)
    }

    fn answers(&mut self, region: &str, after: Option<&str>, limit: usize) -> Result<Vec<Answered>, Error> {
        read::answers(&self.connection, region, after, limit).map_err(session::error)
    }

    fn balances(&mut self, region: &str, year: Option<i16>) -> Result<Vec<Balance>, Error> {
        read::balances(&self.connection, region, year).map_err(session::error)
    }

    fn unbalanced(
        &mut self,
        region: &str,
        after: Option<(&Key, u32)>,
        limit: usize,
    ) -> Result<Vec<(Key, u32, i64)>, Error> {
        read::unbalanced(&self.connection, region, after, limit).map_err(session::error)
    }

    fn recorded(&mut self, region: &str, from: i64, before: i64, each: Each) -> Result<(), Error> {
        read::recorded(&self.connection, region, from, before, each).map_err(session::error)
    }

    fn counts(&mut self, region: &str) -> Result<Counts, Error> {
        read::counts(&self.connection, region).map_err(session::error)
    }

    fn seals(&mut self, region: &str) -> Result<Vec<Seal>, Error> {
        read::seals(&self.connection, region).map_err(session::error)
    }

    fn add_seal(&mut self, region: &str, seal: &Seal) -> Result<(), Error> {
        self.must_be_open(region)?;
        write::seal(&self.connection, region, seal).map_err(session::error)
    }

    fn regions(&mut self) -> Result<Vec<String>, Error> {
        read::regions(&self.connection).map_err(session::error)
    }

    fn open_region(&mut self, region: &str) -> Result<(), Error> {
        crate::open::check_region(region)?;
        write::region(&self.connection, region).map_err(session::error)
    }

    fn note(&mut self, name: &str) -> Result<Option<String>, Error> {
        read::note(&self.connection, name).map_err(session::error)
    }

    fn keep_note(&mut self, name: &str, text: &str) -> Result<(), Error> {
        write::note(&self.connection, name, text).map_err(session::error)
    }

    fn notes(&mut self, prefix: &str) -> Result<Vec<String>, Error> {
        read::notes(&self.connection, prefix).map_err(session::error)
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
        store.keep_note("small", "text").unwrap();
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
