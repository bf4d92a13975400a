//! Bills from Parquet. Every column is brought to one of a few Arrow types first; one that would lose an amount is refused.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type};
use arrow_array::{Array, ArrayRef, Date32Array, Decimal128Array, Int64Array, ListArray, RecordBatch, StringArray};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, Field};
use domain::{Date, Diagnostic, Place};
use jiff::ToSpan;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::Intake;
use super::columns::Column;
use super::header::Header;
use super::row::{Raw, Row};

const BATCH: usize = 8192;

/// Reads all rows into the intake.
pub(super) fn read(bytes: Vec<u8>, intake: &mut Intake<'_>) {
    if let Err(error) = read_batches(bytes, intake) {
        let place = Place::file(intake.file);
        intake.spoil(Diagnostic::error("bad-parquet", place, format!("无法读作 Parquet：{error}"), "核对文件是否完整"));
    }
}

fn read_batches(bytes: Vec<u8>, intake: &mut Intake<'_>) -> anyhow::Result<()> {
    let length = bytes.len();
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes))?;
    let rows = usize::try_from(builder.metadata().file_metadata().num_rows())?.max(1);
    intake.expect(rows);
    let schema = builder.schema().clone();
    let place = Place::file(intake.file);
    let names = schema.fields().iter().map(|field| field.name().as_str());
    let mut header = Header::read(names, &place, intake);
    refuse_unfit_types(schema.fields(), &mut header, intake);
    let mut line = 0;
    for batch in builder.with_batch_size(BATCH).build()? {
        let batch = batch?;
        let cells = columns_of(&batch, &header)?;
        for index in 0..batch.num_rows() {
            line += 1;
            // the progress of a row stands for its share of the bytes
            let mut row = Row::new(line, 0, &header.layout);
            for (column, cells) in &cells {
                *row.cell_mut(*column) = cells.get(index);
            }
            intake.take(&row, true);
        }
        intake.bar.set_position((length / rows * line) as u64);
    }
    Ok(())
}

/// Refuses, once a column, types that the column cannot take.
fn refuse_unfit_types(fields: &arrow_schema::Fields, header: &mut Header, intake: &mut Intake<'_>) {
    for (index, field) in fields.iter().enumerate() {
        let Some(column) = header.columns[index] else { continue };
        let in_fen = header.layout.seat(column).is_some_and(|seat| seat.in_fen);
        if let Some(cure) = unfit(column, in_fen, field) {
            let place = Place { column: index + 1, ..Place::file(intake.file) };
            let message = format!("{}的类型 {} 不能用", column.label(), field.data_type());
            intake.spoil(Diagnostic::error("wrong-type", place, message, cure));
            header.columns[index] = None;
            header.layout.remove(column);
        }
    }
}

/// Why a type does not fit a column; `None` when it does.
fn unfit(column: Column, in_fen: bool, field: &Field) -> Option<&'static str> {
    let kind = match field.data_type() {
        DataType::Dictionary(_, values) => values,
        kind => kind,
    };
    let text = matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null);
    if column.is_amount() && in_fen {
        return (!kind.is_integer()).then_some("以 _fen 结尾的列用整数，以分为单位");
    }
    if column.is_amount() {
        let decimal = matches!(kind, DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..));
        let cure = "金额用 decimal128(18,2) 或文本，以元为单位；整数分请把列名改为以 _fen 结尾；浮点数会丢失精度";
        return (!text && !decimal).then_some(cure);
    }
    match column {
        Column::Date | Column::Birth | Column::InsuredSince => {
            (!text && !matches!(kind, DataType::Date32 | DataType::Date64)).then_some("日期用 date32 或文本 YYYY-MM-DD")
        }
        Column::Category | Column::Mark => {
            let list = match kind {
                DataType::List(item) | DataType::LargeList(item) => {
                    matches!(item.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
                }
                _ => false,
            };
            (!text && !list).then_some("用文本（多项以 | 分隔）或文本列表")
        }
        Column::BShare => (!text).then_some("比例用带百分号的文本，如 10%"),
        _ => (!text && !kind.is_integer()).then_some("用文本"),
    }
}

/// A column of a batch, brought to a type of ours.
enum Cells {
    Text(StringArray),
    List(ListArray),
    Date(Date32Array),
    /// Whole fen.
    Fen(Int64Array),
    /// Yuan, with this many decimals.
    Yuan(Decimal128Array, i8),
}

fn columns_of(batch: &RecordBatch, header: &Header) -> anyhow::Result<Vec<(Column, Cells)>> {
    let fields = header.columns.iter().zip(batch.columns());
    fields
        .filter_map(|(column, array)| column.map(|column| (column, array)))
        .map(|(column, array)| {
            let in_fen = header.layout.seat(column).is_some_and(|seat| seat.in_fen);
            Ok((column, Cells::of(array, in_fen)?))
        })
        .collect()
}

/// Casts; what does not fit is an error, not a null.
fn cast(array: &ArrayRef, to: &DataType) -> anyhow::Result<ArrayRef> {
    Ok(cast_with_options(array, to, &CastOptions { safe: false, ..CastOptions::default() })?)
}

impl Cells {
    fn of(array: &ArrayRef, in_fen: bool) -> anyhow::Result<Cells> {
        let values = match array.data_type() {
            DataType::Dictionary(_, values) => values.as_ref(),
            kind => kind,
        };
        Ok(match values {
            DataType::Date32 | DataType::Date64 => {
                Cells::Date(cast(array, &DataType::Date32)?.as_primitive::<Date32Type>().clone())
            }
            DataType::Decimal32(_, scale) | DataType::Decimal64(_, scale) | DataType::Decimal128(_, scale) => {
                let wide = cast(array, &DataType::Decimal128(38, *scale))?;
                Cells::Yuan(wide.as_primitive::<Decimal128Type>().clone(), *scale)
            }
            DataType::List(_) | DataType::LargeList(_) => {
                let texts = DataType::List(Field::new_list_field(DataType::Utf8, true).into());
                Cells::List(cast(array, &texts)?.as_list::<i32>().clone())
            }
            kind if kind.is_integer() && in_fen => {
                Cells::Fen(cast(array, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
            }
            _ => Cells::Text(cast(array, &DataType::Utf8)?.as_string::<i32>().clone()),
        })
    }

    fn get(&self, row: usize) -> Raw<'_> {
        let array: &dyn Array = match self {
            Cells::Text(array) => array,
            Cells::List(array) => array,
            Cells::Date(array) => array,
            Cells::Fen(array) => array,
            Cells::Yuan(array, _) => array,
        };
        if array.is_null(row) {
            return Raw::Absent;
        }
        match self {
            Cells::Text(array) => Raw::text(array.value(row)),
            Cells::List(array) => {
                let texts = array.value(row);
                let texts = texts.as_string::<i32>();
                Raw::List(texts.iter().flatten().map(|text| Cow::Owned(text.to_owned())).collect())
            }
            Cells::Date(array) => {
                let day = Date::constant(1970, 1, 1).checked_add(i64::from(array.value(row)).days());
                day.map_or_else(|_| Raw::Unfit("日期".to_owned(), "核对日期"), Raw::Date)
            }
            Cells::Fen(array) => Raw::Fen(array.value(row)),
            Cells::Yuan(array, scale) => fen_of(array.value(row), *scale),
        }
    }
}

/// A decimal number of yuan as fen, or refused when it is finer than a fen.
fn fen_of(value: i128, scale: i8) -> Raw<'static> {
    const TOO_FINE: &str = "金额最多两位小数（到分）";
    const TOO_LARGE: &str = "核对金额和单位（元）";
    let power = 10_i128.checked_pow(u32::from(scale.abs_diff(2)));
    let fen = match power {
        Some(power) if scale <= 2 => value.checked_mul(power),
        Some(power) if value % power == 0 => Some(value / power),
        _ => return Raw::Unfit(format!("{scale} 位小数的 {value}"), TOO_FINE),
    };
    match fen.and_then(|fen| i64::try_from(fen).ok()) {
        Some(fen) => Raw::Fen(fen),
        None => Raw::Unfit(format!("过大的数 {value}"), TOO_LARGE),
    }
}
