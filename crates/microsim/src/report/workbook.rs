//! All tables as one Excel workbook for people: names instead of codes, money in yuan, the header frozen, and a first sheet that says
//! what is what.

use domain::Lang;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet};

use super::ratio;
use super::table::{Column, Table, Unit, Value};

/// Bounds of a column's width, in characters.
const NARROW: usize = 9;
const WIDE: usize = 60;

/// The workbook.
///
/// # Errors
/// When a table is too long for Excel, or of the writer.
pub fn xlsx(tables: &[Table], about: &[(String, String)], lang: Lang) -> anyhow::Result<Vec<u8>> {
    let mut book = Workbook::new();
    // the same figures give the same bytes: no time of writing
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?));
    let sheet = book.add_worksheet();
    sheet.set_name(lang.of("说明", "Read me"))?;
    explain(sheet, tables, about, lang)?;
    for table in tables {
        let sheet = book.add_worksheet();
        sheet.set_name(table.head.title.of(lang))?;
        fill(sheet, table, lang)?;
    }
    Ok(book.save_to_buffer()?)
}

/// What the workbook is, its sheets, and what each column means.
fn explain(sheet: &mut Worksheet, tables: &[Table], about: &[(String, String)], lang: Lang) -> anyhow::Result<()> {
    let (bold, wrap) = (Format::new().set_bold(), Format::new().set_text_wrap().set_align(FormatAlign::Top));
    let mut line = 0;
    let mut put = |sheet: &mut Worksheet, cells: [&str; 3], format: &Format| -> anyhow::Result<()> {
        for (text, at) in cells.into_iter().zip(0_u16..) {
            sheet.write_string_with_format(line, at, text, format)?;
        }
        line += 1;
        Ok(())
    };
    for (what, says) in about {
        put(sheet, [what, says, ""], &wrap)?;
    }
    put(sheet, ["", "", ""], &wrap)?;
    put(sheet, [lang.of("工作表", "sheet"), lang.of("一行是", "one row is"), lang.of("文件", "files")], &bold)?;
    for table in tables {
        put(sheet, [table.head.title.of(lang), table.head.row.of(lang), table.head.name], &wrap)?;
    }
    put(sheet, ["", "", ""], &wrap)?;
    put(sheet, [lang.of("列", "column"), lang.of("含义", "meaning"), lang.of("文件中的列名", "in files")], &bold)?;
    for column in columns(tables) {
        put(sheet, [column.heading.of(lang), column.meaning.of(lang), column.name], &wrap)?;
    }
    sheet.set_column_width(0, 30)?.set_column_width(1, 70)?.set_column_width(2, 32)?;
    Ok(())
}

/// Every column once, in the order of the tables.
pub fn columns(tables: &[Table]) -> Vec<&'static Column> {
    let mut columns: Vec<&'static Column> = Vec::new();
    for column in tables.iter().flat_map(|table| &table.columns) {
        if !columns.iter().any(|there| there.name == column.name) {
            columns.push(column);
        }
    }
    columns
}

fn fill(sheet: &mut Worksheet, table: &Table, lang: Lang) -> anyhow::Result<()> {
    let header = Format::new().set_bold().set_border_bottom(FormatBorder::Thin).set_text_wrap();
    let header = header.set_align(FormatAlign::Top);
    for (column, at) in table.columns.iter().zip(0_u16..) {
        let number = column.unit != Unit::Word;
        let header = if number { header.clone().set_align(FormatAlign::Right) } else { header.clone() };
        let yuan = if column.unit == Unit::Fen { lang.of("（元）", " (yuan)") } else { "" };
        let heading = format!("{}{yuan}", column.heading.of(lang));
        sheet.write_string_with_format(0, at, &heading, &header)?;
        let format = Format::new().set_num_format(pattern(column.unit));
        // a long heading is wrapped once
        let mut width = characters(&heading).div_ceil(2);
        for (row, line) in table.rows.iter().zip(1_u32..) {
            let value = row.get(usize::from(at)).unwrap_or(&Value::Empty);
            put(sheet, (line, at), value, column.unit, &format, lang)?;
            width = width.max(characters(&value.shown(column.unit, lang)));
        }
        sheet.set_column_width(at, u8::try_from(width.clamp(NARROW, WIDE) + 2)?)?;
    }
    sheet.set_freeze_panes(1, 1)?;
    if let (Some(last), false) = (table.columns.len().checked_sub(1), table.rows.is_empty()) {
        sheet.autofilter(0, 0, u32::try_from(table.rows.len())?, u16::try_from(last)?)?;
    }
    Ok(())
}

fn pattern(unit: Unit) -> &'static str {
    match unit {
        // "@": what is edited stays text
        Unit::Word => "@",
        Unit::Count => "#,##0",
        Unit::Fen => "#,##0.00",
        Unit::Share => "0.0%",
        Unit::Index => "0.0000",
    }
}

fn put(
    sheet: &mut Worksheet,
    (line, at): (u32, u16),
    value: &Value,
    unit: Unit,
    format: &Format,
    lang: Lang,
) -> anyhow::Result<()> {
    match value {
        Value::Empty => {}
        Value::Word(name) => {
            sheet.write_string_with_format(line, at, name.of(lang), format)?;
        }
        Value::Number(number) => {
            // read from the decimal text: the nearest number there is, without any arithmetic on floats
            let text = match unit {
                Unit::Fen => domain::Fen(*number).to_string(),
                Unit::Share | Unit::Index => ratio::decimal(*number),
                Unit::Count | Unit::Word => number.to_string(),
            };
            sheet.write_number_with_format(line, at, text.parse::<f64>()?, format)?;
        }
    }
    Ok(())
}

/// How wide a text is: two for a Chinese character.
fn characters(text: &str) -> usize {
    text.chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum()
}
