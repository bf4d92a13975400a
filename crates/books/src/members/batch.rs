//! Many at once: those whom a department enrols together (区县民政部门集中办理), and those who go on into the next year (续保).

use domain::{Date, Scheme};
use enrolment::{Asking, due};
use serde_json::json;

use super::enrol::{Application, enrol};
use super::facts::Facts;
use super::list::relations;
use super::membership::{Capacity, Channel, State};
use super::number::tracking;
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::people;
use crate::sheets::{Books, Key};

command! {
    /// Enrol together those whom a rule lets a department enrol and pay for; the others are listed with the reason
    Batch = "member batch", "部门集中参保" {
        /// The department
        department: String = "办理部门",
        /// Insured year
        year: i16 = "参保年度",
        /// The persons: numbers of ID cards, or persons' numbers
        persons: Vec<String> = "人员：身份证号码或个人编号",
    }
}

impl UseCase for Batch {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        if self.persons.is_empty() {
            return Err(Refusal::new("empty-batch", "名单是空的", "写 persons").into());
        }
        let mut done = Vec::new();
        let mut rejects = Vec::new();
        for (line, person) in self.persons.iter().enumerate() {
            match self.one(desk, books, person) {
                Ok((id, payer)) => done.push(json!({ "person": id, "payer": payer, "personal": "0.00" })),
                Err(Stop::Refused(refusal)) => rejects.push(json!({
                    "line": line + 1, "code": refusal.code, "message": refusal.message, "clauses": refusal.clauses,
                })),
                Err(stop) => return Err(stop),
            }
        }
        let says = format!("{}集中办理：登记 {} 人，不受理 {} 人", self.department, done.len(), rejects.len());
        let english = format!("{} enrolled, {} rejected", done.len(), rejects.len());
        let answer = Answer::new(says, english).with("enrolled", done.len()).with("rejected", rejects.len());
        Ok(answer.with("members", done).with("rejects", rejects))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let persons = self.persons.iter().filter_map(|person| people::likely(desk, person));
        persons.flat_map(|person| super::keys(&person, self.year)).collect()
    }
}

impl Batch {
    fn one(&self, desk: &Desk<'_>, books: &mut Books<'_>, person: &str) -> Result<(String, String), Stop> {
        let on = desk.today();
        let person = people::find(desk, books, person)?;
        let facts = Facts::on(books, &person, on)?;
        let group = facts.group(on);
        let year = desk.rules.year(group, self.year)?;
        let owed = due(&year, &facts.person(Scheme::Resident, None, group), &Asking::default());
        let ruled = owed.ok().filter(|due| due.scheme == Scheme::Employee && !due.sponsored.is_empty());
        let Some((due, payer)) = ruled.and_then(|due| {
            let payer = due.sponsored.first()?.payer.clone();
            Some((due, payer))
        }) else {
            let message = "不属由部门集中参保的人员（一至六级伤残军人）";
            return Err(Refusal::new("not-by-department", message, "按一般居民参保（member enrol）").into());
        };
        if facts.employee {
            let message = "有用人单位，由单位参保缴费，不由部门集中办理";
            let clauses = due.sponsored.iter().flat_map(|share| share.clauses.clone());
            return Err(Refusal::new("employed", message, "转用人单位办理").by(clauses).into());
        }
        let application = Application {
            year: self.year,
            tier: None,
            group: Some(group),
            on,
            channel: Channel::Department,
            employed: false,
            number: Some(tracking(desk, books, &self.department, &person)?),
            carried: None,
        };
        enrol(desk, books, &person, &application)?;
        Ok((super::id(&person).to_owned(), payer))
    }
}

command! {
    /// Carry the members of the year before on into a year; who must declare, or choose a tier, anew is listed
    Renew = "member renew", "续保" {
        /// Insured year
        year: i16 = "参保年度",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
    }
}

impl UseCase for Renew {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let before = self.year.saturating_sub(1);
        let last = super::ends(before, false).yesterday().unwrap_or(Date::MAX).min(desk.today());
        let mut renewed = 0_u32;
        let mut left = Vec::new();
        for row in relations(desk, books, before)? {
            let here = self.area.as_ref().is_none_or(|area| row.relation.capacity.area.starts_with(area));
            if !here || row.state_on(last) != State::Active {
                continue;
            }
            match self.one(desk, books, &row.person, &row.relation.capacity) {
                Ok(()) => renewed += 1,
                Err(Stop::Refused(refusal)) if refusal.code == "already-enrolled" => {}
                Err(Stop::Refused(refusal)) => left.push(json!({
                    "person": super::id(&row.person), "code": refusal.code, "message": refusal.message,
                    "clauses": refusal.clauses,
                })),
                Err(stop) => return Err(stop),
            }
        }
        let says = format!("{}年度续保 {renewed} 人；{} 人须另行办理", self.year, left.len());
        let english = format!("{renewed} carried on into {}, {} left", self.year, left.len());
        Ok(Answer::new(says, english).with("renewed", renewed).with("left", left))
    }
}

impl Renew {
    fn one(&self, desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, before: &Capacity) -> Result<(), Stop> {
        let on = desk.today();
        let facts = Facts::on(books, person, on.max(super::begins(self.year, before.academic)))?;
        let group = facts.study.unwrap_or(before.group.0);
        let year = desk.rules.year(group, self.year)?;
        let resident = facts.person(before.scheme.0, None, group);
        if let Some(step) = enrolment::due::pays_yearly(&year.terms, &resident)? {
            let message = format!("按年度申报缴纳，不结转到{}年度", self.year);
            return Err(Refusal::new("yearly", message, "由本人或学校重新申报").by(step.clauses).into());
        }
        // A tier of last year is no choice for this one, where the terms ask for a choice.
        if let Err(refusal) = due(&year, &resident, &Asking::default())
            && refusal.key.starts_with("contribution.collect.")
        {
            return Err(refusal.into());
        }
        let application = Application {
            year: self.year,
            tier: before.tier.clone(),
            group: Some(group),
            on,
            channel: Channel::Automatic,
            employed: before.employed,
            number: None,
            carried: None,
        };
        enrol(desk, books, person, &application).map(|_| ())
    }
}
