//! Tables read back from their files, as rows of texts: numbers as CSV has them.

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Decimal128Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use calamine::{Data, Reader as _, Xlsx};
use domain::Lang;
use microsim::report::{Table, Unit};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

/// The header, then the rows.
pub fn csv(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// The same of Parquet.
pub fn parquet(path: &Path) -> Vec<Vec<String>> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let mut rows = vec![builder.schema().fields().iter().map(|field| field.name().clone()).collect()];
    for batch in builder.build().unwrap() {
        let batch = batch.unwrap();
        let row = |row| batch.columns().iter().map(|column| cell(column, row)).collect();
        rows.extend((0..batch.num_rows()).map(row));
    }
    rows
}

fn cell(column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) {
        return String::new();
    }
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Decimal128(18, 6) => column.as_primitive::<Decimal128Type>().value_as_string(row),
        other => panic!("{other}"),
    }
}

/// The rows of a table's sheet: yuan back as fen, numbers as CSV has them, words as they are shown.
pub fn xlsx(path: &Path, table: &Table, lang: Lang) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = calamine::open_workbook(path).unwrap();
    let sheet = book.worksheet_range(table.head.title.of(lang)).unwrap();
    let mut rows = sheet.rows();
    let header: Vec<String> = rows.next().unwrap().iter().map(ToString::to_string).collect();
    for (told, column) in header.iter().zip(&table.columns) {
        assert!(told.starts_with(column.heading.of(lang)), "{told}");
    }
    let cell = |(place, value): (usize, &Data)| match (value, table.columns[place].unit) {
        (Data::Empty, _) => String::new(),
        (Data::String(text), _) => text.clone(),
        (Data::Float(number), Unit::Fen) => format!("{:.0}", number * 100.0),
        (Data::Float(number), Unit::Count) => format!("{number:.0}"),
        (Data::Float(number), Unit::Share | Unit::Index) => format!("{number:.6}"),
        (other, unit) => panic!("{other:?} in a column of {unit:?}"),
    };
    rows.map(|row| row.iter().enumerate().map(cell).collect()).collect()
}
