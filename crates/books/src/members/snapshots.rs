//! Freezing the list of a day, making it again, and comparing it with that of another region (重复参保比对).

use std::collections::BTreeMap;

use domain::Date;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::list::shown;
use super::snapshot::{Double, Snapshot, SnapshotEntry, count, hash, list, snapshot_key, token_of};
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;
use crate::vault::hex;

command! {
    /// Freeze the list of who is insured at the end of a day
    TakeSnapshot = "snapshot take", "冻结某日 24 时的参保名单" {
        /// The day, that has ended
        day: Date = "哪一日（已过）",
    }
}

impl UseCase for TakeSnapshot {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        if self.day >= desk.today() {
            let message = format!("{} 还没有结束", self.day);
            return Err(Refusal::new("future-day", message, "过了 24 时再冻结").into());
        }
        let key = snapshot_key(self.day);
        if let Some(known) = books.find::<Snapshot>(&key)? {
            let says = format!("{} 的名单已冻结，{} 人，没有变动", self.day, known.heads());
            return Ok(told(self.day, known, says).with("already", true));
        }
        let listed = list(desk, books, self.day)?;
        let edition = desk.rules.edition.clone();
        let entry = SnapshotEntry::Taken { areas: count(&listed), hash: hash(&listed), edition };
        books.post::<Snapshot>(&key, &entry)?;
        let taken = found(books, self.day)?;
        let says = format!("已冻结 {} 24 时的参保名单，{} 人", self.day, taken.heads());
        Ok(told(self.day, &taken, says))
    }
}

fn told(day: Date, snapshot: &Snapshot, says: String) -> Answer {
    Answer::new(says, format!("{} persons insured at the end of {day}", snapshot.heads()))
        .with("day", day.to_string())
        .with("heads", snapshot.heads())
        .with("hash", snapshot.hash.clone())
}

fn found(books: &mut Books<'_>, day: Date) -> Result<Snapshot, Stop> {
    let known = books.find::<Snapshot>(&snapshot_key(day))?.cloned();
    known.ok_or_else(|| Refusal::new("no-snapshot", format!("{day} 的名单没有冻结"), "先用 snapshot take 冻结").into())
}

command! {
    /// Compare the frozen list of a day with that of another region
    CompareSnapshot = "snapshot compare", "与外地名单比对重复参保" {
        /// The day of both lists
        day: Date = "名单的日期",
        /// Code or name of the other region
        region: String = "外地",
        /// The word that both regions agreed on for the tokens
        word: String = "两地约定的比对口令",
        /// The other region's list, as `snapshot export` gives it: token, a comma, area
        list: Vec<String> = "外地名单，每行：比对码,区划",
    }
}

impl UseCase for CompareSnapshot {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let taken = found(books, self.day)?;
        let mut theirs = BTreeMap::new();
        let lines = self.list.iter().flat_map(|text| text.lines()).map(str::trim);
        for (at, line) in lines.filter(|line| !line.is_empty() && !line.starts_with("token")).enumerate() {
            let Some((token, area)) = line.split_once(',').filter(|(token, _)| token.len() == 32) else {
                let message = format!("第 {} 行不是“比对码,区划”", at + 1);
                return Err(Refusal::new("bad-line", message, "用对方 snapshot export 的原文").into());
            };
            theirs.insert(token.to_owned(), area.trim().to_owned());
        }
        let mut doubles = Vec::new();
        for listed in frozen(desk, books, self.day, &taken)? {
            let Some(token) = token_of(desk, books, &listed.person, &self.word)? else { continue };
            if let Some(there) = theirs.get(&token) {
                let person = listed.person.subject.clone();
                let state = listed.counted().map(str::to_owned);
                doubles.push(Double { person, area: listed.area.clone(), there: there.clone(), state });
            }
        }
        let region = self.region.trim().to_owned();
        let text: String = theirs.iter().map(|(token, area)| format!("{token},{area}\n")).collect();
        let says = format!("与{region}比对：对方 {} 人，重复参保 {} 人", theirs.len(), doubles.len());
        let answer = Answer::new(says, format!("{} persons are on both lists", doubles.len()))
            .with("theirs", theirs.len())
            .with("doubles", doubles.len());
        if taken.doubles.get(&region) != Some(&doubles) {
            let list = hex(&Sha256::digest(text.as_bytes()));
            books.post::<Snapshot>(&snapshot_key(self.day), &SnapshotEntry::Compared { region, list, doubles })?;
        }
        Ok(answer)
    }
}

/// The list of a day as it was frozen, made again from what was recorded up to that moment.
fn frozen(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    day: Date,
    taken: &Snapshot,
) -> Result<Vec<super::snapshot::Listed>, Stop> {
    let mut past = books.past(taken.at);
    let mut then = Books::new(&mut past);
    list(&Desk { at: taken.at, ..*desk }, &mut then, day)
}

command! {
    /// Make a frozen list again from the journal, and hold it against its hash
    CheckSnapshot = "snapshot check", "复现已冻结的名单" {
        /// The day
        day: Date = "哪一日",
    }
}

const CHECKED: &[Column] = &[
    col("day", "日期", "day"),
    col("heads", "冻结人数", "frozen"),
    col("again", "复现人数", "made again"),
    col("hash", "冻结时的摘要", "hash"),
    col("same", "是否一致", "same"),
];

impl Question for CheckSnapshot {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let taken = found(books, self.day)?;
        let listed = frozen(desk, books, self.day, &taken)?;
        let same = hash(&listed) == taken.hash;
        let foot = match (same, taken.edition == desk.rules.edition) {
            (true, _) => "复现的名单与冻结时一致".to_owned(),
            (false, false) => "不一致：政策文件的版本已变，用冻结时的版本复现".to_owned(),
            (false, true) => "不一致：用 verify 查账".to_owned(),
        };
        let row = vec![
            json!(self.day.to_string()),
            json!(taken.heads()),
            json!(listed.len()),
            json!(taken.hash),
            json!(same),
        ];
        Ok(Table { title: format!("{} 24 时参保名单", self.day), columns: CHECKED, rows: vec![row], foot })
    }
}

command! {
    /// Count a frozen list by area: entries, and who is not counted in the subsidy claim, by the state of the record
    CountSnapshot = "snapshot count", "已冻结名单的分地区人数和不计入补助的人数" {
        /// The day
        day: Date = "哪一日",
    }
}

const COUNTED: &[Column] = &[
    col("area", "区划", "area"),
    col("heads", "参保人数", "entries"),
    col("excluded", "记录有疑的人数", "in a state that decides"),
    col("elsewhere", "省内别处重复人数", "also elsewhere in the province"),
    col("outside", "外省重复人数", "also in another province"),
];

impl Question for CountSnapshot {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let taken = found(books, self.day)?;
        let row = |(area, counted): (String, super::Counted)| {
            vec![
                json!(area),
                json!(counted.heads),
                json!(counted.excluded),
                json!(counted.elsewhere),
                json!(counted.outside),
            ]
        };
        let rows = taken.counted().into_iter().map(row).collect();
        let foot = format!("共 {} 人", taken.heads());
        Ok(Table { title: format!("{} 24 时参保人数", self.day), columns: COUNTED, rows, foot })
    }
}

command! {
    /// Give a frozen list for comparison with another region: tokens and areas, no names and no numbers
    ExportSnapshot = "snapshot export", "导出比对名单（只有比对码和区划）" {
        /// The day
        day: Date = "哪一日",
        /// The word that both regions agreed on for the tokens
        word: String = "两地约定的比对口令",
    }
}

const EXPORTED: &[Column] = &[col("token", "比对码", "token"), col("area", "区划", "area")];

impl Question for ExportSnapshot {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let taken = found(books, self.day)?;
        let mut rows = Vec::new();
        for listed in frozen(desk, books, self.day, &taken)? {
            if let Some(token) = token_of(desk, books, &listed.person, &self.word)? {
                rows.push(vec![json!(token), json!(listed.area)]);
            }
        }
        // In the order of tokens: the order tells nothing.
        rows.sort_by_key(|row| row.first().map(ToString::to_string));
        let foot = format!("{} 人", rows.len());
        Ok(Table { title: format!("{} 比对名单", self.day), columns: EXPORTED, rows, foot })
    }
}

command! {
    /// List a frozen list, masked
    ListSnapshot = "snapshot list", "列出已冻结的名单" {
        /// The day
        day: Date = "哪一日",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
    }
}

const LISTED: &[Column] = &[
    col("person", "个人编号", "person"),
    col("name", "姓名", "name"),
    col("number", "证件号码", "document"),
    col("area", "区划", "area"),
    col("tier", "档次", "tier"),
    col("group", "人群", "group"),
    col("since", "连续参保起始日", "unbroken since"),
    col("states", "记录状态", "states of the record"),
];

impl Question for ListSnapshot {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let taken = found(books, self.day)?;
        let mut rows = Vec::new();
        for listed in frozen(desk, books, self.day, &taken)? {
            if self.area.as_ref().is_some_and(|area| !listed.area.starts_with(area)) {
                continue;
            }
            let (name, number) = shown(desk, books, &listed.person)?;
            rows.push(vec![
                json!(super::id(&listed.person)),
                json!(name),
                json!(number),
                json!(listed.area),
                json!(listed.tier),
                json!(listed.group),
                json!(listed.since),
                json!(listed.states),
            ]);
        }
        let foot = format!("{} 人", rows.len());
        Ok(Table { title: format!("{} 24 时参保名单", self.day), columns: LISTED, rows, foot })
    }
}
