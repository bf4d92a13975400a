//! One bill, settled after those before it, with every step, its clause and its amounts.

use std::fmt::Write as _;

use claims::InputFormat;
use domain::{Diagnostic, Fen, Payer};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use settlement::{EntryKind, Opening, Plan, Reason, reasons};

use crate::fault::{Fault, any_error};
use crate::intake::{misplaced, name_tier};
use crate::terms::Made;

/// What is paid of a bill, and why. Amounts are whole fen.
#[pyclass(frozen, get_all, module = "tongchou")]
pub struct Explanation {
    /// Its id.
    bill: String,
    /// Whose it is.
    person: String,
    /// End of the visit, `2022-03-01`.
    date: String,
    total_fen: i64,
    in_scope_fen: i64,
    first_self_pay_fen: i64,
    out_of_scope_fen: i64,
    over_limit_fen: i64,
    funds_fen: i64,
    person_pays_fen: i64,
    /// Code of the weakest basis used.
    basis: &'static str,
    /// Hash of the terms.
    terms: String,
    /// The steps, in order.
    steps: Vec<Step>,
    by_fund: Vec<(&'static str, i64)>,
    /// All of it in Chinese.
    text: String,
    /// All of it in English.
    english: String,
}

/// A step of a settlement. Amounts are whole fen, and there where the step is a stage's.
#[pyclass(frozen, get_all, module = "tongchou")]
#[derive(Clone)]
pub struct Step {
    /// Id of the stage; `scope` and `carry` for what comes before the stages.
    stage: String,
    /// Its Chinese name.
    name: Option<String>,
    /// Code of the fund that pays.
    fund: Option<&'static str>,
    text: String,
    english: String,
    /// Where the figures come from, a line each, in Chinese.
    sources: Vec<String>,
    english_sources: Vec<String>,
    /// Ids of the clauses.
    clauses: Vec<String>,
    /// Code of the weakest basis of the step.
    basis: &'static str,
    base_fen: Option<i64>,
    deductible_fen: Option<i64>,
    counted_fen: Option<i64>,
    uncapped_fen: Option<i64>,
    /// None where there is no cap.
    cap_fen: Option<i64>,
    cap_used_fen: Option<i64>,
    paid_fen: Option<i64>,
}

/// Settles the bills of one person, a JSON object each, and explains the last.
///
/// # Errors
/// When a bill is at fault, or the terms do not decide the last.
pub fn last(made: &Made, bills: &[String]) -> Result<Explanation, Fault> {
    let mut loaded = claims::read_bytes("bill", bills.join("\n").into_bytes(), InputFormat::Jsonl, &|_, _| {});
    let mut findings = std::mem::take(&mut loaded.findings);
    for (bill, origin) in loaded.bills.iter_mut().zip(&loaded.origins) {
        if let Some((code, column, what, cure)) = misplaced(made, bill) {
            findings.push(Diagnostic::error(code, origin.place("bill", column), what, cure));
        }
        name_tier(made, bill);
    }
    if any_error(&findings) {
        return Err(Fault::Bills(findings));
    }
    let Some(asked) = loaded.bills.last() else {
        return Err(Fault::usage("没有票据", "terms.explain({\"date\": …, \"care\": …, \"level\": …, \"a\": …})"));
    };
    let own: Vec<_> = loaded.bills.iter().filter(|bill| bill.person_id == asked.person_id).collect();
    if own.len() < loaded.bills.len()
        || own.iter().any(|bill| (bill.date, &bill.id) != (asked.date, &asked.id) && bill.date > asked.date)
    {
        return Err(Fault::usage("before 里的票据须是同一人的，且不晚于所问的票据", "核对 person 与 date"));
    }
    let settled = made.engine.settle(&own, &Opening::default());
    let found =
        settled.iter().rfind(|settlement| settlement.kind == EntryKind::Settled && settlement.bill.id == asked.id);
    let Some(settlement) = found else {
        return Err(Fault::usage("冲销没有步骤", "问原票据"));
    };
    let entry = settlement.result.as_ref().map_err(|refusal| Fault::Refused(refusal.clone()))?;
    let plan = made.engine.plan(entry.plan);
    let reasons = reasons(plan, asked, entry);
    let paid: Vec<(Payer, Fen)> = entry.by_payer(plan).into_iter().collect();
    let told = |english: bool| {
        let mut text = String::new();
        for (at, reason) in reasons.iter().enumerate() {
            let _ = writeln!(text, "{}. {}", at + 1, if english { &reason.english } else { &reason.text });
            for source in &reason.sources {
                let _ = writeln!(text, "     {}", if english { &source.english } else { &source.text });
            }
        }
        let funds = paid.iter().filter(|(_, fen)| *fen != Fen::ZERO);
        let funds = funds.map(|(payer, fen)| format!("{} {fen}", if english { payer.english() } else { payer.name() }));
        let funds = funds.collect::<Vec<_>>();
        let (person, basis) = (entry.person, entry.basis);
        let _ = if english {
            let funds = if funds.is_empty() { "no fund pays".to_owned() } else { funds.join(", ") };
            write!(text, "= {funds}, person pays {person} (weakest basis: {})", basis.code())
        } else {
            let funds = if funds.is_empty() { "基金不付".to_owned() } else { funds.join("，") };
            write!(text, "= {funds}，个人负担 {person}（最弱依据：{}）", basis.name())
        };
        text
    };
    let amounts = &entry.amounts;
    Ok(Explanation {
        bill: asked.id.clone(),
        person: asked.person_id.clone(),
        date: asked.date.to_string(),
        total_fen: amounts.total.0,
        in_scope_fen: amounts.in_scope.0,
        first_self_pay_fen: amounts.first_self_pay.0,
        out_of_scope_fen: amounts.out_of_scope.0,
        over_limit_fen: amounts.over_limit.0,
        funds_fen: entry.funds().0,
        person_pays_fen: entry.person.0,
        basis: entry.basis.code(),
        terms: plan.hash.clone(),
        steps: reasons.iter().map(|reason| Step::of(plan, reason)).collect(),
        by_fund: paid.iter().map(|(payer, fen)| (payer.code(), fen.0)).collect(),
        text: told(false),
        english: told(true),
    })
}

impl Step {
    fn of(plan: &Plan, reason: &Reason) -> Step {
        let stage = reason.amounts.map(|step| &plan.stages[step.stage as usize]);
        let fen = |of: fn(&settlement::StageStep) -> i64| reason.amounts.as_ref().map(of);
        Step {
            stage: reason.stage.clone(),
            name: stage.map(|stage| stage.name.clone()),
            fund: stage.map(|stage| stage.payer.code()),
            text: reason.text.clone(),
            english: reason.english.clone(),
            sources: reason.sources.iter().map(|source| source.text.clone()).collect(),
            english_sources: reason.sources.iter().map(|source| source.english.clone()).collect(),
            clauses: reason.clauses.clone(),
            basis: reason.basis.code(),
            base_fen: fen(|step| step.base),
            deductible_fen: fen(|step| step.deductible),
            counted_fen: fen(|step| step.counted),
            uncapped_fen: fen(|step| step.uncapped),
            cap_fen: fen(|step| step.cap).filter(|cap| *cap < Fen::UNLIMITED.0),
            cap_used_fen: fen(|step| step.cap_used),
            paid_fen: fen(|step| step.paid),
        }
    }
}

#[pymethods]
impl Explanation {
    /// What each fund pays, fen, by its code, in legal order.
    #[getter]
    fn paid<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let paid = PyDict::new(py);
        for (fund, fen) in &self.by_fund {
            paid.set_item(fund, fen)?;
        }
        Ok(paid)
    }

    fn __str__(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> &str {
        &self.text
    }
}

#[pymethods]
impl Step {
    fn __repr__(&self) -> String {
        format!("<tongchou.Step {}: {}>", self.stage, self.text)
    }
}
