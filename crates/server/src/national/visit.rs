//! What the blocks of visits share: kinds of care, diagnoses, settling and taking back.

use domain::Care;
use serde_json::{Map, Value, json};
use wire::dictionary::rows;

use super::context::Context;
use super::fault::Fault;
use super::settlement::undone;
use super::value::{fields, given, text, yes};

/// The kind of care of a `med_type`, and the marks that it tells.
pub(crate) fn care(med_type: &str) -> Result<(Care, &'static [&'static str]), Fault> {
    let none: &[&str] = &[];
    Ok(match med_type.get(..2).unwrap_or(med_type) {
        "11" | "12" => (Care::Outpatient, none),
        "13" => (Care::Emergency, none),
        "14" => (Care::Special, none),
        "19" => (Care::Outpatient, &["accident"]),
        "21" | "22" | "23" | "24" => (Care::Inpatient, none),
        "28" => (Care::DaySurgery, none),
        "41" => (Care::Pharmacy, none),
        "51" => (Care::Prenatal, none),
        "52" => (Care::Delivery, none),
        _ => {
            let name = wire::dictionary::code_table("med_type").and_then(|table| table.meaning(med_type));
            let message = format!("医疗类别 {med_type}（{}）没有对应的居民医保待遇条款", name.unwrap_or("未知"));
            return Err(Fault::new("care-not-settled", message, "核对 med_type；本平台不结算这一类别"));
        }
    })
}

/// The `med_type` of a visit: as the provider wrote it, or by its kind of care.
pub(crate) fn med_type<'a>(kind: &'a str, care: &str) -> &'a str {
    if !kind.is_empty() {
        return kind;
    }
    match care {
        "emergency" => "13",
        "special" | "two-disease" => "14",
        "inpatient" | "single-disease" => "21",
        "day-surgery" => "28",
        "pharmacy" => "41",
        "prenatal" => "51",
        "delivery" => "52",
        _ => "11",
    }
}

/// Diagnoses of a message; those that are marked invalid are left out.
pub(crate) fn diagnoses(input: &Value) -> Vec<Value> {
    let valid = |row: &&Value| text(row, "vali_flag").is_none_or(|flag| flag != "0");
    let written = |row: &Value| {
        Value::Object(fields([
            ("kind", given(row, "diag_type")),
            ("order", json!(text(row, "diag_srt_no").and_then(|order| order.parse::<i64>().ok()))),
            ("code", given(row, "diag_code")),
            ("name", given(row, "diag_name")),
            ("main", yes(row, "maindiag_flag").into()),
        ]))
    };
    rows(input, "diseinfo").into_iter().filter(valid).map(written).collect()
}

/// A department: its name, or else its code.
pub(crate) fn department(node: &Value, name: &str, code: &str) -> Value {
    json!(text(node, name).or_else(|| text(node, code)))
}

/// What every command about a visit names.
pub(crate) fn of_visit(context: &Context, node: &Value) -> Map<String, Value> {
    fields([
        ("visit", given(node, "mdtrt_id")),
        ("provider", context.institution().into()),
        ("person", given(node, "psn_no")),
    ])
}

/// The four amounts by which a provider's own computation is compared.
pub(crate) fn own_amounts(node: &Value) -> Map<String, Value> {
    fields([
        ("out_of_scope", given(node, "fulamt_ownpay_amt")),
        ("over_limit", given(node, "overlmt_selfpay")),
        ("first_self_pay", given(node, "preselfpay_amt")),
        ("in_scope", given(node, "inscp_scp_amt")),
    ])
}

/// Fields of settling a visit.
pub(crate) fn settling(context: &Context, node: &Value) -> Result<Map<String, Value>, Fault> {
    let marks = text(node, "med_type").map(|kind| care(&kind)).transpose()?.map_or(&[] as &[&str], |(_, marks)| marks);
    let batch = text(node, "chrg_bchno").filter(|batch| batch != "0000");
    let mut settling = of_visit(context, node);
    settling.extend(fields([
        ("batch", json!(batch.into_iter().collect::<Vec<_>>())),
        ("total", given(node, "medfee_sumamt")),
        ("midway", yes(node, "mid_setl_flag").into()),
        ("mark", json!(marks)),
        ("invoice", given(node, "invono")),
        ("tell", true.into()),
    ]));
    settling.extend(own_amounts(node));
    Ok(settling)
}

/// Takes a settlement back (2103, 2208, 2305).
pub(crate) async fn reverse(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let mut reversing = of_visit(context, node);
    reversing.extend(fields([("settlement", given(node, "setl_id")), ("reason", "机构撤销结算".into())]));
    undone(context, &context.submit("visit reverse", reversing).await?)
}

/// Takes a registration back (2202, 2404).
pub(crate) async fn cancel(context: &Context, input: &Value) -> Result<Value, Fault> {
    let mut cancelling = of_visit(context, &input["data"]);
    cancelling.extend(fields([("reason", "机构撤销登记".into())]));
    context.submit("visit cancel", cancelling).await?;
    Ok(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Vocabulary as _;

    #[test]
    fn every_kind_of_care_goes_there_and_back() {
        for kind in Care::all() {
            let there = med_type("", kind.code());
            assert!(wire::dictionary::code_table("med_type").unwrap().holds(there));
            let (back, _) = care(there).unwrap();
            let same = match kind {
                Care::TwoDisease => Care::Special,
                Care::SingleDisease => Care::Inpatient,
                other => *other,
            };
            assert_eq!(back, same);
        }
        assert_eq!(care("2101").unwrap().0, Care::Inpatient);
        assert_eq!(care("19").unwrap().1, ["accident"]);
        assert_eq!(care("53").unwrap_err().refusal.code, "care-not-settled");
    }
}
