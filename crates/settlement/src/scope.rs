//! What of a bill is in scope: class A whole, class B after a first self-pay share, class C and over-limit price out.
//!
//! Also the facts of a bill, numbered for a plan.

use domain::{Amounts, Basis, Bill, Care, Fen, Part, Rate};
use policy::{Facts, Missing};

use crate::plan::{Plan, Stage};
use crate::refusal::Refusal;
use crate::run::Visit;

/// Care that counts as an admission.
pub(crate) fn is_admission(care: Care) -> bool {
    matches!(care, Care::Inpatient | Care::Delivery | Care::DaySurgery | Care::SingleDisease)
}

impl Plan {
    /// A bill as the plan sees it.
    ///
    /// # Errors
    /// When a fact or the first self-pay share that the bill needs is missing.
    pub fn visit(&self, bill: &Bill) -> Result<Visit, Refusal> {
        let (facts, tier_basis) = self.facts(bill)?;
        let (amounts, share_basis) = self.amounts(bill, &facts)?;
        Ok(Visit {
            facts,
            amounts,
            burden_only: bill.burden_only,
            further: bill.part == Part::Further,
            basis: tier_basis.max(share_basis),
        })
    }

    /// The facts of a bill, numbered; the tier is the benefit tier, with the basis of a rule that gives it.
    fn facts(&self, bill: &Bill) -> Result<(Facts, Basis), Refusal> {
        let person = &bill.person;
        let tier = match &person.tier {
            None => 31,
            Some(tier) => {
                let at = self.names.tiers.iter().position(|known| known == tier);
                at.ok_or_else(|| Refusal::UnknownTier(tier.clone()))? as u8
            }
        };
        let age = person.age_on(bill.date);
        let referred = bill.from_bill.is_some() && bill.part != Part::Further;
        let on_lists =
            |code: &String| self.diseases.iter().find(|(known, _)| known == code).map_or(0, |(_, lists)| *lists);
        let mut facts = Facts {
            scheme: person.scheme as u8,
            care: bill.care as u8,
            level: bill.level as u8,
            tier,
            group: person.group as u8,
            filing: bill.filing as u8,
            age: age.unwrap_or(0),
            admission: 0,
            categories: person.categories.0,
            marks: bill.marks.0 | (u32::from(referred) << domain::Mark::Referral as u8),
            diseases: bill.disease.as_ref().map_or(0, on_lists),
            carries: 0,
        };
        let classes = &bill.amounts;
        let asks_share = classes.b > Fen::ZERO && classes.b_share.is_none() && classes.b_self_pay.is_none();
        if age.is_none() && self.age_matters(&facts, asks_share) {
            return Err(Refusal::AgeUnknown);
        }
        let mut basis = Basis::Stated;
        if let Some((_, tier, cite)) = self.benefit_tiers.iter().find(|(test, ..)| test.holds(&facts)) {
            facts.tier = *tier;
            basis = self.cites[*cite].basis;
        }
        Ok((facts, basis))
    }

    /// Whether another age would lead such a bill to other figures, whichever admission it is; the share of class B counts
    /// where the bill asks for it.
    fn age_matters(&self, facts: &Facts, asks_share: bool) -> bool {
        let tier = |facts: &Facts| self.benefit_tiers.iter().position(|(test, ..)| test.holds(facts));
        let at = |age: u8| Facts { age, ..*facts };
        self.ages.iter().any(|age| {
            let cells = |stage: &Stage, admission: u8| {
                let number = |age: u8| stage.index[stage.space.number(&Facts { admission, ..at(age) })];
                number(0) != number(*age)
            };
            let barred = |facts: &Facts| self.bars.iter().position(|bar| bar.holds(facts));
            let shared = |facts: &Facts| self.class_b.iter().flatten().position(|(test, ..)| test.holds(facts));
            tier(&at(0)) != tier(&at(*age))
                || barred(&at(0)) != barred(&at(*age))
                || asks_share && shared(&at(0)) != shared(&at(*age))
                || self.stages.iter().any(|stage| (0..4).any(|n| cells(stage, n)))
        })
    }

    /// What of a bill is in scope, with the basis of a first self-pay share that the bill does not name.
    fn amounts(&self, bill: &Bill, facts: &Facts) -> Result<(Amounts, Basis), Refusal> {
        let classes = &bill.amounts;
        let share = self.first_self_pay_share(bill, facts)?;
        let shared = || share.map_or(Fen::ZERO, |(share, _)| classes.b.times(share, self.rounding));
        let first_self_pay = classes.b_self_pay.unwrap_or_else(shared);
        let basis = share.and_then(|(_, cite)| Some(self.cites[cite?].basis)).unwrap_or(Basis::Stated);
        let amounts = Amounts {
            total: classes.total(),
            in_scope: classes.a + classes.b - first_self_pay,
            first_self_pay,
            out_of_scope: classes.c,
            over_limit: classes.over_limit,
        };
        Ok((amounts, basis))
    }

    /// The first self-pay share of a bill's class B, where the bill does not name the amount: its own, or the terms' with its
    /// citation.
    pub(crate) fn first_self_pay_share(
        &self,
        bill: &Bill,
        facts: &Facts,
    ) -> Result<Option<(Rate, Option<usize>)>, Refusal> {
        let classes = &bill.amounts;
        if classes.b_self_pay.is_some() || classes.b == Fen::ZERO {
            return Ok(None);
        }
        if let Some(share) = classes.b_share {
            return Ok(Some((share, None)));
        }
        let rows = self.class_b.as_ref().map_err(Clone::clone)?;
        let row = rows.iter().find(|(test, ..)| test.holds(facts)).ok_or_else(|| Refusal::Open {
            key: "scope.first-self-pay".to_owned(),
            clauses: Vec::new(),
            missing: Missing::Absent,
        })?;
        Ok(Some((row.1, Some(row.2))))
    }
}
