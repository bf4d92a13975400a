//! All fields, by subject; found by name.

mod care;
mod filing;
mod lines;
mod matching;
mod person;
mod review;
mod settlement;
mod sheet;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::field::Field;

/// The subjects, in the order of the reference page: what they are called, and their fields.
pub static SUBJECTS: [(&str, &str, &[Row]); 8] = [
    ("人员与机构", "people and institutions", person::FIELDS),
    ("就诊", "visits", care::FIELDS),
    ("费用明细", "charge lines", lines::FIELDS),
    ("结算与对账", "settlement and reconciliation", settlement::FIELDS),
    ("备案", "filings", filing::FIELDS),
    ("目录、匹配与文件", "catalogues, matching and files", matching::FIELDS),
    ("医保智能审核", "review", review::FIELDS),
    ("结算清单", "settlement sheet", sheet::FIELDS),
];

/// A row of the table: name, what it holds, Chinese, English.
pub type Row = (&'static str, super::field::Kind, &'static str, &'static str);

static BY_NAME: LazyLock<BTreeMap<&str, Field>> = LazyLock::new(|| {
    let rows = SUBJECTS.iter().flat_map(|(_, _, rows)| rows.iter());
    rows.map(|&(name, kind, zh, en)| (name, Field { name, zh, en, kind })).collect()
});

/// The field of this name.
pub fn field(name: &str) -> Option<&'static Field> {
    BY_NAME.get(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dictionary::{Kind, code_table};
    use std::collections::BTreeSet;

    #[test]
    fn each_field_stands_once_and_its_codes_are_there() {
        let mut seen = BTreeSet::new();
        for (_, _, rows) in SUBJECTS {
            for (name, kind, zh, en) in rows {
                assert!(seen.insert(name), "{name} stands twice");
                assert!(!zh.is_empty() && !en.is_empty(), "{name}");
                if let Kind::Code(most, table) = kind {
                    let table = code_table(table).unwrap_or_else(|| panic!("{name}: no table {table}"));
                    assert!(table.codes.iter().all(|code| code.code.len() <= *most), "{name}: {}", table.name);
                }
            }
        }
    }
}
