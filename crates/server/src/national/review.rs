//! Review before and during care, and what the physician then did (3101–3103).
//!
//! No rules of review are carried out yet: a case is read and answered without findings, and the answer says that nothing was
//! reviewed, so that nobody takes silence for approval.

use serde_json::{Value, json};
use wire::dictionary::rows;

use super::context::Context;
use super::fault::Fault;
use super::handlers::{Block, on};
use super::value::{fields, given, must};

/// The transactions of this block.
pub(super) const ALL: Block = &[on!("3101", review), on!("3102", review), on!("3103", handled)];

async fn review(context: &Context, _input: &Value) -> Result<Value, Fault> {
    context.warn("本平台尚未启用审核规则：本次没有审核，无提示不等于合规");
    Ok(json!({ "result": [] }))
}

async fn handled(context: &Context, input: &Value) -> Result<Value, Fault> {
    let mut hints = Vec::new();
    for node in rows(input, "data") {
        let act = match must(node, "dspo_way").as_str() {
            "1" => "continued",
            "2" => "changed",
            other => {
                let message = format!("dspo_way（处理方式）“{other}”不认识");
                return Err(Fault::new("bad-code", message, "填 1 继续执行医嘱，或 2 返回修改医嘱"));
            }
        };
        let reason = given(node, "dspo_way_rea");
        hints.push(fields([("hint", given(node, "warn_rslt_id")), ("act", act.into()), ("reason", reason)]));
    }
    let asked = fields([("provider", context.institution().into()), ("hints", json!(hints))]);
    context.submit("feedback record", asked).await?;
    Ok(json!({}))
}
