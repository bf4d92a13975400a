//! Parquet: money as decimal128(18,2), days as date32.

use std::io::Write;
use std::sync::Arc;

use anyhow::Context;
use arrow_array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use domain::Date;
use jiff::Unit;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::{Cell, Column, Kind, Sheet};

const BATCH: usize = 65_536;
const DIGITS: u8 = 18;
const DECIMALS: i8 = 2;

/// Writes the sheet; all columns may be empty in a row.
pub(super) fn write(sheet: &Sheet, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    let fields: Vec<Field> =
        sheet.columns.iter().map(|column| Field::new(column.key.clone(), type_of(column.kind), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(out, schema.clone(), Some(properties))?;
    for rows in sheet.rows.chunks(BATCH) {
        let arrays = sheet.columns.iter().enumerate().map(|(at, column)| array(column, at, rows));
        writer.write(&RecordBatch::try_new(schema.clone(), arrays.collect::<anyhow::Result<_>>()?)?)?;
    }
    writer.close()?;
    Ok(())
}

fn type_of(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Money => DataType::Decimal128(DIGITS, DECIMALS),
        Kind::Integer => DataType::Int64,
        Kind::Date => DataType::Date32,
        Kind::Bool => DataType::Boolean,
    }
}

/// One column of some rows.
fn array(column: &Column, at: usize, rows: &[Vec<Cell>]) -> anyhow::Result<ArrayRef> {
    let cells = rows.iter().map(|row| row.get(at).unwrap_or(&Cell::Empty));
    if let Some(cell) = cells.clone().find(|cell| !cell.fits(column.kind)) {
        anyhow::bail!("列 {} 中的“{cell}”与列的类型不符", column.key);
    }
    Ok(match column.kind {
        Kind::Text => Arc::new(StringArray::from_iter(cells.map(|cell| match cell {
            Cell::Text(text) => Some(text),
            _ => None,
        }))),
        Kind::Money => {
            let fen = cells.map(|cell| match cell {
                Cell::Money(fen) => Some(i128::from(fen.0)),
                _ => None,
            });
            let decimals = Decimal128Array::from_iter(fen).with_precision_and_scale(DIGITS, DECIMALS)?;
            decimals.validate_decimal_precision(DIGITS).with_context(|| format!("列 {}", column.key))?;
            Arc::new(decimals)
        }
        Kind::Integer => Arc::new(Int64Array::from_iter(cells.map(|cell| match cell {
            Cell::Integer(number) => Some(*number),
            _ => None,
        }))),
        Kind::Date => Arc::new(Date32Array::from_iter(cells.map(|cell| match cell {
            Cell::Date(date) => days(*date),
            _ => None,
        }))),
        Kind::Bool => Arc::new(BooleanArray::from_iter(cells.map(|cell| match cell {
            Cell::Bool(yes) => Some(*yes),
            _ => None,
        }))),
    })
}

/// Days since 1970-01-01.
fn days(date: Date) -> Option<i32> {
    let since = Date::constant(1970, 1, 1).until((Unit::Day, date)).ok()?;
    Some(since.get_days())
}
