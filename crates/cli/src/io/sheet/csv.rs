//! CSV in UTF-8.

use std::io::Write;

use super::Sheet;

/// Writes the keys, then the rows.
pub(super) fn write(sheet: &Sheet, bom: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    if bom {
        out.write_all("\u{feff}".as_bytes())?;
    }
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(sheet.columns.iter().map(|column| column.key.as_bytes()))?;
    for row in &sheet.rows {
        writer.write_record(row.iter().map(|cell| cell.to_string()))?;
    }
    writer.flush()?;
    Ok(())
}
