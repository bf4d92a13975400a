//! `compare`: the same bills without and with a change (the drafts and test figures of the case), and what it costs each fund.

use std::collections::BTreeMap;

use domain::{Fen, Payer};
use policy::View;
use policy::registry::Kind;

use super::{CaseKind, settle};
use crate::case::{Case, must};
use crate::compare::Compare;
use crate::person::PERSON;

pub(crate) const KIND: CaseKind = CaseKind {
    name: "compare",
    fields: &[must("person", Kind::Table(PERSON), "who")],
    expect: &[
        "basic", "catastrophic", "large-amount", "supplement", "civil-service", "assistance", "tilt", "accident",
        "other", "person",
    ],
    run,
};

fn run(case: &Case<'_>) -> Vec<String> {
    if !case.year.expects_nothing() {
        return vec!["compare 比较合计，账单不写 expect".to_owned()];
    }
    let with = case.view();
    let before = View { drafts: Vec::new(), overlay: None, ..with.clone() };
    let (before, after) = match (sums(case, &before), sums(case, &with)) {
        (Ok(before), Ok(after)) => (before, after),
        (Err(wrong), _) | (_, Err(wrong)) => return vec![wrong],
    };
    let mut compare = Compare::new("变化", &case.expect);
    let of = |sums: &Sums, payer: Option<Payer>| sums.get(&payer).copied().unwrap_or_default();
    let change = |payer: Option<Payer>| of(&after, payer) - of(&before, payer);
    for payer in Payer::ALL {
        compare.amount(payer.code(), change(Some(*payer)));
    }
    compare.amount("person", change(None));
    compare.finish([])
}

/// What each fund pays in all; under `None`, what the person bears.
type Sums = BTreeMap<Option<Payer>, Fen>;

/// Sums of the bills under a view; a bill that is refused would leave nothing to compare.
fn sums(case: &Case<'_>, view: &View<'_>) -> Result<Sums, String> {
    settle::settled(case, view, |engine, _, entries| {
        let mut sums = Sums::new();
        for settlement in entries {
            let entry = settlement.result.as_ref().map_err(|refusal| format!("{}：{refusal}", settlement.bill.id))?;
            *sums.entry(None).or_default() += entry.person;
            for (payer, paid) in entry.by_payer(engine.plan(entry.plan)) {
                *sums.entry(Some(payer)).or_default() += paid;
            }
        }
        Ok(sums)
    })?
}
