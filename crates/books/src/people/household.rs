//! Households: who lives in one, from when to when. Those of a household are found by its number.

use domain::Date;

use super::dossier::{Dossier, DossierEntry};
use super::record::Membership;
use super::{answered, dossier, find, follow, likely, told};
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};

/// The kind of name that leads from a household to those who are or were in it: the household's index, a stroke, the person.
pub const LINK: &str = "household";

/// How many persons of a household are looked at.
const MOST: usize = 200;

command! {
    /// Let a person join a household; who is in another one leaves it
    JoinHousehold = "household join", "加入家庭" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// Number of the household, as the household register has it
        household: String = "户号",
        /// What the person is in it, as 户主 or 之子
        role: Option<String> = "与户主关系",
        /// First day
        from: Date = "起始日",
    }
}

impl UseCase for JoinHousehold {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        let household = index(desk, &self.household)?;
        let role = self.role.as_deref().unwrap_or_default().trim().to_owned();
        let known = dossier(books, &key)?;
        if known.born.is_some_and(|born| self.from < born) {
            return Err(Refusal::new("impossible-date", "起始日在出生之前", "核对日期").into());
        }
        let before = known.households.iter().rev().find(|time| time.end.is_none()).cloned();
        if let Some(time) = &before {
            if time.household == household && (role.is_empty() || role == time.role) {
                return Ok(
                    answered(&key, "已在这一户，未作变更", "already so", Vec::new()).with("household", household)
                );
            }
            if self.from < time.from {
                let message = format!("{} 起已在另一户", time.from);
                return Err(Refusal::new("out-of-order", message, "核对起始日").into());
            }
        }
        books.link(LINK, &format!("{household}/{}", told(&key)), &key.subject)?;
        if let Some(time) = before.filter(|time| time.household != household || time.from != self.from) {
            books.post::<Dossier>(&key, &DossierEntry::Household(Membership { end: Some(self.from), ..time }))?;
        }
        let time = Membership { household: household.clone(), role, from: self.from, end: None };
        books.post::<Dossier>(&key, &DossierEntry::Household(time))?;
        let followed = follow::changed(desk, books, &key, self.from)?;
        Ok(answered(&key, "已加入家庭", "joined the household", followed).with("household", household))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        likely(desk, &self.person).into_iter().collect()
    }
}

command! {
    /// Let a person leave the household
    LeaveHousehold = "household leave", "离开家庭" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// First day on which the person is no longer in it
        on: Date = "离开的日期",
    }
}

impl UseCase for LeaveHousehold {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        let known = dossier(books, &key)?;
        let Some(time) = known.households.iter().rev().find(|time| time.end.is_none()).cloned() else {
            return Err(Refusal::new("no-household", "登记册上没有这个人现在的家庭", "先用 household join 登记").into());
        };
        if self.on <= time.from {
            let message = format!("{} 才加入这一户", time.from);
            return Err(Refusal::new("ends-before-start", message, "核对日期").into());
        }
        books.post::<Dossier>(&key, &DossierEntry::Household(Membership { end: Some(self.on), ..time }))?;
        let followed = follow::changed(desk, books, &key, self.on)?;
        Ok(answered(&key, "已离开家庭", "left the household", followed))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        likely(desk, &self.person).into_iter().collect()
    }
}

/// Those who are in the household of a person on a day, the person among them.
///
/// # Errors
/// When there is no such person, or the source fails.
pub fn together(books: &mut Books<'_>, person: &Key, day: Date) -> Result<Vec<Key>, Stop> {
    let Some(household) = dossier(books, person)?.household_on(day).map(|time| time.household.clone()) else {
        return Ok(vec![person.clone()]);
    };
    let names = books.names(LINK, &format!("{household}/"), MOST)?;
    let mut members = Vec::new();
    for key in names.into_iter().map(|link| Key::of(link.subject)) {
        if dossier(books, &key)?.household_on(day).is_some_and(|time| time.household == household) {
            members.push(key);
        }
    }
    Ok(members)
}

/// The index of a household's number, which is written as the police write it.
fn index(desk: &Desk<'_>, number: &str) -> Result<String, Refusal> {
    let clean: String = number.chars().filter(|c| !c.is_whitespace()).collect();
    if clean.is_empty() {
        return Err(Refusal::new("no-household", "户号是空的", "照户口簿写户号"));
    }
    let mut index = desk.vault.index("household", &clean);
    index.truncate(16);
    Ok(index)
}
