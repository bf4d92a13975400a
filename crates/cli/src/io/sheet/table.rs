//! Tables for people: aligned, wrapped to the terminal, and plain in a pipe or a file.

use std::io::Write;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle};

use super::{Cell, Column, Kind, Sheet};

/// A rule under the header and nothing else: what is copied out of a table has no drawing in it.
const TERMINAL: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
const PLAIN: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('-').junction('-'));

/// Writes each sheet under its title.
pub(super) fn write(sheets: &[Sheet], terminal: Option<u16>, out: &mut dyn Write) -> anyhow::Result<()> {
    for (index, sheet) in sheets.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        if !sheet.title.is_empty() {
            writeln!(out, "{}", sheet.title)?;
        }
        writeln!(out, "{}", drawn(sheet, terminal).trim_fmt())?;
    }
    Ok(())
}

fn drawn(sheet: &Sheet, terminal: Option<u16>) -> Table {
    let mut table = Table::new();
    table.load_style(if terminal.is_some() { TERMINAL } else { PLAIN });
    table.set_header(sheet.columns.iter().map(|column| column.title.as_str()).collect::<Vec<_>>());
    table.add_rows(sheet.rows.iter().map(|row| row.iter().map(shown).collect::<Vec<_>>()));
    table.set_content_arrangement(ContentArrangement::Disabled);
    if let Some(width) = terminal {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    for (Column { kind, .. }, drawn) in sheet.columns.iter().zip(table.column_iter_mut()) {
        drawn.set_padding((0, 2));
        if matches!(kind, Kind::Money | Kind::Integer) {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
        // text gives way on a narrow terminal; a broken amount or day would be misread
        if *kind != Kind::Text {
            drawn.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
        cell => cell.to_string(),
    }
}
