//! Excel workbooks: a worksheet a sheet, the header frozen and filterable, identifiers as text.

use std::collections::BTreeSet;
use std::io::Write;

use anyhow::{Context, bail};
use jiff::civil::date;
use rust_xlsxwriter::{DocProperties, Format, FormatAlign, FormatBorder, Workbook, Worksheet};

use super::{Cell, Kind, Sheet};

/// Rows of an Excel worksheet, the header among them.
const ROWS: usize = 1_048_576;
/// Whole numbers up to here are exact in a floating-point cell.
const EXACT: u64 = 1 << 53;
/// Bounds of a column's width, in characters.
const NARROW: usize = 8;
const WIDE: usize = 50;

/// Writes all sheets as one workbook.
pub(super) fn write(sheets: &[Sheet], out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    let mut workbook = Workbook::new();
    // the same results give the same bytes: no time of writing
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&date(2000, 1, 1)));
    let mut names = BTreeSet::new();
    for (index, sheet) in sheets.iter().enumerate() {
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(name(&sheet.title, index, &mut names))?;
        fill(worksheet, sheet).with_context(|| format!("工作表“{}”", sheet.title))?;
    }
    workbook.save_to_writer(out)?;
    Ok(())
}

fn fill(worksheet: &mut Worksheet, sheet: &Sheet) -> anyhow::Result<()> {
    if sheet.rows.len() >= ROWS {
        bail!("{} 行超过 Excel 每表 {ROWS} 行的上限；改用 csv、jsonl 或 parquet", sheet.rows.len());
    }
    let header = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
    for (column, at) in sheet.columns.iter().zip(0_u16..) {
        let header = if is_number(column.kind) { header.clone().set_align(FormatAlign::Right) } else { header.clone() };
        worksheet.write_string_with_format(0, at, &column.title, &header)?;
        let format = format_of(column.kind);
        let mut width = console::measure_text_width(&column.title);
        for (line, row) in sheet.rows.iter().zip(1_u32..) {
            let Some(cell) = line.get(usize::from(at)) else { continue };
            width = width.max(put(worksheet, row, at, cell, &format)?);
        }
        worksheet.set_column_width(at, u8::try_from(width.clamp(NARROW, WIDE) + 2)?)?;
    }
    worksheet.set_freeze_panes(1, 0)?;
    if let (Some(last), false) = (sheet.columns.len().checked_sub(1), sheet.rows.is_empty()) {
        worksheet.autofilter(0, 0, u32::try_from(sheet.rows.len())?, u16::try_from(last)?)?;
    }
    Ok(())
}

fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Money | Kind::Integer)
}

fn format_of(kind: Kind) -> Format {
    match kind {
        // "@": an identifier that is edited stays text
        Kind::Text => Format::new().set_num_format("@"),
        Kind::Money => Format::new().set_num_format("#,##0.00"),
        Kind::Integer => Format::new().set_num_format("0"),
        Kind::Date => Format::new().set_num_format("yyyy-mm-dd"),
        Kind::Bool => Format::new(),
    }
}

/// Puts a cell; gives the width it wants.
fn put(worksheet: &mut Worksheet, row: u32, at: u16, cell: &Cell, format: &Format) -> anyhow::Result<usize> {
    let text = cell.to_string();
    match cell {
        Cell::Empty => {}
        Cell::Date(date) if (1900..=9999).contains(&date.year()) => {
            worksheet.write_datetime_with_format(row, at, date, format)?;
        }
        Cell::Text(_) | Cell::Date(_) => {
            worksheet.write_string_with_format(row, at, &text, format)?;
        }
        Cell::Bool(yes) => {
            worksheet.write_boolean_with_format(row, at, *yes, format)?;
        }
        Cell::Money(domain::Fen(number)) | Cell::Integer(number) if number.unsigned_abs() > EXACT => {
            worksheet.write_string_with_format(row, at, &text, format)?;
        }
        // read from the decimal text: the nearest number there is, without any arithmetic on floats
        Cell::Money(_) | Cell::Integer(_) => {
            worksheet.write_number_with_format(row, at, text.parse::<f64>()?, format)?;
        }
    }
    let separators = if is_number_cell(cell) { text.len() / 4 } else { 0 };
    Ok(console::measure_text_width(&text) + separators)
}

fn is_number_cell(cell: &Cell) -> bool {
    matches!(cell, Cell::Money(_) | Cell::Integer(_))
}

/// A name that Excel accepts: short, without its reserved characters, and not there twice.
fn name(title: &str, index: usize, taken: &mut BTreeSet<String>) -> String {
    let plain: String = title.chars().filter(|c| !"[]:*?/\\'".contains(*c) && !c.is_control()).take(28).collect();
    let plain = plain.trim().to_owned();
    let mut name = if plain.is_empty() { format!("表{}", index + 1) } else { plain };
    if !taken.insert(name.to_lowercase()) {
        name = format!("{name}{}", index + 1);
        taken.insert(name.to_lowercase());
    }
    name
}
