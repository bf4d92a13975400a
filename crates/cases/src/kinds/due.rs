//! `due`: what a person, or a household, pays for an insured year, and who pays the rest.

use domain::{Fen, Person};
use enrolment::{Asking, Claim, Due, InsuredYear, RecordState, Refusal, due_in_all};
use policy::registry::Kind;

use super::cover::STATES;
use super::{CaseKind, day, words, year};
use crate::case::{Case, may, must};
use crate::compare::{Compare, Met};
use crate::person::{PERSON, described, person};

const PAYERS: &[&str] =
    &["finance", "central", "province", "city", "district", "assistance", "education", "employer", "large-amount-fund"];

pub(crate) const KIND: CaseKind = CaseKind {
    name: "due",
    fields: &[
        must("person", Kind::Table(PERSON), "who"),
        may("household", Kind::Rows(PERSON, false), "the other members; amounts are then those of all together"),
        must("year", Kind::Integer, "insured year; an academic year by the year it begins in"),
        may("date", Kind::Date, "day of payment"),
        may("withheld", Kind::Bool, "withheld from an allowance"),
        may("employed", Kind::Bool, "the person has an employer"),
        may("states", Kind::Words(STATES), "states of the record that rules ask about"),
    ],
    expect: &[
        "scheme", "tier", "total", "personal", "sponsored", "financing", "yearly", "collected_from", "basis",
        "refused", "finance", "central", "province", "city", "district", "assistance", "education", "employer",
        "large-amount-fund",
    ],
    run,
};

fn run(case: &Case<'_>) -> Vec<String> {
    let mut compare = Compare::new("", &case.expect);
    let all = match each(case, enrolment::due) {
        Ok(Ok(all)) => all,
        Ok(Err(refusal)) => {
            compare.refusals(Some(&case.telling.met(&refusal)), &[]);
            // Where only the split between person and sponsor is open, what is due in all is told all the same.
            if let Ok(Ok(total)) = each(case, |year, person, asking| Ok(due_in_all(year, person, asking)?.0)) {
                compare.amount("total", total.into_iter().sum());
            }
            return compare.finish([]);
        }
        Err(wrong) => return vec![wrong],
    };
    let open: Vec<Met> = all.iter().filter_map(|due| Some(case.telling.met(due.total.as_ref().err()?))).collect();
    compare.refusals(None, &open);
    if let Some(due) = all.first() {
        compare.text("scheme", due.scheme.code());
        compare.text("tier", due.tier.as_deref().unwrap_or(""));
        compare.flag("yearly", due.yearly);
        compare.date("collected_from", due.collected_from);
    }
    compare.amount("personal", all.iter().map(|due| due.personal).sum());
    compare.text("basis", all.iter().map(|due| due.basis).max().unwrap_or_default().code());
    let mut steps: Vec<String> = all.iter().flat_map(|due| words(&due.steps)).collect();
    let total: Option<Fen> = all.iter().map(|due| due.total.as_ref().ok().copied()).sum();
    if let Some(total) = total {
        compare.amount("total", total);
        match subsidy(case, all.len()) {
            Ok(subsidy) => compare.amount("financing", total + subsidy),
            Err(refusal) => steps.push(refusal),
        }
    }
    if let Some(sponsored) = all.iter().map(Due::sponsored_total).sum() {
        compare.amount("sponsored", sponsored);
    }
    for payer in PAYERS {
        let of = |due: &Due| due.sponsored.iter().filter(|s| s.payer == *payer).map(|s| s.amount).sum::<Option<Fen>>();
        if let Some(amount) = all.iter().map(of).sum() {
            compare.amount(payer, amount);
        }
    }
    compare.finish(steps)
}

/// What is asked of each member; the first that is refused refuses the whole.
fn each<T>(
    case: &Case<'_>,
    ask: impl Fn(&InsuredYear<'_>, &Person, &Asking) -> Result<T, Refusal>,
) -> Result<Result<Vec<T>, Refusal>, String> {
    let asking = Asking {
        paid_on: case.body.date("date"),
        withheld: case.body.flag("withheld") == Some(true),
        employed: case.body.flag("employed") == Some(true),
        states: case.body.texts("states").into_iter().filter_map(RecordState::parse).collect(),
        ..Asking::default()
    };
    let mut members = vec![person(&case.body, year(case))?];
    for row in case.body.rows("household") {
        members.push(described(&row.values, year(case))?);
    }
    let one = |person: &Person| {
        let insured = InsuredYear::of(case.library, case.region, &case.view(), person.group, year(case))?;
        ask(&insured, person, &asking)
    };
    Ok(members.iter().map(one).collect())
}

/// The year's fiscal subsidy for so many: with the contribution, what the fund is financed by.
fn subsidy(case: &Case<'_>, heads: usize) -> Result<Fen, String> {
    let terms = day(case, 12, 31).map(|day| case.terms(day)).ok_or("year 不是年份")?;
    let heads = i64::try_from(heads).unwrap_or_default();
    let claim = Claim { area: None, heads, excluded: &[] };
    enrolment::subsidy(&terms, &claim).map(|subsidy| subsidy.total).map_err(|refusal| case.telling.met(&refusal).told)
}
