//! A table as CSV and as Parquet: codes, whole fen, exact decimals. The same cells, so that both say the same.

use std::sync::Arc;

use arrow_array::{ArrayRef, Decimal128Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::table::{Table, Unit, Value};

/// Digits of a quotient in Parquet, and how many of them are behind the point.
const DIGITS: (u8, i8) = (18, 6);

/// CSV in UTF-8: the names of the columns, then the rows. What is not known is empty.
///
/// # Errors
/// Of the writer.
pub fn csv(table: &Table) -> anyhow::Result<Vec<u8>> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(table.columns.iter().map(|column| column.name))?;
    for row in &table.rows {
        out.write_record(row.iter().zip(&table.columns).map(|(value, column)| value.plain(column.unit)))?;
    }
    Ok(out.into_inner()?)
}

/// Parquet: text, int64 for counts and fen, decimal(18, 6) for quotients; null for what is not known.
///
/// # Errors
/// Of the writer.
pub fn parquet(table: &Table) -> anyhow::Result<Vec<u8>> {
    let arrays: Vec<ArrayRef> = (0..table.columns.len()).map(|at| array(table, at)).collect::<anyhow::Result<_>>()?;
    let field =
        |(column, array): (&&super::Column, &ArrayRef)| Field::new(column.name, array.data_type().clone(), true);
    let schema = Arc::new(Schema::new(table.columns.iter().zip(&arrays).map(field).collect::<Vec<_>>()));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_created_by(format!("tongchou {}", env!("CARGO_PKG_VERSION")))
        .build();
    let mut out = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut out, schema.clone(), Some(properties))?;
    writer.write(&RecordBatch::try_new(schema, arrays)?)?;
    writer.close()?;
    Ok(out)
}

fn array(table: &Table, at: usize) -> anyhow::Result<ArrayRef> {
    let cells = table.rows.iter().map(|row| row.get(at).unwrap_or(&Value::Empty));
    let unit = table.columns.get(at).map_or(Unit::Word, |column| column.unit);
    Ok(match unit {
        Unit::Word => Arc::new(StringArray::from_iter(cells.map(|cell| match cell {
            Value::Word(name) => Some(name.code.as_str()),
            Value::Empty | Value::Number(_) => None,
        }))),
        Unit::Count | Unit::Fen => Arc::new(Int64Array::from_iter(cells.map(Value::number))),
        Unit::Share | Unit::Index => {
            let decimals = Decimal128Array::from_iter(cells.map(|cell| cell.number().map(i128::from)));
            Arc::new(decimals.with_precision_and_scale(DIGITS.0, DIGITS.1)?)
        }
    })
}
