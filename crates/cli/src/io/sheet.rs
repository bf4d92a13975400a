//! Results as sheets: columns with a kind, rows of cells, and a writer for each format.
//!
//! Money stays exact in every format but Excel's, whose cells are floating-point numbers by nature.

mod csv;
mod json;
#[cfg(feature = "parquet")]
mod parquet;
mod table;
#[cfg(test)]
mod tests;
mod xlsx;

use std::borrow::Cow;
use std::fmt;
use std::io::Write;

use domain::{Date, Fen};

use super::out::Format;

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words, identifiers, rates.
    Text,
    /// Yuan, shown with two decimals.
    Money,
    /// Counts.
    Integer,
    /// Days.
    Date,
    /// Yes or no.
    Bool,
}

/// A column of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name for programs: in CSV, JSON and Parquet.
    pub key: Cow<'static, str>,
    /// Name for people: in tables and Excel.
    pub title: String,
    /// What its cells hold.
    pub kind: Kind,
}

impl Column {
    /// A column.
    pub fn new(key: impl Into<Cow<'static, str>>, title: impl Into<String>, kind: Kind) -> Column {
        Column { key: key.into(), title: title.into(), kind }
    }
}

/// One value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// Nothing, in a column of any kind.
    #[default]
    Empty,
    /// In a text column.
    Text(String),
    /// In a money column.
    Money(Fen),
    /// In an integer column.
    Integer(i64),
    /// In a date column.
    Date(Date),
    /// In a column of yes and no.
    Bool(bool),
}

impl Cell {
    /// Whether it may stand in a column of this kind.
    pub fn fits(&self, kind: Kind) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(_) => kind == Kind::Text,
            Cell::Money(_) => kind == Kind::Money,
            Cell::Integer(_) => kind == Kind::Integer,
            Cell::Date(_) => kind == Kind::Date,
            Cell::Bool(_) => kind == Kind::Bool,
        }
    }
}

/// As programs read it: nothing, text, `146.40`, `12`, `2022-03-01`, `true`.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Empty => Ok(()),
            Cell::Text(text) => f.write_str(text),
            Cell::Money(fen) => write!(f, "{fen}"),
            Cell::Integer(number) => write!(f, "{number}"),
            Cell::Date(date) => write!(f, "{date}"),
            Cell::Bool(yes) => write!(f, "{yes}"),
        }
    }
}

macro_rules! cells {
    ($($kind:ident($type:ty);)*) => {$(
        impl From<$type> for Cell {
            fn from(value: $type) -> Cell {
                Cell::$kind(value.into())
            }
        }
    )*};
}
cells! {
    Text(&str);
    Text(String);
    Money(Fen);
    Integer(i64);
    Integer(u32);
    Date(Date);
    Bool(bool);
}

impl From<usize> for Cell {
    fn from(count: usize) -> Cell {
        Cell::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::Empty, Into::into)
    }
}

/// Rows under columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Shown above a table, and the name of a sheet in Excel. May be empty.
    pub title: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each with a cell for every column.
    pub rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// A sheet without rows.
    pub fn new(title: impl Into<String>, columns: Vec<Column>) -> Sheet {
        Sheet { title: title.into(), columns, rows: Vec::new() }
    }

    /// Adds a row: one cell a column, each of the column's kind.
    pub fn push(&mut self, row: Vec<Cell>) {
        debug_assert_eq!(row.len(), self.columns.len(), "cells of a row of {}", self.title);
        debug_assert!(row.iter().zip(&self.columns).all(|(cell, column)| cell.fits(column.kind)), "{row:?}");
        self.rows.push(row);
    }
}

/// How a sheet is to look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Columns of the terminal written to; `None` for a file or a pipe, which get plain tables of any width.
    pub terminal: Option<u16>,
    /// Begin CSV with the mark by which Excel knows UTF-8.
    pub bom: bool,
}

/// Writes sheets. Tables and Excel take all of them; the other formats hold one sheet and take the first.
///
/// # Errors
/// When writing fails, when a sheet is too large for the format, or when this build lacks the format.
pub fn write(sheets: &[Sheet], format: Format, look: Look, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    let nothing = Sheet::default();
    let first = sheets.first().unwrap_or(&nothing);
    match format {
        Format::Table => table::write(sheets, look.terminal, out),
        Format::Csv => csv::write(first, look.bom, out),
        Format::Json => json::write_array(first, out),
        Format::Jsonl => json::write_lines(first, out),
        Format::Xlsx => xlsx::write(sheets, out),
        Format::Parquet => write_parquet(first, out),
    }
}

#[cfg(feature = "parquet")]
fn write_parquet(sheet: &Sheet, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    parquet::write(sheet, out)
}

#[cfg(not(feature = "parquet"))]
fn write_parquet(_: &Sheet, _: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    anyhow::bail!("此程序构建时未包含 Parquet：用 --features parquet 构建，或改用 csv、jsonl")
}
