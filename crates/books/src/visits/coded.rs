//! How far the business codes are in use (TJ22-09b, JS22-09.1, CQ21-07.3f): by provider, how many lines of charges carry a code of
//! the catalogue, how many of these codes hold on the day of the line, and the same of diagnoses.
//!
//! A line whose code is unknown is refused when it is charged (`not-in-catalogue`), so what comes in without codes is a bill told
//! in sums by class (`care settle`): it counts as one line without a code. A code that held when its line was charged may hold no
//! longer, since a later file corrected the catalogue for past days: that line is coded and not valid.

use std::collections::{BTreeMap, BTreeSet};

use domain::Rate;
use serde_json::{Value, json};

use super::book::{Diagnosis, Visit, VisitEntry};
use super::judge::Kept;
use crate::answer::Stop;
use crate::care::CareYear;
use crate::catalogue::{self, Item, TermSet};
use crate::codec::Percent;
use crate::command;
use crate::desk::Desk;
use crate::matching;
use crate::people::share;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// How far business codes are in use, by provider: lines with a code, codes that hold on their day, diagnoses
    Coded = "code coverage", "医保业务编码贯标情况，按机构：有编码的明细、当日有效的编码、诊断编码" {
        /// Lines of this year
        year: i16 = "年度",
        /// Code of a provider
        provider: Option<String> = "定点机构代码",
        /// Providers whose valid lines are below this share of their coded ones are marked
        target: Option<Percent> = "贯标质效目标，如 98%；有效率低于目标的标出",
    }
}

const COLUMNS: &[Column] = &[
    col("provider", "机构", "provider"),
    col("lines", "明细", "lines"),
    col("coded", "有编码", "coded"),
    col("coded_share", "贯标率", "coded share"),
    col("valid", "编码当日有效", "valid on the day"),
    col("valid_share", "有效率", "valid share"),
    col("matched", "机构目录已对照", "own item matched"),
    col("diagnoses", "诊断", "diagnoses"),
    col("diagnoses_valid", "诊断编码有效", "diagnoses valid"),
    col("below", "低于目标", "below target"),
];

/// What was counted of a provider.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    lines: usize,
    coded: usize,
    valid: usize,
    matched: usize,
    diagnoses: usize,
    diagnoses_valid: usize,
}

impl Count {
    fn add(&mut self, other: Count) {
        self.lines += other.lines;
        self.coded += other.coded;
        self.valid += other.valid;
        self.matched += other.matched;
        self.diagnoses += other.diagnoses;
        self.diagnoses_valid += other.diagnoses_valid;
    }

    fn below(&self, target: Option<Percent>) -> bool {
        let wanted = |target: Rate| {
            self.valid as i128 * i128::from(Rate::ONE.ppm()) < self.coded as i128 * i128::from(target.ppm())
        };
        target.is_some_and(|target| wanted(target.0))
    }

    fn row(&self, provider: &str, target: Option<Percent>) -> Vec<Value> {
        vec![
            json!(provider),
            json!(self.lines),
            json!(self.coded),
            json!(share(self.coded, self.lines)),
            json!(self.valid),
            json!(share(self.valid, self.coded)),
            json!(self.matched),
            json!(self.diagnoses),
            json!(self.diagnoses_valid),
            json!(self.below(target)),
        ]
    }
}

impl Question for Coded {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let wanted = self.provider.as_ref().map(|provider| provider.trim().to_ascii_uppercase());
        let here = |provider: &str| wanted.as_ref().is_none_or(|wanted| wanted == provider);
        let mut counts: BTreeMap<String, Count> = BTreeMap::new();
        let mut itemised = BTreeSet::new();
        let mut visits = Vec::new();
        books.each::<Visit>(None, |key, visit| {
            let Some(opened) = visit.opened.as_ref().filter(|opened| here(&opened.provider)) else { return Ok(()) };
            itemised.extend(visit.standing().map(|part| part.settlement.clone()));
            if !visit.cancelled && visit.lines.values().any(|line| line.day.year() == self.year) {
                visits.push((key.clone(), opened.provider.clone()));
            }
            Ok(())
        })?;
        for (key, provider) in visits {
            let counted = self.visit(books, &key, &provider)?;
            counts.entry(provider).or_default().add(counted);
        }
        for (provider, bills) in self.in_sums(books, &itemised)? {
            if here(&provider) {
                counts.entry(provider).or_default().lines += bills;
            }
        }
        let mut all = Count::default();
        counts.values().for_each(|count| all.add(*count));
        let rows = counts.iter().map(|(provider, count)| count.row(provider, self.target)).collect();
        let below = counts.values().filter(|count| count.below(self.target)).count();
        let told = |share: Option<String>| share.unwrap_or_else(|| "-".to_owned());
        let (coded, valid) = (told(share(all.coded, all.lines)), told(share(all.valid, all.coded)));
        let foot = format!("明细 {} 行，贯标率 {coded}，有效率 {valid}，低于目标 {below} 家", all.lines);
        Ok(Table { title: format!("{} 年业务编码贯标情况", self.year), columns: COLUMNS, rows, foot })
    }
}

impl Coded {
    /// The lines of a visit in the year, and its diagnoses.
    fn visit(&self, books: &mut Books<'_>, key: &Key, provider: &str) -> Result<Count, Stop> {
        let Some(visit) = books.find::<Visit>(key)?.cloned() else { return Ok(Count::default()) };
        let lines: Vec<(&String, &Kept)> =
            visit.lines.iter().filter(|(_, line)| line.day.year() == self.year).collect();
        books.preload(lines.iter().map(|(_, line)| catalogue::key(&line.code)))?;
        let own = own_codes(books, key)?;
        let mut count = Count { lines: lines.len(), coded: lines.len(), ..Count::default() };
        for (sn, line) in lines {
            let item = books.find::<Item>(&catalogue::key(&line.code))?;
            count.valid += usize::from(item.is_some_and(|item| item.on(line.day).is_some()));
            let Some(own) = own.get(sn) else { continue };
            let matched = matching::matched(books, provider, own, line.day)?;
            count.matched += usize::from(matched.is_some_and(|one| one.code.eq_ignore_ascii_case(&line.code)));
        }
        let day = visit.opened.as_ref().map(|opened| opened.begin.date());
        for diagnosis in visit.described.diagnoses.iter() {
            let Some(day) = day else { break };
            count.diagnoses += 1;
            count.diagnoses_valid +=
                usize::from(catalogue::term(books, table(diagnosis), &diagnosis.code, day)?.is_some());
        }
        Ok(count)
    }

    /// Bills of the year that were told in sums, by provider.
    fn in_sums(&self, books: &mut Books<'_>, itemised: &BTreeSet<String>) -> Result<BTreeMap<String, usize>, Stop> {
        let mut sums: BTreeMap<String, usize> = BTreeMap::new();
        books.each::<CareYear>(Some(self.year), |key, book| {
            let person = Key::of(key.subject.clone());
            for (visit, number) in &book.visits {
                let settlement = crate::care::settlement_number(&person, self.year, *number);
                if let Some((provider, _)) = visit.split_once(' ').filter(|_| !itemised.contains(&settlement)) {
                    *sums.entry(provider.to_owned()).or_default() += 1;
                }
            }
            Ok(())
        })?;
        Ok(sums)
    }
}

/// The provider's own codes of a visit's lines, by serial number: the sheet does not keep them.
fn own_codes(books: &mut Books<'_>, key: &Key) -> Result<BTreeMap<String, String>, Stop> {
    let mut own = BTreeMap::new();
    for (_, _, entry) in books.history::<Visit>(&key.subject)? {
        let VisitEntry::Charged { lines } = entry else { continue };
        own.extend(lines.into_iter().filter_map(|line| Some((line.sn, line.own_code?))));
    }
    Ok(own)
}

/// The table that a diagnosis is of: 1 western, 2 Chinese disease, 3 Chinese syndrome.
fn table(diagnosis: &Diagnosis) -> TermSet {
    match diagnosis.kind.as_str() {
        "2" => TermSet::TcmDisease,
        "3" => TermSet::TcmSyndrome,
        _ => TermSet::Diagnosis,
    }
}
