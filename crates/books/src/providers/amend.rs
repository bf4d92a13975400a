//! A provider's facts change from a day on.

use domain::{Care, Date, Level, Mark, vocabulary};

use super::identity::uscc;
use super::register::{connection, marks, some};
use super::sheet::{Change, Provider, ProviderEntry};
use super::{Grade, area, key, on};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::Books;

vocabulary! {
    /// How a provider settles.
    Line {
        Online = "online", "联网", "online";
        Offline = "offline", "未联网", "offline";
    }
}

command! {
    /// Change a provider's facts from a day on; what is left out stays as it is
    Amend = "provider amend", "变更机构信息" {
        /// Code of the provider
        provider: String = "机构编码",
        /// First day on which it holds
        from: Date = "起始日期",
        /// Name
        name: Option<String> = "机构名称",
        /// Code of the area it lies in
        area: Option<String> = "所在区划代码",
        /// Level
        level: Option<Word<Level>> = "级别",
        /// All kinds of care it may settle
        care: Vec<Word<Care>> = "可结算的医疗类别（全部）",
        /// All its marks
        mark: Vec<Word<Mark>> = "标记（全部）",
        /// It has no mark any more
        no_mark: bool = "不再有标记",
        /// All kinds of care for which it is connected to settlement elsewhere
        connected: Vec<Word<Care>> = "已接入异地直接结算的医疗类别（全部）",
        /// It is no longer connected
        no_connection: bool = "不再接入异地直接结算",
        /// All special diseases that it settles for persons from elsewhere
        disease: Vec<String> = "已开通异地联网的门诊慢特病病种（全部）",
        /// Whether it settles online
        line: Option<Word<Line>> = "是否联网",
        /// Social credit code
        uscc: Option<String> = "统一社会信用代码",
        /// Grade of accreditation
        grade: Option<Word<Grade>> = "医院等级（等次）",
        /// Why, as the number of a document
        reason: Option<String> = "依据",
    }
}

impl UseCase for Amend {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        super::sheet(desk, books, &self.provider)?;
        let now = on(books, &self.provider, self.from)?;
        let list = |list: &[Word<Care>], none: bool| if none { Some(Vec::new()) } else { some(list) };
        let change = Change {
            from: self.from,
            name: self.name.as_deref().map(str::trim).filter(|name| **name != now.name).map(str::to_owned),
            area: self.area.as_deref().map(area).transpose()?.filter(|area| *area != now.area),
            level: self.level.filter(|level| level.0 != now.level),
            care: some(&self.care).filter(|care| !same(care, &now.care)),
            marks: (if self.no_mark { Some(Vec::new()) } else { some(&self.mark) })
                .filter(|marks| marks.iter().map(|mark| mark.0).collect::<domain::Marks>() != now.marks),
            connected: list(&self.connected, self.no_connection).filter(|care| !same(care, &now.connected)),
            diseases: some(&self.disease).filter(|diseases| Some(diseases) != now.diseases.as_ref()),
            online: self.line.map(|line| line.0 == Line::Online).filter(|online| *online != now.online),
            uscc: self.uscc.as_deref().map(uscc).transpose()?.filter(|uscc| now.uscc.as_ref() != Some(uscc)),
            grade: self.grade.filter(|grade| now.grade != Some(grade.0)),
            reason: self.reason.clone(),
        };
        marks(&self.mark)?;
        if change.name.as_deref() == Some("") {
            return Err(Refusal::new("missing-field", "机构名称是空的", "不改名称就不写 name").into());
        }
        if let Some(connected) = change.connected.as_deref().or((!self.care.is_empty()).then_some(&[])) {
            let settles = some(&self.care).unwrap_or_else(|| now.care.iter().copied().map(Word).collect());
            connection(&settles, connected)?;
        }
        let code = &now.code;
        if !changes(&change) {
            let answer = Answer::new(format!("{code} 在 {} 已是如此，无变更", self.from), "already so");
            return Ok(answer.with("provider", code.clone()).with("changed", false));
        }
        books.post::<Provider>(&key(code), &ProviderEntry::Changed(change))?;
        let mut says = format!("{code} 自 {} 起变更", self.from);
        if self.from < desk.today() {
            says += "；已结算的用 care affected 查看，care resettle 重新结算";
        }
        let answer = Answer::new(says, format!("{code} changed from {}", self.from));
        Ok(answer.with("provider", code.clone()).with("changed", true))
    }
}

fn same(words: &[Word<Care>], care: &[Care]) -> bool {
    words.len() == care.len() && words.iter().all(|word| care.contains(&word.0))
}

/// Whether a change changes anything.
pub(super) fn changes(change: &Change) -> bool {
    let Change { from: _, name, area, level, care, marks, connected, diseases, online, uscc, grade, reason: _ } =
        change;
    name.is_some()
        || area.is_some()
        || level.is_some()
        || care.is_some()
        || marks.is_some()
        || connected.is_some()
        || diseases.is_some()
        || online.is_some()
        || uscc.is_some()
        || grade.is_some()
}
