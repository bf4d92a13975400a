//! Charge lines, as they come and as they were split.

use std::collections::BTreeMap;

use books::Answer;
use domain::{Fen, Rate};
use serde_json::{Map, Value, json};

use super::context::Context;
use super::fault::Fault;
use super::rows::{Row, cell, four_places};
use super::value::{amount, fields, given, must, text, yuan};

/// Lines of a message as the books take them.
pub(crate) fn lines(rows: &[&Value]) -> Vec<Value> {
    rows.iter().map(|row| Value::Object(line(row))).collect()
}

fn line(row: &Value) -> Map<String, Value> {
    let order = ["rxno", "drord_no"].into_iter().find_map(|name| text(row, name));
    fields([
        ("sn", given(row, "feedetl_sn")),
        ("at", given(row, "fee_ocur_time")),
        ("code", given(row, "med_list_codg")),
        ("own_code", given(row, "medins_list_codg")),
        ("count", given(row, "cnt")),
        ("price", given(row, "pric")),
        ("amount", given(row, "det_item_fee_sumamt")),
        ("approval", given(row, "hosp_appr_flag")),
        ("refund_of", given(row, "init_feedetl_sn")),
        ("order", json!(order)),
    ])
}

/// The one person of all rows: the envelope tells one place of insurance, and 2601 takes back the message of one person.
pub(crate) fn person(rows: &[&Value]) -> Result<Option<String>, Fault> {
    let first = rows.first().and_then(|row| text(row, "psn_no"));
    if rows.iter().all(|row| text(row, "psn_no") == first) {
        return Ok(first);
    }
    let cure = "一个报文只写一个人（insuplc_admdvs 是这个人的参保地），分开上传";
    Err(Fault::new("several-persons", "各行的 psn_no（人员编号）不同", cure))
}

/// Refuses a charge batch whose lines are for several diseases.
fn one_disease_a_batch(rows: &[&Value]) -> Result<(), Fault> {
    let mut diseases: BTreeMap<(String, String), Option<String>> = BTreeMap::new();
    for row in rows {
        let Some(batch) = text(row, "chrg_bchno") else { continue };
        let disease = text(row, "dise_codg");
        let known = diseases.entry((must(row, "mdtrt_id"), batch.clone())).or_insert_with(|| disease.clone());
        if *known != disease {
            let message = format!("收费批次 {batch} 的明细写了不同的 dise_codg（病种编码）");
            return Err(Fault::new("several-diseases", message, "同一批次只写一个病种，不同病种分批次"));
        }
    }
    Ok(())
}

/// Charges lines to the visits of a person, in the batches that they name; gives the rows of `result`.
pub(crate) async fn charge(context: &Context, rows: &[&Value]) -> Result<Vec<Value>, Fault> {
    one_disease_a_batch(rows)?;
    let first = |name: &str| rows.first().map_or(Value::Null, |row| given(row, name));
    let (visit, batch) = (first("mdtrt_id"), first("chrg_bchno"));
    let own = |row: &Value, name: &str, of_all: &Value| Some(given(row, name)).filter(|value| value != of_all);
    let lines = rows.iter().map(|row| {
        let mut line = line(row);
        line.extend(fields([
            ("visit", json!(own(row, "mdtrt_id", &visit))),
            ("batch", json!(own(row, "chrg_bchno", &batch))),
        ]));
        Value::Object(line)
    });
    let charging = fields([
        ("provider", context.institution().into()),
        ("person", json!(person(rows)?)),
        ("lines", lines.collect()),
        ("visit", visit.clone()),
        ("batch", batch.clone()),
        matched(context),
    ]);
    split(context, rows, &context.submit("visit charge", charging).await?)
}

/// Whether the region takes only lines whose own item is matched (3301).
pub(crate) fn matched(context: &Context) -> (&'static str, Value) {
    ("matched", json!(context.profile().match_first.then_some(true)))
}

/// The lines of an answer, each beside the row it came as. What does not add up is not sent.
pub(crate) fn split(context: &Context, rows: &[&Value], answer: &Answer) -> Result<Vec<Value>, Fault> {
    let judged = answer.fields.get("lines").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let result: Vec<Value> = rows.iter().zip(judged).map(|(row, line)| written(row, line)).collect();
    let broken = judged.iter().find(|line| {
        let part = |name: &str| amount(line.get(name)).unwrap_or_default();
        let parts: Fen = ["in_scope", "first_self_pay", "out_of_scope", "over_limit"].map(part).into_iter().sum();
        parts != part("amount")
    });
    if broken.is_none() && judged.len() == rows.len() {
        return Ok(result);
    }
    tracing::error!(request = context.id, "the parts of a charge line do not add up");
    debug_assert!(false, "{broken:?}");
    Err(Fault::new("amounts-differ", "明细拆分金额勾稽不符，未下发", "凭报文ID向经办机构核对"))
}

fn written(row: &Value, line: &Value) -> Value {
    let flags = line["flags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
    let mut written = line.as_object().map(|line| judged(line, &flags)).unwrap_or_default();
    written.extend([
        ("feedetl_sn".to_owned(), must(row, "feedetl_sn").into()),
        ("cnt".to_owned(), row["cnt"].clone()),
        ("pric".to_owned(), row["pric"].clone()),
        ("memo".to_owned(), line["condition"].clone()),
    ]);
    Value::Object(written)
}

/// How the books judged a line, as every answer about it says.
pub(crate) fn judged(line: &Row, flags: &[&str]) -> Row {
    let flag = |name: &str| if flags.contains(&name) { "1" } else { "0" }.into();
    let share = Rate::parse_percent(cell(line, "share")).map_or(Value::Null, four_places);
    let mut told = fields([
        ("det_item_fee_sumamt", yuan(line.get("amount"))),
        ("selfpay_prop", share),
        ("fulamt_ownpay_amt", yuan(line.get("out_of_scope"))),
        ("overlmt_amt", yuan(line.get("over_limit"))),
        ("preselfpay_amt", yuan(line.get("first_self_pay"))),
        ("inscp_scp_amt", yuan(line.get("in_scope"))),
        ("chrgitm_lv", class(cell(line, "class")).into()),
        ("med_chrgitm_type", json!(line.get("charge"))),
        ("bas_medn_flag", flag("essential")),
        ("hi_nego_drug_flag", flag("negotiated")),
        ("chld_medc_flag", flag("child")),
        ("list_sp_item_flag", flag("special")),
        ("lmt_used_flag", flag("limited")),
        ("drt_reim_flag", flag("direct")),
    ]);
    // The field must be there; where no price is limited there is nothing in it.
    told.insert("pric_uplmt_amt".to_owned(), yuan(line.get("limit")));
    told
}

/// Class of an item: 01 A, 02 B, 03 own cost.
pub(crate) fn class(word: &str) -> &'static str {
    match word {
        "A" => "01",
        "B" => "02",
        _ => "03",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_of_one_person_and_a_batch_of_one_disease() {
        let row = |person: &str, batch: &str, disease: &str| json!({ "psn_no": person, "mdtrt_id": "V", "chrg_bchno": batch, "dise_codg": disease });
        let (one, other) = (row("1", "A", "M03900"), row("2", "A", "M01600"));
        assert_eq!(person(&[&one, &one]).unwrap(), Some("1".to_owned()));
        assert_eq!(person(&[&one, &other]).unwrap_err().refusal.code, "several-persons");
        assert_eq!(one_disease_a_batch(&[&one, &other]).unwrap_err().refusal.code, "several-diseases");
        one_disease_a_batch(&[&one, &row("1", "B", "M01600"), &one]).unwrap();
    }
}
