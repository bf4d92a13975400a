//! Statistics changed: `statistic.disposable-income=40000` for every year, `statistic.disposable-income[year=2022]=*1.05`
//! for one.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Basis, Date, Fen, Period};

use super::change::Change;
use super::fault::Fault;
use super::path::{By, Path};
use super::{Made, Set};
use crate::library::Library;
use crate::notice::Provision;
use crate::reader::nearest;
use crate::region::{Region, Statistic};
use crate::registry::{self, Field};
use crate::terms::View;
use crate::value::{Amount, Record, Value};

/// Years of a statistic that stands for all.
const ALWAYS: Date = Date::constant(1900, 1, 1);

/// The statistics that terms of a region may use, of each year the nearest region's, as far as they are known.
pub(super) fn known<'l>(
    library: &'l Library,
    region: &Region,
    view: &View<'_>,
) -> BTreeMap<(&'l str, i16), &'l Statistic> {
    let mut found = BTreeMap::new();
    let published = |s: &&Statistic| match (s.published, view.known_on) {
        (Some(published), Some(known_on)) => published <= known_on,
        _ => true,
    };
    for region in library.chain(region) {
        let here = library.statistics.iter().filter(|s| s.region == region.slug).filter(published);
        for statistic in here {
            found.entry((statistic.id.as_str(), statistic.year)).or_insert(statistic);
        }
    }
    found
}

/// What a statistic is to be: of all years, and of single ones.
#[derive(Default)]
struct Figures {
    always: Option<Fen>,
    years: BTreeMap<i16, Fen>,
}

impl Made<'_> {
    /// Lays a statistic over.
    pub(super) fn statistic(&mut self, view: &View<'_>, id: &str, sets: &[(usize, &Set)]) {
        let known = known(self.library, self.region, view);
        let years: BTreeMap<i16, Fen> =
            known.iter().filter(|((name, _), _)| *name == id).map(|((_, year), s)| (*year, s.value)).collect();
        if years.is_empty() {
            let ids: Vec<&str> = known.keys().map(|(id, _)| *id).collect();
            let cure = match nearest(id, &ids) {
                Some(near) => format!("是否要写 statistic.{near}？"),
                None => "`tongchou policy paths` 列出各条路径".to_owned(),
            };
            for (at, set) in sets {
                let message = format!("{} 没有统计数 {id} (no such statistic)", self.region.name);
                self.fault(*at, Fault::new(set.path.span.clone(), message, cure.clone()));
            }
            return;
        }
        let mut figures = Figures::default();
        for (at, set) in sets {
            if let Err(fault) = figures.take(set, &years) {
                self.fault(*at, fault);
            }
        }
        let (at, set) = match sets.last() {
            Some((at, set)) => (*at, *set),
            None => return,
        };
        let place = self.place(at, set.path.span.clone());
        let period =
            |year: i16| Some(Period { from: Date::new(year, 1, 1).ok()?, end: Some(Date::new(year + 1, 1, 1).ok()?) });
        let single = figures.years.into_iter().filter_map(|(year, fen)| Some((period(year)?, fen)));
        let all = single.chain(figures.always.map(|fen| (Period { from: ALWAYS, end: None }, fen)));
        self.provisions.extend(all.map(|(period, fen)| {
            let mut record = Record::default();
            record.insert("value", Value::Amount(Amount::Figure(fen)), 0..0);
            record.insert("source", Value::Text(format!("--set {}", set.text())), 0..0);
            Provision {
                key: set.key().to_owned(),
                clauses: Vec::new(),
                period,
                basis: Basis::Illustrative,
                record,
                ends: false,
                place: place.clone(),
            }
        }));
    }
}

impl Figures {
    fn take(&mut self, set: &Set, known: &BTreeMap<i16, Fen>) -> Result<(), Fault> {
        let year = year(&set.path)?;
        let field = value_field();
        let at_value = |fault: Fault| fault.at(set.value_at..set.text().len());
        let change = Change::parse(field, set.value()).map_err(at_value)?;
        let wrong = |message: String| at_value(Fault::new(0..0, message, "统计数写元，如 40000、+500、*1.05"));
        let new = |current: Option<Fen>| {
            let current = current.map(|fen| Value::Amount(Amount::Figure(fen)));
            match change.of(field, current.as_ref(), &|_| None).map_err(wrong)? {
                Value::Amount(Amount::Figure(fen)) => Ok(fen),
                other => Err(wrong(format!("{other} 不是统计数 (not a figure)"))),
            }
        };
        let present = |figures: &Figures, year: i16| {
            figures.years.get(&year).copied().or(figures.always).or(known.get(&year).copied())
        };
        match (year, &change) {
            (Some(year), _) => {
                let fen = new(present(self, year))?;
                self.years.insert(year, fen);
            }
            (None, Change::To(_)) => *self = Figures { always: Some(new(None)?), years: BTreeMap::new() },
            (None, _) => {
                let years: BTreeSet<i16> = known.keys().chain(self.years.keys()).copied().collect();
                for year in years {
                    let fen = new(present(self, year))?;
                    self.years.insert(year, fen);
                }
                self.always = self.always.map(|fen| new(Some(fen))).transpose()?;
            }
        }
        Ok(())
    }
}

/// The value of a statistic.
pub(super) fn value_field() -> &'static Field {
    const VALUE: Field = Field { name: "value", kind: registry::Kind::Amount, required: true, doc: "yuan" };
    &VALUE
}

/// The year that a path names, if it names one.
fn year(path: &Path) -> Result<Option<i16>, Fault> {
    let cure = "写成 statistic.名称=… 或 statistic.名称[year=2022]=…";
    if let Some(step) = path.steps.iter().find(|step| step.name != "value" || step.rows.is_some()) {
        return Err(Fault::new(step.span.clone(), "统计数之下没有字段 (nothing below a statistic)", cure));
    }
    let Some(select) = &path.rows else { return Ok(None) };
    let year = match &select.by {
        By::Facts(facts) => match facts.as_slice() {
            [(name, year)] if name == "year" => year.parse().ok(),
            _ => None,
        },
        By::Place(_) => None,
    };
    let year = year.filter(|year| (1949..=2200).contains(year));
    year.map(Some).ok_or_else(|| Fault::new(select.span.clone(), "统计数按年份选 (a statistic goes by year)", cure))
}
