//! From what the user names, a path or a `postgres://` URL, to the books.

use crate::{Error, Postgres, Sqlite, Store};

/// What to do where there are no books yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Make them.
    Create,
    /// Refuse: for verbs that only read or change what is there.
    Existing,
}

/// Opens books, and makes them where there are none: a path is a SQLite file, `postgres://…` a PostgreSQL database,
/// `:memory:` books that end with the connection.
pub fn open(url: &str) -> Result<Box<dyn Store>, Error> {
    open_as(url, Mode::Create)
}

/// Opens books that are already there.
pub fn open_existing(url: &str) -> Result<Box<dyn Store>, Error> {
    open_as(url, Mode::Existing)
}

fn open_as(url: &str, mode: Mode) -> Result<Box<dyn Store>, Error> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Box::new(Postgres::open(url, mode)?));
    }
    if let Some((scheme, _)) = url.split_once("://") {
        return Err(Error::Unfit(format!(
            "`{scheme}://` names no database that can hold books: give the path of a file, or postgres://USER@HOST/DATABASE"
        )));
    }
    Ok(Box::new(Sqlite::open(url, mode)?))
}

/// A region's name becomes part of the names of its partitions.
pub(crate) fn check_region(region: &str) -> Result<(), Error> {
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-' || letter == '_';
    if !region.is_empty() && region.len() <= 40 && region.chars().all(fits) {
        return Ok(());
    }
    Err(Error::Unfit(format!(
        "`{region}` cannot name the books of a region: use at most 40 of a–z, 0–9, - and _, as 120000"
    )))
}

pub(crate) fn no_such_region(region: &str) -> Error {
    Error::Unfit(format!("region {region} has no books here: open it first, or check the region and the database"))
}
