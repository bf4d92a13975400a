//! What people read of a run: tables as CSV, Parquet and one Excel workbook, charts as SVG and PNG, and one page with all of it.
//!
//! A table is defined once (`tables`, of `columns`), and every form is made from it. Ratios are exact until they are rounded once; there
//! is no clock, and the same outcome gives the same bytes. What is found is in [`crate::outcome`]; here is nothing but words and
//! quotients of it.

mod chart;
mod columns;
mod concentration;
mod files;
mod page;
mod ratio;
mod table;
mod tables;
mod words;
mod workbook;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

pub use self::page::{Cell, Section, Shown, title, warning};
pub use self::table::{Column, Head, Table, Unit, Value};
pub use self::words::{Name, Text, variant};

use domain::Lang;

use crate::Refused;
use crate::files::whole;
use crate::outcome::Outcome;

/// All tables of a run, as they are written.
pub fn tables(outcome: &Outcome) -> Vec<Table> {
    tables::all(outcome)
}

/// Writes `report.html`, `report.xlsx`, `tables/*.csv`, `tables/*.parquet`, `charts/*.svg` and `charts/*.png` into a folder, each file whole or
/// not at all; gives what it wrote, the page first.
///
/// # Errors
/// When the outcome has no baseline, or the disk fails.
pub fn write(outcome: &Outcome, folder: &Path, lang: Lang) -> anyhow::Result<Vec<PathBuf>> {
    if outcome.variants.is_empty() {
        return Err(Refused::new("没有可报告的方案 (no baseline)", "先按现行规定运行，再比较草案").into());
    }
    let painter = chart::Painter::new()?;
    let tables = tables::all(outcome);
    let charts = chart::all(outcome, lang, &|text| painter.has(text));
    let mut written = Vec::new();
    let mut put = |name: String, bytes: &[u8]| -> anyhow::Result<()> {
        let path = folder.join(name);
        whole(&path, |out| Ok(out.write_all(bytes)?))?;
        written.push(path);
        Ok(())
    };
    put("report.html".to_owned(), page::html(outcome, &tables, &charts, lang)?.as_bytes())?;
    put("report.xlsx".to_owned(), &book(outcome, &tables, lang)?)?;
    for table in &tables {
        put(format!("tables/{}.csv", table.head.name), &files::csv(table)?)?;
        put(format!("tables/{}.parquet", table.head.name), &files::parquet(table)?)?;
    }
    for (_, drawing) in &charts {
        let svg = drawing.alone();
        put(format!("charts/{}.svg", drawing.name), svg.as_bytes())?;
        put(format!("charts/{}.png", drawing.name), &painter.png(&svg)?)?;
    }
    Ok(written)
}

fn book(outcome: &Outcome, tables: &[Table], lang: Lang) -> anyhow::Result<Vec<u8>> {
    let mut about = vec![(page::title(outcome, lang), page::warning(outcome, lang))];
    about.extend(page::origin(outcome, lang));
    workbook::xlsx(tables, &about, lang)
}

/// All parts of the report, for a page that has the colours of its charts.
pub fn sections(outcome: &Outcome, lang: Lang) -> Vec<Section> {
    page::sections(outcome, &tables::all(outcome), &chart::all(outcome, lang, &|_| true), lang)
}

/// The page that [`write`] writes.
///
/// # Errors
/// When the font of pictures cannot be read.
pub fn html(outcome: &Outcome, lang: Lang) -> anyhow::Result<String> {
    let painter = chart::Painter::new()?;
    page::html(outcome, &tables::all(outcome), &chart::all(outcome, lang, &|text| painter.has(text)), lang)
}

/// The workbook that [`write`] writes.
///
/// # Errors
/// Of the writer.
pub fn xlsx(outcome: &Outcome, lang: Lang) -> anyhow::Result<Vec<u8>> {
    book(outcome, &tables::all(outcome), lang)
}

/// A table as [`write`] writes it as CSV.
///
/// # Errors
/// Of the writer.
pub fn csv(table: &Table) -> anyhow::Result<Vec<u8>> {
    files::csv(table)
}

/// Colours of charts as CSS, below a scope that ends with a space: those of a dark ground, or of a light one with all that is no colour.
pub fn colours(scope: &str, dark: bool) -> String {
    let colours = chart::colours(scope, dark);
    if dark { colours } else { format!("{}{colours}", chart::shapes(scope)) }
}

/// An outcome of no run, for what goes without figures.
fn nothing() -> Outcome {
    Outcome {
        region: String::new(),
        region_name: String::new(),
        tiers: Vec::new(),
        year: 0,
        from_year: 0,
        province: String::new(),
        funds: Vec::new(),
        people: BTreeMap::new(),
        variants: Vec::new(),
        left_out: 0,
    }
}

/// The reference of tables and columns, as Markdown: made from their definition.
pub fn reference() -> String {
    let tables = tables::all(&nothing());
    let mut page = String::from(
        "# Tables of a report\n\nGenerated from the definition of the tables. Each is `tables/NAME.csv`, `tables/NAME.parquet` and a sheet of \
         `report.xlsx`.\n\n* fen: whole fen in CSV and Parquet (int64), yuan in Excel;\n* count: a whole number (int64);\n* ratio, index: \
         decimal text with six places in CSV, decimal(18, 6) in Parquet, rounded once, half away from zero; empty where there is nothing \
         to divide by;\n* text: a code in CSV and Parquet, its name in Excel.\n\n## Tables\n\n| table | sheet | one row is | columns \
         |\n|---|---|---|---|\n",
    );
    for Table { head, columns, .. } in &tables {
        let names: Vec<String> = columns.iter().map(|column| format!("`{}`", column.name)).collect();
        let (name, zh, en, row) = (head.name, head.title.zh, head.title.en, head.row.en);
        _ = writeln!(page, "| `{name}` | {zh} · {en} | {row} | {} |", names.join(", "));
    }
    page.push_str("\n## Columns\n\n| column | 中文 | English | unit | meaning |\n|---|---|---|---|---|\n");
    for Column { name, heading, unit, meaning } in workbook::columns(&tables) {
        _ = writeln!(page, "| `{name}` | {} | {} | {} | {} |", heading.zh, heading.en, unit.word(), meaning.en);
    }
    page
}
