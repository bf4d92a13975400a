//! Other arrangements by which a person is secured: the employee scheme, the resident scheme of another region, the forces' own.

use domain::Date;

use super::dossier::{Dossier, DossierEntry};
use super::record::{Arrangement, Secured};
use super::study::BY_HAND;
use super::{answered, dossier, find, follow, likely};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};

command! {
    /// Record that a person is secured by another arrangement, or how it went on
    RecordArrangement = "arrangement record", "登记其他医疗保障" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// What kind
        kind: Word<Arrangement> = "种类",
        /// Its name; that of the kind, if left out
        name: Option<String> = "名称，不写为种类的名称",
        /// Code of the region, where it is one of a region
        region: Option<String> = "参保统筹区代码",
        /// First day
        from: Date = "起始日",
        /// First day on which it no longer holds
        end: Option<Date> = "终止日（当日起不再享有）",
        /// Last day that is paid for
        last_paid: Option<Date> = "最后缴费所到之日",
        /// Last day of waiting for its benefits
        wait_until: Option<Date> = "待遇等待期的最后一日",
    }
}

impl UseCase for RecordArrangement {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        let name = self.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let secured = Secured {
            kind: self.kind,
            name: name.unwrap_or(self.kind.0.name()).to_owned(),
            region: self.region.clone(),
            from: self.from,
            end: self.end,
            last_paid: self.last_paid,
            wait_until: self.wait_until,
            source: BY_HAND.to_owned(),
            reported: Some(desk.today()),
            withdrawn: false,
        };
        let known = dossier(books, &key)?;
        check(known, &secured)?;
        if known.secured.iter().any(|other| says_the_same(other, &secured)) {
            return Ok(answered(&key, "已登记过，未作变更", "already so", Vec::new()));
        }
        let says = format!("已登记{}", secured.name);
        books.post::<Dossier>(&key, &DossierEntry::Secured(secured))?;
        let followed = follow::changed(desk, books, &key, self.from)?;
        Ok(answered(&key, &says, "arrangement recorded", followed))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        likely(desk, &self.person).into_iter().collect()
    }
}

/// An arrangement whose days can be.
pub(super) fn check(known: &Dossier, secured: &Secured) -> Result<(), Refusal> {
    let before = |day: Option<Date>| day.is_some_and(|day| day < secured.from);
    if secured.end.is_some_and(|end| end <= secured.from) || before(secured.last_paid) || before(secured.wait_until) {
        let message = format!("{}的终止、缴费或等待期在起始之前", secured.name);
        return Err(Refusal::new("ends-before-start", message, "核对日期"));
    }
    if known.born.is_some_and(|born| secured.from < born) {
        return Err(Refusal::new("impossible-date", "起始日在出生之前", "核对日期"));
    }
    Ok(())
}

/// Whether two say the same, whoever says it and when.
pub(super) fn says_the_same(one: &Secured, other: &Secured) -> bool {
    *one == Secured { source: one.source.clone(), reported: one.reported, ..other.clone() }
}

command! {
    /// End another arrangement
    EndArrangement = "arrangement end", "终止其他医疗保障" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// Its name, where there are several
        name: Option<String> = "名称（有多项时）",
        /// First day on which it no longer holds
        on: Date = "终止日（当日起不再享有）",
        /// Last day that is paid for; the day before the end, if left out
        last_paid: Option<Date> = "最后缴费所到之日，不写为终止日前一日",
    }
}

impl UseCase for EndArrangement {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        let known = dossier(books, &key)?;
        let named =
            |s: &&Secured| !s.withdrawn && s.end.is_none() && self.name.as_ref().is_none_or(|name| *name == s.name);
        let open: Vec<&Secured> = known.secured.iter().filter(named).collect();
        let [secured] = open[..] else {
            let message = format!("现有 {} 项其他保障，要终止哪一项不明", open.len());
            return Err(Refusal::new("which-arrangement", message, "写明 name；person show 列出各项").into());
        };
        let last_paid = self.last_paid.or(secured.last_paid);
        let secured = Secured {
            end: Some(self.on),
            last_paid,
            source: BY_HAND.to_owned(),
            reported: Some(desk.today()),
            ..secured.clone()
        };
        check(known, &secured)?;
        let says = format!("{}已终止", secured.name);
        books.post::<Dossier>(&key, &DossierEntry::Secured(secured))?;
        let followed = follow::changed(desk, books, &key, self.on)?;
        Ok(answered(&key, &says, "arrangement ended", followed))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        likely(desk, &self.person).into_iter().collect()
    }
}
