//! The paths that can be set on a day, each with its present value, as a clerk looks them up and a program reads them.

use super::path::{named, written};
use super::{STATEMENTS, apply, change, statistics};
use crate::conditions::Conditions;
use crate::registry::{self, Field, Kind};
use crate::terms::{Cited, Held, Terms};
use crate::value::{Record, Value};

/// One path and what stands there.
#[derive(Clone, Debug)]
pub struct Settable<'l> {
    /// The path, which means this value alone.
    pub path: String,
    /// The value as `--set` takes it.
    pub value: String,
    /// What the path's rows ask of a bill, outermost first, as a path writes it; empty where it holds for all.
    pub when: String,
    /// The same as conditions; empty ones left out.
    pub rows: Vec<&'l Conditions>,
    /// Key of the provision.
    pub key: &'l str,
    /// The field.
    pub field: &'static Field,
    /// The provision, and the notice it stands in; none for a statistic.
    pub cited: Option<Cited<'l>>,
}

impl Settable<'_> {
    /// Whether it is a figure: an amount, a ratio, points, a number. The rest are words that say how figures are used.
    pub fn is_figure(&self) -> bool {
        use Kind::{Amount, Amounts, Factor, Integer, Points, Rate};
        matches!(self.field.kind, Amount | Amounts | Rate | Factor | Points | Integer) && self.field.name != "order"
    }
}

/// What can be set on the day of some terms: of every provision in force each value that is written, in the order of the
/// keys; then the statistics.
pub fn settable<'l>(terms: &Terms<'l>) -> Vec<Settable<'l>> {
    let mut found = Vec::new();
    for (key, held) in terms.iter() {
        let statement = STATEMENTS.iter().any(|family| key.starts_with(family)) || key.starts_with("statistic.");
        if let (Held::InForce(cited), false, Some(part)) = (held, statement, registry::part(key)) {
            let mut below = Below { key, cited, found: &mut found };
            let table = apply::tables(part.fields).next().map(|(name, _)| name);
            below.record(part.fields, &cited.provision.record, (key, ""), &[], table);
        }
    }
    let known = statistics::known(terms.library, terms.region, &terms.view);
    found.extend(known.into_iter().map(|((id, year), statistic)| Settable {
        path: format!("statistic.{id}[year={year}]"),
        value: statistic.value.to_string(),
        when: format!("year={year}"),
        rows: Vec::new(),
        key: "statistic",
        field: statistics::value_field(),
        cited: None,
    }));
    found
}

/// The values below one provision.
struct Below<'f, 'l> {
    key: &'l str,
    cited: Cited<'l>,
    found: &'f mut Vec<Settable<'l>>,
}

impl<'l> Below<'_, 'l> {
    /// All values of a record. Rows of the provision's own table are named right behind its key.
    fn record(
        &mut self,
        fields: &'static [Field],
        record: &'l Record,
        (path, when): (&str, &str),
        conditions: &[&'l Conditions],
        table: Option<&str>,
    ) {
        for field in fields {
            let Some(value) = record.get(field.name) else { continue };
            if let (Kind::Rows(inner, _), Value::Rows(rows)) = (field.kind, value) {
                for (at, row) in rows.iter().enumerate() {
                    let name = named(rows, at);
                    let below = if table == Some(field.name) {
                        format!("{path}{name}")
                    } else {
                        format!("{path}.{}{name}", field.name)
                    };
                    let own = written(&row.when);
                    let both = if when.is_empty() || own.is_empty() {
                        format!("{when}{own}")
                    } else {
                        format!("{when},{own}")
                    };
                    let all: Vec<&Conditions> =
                        conditions.iter().copied().chain((!row.when.is_empty()).then_some(&row.when)).collect();
                    self.record(inner, &row.values, (&below, &both), &all, None);
                }
            } else if let Some(value) = change::written(value, field.kind).filter(|_| may_be_set(field)) {
                self.found.push(Settable {
                    path: format!("{path}.{}", field.name),
                    value,
                    when: when.to_owned(),
                    rows: conditions.to_vec(),
                    key: self.key,
                    field,
                    cited: Some(self.cited),
                });
            }
        }
    }
}

/// Free words for people change nothing that is computed.
fn may_be_set(field: &Field) -> bool {
    !["name", "english", "says", "help", "body"].contains(&field.name)
}
