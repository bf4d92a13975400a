//! Code sets that the region keeps itself: changes are requested, approved or refused, and take effect on a day that has not
//! passed, so that a claim keeps the codes of its own day (JS22-09.1b). A drug has one code at a time, and none that another drug
//! had before (TJ16-22c).

use std::collections::BTreeMap;

use domain::{Date, vocabulary};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

vocabulary! {
    /// What a change does to a code.
    CodeChange {
        Add = "add", "新增", "a new code";
        Amend = "amend", "变更", "another name or successor";
        End = "end", "停用", "no longer used";
    }
}

vocabulary! {
    /// How far a request has come.
    RequestState {
        Requested = "requested", "待审批", "requested";
        Approved = "approved", "已批准", "approved";
        Refused = "refused", "未批准", "refused";
    }
}

/// A change as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What it does.
    pub kind: Word<CodeChange>,
    /// The code.
    pub code: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The code to be used instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
    /// First day.
    pub from: Date,
    /// Why.
    pub reason: String,
}

/// A request and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The change.
    pub change: Change,
    /// Day of the request.
    pub on: Date,
    /// Who asked.
    pub actor: String,
    /// How far it has come.
    pub state: Word<RequestState>,
    /// Day of the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_on: Option<Date>,
    /// Who decided, and by which document or for which reason.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub decision: String,
}

/// What a code means from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meaning {
    /// Its name.
    pub name: String,
    /// First day.
    pub from: Date,
    /// First day on which it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Date>,
    /// The code to be used after that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
}

/// Sets in which nothing has two codes at a time, and no code means something else after it has ended.
const ONE_EACH: &[&str] = &["drug"];

/// What can be recorded of a code set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum CodesEntry {
    /// A change is asked for.
    Requested {
        /// Its number in the set.
        number: u32,
        /// The change.
        change: Change,
        /// The day.
        on: Date,
    },
    /// It is approved: from its first day on it holds.
    Approved {
        /// Number of the request.
        number: u32,
        /// Who approved.
        by: String,
        /// Number of the document.
        document: String,
        /// The day.
        on: Date,
    },
    /// It is refused.
    Refused {
        /// Number of the request.
        number: u32,
        /// Who refused.
        by: String,
        /// Why.
        reason: String,
        /// The day.
        on: Date,
    },
}

/// A code set: what was asked for, and what each code means from which day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeSet {
    /// Requests by number.
    pub requests: BTreeMap<u32, Asked>,
    /// Meanings by code, oldest first.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub codes: BTreeMap<String, Vec<Meaning>>,
}

impl CodeSet {
    /// What a code means on a day.
    pub fn on(&self, code: &str, day: Date) -> Option<&Meaning> {
        let holds = |meaning: &&Meaning| meaning.from <= day && meaning.end.is_none_or(|end| day < end);
        self.codes.get(code)?.iter().find(holds)
    }

    fn make(&mut self, change: &Change) {
        let meanings = self.codes.entry(change.code.clone()).or_default();
        let before = meanings.iter_mut().rev().find(|meaning| meaning.end.is_none());
        let name = match before {
            Some(before) if change.kind.0 != CodeChange::Add => {
                before.end = Some(change.from);
                if change.kind.0 == CodeChange::End {
                    before.successor.clone_from(&change.successor);
                }
                before.name.clone()
            }
            _ => String::new(),
        };
        if change.kind.0 != CodeChange::End {
            let name = change.name.clone().unwrap_or(name);
            meanings.push(Meaning { name, from: change.from, end: None, successor: change.successor.clone() });
        }
    }
}

impl Fold for CodeSet {
    type Entry = CodesEntry;
    const KIND: &'static str = "codes";

    fn apply(&mut self, stamp: &Stamp<'_>, entry: &CodesEntry) {
        let (number, state, on, decision) = match entry {
            CodesEntry::Requested { number, change, on } => {
                let asked = Asked {
                    change: change.clone(),
                    on: *on,
                    actor: stamp.actor.to_owned(),
                    state: Word(RequestState::Requested),
                    decided_on: None,
                    decision: String::new(),
                };
                self.requests.insert(*number, asked);
                return;
            }
            CodesEntry::Approved { number, by, document, on } => {
                (number, RequestState::Approved, on, format!("{by}，{document}"))
            }
            CodesEntry::Refused { number, by, reason, on } => {
                (number, RequestState::Refused, on, format!("{by}：{reason}"))
            }
        };
        let Some(asked) = self.requests.get_mut(number) else { return };
        asked.state = Word(state);
        asked.decided_on = Some(*on);
        asked.decision = decision;
        if state == RequestState::Approved {
            let change = asked.change.clone();
            self.make(&change);
        }
    }
}

/// The stream of a code set.
pub fn key(set: &str) -> Key {
    Key::of(format!("codes/{set}"))
}

/// What a code of a set means on a day: the meaning that a claim of that day keeps.
///
/// # Errors
/// When the source fails.
pub fn code_on(books: &mut Books<'_>, set: &str, code: &str, day: Date) -> Result<Option<Meaning>, Stop> {
    Ok(books.find::<CodeSet>(&key(set))?.and_then(|set| set.on(code, day)).cloned())
}

fn set(books: &mut Books<'_>, name: &str) -> Result<CodeSet, Stop> {
    Ok(books.find::<CodeSet>(&key(name))?.cloned().unwrap_or_default())
}

command! {
    /// Ask for a change of a code
    RequestCode = "code request", "申请代码变更：新增、变更或停用" {
        /// The code set, as `drug` or `disease`
        set: String = "代码集",
        /// What the change does
        kind: Word<CodeChange> = "变更种类",
        /// The code
        code: String = "代码",
        /// Its name; of a code that stays, if it changes
        name: Option<String> = "名称（新增必填）",
        /// The code to be used instead
        successor: Option<String> = "替代代码",
        /// First day on which it holds
        from: Date = "生效日",
        /// Why
        reason: String = "理由",
    }
}

command! {
    /// Approve a change of a code
    ApproveCode = "code approve", "批准代码变更" {
        /// The code set
        set: String = "代码集",
        /// Number of the request
        number: i64 = "申请号",
        /// Who approves
        by: String = "审批人或机构",
        /// Number of the document
        document: String = "文号",
    }
}

command! {
    /// Refuse a change of a code
    RefuseCode = "code refuse", "不批准代码变更" {
        /// The code set
        set: String = "代码集",
        /// Number of the request
        number: i64 = "申请号",
        /// Who refuses
        by: String = "审批人或机构",
        /// Why
        reason: String = "理由",
    }
}

impl UseCase for RequestCode {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let known = set(books, &self.set)?;
        let change = Change {
            kind: self.kind,
            code: self.code.trim().to_owned(),
            name: self.name.clone(),
            successor: self.successor.clone(),
            from: self.from,
            reason: self.reason.clone(),
        };
        if self.set.trim().is_empty() || change.code.is_empty() {
            return Err(Refusal::new("bad-code", "代码集和代码不能空着", "写明代码集和代码").into());
        }
        possible(&self.set, &known, &change)?;
        let on = desk.today();
        let number = u32::try_from(known.requests.len()).unwrap_or(u32::MAX).saturating_add(1);
        books.post::<CodeSet>(&key(&self.set), &CodesEntry::Requested { number, change, on })?;
        let says = format!("{} {} 的{}申请已登记，申请号 {number}", self.set, self.code, self.kind.0.name());
        Ok(Answer::new(says, format!("request {number} is recorded")).with("number", number))
    }
}

impl UseCase for ApproveCode {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let known = set(books, &self.set)?;
        let (number, asked) = waiting(&known, &self.set, self.number)?;
        let change = &asked.change;
        if change.from < desk.today() {
            let message = format!("生效日 {} 已过：已发生的费用保留原代码", change.from);
            return Err(Refusal::new("effective-in-past", message, "不批准，另按今后的生效日申请").into());
        }
        possible(&self.set, &known, change)?;
        let (by, document, on) = (self.by.clone(), self.document.clone(), desk.today());
        books.post::<CodeSet>(&key(&self.set), &CodesEntry::Approved { number, by, document, on })?;
        let says = format!("{} 自 {} 起{}", change.code, change.from, change.kind.0.name());
        Ok(Answer::new(says, format!("{} takes effect on {}", change.code, change.from))
            .with("code", change.code.clone())
            .with("from", change.from.to_string()))
    }
}

impl UseCase for RefuseCode {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let known = set(books, &self.set)?;
        let (number, asked) = waiting(&known, &self.set, self.number)?;
        let (by, reason, on) = (self.by.clone(), self.reason.clone(), desk.today());
        books.post::<CodeSet>(&key(&self.set), &CodesEntry::Refused { number, by, reason, on })?;
        Ok(Answer::new(format!("{} 的申请未批准", asked.change.code), format!("request {number} is refused")))
    }
}

/// A request that waits for a decision.
fn waiting(known: &CodeSet, name: &str, number: i64) -> Result<(u32, Asked), Refusal> {
    let found = u32::try_from(number).ok().and_then(|number| Some((number, known.requests.get(&number)?.clone())));
    let Some((number, asked)) = found else {
        return Err(Refusal::new("unknown-request", format!("{name} 没有 {number} 号申请"), "用 code requests 查看"));
    };
    if asked.state.0 != RequestState::Requested {
        let message = format!("{name} {number} 号申请{}", asked.state.0.name());
        return Err(Refusal::new("already-decided", message, "要再改，另行申请"));
    }
    Ok((number, asked))
}

/// Whether a change fits what the code means on its first day and after.
fn possible(set: &str, known: &CodeSet, change: &Change) -> Result<(), Refusal> {
    if ONE_EACH.contains(&set.trim()) {
        one_each(known, change)?;
    }
    let open = known.codes.get(&change.code).and_then(|meanings| meanings.iter().rev().find(|m| m.end.is_none()));
    let later =
        known.codes.get(&change.code).is_some_and(|all| all.iter().any(|m| m.end.is_some_and(|e| e > change.from)));
    match (change.kind.0, open) {
        (CodeChange::Add, Some(known)) => {
            let message = format!("{} 已有：{}，自 {} 起", change.code, known.name, known.from);
            Err(Refusal::new("code-taken", message, "改名用 amend；停用后才能再用"))
        }
        (CodeChange::Add, None) if later => {
            let message = format!("{} 在 {} 还在用", change.code, change.from);
            Err(Refusal::new("code-taken", message, "生效日写在停用日当天或以后"))
        }
        (CodeChange::Add, None) if change.name.as_deref().unwrap_or_default().trim().is_empty() => {
            Err(Refusal::new("no-name", format!("新代码 {} 没有名称", change.code), "写明名称"))
        }
        (CodeChange::Amend | CodeChange::End, None) => {
            let message = format!("代码集里没有在用的 {}", change.code);
            Err(Refusal::new("unknown-code", message, "核对代码，新增用 add"))
        }
        (CodeChange::Amend | CodeChange::End, Some(known)) if change.from <= known.from => {
            let message = format!("生效日 {} 不在 {} 的起用日 {} 之后", change.from, change.code, known.from);
            Err(Refusal::new("impossible-date", message, "写较晚的生效日"))
        }
        _ => Ok(()),
    }
}

/// Refuses a second code for what has one on the first day of the change or after, and a code that meant something before.
fn one_each(known: &CodeSet, change: &Change) -> Result<(), Refusal> {
    let last = known.codes.get(&change.code).and_then(|meanings| meanings.last());
    if let Some(last) = last.filter(|last| change.kind.0 == CodeChange::Add && last.end.is_some()) {
        let message = format!("{} 曾是 {} 的代码，不能再用", change.code, last.name);
        return Err(Refusal::new("code-taken", message, "另取一个从未用过的代码"));
    }
    let Some(name) = change.name.as_deref().map(str::trim) else { return Ok(()) };
    let coded = |meaning: &Meaning| meaning.name.trim() == name && meaning.end.is_none_or(|end| change.from < end);
    let mut others = known.codes.iter().filter(|(code, _)| **code != change.code);
    match others.find(|(_, meanings)| meanings.iter().any(coded)) {
        None => Ok(()),
        Some((other, _)) => {
            let message = format!("{name} 在 {} 已有代码 {other}", change.from);
            Err(Refusal::new("two-codes", message, "一种药品一个代码：用原代码，或先停用原代码"))
        }
    }
}

command! {
    /// List requests for changes of codes
    CodeRequests = "code requests", "列出代码变更申请" {
        /// The code set
        set: String = "代码集",
    }
}

const REQUESTS: &[Column] = &[
    col("number", "申请号", "number"),
    col("kind", "种类", "kind"),
    col("code", "代码", "code"),
    col("name", "名称", "name"),
    col("from", "生效日", "from"),
    col("on", "申请日", "requested on"),
    col("actor", "申请人", "by"),
    col("state", "状态", "state"),
    col("decided_on", "审批日", "decided on"),
    col("decision", "审批", "decision"),
];

impl Question for CodeRequests {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let row = |(number, asked): (u32, Asked)| {
            let Asked { change, on, actor, state, decided_on, decision } = asked;
            vec![
                json!(number),
                json!(change.kind),
                json!(change.code),
                json!(change.name),
                json!(change.from.to_string()),
                json!(on.to_string()),
                json!(actor),
                json!(state),
                json!(decided_on.map(|day| day.to_string())),
                json!(decision),
            ]
        };
        let rows: Vec<_> = set(books, &self.set)?.requests.into_iter().map(row).collect();
        let foot = format!("{} 件", rows.len());
        Ok(Table { title: format!("{} 的变更申请", self.set), columns: REQUESTS, rows, foot })
    }
}

command! {
    /// Look codes up as they stand on a day
    LookUpCodes = "code look-up", "按日查代码：某日有效的名称" {
        /// The code set
        set: String = "代码集",
        /// The day; today, if left out
        on: Option<Date> = "日期，不写为今天",
        /// A code; all, if left out
        code: Option<String> = "代码，不写为全部",
    }
}

const MEANINGS: &[Column] = &[
    col("code", "代码", "code"),
    col("name", "名称", "name"),
    col("from", "起", "from"),
    col("end", "止（不含）", "end"),
    col("successor", "替代代码", "successor"),
];

impl Question for LookUpCodes {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let day = self.on.unwrap_or_else(|| desk.today());
        let known = set(books, &self.set)?;
        let wanted = known.codes.keys().filter(|code| self.code.as_ref().is_none_or(|wanted| wanted == *code));
        let row = |code: &String| {
            let Meaning { name, from, end, successor } = known.on(code, day)?;
            let end = end.map(|end| end.to_string());
            Some(vec![json!(code), json!(name), json!(from.to_string()), json!(end), json!(successor)])
        };
        let rows: Vec<_> = wanted.filter_map(row).collect();
        let foot = format!("{} 个代码", rows.len());
        Ok(Table { title: format!("{} {day}", self.set), columns: MEANINGS, rows, foot })
    }
}
