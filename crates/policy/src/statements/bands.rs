//! Statements about ratios and deductibles by level, and about ratios before and after a change.

use std::collections::BTreeSet;
use std::fmt;

use domain::{Basis, Fen, Level, Rate, Severity};

use super::figures::Grid;
use super::{Check, Finding, Verdict};
use crate::conditions::Facts;
use crate::terms::Terms;
use crate::value::Row;

/// What a row gives on one stretch of amounts: a ratio between two ends, or one amount for all.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stretch {
    from: Fen,
    to: Fen,
    value: Figure,
}

/// A ratio or an amount.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Figure {
    Ratio(Rate),
    Amount(Fen),
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Figure::Ratio(rate) => write!(f, "{rate}"),
            Figure::Amount(fen) => write!(f, "{fen}"),
        }
    }
}

impl Check<'_, '_> {
    /// Figures fall or rise from primary providers to levels 2 and 3.
    pub(super) fn by_level(&self) -> Verdict {
        let (key, cited) = self.what()?;
        let record = &self.cited.provision.record;
        let falling = record.text("trend") != Some("rising");
        let rows = cited.provision.record.rows("rows");
        let grid =
            Grid::of(&[rows], &self.covered(key), self.names).ok_or_else(|| self.note("条件组合太多，无法核对"))?;
        let mut findings: Vec<Finding> = Vec::new();
        let mut seen = BTreeSet::new();
        for facts in grid.combinations() {
            for (low, high) in
                [(Level::Primary, Level::Two), (Level::Primary, Level::Three), (Level::Two, Level::Three)]
            {
                let at = |level: Level| Facts { level: level as u8, ..facts };
                if !grid.holds(&at(low)) || !grid.holds(&at(high)) {
                    continue;
                }
                let (Some(a), Some(b)) = (grid.row(0, &at(low)), grid.row(0, &at(high))) else { continue };
                if !seen.insert((low, high, a, b)) {
                    continue;
                }
                // From level 2 to 3 the figure may stay; from primary providers it must move.
                let strict = low == Level::Primary;
                let (near, far) = (self.stretches(self.terms, &rows[a])?, self.stretches(self.terms, &rows[b])?);
                let wrong = common(&near, &far)
                    .find(|(_, x, y)| if falling { x < y || strict && x == y } else { x > y || strict && x == y });
                if let Some((_, x, y)) = wrong {
                    let should = if falling { "应更高" } else { "应更低" };
                    let message = format!("`{key}` {} {x}，{} {y}：{}{should}", low.name(), high.name(), low.name());
                    findings.push(self.wrong(Severity::Error, &rows[a].place, cited.provision.basis, message));
                }
            }
        }
        Ok(findings)
    }

    /// Every figure from a day on stands to the one before it as stated; `fails` are the words for one that does not.
    pub(super) fn against_before(&self, fails: &str, stands: fn(Figure, Figure) -> bool) -> Verdict {
        let record = &self.cited.provision.record;
        let key = record.text("what").ok_or_else(|| self.note("没有写 what，无法核对"))?;
        let at = record.date("at").ok_or_else(|| self.note("没有写 at，无法核对"))?;
        let eve = at.yesterday().map_err(|_| self.note("没有前一日"))?;
        let on = |day| self.terms.library.terms(self.terms.region, day, &self.terms.view);
        let (earlier, later) = (on(eve), on(at));
        let (before, after) = (self.get(&earlier, key)?, self.get(&later, key)?);
        let (old, rows) = (before.provision.record.rows("rows"), after.provision.record.rows("rows"));
        let basis = before.provision.basis.max(after.provision.basis);
        let grid = Grid::of(&[old, rows], &record.when("when"), self.names)
            .ok_or_else(|| self.note("条件组合太多，无法核对"))?;
        let pairs: BTreeSet<_> =
            grid.combinations().filter_map(|facts| Some((grid.row(0, &facts)?, grid.row(1, &facts)?))).collect();
        let mut findings = Vec::new();
        for (a, b) in pairs {
            let (then, now) = (self.stretches(&earlier, &old[a])?, self.stretches(&later, &rows[b])?);
            let departs = common(&then, &now).filter(|(_, old, new)| !stands(*old, *new));
            findings.extend(departs.map(|((from, to), old, new)| {
                let to = if to >= Fen::UNLIMITED { "以上".to_owned() } else { format!("至 {to}") };
                let words = rows[b].when.to_string();
                let message = format!("`{key}` {words}费用段 {from} {to}：{old} → {new}，{fails}");
                self.wrong(Severity::Error, &rows[b].place, basis, message)
            }));
        }
        Ok(findings)
    }

    /// The condition of the statement, or of the stage that the key belongs to.
    fn covered(&self, key: &str) -> crate::conditions::Conditions {
        let when = self.cited.provision.record.when("when");
        let id = key.strip_prefix("stage.").and_then(|rest| rest.split('.').next());
        let shape = id.and_then(|id| self.terms.get(&format!("stage.{id}.shape")).ok());
        match shape {
            Some(shape) if when.is_empty() => shape.provision.record.when("covers"),
            _ => when,
        }
    }

    /// A row's figures; none where it is a share of an earlier admission's.
    fn stretches(&self, terms: &Terms<'_>, row: &Row) -> Result<Vec<Stretch>, Box<Finding>> {
        let key = self.cited.provision.record.text("what").unwrap_or_default();
        let fen = |amount: &crate::value::Amount| {
            terms.fen(amount, Basis::Stated).map(|(fen, _)| fen).map_err(|why| self.missing(terms, key, &why))
        };
        let whole = |value| vec![Stretch { from: Fen::ZERO, to: Fen::UNLIMITED, value }];
        if let Some(amount) = row.values.amount("amount") {
            return Ok(whole(Figure::Amount(fen(amount)?)));
        }
        if let Some(ratio) = row.values.rate("ratio") {
            return Ok(whole(Figure::Ratio(ratio)));
        }
        if row.values.flag("open") == Some(true) {
            return Err(self.missing(terms, key, &crate::terms::Missing::Open));
        }
        let mut stretches = Vec::new();
        let mut from = Fen::ZERO;
        for band in row.values.rows("bands") {
            let to = band.values.amount("to").map_or(Ok(Fen::UNLIMITED), fen)?;
            stretches.push(Stretch { from, to, value: Figure::Ratio(band.values.rate("ratio").unwrap_or_default()) });
            from = to;
        }
        Ok(stretches)
    }
}

/// The stretches on which two rows both give a figure.
fn common<'s>(a: &'s [Stretch], b: &'s [Stretch]) -> impl Iterator<Item = ((Fen, Fen), Figure, Figure)> + 's {
    a.iter().flat_map(move |x| {
        b.iter().filter_map(move |y| {
            let (from, to) = (x.from.max(y.from), x.to.min(y.to));
            (from < to).then_some(((from, to), x.value, y.value))
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::statements::testing::found;

    fn levels(rows: &str, kind: &str, trend: &str) -> Vec<String> {
        found(&format!(
            "[[stage.inpatient.shape]]\nclause='T-1'\nname='住院'\npayer='basic'\nlayer='basic'\norder=1\nbase='in-scope'\nmeasure='visit'
            covers={{ scheme='resident', care='inpatient' }}
            [[stage.inpatient.{kind}]]\nclause='T-1'\nrows=[{rows}]\n{}
            [[check.level]]\nclause='T-2'\nkind='by-level'\nwhat='stage.inpatient.{kind}'\ntrend='{trend}'\n",
            if kind == "deductible" { "per='visit'" } else { "" }
        ))
        .into_iter()
        .filter(|finding| finding.contains("level"))
        .collect()
    }

    #[test]
    fn a_ratio_falls_with_the_level() {
        let rows =
            "{ level=['primary','1'], ratio='80%' }, { level='2', ratio='70%' }, { level=['3','3p'], ratio='60%' }";
        assert_eq!(levels(rows, "bands", "falling"), Vec::<String>::new());
        let flat =
            levels("{ level=['primary','1','2'], ratio='65%' }, { level=['3','3p'], ratio='55%' }", "bands", "falling");
        assert!(flat.len() == 1 && flat[0].starts_with("error level") && flat[0].contains("二级 65%"), "{flat:?}");
    }

    #[test]
    fn a_deductible_rises_with_the_level() {
        let rows = "{ level=['primary','1'], amount=200 }, { amount=800 }";
        assert_eq!(levels(rows, "deductible", "rising"), Vec::<String>::new());
        let one_for_all = levels("{ amount=500 }", "deductible", "rising");
        assert_eq!(one_for_all.len(), 2, "{one_for_all:?}");
    }

    fn rises(after: &str) -> Vec<String> {
        found(&format!(
            "[[stage.big.bands]]\nclause='T-1'\nuntil=2022-12-31\nrows=[{{ bands=[{{ to=100000, ratio='50%' }}, {{ to=200000, ratio='60%' }}, {{ ratio='70%' }}] }}]
            [[stage.big.bands]]\nclause='T-1'\nfrom=2023-01-01\nrows=[{{ {after} }}]
            [[check.rises]]\nclause='T-2'\nkind='every-band-rises'\nwhat='stage.big.bands'\nat=2023-01-01\n"
        ))
    }

    #[test]
    fn a_band_left_equal_is_named() {
        assert_eq!(
            rises("bands=[{ to=100000, ratio='55%' }, { to=200000, ratio='65%' }, { ratio='75%' }]"),
            Vec::<String>::new()
        );
        let equal = rises("bands=[{ to=100000, ratio='60%' }, { to=200000, ratio='60%' }, { ratio='80%' }]");
        assert!(equal.len() == 1 && equal[0].contains("100000.00 至 200000.00：60% → 60%"), "{equal:?}");
        assert!(rises("open=true")[0].starts_with("note rises"));
    }

    #[test]
    fn those_named_rise_and_the_others_stay() {
        let bands = |high: &str, low: &str| {
            let row = |high: &str, low: &str| {
                format!("rows=[{{ tier='high', ratio='{high}' }}, {{ tier='low', ratio='{low}' }}]")
            };
            found(&format!(
                "[[stage.big.bands]]\nclause='T-1'\nuntil=2022-06-30\n{}\n[[stage.big.bands]]\nclause='T-1'\nfrom=2022-07-01\n{}
                [[check.rises]]\nclause='T-2'\nkind='every-band-rises'\nwhat='stage.big.bands'\nat=2022-07-01\nwhen={{ tier='high' }}
                [[check.stays]]\nclause='T-2'\nkind='unchanged'\nwhat='stage.big.bands'\nat=2022-07-01\nwhen={{ tier='low' }}\n",
                row("50%", "50%"),
                row(high, low)
            ))
        };
        assert_eq!(bands("55%", "50%"), Vec::<String>::new());
        assert!(bands("50%", "50%")[0].starts_with("error rises"));
        assert!(bands("55%", "49%")[0].starts_with("error stays") && bands("55%", "51%")[0].starts_with("error stays"));
    }
}
