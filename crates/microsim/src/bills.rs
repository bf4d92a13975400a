//! Bills of Arrow record batches made ready for columns: each bill's kind, numbered as it is met, and its amounts.
//!
//! The columns are those of a file of bills (`docs/guide/claims-files.md`), amounts in whole fen; a column whose name begins
//! with `#` is not read. Rows stand by person, in rising order, and a person's by their days. Nothing is repaired: a row that
//! cannot be read is a [`Fault`], and who reads decides whether to go on without it.

mod columns;
mod keys;
mod kinds;
mod order;
mod times;

use std::collections::BTreeMap;
use std::ops::Range;

use arrow_array::RecordBatch;
use domain::{Bill, Date};
use settlement::Alike;

pub use self::columns::Amounts;
use self::columns::Columns;
use self::kinds::{Key, Kinds};
use crate::Refused;
pub use crate::arrays::Id;
use crate::arrays::{day_of, number_of};

/// Reads bills of a span of days, and keeps the kinds it has met.
#[derive(Debug)]
pub struct Reader {
    kinds: Kinds,
}

/// Bills whose amounts stand in columns of Arrow.
pub type Batch = settlement::Batch<Amounts>;

/// What a record batch holds.
#[derive(Debug)]
pub struct Read {
    /// The bills that could be read.
    pub batch: Batch,
    /// Rows that could not, in order.
    pub faults: Vec<Fault>,
    /// Of each bill its row; nothing where each row is the bill of its number.
    rows: Option<Vec<u32>>,
    columns: Columns,
}

/// A row that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// From 0.
    pub row: usize,
    /// Name of the column.
    pub column: &'static str,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub cure: &'static str,
}

impl Reader {
    /// A reader of bills from the first day to the last; bills are of a kind that `alike` does not tell apart.
    pub fn new(alike: Alike, (first, last): (Date, Date)) -> Reader {
        Reader { kinds: Kinds::new(alike, first, last) }
    }

    /// A bill of each kind met so far, by its number.
    pub fn kinds(&self) -> &[Bill] {
        self.kinds.bills()
    }

    /// Reads the rows of a batch, which hold whole persons; bills of other days than those from `first` to `last` are faults.
    ///
    /// # Errors
    /// When a column is missing, unknown, or of a type that cannot hold what it is for; nothing is read then.
    pub fn read(&mut self, batch: &RecordBatch, (first, last): (Date, Date)) -> Result<Read, Refused> {
        let columns = Columns::of(batch)?;
        let numbers = self.kinds.numbers(&columns)?;
        let span = number_of(first)..=number_of(last);
        if columns.sound()
            && let Some(kinds) = self.kinds.of_all(&columns, &numbers, &span)
        {
            let batch = Batch::of(kinds, columns.amounts.clone(), columns.persons());
            return Ok(Read { batch, faults: Vec::new(), rows: None, columns });
        }
        let keys = (0..columns.rows()).map(|row| self.kinds.key(row, &columns, &numbers, &span)).collect();
        Ok(self.read_rows(columns, keys))
    }

    /// Reads row by row what cannot be read whole.
    fn read_rows(&mut self, columns: Columns, keys: Vec<Key>) -> Read {
        let mut wrong = self.faults(&columns, &keys);
        let (mut faults, mut rows, mut kinds, mut persons) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (row, key) in keys.into_iter().enumerate() {
            let kind = wrong.remove(&row).map_or_else(|| self.kinds.of(row, key, &columns), Err);
            match kind {
                Ok(kind) => {
                    if rows.last().is_none_or(|before| !columns.same_person(*before as usize, row)) {
                        persons.push(rows.len() as u32);
                    }
                    kinds.push(kind);
                    rows.push(row as u32);
                }
                Err(fault) => faults.push(fault),
            }
        }
        persons.push(rows.len() as u32);
        let batch = Batch::of(kinds, columns.amounts.of_rows(&rows), persons);
        Read { batch, faults, rows: Some(rows), columns }
    }

    /// What is wrong with rows, by themselves or by where they stand; who cannot be read stands nowhere.
    fn faults(&mut self, columns: &Columns, keys: &[Key]) -> BTreeMap<usize, Fault> {
        let (mut faults, mut readable) = (BTreeMap::new(), Vec::with_capacity(keys.len()));
        for (row, key) in keys.iter().enumerate() {
            match columns.fault(row).map_or_else(|| self.kinds.of(row, *key, columns).map(drop), Err) {
                Ok(()) => readable.push(row),
                Err(fault) => _ = faults.insert(row, fault),
            }
        }
        faults.extend(order::out_of_order(columns, &readable));
        faults
    }

    /// A bill of a batch, whole: for the ordered form.
    pub fn bill(&self, read: &Read, bill: usize) -> Bill {
        let (row, columns) = (read.row(bill), &read.columns);
        let kind = &self.kinds.bills()[read.batch.kind(bill) as usize];
        let mut found = kind.clone();
        found.id = columns.bill.text(row);
        found.person_id = columns.person.text(row);
        found.date = columns.date(row);
        found.person.born = columns.birth(row).map(day_of);
        found.person.insured_since = columns.insured_since(row).map(day_of);
        found.amounts = columns.amounts(row, kind.amounts.b_share);
        found.from_bill = columns.continued(row);
        found
    }
}

impl Read {
    /// Whose bills a person of the batch has.
    pub fn person(&self, person: usize) -> Id<'_> {
        self.columns.person.of(self.row(self.batch.bills_of(person).start))
    }

    /// The number of a bill, as the file has it.
    pub fn bill_id(&self, bill: usize) -> Id<'_> {
        self.columns.bill.of(self.row(bill))
    }

    /// The row of a bill, from 0.
    pub fn row(&self, bill: usize) -> usize {
        self.rows.as_ref().map_or(bill, |rows| rows[bill] as usize)
    }

    /// The persons of the batch.
    pub fn persons(&self) -> Range<usize> {
        0..self.batch.persons()
    }
}
