//! `account`: a month's transfer to the card, or the withdrawal of the balance.

use domain::{Date, Fen};
use enrolment::{Costs, account_transfer, account_withdrawal};
use policy::Amount;
use policy::registry::Kind;

use super::CaseKind;
use crate::case::{Case, may};
use crate::compare::Compare;

pub(crate) const KIND: CaseKind = CaseKind {
    name: "account",
    fields: &[
        may("month", Kind::Text, "transfer: the month, as 2016-10"),
        may("credit", Kind::Amount, "transfer: the month's credit"),
        may("on", Kind::Date, "withdrawal: day of application"),
        may("inpatient_total", Kind::Amount, "withdrawal: in-patient costs of the year"),
        may("inpatient_in_scope", Kind::Amount, "withdrawal: those in scope"),
        may("own_cost", Kind::Amount, "withdrawal: costs borne by the person"),
        may("balance", Kind::Amount, "withdrawal: balance of the account"),
    ],
    expect: &["transfer", "stays", "ledger", "withdraw", "open", "basis", "refused"],
    run,
};

fn run(case: &Case<'_>) -> Vec<String> {
    let amount = |name: &str| match case.body.amount(name) {
        Some(Amount::Figure(fen)) => Some(*fen),
        _ => None,
    };
    if let Some(month) = case.body.text("month") {
        return match format!("{month}-01").parse() {
            Ok(first) => transfer(case, first, amount("credit").unwrap_or_default()),
            Err(_) => vec![format!("month “{month}” 不是年-月，写成 2016-10")],
        };
    }
    let Some(on) = case.body.date("on") else { return vec!["写 month（划转）或 on（提取）".to_owned()] };
    let costs =
        Costs { total: amount("inpatient_total"), in_scope: amount("inpatient_in_scope"), own: amount("own_cost") };
    withdrawal(case, on, &costs, amount("balance").unwrap_or_default())
}

fn transfer(case: &Case<'_>, first: Date, credit: Fen) -> Vec<String> {
    let mut compare = Compare::new("", &case.expect);
    match account_transfer(&case.terms(first), credit) {
        Ok(moved) => {
            compare.refusals(None, &[]);
            compare.amount("transfer", moved.transfer);
            compare.amount("stays", moved.stays);
            compare.amount("ledger", moved.ledger);
            compare.text("basis", moved.basis.code());
            compare.finish([moved.step.to_string()])
        }
        Err(refusal) => {
            compare.refusals(Some(&case.telling.met(&refusal)), &[]);
            compare.finish([])
        }
    }
}

fn withdrawal(case: &Case<'_>, on: Date, costs: &Costs, balance: Fen) -> Vec<String> {
    let mut compare = Compare::new("", &case.expect);
    match account_withdrawal(&case.terms(on), costs, balance) {
        Ok(drawn) => {
            compare.refusals(None, &[]);
            compare.amount("withdraw", drawn.withdraw);
            compare.flag("open", drawn.open);
            compare.text("basis", drawn.basis.code());
            compare.finish([drawn.step.to_string()])
        }
        Err(refusal) => {
            compare.refusals(Some(&case.telling.met(&refusal)), &[]);
            compare.finish([])
        }
    }
}
