//! A person's running amounts of a year (5206).

use serde_json::{Value, json};

use crate::national::context::Context;
use crate::national::fault::Fault;
use crate::national::rows::{cell, maps};
use crate::national::value::{fields, given, text, yuan};

/// The codes of their kinds are this platform's: the place of the stage in the region's terms, and D deductible met, C limit used,
/// N counted.
pub(super) async fn running(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let this_month = context.today().strftime("%Y%m").to_string();
    let month = text(node, "cum_ym").unwrap_or_else(|| this_month.clone());
    let Some(year) = month.get(..4).and_then(|year| year.parse::<i16>().ok()) else {
        return Err(Fault::new("bad-month", format!("cum_ym {month} 不是年月"), "按 yyyyMM 填写，或不填"));
    };
    if year == context.today().year() && month != this_month {
        context.warn("累计是到目前为止的，不分月");
    }
    let asked = fields([("person", given(node, "psn_no")), ("year", year.into())]);
    let rows = maps(context.ask("care running", asked).await?);
    let rows = rows.iter().filter_map(|row| {
        let kind = match cell(row, "what") {
            "deductible" => 'D',
            "cap" => 'C',
            "position" => 'N',
            _ => return None,
        };
        let place = row.get("place").and_then(Value::as_i64)?;
        Some(json!({
            "insutype": "390",
            "year": year.to_string(),
            "cum_ym": month,
            "cum_type_code": format!("{place:02}{kind}"),
            "cum": yuan(row.get("amount")),
        }))
    });
    Ok(json!({ "cuminfo": rows.collect::<Vec<_>>() }))
}
