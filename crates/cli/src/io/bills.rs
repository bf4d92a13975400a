//! Files of bills, read with a bar for those that take a while.

use std::cell::OnceCell;
use std::path::Path;

pub use claims::{Column, InputFormat, Loaded, read_bytes};

use super::progress;

/// As [`claims::read`].
pub fn read(path: &Path, from: Option<InputFormat>) -> Loaded {
    let bar = OnceCell::new();
    let watch = |done, all| bar.get_or_init(|| progress::over_bytes("读取", all)).set_position(done);
    let loaded = claims::read(path, from, &watch);
    if let Some(bar) = bar.get() {
        bar.finish_and_clear();
    }
    loaded
}

#[cfg(all(test, feature = "parquet"))]
mod tests {
    use domain::{Category, Fen, Level};
    use jiff::civil::date;

    use super::*;
    use crate::io::out::Output;
    use crate::io::sheet::{Cell, Column, Kind, Sheet};

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
        let columns = columns.into_iter().map(|(key, kind)| Column::new(key, key, kind)).collect();
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
        assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
        assert_eq!(loaded.bills.len(), 2);
        assert_eq!((loaded.bills[0].date, loaded.bills[0].level), (date(2022, 3, 1), Level::Three));
        assert_eq!(loaded.bills[0].amounts.a, Fen(14_640));
        assert!(loaded.bills[1].person.categories.has(Category::Newborn));
    }
}
