//! Categories set, ended and corrected by hand, each with its reason. Registers do the same by feeds.

use domain::{Category, Date};

use super::dossier::{Dossier, DossierEntry};
use super::record::Holding;
use super::study::BY_HAND;
use super::{answered, dossier, find, follow, likely, reason};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};

command! {
    /// Record by hand that a person holds a category
    AssertCategory = "category assert", "认定人员类别" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// Which category
        category: Word<Category> = "人员类别",
        /// First day
        from: Date = "起始日",
        /// First day on which it no longer holds
        end: Option<Date> = "终止日（当日起不再享有）",
        /// The grade, where there are grades
        grade: Option<String> = "等级",
        /// On what it rests
        reason: String = "依据",
    }
}

impl UseCase for AssertCategory {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        if self.category.0 == Category::LoanStudent {
            let message = "助学贷款大学生由学校报送、教育部门认定";
            return Err(Refusal::new("certified-only", message, "用 loan submit、loan certify").into());
        }
        let holding = Holding {
            end: self.end,
            reported: Some(desk.today()),
            grade: self.grade.clone(),
            reason: reason(&self.reason)?,
            ..Holding::new(self.category.0, self.from, BY_HAND)
        };
        let known = dossier(books, &key)?;
        check(known, &holding)?;
        if known.categories.iter().any(|other| says_the_same(other, &holding)) {
            return Ok(answered(&key, "已认定过，未作变更", "already so", Vec::new()));
        }
        books.post::<Dossier>(&key, &DossierEntry::Category(holding))?;
        let followed = follow::changed(desk, books, &key, self.from)?;
        let says = format!("自 {} 起认定为{}", self.from, self.category.0.name());
        Ok(answered(&key, &says, &format!("{} from {}", self.category.0.english(), self.from), followed))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        likely(desk, &self.person).into_iter().collect()
    }
}

/// A category whose days can be.
pub(super) fn check(known: &Dossier, holding: &Holding) -> Result<(), Refusal> {
    let name = holding.category.0.name();
    if let Some(end) = holding.end.filter(|end| *end <= holding.from) {
        let message = format!("{name}终止（{end}）不晚于起始（{}）", holding.from);
        return Err(Refusal::new("ends-before-start", message, "核对起止日期"));
    }
    if known.born.is_some_and(|born| holding.from < born) {
        return Err(Refusal::new("impossible-date", format!("{name}始于出生之前"), "核对起始日"));
    }
    if !known.alive_on(holding.from) {
        return Err(Refusal::new("after-death", format!("{name}始于死亡之后"), "核对起始日，或更正死亡登记"));
    }
    Ok(())
}

/// Whether two say the same, as of whatever day.
pub(super) fn says_the_same(one: &Holding, other: &Holding) -> bool {
    *one == Holding { reported: one.reported, reason: one.reason.clone(), ..other.clone() }
}

command! {
    /// End by hand a category that a person holds
    EndCategory = "category end", "终止人员类别" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// Which category
        category: Word<Category> = "人员类别",
        /// The register that says it is held; all, if left out
        source: Option<String> = "来源，不写为所有来源",
        /// First day on which it no longer holds
        on: Date = "终止日（当日起不再享有）",
        /// Why
        reason: String = "原因",
    }
}

impl UseCase for EndCategory {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        let reason = reason(&self.reason)?;
        let known = dossier(books, &key)?;
        let held = |h: &&Holding| {
            h.category == self.category
                && self.source.as_ref().is_none_or(|source| *source == h.source)
                && !h.withdrawn
                && h.end.is_none_or(|end| self.on < end)
        };
        let held: Vec<Holding> = known.categories.iter().filter(held).cloned().collect();
        if held.is_empty() {
            let name = self.category.0.name();
            let ended = known.categories.iter().any(|h| h.category == self.category && h.end == Some(self.on));
            if ended {
                return Ok(answered(&key, "已终止，未作变更", "already so", Vec::new()));
            }
            let message = format!("{} 不属{name}", self.on);
            return Err(Refusal::new("not-held", message, "category history 列出各来源的起止日期").into());
        }
        for holding in held {
            let (end, reported) = (Some(self.on), Some(desk.today()));
            let holding = Holding { end, reported, reason: reason.clone(), ..holding };
            check(dossier(books, &key)?, &holding)?;
            books.post::<Dossier>(&key, &DossierEntry::Category(holding))?;
        }
        let followed = follow::changed(desk, books, &key, self.on)?;
        let says = format!("{}自 {} 起终止", self.category.0.name(), self.on);
        Ok(answered(&key, &says, &format!("ended on {}", self.on), followed))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        likely(desk, &self.person).into_iter().collect()
    }
}

command! {
    /// Correct by hand the days of a category, or take it back
    CorrectCategory = "category correct", "更正人员类别" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// Which category
        category: Word<Category> = "人员类别",
        /// The register that says it is held; the counter, if left out
        source: Option<String> = "来源，不写为经办",
        /// Its first day as it is recorded
        from: Date = "登记的起始日",
        /// The right first day
        new_from: Option<Date> = "正确的起始日",
        /// The right first day on which it no longer holds
        new_end: Option<Date> = "正确的终止日",
        /// It never held
        withdraw: bool = "撤销：从未属于",
        /// Why
        reason: String = "原因",
    }
}

impl UseCase for CorrectCategory {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        let reason = reason(&self.reason)?;
        let known = dossier(books, &key)?;
        let source = self.source.as_deref().unwrap_or(BY_HAND);
        let at = |h: &&Holding| h.category == self.category && h.source == source && h.from == self.from;
        let Some(was) = known.categories.iter().find(at).filter(|holding| !holding.withdrawn).cloned() else {
            let message = format!("{source} 没有自 {} 起的{}", self.from, self.category.0.name());
            return Err(Refusal::new("not-held", message, "category history 列出各来源的起止日期").into());
        };
        let reported = Some(desk.today());
        let taken = Holding { withdrawn: true, reported, reason: reason.clone(), ..was.clone() };
        let right = Holding {
            from: self.new_from.unwrap_or(was.from),
            end: self.new_end.or(was.end),
            reported,
            reason,
            ..was.clone()
        };
        if self.withdraw {
            books.post::<Dossier>(&key, &DossierEntry::Category(taken))?;
        } else {
            if self.new_from.is_none() && self.new_end.is_none() {
                let message = "没有写正确的起止日期";
                return Err(Refusal::new("nothing-to-correct", message, "写 new_from 或 new_end，或 withdraw").into());
            }
            check(known, &right)?;
            if right.from != was.from {
                books.post::<Dossier>(&key, &DossierEntry::Category(taken))?;
            }
            books.post::<Dossier>(&key, &DossierEntry::Category(right.clone()))?;
        }
        let followed = follow::changed(desk, books, &key, was.from.min(right.from))?;
        Ok(answered(&key, "已更正", "corrected", followed))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        likely(desk, &self.person).into_iter().collect()
    }
}
