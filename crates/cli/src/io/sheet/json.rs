//! JSON: an object a row. Money is yuan as text, so that no reader makes a float of it.

use std::io::Write;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Cell, Column, Sheet};

/// Writes one array, an object a line.
pub(super) fn write_array(sheet: &Sheet, out: &mut dyn Write) -> anyhow::Result<()> {
    out.write_all(b"[")?;
    for (index, row) in sheet.rows.iter().enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &Row { columns: &sheet.columns, cells: row })?;
    }
    out.write_all(if sheet.rows.is_empty() { b"]\n" } else { b"\n]\n" })?;
    Ok(())
}

/// Writes one object a line.
pub(super) fn write_lines(sheet: &Sheet, out: &mut dyn Write) -> anyhow::Result<()> {
    for row in &sheet.rows {
        serde_json::to_writer(&mut *out, &Row { columns: &sheet.columns, cells: row })?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

struct Row<'s> {
    columns: &'s [Column],
    cells: &'s [Cell],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, cell) in self.columns.iter().zip(self.cells) {
            match cell {
                Cell::Empty => map.serialize_entry(&column.key, &())?,
                Cell::Integer(number) => map.serialize_entry(&column.key, number)?,
                Cell::Bool(yes) => map.serialize_entry(&column.key, yes)?,
                Cell::Text(text) => map.serialize_entry(&column.key, text)?,
                Cell::Money(_) | Cell::Date(_) => map.serialize_entry(&column.key, &cell.to_string())?,
            }
        }
        map.end()
    }
}
