//! Unsettled lines are struck.

use std::collections::{BTreeMap, BTreeSet};

use super::book::{Visit, VisitEntry};
use super::charge::EVERY;
use super::{held, key};
use crate::answer::{Answer, Refusal, Stop};
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};
use crate::{command, record};

record! {
    /// A line of another visit
    StruckLine {
        /// Number of the visit
        visit: String = "就诊号",
        /// Serial number; 0000 for all unsettled lines
        line: String = "明细流水号，0000 为全部未结算明细",
    }
}

command! {
    /// Strike unsettled lines: by serial number, by charge batch, or all of them by 0000
    Strike = "visit strike", "撤销未结算的费用明细：按流水号、按批次，0000 为全部" {
        /// Number of the visit
        visit: String = "就诊号",
        /// Code of the provider
        provider: String = "定点机构代码",
        /// Number of an ID card, or the person's number
        person: Option<String> = "证件号码或个人编号",
        /// Charge batch; 0000 for all unsettled lines
        batch: Option<String> = "收费批次号，0000 为全部未结算明细",
        /// Serial numbers; 0000 for all unsettled lines
        line: Vec<String> = "明细流水号，0000 为全部未结算明细",
        /// Lines of other visits, struck with them or not at all
        also: Vec<StruckLine> = "其他就诊的明细，一并撤销",
    }
}

impl UseCase for Strike {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let mut struck = self.of_visit(desk, books, &self.visit, self.batch.as_deref(), &self.line)?;
        let mut others: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        self.also.iter().for_each(|one| others.entry(one.visit.trim()).or_default().push(one.line.clone()));
        for (visit, lines) in others {
            struck += self.of_visit(desk, books, visit, None, &lines)?;
        }
        Ok(Answer::new(format!("撤销 {struck} 行"), format!("{struck} lines struck")).with("struck", struck))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        std::iter::once(key(&self.visit)).chain(self.also.iter().map(|one| key(&one.visit))).collect()
    }

    fn recallable(&self) -> bool {
        true
    }
}

impl Strike {
    /// Strikes the lines that are named of one visit. Gives how many.
    fn of_visit(
        &self,
        desk: &Desk<'_>,
        books: &mut Books<'_>,
        visit: &str,
        batch: Option<&str>,
        lines: &[String],
    ) -> Result<usize, Stop> {
        let held = held(desk, books, visit, &self.provider, self.person.as_deref())?;
        let visit = books.find::<Visit>(&held.key)?.cloned().unwrap_or_default();
        let every = batch == Some(EVERY) || lines.iter().any(|sn| sn == EVERY);
        if !every && batch.is_none() && lines.is_empty() {
            let cure = format!("写 batch 或 line；全部未结算的写 {EVERY}");
            return Err(Refusal::new("nothing-named", "没有写撤销哪些明细", cure).into());
        }
        let named = |sn: &String, of: &str| every || batch == Some(of) || lines.contains(sn);
        let found: BTreeSet<String> =
            visit.unsettled().filter(|(sn, line)| named(sn, &line.batch)).map(|(sn, _)| sn.clone()).collect();
        if !every {
            refuse_missing(&visit, &found, batch, lines)?;
        }
        strike(books, &held.key, found)
    }
}

/// Refuses lines that are named and cannot be struck.
fn refuse_missing(
    visit: &Visit,
    found: &BTreeSet<String>,
    batch: Option<&str>,
    lines: &[String],
) -> Result<(), Refusal> {
    if let Some(sn) = lines.iter().find(|sn| !found.contains(*sn)) {
        let settlement = visit.lines.get(sn).and_then(|line| line.settled.as_ref());
        let unknown = || Refusal::new("unknown-line", format!("没有明细 {sn}"), "核对流水号");
        return Err(settlement.map_or_else(unknown, |settlement| settled(sn, settlement)));
    }
    match batch {
        Some(batch) if found.is_empty() => {
            let message = format!("批次 {batch} 没有未结算的明细");
            Err(Refusal::new("unknown-batch", message, "核对批次号；已结算的先撤销结算"))
        }
        _ => Ok(()),
    }
}

/// Strikes lines; gives how many. A line that is refunded by another goes only together with it.
pub(super) fn strike(books: &mut Books<'_>, key: &Key, lines: BTreeSet<String>) -> Result<usize, Stop> {
    let visit = books.find::<Visit>(key)?;
    let standing = visit.into_iter().flat_map(|visit| &visit.lines);
    let known =
        standing.filter(|(sn, _)| lines.contains(*sn)).find_map(|(sn, line)| Some((sn, line.settled.as_ref()?)));
    if let Some((sn, settlement)) = known {
        return Err(settled(sn, settlement).into());
    }
    let stays = |sn: &String| !lines.contains(sn);
    let refund = visit.into_iter().flat_map(|visit| &visit.lines).find_map(|(sn, line)| {
        let of = line.refund_of.as_ref().filter(|of| lines.contains(*of))?;
        stays(sn).then(|| (sn.clone(), of.clone()))
    });
    if let Some((sn, of)) = refund {
        let message = format!("明细 {of} 有退费明细 {sn}");
        return Err(Refusal::new("has-refund", message, "连同退费明细一起撤销").into());
    }
    let count = lines.len();
    if count > 0 {
        books.post::<Visit>(key, &VisitEntry::Struck { lines })?;
    }
    Ok(count)
}

fn settled(sn: &str, settlement: &str) -> Refusal {
    let message = format!("明细 {sn} 已结算（{settlement}）");
    Refusal::new("line-settled", message, "先撤销结算（visit reverse），或作退费")
}
