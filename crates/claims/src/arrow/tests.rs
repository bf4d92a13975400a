//! Tables read in pieces, and the numbers in them.

use std::sync::Arc;

use super::*;

fn texts<const N: usize>(texts: [&str; N]) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(texts))
}

/// Bills of two persons, not in order, in two batches.
fn opened() -> Table {
    let batch = |bills: [&str; 2], persons: [i64; 2]| {
        RecordBatch::try_from_iter([
            ("bill", texts(bills)),
            ("person", Arc::new(Int64Array::from(persons.to_vec())) as ArrayRef),
            ("date", texts(["2022-03-01", "2022-03-02"])),
            ("care", texts(["inpatient", "住院"])),
            ("level", texts(["2", "三级"])),
            ("a_fen", Arc::new(Int64Array::from(vec![100, 200])) as ArrayRef),
        ])
        .unwrap()
    };
    let batches = [batch(["b1", "b2"], [7, 9]), batch(["b3", "b4"], [7, 7])];
    Table::open("table", &batches[0].schema(), &batches).unwrap()
}

#[test]
fn rows_are_found_person_by_person() {
    let table = opened();
    let persons = table.by_person();
    assert_eq!((table.rows(), persons.len()), (4, 2));
    assert_eq!(persons.pieces(1), [&[0, 2, 3][..], &[1]]);
    assert_eq!(persons.pieces(100), [&[0, 2, 3, 1][..]]);
    let loaded = table.read(persons.pieces(1)[0].iter().map(|row| *row as usize));
    assert!(loaded.findings.is_empty());
    let told: Vec<_> = loaded.bills.iter().zip(&loaded.origins).map(|(bill, at)| (bill.id.as_str(), at.line)).collect();
    assert_eq!(told, [("b1", 1), ("b3", 3), ("b4", 4)]);
}

#[test]
fn nothing_is_no_fault_in_a_table() {
    let table = opened();
    let loaded = table.read(std::iter::empty());
    assert!(loaded.findings.is_empty() && loaded.bills.is_empty());
}

#[test]
fn decimals_become_fen_or_are_refused() {
    assert!(matches!(fen_of(14_640, 2), Raw::Fen(14_640)));
    assert!(matches!(fen_of(146, 0), Raw::Fen(14_600)));
    assert!(matches!(fen_of(1_464_000, 4), Raw::Fen(14_640)));
    assert!(matches!(fen_of(1_464_001, 4), Raw::Unfit(..)));
    assert!(matches!(fen_of(i128::MAX, 0), Raw::Unfit(..)));
}
