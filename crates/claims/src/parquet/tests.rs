//! Parquet files as other programs write them.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, Decimal128Array, DictionaryArray, Float64Array, Int64Array, LargeStringArray, RecordBatch, StringArray,
    StringViewArray, TimestampMicrosecondArray, TimestampNanosecondArray,
};
use domain::{Category, Fen, Level};
use parquet::arrow::ArrowWriter;

use crate::{InputFormat, Loaded};

fn read(path: &Path, from: Option<InputFormat>) -> Loaded {
    crate::read(path, from, &|_, _| {})
}

fn load(columns: Vec<(&str, ArrayRef)>) -> Loaded {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bills.parquet");
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    read(&path, None)
}

fn texts(texts: [&str; 2]) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(texts))
}

fn basics() -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("bill", texts(["b1", "b2"])),
        ("person", texts(["p1", "p2"])),
        ("date", texts(["2022-03-01", "2022-03-02"])),
        ("care", texts(["inpatient", "住院"])),
        ("level", Arc::new(Int64Array::from(vec![3, 2]))),
    ]
}

fn found(loaded: &Loaded) -> Vec<String> {
    loaded.findings.iter().map(|f| format!("{} {}:{}", f.code, f.place.line, f.place.column)).collect()
}

#[test]
fn types_of_other_programs_are_understood() {
    let mut lists = ListBuilder::new(StringBuilder::new());
    lists.append_value([Some("edge"), Some("newborn")]);
    lists.append_null();
    let mut columns = basics();
    columns[3].1 = Arc::new(DictionaryArray::<Int32Type>::from_iter(["inpatient", "住院"]));
    columns.push(("a_fen", Arc::new(Int64Array::from(vec![Some(14_640), None]))));
    columns.push(("b", Arc::new(LargeStringArray::from_iter_values(["1.5", "2"]))));
    let fine = Decimal128Array::from(vec![12_300, 4_560_000]).with_precision_and_scale(20, 4).unwrap();
    columns.push(("c", Arc::new(fine)));
    columns.push(("category", Arc::new(lists.finish())));
    columns.push(("#note", Arc::new(Float64Array::from(vec![0.5, 1.5]))));
    let loaded = load(columns);
    assert_eq!(found(&loaded), Vec::<String>::new());
    let amounts = loaded.bills[0].amounts;
    assert_eq!((amounts.a, amounts.b, amounts.c), (Fen(14_640), Fen(150), Fen(123)));
    assert_eq!(loaded.bills[1].amounts.total(), Fen(45_800));
    assert!(loaded.bills[0].person.categories.has(Category::Edge));
    assert_eq!((loaded.bills[0].level, loaded.bills[1].level), (Level::Three, Level::Two));
}

#[test]
fn types_that_would_lose_something_are_refused_once() {
    let mut columns = basics();
    columns[2].1 = Arc::new(TimestampMicrosecondArray::from(vec![0, 1]).with_timezone("+08:00"));
    columns.push(("a", Arc::new(Float64Array::from(vec![1.0, 2.0]))));
    columns.push(("b", Arc::new(Int64Array::from(vec![1, 2]))));
    columns.push(("categry", texts(["edge", "edge"])));
    let loaded = load(columns);
    assert_eq!(found(&loaded), ["unknown-column 0:8", "wrong-type 0:3", "wrong-type 0:6", "wrong-type 0:7"]);
    assert!(loaded.findings[3].cure.contains("_fen"), "{}", loaded.findings[3]);
    assert_eq!((loaded.bills.len(), loaded.left_out), (0, 2));
}

#[test]
fn faults_of_rows_are_named_by_row_number() {
    let mut columns = basics();
    let fine = Decimal128Array::from(vec![10_000, -10_001]).with_precision_and_scale(20, 4).unwrap();
    columns.push(("a", Arc::new(fine)));
    columns.push(("b", texts(["-1", "1.005"])));
    let loaded = load(columns);
    assert_eq!(found(&loaded), ["negative-amount 1:7", "wrong-type 2:6", "too-many-decimals 2:7"]);
    assert_eq!(found(&read(Path::new("Cargo.toml"), Some(InputFormat::Parquet))), ["bad-parquet 0:0"]);
}

#[test]
fn moments_are_days_where_they_are_midnight() {
    let mut columns = basics();
    let day = 86_400_000_000_000;
    columns[2].1 = Arc::new(TimestampNanosecondArray::from(vec![19_052 * day, 19_052 * day + 1]));
    columns.push(("a", texts(["1", "1"])));
    let loaded = load(columns);
    assert_eq!(found(&loaded), ["wrong-type 2:3"]);
    assert!(loaded.findings[0].cure.contains("normalize"), "{}", loaded.findings[0]);
    assert_eq!(loaded.bills[0].date, jiff::civil::date(2022, 3, 1));
}

#[test]
fn numbers_are_ids_and_views_are_text() {
    let mut columns = basics();
    columns[0].1 = Arc::new(Int64Array::from(vec![120_220_007, 120_220_008]));
    columns[3].1 = Arc::new(StringViewArray::from_iter_values(["inpatient", "住院"]));
    columns.push(("a", texts(["1", "1"])));
    let loaded = load(columns);
    assert_eq!(found(&loaded), Vec::<String>::new());
    assert_eq!((loaded.bills[0].id.as_str(), loaded.bills[1].id.as_str()), ("120220007", "120220008"));
}
