//! Parquet files as other programs write them.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{DictionaryArray, Float64Array, LargeStringArray, RecordBatch, TimestampMicrosecondArray};
use domain::{Category, Fen, Level};
use jiff::civil::date;
use parquet::arrow::ArrowWriter;

use super::*;
use crate::io::bills::{Loaded, read};
use crate::io::out::Output;
use crate::io::sheet::{Cell, Column as SheetColumn, Kind, Sheet};

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
fn what_a_sheet_writes_reads_back() {
    let columns = [
        ("bill", Kind::Text),
        ("person", Kind::Text),
        ("date", Kind::Date),
        ("care", Kind::Text),
        ("level", Kind::Text),
        ("category", Kind::Text),
        ("a", Kind::Money),
        ("b", Kind::Money),
    ];
    let columns = columns.into_iter().map(|(key, kind)| SheetColumn::new(key, key, kind)).collect();
    let mut sheet = Sheet::new("票据", columns);
    for (id, a) in [("b1", Fen(14_640)), ("b2", Fen::ZERO)] {
        let row = vec![id.into(), "p1".into(), date(2022, 3, 1).into(), "住院".into(), "三级".into()];
        sheet.push(row.into_iter().chain(["edge|newborn".into(), a.into(), Cell::Empty]).collect());
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bills.parquet");
    let output = Output { output: Some(path.clone()), ..Output::default() };
    output.write(&[sheet], &[]).unwrap();
    let loaded = read(&path, None);
    assert_eq!(found(&loaded), Vec::<String>::new());
    assert_eq!(loaded.bills.len(), 2);
    assert_eq!((loaded.bills[0].date, loaded.bills[0].level), (date(2022, 3, 1), Level::Three));
    assert_eq!(loaded.bills[0].amounts.a, Fen(14_640));
    assert!(loaded.bills[1].person.categories.has(Category::Newborn));
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
    columns[2].1 = Arc::new(TimestampMicrosecondArray::from(vec![0, 1]));
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
    assert_eq!(
        found(&read(Path::new("Cargo.toml"), Some(crate::io::bills::InputFormat::Parquet))),
        ["bad-parquet 0:0"]
    );
}

#[test]
fn decimals_become_fen_or_are_refused() {
    assert!(matches!(fen_of(14_640, 2), Raw::Fen(14_640)));
    assert!(matches!(fen_of(146, 0), Raw::Fen(14_600)));
    assert!(matches!(fen_of(1_464_000, 4), Raw::Fen(14_640)));
    assert!(matches!(fen_of(1_464_001, 4), Raw::Unfit(..)));
    assert!(matches!(fen_of(i128::MAX, 0), Raw::Unfit(..)));
}
