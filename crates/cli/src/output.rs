//! Listings: one set of rows, written as a table for people, or as JSON or CSV.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use serde_json::{Map, Value};

use crate::session::Lang;

/// The form of a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// Where a listing goes, and how.
#[derive(clap::Args)]
pub struct Output {
    /// Form of the output: table (default), json or csv
    #[arg(long, value_enum, value_name = "FORM", hide_possible_values = true)]
    format: Option<Format>,
    #[command(flatten)]
    target: Target,
}

/// Where a text goes.
#[derive(clap::Args)]
pub struct Target {
    /// Write to a file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// A column: its name for programs and its headings for people.
#[derive(Clone, Copy)]
pub struct Column {
    /// Name in JSON and CSV.
    pub name: &'static str,
    /// Heading in Chinese; none where the column is not for the table.
    pub zh: &'static str,
    /// Heading in English.
    pub en: &'static str,
}

/// A column.
pub const fn column(name: &'static str, zh: &'static str, en: &'static str) -> Column {
    Column { name, zh, en }
}

/// A column that only programs are given.
pub const fn hidden(name: &'static str) -> Column {
    Column { name, zh: "", en: "" }
}

/// Rows of values. In the table a list is set one below the other, in CSV side by side.
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
    pub fn write(&self, output: &Output, lang: Lang) -> anyhow::Result<()> {
        output.target.put(&match output.format() {
            Format::Table => self.table(lang),
            Format::Json => json_lines(&self.records()),
            Format::Csv => self.csv()?,
        })
    }

    /// The rows as JSON objects.
    fn records(&self) -> Vec<Value> {
        let record = |row: &Vec<Value>| {
            let fields = self.columns.iter().zip(row).map(|(column, value)| (column.name.to_owned(), value.clone()));
            Value::Object(fields.collect::<Map<_, _>>())
        };
        self.rows.iter().map(record).collect()
    }

    fn table(&self, lang: Lang) -> String {
        let shown: Vec<usize> = (0..self.columns.len()).filter(|at| !self.columns[*at].zh.is_empty()).collect();
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
        table.set_header(shown.iter().map(|at| lang.of(self.columns[*at].zh, self.columns[*at].en)));
        if let Some((_, width)) = console::Term::stdout().size_checked() {
            table.set_content_arrangement(comfy_table::ContentArrangement::Dynamic).set_width(width);
        }
        for row in &self.rows {
            table.add_row(shown.iter().map(|at| text(&row[*at], "\n")));
        }
        let mut lines = Vec::new();
        if !self.title.is_empty() {
            lines.push(self.title.clone());
        }
        if !self.rows.is_empty() {
            lines.push(table.to_string());
        }
        if !self.foot.is_empty() {
            lines.push(self.foot.clone());
        }
        lines.join("\n") + "\n"
    }

    fn csv(&self) -> anyhow::Result<String> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|column| column.name))?;
        for row in &self.rows {
            writer.write_record(row.iter().map(|value| text(value, "；")))?;
        }
        Ok(String::from_utf8(writer.into_inner()?)?)
    }
}

/// A cell as text. Of a record the values, side by side.
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
pub fn json_lines(records: &[Value]) -> String {
    if records.is_empty() {
        return "[]\n".to_owned();
    }
    let lines: Vec<String> = records.iter().map(ToString::to_string).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

impl Output {
    /// The form asked for, or the one that the file's name ends in.
    pub fn format(&self) -> Format {
        let ending = self.target.output.as_deref().and_then(|path| path.extension()).and_then(|ending| ending.to_str());
        self.format.unwrap_or(match ending {
            Some("json") => Format::Json,
            Some("csv") => Format::Csv,
            _ => Format::Table,
        })
    }
}

impl Target {
    /// Writes a text to the file, whole or not at all, or to the standard output.
    pub fn put(&self, text: &str) -> anyhow::Result<()> {
        let Some(path) = &self.output else {
            std::io::stdout().write_all(text.as_bytes())?;
            return Ok(());
        };
        let folder = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)
            .with_context(|| format!("不能写入 {}（检查文件夹是否存在、能否写入）", folder.display()))?;
        file.write_all(text.as_bytes())?;
        file.persist(path).with_context(|| format!("不能写入 {}", path.display()))?;
        Ok(())
    }
}
