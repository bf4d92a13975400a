//! Bytes to text. What Chinese desktops save as "CSV" is UTF-8, UTF-8 with a mark, GBK, or UTF-16.

use domain::{Diagnostic, Place, Severity};
use encoding_rs::{Encoding, GBK, UTF_8};

/// A text and what had to be assumed to read it.
#[derive(Debug)]
pub struct Decoded {
    /// The text.
    pub text: String,
    /// Set when the bytes were no UTF-8: the encoding taken instead.
    pub assumed: Option<Diagnostic>,
}

/// Decodes a file. A damaged text is an error, never replaced by placeholders.
pub fn decode(file: &str, mut bytes: Vec<u8>) -> Result<Decoded, Box<Diagnostic>> {
    match Encoding::for_bom(&bytes) {
        Some((encoding, mark)) if encoding != UTF_8 => {
            let (text, damaged) = encoding.decode_without_bom_handling(&bytes[mark..]);
            if damaged {
                return Err(undecodable(file, 1));
            }
            return Ok(Decoded { text: text.into_owned(), assumed: None });
        }
        Some((_, mark)) => {
            bytes.drain(..mark);
        }
        None => {}
    }
    utf8(file, bytes)
}

fn utf8(file: &str, bytes: Vec<u8>) -> Result<Decoded, Box<Diagnostic>> {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Ok(Decoded { text, assumed: None }),
        Err(error) => error,
    };
    let valid = error.utf8_error().valid_up_to();
    let bytes = error.into_bytes();
    let line = bytes[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
    let before = String::from_utf8_lossy(&bytes[..valid]);
    // Hanzi that read well as UTF-8 before the fault: a damaged UTF-8 file, which GBK would turn into other hanzi.
    if before.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) {
        return Err(undecodable(file, line));
    }
    let (text, damaged) = GBK.decode_without_bom_handling(&bytes);
    if damaged {
        return Err(undecodable(file, line));
    }
    let assumed = Diagnostic {
        severity: Severity::Note,
        ..Diagnostic::error(
            "read-as-gbk",
            Place::file(file),
            "文件不是 UTF-8，已按 GBK 读取",
            "若文字显示不对，请另存为 UTF-8 再试",
        )
    };
    Ok(Decoded { text: text.into_owned(), assumed: Some(assumed) })
}

fn undecodable(file: &str, line: usize) -> Box<Diagnostic> {
    let place = Place { line, column: 1, ..Place::file(file) };
    Box::new(Diagnostic::error(
        "bad-encoding",
        place,
        "此行起有既非 UTF-8 也非 GBK 的字节",
        "用原软件重新另存为“CSV UTF-8”",
    ))
}

/// The lines of a text: from a byte to its line and column, and to the line it stands in.
#[derive(Clone, Debug)]
pub struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// The lines of a text.
    pub fn of(text: &'t str) -> Lines<'t> {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Lines { text, starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect() }
    }

    /// Line and column of a byte, from 1, the column in characters.
    pub fn place(&self, byte: usize) -> (usize, usize) {
        let byte = byte.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= byte).max(1);
        let before = self.text.get(self.starts[line - 1]..byte).unwrap_or("");
        (line, before.chars().count() + 1)
    }

    /// The text of lines, both included, without the last line end; and the byte at which it begins.
    pub fn between(&self, first: usize, last: usize) -> (usize, &'t str) {
        let begin = self.starts.get(first.saturating_sub(1)).copied().unwrap_or(self.text.len());
        let end = self.starts.get(last).copied().unwrap_or(self.text.len()).max(begin);
        let lines = self.text.get(begin..end).unwrap_or("");
        (begin, lines.trim_end_matches(['\r', '\n']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_with_and_without_mark_reads_alike() {
        assert_eq!(decode("f", "票据号".as_bytes().to_vec()).unwrap().text, "票据号");
        assert_eq!(decode("f", "\u{feff}票据号".as_bytes().to_vec()).unwrap().text, "票据号");
    }

    #[test]
    fn gbk_is_read_and_noted() {
        let (bytes, _, _) = GBK.encode("票据号,人员编号\nb1,甲\n");
        let decoded = decode("f", bytes.into_owned()).unwrap();
        assert_eq!(decoded.text, "票据号,人员编号\nb1,甲\n");
        assert_eq!(decoded.assumed.unwrap().code, "read-as-gbk");
    }

    #[test]
    fn utf16_with_mark_is_read() {
        let mut bytes = vec![0xff, 0xfe];
        bytes.extend("bill,票".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(decode("f", bytes).unwrap().text, "bill,票");
    }

    #[test]
    fn a_damaged_utf8_text_is_not_taken_for_gbk() {
        let mut bytes = "票据号\n住院".as_bytes().to_vec();
        bytes.pop();
        let finding = decode("f", bytes).unwrap_err();
        assert_eq!((finding.code, finding.place.line), ("bad-encoding", 2));
    }

    #[test]
    fn bytes_have_lines_and_columns() {
        let lines = Lines::of("甲乙\n丙=1\r\n");
        assert_eq!(lines.place(0), (1, 1));
        assert_eq!(lines.place(3), (1, 2));
        assert_eq!(lines.place(10), (2, 2));
        assert_eq!(lines.place(99), (3, 1));
        assert_eq!(lines.between(1, 2), (0, "甲乙\n丙=1"));
        assert_eq!(lines.between(2, 2), (7, "丙=1"));
    }
}
