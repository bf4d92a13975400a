//! Claim, ClaimResponse and ExplanationOfBenefit: a settlement as it was asked for, answered, and explained to the person.

use domain::{Basis, Care, Date, Fen};
use serde::Serialize;

use super::settled::Settled;
use super::types::{Concept, Identifier, Insurance, Money, Period, Reference, Total};

/// A Claim of FHIR R4.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Claim {
    resource_type: &'static str,
    id: String,
    identifier: [Identifier; 1],
    status: &'static str,
    #[serde(rename = "type")]
    kind: Concept,
    #[serde(rename = "use")]
    used_as: &'static str,
    patient: Reference,
    billable_period: Period,
    created: Date,
    provider: Reference,
    priority: Concept,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    diagnosis: Vec<Diagnosis>,
    insurance: [Insurance; 1],
    item: Vec<Item>,
    total: Money,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Diagnosis {
    sequence: u8,
    diagnosis_codeable_concept: Concept,
}

/// What was charged of one class of the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    sequence: u8,
    product_or_service: Concept,
    net: Money,
}

/// A ClaimResponse of FHIR R4.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClaimResponse {
    resource_type: &'static str,
    id: String,
    identifier: [Identifier; 1],
    status: &'static str,
    #[serde(rename = "type")]
    kind: Concept,
    #[serde(rename = "use")]
    used_as: &'static str,
    patient: Reference,
    created: Date,
    insurer: Reference,
    request: Reference,
    outcome: &'static str,
    disposition: String,
    total: Vec<Total>,
    payment: Payment,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Payment {
    #[serde(rename = "type")]
    kind: Concept,
    amount: Money,
}

/// An ExplanationOfBenefit of FHIR R4.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExplanationOfBenefit {
    resource_type: &'static str,
    id: String,
    identifier: [Identifier; 1],
    status: &'static str,
    #[serde(rename = "type")]
    kind: Concept,
    #[serde(rename = "use")]
    used_as: &'static str,
    patient: Reference,
    billable_period: Period,
    created: Date,
    insurer: Reference,
    provider: Reference,
    claim: Reference,
    claim_response: Reference,
    outcome: &'static str,
    disposition: String,
    insurance: [Insurance; 1],
    total: Vec<Total>,
    payment: Payment,
}

/// The Claim of a settlement, under a coverage.
pub(super) fn claim(settled: &Settled, coverage: &str) -> Claim {
    let bill = &settled.bill;
    let classes = [
        ("a", "甲类", bill.a),
        ("b", "乙类", bill.b),
        ("c", "丙类", bill.c),
        ("over-limit", "超限价", bill.over_limit),
    ];
    let charged = classes.into_iter().filter(|(_, _, amount)| amount.0 != Fen::ZERO);
    let item = charged.zip(1..).map(|((code, name, amount), sequence)| Item {
        sequence,
        product_or_service: Concept::ours("class", code, name),
        net: Money(amount.0),
    });
    let diagnosis = bill
        .disease
        .iter()
        .map(|code| Diagnosis { sequence: 1, diagnosis_codeable_concept: Concept::ours("disease", code, code) });
    Claim {
        resource_type: "Claim",
        id: settled.number.clone(),
        identifier: [named(settled)],
        status: status(settled),
        kind: kind(bill.care.0),
        used_as: "claim",
        patient: Reference::person(&settled.person),
        billable_period: visit(settled),
        created: settled.on,
        provider: Reference::provider(&bill.provider),
        priority: Concept::hl7("processpriority", "normal"),
        diagnosis: diagnosis.collect(),
        insurance: [under(coverage, Some(1))],
        item: item.collect(),
        total: Money(settled.paid.total.0),
    }
}

/// The answer to it.
pub(super) fn claim_response(region: &str, settled: &Settled) -> ClaimResponse {
    ClaimResponse {
        resource_type: "ClaimResponse",
        id: settled.number.clone(),
        identifier: [named(settled)],
        status: status(settled),
        kind: kind(settled.bill.care.0),
        used_as: "claim",
        patient: Reference::person(&settled.person),
        created: settled.on,
        insurer: Reference::insurer(region),
        request: Reference::to("Claim", &settled.number),
        outcome: "complete",
        disposition: disposition(settled),
        total: totals(settled),
        payment: payment(settled),
    }
}

/// The settlement as it is explained to the person: who bears which part.
pub(super) fn explanation(region: &str, settled: &Settled, coverage: &str) -> ExplanationOfBenefit {
    ExplanationOfBenefit {
        resource_type: "ExplanationOfBenefit",
        id: settled.number.clone(),
        identifier: [named(settled)],
        status: status(settled),
        kind: kind(settled.bill.care.0),
        used_as: "claim",
        patient: Reference::person(&settled.person),
        billable_period: visit(settled),
        created: settled.on,
        insurer: Reference::insurer(region),
        provider: Reference::provider(&settled.bill.provider),
        claim: Reference::to("Claim", &settled.number),
        claim_response: Reference::to("ClaimResponse", &settled.number),
        outcome: "complete",
        disposition: disposition(settled),
        insurance: [under(coverage, None)],
        total: totals(settled),
        payment: payment(settled),
    }
}

fn named(settled: &Settled) -> Identifier {
    Identifier { system: "urn:tongchou:settlement", value: settled.number.clone() }
}

fn status(settled: &Settled) -> &'static str {
    if settled.taken_back { "cancelled" } else { "active" }
}

fn kind(care: Care) -> Concept {
    Concept::hl7("claim-type", if care == Care::Pharmacy { "pharmacy" } else { "institutional" })
}

fn visit(settled: &Settled) -> Period {
    Period { start: settled.bill.from.unwrap_or(settled.bill.date), end: Some(settled.bill.date) }
}

fn under(coverage: &str, sequence: Option<u8>) -> Insurance {
    Insurance { sequence, focal: true, coverage: Reference::to("Coverage", coverage) }
}

/// In words, with how far the figures behind it can be relied on.
fn disposition(settled: &Settled) -> String {
    let paid = &settled.paid;
    let weak = match Basis::parse(&paid.basis) {
        Some(Basis::Stated) => String::new(),
        Some(basis) => format!("（依据可靠程度：{}）", basis.code()),
        None => format!("（依据可靠程度：{}）", paid.basis),
    };
    format!("基金支付 {}，个人负担 {}{weak}", paid.funds(), paid.person)
}

/// The whole, its parts by scope, and what each fund and the person bear.
fn totals(settled: &Settled) -> Vec<Total> {
    let paid = &settled.paid;
    let hl7 = |code: &str, amount: Fen| Total { category: Concept::hl7("adjudication", code), amount: Money(amount) };
    let ours = |system: &str, code: &str, name: &str, amount: Fen| Total {
        category: Concept::ours(system, code, name),
        amount: Money(amount),
    };
    let mut totals = vec![hl7("submitted", paid.total.0), hl7("eligible", paid.in_scope.0)];
    totals.push(ours("scope", "out-of-scope", "全自费", paid.out_of_scope.0));
    totals.push(ours("scope", "over-limit", "超限价自费", paid.over_limit.0));
    totals.push(ours("scope", "first-self-pay", "先行自付", paid.first_self_pay.0));
    totals.push(hl7("benefit", paid.funds()));
    totals.extend(paid.by_payer().into_iter().map(|(payer, amount)| ours("payer", payer.code(), payer.name(), amount)));
    totals.push(ours("payer", "person", "个人负担", paid.person.0));
    totals
}

fn payment(settled: &Settled) -> Payment {
    Payment { kind: Concept::hl7("ex-paymenttype", "complete"), amount: Money(settled.paid.funds()) }
}
