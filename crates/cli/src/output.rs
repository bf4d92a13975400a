//! Listings: rows of values, written as a table for people, as nested JSON, or as a flat sheet in any other format.

use std::fmt::Display;
use std::io::Write as _;
use std::path::Path;

use policy::Library;
use serde_json::{Map, Value, json};

use crate::io::out::{Format, Output, terminal_width, to_stdout, write_whole};
use crate::io::sheet::{self, Cell, Kind, Look, Sheet};
use crate::session::Lang;
use crate::words::broken as broken_at;

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
pub struct Listing<'c> {
    /// A line above the table.
    pub title: String,
    /// The columns.
    pub columns: &'c [Column],
    /// The rows, each as long as the columns.
    pub rows: Vec<Vec<Value>>,
    /// A line below the table.
    pub foot: String,
}

impl Listing<'_> {
    /// Writes it where and how it was asked.
    ///
    /// # Errors
    /// When the form cannot be told or writing fails.
    pub fn write(&self, output: &Output, lang: Lang) -> anyhow::Result<()> {
        match output.check(&[])? {
            Format::Table => {
                let terminal = terminal_width().filter(|_| output.output.is_none()).map(usize::from);
                let text = format!("{}{}\n", self.people(terminal, lang)?, self.foot);
                put(&text, output.output.as_deref())
            }
            Format::Json => put(&array(&self.records()), output.output.as_deref()),
            Format::Jsonl => {
                let lines: String = self.records().iter().map(|record| format!("{record}\n")).collect();
                put(&lines, output.output.as_deref())
            }
            Format::Csv | Format::Xlsx | Format::Parquet => output.write(&[self.sheet(Readers::Programs, lang)], &[]),
        }
    }

    /// As a table; as blocks where the terminal is too narrow for it. A broken day or id would be misread.
    fn people(&self, terminal: Option<usize>, lang: Lang) -> anyhow::Result<String> {
        if self.rows.is_empty() {
            return Ok(self.title.clone());
        }
        let mut table = Vec::new();
        let look = Look { terminal: terminal.map(|_| u16::MAX), bom: false };
        sheet::write(&[self.sheet(Readers::People, lang)], Format::Table, look, &mut table)?;
        let table = String::from_utf8(table)? + "\n";
        let fits = |width: usize| table.lines().all(|line| console::measure_text_width(line.trim_end()) <= width);
        Ok(if terminal.is_none_or(fits) { table } else { self.blocks(terminal.unwrap_or(usize::MAX), lang) })
    }

    /// Each row as a block: its first column above, short values side by side, long ones on lines of their own.
    fn blocks(&self, width: usize, lang: Lang) -> String {
        let columns = self.columns_for(Readers::People);
        let mut out = if self.title.is_empty() { String::new() } else { format!("{}\n\n", self.title) };
        for row in &self.rows {
            let mut line = String::new();
            for (at, column) in columns.iter().enumerate() {
                let value = text(&row[*column], "\n");
                let mut lines = value.lines().filter(|line| !line.is_empty());
                let Some(first) = lines.next() else { continue };
                if at == 0 {
                    let rest: Vec<&str> = lines.collect();
                    out.push_str(&format!("{}\n", [&[first], rest.as_slice()].concat().join("  ")));
                    continue;
                }
                let heading =
                    format!("{}{}", lang.of(self.columns[*column].zh, self.columns[*column].en), lang.of("：", ": "));
                let indent = console::measure_text_width(&heading) + 2;
                let rest: Vec<&str> = lines.collect();
                let short = rest.is_empty() && indent + console::measure_text_width(first) <= width / 2;
                let used = console::measure_text_width(&line);
                if !short || used + indent + console::measure_text_width(first) > width {
                    flush(&mut line, &mut out);
                }
                if short {
                    line.push_str(&format!("  {heading}{first}"));
                    continue;
                }
                let broken = [&[first], rest.as_slice()].concat();
                let broken = broken.iter().flat_map(|text| broken_at(text, width.saturating_sub(indent).max(20)));
                for (at, text) in broken.enumerate() {
                    let before = if at == 0 { format!("  {heading}") } else { " ".repeat(indent) };
                    out.push_str(&format!("{before}{text}\n"));
                }
            }
            flush(&mut line, &mut out);
            out.push('\n');
        }
        out
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

fn flush(line: &mut String, out: &mut String) {
    if !line.is_empty() {
        out.push_str(&format!("{line}\n"));
        line.clear();
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

/// Says something beside the output, on the standard error. Who has closed it, as `2>&1 | head` does, is told nothing more.
pub fn aside(text: impl Display) {
    _ = writeln!(std::io::stderr(), "{text}");
}

/// Clauses, with where they stand.
pub fn clauses(library: &Library, ids: &[String]) -> Value {
    let place = |id: &String| match library.register.get(id) {
        Some(clause) => json!({ "id": id, "where": clause.location }),
        None => json!({ "id": id }),
    };
    ids.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] =
        &[column("key", "条款", "key"), column("value", "内容", "value"), shown("自", "since"), hidden("basis")];

    fn listing() -> Listing<'static> {
        let row = vec![
            json!(["起付", "stage.x"]),
            json!(["一级：100元", "二级：200元"]),
            json!("2022-01-01"),
            json!("stated"),
        ];
        Listing { title: "某市".to_owned(), columns: COLUMNS, rows: vec![row], foot: String::new() }
    }

    #[test]
    fn a_table_that_is_too_wide_becomes_blocks_and_breaks_no_word() {
        let wide = listing().people(Some(80), Lang::Zh).unwrap();
        assert!(wide.contains("条款") && wide.contains('─'), "{wide}");
        let narrow = listing().people(Some(24), Lang::Zh).unwrap();
        let expected = "某市\n\n起付  stage.x\n  内容：一级：100元\n        二级：200元\n  自：2022-01-01\n\n";
        assert_eq!(narrow, expected);
        assert!(listing().people(None, Lang::Zh).unwrap().contains("内容"), "a pipe is as wide as it needs");
    }

    #[test]
    fn programs_are_given_what_people_are_not() {
        let records = listing().records();
        assert_eq!(
            records[0],
            json!({ "key": ["起付", "stage.x"], "value": ["一级：100元", "二级：200元"], "basis": "stated" })
        );
        assert_eq!(array(&[]), "[]\n");
    }
}
