//! Listings: rows of values, written as a table for people, as nested JSON, or as a flat sheet in any other format.

use std::path::Path;

use policy::Library;
use serde_json::{Map, Value, json};

use crate::io::out::{Format, Output, terminal_width, to_stdout, write_whole};
use crate::io::sheet::{self, Cell, Kind, Look, Sheet};
use crate::session::Lang;

/// A column: its name for programs and its headings for people.
#[derive(Clone, Copy)]
pub struct Column {
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    to: Readers,
}

/// Who is given a column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Readers {
    All,
    People,
    Programs,
}

/// A column for all: its name for programs, its headings for people.
pub const fn column(name: &'static str, zh: &'static str, en: &'static str) -> Column {
    Column { name, zh, en, to: Readers::All }
}

/// A column that only people are given, where programs have it in other columns.
pub const fn shown(zh: &'static str, en: &'static str) -> Column {
    Column { name: "", zh, en, to: Readers::People }
}

/// A column that only programs are given.
pub const fn hidden(name: &'static str) -> Column {
    Column { name, zh: "", en: "", to: Readers::Programs }
}

/// Rows of values. In a table a list is set one below the other, in a flat sheet side by side.
pub struct Listing {
    /// A line above the table.
    pub title: String,
    /// The columns.
    pub columns: &'static [Column],
    /// The rows, each as long as the columns.
    pub rows: Vec<Vec<Value>>,
    /// A line below the table.
    pub foot: String,
}

impl Listing {
    /// Writes it where and how it was asked.
    ///
    /// # Errors
    /// When the form cannot be told or writing fails.
    pub fn write(&self, output: &Output, lang: Lang) -> anyhow::Result<()> {
        match output.check(&[])? {
            Format::Table => {
                let look = Look { terminal: terminal_width().filter(|_| output.output.is_none()), bom: false };
                let mut text = Vec::new();
                if self.rows.is_empty() {
                    text.extend_from_slice(self.title.as_bytes());
                } else {
                    sheet::write(&[self.sheet(Readers::People, lang)], Format::Table, look, &mut text)?;
                }
                put(&format!("{}\n{}\n", String::from_utf8(text)?, self.foot), output.output.as_deref())
            }
            Format::Json => put(&array(&self.records()), output.output.as_deref()),
            Format::Jsonl => {
                let lines: String = self.records().iter().map(|record| format!("{record}\n")).collect();
                put(&lines, output.output.as_deref())
            }
            Format::Csv | Format::Xlsx | Format::Parquet => output.write(&[self.sheet(Readers::Programs, lang)], &[]),
        }
    }

    fn columns_for(&self, readers: Readers) -> Vec<usize> {
        let wanted = |column: &Column| column.to == Readers::All || column.to == readers;
        (0..self.columns.len()).filter(|at| wanted(&self.columns[*at])).collect()
    }

    fn records(&self) -> Vec<Value> {
        let columns = self.columns_for(Readers::Programs);
        let record = |row: &Vec<Value>| {
            Value::Object(
                columns.iter().map(|at| (self.columns[*at].name.to_owned(), row[*at].clone())).collect::<Map<_, _>>(),
            )
        };
        self.rows.iter().map(record).collect()
    }

    fn sheet(&self, readers: Readers, lang: Lang) -> Sheet {
        let columns = self.columns_for(readers);
        let counted = |at: usize| self.rows.iter().any(|row| row[at].is_i64() || row[at].is_u64());
        let gap = if readers == Readers::People { "\n" } else { "；" };
        let headings = columns.iter().map(|at| {
            let Column { name, zh, en, .. } = self.columns[*at];
            let title = if readers == Readers::People { lang.of(zh, en) } else { name };
            sheet::Column::new(name, title, if counted(*at) { Kind::Integer } else { Kind::Text })
        });
        let mut sheet = Sheet::new(self.title.clone(), headings.collect());
        for row in &self.rows {
            sheet.push(columns.iter().map(|at| cell(&row[*at], gap)).collect());
        }
        sheet
    }
}

fn cell(value: &Value, gap: &str) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::Number(number) => Cell::from(number.as_i64()),
        value => Cell::from(text(value, gap)),
    }
}

/// A value as text. Of a record the values, side by side.
fn text(value: &Value, gap: &str) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(|one| text(one, gap)).collect::<Vec<_>>().join(gap),
        Value::Object(fields) => fields.values().map(|one| text(one, gap)).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// An array with one record a line, so that it reads well in a diff.
fn array(records: &[Value]) -> String {
    if records.is_empty() {
        return "[]\n".to_owned();
    }
    let lines: Vec<String> = records.iter().map(ToString::to_string).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

/// Writes a text to a file, whole or not at all, or to the standard output.
///
/// # Errors
/// When writing fails.
pub fn put(text: &str, file: Option<&Path>) -> anyhow::Result<()> {
    match file {
        Some(path) => write_whole(path, &[], |out| Ok(out.write_all(text.as_bytes())?)),
        None => to_stdout(|out| Ok(out.write_all(text.as_bytes())?)),
    }
}

/// Clauses, with where they stand.
pub fn clauses(library: &Library, ids: &[String]) -> Value {
    let place = |id: &String| match library.register.get(id) {
        Some(clause) => json!({ "id": id, "where": clause.location }),
        None => json!({ "id": id }),
    };
    ids.iter().map(place).collect()
}
