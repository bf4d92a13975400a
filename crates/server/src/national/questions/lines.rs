//! Charge lines as they were judged (5204, 5205).

use domain::Care;
use serde_json::{Value, json};

use super::visits::{about, care, med_type, of, within};
use crate::national::context::Context;
use crate::national::fault::Fault;
use crate::national::lines::judged;
use crate::national::rows::{Row, cell, maps};
use crate::national::value::{fields, moment, number, text};

/// A charge line.
fn line(context: &Context, visit: &Row, row: &Row) -> Value {
    let mut told = judged(row, &cell(row, "flags").split(' ').collect::<Vec<_>>());
    told.extend(fields([
        ("mdtrt_id", cell(visit, "visit").into()),
        ("setl_id", json!(row.get("settlement"))),
        ("feedetl_sn", json!(row.get("sn"))),
        ("rx_drord_no", json!(row.get("order"))),
        ("fixmedins_code", context.institution().into()),
        ("fixmedins_name", context.request.fixmedins_name.as_str().into()),
        ("med_type", med_type(visit).into()),
        ("fee_ocur_time", moment(cell(row, "at"))),
        ("cnt", number(cell(row, "count"))),
        ("pric", number(cell(row, "price"))),
        ("hilist_code", json!(row.get("code"))),
        ("hilist_name", json!(row.get("name"))),
        ("list_type", json!(row.get("list"))),
        ("med_list_codg", json!(row.get("code"))),
        ("medins_list_codg", json!(row.get("own_code"))),
        ("medins_list_name", json!(row.get("name"))),
    ]));
    Value::Object(told)
}

pub(super) async fn lines(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let visit = of(context, node).await?;
    let settlement = text(node, "setl_id");
    let mut rows = maps(context.ask("visit lines", about(context, &visit)).await?);
    rows.retain(|row| settlement.as_deref().is_none_or(|wanted| wanted == cell(row, "settlement")));
    Ok(json!({ "data": rows.iter().map(|row| line(context, &visit, row)).collect::<Vec<_>>() }))
}

/// Medicines of visits for a special disease, settled here.
pub(super) async fn medicines(context: &Context, input: &Value) -> Result<Value, Fault> {
    let mut told = Vec::new();
    for visit in within(context, &input["data"]).await? {
        if !matches!(care(&visit), Some(Care::Special | Care::TwoDisease)) || cell(&visit, "state") == "cancelled" {
            continue;
        }
        let rows = maps(context.ask("visit lines", about(context, &visit)).await?);
        let drugs = rows.iter().filter(|row| cell(row, "list").starts_with('1'));
        told.extend(drugs.map(|row| line(context, &visit, row)));
    }
    Ok(json!({ "feedetail": told }))
}
