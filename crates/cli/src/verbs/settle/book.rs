//! Bills settled region by region and person by person: the lines that every form of output is made from.

use std::collections::BTreeMap;

use domain::{Basis, Bill, Date, Diagnostic, Fen, Payer};
use policy::{Library, Missing, Notice, View};
use settlement::{Engine, Entry, Opening, Options, Plan, Refusal, Settlement};

use crate::io::bills::{Column, Loaded};
use crate::io::progress;

/// How bills are to be settled.
pub struct Asked<'l> {
    /// What is looked at.
    pub view: View<'l>,
    /// Figures set otherwise, by the slug of the region.
    pub sets: &'l BTreeMap<String, Notice>,
    /// The terms of this day for all bills.
    pub as_of: Option<Date>,
    /// Refuse weak figures.
    pub strict: bool,
    /// Keep the steps.
    pub steps: bool,
}

/// All bills of a file, settled.
pub struct Book<'b> {
    /// The regions' engines, by slug.
    pub engines: BTreeMap<String, Engine>,
    /// One line an entry, persons in the order of the file, each one's entries in the order of their days.
    pub lines: Vec<Line<'b>>,
}

/// One entry and where it belongs.
pub struct Line<'b> {
    /// Slug of the region.
    pub region: String,
    /// The entry.
    pub settlement: Settlement<'b>,
}

impl<'b> Book<'b> {
    /// Settles bills. The bills of each region must name one that exists: `regions` gives the slug of each bill.
    pub fn settle(library: &Library, bills: &'b [Bill], regions: &[String], asked: &Asked<'_>) -> Book<'b> {
        let mut persons: Vec<(&str, Vec<&Bill>)> = Vec::new();
        let mut known: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (bill, region) in bills.iter().zip(regions) {
            let at = *known.entry((region, &bill.person_id)).or_insert(persons.len());
            if at == persons.len() {
                persons.push((region, Vec::new()));
            }
            persons[at].1.push(bill);
        }
        let options = Options { strict: asked.strict };
        let engine = |slug: &str, (first, last): (Date, Date)| {
            let region = library.regions.get(slug)?;
            let view = View { overlay: asked.sets.get(slug), ..asked.view.clone() };
            Some(match asked.as_of {
                Some(day) => Engine::as_of(library, region, &view, options, day),
                None => Engine::compile(library, region, &view, options, first, last),
            })
        };
        let engines: BTreeMap<String, Engine> = spans(bills, regions)
            .into_iter()
            .filter_map(|(slug, span)| Some((slug.to_owned(), engine(slug, span)?)))
            .collect();
        let bar = progress::over_rows("结算", bills.len() as u64);
        let mut lines = Vec::with_capacity(bills.len());
        for (region, bills) in persons {
            let Some(engine) = engines.get(region) else { continue };
            for mut settlement in engine.settle(&bills, &Opening::default()) {
                if let (false, Ok(entry)) = (asked.steps, &mut settlement.result) {
                    entry.steps = Vec::new();
                }
                lines.push(Line { region: region.to_owned(), settlement });
            }
            bar.inc(bills.len() as u64);
        }
        bar.finish_and_clear();
        Book { engines, lines }
    }

    /// The plan that made an entry.
    pub fn plan(&self, line: &Line<'_>, entry: &Entry) -> Option<&Plan> {
        self.engines.get(&line.region).map(|engine| engine.plan(entry.plan))
    }

    /// Payment by fund of an entry.
    pub fn payers(&self, line: &Line<'_>, entry: &Entry) -> BTreeMap<Payer, Fen> {
        self.plan(line, entry).map(|plan| entry.by_payer(plan)).unwrap_or_default()
    }

    /// The weakest basis of all entries; none where nothing was settled.
    pub fn basis(&self) -> Option<Basis> {
        self.lines.iter().filter_map(|line| line.settlement.result.as_ref().ok()).map(|entry| entry.basis).max()
    }

    /// People of whom a bill was refused.
    pub fn incomplete(&self) -> impl Iterator<Item = &str> {
        let refused = self.lines.iter().filter(|line| line.settlement.result.is_err());
        refused.map(|line| line.settlement.bill.person_id.as_str())
    }

    /// Bills that were refused, as findings with row and column.
    pub fn refusals(&self, file: &str, loaded: &Loaded) -> Vec<Diagnostic> {
        let rows: BTreeMap<&str, usize> =
            loaded.bills.iter().enumerate().map(|(at, bill)| (bill.id.as_str(), at)).collect();
        let refused = self.lines.iter().filter_map(|line| Some((line, line.settlement.result.as_ref().err()?)));
        let mut findings: Vec<Diagnostic> = refused
            .filter_map(|(line, refusal)| {
                let bill = line.settlement.bill;
                let column = column(refusal);
                let place = loaded.origins[*rows.get(bill.id.as_str())?].place(file, column);
                let message = format!("票据 {} 的{}：{refusal}", bill.id, column.label());
                Some(Diagnostic::error(refusal.code(), place, message, refusal.cure()))
            })
            .collect();
        findings.sort_by_key(|finding| finding.place.line);
        findings
    }
}

/// First and last day of the bills of each region, by its slug.
pub fn spans<'r>(bills: &[Bill], regions: &'r [String]) -> BTreeMap<&'r str, (Date, Date)> {
    let mut days: BTreeMap<&str, (Date, Date)> = BTreeMap::new();
    for (bill, region) in bills.iter().zip(regions) {
        let span = days.entry(region).or_insert((bill.date, bill.date));
        *span = (span.0.min(bill.date), span.1.max(bill.date));
    }
    days
}

/// The column that a refusal is about.
fn column(refusal: &Refusal) -> Column {
    match refusal {
        Refusal::NotCovered { .. } | Refusal::Barred { .. } | Refusal::Gap { .. } => Column::Care,
        Refusal::Open { key, missing: Missing::Absent | Missing::Open, .. } if key.starts_with("scope.") => {
            Column::BShare
        }
        Refusal::Open { .. } | Refusal::Weak { .. } | Refusal::NoTerms { .. } => Column::Date,
        Refusal::AgeUnknown => Column::Birth,
        Refusal::UnknownTier(_) => Column::Tier,
        Refusal::BeyondLimits(_) => Column::Region,
        Refusal::TooLarge => Column::A,
    }
}
