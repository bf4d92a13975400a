//! Every settlement made again by what it was pinned to: the same bill, the same running amounts, the same terms must give
//! the same payments, to the fen. What does not is named.

use std::collections::BTreeMap;
use std::sync::Arc;

use settlement::{PersonRun, Standing};

use super::book::{CareEntry, CareYear};
use super::record::{BillRecord, Paid, Pins, Running};
use super::restate::{Active, take};
use crate::desk::Rules;
use crate::fold::{Entry, Fold, Stamp, read};
use crate::sheets::Key;

/// A settlement that does not come out again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its stream.
    pub key: Key,
    /// Number of its entry.
    pub number: u32,
    /// What is different.
    pub what: String,
}

/// Gives the rules that pins name, as of a day in microseconds since 1970.
pub type RulesOf<'r> = dyn FnMut(&Pins, i64) -> Result<Arc<Rules>, String> + 'r;

/// One person's care, replayed.
struct Replay<'r> {
    rules: &'r mut RulesOf<'r>,
    years: BTreeMap<i16, CareYear>,
    active: BTreeMap<(i16, u32), Active>,
    differences: Vec<Difference>,
}

/// Replays a person's care from the entries of all its years, in the order in which they were recorded: each request at a
/// moment of its own, within it by year. Gives how many settlements were made again, and the differences.
///
/// # Errors
/// When an entry cannot be read.
pub fn replay<'r>(
    mut entries: Vec<(Key, Entry)>,
    rules: &'r mut RulesOf<'r>,
) -> Result<(usize, Vec<Difference>), String> {
    let mut replay = Replay { rules, years: BTreeMap::new(), active: BTreeMap::new(), differences: Vec::new() };
    let mut settlements = 0;
    entries.sort_by_key(|(key, entry)| (entry.at, key.year, entry.number));
    for (key, entry) in &entries {
        let body = read::<CareEntry>(&entry.body)?;
        if let Err(what) = replay.check(key.year, entry, &body) {
            replay.differences.push(Difference { key: key.clone(), number: entry.number, what });
        }
        settlements += usize::from(matches!(body, CareEntry::Settled { .. }));
        replay.take(key.year, entry, body);
    }
    Ok((settlements, replay.differences))
}

impl Replay<'_> {
    /// Whether an entry is what the entries before it and its pins give.
    fn check(&mut self, year: i16, entry: &Entry, body: &CareEntry) -> Result<(), String> {
        match body {
            CareEntry::Settled { bill, paid, running, pins, .. } => {
                let rules = (self.rules)(pins, entry.at)?;
                let mut run = resume(&rules, &self.standing(year))?;
                let made = run.settle(&bill.bill()).map_err(|refusal| format!("重放时被拒绝：{refusal}"))?;
                let plan = rules.engine.plan(made.plan);
                same("条款的散列值", &pins.terms, &plan.hash)?;
                same_paid(paid, &Paid::of(plan, &made))?;
                let again = run.standing().progress.as_ref().map(Running::from);
                if again.as_ref() != Some(running) { Err("结算后的累计不同".to_owned()) } else { Ok(()) }
            }
            CareEntry::Stands { last, running, pins } => self.stands(year, entry, (last, running), pins),
            CareEntry::Reversed { settlement, paid, .. } => match self.active.get(&(year, *settlement)) {
                Some(active) => same_paid(paid, &active.paid.negated()),
                None => Err(format!("撤销的第 {settlement} 条不是有效的结算")),
            },
            CareEntry::Reinstated { settlement, .. } if self.active.contains_key(&(year, *settlement)) => {
                Err(format!("恢复的第 {settlement} 条本来有效"))
            }
            CareEntry::Differed { settlement, .. } if !self.active.contains_key(&(year, *settlement)) => {
                Err(format!("有差额的第 {settlement} 条不是有效的结算"))
            }
            _ => Ok(()),
        }
    }

    /// After bills were settled anew, what stands of each is what the terms give now, and so is where the person stands.
    fn stands(
        &mut self,
        year: i16,
        entry: &Entry,
        (last, running): (&Option<BillRecord>, &Option<Running>),
        pins: &Pins,
    ) -> Result<(), String> {
        let rules = (self.rules)(pins, entry.at)?;
        let mut run = resume(&rules, &self.before(year))?;
        let (mut last_again, mut progress) = (None, None);
        for ((_, number), active) in self.active.iter().filter(|((of, _), _)| *of == year) {
            let made = run.settle(&active.bill.bill());
            let made = made.map_err(|refusal| format!("第 {number} 条重放时被拒绝：{refusal}"))?;
            same_paid(&active.paid, &Paid::of(rules.engine.plan(made.plan), &made))
                .map_err(|what| format!("第 {number} 条：{what}"))?;
            last_again = Some(active.bill.clone());
            progress = run.standing().progress;
        }
        let again = progress.as_ref().map(Running::from);
        if (&last_again, &again) == (last, running) { Ok(()) } else { Err("重新结算后的累计不同".to_owned()) }
    }

    fn take(&mut self, year: i16, entry: &Entry, body: CareEntry) {
        let Entry { number, at, request, actor, .. } = entry;
        self.years.entry(year).or_default().apply(&Stamp { number: *number, at: *at, request, actor }, &body);
        take(&mut self.active, year, *number, body);
    }

    /// Where the person stands at a bill of a year.
    fn standing(&self, year: i16) -> Standing {
        let of_year = self.years.range(..=year).rev().map(|(_, book)| book.standing()).find(|s| s.progress.is_some());
        of_year.or_else(|| self.brought(year)).unwrap_or_default()
    }

    /// Where the person stands before the first bill of a year.
    fn before(&self, year: i16) -> Standing {
        let earlier = self.years.range(..year).rev().map(|(_, book)| book.standing()).find(|s| s.progress.is_some());
        earlier.or_else(|| self.brought(year)).unwrap_or_default()
    }

    /// What the person brought in.
    fn brought(&self, year: i16) -> Option<Standing> {
        let books = self.years.range(..=year);
        books
            .filter_map(|(_, book)| book.opening.as_ref())
            .next()
            .map(|opening| Standing { opening: settlement::Opening::from(opening), progress: None })
    }
}

fn resume<'e>(rules: &'e Rules, standing: &Standing) -> Result<PersonRun<'e>, String> {
    PersonRun::resume(&rules.engine, standing).map_err(|refusal| format!("累计接不上：{refusal}"))
}

fn same(what: &str, then: &str, now: &str) -> Result<(), String> {
    if then == now { Ok(()) } else { Err(format!("{what}不同：当时 {then}，现在 {now}")) }
}

fn same_paid(then: &Paid, now: &Paid) -> Result<(), String> {
    if (&then.stages, then.person, then.total, then.in_scope) == (&now.stages, now.person, now.total, now.in_scope) {
        return Ok(());
    }
    Err(format!("当时基金支付 {}、个人 {}，重放得 {}、{}", then.funds(), then.person, now.funds(), now.person))
}
