//! The rows of a table of the books, by the names of their columns.

use books::Table;
use domain::Rate;
use serde_json::{Map, Value};

use super::value::number;

/// A row: its columns by name.
pub(crate) type Row = Map<String, Value>;

/// Each row of a table.
pub(crate) fn maps(table: Table) -> Vec<Row> {
    let Table { columns, rows, .. } = table;
    let named = |row: Vec<Value>| columns.iter().map(|column| column.name.to_owned()).zip(row).collect();
    rows.into_iter().map(named).collect()
}

/// A text of a row; empty where it has none.
pub(crate) fn cell<'r>(row: &'r Row, name: &str) -> &'r str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A share as the interface writes it, to four places.
pub(crate) fn four_places(rate: Rate) -> Value {
    let share = (rate.ppm() + 50) / 100;
    number(&format!("{}.{:04}", share / 10_000, share % 10_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_four_places() {
        let written = |ppm| four_places(Rate::from_ppm(ppm));
        assert_eq!([written(100_000), written(333_333), written(1_000_000)], [0.1, 0.3333, 1.0].map(Value::from));
    }
}
