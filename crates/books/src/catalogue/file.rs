//! A file of a catalogue: lines `# name: value` that say where it comes from, a heading, then a line a record.
//!
//! The head may tell the SHA-256 of what stands below it: then the file is refused where it was changed on the way.

use std::collections::BTreeMap;

use domain::{Basis, Date, Fen, Rate, Vocabulary};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::answer::Refusal;
use crate::codec::Word;
use crate::vault::hex;

/// Where the records of a file come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Who publishes it.
    pub publisher: String,
    /// Its edition.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub edition: String,
    /// Its day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Under which licence, or by which right, it is used.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub licence: String,
    /// The word of the basis on which its records rest.
    pub basis: String,
}

/// A file, read as far as its heading.
pub(super) struct File<'t> {
    pub source: Source,
    /// Hash of the whole.
    pub hash: String,
    body: &'t str,
    /// Lines of the head.
    skipped: u64,
    columns: Vec<&'static str>,
}

/// Names of the head.
const HEAD: &[&str] = &["publisher", "edition", "date", "licence", "basis", "sha256", "note"];

/// A column: its name, and how a Chinese file may head it.
pub(super) type ColumnName = (&'static str, &'static str);

/// What a caller says of a file that does not say it itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said<'c> {
    pub publisher: Option<&'c str>,
    pub basis: Option<&'c str>,
}

impl<'t> File<'t> {
    /// Reads head and heading.
    ///
    /// # Errors
    /// When the head is incomplete or contradicts the body, or a column is unknown.
    pub fn read(text: &'t str, said: Said<'_>, known: &[ColumnName]) -> Result<File<'t>, Refusal> {
        let hash = hex(&Sha256::digest(text.as_bytes()));
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (head, body, skipped) = split(text)?;
        if let Some(told) = head.get("sha256")
            && hex(&Sha256::digest(body.as_bytes())) != told.to_ascii_lowercase()
        {
            let message = "文件头写的 sha256 与正文不符：文件在传递中被改动，或改后没有重算";
            return Err(Refusal::new(
                "file-changed",
                message,
                "向发布方重取原文件；自己改的，重算正文的 SHA-256 再写上",
            ));
        }
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(body.as_bytes());
        let heads = reader.headers().map_err(|error| bad(error.to_string()))?;
        let columns = heads.iter().map(|name| column(known, name)).collect::<Result<_, _>>()?;
        Ok(File { source: source(&head, said)?, hash, body, skipped, columns })
    }

    /// The records, each with its line.
    pub fn rows(&self) -> impl Iterator<Item = (u64, Result<Cells<'_>, Refusal>)> {
        let reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(self.body.as_bytes());
        reader.into_records().map(|record| match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                (line + self.skipped, Ok(Cells { columns: &self.columns, record }))
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                (line + self.skipped, Err(bad(format!("这一行读不懂：{error}"))))
            }
        })
    }
}

type Head<'t> = BTreeMap<&'t str, &'t str>;

/// The head, what stands below it, and how many lines the head has.
fn split(text: &str) -> Result<(Head<'_>, &str, u64), Refusal> {
    let (mut head, mut rest, mut lines) = (BTreeMap::new(), text, 0);
    while let Some(after) = rest.strip_prefix('#') {
        let (line, below) = after.split_once('\n').unwrap_or((after, ""));
        (rest, lines) = (below, lines + 1);
        let Some((name, value)) = line.split_once([':', '：']) else { continue };
        let (name, value) = (name.trim(), value.trim().trim_end_matches(',').trim());
        if !HEAD.contains(&name) {
            let message = format!("文件头没有 “{name}” 这一项");
            return Err(Refusal::new("unknown-head", message, format!("可用：{}", HEAD.join("、"))));
        }
        head.insert(name, value);
    }
    Ok((head, rest, lines))
}

fn source(head: &Head<'_>, said: Said<'_>) -> Result<Source, Refusal> {
    let told = |name: &str, said: Option<&str>, cure: &str| {
        let value = head.get(name).copied().or(said).map(str::trim).filter(|value| !value.is_empty());
        let message = || format!("文件没有写 {name}");
        value.map(str::to_owned).ok_or_else(|| Refusal::new("missing-head", message(), cure))
    };
    let basis = told(
        "basis",
        said.basis,
        "文件头写 “# basis: stated”，或用 basis 写明：stated、derived、secondary、illustrative",
    )?;
    if Basis::parse(&basis).is_none() {
        let known: Vec<&str> = Basis::ALL.iter().map(|basis| basis.code()).collect();
        let message = format!("“{basis}” 不是依据的词");
        return Err(Refusal::new("bad-field", message, format!("可用：{}", known.join("、"))));
    }
    let text = |name: &str| head.get(name).map(|value| (*value).to_owned()).unwrap_or_default();
    let date = head.get("date").map(|text| day("date", text)).transpose()?;
    let publisher = told("publisher", said.publisher, "文件头写 “# publisher: 发布单位”，或用 publisher 写明")?;
    Ok(Source { publisher, edition: text("edition"), date, licence: text("licence"), basis })
}

fn column(known: &[ColumnName], head: &str) -> Result<&'static str, Refusal> {
    let found = known.iter().find(|(name, chinese)| *name == head || *chinese == head);
    found.map(|(name, _)| *name).ok_or_else(|| {
        let known: Vec<String> = known.iter().map(|(name, chinese)| format!("{name}（{chinese}）")).collect();
        Refusal::new("unknown-column", format!("没有 “{head}” 这一列"), format!("可用：{}", known.join("、")))
    })
}

fn bad(what: String) -> Refusal {
    Refusal::new("bad-file", what, "文件头之后首行写列名，用逗号分隔，编码 UTF-8")
}

/// The cells of a record, by column. An empty one is none.
pub struct Cells<'f> {
    columns: &'f [&'static str],
    record: csv::StringRecord,
}

impl Cells<'_> {
    /// A cell.
    pub fn get(&self, column: &str) -> Option<&str> {
        let at = self.columns.iter().position(|name| *name == column)?;
        self.record.get(at).filter(|cell| !cell.is_empty())
    }

    /// A cell as text.
    pub fn text(&self, column: &str) -> Option<String> {
        self.get(column).map(str::to_owned)
    }

    /// A cell that must be there.
    pub fn must(&self, column: &str) -> Result<&str, Refusal> {
        self.get(column)
            .ok_or_else(|| Refusal::new("missing-field", format!("缺少 {column}"), format!("写上 {column} 一列")))
    }

    /// A day.
    pub fn day(&self, column: &str) -> Result<Option<Date>, Refusal> {
        self.get(column).map(|text| day(column, text)).transpose()
    }

    /// An amount.
    pub fn yuan(&self, column: &str) -> Result<Option<Fen>, Refusal> {
        let read = |text: &str| {
            let amount = Fen::parse_yuan(text).ok().filter(|amount| *amount >= Fen::ZERO);
            amount.ok_or_else(|| unread(column, text, "写金额，如 12.50"))
        };
        self.get(column).map(read).transpose()
    }

    /// A share: `10%`, or as a part of one, `0.1`.
    pub fn share(&self, column: &str) -> Result<Option<Rate>, Refusal> {
        let read = |text: &str| {
            let part = || Rate::parse_points(text).ok().map(|points| Rate::from_ppm(points.ppm() * 100));
            let rate = Rate::parse_percent(text).ok().or_else(part);
            let within = |rate: &Rate| (Rate::ZERO..=Rate::ONE).contains(rate);
            rate.filter(within).ok_or_else(|| unread(column, text, "写比例，如 10% 或 0.1"))
        };
        self.get(column).map(read).transpose()
    }

    /// A word of a vocabulary.
    pub fn word<V: Vocabulary>(&self, column: &str) -> Result<Option<Word<V>>, Refusal> {
        let read = |text: &str| {
            let known = || V::all().iter().map(|v| format!("{}（{}）", v.word(), v.chinese())).collect::<Vec<_>>();
            V::read(text).map(Word).ok_or_else(|| unread(column, text, &format!("可用：{}", known().join("、"))))
        };
        self.get(column).map(read).transpose()
    }

    /// Yes or no; no, where nothing is written.
    pub fn flag(&self, column: &str) -> Result<bool, Refusal> {
        match self.get(column) {
            None | Some("否" | "0" | "false") => Ok(false),
            Some("是" | "1" | "true") => Ok(true),
            Some(other) => Err(unread(column, other, "写 是 或 否")),
        }
    }
}

fn unread(column: &str, text: &str, cure: &str) -> Refusal {
    Refusal::new("bad-field", format!("{column}：“{text}” 读不懂"), cure)
}

fn day(column: &str, text: &str) -> Result<Date, Refusal> {
    text.parse().map_err(|_| unread(column, text, "写日期，如 2022-01-01"))
}
