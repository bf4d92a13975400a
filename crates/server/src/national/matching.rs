//! The institution's own items against the national ones (3301, 3302). All rows of a message are taken, or none.

use serde_json::{Value, json};
use wire::dictionary::rows;

use super::context::Context;
use super::fault::Fault;
use super::handlers::{Block, on};
use super::value::{fields, given, must, text};

/// The transactions of this block.
pub(super) const ALL: Block = &[on!("3301", matched), on!("3302", cancelled)];

async fn matched(context: &Context, input: &Value) -> Result<Value, Fault> {
    let today = context.today().to_string();
    let day = |node: &Value, name: &str| text(node, name).and_then(|day| day.get(..10).map(str::to_owned));
    let items = rows(input, "data").into_iter().map(|node| {
        let spec = [text(node, "spec"), text(node, "pacspec")].into_iter().flatten().collect::<Vec<_>>().join(" ");
        Value::Object(fields([
            ("own", given(node, "fixmedins_hilist_id")),
            ("name", given(node, "fixmedins_hilist_name")),
            ("list", given(node, "list_type")),
            ("code", given(node, "med_list_codg")),
            ("from", day(node, "begndate").unwrap_or_else(|| today.clone()).into()),
            ("until", day(node, "enddate").map_or(Value::Null, Value::String)),
            ("approval", given(node, "aprvno")),
            ("form", given(node, "dosform")),
            ("spec", if spec.is_empty() { Value::Null } else { spec.into() }),
            ("note", given(node, "memo")),
        ]))
    });
    let asked = fields([("provider", context.institution().into()), ("items", items.collect::<Vec<_>>().into())]);
    context.submit("matching record", asked).await?;
    Ok(json!({}))
}

async fn cancelled(context: &Context, input: &Value) -> Result<Value, Fault> {
    let nodes = rows(input, "data");
    let other = nodes.iter().filter_map(|node| text(node, "fixmedins_code"));
    if let Some(other) = other.into_iter().find(|code| code != context.institution()) {
        let message = format!("fixmedins_code {other} 不是本机构 {}", context.institution());
        return Err(Fault::new("other-institution", message, "只能撤销本机构的对照"));
    }
    let items = nodes
        .into_iter()
        .map(|node| json!({ "own": must(node, "fixmedins_hilist_id"), "code": must(node, "med_list_codg") }));
    let asked = fields([("provider", context.institution().into()), ("items", items.collect::<Vec<_>>().into())]);
    context.submit("matching withdraw", asked).await?;
    Ok(json!({}))
}
