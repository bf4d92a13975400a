//! Taking back a message whose answer was lost (2601): what it did is undone, and if it has not come yet, it never takes effect.

use serde_json::Value;

use super::context::{Context, request_id};
use super::fault::Fault;
use super::handlers::{Block, on};
use super::value::{fields, given, must};

/// The transactions of this block.
pub(super) const ALL: Block = &[on!("2601", recall)];

/// The transactions that can be recalled: those that settle, take back or admit, as the interface has it, and beyond it those that
/// register and charge.
const RECALLABLE: &[&str] = &["2102", "2103", "2201", "2204", "2207", "2208", "2301", "2304", "2305", "2401"];

async fn recall(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let (message, infno) = (must(node, "omsgid"), must(node, "oinfno"));
    if !RECALLABLE.contains(&infno.as_str()) {
        let message = format!("交易 {infno} 不能冲正");
        let cure = format!("可冲正 {}；其他交易用同一报文ID重发，即可得知结果", RECALLABLE.join("、"));
        return Err(Fault::new("cannot-recall", message, cure));
    }
    let recalling = fields([
        ("person", given(node, "psn_no")),
        ("provider", context.institution().into()),
        ("request_key", request_id(context.institution(), &message).into()),
        ("reason", "机构冲正".into()),
    ]);
    let answer = context.submit("request recall", recalling).await?;
    if answer.fields.get("found") == Some(&Value::Bool(false)) {
        context.warn("原报文没有办理过；以后到达也不再办理");
    }
    Ok(Value::Null)
}
