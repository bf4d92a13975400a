//! Loading a file of items or terms: line by line, each taken or rejected by itself. The same file is taken once; a line that is
//! known is not recorded again, so that a whole new edition posts only what it changes.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use domain::Date;
use serde_json::json;

use super::book::{Counts, Load, LoadEntry, Loads};
use super::code_of;
use super::dated::Dated;
use super::file::{Cells, ColumnName, File, Said, Source};
use crate::answer::{Answer, Refusal, Stop};
use crate::desk::Desk;
use crate::fold::Fold;
use crate::sheets::{Books, Key};

/// What is loaded from files.
pub(super) trait Loaded: Fold {
    /// A line.
    type Row: Dated;
    /// What the file is of.
    const SUBJECT: &'static str;
    /// Columns a file may have.
    const COLUMNS: &'static [ColumnName];
    /// The code of a line.
    fn code(cells: &Cells<'_>) -> Result<String, Refusal> {
        code_of(cells.must("code")?)
    }
    /// The stream of a code.
    fn key(code: &str) -> Key;
    /// Reads a line.
    fn row(cells: &Cells<'_>, source: &Source) -> Result<Self::Row, Refusal>;
    /// What is known, by first day.
    fn rows(&self) -> &[Self::Row];
    /// What a line posts.
    fn entry(row: Self::Row) -> Self::Entry;
    /// Whether two lines tell the same, whatever version they are stamped with.
    fn same(one: &Self::Row, other: &Self::Row) -> bool;
}

/// First day, and the first day after the last.
pub(super) fn days(cells: &Cells<'_>) -> Result<(Date, Option<Date>), Refusal> {
    let missing = || Refusal::new("missing-field", "缺少 from", "写上生效日期");
    let (from, end) = (cells.day("from")?.ok_or_else(missing)?, cells.day("end")?);
    if end.is_some_and(|end| end <= from) {
        return Err(Refusal::new("ends-before-it-starts", "失效日期不晚于生效日期", "失效日期写不再有效的第一天"));
    }
    Ok((from, end))
}

/// The version of a line: its own, or the edition of the file.
pub(super) fn version(cells: &Cells<'_>, source: &Source) -> Result<String, Refusal> {
    let edition = || Some(source.edition.clone()).filter(|edition| !edition.is_empty());
    let missing = || Refusal::new("missing-field", "缺少 version", "写上版本号，或在文件头写 “# edition: …”");
    cells.text("version").or_else(edition).ok_or_else(missing)
}

/// The stream of what was loaded.
pub(super) fn loads_key<F: Loaded>() -> Key {
    Key::of(format!("catalogue/{}", F::SUBJECT))
}

/// The streams that the lines of a file lead to.
pub(super) fn keys<F: Loaded>(text: &str, said: Said<'_>) -> Vec<Key> {
    let Ok(file) = File::read(text, said, F::COLUMNS) else { return Vec::new() };
    let codes = file.rows().filter_map(|(_, cells)| F::code(&cells.ok()?).ok());
    codes.map(|code| F::key(&code)).chain([loads_key::<F>()]).collect()
}

/// A line that is not taken.
struct Reject {
    line: u64,
    refusal: Refusal,
}

/// So many rejected lines are told one by one; of the others only their number is kept.
const TOLD: usize = 200;

/// Loads a file.
///
/// # Errors
/// When the file as a whole cannot be one; when a line is rejected and it is to be loaded whole; when the source fails.
pub(super) fn load<F: Loaded>(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    text: &str,
    said: Said<'_>,
    whole: bool,
) -> Result<Answer, Stop> {
    let file = File::read(text, said, F::COLUMNS)?;
    let loads = loads_key::<F>();
    let known = books.find::<Loads>(&loads)?;
    if known.is_some_and(|known| known.loads.iter().any(|load| load.hash == file.hash && load.counts.rejected == 0)) {
        let answer = Answer::new("这份文件已载入过，没有再记", "this file was loaded before; nothing was recorded");
        return Ok(answer.with("file", file.hash).with("repeated", true));
    }
    let (counts, rejects) = take_all::<F>(books, &file)?;
    if whole && counts.rejected > 0 {
        let told: Vec<String> = rejects.iter().map(Reject::told).collect();
        let message = format!("{} 行不合格，全部未收：{}", counts.rejected, told.join("；"));
        return Err(Refusal::new("rejected-lines", message, "改正这些行后重新载入，或不写 whole 只收合格的行").into());
    }
    let hash = file.hash.clone();
    let load = Load { hash: hash.clone(), on: desk.today(), source: file.source.clone(), counts };
    books.post::<Loads>(&loads, &LoadEntry::Loaded(load))?;
    let Counts { new, changed, same, rejected } = counts;
    let says = format!("新增 {new} 条，变更 {changed} 条，相同 {same} 条，不合格 {rejected} 行");
    let english = format!("{new} new, {changed} changed, {same} the same, {rejected} rejected");
    let listed: Vec<serde_json::Value> = rejects.iter().map(Reject::json).collect();
    Ok(Answer::new(says, english)
        .with("file", hash)
        .with("new", new)
        .with("changed", changed)
        .with("same", same)
        .with("rejected", rejected)
        .with("rejects", listed))
}

fn take_all<F: Loaded>(books: &mut Books<'_>, file: &File<'_>) -> Result<(Counts, Vec<Reject>), Stop> {
    let (mut counts, mut rejects) = (Counts::default(), Vec::new());
    let mut seen: BTreeMap<(String, Date), u64> = BTreeMap::new();
    for (passed, (line, cells)) in file.rows().enumerate() {
        books.passed(passed)?;
        let read = cells.and_then(|cells| Ok((F::code(&cells)?, F::row(&cells, &file.source)?)));
        let read = read.and_then(|(code, row)| match seen.entry((code.clone(), row.from())) {
            Slot::Vacant(slot) => {
                slot.insert(line);
                Ok((code, row))
            }
            Slot::Occupied(first) => {
                let message = format!("{code} 自 {} 起已在第 {} 行写过", row.from(), first.get());
                Err(Refusal::new("twice", message, "同一编码同一生效日期只留一行"))
            }
        });
        match read {
            Ok((code, row)) => take::<F>(books, &F::key(&code), row, &mut counts)?,
            Err(refusal) => {
                counts.rejected = counts.rejected.saturating_add(1);
                rejects.extend((rejects.len() < TOLD).then_some(Reject { line, refusal }));
            }
        }
    }
    Ok((counts, rejects))
}

fn take<F: Loaded>(books: &mut Books<'_>, key: &Key, row: F::Row, counts: &mut Counts) -> Result<(), Stop> {
    match books.find::<F>(key)?.map(Loaded::rows) {
        None => counts.new += 1,
        Some(rows) if rows.iter().any(|known| F::same(known, &row)) => {
            counts.same += 1;
            return Ok(());
        }
        Some(_) => counts.changed += 1,
    }
    books.post::<F>(key, &F::entry(row))?;
    Ok(())
}

impl Reject {
    fn told(&self) -> String {
        format!("第 {} 行：{}（{}）", self.line, self.refusal.message, self.refusal.cure)
    }

    fn json(&self) -> serde_json::Value {
        let Refusal { code, message, cure, .. } = &self.refusal;
        json!({ "line": self.line, "code": code, "message": message, "cure": cure })
    }
}
