//! A settlement as it was answered (5203).

use serde_json::{Value, json};

use super::visits::{about, care, med_type, of, who};
use crate::national::context::Context;
use crate::national::fault::Fault;
use crate::national::rows::{Row, cell, maps};
use crate::national::settlement::{clearing, finish, msgid};
use crate::national::value::{fields, moment, must, yuan};
use crate::national::who::Who;

pub(super) async fn settlement(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let visit = of(context, node).await?;
    let number = must(node, "setl_id");
    let rows = maps(context.ask("visit settlements", about(context, &visit)).await?);
    let Some(mut row) = rows.into_iter().find(|row| cell(row, "settlement") == number) else {
        let message = format!("就诊 {} 没有结算 {number}", cell(&visit, "visit"));
        return Err(Fault::new("unknown-settlement", message, "核对 setl_id"));
    };
    // Residents' settlements draw on no personal account.
    let paid = row.get("person").cloned().unwrap_or_default();
    row.insert("cash".to_owned(), paid);
    let person = Who::read(context, &must(node, "psn_no"), None).await?;
    let mut head = who(context, &person, &visit);
    head.extend(said(context, &visit, &row));
    let shares = row.get("shares").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    finish(context, head, &row, cell(&visit, "insurance"), shares)
}

/// What the head of a settlement says beside who it is of and the amounts that every settlement has.
fn said(context: &Context, visit: &Row, row: &Row) -> Row {
    let day = |text: &str| text.get(..10).map_or(Value::Null, Value::from);
    let end = if cell(visit, "end").is_empty() { cell(row, "on") } else { cell(visit, "end") };
    let kind = care(visit).map_or("", |care| books::turnover::Clearing::of(care).code());
    fields([
        ("setl_id", cell(row, "settlement").into()),
        ("mdtrt_id", cell(visit, "visit").into()),
        // Settled at the institution.
        ("pay_loc", "2".into()),
        ("fixmedins_code", context.institution().into()),
        ("fixmedins_name", context.request.fixmedins_name.as_str().into()),
        ("begndate", day(cell(visit, "begin"))),
        ("enddate", day(end)),
        ("setl_time", moment(cell(row, "at"))),
        ("med_type", med_type(visit).into()),
        ("clr_type", clearing(kind).into()),
        ("clr_optins", context.platform.admdvs.as_str().into()),
        ("psn_pay", yuan(row.get("person"))),
        ("cash_payamt", yuan(row.get("cash"))),
        ("medins_setl_id", msgid(cell(row, "request")).into()),
        ("refd_setl_flag", if row.get("reversed") == Some(&json!(true)) { "1" } else { "0" }.into()),
        ("year", json!(cell(row, "on").get(..4))),
        ("invono", row.get("invoice").cloned().unwrap_or_default()),
    ])
}
