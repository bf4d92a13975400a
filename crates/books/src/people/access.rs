//! Who looked at personal data in clear, at whom, when, why and on which ground.
//!
//! A look is an entry in the stream of the person it was at; the sheet only counts, for a busy year has many. Somebody's own
//! looks are found by names that lead from who looked to whom. One ground is a special [right](crate::matters::rights), given
//! by another, for a time; the others are a visit at a provider, and that the data are one's own.

use std::collections::BTreeSet;

use domain::{Date, vocabulary};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{find, likely, person_key, told};
use crate::answer::{Answer, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

vocabulary! {
    /// What allows a look.
    Ground {
        Right = "right", "特别权限", "a special right";
        Visit = "visit", "就诊服务", "a visit at a provider";
        Own = "own", "本人", "one's own data";
        Role = "role", "角色权限", "the role of a user";
    }
}

/// What is recorded of the looks at a person in a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum AccessEntry {
    /// The whole record was looked at, by a special right.
    Viewed(Look),
    /// The record was looked at in a visit, or by the person.
    Served(Look),
}

/// A look that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// On which day.
    pub on: Date,
    /// On which ground.
    pub ground: Word<Ground>,
    /// Why.
    pub reason: String,
    /// Through what: a transaction of an interface, a page; empty at the counter.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub through: String,
    /// The provider, where it was a visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

/// The looks at a person in a year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// How many.
    pub count: u64,
    /// Who took the last one.
    pub who: String,
    /// The last one.
    pub last: Option<Look>,
}

impl AccessEntry {
    fn look(&self) -> &Look {
        match self {
            AccessEntry::Viewed(look) | AccessEntry::Served(look) => look,
        }
    }
}

impl Fold for Access {
    type Entry = AccessEntry;
    const KIND: &'static str = "access";

    fn apply(&mut self, stamp: &Stamp<'_>, entry: &AccessEntry) {
        self.count += 1;
        stamp.actor.clone_into(&mut self.who);
        self.last = Some(entry.look().clone());
    }
}

/// The names that lead from who looked to whom.
const LOOKED: &str = "looked";

/// How the subjects of looks begin.
pub const LOOKS: &str = "access/";

fn subject(person: &Key) -> String {
    format!("{LOOKS}{}", told(person))
}

/// The stream of the looks at a person on a day.
pub(super) fn key(person: &Key, on: Date) -> Key {
    Key::in_year(subject(person), on.year())
}

/// Records a look at a person's data in clear.
///
/// # Errors
/// When the source fails.
pub fn looked(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, look: Look) -> Result<(), Stop> {
    let key = key(person, look.on);
    books.link(LOOKED, &format!("{}|{}", desk.actor, told(person)), &key.subject)?;
    let by_right = look.ground.0 == Ground::Right;
    let entry = if by_right { AccessEntry::Viewed(look) } else { AccessEntry::Served(look) };
    books.post::<Access>(&key, &entry)?;
    Ok(())
}

command! {
    /// Record that personal data was shown: of a person, or of many in a list
    NoteAccess = "access note", "记录一次查看：一个人的，或名单" {
        /// Number of an identity document, or person's number; a list, if left out
        person: Option<String> = "证件号码或个人编号，不写为名单",
        /// What was asked
        reason: String = "查看的内容",
    }
}

/// Stands for all persons of a list.
const EVERYBODY: &str = "*";

impl UseCase for NoteAccess {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = match &self.person {
            Some(person) => find(desk, books, person)?,
            None => person_key(EVERYBODY),
        };
        let ground = Word(Ground::Role);
        let look =
            Look { on: desk.today(), ground, reason: self.reason.clone(), through: String::new(), provider: None };
        looked(desk, books, &person, look)?;
        Ok(Answer::new("已留痕", "recorded"))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let person = self.person.as_ref().map_or_else(|| Some(person_key(EVERYBODY)), |person| likely(desk, person));
        person.into_iter().flat_map(|person| [key(&person, desk.today()), person]).collect()
    }
}

command! {
    /// List the looks at personal data in clear: who, at whom, when, why, on which ground
    AccessLog = "access log", "列出完整信息的查看记录" {
        /// Of whom the record was
        person: Option<String> = "被查看人的证件号码或个人编号",
        /// Who looked
        who: Option<String> = "查看人",
        /// From this day on
        from: Option<Date> = "自哪一日",
    }
}

const COLUMNS: &[Column] = &[
    col("on", "日期", "on"),
    col("who", "查看人", "who"),
    col("person", "被查看人", "person"),
    col("reason", "原因", "reason"),
    col("ground", "依据", "ground"),
    col("through", "途径", "through"),
    col("provider", "机构", "provider"),
];

/// So many persons whom somebody looked at are searched.
const MANY: usize = 1_000_000;

impl AccessLog {
    /// The subjects whose journals hold what is asked for.
    fn subjects(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<BTreeSet<String>, Stop> {
        if let Some(person) = &self.person {
            return Ok([subject(&find(desk, books, person)?)].into());
        }
        if let Some(who) = &self.who {
            let links = books.names(LOOKED, &format!("{who}|"), MANY)?;
            return Ok(links.into_iter().map(|link| link.subject).collect());
        }
        let mut subjects = BTreeSet::new();
        books.each::<Access>(None, |key, _| {
            subjects.insert(key.subject.clone());
            Ok(())
        })?;
        Ok(subjects)
    }
}

impl Question for AccessLog {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        for subject in self.subjects(desk, books)? {
            for (key, entry, body) in books.history::<Access>(&subject)? {
                let look = body.look();
                let wanted = self.who.as_ref().is_none_or(|who| *who == entry.actor)
                    && self.from.is_none_or(|from| from <= look.on);
                if wanted {
                    let person = key.subject.trim_start_matches(LOOKS);
                    let row = vec![
                        json!(look.on.to_string()),
                        json!(entry.actor),
                        json!(person),
                        json!(look.reason),
                        json!(look.ground.0.code()),
                        json!(look.through),
                        json!(look.provider),
                    ];
                    rows.push((entry.at, row));
                }
            }
        }
        rows.sort_by_key(|(at, _)| *at);
        let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
        let foot = format!("{} 次", rows.len());
        Ok(Table { title: "完整信息查看记录".to_owned(), columns: COLUMNS, rows, foot })
    }
}
