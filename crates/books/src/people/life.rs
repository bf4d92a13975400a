//! Death, and the correction of one that was recorded by error.
//!
//! A death ends nothing by entries of its own: from the day after, no category is held and no cover runs, whatever a register
//! says; so that taking it back brings everything back.

use domain::Date;

use super::dossier::{Dossier, DossierEntry};
use super::{answered, dossier, find, follow, likely, reason};
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};

command! {
    /// Record a death
    Die = "person die", "登记死亡" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// The day of death
        on: Date = "死亡日期",
        /// Who says so
        source: Option<String> = "来源",
    }
}

impl UseCase for Die {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        let known = dossier(books, &key)?;
        if known.died == Some(self.on) {
            return Ok(answered(&key, "死亡已登记过，未作变更", "already so", Vec::new()));
        }
        died_on(known, self.on, desk.today())?;
        let source = self.source.clone().unwrap_or_default();
        books.post::<Dossier>(&key, &DossierEntry::Died { on: self.on, source })?;
        let followed = follow::changed(desk, books, &key, self.on)?;
        Ok(answered(&key, &format!("已登记 {} 死亡", self.on), &format!("death on {} recorded", self.on), followed))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        likely(desk, &self.person).into_iter().collect()
    }
}

/// A day of death that can be.
pub(super) fn died_on(known: &Dossier, on: Date, today: Date) -> Result<(), Refusal> {
    if let Some(died) = known.died {
        let message = format!("已登记 {died} 死亡，与 {on} 不一致");
        return Err(Refusal::new("already-dead", message, "登记有误的，先用 person revive 更正"));
    }
    if on > today {
        return Err(Refusal::new("impossible-date", "死亡日期在今天之后", "核对死亡证明"));
    }
    if known.born.is_some_and(|born| on < born) {
        return Err(Refusal::new("impossible-date", "死亡日期在出生之前", "核对死亡证明"));
    }
    Ok(())
}

command! {
    /// Take back a death that was recorded by error
    Revive = "person revive", "撤销误登的死亡" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// Why
        reason: String = "原因",
    }
}

impl UseCase for Revive {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        let reason = reason(&self.reason)?;
        let Some(died) = dossier(books, &key)?.died else {
            return Ok(answered(&key, "没有登记死亡，未作变更", "already so", Vec::new()));
        };
        books.post::<Dossier>(&key, &DossierEntry::Revived { reason })?;
        let followed = follow::changed(desk, books, &key, died)?;
        Ok(answered(&key, "已撤销死亡登记，原有身份随之恢复", "death taken back", followed))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        likely(desk, &self.person).into_iter().collect()
    }
}
