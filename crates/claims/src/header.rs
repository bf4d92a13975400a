//! The header of a file: which field is which column, and all that is wrong with the names.

use domain::{Diagnostic, Place};

use super::Intake;
use super::columns::{Column, Named};
use super::row::{Layout, Seat};

/// The names of a file's columns, of a CSV header or a Parquet schema.
pub(super) struct Header {
    /// Where each column stands.
    pub layout: Layout,
    /// What each field is; `None` for one that is not read.
    pub columns: Vec<Option<Column>>,
}

impl Header {
    /// Reads the names. `place` is that of the header as a whole.
    pub fn read<'n>(names: impl Iterator<Item = &'n str>, place: &Place, intake: &mut Intake<'_>) -> Header {
        let mut layout = Layout::of_header();
        let columns = names
            .enumerate()
            .map(|(index, name)| {
                let place = Place { column: index + 1, ..place.clone() };
                field(name, place, &mut layout, intake)
            })
            .collect();
        for column in Column::REQUIRED {
            if layout.seat(column).is_none() {
                let message = format!("缺少 {} 列", column.label());
                let cure = format!("加上此列；列名用 {} 或 {}", column.name(), column.chinese().join("、"));
                intake.spoil(Diagnostic::error("missing-column", place.clone(), message, cure));
            }
        }
        if Column::CLASSES.into_iter().all(|column| layout.seat(column).is_none()) {
            let cure = "至少要有 a（甲类）、b（乙类）、c（丙类）、over_limit（超限价）之一";
            intake.spoil(Diagnostic::error("missing-column", place.clone(), "没有一列金额", cure));
        }
        Header { layout, columns }
    }
}

/// One name of a header.
fn field(name: &str, place: Place, layout: &mut Layout, intake: &mut Intake<'_>) -> Option<Column> {
    let position = place.column;
    match Column::named(name) {
        Some(Named::Remark) => None,
        Some(Named::Column { column, in_fen }) => {
            if let Some(earlier) = layout.set(column, Seat { position, in_fen }) {
                let message = format!("{}出现两次：第 {} 列与第 {position} 列", column.label(), earlier.position);
                intake.spoil(Diagnostic::error("repeated-column", place, message, "只留一列"));
            }
            Some(column)
        }
        None => {
            intake.spoil(unknown_column(name, place));
            None
        }
    }
}

/// A name that no column bears.
pub(super) fn unknown_column(name: &str, place: Place) -> Diagnostic {
    let (message, near) = match (name.trim(), Column::nearest(name)) {
        ("", _) => (format!("第 {} 列没有列名", place.column), String::new()),
        (name, Some(near)) => (format!("不认识的列“{name}”"), format!("是否想写 {near}？")),
        (name, None) => (format!("不认识的列“{name}”"), String::new()),
    };
    Diagnostic::error("unknown-column", place, message, format!("{near}不需要的列请删去，或在列名前加 # 作备注"))
}
