//! What a settled part is answered with: the parts of the bill, what each fund saw and paid, and the figures that the national
//! settlement record asks for beside.

use domain::{Fen, Layer, Payer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use settlement::StageStep;

use crate::answer::Answer;
use crate::care::{BillRecord, Paid, Posted};
use crate::codec::{Word, Yuan};

/// What one stage saw of the bill, and paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Id of the stage.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// The fund.
    pub payer: Word<Payer>,
    /// What it started from.
    pub base: Yuan,
    /// Deductible taken from it.
    pub deductible: Yuan,
    /// What counted after it.
    pub counted: Yuan,
    /// What it could still pay, count or take in; nothing where there is no ceiling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Yuan>,
    /// What it paid.
    pub paid: Yuan,
    /// How, in Chinese.
    pub text: String,
}

/// What is kept of a settled part, and answered each time it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What was paid of the bill.
    pub paid: Paid,
    /// Stage by stage.
    pub shares: Vec<Share>,
    /// Deductible of basic insurance borne in this bill.
    pub deductible: Yuan,
    /// What basic insurance paid of what counted for it, to four places.
    pub ratio: String,
}

impl Receipt {
    /// The receipt of a bill that was just posted.
    pub(crate) fn of(posted: &Posted<'_>, bill: &BillRecord) -> Receipt {
        let Posted { plan, entry, paid, .. } = posted;
        let reasons = settlement::reasons(plan, &bill.bill(), entry);
        let share = |step: &StageStep| {
            let stage = &plan.stages[usize::from(step.stage)];
            let reason = reasons.iter().find(|reason| reason.stage == stage.id);
            Share {
                stage: stage.id.clone(),
                name: stage.name.clone(),
                payer: Word(stage.payer),
                base: Yuan(Fen(step.base)),
                deductible: Yuan(Fen(step.deductible)),
                counted: Yuan(Fen(step.counted)),
                limit: (step.cap < Fen::UNLIMITED.0).then(|| Yuan(Fen((step.cap - step.cap_used).max(0)))),
                paid: Yuan(Fen(step.paid)),
                text: reason.map(|reason| reason.text.clone()).unwrap_or_default(),
            }
        };
        let basic = || entry.steps.iter().filter(|step| plan.stages[usize::from(step.stage)].layer == Layer::Basic);
        let sum = |amount: fn(&StageStep) -> i64| basic().map(amount).sum::<i64>();
        Receipt {
            paid: paid.clone(),
            shares: entry.steps.iter().map(share).collect(),
            deductible: Yuan(Fen(sum(|step| step.deductible))),
            ratio: ratio(sum(|step| step.paid), sum(|step| step.counted)),
        }
    }

    /// The answer that tells it.
    pub(super) fn answer(&self) -> Answer {
        let Paid { total, person, .. } = &self.paid;
        let funds = self.paid.funds();
        let says = format!("总费用 {total}，基金支付 {funds}，个人负担 {person}");
        let english = format!("bill {total}, funds pay {funds}, the person bears {person}");
        amounts(Answer::new(says, english), &self.paid)
            .with("deductible", self.deductible.to_string())
            .with("ratio", self.ratio.clone())
            .with("shares", json!(self.shares))
    }
}

/// An answer with what was paid, or taken back.
pub(super) fn amounts(answer: Answer, paid: &Paid) -> Answer {
    let mut payers = Map::new();
    let mut columns: Map<String, Value> = Map::new();
    for (payer, amount) in paid.by_payer() {
        payers.insert(payer.code().to_owned(), amount.to_string().into());
        let column = columns.get(payer.column()).and_then(|known| Fen::parse_yuan(known.as_str()?).ok());
        let sum = column.unwrap_or(Fen::ZERO) + amount;
        columns.insert(payer.column().to_owned(), sum.to_string().into());
    }
    let Paid { total, in_scope, first_self_pay, out_of_scope, over_limit, person, basis, .. } = paid;
    answer
        .with("total", total.to_string())
        .with("in_scope", in_scope.to_string())
        .with("first_self_pay", first_self_pay.to_string())
        .with("out_of_scope", out_of_scope.to_string())
        .with("over_limit", over_limit.to_string())
        .with("funds", paid.funds().to_string())
        .with("person", person.to_string())
        // Residents' settlements draw on no personal account.
        .with("account", Fen::ZERO.to_string())
        .with("cash", person.to_string())
        .with("payers", payers)
        .with("columns", columns)
        .with("basis", basis.clone())
}

/// A part of a whole, to four places.
fn ratio(part: i64, whole: i64) -> String {
    let places = if whole > 0 { (i128::from(part) * 20_000 + i128::from(whole)) / (i128::from(whole) * 2) } else { 0 };
    format!("{}.{:04}", places / 10_000, places % 10_000)
}

#[cfg(test)]
mod tests {
    use super::ratio;

    #[test]
    fn a_ratio_has_four_places() {
        assert_eq!([ratio(0, 0), ratio(1, 3), ratio(2, 3), ratio(5, 5)], ["0.0000", "0.3333", "0.6667", "1.0000"]);
    }
}
