//! A table, defined once: CSV, Parquet, Excel, the page and the reference of columns are all made from it.

use domain::Lang;

use super::ratio;
use super::words::{Name, Text};

/// What a column holds, which is also how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A code in files for programs, its name where people read.
    Word,
    /// A count.
    Count,
    /// Money. Whole fen in CSV and Parquet, yuan where people read.
    Fen,
    /// A quotient, in millionths inside: decimal text with six places in CSV, decimal(18, 6) in Parquet, percent where people read.
    Share,
    /// A quotient that is no percentage: an index.
    Index,
}

impl Unit {
    /// The word of the reference.
    pub fn word(self) -> &'static str {
        match self {
            Unit::Word => "text",
            Unit::Count => "count",
            Unit::Fen => "fen",
            Unit::Share => "ratio",
            Unit::Index => "index",
        }
    }
}

/// One column. It means the same in whatever table it stands.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// In CSV and Parquet.
    pub name: &'static str,
    /// Above it, where people read.
    pub heading: Text,
    /// What it holds.
    pub unit: Unit,
    /// What it means.
    pub meaning: Text,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing: not known, or nothing to divide by.
    Empty,
    /// A word.
    Word(Name),
    /// A count, fen, or millionths, as the column's unit says.
    Number(i64),
}

impl Value {
    /// A text that is its own name.
    pub fn text(text: &str) -> Value {
        Value::Word(Name::plain(text))
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<i64> {
        match self {
            Value::Number(number) => Some(*number),
            Value::Empty | Value::Word(_) => None,
        }
    }

    /// As programs read it.
    pub fn plain(&self, unit: Unit) -> String {
        match self {
            Value::Empty => String::new(),
            Value::Word(name) => name.code.clone(),
            Value::Number(number) if matches!(unit, Unit::Share | Unit::Index) => ratio::decimal(*number),
            Value::Number(number) => number.to_string(),
        }
    }

    /// As people read it; money in yuan.
    pub fn shown(&self, unit: Unit, lang: Lang) -> String {
        match (self, unit) {
            (Value::Empty, _) => "—".to_owned(),
            (Value::Word(name), _) => name.of(lang).to_owned(),
            (Value::Number(number), Unit::Share) => ratio::percent(*number),
            (Value::Number(number), Unit::Index) => ratio::grouped(*number, 1_000_000, 4),
            (Value::Number(number), Unit::Fen) => ratio::grouped(*number, 100, 2),
            (Value::Number(number), _) => ratio::grouped(*number, 1, 0),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Number(number)
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Value {
        number.map_or(Value::Empty, Value::Number)
    }
}

impl From<Name> for Value {
    fn from(name: Name) -> Value {
        Value::Word(name)
    }
}

/// What a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Name of its files.
    pub name: &'static str,
    /// Its title.
    pub title: Text,
    /// What one row is.
    pub row: Text,
}

/// A table: its columns, and as many cells in each row.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// What it is.
    pub head: Head,
    /// Its columns.
    pub columns: Vec<&'static Column>,
    /// Its rows.
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// The place of a column.
    pub fn at(&self, column: &Column) -> Option<usize> {
        self.columns.iter().position(|there| there.name == column.name)
    }
}

/// A table in the making, from what its rows are about.
pub struct Maker<R> {
    about: Vec<R>,
    table: Table,
}

impl<R> Maker<R> {
    /// A table without columns yet.
    pub fn new(head: Head, about: Vec<R>) -> Maker<R> {
        let rows = about.iter().map(|_| Vec::new()).collect();
        Maker { about, table: Table { head, columns: Vec::new(), rows } }
    }

    /// The next column.
    pub fn column<V: Into<Value>>(mut self, column: &'static Column, value: impl Fn(&R) -> V) -> Maker<R> {
        self.table.columns.push(column);
        for (about, row) in self.about.iter().zip(&mut self.table.rows) {
            row.push(value(about).into());
        }
        self
    }

    /// The table.
    pub fn done(self) -> Table {
        self.table
    }
}
