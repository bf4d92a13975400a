//! Files exchanged with banks and the tax platform, as text: numbered lines of fields between tabs, and a last line that counts
//! them and gives their sum.
//!
//! The first line says what the file is: `TONGCHOU`, its kind, its number. The last is `END`, the number of lines, the sum of the
//! amounts in yuan and, of files made here, the hash of all before it. A file whose last line does not fit its lines is refused
//! whole: part of it is lost. A line that cannot be read is told by its number.

use domain::{Date, Fen};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::answer::Refusal;
use crate::codec::Yuan;
use crate::vault::hex;

const MARK: &str = "TONGCHOU";
const END: &str = "END";

/// The hash of a file's text, in hex.
pub(super) fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// Writes a file.
pub(super) fn write(kind: &str, number: &str, columns: &[&str], lines: &[Vec<String>], sum: Fen) -> String {
    let mut text = format!("{MARK}\t{kind}\t{number}\n#\t{}\n", columns.join("\t"));
    for (at, line) in lines.iter().enumerate() {
        text += &format!("{}\t{}\n", at + 1, line.join("\t"));
    }
    let hash = hash(&text);
    text + &format!("{END}\t{}\t{sum}\t{hash}\n", lines.len())
}

/// A line of a file, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileLine<'t> {
    /// Its number, as it is written.
    pub number: &'t str,
    /// The line in the text, from 1.
    pub at: usize,
    fields: Vec<&'t str>,
}

/// A file that is whole.
pub(super) struct File<'t> {
    /// Its number.
    pub number: &'t str,
    /// Its lines.
    pub lines: Vec<FileLine<'t>>,
    /// The sum that its last line gives.
    pub sum: Fen,
}

/// Reads a file of a kind, as far as its first and last line go.
///
/// # Errors
/// When it is of another kind, has no last line, or that does not count its lines.
pub(super) fn read<'t>(kind: &str, text: &'t str) -> Result<File<'t>, Refusal> {
    let broken = |what: String| Refusal::new("broken-file", what, "请发送方重发完整的文件");
    let text = text.trim_start_matches('\u{feff}');
    let filled = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_end_matches('\r')));
    let mut filled = filled.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let head: Vec<&str> = filled.next().map_or_else(Vec::new, |(_, line)| line.split('\t').collect());
    let number = match head.as_slice() {
        [MARK, of, number, ..] if *of == kind && !number.trim().is_empty() => number.trim(),
        _ => return Err(broken(format!("首行应为 {MARK}、{kind}、文件编号，以制表符分隔"))),
    };
    let mut lines: Vec<FileLine<'t>> = filled
        .map(|(at, line)| {
            let mut fields = line.split('\t').map(str::trim);
            FileLine { number: fields.next().unwrap_or_default(), at, fields: fields.collect() }
        })
        .collect();
    let end =
        lines.pop().filter(|line| line.number == END).ok_or_else(|| broken("没有末行 END，文件不全".to_owned()))?;
    let count: usize = end.field(0).parse().map_err(|_| broken("末行的行数不是数字".to_owned()))?;
    let sum = Fen::parse_yuan(end.field(1)).map_err(|error| broken(format!("末行的合计：{error}")))?;
    if count != lines.len() {
        return Err(broken(format!("末行说 {count} 行，实有 {} 行", lines.len())));
    }
    Ok(File { number, lines, sum })
}

impl File<'_> {
    /// Refuses a file whose amounts are not what its last line says.
    ///
    /// # Errors
    /// When they differ.
    pub fn sums_to(&self, sum: Fen) -> Result<(), Refusal> {
        if sum == self.sum {
            return Ok(());
        }
        let message = format!("各行合计 {sum} 元，末行说 {} 元，相差 {} 元", self.sum, self.sum - sum);
        Err(Refusal::new("sum-mismatch", message, "与发送方核对，更正后整份重发"))
    }
}

impl FileLine<'_> {
    /// A field, from 0; empty if it is not there.
    pub fn field(&self, at: usize) -> &str {
        self.fields.get(at).copied().unwrap_or_default()
    }

    /// A field that is an amount.
    pub fn money(&self, at: usize) -> Result<Fen, Refusal> {
        let text = self.field(at);
        Fen::parse_yuan(text).map_err(|error| unreadable(&format!("金额 “{text}”：{error}")))
    }

    /// A field that is a day.
    pub fn day(&self, at: usize) -> Result<Date, Refusal> {
        let text = self.field(at);
        text.parse().map_err(|_| unreadable(&format!("日期 “{text}” 应写作 2022-12-05")))
    }

    /// A field that is a year.
    pub fn year(&self, at: usize) -> Result<i16, Refusal> {
        let text = self.field(at);
        text.parse().map_err(|_| unreadable(&format!("年度 “{text}” 不是数字")))
    }
}

/// The refusal of a line that cannot be read.
pub(super) fn unreadable(what: &str) -> Refusal {
    Refusal::new("broken-line", what, "照格式更正这一行")
}

/// What became of a line, to be sent back to who sent the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineResult {
    /// Number of the line, as the file has it.
    pub line: String,
    /// The word of the outcome.
    pub outcome: String,
    /// The amount of the line.
    pub amount: Yuan,
    /// What it is about, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Every line, in order.
    pub lines: Vec<LineResult>,
}

impl Report {
    /// Adds a line.
    pub(super) fn add(&mut self, line: &FileLine<'_>, outcome: &str, amount: Fen, note: impl Into<String>) {
        let result = LineResult {
            line: line.number.to_owned(),
            outcome: outcome.to_owned(),
            amount: Yuan(amount),
            note: note.into(),
        };
        self.lines.push(result);
    }

    /// The lines of an outcome.
    pub fn of<'r>(&'r self, outcome: &'r str) -> impl Iterator<Item = &'r LineResult> {
        self.lines.iter().filter(move |line| line.outcome == outcome)
    }

    /// How many lines have an outcome, and over how much.
    pub fn count(&self, outcome: &str) -> (usize, Fen) {
        (self.of(outcome).count(), self.of(outcome).map(|line| line.amount.0).sum())
    }

    /// The report as a file.
    pub(super) fn file(&self, kind: &str, number: &str) -> String {
        let line = |line: &LineResult| {
            vec![line.line.clone(), line.outcome.clone(), line.amount.to_string(), line.note.clone()]
        };
        let lines: Vec<Vec<String>> = self.lines.iter().map(line).collect();
        let sum = self.lines.iter().map(|line| line.amount.0).sum();
        write(kind, number, &["line", "outcome", "amount", "note"], &lines, sum)
    }
}

/// Refuses a file of which a line was rejected.
pub(super) fn whole(report: &Report) -> Result<(), Refusal> {
    let rejected: Vec<String> = report.of(REJECTED).map(|line| format!("{}：{}", line.line, line.note)).collect();
    if rejected.is_empty() {
        return Ok(());
    }
    let message = format!("{} 行不能录入，整份未录：{}", rejected.len(), rejected.join("；"));
    Err(Refusal::new("rejected-lines", message, "请发送方更正后重发；或不带 whole，录入其余各行"))
}

/// The outcome of a line that has no effect.
pub(super) const REJECTED: &str = "rejected";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_as_it_was_written() {
        let lines = vec![vec!["a".to_owned(), "1.50".to_owned()], vec!["b".to_owned(), "2.00".to_owned()]];
        let text = write("test", "7", &["name", "amount"], &lines, Fen(350));
        let file = read("test", &text).unwrap();
        assert_eq!((file.number, file.lines.len(), file.sum), ("7", 2, Fen(350)));
        assert_eq!((file.lines[1].number, file.lines[1].field(0), file.lines[1].money(1)), ("2", "b", Ok(Fen(200))));
        assert_eq!(file.sums_to(Fen(349)).unwrap_err().code, "sum-mismatch");
        assert_eq!(read("other", &text).err().map(|refusal| refusal.code).as_deref(), Some("broken-file"));
    }

    #[test]
    fn a_file_that_lost_a_line_is_refused_whole() {
        let text = "TONGCHOU\ttest\t7\n1\ta\t1.50\nEND\t2\t3.50\n";
        assert!(read("test", text).err().is_some_and(|refusal| refusal.message.contains("实有 1 行")));
        assert!(read("test", "TONGCHOU\ttest\t7\n1\ta\t1.50\n").is_err());
        assert!(read("test", "").is_err());
    }
}
