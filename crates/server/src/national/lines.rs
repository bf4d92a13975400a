//! Charge lines, as they come and as they were split.

use books::Answer;
use domain::Fen;
use serde_json::{Map, Value, json};

use super::context::Context;
use super::fault::Fault;
use super::value::{amount, fields, given, must, yuan};

/// Lines of a message as the books take them.
pub(crate) fn lines(rows: &[&Value]) -> Vec<Value> {
    rows.iter().map(|row| Value::Object(line(row))).collect()
}

fn line(row: &Value) -> Map<String, Value> {
    let order = ["rxno", "drord_no"].into_iter().find_map(|name| super::value::text(row, name));
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

/// What all rows of a message must say alike: one message is about one visit, person and batch.
pub(crate) fn alike(rows: &[&Value], name: &str) -> Result<Option<String>, Fault> {
    let first = rows.first().and_then(|row| super::value::text(row, name));
    if rows.iter().all(|row| super::value::text(row, name) == first) {
        return Ok(first);
    }
    let message = format!("各行的 {name} 不同");
    Err(Fault::new("several-in-one", message, "一个报文只写一次就诊、一个人、一个收费批次，分开上传"))
}

/// Charges lines to a visit; gives the rows of `result` (or `detlcutinfo`).
pub(crate) async fn charge(context: &Context, rows: &[&Value], batch: Option<String>) -> Result<Vec<Value>, Fault> {
    let (visit, person) = (alike(rows, "mdtrt_id")?, alike(rows, "psn_no")?);
    let answer = context.submit(
        "visit charge",
        fields([
            ("visit", json!(visit)),
            ("provider", context.institution().into()),
            ("person", json!(person)),
            ("batch", json!(batch)),
            ("lines", lines(rows).into()),
        ]),
    );
    split(context, rows, &answer.await?)
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
    let flags = line["flags"].as_array().map(Vec::as_slice).unwrap_or_default();
    let flag = |name: &str| if flags.iter().any(|flag| flag == name) { "1" } else { "0" };
    json!({
        "feedetl_sn": must(row, "feedetl_sn"),
        "det_item_fee_sumamt": yuan(line.get("amount")),
        "cnt": row["cnt"],
        "pric": row["pric"],
        "pric_uplmt_amt": yuan(line.get("limit")),
        "selfpay_prop": share(line["share"].as_str().unwrap_or_default()),
        "fulamt_ownpay_amt": yuan(line.get("out_of_scope")),
        "overlmt_amt": yuan(line.get("over_limit")),
        "preselfpay_amt": yuan(line.get("first_self_pay")),
        "inscp_scp_amt": yuan(line.get("in_scope")),
        "chrgitm_lv": class(line["class"].as_str().unwrap_or_default()),
        "med_chrgitm_type": line["charge"],
        "bas_medn_flag": flag("essential"),
        "hi_nego_drug_flag": flag("negotiated"),
        "chld_medc_flag": flag("child"),
        "list_sp_item_flag": flag("special"),
        "lmt_used_flag": if line["limited"] == json!(true) { "1" } else { "0" },
        "drt_reim_flag": flag("direct"),
        "memo": line["condition"],
    })
}

/// Class of an item: 01 A, 02 B, 03 own cost.
pub(crate) fn class(word: &str) -> &'static str {
    match word {
        "A" => "01",
        "B" => "02",
        _ => "03",
    }
}

/// A share in per cent as a ratio of four places.
pub(crate) fn share(text: &str) -> Value {
    let Some((digits, decimals)) = text.strip_suffix('%').map(|text| text.split_once('.').unwrap_or((text, ""))) else {
        return Value::Null;
    };
    let hundredths = format!("{digits}{:0<2}", decimals.get(..2.min(decimals.len())).unwrap_or_default());
    let Ok(hundredths) = hundredths.parse::<u32>() else { return Value::Null };
    super::value::number(&format!("{}.{:04}", hundredths / 10_000, hundredths % 10_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_ratio_of_four_places() {
        for (text, ratio) in [("10%", 0.1), ("100%", 1.0), ("33.3333%", 0.3333), ("0%", 0.0)] {
            assert_eq!(share(text).as_f64(), Some(ratio), "{text}");
        }
        assert_eq!(share(""), Value::Null);
    }

    #[test]
    fn rows_of_several_visits_are_refused() {
        let (one, two) = (json!({ "mdtrt_id": "1" }), json!({ "mdtrt_id": "2" }));
        assert_eq!(alike(&[&one, &one], "mdtrt_id").unwrap(), Some("1".to_owned()));
        assert_eq!(alike(&[&one, &two], "mdtrt_id").unwrap_err().refusal.code, "several-in-one");
    }
}
