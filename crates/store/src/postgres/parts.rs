//! Which partitions are known to be there, and the statements prepared for each region.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::{Row, Statement};

use super::Values;
use super::line::Line;
use crate::{Batch, Error};

/// What this connection knows of the database. What a transaction made is forgotten with it.
#[derive(Default)]
pub(super) struct Parts {
    regions: BTreeMap<String, Region>,
    /// A partition was made in this transaction.
    made: bool,
}

#[derive(Default)]
struct Region {
    open: bool,
    years: BTreeSet<i16>,
    statements: BTreeMap<&'static str, Statement>,
}

impl Parts {
    /// Whether a region has books here.
    pub fn has(&mut self, line: &mut Line, region: &str) -> Result<bool, Error> {
        if self.regions.get(region).is_some_and(|known| known.open) {
            return Ok(true);
        }
        let sql = self.statement(line, "", "SELECT name FROM region WHERE name = $1")?;
        let open = !line.query(&sql, &[&region])?.is_empty();
        if open {
            self.regions.entry(region.to_string()).or_default().open = true;
        }
        Ok(open)
    }

    /// Makes the partitions that a batch needs, if they are not there; refuses a region without books.
    pub fn must_have(&mut self, line: &mut Line, region: &str, batch: &Batch) -> Result<(), Error> {
        if !self.has(line, region)? {
            return Err(crate::open::no_such_region(region));
        }
        let records = batch.records.iter().map(|record| record.key.year);
        let sheets = batch.sheets.iter().map(|sheet| sheet.key.year);
        let years: BTreeSet<i16> =
            records.chain(sheets).chain(batch.postings.iter().map(|posting| posting.key.year)).collect();
        for year in years {
            if self.regions.get(region).is_some_and(|known| known.years.contains(&year)) {
                continue;
            }
            let sql = self.statement(line, "", "SELECT open_year($1, $2)")?;
            line.query(&sql, &[&region, &year])?;
            self.made = true;
            self.regions.entry(region.to_string()).or_default().years.insert(year);
        }
        Ok(())
    }

    /// Makes a region's partitions, if they are not there.
    pub fn open(&mut self, line: &mut Line, region: &str) -> Result<(), Error> {
        let sql = self.statement(line, "", "SELECT open_region($1)")?;
        line.query(&sql, &[&region])?;
        self.made = true;
        Ok(())
    }

    /// What a statement about a region finds; nothing where the region has no books.
    pub fn rows(
        &mut self,
        line: &mut Line,
        region: &str,
        sql: &'static str,
        values: Values,
    ) -> Result<Vec<Row>, Error> {
        if !self.has(line, region)? {
            return Ok(Vec::new());
        }
        let statement = self.statement(line, region, sql)?;
        line.query(&statement, values)
    }

    /// The same, each row as it comes.
    pub fn stream(
        &mut self,
        line: &mut Line,
        region: &str,
        sql: &'static str,
        values: Values,
        each: &mut dyn FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if !self.has(line, region)? {
            return Ok(());
        }
        let statement = self.statement(line, region, sql)?;
        line.stream(&statement, values, each)
    }

    /// The statement as prepared for a region; `""` for those that name none.
    pub fn statement(&mut self, line: &mut Line, region: &str, sql: &'static str) -> Result<Statement, Error> {
        if let Some(known) = self.regions.get(region).and_then(|known| known.statements.get(sql)) {
            return Ok(known.clone());
        }
        let statement = line.prepare(&sql.replace('@', region))?;
        self.regions.entry(region.to_string()).or_default().statements.insert(sql, statement.clone());
        Ok(statement)
    }

    /// The transaction stands.
    pub fn keep(&mut self) {
        self.made = false;
    }

    /// The transaction does not stand: nor does what it made.
    pub fn forget(&mut self) {
        if std::mem::take(&mut self.made) {
            self.regions.clear();
        }
    }
}
