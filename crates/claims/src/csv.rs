//! Bills from CSV with a header.

use csv::{ReaderBuilder, StringRecord};
use domain::{Diagnostic, Place};

use super::Intake;
use super::header::Header;
use super::row::{Raw, Row};

/// Reads all rows into the intake.
pub(super) fn read(text: &str, intake: &mut Intake<'_>) {
    // a row of another length than the header is ours to name
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut header: Option<Header> = None;
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let place =
                    Place { line: error.position().map_or(0, |at| at.line() as usize), ..Place::file(intake.file) };
                intake.unreadable(Diagnostic::error(
                    "bad-csv",
                    place,
                    format!("无法读作 CSV：{error}"),
                    "核对引号与分隔符",
                ));
                continue;
            }
        }
        let (start, line) = start_of(text, &record);
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        match &header {
            None => {
                let place = Place { line, span: (start, start), ..Place::file(intake.file) };
                if let Some(found) = other_separator(&record) {
                    let message = format!("列之间以{found}分隔，不是半角逗号");
                    return intake.spoil(Diagnostic::error(
                        "wrong-separator",
                        place,
                        message,
                        "另存为逗号分隔的“CSV UTF-8”",
                    ));
                }
                header = Some(Header::read(record.iter(), &place, intake));
            }
            Some(header) => read_row(&record, start, line, header, intake),
        }
    }
}

/// What stands between the names of a header that is all one field.
fn other_separator(header: &StringRecord) -> Option<&'static str> {
    let only = header.get(0).filter(|_| header.len() == 1)?;
    [('\t', "制表符"), (';', "分号"), ('；', "全角分号"), ('，', "全角逗号"), ('、', "顿号")]
        .into_iter()
        .find_map(|(separator, name)| only.contains(separator).then_some(name))
}

fn read_row(record: &StringRecord, start: usize, line: usize, header: &Header, intake: &mut Intake<'_>) {
    let mut row = Row::new(line, start, &header.layout);
    for (column, field) in header.columns.iter().zip(record) {
        if let Some(column) = column {
            *row.cell_mut(*column) = Raw::text(field);
        }
    }
    if record.len() != header.columns.len() {
        let message = format!("此行有 {} 列，表头有 {} 列", record.len(), header.columns.len());
        let cure = "补齐或删去多余的列；含逗号的内容用双引号括起";
        let finding = Diagnostic::error("ragged-row", row.place_at(intake.file, 0), message, cure);
        intake.leave_out(&row, finding);
        return;
    }
    intake.take(&row, true);
}

/// Byte and line at which a record starts. The reader's own position lies before blank lines and line ends.
fn start_of(text: &str, record: &StringRecord) -> (usize, usize) {
    let (mut start, mut line) = record.position().map_or((0, 1), |at| (at.byte() as usize, at.line() as usize));
    while let Some(byte @ (b'\r' | b'\n')) = text.as_bytes().get(start) {
        line += usize::from(*byte == b'\n');
        start += 1;
    }
    (start, line)
}

/// Makes the byte ranges of findings exact: from the start of a row to the field meant.
pub(super) fn draw(text: &str, findings: &mut [Diagnostic]) {
    for finding in findings.iter_mut().filter(|finding| finding.place.line > 0) {
        let place = &mut finding.place;
        place.span = field_span(text, place.span.0, place.column);
        place.column = place.column.max(1);
    }
    findings.sort_by_key(|finding| finding.place.span.0);
}

/// Byte range of a field, by position from 1, in the record that starts at a byte; of its first line for position 0.
fn field_span(text: &str, start: usize, position: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let line_end = |from: usize| {
        bytes[from..].iter().position(|byte| matches!(byte, b'\r' | b'\n')).map_or(bytes.len(), |at| from + at)
    };
    let start = start.min(bytes.len());
    if position == 0 {
        return (start, line_end(start));
    }
    let (mut field, mut from, mut quoted) = (1, start, false);
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'"' => quoted = !quoted,
            b',' | b'\r' | b'\n' if !quoted => {
                if field == position || *byte != b',' {
                    return (from, at);
                }
                (field, from) = (field + 1, at + 1);
            }
            _ => {}
        }
    }
    (from, bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_in_its_row() {
        let text = "a,b\n\"x, \"\"y\"\"\",住院,\n";
        let field = |position| field_span(text, 4, position);
        assert_eq!(&text[field(1).0..field(1).1], "\"x, \"\"y\"\"\"");
        assert_eq!(&text[field(2).0..field(2).1], "住院");
        assert_eq!(field(3), (text.len() - 1, text.len() - 1));
        assert_eq!(&text[field(0).0..field(0).1], "\"x, \"\"y\"\"\",住院,");
    }
}
