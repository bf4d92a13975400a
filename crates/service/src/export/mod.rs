//! Books as a folder of files that any program can read, and back without loss (CQ21-06.2e): one JSON Lines file a table, and a
//! manifest that tells what is there.
//!
//! * The files are of no engine, and in the order of keys: the same books give the same bytes, from SQLite or PostgreSQL.
//! * Bodies of entries, sheets and answers stand in them as the JSON that they are, byte for byte, for the hashes cover them.
//!   Identity data stays sealed, as in the books: the key is no part of an export.
//! * An export has its name only when it is whole, and nobody but its owner may read it.
//! * Nothing is taken from a folder before every file has the size, the rows and the hash that the manifest names; what has been
//!   loaded is committed only if its chain, its seals and its postings hold.
//!
//! [`SCHEMA`] says what each row holds. Deliberately absent: sessions, which end with the server.

mod manifest;
mod read;
mod rows;
mod write;

use std::path::Path;

use store::{Copied, Progress, Store};

use crate::failure::{Failure, Trouble};

pub use manifest::{MANIFEST, VERSION};
use read::Import;
use write::Draft;

/// What the manifest and the rows of each file hold, as a JSON Schema.
pub const SCHEMA: &str = include_str!("schema.json");

/// Writes a region's books, or all of a database, to a new folder, as of one moment; gives what was written.
///
/// # Errors
/// When the books cannot be read, or the folder not be written. Then there is no such folder.
pub fn export(
    from: &mut dyn Store,
    folder: &Path,
    region: Option<&str>,
    told: &mut dyn FnMut(Progress),
) -> Result<Copied, Failure> {
    let mut draft = Draft::begin(folder)?;
    from.begin_read()?;
    let copied = draft.fill(&mut *from, region, told);
    let _ = from.rollback();
    let copied = copied?;
    draft.finish()?;
    Ok(copied)
}

/// Whether a folder holds an export that this program can read, whole and unchanged.
///
/// # Errors
/// When it does not; what is wrong, and what to do.
pub fn check(folder: &Path) -> Result<Checked, Trouble> {
    Import::open(folder).map(Checked)
}

/// A folder whose files are what its manifest says.
pub struct Checked(Import);

impl Checked {
    /// The regions it holds.
    pub fn regions(&self) -> impl Iterator<Item = &str> {
        self.0.regions()
    }

    /// How many entries of the journal it holds, of a region or of all.
    pub fn entries(&self, region: Option<&str>) -> u64 {
        self.0.entries(region)
    }

    /// Loads a region, or all, into a database that has nothing of it, in one transaction.
    ///
    /// # Errors
    /// When the database cannot take it, or what was loaded does not hold together. Then nothing of it was kept.
    pub fn load(
        mut self,
        to: &mut dyn Store,
        region: Option<&str>,
        told: &mut dyn FnMut(Progress),
    ) -> Result<Copied, Failure> {
        store::lay(&mut self.0, to, region, told)
    }
}
