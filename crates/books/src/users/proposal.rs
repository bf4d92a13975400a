//! What one person proposes and another approves: a command kept until somebody else says yes, and carried out in the same
//! transaction as the yes. It may hold personal data, so it lies sealed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::reason;
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::{Command, UseCase};
use crate::desk::{Desk, day_of};
use crate::fold::{Fold, Stamp};
use crate::people;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};
use crate::vault::Sealed;

/// For what a command is sealed.
const PURPOSE: &str = "proposal";

/// What can be recorded of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum ProposalEntry {
    /// Made.
    Made {
        /// Verb of the command.
        verb: String,
        /// Its fields, as JSON.
        fields: Sealed,
        /// The amount it is about, in yuan.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<String>,
        /// Number of the person whom it is about, where it is about one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<String>,
    },
    /// Approved, and carried out.
    Approved {
        /// What came of it, in words.
        says: String,
        /// The whole answer, as JSON.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<Sealed>,
    },
    /// Refused.
    Refused {
        /// Why.
        reason: String,
    },
}

/// A proposal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Verb of the command.
    pub verb: String,
    /// Its fields, as JSON; nothing, once it is decided.
    pub fields: Option<Sealed>,
    /// The amount it is about, in yuan.
    pub amount: Option<String>,
    /// Number of the person whom it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Who made it.
    pub by: String,
    /// When, microseconds since 1970, UTC.
    pub at: i64,
    /// Who decided it.
    pub decided: Option<String>,
    /// Whether it was approved.
    pub approved: bool,
    /// What came of it, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Sealed>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Fold for Proposal {
    type Entry = ProposalEntry;
    const KIND: &'static str = "proposal";

    fn apply(&mut self, stamp: &Stamp<'_>, entry: &ProposalEntry) {
        match entry {
            ProposalEntry::Made { verb, fields, amount, person } => {
                self.verb.clone_from(verb);
                self.fields = Some(fields.clone());
                self.amount.clone_from(amount);
                self.person.clone_from(person);
                self.by = stamp.actor.to_owned();
                self.at = stamp.at;
            }
            ProposalEntry::Approved { answer, .. } => {
                self.decide(stamp.actor, true);
                self.answer.clone_from(answer);
            }
            ProposalEntry::Refused { reason } => {
                self.decide(stamp.actor, false);
                self.reason = Some(reason.clone());
            }
        }
    }
}

impl Proposal {
    fn decide(&mut self, by: &str, approved: bool) {
        self.decided = Some(by.to_owned());
        self.approved = approved;
        self.fields = None;
    }

    fn whose(&self) -> Option<Key> {
        self.person.as_deref().map(people::person_key)
    }

    fn state(&self) -> &'static str {
        match (&self.decided, self.approved) {
            (None, _) => "open",
            (Some(_), true) => "approved",
            (Some(_), false) => "refused",
        }
    }
}

fn key(number: &str) -> Key {
    Key::of(format!("proposal/{number}"))
}

/// A proposal that is still open: its verb and fields.
///
/// # Errors
/// When there is none, it is decided, or the source fails.
pub fn proposed(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    number: &str,
) -> Result<(&'static Command, Map<String, Value>), Stop> {
    let known = open(books, number)?;
    let sealed = known.fields.ok_or_else(|| Stop::Source(format!("proposal/{number}：没有内容")))?;
    let text = desk.vault.open(PURPOSE, &sealed).map_err(|error| Stop::Source(error.to_string()))?;
    let fields = serde_json::from_str(&text).map_err(|error| Stop::Source(error.to_string()))?;
    let gone = || Refusal::new("unknown-verb", format!("没有命令“{}”", known.verb), "不批准，重新提出");
    Ok((Command::named(&known.verb).ok_or_else(gone)?, fields))
}

/// The person whom a proposal is about; nothing, where it is about none.
///
/// # Errors
/// When there is no such proposal, or the source fails.
pub fn proposed_of(books: &mut Books<'_>, number: &str) -> Result<Option<Key>, Stop> {
    let known = books.find::<Proposal>(&key(number))?.ok_or_else(|| unknown(number))?;
    Ok(known.whose())
}

/// Number of the person whom a command is about: by himself, or by a settlement of his.
fn person_of(desk: &Desk<'_>, books: &mut Books<'_>, fields: &Map<String, Value>) -> Result<Option<String>, Stop> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let of_settlement = || text("settlement").and_then(|number| number.split_once('-')).map(|(person, _)| person);
    let Some(person) = text("person").or_else(of_settlement) else { return Ok(None) };
    match people::find(desk, books, person) {
        Ok(key) => Ok(Some(people::told(&key).to_owned())),
        // Whether there is such a person is the command's to judge.
        Err(Stop::Refused(_)) => Ok(None),
        Err(stop) => Err(stop),
    }
}

/// The number follows from the request: the same request, the same proposal.
fn number(desk: &Desk<'_>, request: &str) -> String {
    desk.vault.index(PURPOSE, request)[..12].to_owned()
}

/// The proposal that a request made, if it made one, and what came of it where it was carried out.
///
/// # Errors
/// When the source fails, or what came of it does not open.
pub fn made_by(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    request: &str,
) -> Result<Option<(Proposal, Option<Answer>)>, Stop> {
    let Some(known) = books.find::<Proposal>(&key(&number(desk, request)))?.cloned() else { return Ok(None) };
    let answer = match &known.answer {
        Some(sealed) => {
            let text = desk.vault.open(PURPOSE, sealed).map_err(|error| Stop::Source(error.to_string()))?;
            Some(serde_json::from_str(&text).map_err(|error| Stop::Source(error.to_string()))?)
        }
        None => None,
    };
    Ok(Some((known, answer)))
}

fn unknown(number: &str) -> Refusal {
    Refusal::new("unknown-proposal", format!("没有编号 {number} 的提议"), "proposal list 列出提议")
}

fn open(books: &mut Books<'_>, number: &str) -> Result<Proposal, Stop> {
    let known = books.find::<Proposal>(&key(number))?.ok_or_else(|| unknown(number))?;
    if known.decided.is_some() {
        let message = format!("提议 {number} 已有决定（{}）", known.state());
        return Err(Refusal::new("already-decided", message, "另行提出").into());
    }
    Ok(known.clone())
}

command! {
    /// Propose a command that another person must approve
    Make = "proposal make", "提出须由另一人复核的办理" {
        /// Words of the command
        verb: String = "命令",
        /// Its fields, as JSON
        fields: String = "各项内容（JSON）",
        /// The amount it is about
        amount: Option<crate::Yuan> = "所涉金额",
    }
}

command! {
    /// Approve what another person proposed: it is carried out
    Approve = "proposal approve", "复核通过：随即办理" {
        /// Number of the proposal
        proposal: String = "提议编号",
    }
}

command! {
    /// Refuse what another person proposed, or take one's own back
    Refuse = "proposal refuse", "不予通过，或撤回自己的提议" {
        /// Number of the proposal
        proposal: String = "提议编号",
        /// Why
        reason: String = "理由",
    }
}

impl UseCase for Make {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let unknown =
            || Refusal::new("unknown-verb", format!("没有命令“{}”", self.verb), "`tongchou --help` 列出各命令");
        let command = Command::named(&self.verb).ok_or_else(unknown)?;
        if super::COMMANDS.iter().any(|own| own.verb == self.verb) {
            return Err(Refusal::new("not-proposable", "用户、密钥和提议本身不能作为提议", "直接办理").into());
        }
        let bad = |error: serde_json::Error| Refusal::new("bad-field", format!("fields：{error}"), "写成 JSON 对象");
        let fields: Map<String, Value> = serde_json::from_str(&self.fields).map_err(bad)?;
        command.read(books.request(), fields.clone())?;
        let person = person_of(desk, books, &fields)?;
        let number = number(desk, books.request());
        let entry = ProposalEntry::Made {
            verb: self.verb.clone(),
            fields: desk.vault.seal(PURPOSE, &self.fields),
            amount: self.amount.map(|amount| amount.to_string()),
            person,
        };
        books.post::<Proposal>(&key(&number), &entry)?;
        let says = format!("{} 须由另一人复核：提议 {number}", command.zh);
        Ok(Answer::new(says, format!("waits for another person: proposal {number}"))
            .with("proposal", number)
            .with("verb", &*self.verb))
    }
}

impl UseCase for Approve {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let by = open(books, &self.proposal)?.by;
        if by == desk.actor {
            let message = "不能复核自己的提议";
            return Err(Refusal::new("same-person", message, "由另一人 proposal approve").into());
        }
        let (command, fields) = proposed(desk, books, &self.proposal)?;
        let request = books.request().to_owned();
        let answer = command.read(&request, fields)?.decide(desk, books)?;
        let answer = answer.with("proposal", &*self.proposal).with("proposed_by", by);
        // Kept for the one who proposed it: his request, sent again, is answered by what came of it.
        let text = serde_json::to_string(&answer).map_err(|error| Stop::Source(error.to_string()))?;
        let entry =
            ProposalEntry::Approved { says: answer.says.clone(), answer: Some(desk.vault.seal(PURPOSE, &text)) };
        books.post::<Proposal>(&key(&self.proposal), &entry)?;
        Ok(answer)
    }
}

impl UseCase for Refuse {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let reason = reason(&self.reason)?;
        open(books, &self.proposal)?;
        books.post::<Proposal>(&key(&self.proposal), &ProposalEntry::Refused { reason })?;
        Ok(Answer::new(format!("提议 {} 不予通过", self.proposal), "refused").with("proposal", &*self.proposal))
    }
}

command! {
    /// List what waits for a second person, and what became of it
    ListProposals = "proposal list", "列出提议：待复核的和已有决定的" {
        /// Those that are decided too
        all: bool = "已有决定的也列出",
        /// Only those about persons of this area: its code, or the beginning of it
        area: Option<String> = "只列有关这一区划的人的；区划代码，可只写开头",
    }
}

const COLUMNS: &[Column] = &[
    col("proposal", "编号", "proposal"),
    col("verb", "命令", "command"),
    col("amount", "金额", "amount"),
    col("by", "提出人", "by"),
    col("on", "提出日", "on"),
    col("state", "状态", "state"),
    col("decided", "复核人", "decided by"),
];

impl Question for ListProposals {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut found = Vec::new();
        books.each::<Proposal>(None, |key, one| {
            if self.all || one.decided.is_none() {
                let row = vec![
                    json!(key.subject.trim_start_matches("proposal/")),
                    json!(one.verb),
                    json!(one.amount),
                    json!(one.by),
                    json!(day_of(one.at).to_string()),
                    json!(one.state()),
                    json!(one.decided),
                ];
                found.push((one.whose(), row));
            }
            Ok(())
        })?;
        let rows = people::of_area(books, self.area.as_deref(), found)?;
        let foot = format!("{} 件", rows.len());
        Ok(Table { title: "提议".to_owned(), columns: COLUMNS, rows, foot })
    }
}
