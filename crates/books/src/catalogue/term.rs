//! A term of a table of diagnoses, operations, diseases: its name, from which day.

use domain::Date;
use serde::{Deserialize, Serialize};

use super::code_of;
use super::dated::{Dated, on, put};
use super::file::{Cells, ColumnName, Source};
use super::load::{Loaded, days, version};
use super::words::TermSet;
use crate::answer::Refusal;
use crate::codec::Word;
use crate::fold::{Fold, Stamp};
use crate::people::Sex;
use crate::sheets::Key;

/// What a term means from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meaning {
    /// Name.
    pub name: String,
    /// The only sex it can be told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Word<Sex>>,
    /// Code of what it belongs to: a chapter, a disease family, an operation of a day-surgery disease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<String>,
    /// First day.
    pub from: Date,
    /// First day on which it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Date>,
    /// Version of the table that told it.
    pub version: String,
    /// The publisher's number of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// On what it rests.
    pub basis: String,
}

/// What can be recorded of a term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum TermEntry {
    /// A table tells this of it; what was told from the same day is corrected.
    Listed(Meaning),
}

/// A term: what was told of it, by first day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// Oldest first.
    pub meanings: Vec<Meaning>,
}

impl Dated for Meaning {
    fn from(&self) -> Date {
        self.from
    }
    fn end(&self) -> Option<Date> {
        self.end
    }
}

impl Fold for Term {
    type Entry = TermEntry;
    const KIND: &'static str = "term";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &TermEntry) {
        let TermEntry::Listed(meaning) = entry;
        put(&mut self.meanings, meaning.clone());
    }
}

impl Term {
    /// What holds on a day.
    pub fn on(&self, day: Date) -> Option<&Meaning> {
        on(&self.meanings, day)
    }
}

impl Loaded for Term {
    type Row = Meaning;
    const SUBJECT: &'static str = "terms";
    const COLUMNS: &'static [ColumnName] = &[
        ("set", "目录"),
        ("code", "编码"),
        ("name", "名称"),
        ("sex", "限性别"),
        ("under", "所属编码"),
        ("from", "生效日期"),
        ("end", "失效日期"),
        ("version", "版本号"),
        ("record", "唯一记录号"),
    ];

    /// The code with its set before it.
    fn code(cells: &Cells<'_>) -> Result<String, Refusal> {
        let Some(set) = cells.word::<TermSet>("set")? else {
            return Err(Refusal::new("missing-field", "缺少 set", "写上 set 一列：diagnosis、operation、chronic 等"));
        };
        Ok(format!("{}/{}", set.0.code(), code_of(cells.must("code")?)?))
    }
    fn key(code: &str) -> Key {
        Key::of(format!("term/{code}"))
    }
    fn rows(&self) -> &[Meaning] {
        &self.meanings
    }
    fn entry(row: Meaning) -> TermEntry {
        TermEntry::Listed(row)
    }
    fn same(one: &Meaning, other: &Meaning) -> bool {
        *one == Meaning { version: one.version.clone(), ..other.clone() }
    }

    fn row(cells: &Cells<'_>, source: &Source) -> Result<Meaning, Refusal> {
        let (from, end) = days(cells)?;
        Ok(Meaning {
            name: cells.must("name")?.to_owned(),
            sex: cells.word("sex")?,
            under: cells.text("under"),
            from,
            end,
            version: version(cells, source)?,
            record: cells.text("record"),
            basis: source.basis.clone(),
        })
    }
}
