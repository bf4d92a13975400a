//! A list as a workbook: one sheet, its headings, amounts as numbers and all else as text.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Fen;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::answer;

const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A cell: what is written, and the amount where it is one.
type Cell = (String, Option<Fen>);

/// A workbook to be kept under a name.
pub fn response(name: &str, heads: &[&str], rows: &[Vec<Cell>]) -> Response {
    match book(heads, rows) {
        Ok(bytes) => answer::file(&format!("{name}.xlsx"), KIND, bytes),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn book(heads: &[&str], rows: &[Vec<Cell>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let (bold, yuan) = (Format::new().set_bold(), Format::new().set_num_format("#,##0.00"));
    let sheet = book.add_worksheet();
    sheet.set_freeze_panes(1, 0)?;
    for (column, head) in (0u16..).zip(heads) {
        sheet.write_string_with_format(0, column, *head, &bold)?;
    }
    for (row, cells) in (1u32..).zip(rows) {
        for (column, (text, amount)) in (0u16..).zip(cells) {
            // Excel's cells are doubles, which show yuan with two decimals exactly up to ninety trillion. Nothing is computed with it.
            match amount.and_then(|fen| fen.to_string().parse::<f64>().ok()) {
                Some(number) => sheet.write_number_with_format(row, column, number, &yuan)?,
                None => sheet.write_string(row, column, text)?,
            };
        }
    }
    sheet.autofit();
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_is_a_zip_with_the_sheet_in_it() {
        let rows = [vec![("=1+1".to_owned(), None), ("12.50".to_owned(), Some(Fen(1_250)))]];
        let bytes = book(&["a", "b"], &rows).unwrap();
        assert!(bytes.starts_with(b"PK"));
        assert!(String::from_utf8_lossy(&bytes).contains("xl/worksheets/sheet1.xml"));
    }
}
