//! `due`: what a person pays for an insured year, and who pays the rest.

use domain::Fen;
use enrolment::{Asking, InsuredYear};
use policy::registry::Kind;

use super::{CaseKind, words, year};
use crate::case::{Case, may, must};
use crate::compare::Compare;
use crate::person::{PERSON, person};

const PAYERS: &[&str] =
    &["finance", "central", "province", "city", "district", "assistance", "education", "employer", "large-amount-fund"];

pub(crate) const KIND: CaseKind = CaseKind {
    name: "due",
    fields: &[
        must("person", Kind::Table(PERSON), "who"),
        must("year", Kind::Integer, "insured year; an academic year by the year it begins in"),
        may("date", Kind::Date, "day of payment"),
        may("withheld", Kind::Bool, "withheld from an allowance"),
        may("employed", Kind::Bool, "the person has an employer"),
    ],
    expect: &[
        "scheme", "tier", "total", "personal", "sponsored", "yearly", "collected_from", "basis", "refused", "finance",
        "central", "province", "city", "district", "assistance", "education", "employer", "large-amount-fund",
    ],
    run,
};

fn run(case: &Case<'_>) -> Vec<String> {
    let mut compare = Compare::new("", &case.expect);
    let person = match person(&case.body, year(case)) {
        Ok(person) => person,
        Err(wrong) => return vec![wrong],
    };
    let asking = Asking {
        paid_on: case.body.date("date"),
        withheld: case.body.flag("withheld") == Some(true),
        employed: case.body.flag("employed") == Some(true),
    };
    let insured = InsuredYear::of(case.library, case.region, &case.view(), person.group, year(case));
    let due = match insured.and_then(|insured| enrolment::due(&insured, &person, &asking)) {
        Ok(due) => due,
        Err(refusal) => {
            compare.refusals(Some(&refusal.to_string()), &[]);
            return compare.finish([]);
        }
    };
    let open: Vec<String> = due.total.as_ref().err().map(ToString::to_string).into_iter().collect();
    compare.refusals(None, &open);
    compare.text("scheme", due.scheme.code());
    compare.text("tier", due.tier.as_deref().unwrap_or(""));
    compare.amount("personal", due.personal);
    compare.flag("yearly", due.yearly);
    compare.date("collected_from", due.collected_from);
    compare.text("basis", due.basis.code());
    if let Ok(total) = due.total {
        compare.amount("total", total);
    }
    if let Some(sponsored) = due.sponsored_total() {
        compare.amount("sponsored", sponsored);
    }
    for payer in PAYERS {
        let parts: Option<Fen> = due.sponsored.iter().filter(|s| s.payer == *payer).map(|s| s.amount).sum();
        if let Some(amount) = parts {
            compare.amount(payer, amount);
        }
    }
    compare.finish(words(&due.steps))
}
