//! Statements about amounts: floors, yearly rises, equality, and figures that follow a statistic.

use std::collections::BTreeSet;

use domain::{Basis, Fen, Rate, Severity};
use jiff::ToSpan;

use super::figures::{Figure, Grid, figures};
use super::{Check, Finding, Verdict};
use crate::notice::Provision;
use crate::terms::{Cited, Terms};
use crate::value::{Amount, Derivation, RoundTo};

impl<'l> Check<'_, 'l> {
    /// Every figure is at least the amount.
    pub(super) fn at_least(&self) -> Verdict {
        self.against_amount(Severity::Error, |figure, stated| (figure < stated).then_some("低于"))
    }

    /// Every figure is the amount.
    pub(super) fn equals(&self) -> Verdict {
        self.against_amount(Severity::Warning, |figure, stated| (figure != stated).then_some("不等于"))
    }

    fn against_amount(&self, weight: Severity, departs: impl Fn(Fen, Fen) -> Option<&'static str>) -> Verdict {
        let (key, cited) = self.what()?;
        let record = &self.cited.provision.record;
        let stated = self.amount_of(self.terms, self.cited, record.amount("amount"))?.0;
        let mut findings = Vec::new();
        for figure in figures(cited.provision, &record.when("when"), self.names) {
            let (fen, basis) = self.amount_of(self.terms, cited, Some(figure.amount))?;
            if let Some(word) = departs(fen, stated) {
                let message = format!("`{key}` {}{fen} {word}所述 {stated}", spaced(&figure.words));
                findings.push(self.wrong(weight, &figure.place, basis, message));
            }
        }
        Ok(findings)
    }

    /// Every figure is that of the year before plus the amount.
    pub(super) fn rises_by(&self) -> Verdict {
        let (key, cited) = self.what()?;
        let record = &self.cited.provision.record;
        let rise = self.amount_of(self.terms, self.cited, record.amount("amount"))?.0;
        let day = self.terms.day.checked_sub(1.year()).map_err(|_| self.note("没有上一年"))?;
        let earlier = self.terms.library.terms(self.terms.region, day, &self.terms.view);
        let before = self.get(&earlier, key)?;
        let mut findings = Vec::new();
        for (now, then) in self.pairs(cited, before)? {
            let (Some(now), Some(then)) = (&now, &then) else {
                findings.extend(self.row_missing(key, cited.provision, now.as_ref().or(then.as_ref()), now.is_none()));
                continue;
            };
            let (new, basis) = self.amount_of(self.terms, cited, Some(now.amount))?;
            let (old, older) = self.amount_of(&earlier, before, Some(then.amount))?;
            if new - old != rise {
                let message = format!("`{key}` {}{new} 比上年 {old} 多 {}，应多 {rise}", spaced(&now.words), new - old);
                findings.push(self.wrong(Severity::Error, &now.place, basis.max(older), message));
            }
        }
        Ok(findings)
    }

    fn row_missing(&self, key: &str, provision: &Provision, there: Option<&Figure<'_>>, now: bool) -> Option<Finding> {
        let year = if now { "本年" } else { "上年" };
        let message = format!("`{key}` {}{year}没有对应的一行", spaced(&there?.words));
        Some(self.wrong(Severity::Warning, &provision.place, Basis::Stated, message))
    }

    /// The figures of two provisions that hold for the same persons.
    #[allow(clippy::type_complexity, reason = "pairs of optional figures, used once")]
    fn pairs(
        &self,
        now: Cited<'l>,
        before: Cited<'l>,
    ) -> Result<Vec<(Option<Figure<'l>>, Option<Figure<'l>>)>, Box<Finding>> {
        let (new, old) = (now.provision.record.rows("rows"), before.provision.record.rows("rows"));
        if new.is_empty() && old.is_empty() {
            return Ok(vec![(Figure::of_whole(now.provision), Figure::of_whole(before.provision))]);
        }
        let when = self.cited.provision.record.when("when");
        let grid = Grid::of(&[new, old], &when, self.names).ok_or_else(|| self.note("条件组合太多，无法逐行核对"))?;
        let pairs: BTreeSet<_> = grid.combinations().map(|facts| (grid.row(0, &facts), grid.row(1, &facts))).collect();
        let figure = |rows: &'l [crate::value::Row], at: Option<usize>| Figure::of_row(rows.get(at?)?);
        let pairs = pairs.into_iter().filter(|pair| *pair != (None, None));
        Ok(pairs.map(|(a, b)| (figure(new, a), figure(old, b))).collect())
    }

    /// A figure is about so many times a statistic.
    pub(super) fn about_times(&self) -> Verdict {
        let record = &self.cited.provision.record;
        let (key, cited) = self.what()?;
        let (Some(of), Some(times), Some(years)) =
            (record.text("of"), record.integer("times"), record.integer("years_before"))
        else {
            return Err(self.note("要写 of、times 和 years_before 才能核对"));
        };
        let year = self.terms.day.year();
        let statistic = self.statistic(of, Rate::ONE, years, RoundTo::Fen)?;
        let target = Fen(statistic.0 * times);
        let tolerance = target.times(record.rate("tolerance").unwrap_or_default(), domain::Rounding::HalfUp);
        let mut findings = Vec::new();
        for figure in figures(cited.provision, &record.when("when"), self.names) {
            let (fen, basis) = self.amount_of(self.terms, cited, Some(figure.amount))?;
            if (fen.0 - target.0).abs() > tolerance.0 {
                let words = spaced(&figure.words);
                let actual = ratio(fen, statistic);
                let message = format!(
                    "{year} 年 `{key}` {words}{fen} 是 {of} {statistic} 的 {actual} 倍，应约 {times} 倍（{target}，相差至多 {tolerance}）"
                );
                findings.push(self.wrong(Severity::Warning, &figure.place, basis, message));
            }
        }
        Ok(findings)
    }

    /// A figure is half of a statistic.
    pub(super) fn half_income(&self) -> Verdict {
        let record = &self.cited.provision.record;
        let of = record.text("of").unwrap_or("disposable-income");
        let (key, cited) = self.what()?;
        let year = self.terms.day.year();
        let mut findings = Vec::new();
        for figure in figures(cited.provision, &record.when("when"), self.names) {
            let (fen, basis) = self.amount_of(self.terms, cited, Some(figure.amount))?;
            let rule = figure.rule.or(derived(figure.amount)).or_else(|| self.rule_of(key));
            let round = rule.map_or(RoundTo::Yuan, |rule| rule.round);
            let halves = self.halves(of, rule, round)?;
            let off = record.rate("tolerance").unwrap_or_default();
            let agrees = |half: &Fen| (fen.0 - half.0).abs() <= half.times(off, domain::Rounding::HalfUp).0;
            if !halves.iter().any(|(_, half)| agrees(half)) {
                let words: Vec<String> =
                    halves.iter().map(|(year, half)| format!("{half}（{year} 年的一半）")).collect();
                let message = format!(
                    "{year} 年 `{key}` {}{fen} 不是收入的一半，应为 {}",
                    spaced(&figure.words),
                    words.join("或 ")
                );
                findings.push(self.wrong(Severity::Warning, &figure.place, basis, message));
            }
        }
        Ok(findings)
    }

    /// Half of the statistic by the year that the statement or the region's own rule names; else of the last or last but one.
    fn halves(&self, of: &str, rule: Option<&Derivation>, round: RoundTo) -> Result<Vec<(i64, Fen)>, Box<Finding>> {
        let named =
            self.cited.provision.record.integer("years_before").or(rule.map(|rule| i64::from(rule.years_before)));
        let back: Vec<i64> = named.map_or_else(|| vec![1, 2], |years| vec![years]);
        let year = i64::from(self.terms.day.year());
        let mut halves = Vec::new();
        let mut missing = None;
        for years in back {
            match self.statistic(of, Rate::percent(50), years, round) {
                Ok(half) => halves.push((year - years, half)),
                Err(note) => missing = Some(note),
            }
        }
        missing.filter(|_| halves.is_empty()).map_or(Ok(halves), Err)
    }

    fn statistic(&self, of: &str, factor: Rate, years: i64, round: RoundTo) -> Result<Fen, Box<Finding>> {
        let years_before = i16::try_from(years).map_err(|_| self.note("years_before 太大"))?;
        let rule = Derivation { of: of.to_owned(), factor, years_before, round, region: None };
        self.terms.derive(&rule).map_err(|why| self.missing(self.terms, of, &why))
    }

    /// A rule that any notice of the region gives for the key.
    fn rule_of(&self, key: &str) -> Option<&'l Derivation> {
        let folded = self.terms.library.notices_of(self.terms.region);
        let provisions =
            folded.into_iter().flat_map(|notice| &notice.provisions).filter(|provision| provision.key == key);
        let mut rows = provisions.flat_map(|provision| provision.record.rows("rows"));
        rows.find_map(|row| row.values.rule("rule").or(row.values.amount("amount").and_then(derived)))
    }

    fn amount_of(
        &self,
        terms: &Terms<'l>,
        cited: Cited<'l>,
        amount: Option<&Amount>,
    ) -> Result<(Fen, Basis), Box<Finding>> {
        let amount = amount.ok_or_else(|| self.note(format!("`{}` 没有写数额", cited.provision.key)))?;
        let provision = cited.provision;
        terms.fen(amount, provision.basis).map_err(|why| self.missing(terms, &provision.key, &why))
    }
}

fn derived(amount: &Amount) -> Option<&Derivation> {
    match amount {
        Amount::Derived(rule) => Some(rule),
        Amount::Figure(_) | Amount::Unlimited | Amount::Open => None,
    }
}

/// Words of a row and a space, or nothing.
fn spaced(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!("{words} ") }
}

/// How many times a statistic an amount is, with two decimals.
fn ratio(amount: Fen, statistic: Fen) -> String {
    let hundredths = (amount.0 * 100 + statistic.0 / 2).checked_div(statistic.0).unwrap_or(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use crate::statements::testing::found;

    const SUBSIDY: &str = "
        [[subsidy.standard]]
        clause = 'T-1'
        year = 2021
        amount = 610
        [[subsidy.standard]]
        clause = 'T-1'
        year = 2022
        amount = 640
        [[check.floor]]
        clause = 'T-2'
        kind = 'at-least'
        what = 'subsidy.standard'
        amount = 640
        year = 2022
        [[check.rise]]
        clause = 'T-3'
        kind = 'rises-by'
        what = 'subsidy.standard'
        amount = 30
        year = 2022
    ";

    #[test]
    fn a_floor_and_a_rise_hold_to_the_fen() {
        assert_eq!(found(SUBSIDY), Vec::<String>::new());
        let lower = found(&SUBSIDY.replace("amount = 640\n        [[check", "amount = '639.99'\n        [[check"));
        assert_eq!(lower.len(), 2, "{lower:?}");
        assert!(
            lower.iter().any(|f| f.starts_with("error floor") && f.contains("639.99 低于所述 640.00")),
            "{lower:?}"
        );
        assert!(lower.iter().any(|f| f.starts_with("error rise") && f.contains("多 29.99，应多 30.00")), "{lower:?}");
    }

    #[test]
    fn a_figure_that_is_not_there_is_a_note() {
        let absent =
            found("[[check.floor]]\nclause='T-2'\nkind='at-least'\nwhat='subsidy.standard'\namount=610\nyear=2022\n");
        assert!(
            absent.len() == 1 && absent[0].starts_with("note floor") && absent[0].contains("没有录入"),
            "{absent:?}"
        );
    }

    const CONTRIBUTION: &str = "
        [[contribution.standard]]
        clause = 'T-1'
        year = 2022
        rows = [{ tier = 'high', amount = 960 }, { tier = 'low', amount = 320 }]
        [[contribution.standard]]
        clause = 'T-1'
        year = 2023
        rows = [{ tier = 'high', amount = 980 }, { tier = 'low', amount = 350 }]
        [[check.rise]]
        clause = 'T-2'
        kind = 'rises-by'
        what = 'contribution.standard'
        amount = 30
        year = 2023
        [[check.high]]
        clause = 'T-3'
        kind = 'equals'
        what = 'contribution.standard'
        when = { tier = 'high' }
        amount = 950
        year = 2022
    ";

    #[test]
    fn rows_are_compared_with_the_rows_for_the_same_persons() {
        let found = found(CONTRIBUTION);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().any(|f| f.starts_with("error rise") && f.contains("high 980.00 比上年 960.00 多 20.00")));
        assert!(found.iter().any(|f| f.starts_with("warning high") && f.contains("960.00 不等于所述 950.00")));
    }

    #[test]
    fn a_row_that_last_year_did_not_have_is_reported() {
        let found = found(&CONTRIBUTION.replace("{ tier = 'high', amount = 960 }, ", ""));
        assert!(
            found.iter().any(|f| f.starts_with("warning rise") && f.contains("high 上年没有对应的一行")),
            "{found:?}"
        );
    }

    fn ceiling(cap: &str) -> Vec<String> {
        found(&format!(
            "[[statistic.income]]\nvalue = 50000\nclause='T-1'
            [[stage.inpatient.cap]]\nclause='T-1'\nper='year'\nrows=[{{ amount = {cap} }}]
            [[check.ceiling]]\nclause='T-2'\nkind='about-times'\nwhat='stage.inpatient.cap'\nof='disposable-income'\ntimes=6\n
            tolerance='10%'\nyears_before=2\nyear=2022\n"
        ))
    }

    #[test]
    fn a_ceiling_is_about_six_times_income() {
        // 30,823.93 in 2020: six times is 184,943.58, give or take a tenth.
        assert_eq!(ceiling("200000"), Vec::<String>::new());
        let low = ceiling("150000");
        assert!(low[0].starts_with("warning ceiling") && low[0].contains("的 4.87 倍"), "{low:?}");
        assert!(ceiling("'open'")[0].starts_with("note ceiling"));
    }

    #[test]
    fn a_threshold_is_half_of_income() {
        let threshold = |amount: &str| {
            found(&format!(
                "[[stage.big.deductible]]\nclause='T-1'\nper='year'\nyear=2022\nrows=[{{ amount = {amount} }}]
                [[check.half]]\nclause='T-2'\nkind='half-income'\nwhat='stage.big.deductible'\nyear=2022\n"
            ))
        };
        assert_eq!(threshold("15412"), Vec::<String>::new());
        let wrong = threshold("15000");
        assert!(wrong[0].contains("15412.00（2020 年的一半）"), "{wrong:?}");
    }
}
