//! Claiming the subsidy of a year: so much from each level of government, by the rules on who counts and who pays which part. A
//! claim made anew posts only what it changes.

use std::collections::BTreeMap;

use domain::{Date, Fen};
use enrolment::{Claim, Subsidy, subsidy};

use super::area::{AreaEntry, AreaYear, Claimed, Government, Parts, key, sheet};
use super::region::listed;
use crate::answer::{Answer, Refusal, Step, Stop};
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::Books;

command! {
    /// Claim the fiscal subsidy of a year for an area, or claim it anew with other numbers
    ClaimSubsidy = "subsidy claim", "申报一个地区一年的财政补助；人数有变时重报，只记差额" {
        /// The insured year
        year: i16 = "参保年度",
        /// Code of the area
        area: String = "区划代码",
        /// Entries of the register
        heads: i64 = "参保登记条数",
        /// Persons whose record is in a state that a rule decides about, as `no-id=10`
        excluded: Vec<String> = "记录有疑的人数，如 no-id=10",
        /// Where the numbers come from, as the snapshot of a day
        source: String = "人数来源，如某日的快照",
    }
}

impl UseCase for ClaimSubsidy {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let area = listed(books, &self.area)?;
        let excluded = self.states()?;
        let subsidy = self.reckon(desk, &excluded)?;
        desk.rules.accept(subsidy.basis)?;
        let split = subsidy.split.clone()?;
        let parts = [
            (Government::Central, split.central),
            (Government::Province, split.province),
            (Government::Local, split.local),
        ];
        let parts: Parts = parts.into_iter().map(|(level, amount)| (Word(level), Yuan(amount))).collect();
        let before = sheet(books, &self.area, self.year)?;
        let since = |(level, amount): (&Word<Government>, &Yuan)| (*level, Yuan(amount.0 - before.due(level.0)));
        let change: Parts = parts.iter().map(since).filter(|(_, amount)| amount.0 != Fen::ZERO).collect();
        let claimed = Claimed {
            area: self.area.clone(),
            heads: self.heads,
            excluded,
            source: self.source.clone(),
            counted: subsidy.heads,
            per_head: Yuan(subsidy.per_head),
            total: Yuan(subsidy.total),
            parts,
            change,
            clauses: clauses(&subsidy),
            basis: subsidy.basis.to_string(),
        };
        let already = before.claim.as_ref().is_some_and(|known| {
            let same = Claimed { change: known.change.clone(), ..claimed.clone() };
            *known == same
        });
        if !already {
            books.post::<AreaYear>(&key(&self.area, self.year), &AreaEntry::Claimed(claimed.clone()))?;
        }
        Ok(answer(&area.name, self.year, &claimed, &subsidy).with("already", already))
    }
}

impl ClaimSubsidy {
    /// The states and how many persons are in each.
    fn states(&self) -> Result<BTreeMap<String, i64>, Refusal> {
        let one = |text: &String| {
            let (state, persons) = text.split_once('=')?;
            Some((state.trim().to_owned(), persons.trim().parse::<i64>().ok().filter(|persons| *persons >= 0)?))
        };
        let bad = |text: &String| {
            let message = format!("“{text}” 不是“状态=人数”");
            Refusal::new(
                "bad-excluded",
                message,
                "写如 no-id=10；状态：no-id、wrong-id、duplicate、residence-permit、permit-expired",
            )
        };
        let mut states = BTreeMap::new();
        for text in &self.excluded {
            let (state, persons) = one(text).ok_or_else(|| bad(text))?;
            *states.entry(state).or_insert(0) += persons;
        }
        Ok(states)
    }

    /// The subsidy by the terms of the year's last day.
    fn reckon(&self, desk: &Desk<'_>, excluded: &BTreeMap<String, i64>) -> Result<Subsidy, Refusal> {
        let last = Date::new(self.year, 12, 31)
            .map_err(|_| Refusal::new("bad-year", format!("没有 {} 年", self.year), "写四位数的年份"))?;
        let excluded: Vec<(&str, i64)> = excluded.iter().map(|(state, persons)| (state.as_str(), *persons)).collect();
        let claim = Claim { area: Some(&self.area), heads: self.heads, excluded: &excluded };
        Ok(subsidy(&desk.rules.terms(last)?, &claim)?)
    }
}

fn clauses(subsidy: &Subsidy) -> Vec<String> {
    let mut clauses: Vec<String> = subsidy.steps.iter().flat_map(|step| step.clauses.clone()).collect();
    clauses.sort();
    clauses.dedup();
    clauses
}

fn answer(area: &str, year: i16, claimed: &Claimed, subsidy: &Subsidy) -> Answer {
    let sum = |parts: &Parts| parts.values().map(|part| part.0).sum::<Fen>();
    let part = |parts: &Parts, level| parts.get(&Word(level)).copied().unwrap_or_default().to_string();
    let changed = sum(&claimed.change);
    let counted = claimed.counted;
    let says = format!("{area} {year} 年应收补助 {} 元（{counted} 人），本次记 {changed} 元", claimed.total);
    let english = format!("{area} may claim {} for {year} ({counted} persons); {changed} posted", claimed.total);
    Answer::new(says, english)
        .with("counted", counted)
        .with("per_head", claimed.per_head.to_string())
        .with("total", claimed.total.to_string())
        .with("central", part(&claimed.parts, Government::Central))
        .with("province", part(&claimed.parts, Government::Province))
        .with("local", part(&claimed.parts, Government::Local))
        .with("change", changed.to_string())
        .with("basis", claimed.basis.clone())
        .because(subsidy.steps.iter().map(Step::from))
}
