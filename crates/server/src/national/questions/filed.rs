//! What is on file for a person (5301, 5302, 5304).

use serde_json::{Value, json};

use crate::national::context::Context;
use crate::national::fault::Fault;
use crate::national::rows::{Row, cell, maps};
use crate::national::value::{day, fields, given, must};

/// A person's filings of a kind that are approved; those of today, or of all days.
async fn filings(context: &Context, node: &Value, kind: &str, today: bool) -> Result<Vec<Row>, Fault> {
    let on = today.then(|| context.today().to_string());
    let asked = fields([("person", given(node, "psn_no")), ("kind", kind.into()), ("on", json!(on))]);
    let mut rows = maps(context.ask("filing list", asked).await?);
    rows.retain(|row| matches!(cell(row, "state"), "approved" | "ended"));
    Ok(rows)
}

pub(super) async fn special(context: &Context, input: &Value) -> Result<Value, Fault> {
    let mut rows = filings(context, &input["data"], "special", true).await?;
    rows.extend(filings(context, &input["data"], "two-disease", true).await?);
    let rows = rows.iter().map(|row| {
        json!({
            "opsp_dise_code": row.get("disease"),
            "opsp_dise_name": row.get("disease_name"),
            "begndate": row.get("from"),
            "enddate": row.get("until"),
        })
    });
    Ok(json!({ "feedetail": rows.collect::<Vec<_>>() }))
}

pub(super) async fn chosen(context: &Context, input: &Value) -> Result<Value, Fault> {
    let (node, today) = (&input["data"], context.today());
    let mut told = Vec::new();
    for row in &filings(context, node, "chosen", true).await? {
        for (at, code) in cell(row, "providers").split_whitespace().enumerate() {
            let of = code.to_owned();
            let name = context.look(move |_, books| Ok(books::providers::on(books, &of, today)?.name)).await?;
            told.push(json!({
                "psn_no": must(node, "psn_no"),
                "insutype": "390",
                "fix_srt_no": (at + 1).to_string(),
                "fixmedins_code": code,
                "fixmedins_name": name,
                "begndate": row.get("from"),
                "enddate": row.get("until"),
            }));
        }
    }
    Ok(json!({ "psnfixmedin": told }))
}

pub(super) async fn referrals(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let (from, to) = (day(node, "begntime").unwrap_or_default(), day(node, "endtime"));
    let mut rows = filings(context, node, "referral", false).await?;
    rows.retain(|row| {
        let over = cell(row, "until");
        (over.is_empty() || over >= &*from) && to.as_deref().is_none_or(|to| cell(row, "from") <= to)
    });
    let rows = rows.iter().map(|row| {
        json!({
            "insutype": "390",
            "psn_no": must(node, "psn_no"),
            "trt_dcla_detl_sn": row.get("filing"),
            "insu_optins": context.platform.admdvs,
            "diag_code": row.get("disease"),
            "reflin_medins_no": cell(row, "providers").split_whitespace().next(),
            "mdtrtarea_admdvs": row.get("area"),
            "begndate": row.get("from"),
            "enddate": row.get("until"),
        })
    });
    Ok(json!({ "refmedin": rows.collect::<Vec<_>>() }))
}
