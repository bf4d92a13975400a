//! Statements about what a stage pays: asked of who can settle.

use domain::{Basis, Care, Categories, Category, Fen, Group, Level, Scheme, Severity};

use super::{Check, Finding, StagePayments, Verdict};
use crate::conditions::{Conditions, Facts};
use crate::terms::Terms;

/// Burdens to try, in yuan: every thousand to a hundred thousand, then every ten thousand to half a million.
fn burdens() -> impl Iterator<Item = Fen> {
    (1..=100).map(|n| Fen::yuan(n * 1_000)).chain((11..=50).map(|n| Fen::yuan(n * 10_000)))
}

impl<'l> Check<'_, 'l> {
    /// After a day no burden gets less than before it.
    pub(super) fn not_lower(&self) -> Verdict {
        let record = &self.cited.provision.record;
        let at = record.date("at").ok_or_else(|| self.note("没有写 at，无法核对"))?;
        let eve = at.yesterday().map_err(|_| self.note("没有前一日"))?;
        let on = |day| self.terms.library.terms(self.terms.region, day, &self.terms.view);
        let (earlier, later) = (on(eve), on(at));
        let (stage, before) = self.stage_payments(&earlier)?;
        let (_, after) = self.stage_payments(&later)?;
        let mut findings = Vec::new();
        for (words, facts) in self.ordinary_persons(&later, stage)? {
            for burden in burdens() {
                let old = self.paid(&before, stage, &facts, burden)?;
                let new = self.paid(&after, stage, &facts, burden)?;
                if new < old {
                    let message = format!("{words}负担 {burden}：`{stage}` 由 {old} 降为 {new}");
                    findings.push(self.about_payment(&later, stage, message));
                    break; // the first burden that gets less is named
                }
            }
        }
        Ok(findings)
    }

    /// Persons of some categories get more than others, and never less.
    pub(super) fn favours(&self) -> Verdict {
        let record = &self.cited.provision.record;
        let (stage, pays) = self.stage_payments(self.terms)?;
        let mut findings = Vec::new();
        for category in record.texts("category").into_iter().filter_map(Category::parse) {
            for (words, facts) in self.ordinary_persons(self.terms, stage)? {
                let favoured = Facts { categories: Categories::NONE.with(category).0, ..facts };
                let mut more = false;
                for burden in burdens() {
                    let ordinary = self.paid(&pays, stage, &facts, burden)?;
                    let theirs = self.paid(&pays, stage, &favoured, burden)?;
                    more |= theirs > ordinary;
                    if theirs < ordinary {
                        let message =
                            format!("{words}{}负担 {burden}：得 {theirs}，少于普通人的 {ordinary}", category.name());
                        findings.push(self.about_payment(self.terms, stage, message));
                        more = true;
                        break;
                    }
                }
                if !more {
                    let message = format!("{words}{}与普通人所得相同，没有倾斜", category.name());
                    findings.push(self.about_payment(self.terms, stage, message));
                }
            }
        }
        Ok(findings)
    }

    fn stage_payments(&self, terms: &Terms<'l>) -> Result<(&'l str, StagePayments), Box<Finding>> {
        let stage = self.cited.provision.record.text("stage").ok_or_else(|| self.note("没有写 stage，无法核对"))?;
        let payments = self.payments.ok_or_else(|| self.note("要试算支付才能核对"))?;
        self.get(terms, &format!("stage.{stage}.shape"))?;
        Ok((stage, payments(terms)))
    }

    fn paid(&self, pays: &StagePayments, stage: &str, facts: &Facts, burden: Fen) -> Result<Fen, Box<Finding>> {
        let paid = pays(stage, facts, burden);
        paid.ok_or_else(|| self.note(format!("缺数，无法核对：`stage.{stage}` 不能试算")))
    }

    fn about_payment(&self, terms: &Terms<'l>, stage: &str, message: String) -> Finding {
        let bands = terms.get(&format!("stage.{stage}.bands")).ok();
        let (place, basis) = match bands {
            Some(cited) => (cited.provision.place.clone(), cited.provision.basis),
            None => (self.cited.provision.place.clone(), Basis::Stated),
        };
        self.wrong(Severity::Error, &place, basis, message)
    }

    /// One ordinary patient of each tier, of whom the stage takes a bill.
    fn ordinary_persons(&self, terms: &Terms<'l>, stage: &str) -> Result<Vec<(String, Facts)>, Box<Finding>> {
        let shape = self.get(terms, &format!("stage.{stage}.shape"))?;
        let covers = shape.provision.record.when("covers");
        let facts = ordinary(&covers);
        let tiers = &self.names.tiers;
        if facts.scheme == Scheme::Employee as u8 || tiers.is_empty() {
            return Ok(vec![(String::new(), facts)]);
        }
        let covered = |tier: &String| covers.tier.is_empty() || covers.tier.contains(tier);
        let of_tier = |(at, tier): (usize, &String)| (format!("{tier} "), Facts { tier: at as u8, ..facts });
        Ok(tiers.iter().enumerate().filter(|(_, tier)| covered(tier)).map(of_tier).collect())
    }
}

/// An adult in hospital at home, as far as the conditions leave it open.
fn ordinary(covers: &Conditions) -> Facts {
    fn pick<T: Copy + PartialEq>(allowed: &[T], usual: T) -> T {
        if allowed.is_empty() || allowed.contains(&usual) { usual } else { allowed[0] }
    }
    let scheme = pick(&covers.scheme, Scheme::Resident);
    let group = if scheme == Scheme::Employee { Group::Active } else { Group::Adult };
    Facts {
        scheme: scheme as u8,
        care: pick(&covers.care, Care::Inpatient) as u8,
        level: pick(&covers.level, Level::Three) as u8,
        tier: 31,
        group: pick(&covers.group, group) as u8,
        age: covers.age.map_or(40, |band| band.low.max(40.min(band.high))),
        ..Facts::default()
    }
}

#[cfg(test)]
mod tests {
    use crate::statements::testing::found_with;
    use crate::statements::{Payments, StagePayments};
    use crate::terms::Terms;
    use domain::{Fen, Rate, Rounding};

    /// Pays the ratio of the stage's first row, and five points less to whom holds any category.
    fn paying(terms: &Terms<'_>) -> StagePayments {
        let cited = terms.get("stage.big.bands").ok();
        let ratio = cited.and_then(|cited| cited.provision.record.rows("rows")[0].values.rate("ratio"));
        Box::new(move |_, facts, burden| {
            let less = if facts.categories == 0 { 0 } else { 50_000 };
            Some(Fen(burden.0).times(Rate::from_ppm(ratio?.ppm() - less), Rounding::HalfUp))
        })
    }

    fn found(checks: &str, payments: Option<Payments<'_>>) -> Vec<String> {
        let stage = "[[stage.big.shape]]\nclause='T-1'\nname='大病'\npayer='catastrophic'\nlayer='catastrophic'\norder=2\nbase='burden'\nmeasure='year'
            [[stage.big.bands]]\nclause='T-1'\nuntil=2021-12-31\nrows=[{ ratio='60%' }]
            [[stage.big.bands]]\nclause='T-1'\nfrom=2022-01-01\nrows=[{ ratio='55%' }]\n";
        found_with(&format!("{stage}{checks}"), payments)
    }

    #[test]
    fn the_first_burden_that_gets_less_is_named() {
        let check = "[[check.keeps]]\nclause='T-2'\nkind='not-lower'\nstage='big'\nat=2022-01-01\n";
        let less = found(check, Some(&paying));
        assert!(less[0].contains("low 负担 1000.00：`big` 由 600.00 降为 550.00"), "{less:?}");
        assert!(found(check, None)[0].starts_with("note keeps"));
    }

    #[test]
    fn favoured_persons_never_get_less() {
        let check = "[[check.favours]]\nclause='T-2'\nkind='favours'\nstage='big'\ncategory=['destitute']\nyear=2022\n";
        let less = found(check, Some(&paying));
        assert!(less.len() == 2 && less[0].contains("得 500.00，少于普通人的 550.00"), "{less:?}");
    }
}
