//! Who looked at personal data in clear, at whom, when and why. The right to look is one of the special
//! [rights](crate::matters::rights): given by another, for a time.

use domain::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{find, likely, person_key, told};
use crate::answer::{Answer, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

/// What is recorded of somebody's access in a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum AccessEntry {
    /// Looked at a person's whole record.
    Viewed(Look),
}

/// A look that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// At whom.
    pub person: String,
    /// On which day.
    pub on: Date,
    /// Why.
    pub reason: String,
}

/// The looks that somebody took in a year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// In order.
    pub looks: Vec<Look>,
}

impl Fold for Access {
    type Entry = AccessEntry;
    const KIND: &'static str = "access";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &AccessEntry) {
        let AccessEntry::Viewed(look) = entry;
        self.looks.push(look.clone());
    }
}

/// Records a look.
pub(super) fn viewed(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, reason: String) -> Result<(), Stop> {
    let on = desk.today();
    let look = Look { person: told(person).to_owned(), on, reason };
    let key = Key::in_year(format!("access/{}", desk.actor), on.year());
    books.post::<Access>(&key, &AccessEntry::Viewed(look))?;
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
const MANY: &str = "*";

impl UseCase for NoteAccess {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = match &self.person {
            Some(person) => find(desk, books, person)?,
            None => person_key(MANY),
        };
        viewed(desk, books, &person, self.reason.clone())?;
        Ok(Answer::new("已留痕", "recorded"))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let own = Key::in_year(format!("access/{}", desk.actor), desk.today().year());
        self.person.iter().filter_map(|person| likely(desk, person)).chain([own]).collect()
    }
}

command! {
    /// List the looks at personal data in clear: who, at whom, when, why
    AccessLog = "access log", "列出完整信息的查看记录" {
        /// Of whom the record was
        person: Option<String> = "被查看人的证件号码或个人编号",
        /// Who looked
        who: Option<String> = "查看人",
        /// From this day on
        from: Option<Date> = "自哪一日",
    }
}

const LOOKS: &[Column] = &[
    col("on", "日期", "on"),
    col("who", "查看人", "who"),
    col("person", "被查看人", "person"),
    col("reason", "原因", "reason"),
];

fn who(key: &Key) -> &str {
    key.subject.strip_prefix("access/").unwrap_or(&key.subject)
}

impl Question for AccessLog {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let person = self.person.as_ref().map(|person| find(desk, books, person)).transpose()?;
        let mut rows = Vec::new();
        books.each::<Access>(None, |key, access| {
            let wanted = |look: &&Look| {
                self.who.as_ref().is_none_or(|wanted| wanted == who(key))
                    && person.as_ref().is_none_or(|person| told(person) == look.person)
                    && self.from.is_none_or(|from| from <= look.on)
            };
            let looks = access.looks.iter().filter(wanted);
            rows.extend(
                looks.map(|look| {
                    vec![json!(look.on.to_string()), json!(who(key)), json!(look.person), json!(look.reason)]
                }),
            );
            Ok(())
        })?;
        rows.sort_by(|a, b| a[0].as_str().cmp(&b[0].as_str()));
        let foot = format!("{} 次", rows.len());
        Ok(Table { title: "完整信息查看记录".to_owned(), columns: LOOKS, rows, foot })
    }
}
