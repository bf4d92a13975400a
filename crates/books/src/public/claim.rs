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
use crate::members;
use crate::sheets::Books;

command! {
    /// Claim the fiscal subsidy of a year for an area, or claim it anew with other numbers
    ClaimSubsidy = "subsidy claim", "申报一个地区一年的财政补助；人数有变时重报，只记差额" {
        /// The insured year
        year: i16 = "参保年度",
        /// Code of the area
        area: String = "区划代码",
        /// Day of a frozen list that the numbers are taken from, instead of giving them
        snapshot: Option<Date> = "取某日冻结名单的人数，代替下面各项",
        /// Entries of the register, without a frozen list
        heads: Option<i64> = "参保登记条数（没有冻结名单时）",
        /// Persons whose record is in a state that a rule decides about, as `no-id=10`
        excluded: Vec<String> = "记录有疑的人数，如 no-id=10",
        /// Where the numbers come from; needed without a frozen list
        source: Option<String> = "人数来源（没有冻结名单时）",
    }
}

impl UseCase for ClaimSubsidy {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let area = listed(books, &self.area)?;
        let Numbers { heads, excluded, source } = self.numbers(desk, books)?;
        let subsidy = self.reckon(desk, heads, &excluded)?;
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
            heads,
            excluded,
            source,
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

/// What is claimed for.
struct Numbers {
    heads: i64,
    excluded: BTreeMap<String, i64>,
    source: String,
}

impl ClaimSubsidy {
    /// The numbers of a frozen list, or those that are given.
    fn numbers(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Numbers, Stop> {
        match (self.snapshot, self.heads, &self.source) {
            (Some(day), None, None) if self.excluded.is_empty() => self.listed(desk, books, day),
            (None, Some(heads), Some(source)) => {
                Ok(Numbers { heads, excluded: self.states()?, source: source.clone() })
            }
            _ => {
                let message = "人数来源不清：或写 snapshot，或写 heads 和 source";
                Err(Refusal::new("no-numbers", message, "冻结名单用 snapshot take 生成").into())
            }
        }
    }

    /// The numbers of the list that was frozen for a day, of the areas inside this one.
    fn listed(&self, desk: &Desk<'_>, books: &mut Books<'_>, day: Date) -> Result<Numbers, Stop> {
        let Some(areas) = members::counted(books, day)? else {
            return Err(Refusal::new("no-snapshot", format!("{day} 没有冻结名单"), "用 snapshot take 生成").into());
        };
        let mut numbers = Numbers { heads: 0, excluded: BTreeMap::new(), source: format!("{day} 冻结名单") };
        let (mut elsewhere, mut outside) = (0, 0);
        for (_, counted) in areas.into_iter().filter(|(area, _)| area.starts_with(&self.area)) {
            numbers.heads += counted.heads;
            elsewhere += counted.elsewhere;
            outside += counted.outside;
            for (state, persons) in counted.excluded {
                *numbers.excluded.entry(state).or_insert(0) += persons;
            }
        }
        if elsewhere > 0 {
            self.elsewhere(desk, &mut numbers, elsewhere)?;
        }
        if outside > 0 {
            numbers.source += &format!("（{outside} 人在外省也有参保记录，通知只排除省内重复，照计）");
        }
        Ok(numbers)
    }

    /// Persons with one entry here and one elsewhere: both entries fall to the rule on who is enrolled twice. A rule that lets one
    /// stay does not say which area claims for it.
    fn elsewhere(&self, desk: &Desk<'_>, numbers: &mut Numbers, persons: i64) -> Result<(), Refusal> {
        let terms = desk.rules.terms(last_day(self.year)?)?;
        let rule = terms.family("subsidy.count.").map(|(_, cited)| cited.provision);
        let mut rule = rule.filter(|provision| provision.record.text("reason") == Some("duplicate"));
        if let Some(stays) = rule.find(|provision| provision.record.integer("counts") == Some(1)) {
            let message = format!("{persons} 人在别处也有参保记录，规定保留一条，未定由哪一地申报");
            let cure = "两地商定后，按 heads、excluded、source 申报";
            return Err(Refusal::new("elsewhere-undecided", message, cure).by(stays.clauses.clone()));
        }
        numbers.heads += persons;
        *numbers.excluded.entry("duplicate".to_owned()).or_insert(0) += persons;
        Ok(())
    }

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
    fn reckon(&self, desk: &Desk<'_>, heads: i64, excluded: &BTreeMap<String, i64>) -> Result<Subsidy, Refusal> {
        let excluded: Vec<(&str, i64)> = excluded.iter().map(|(state, persons)| (state.as_str(), *persons)).collect();
        let claim = Claim { area: Some(&self.area), heads, excluded: &excluded };
        Ok(subsidy(&desk.rules.terms(last_day(self.year)?)?, &claim)?)
    }
}

fn last_day(year: i16) -> Result<Date, Refusal> {
    Date::new(year, 12, 31).map_err(|_| Refusal::new("bad-year", format!("没有 {year} 年"), "写四位数的年份"))
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
