//! The settlement sheet (4101–4103): sent, moved between its states, read.

use serde_json::{Value, json};
use wire::dictionary::rows;

use super::context::Context;
use super::fault::Fault;
use super::handlers::{Block, on};
use super::value::{fields, given, must, told};

/// The transactions of this block.
pub(super) const ALL: Block = &[on!("4101", send), on!("4101A", send), on!("4102", move_to), on!("4103", read)];

async fn send(context: &Context, input: &Value) -> Result<Value, Fault> {
    let head = &input["setlinfo"];
    let code = must(head, "fixmedins_code");
    if code != context.institution() {
        let message = format!("setlinfo.fixmedins_code {code} 不是本机构 {}", context.institution());
        return Err(Fault::new("other-institution", message, "只能上传本机构的结算清单"));
    }
    let asked = fields([
        ("provider", context.institution().into()),
        ("settlement", given(head, "setl_id")),
        ("text", input.to_string().into()),
    ]);
    let answer = context.submit("sheet upload", asked).await?;
    let unknown = answer.fields.get("unknown").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if !unknown.is_empty() {
        let codes = unknown.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("、");
        context.warn(format!("目录里没有这些编码，未作核对：{codes}"));
    }
    Ok(json!({ "result": { "setl_list_id": told(&answer, "sheet") } }))
}

/// States by the codes of the interface (background: no table of them was found).
async fn move_to(context: &Context, input: &Value) -> Result<Value, Fault> {
    let to = match must(&input["stastinfo"], "stas_type").as_str() {
        "1" => "submitted",
        "0" => "uploaded",
        other => {
            let message = format!("stas_type（状态分类）“{other}”不认识");
            return Err(Fault::new("bad-code", message, "填 1 提交，或 0 撤回提交"));
        }
    };
    let settlements: Vec<Value> = rows(input, "data").into_iter().map(|node| given(node, "setl_id")).collect();
    let asked =
        fields([("provider", context.institution().into()), ("settlements", settlements.into()), ("to", to.into())]);
    context.submit("sheet states", asked).await?;
    Ok(json!({}))
}

async fn read(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let (person, settlement) = (must(node, "psn_no"), must(node, "setl_id"));
    // A settlement's number begins with the person's.
    if settlement.split('-').next() != Some(&*person) {
        let message = format!("结算 {settlement} 不是 {person} 的");
        return Err(Fault::new("other-person", message, "核对 psn_no 和 setl_id"));
    }
    let asked = fields([
        ("provider", context.institution().into()),
        ("settlement", settlement.into()),
        ("reason", "机构查询结算清单".into()),
        ("through", context.through().into()),
    ]);
    let answer = context.record("sheet read", asked).await?;
    Ok(answer.shown.get("nodes").cloned().unwrap_or_default())
}
