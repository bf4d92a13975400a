//! Outpatient care (2201–2208).

use serde_json::{Value, json};
use wire::dictionary::rows;

use super::context::Context;
use super::fault::Fault;
use super::handlers::{Block, on};
use super::lines;
use super::settlement::{estimated, settled};
use super::value::{fields, given, must, text, told};
use super::visit::{cancel, care, department, diagnoses, of_visit, reverse, settling};
use super::who::certificate;

/// The transactions of this block.
pub(super) const ALL: Block = &[
    on!("2201", register),
    on!("2202", cancel),
    on!("2203", describe),
    on!("2203A", describe),
    on!("2204", charge),
    on!("2205", strike),
    on!("2206", estimate),
    on!("2207", settle),
    on!("2208", reverse),
];

async fn register(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let number = must(node, "ipt_otp_no");
    let mut opening = fields([
        ("person", given(node, "psn_no")),
        ("provider", context.institution().into()),
        ("number", number.as_str().into()),
        ("care", "outpatient".into()),
        ("begin", given(node, "begntime")),
        ("department", department(node, "dept_name", "dept_code")),
        ("physician", given(node, "atddr_no")),
        ("physician_name", given(node, "dr_name")),
        ("insurance", given(node, "insutype")),
        ("through", context.through().into()),
    ]);
    opening.extend(fields(certificate(node)));
    let answer = context.submit("visit open", opening).await?;
    Ok(
        json!({ "data": { "mdtrt_id": told(&answer, "visit"), "psn_no": told(&answer, "person"), "ipt_otp_no": number } }),
    )
}

async fn describe(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["mdtrtinfo"];
    let kind = must(node, "med_type");
    let (care, _) = care(&kind)?;
    let mut describing = of_visit(context, node);
    describing.extend(fields([
        ("care", care.code().into()),
        ("kind", kind.into()),
        ("disease", given(node, "dise_codg")),
        ("condition", given(node, "main_cond_dscr")),
        ("diagnoses", diagnoses(input).into()),
    ]));
    context.submit("visit describe", describing).await?;
    Ok(Value::Null)
}

async fn charge(context: &Context, input: &Value) -> Result<Value, Fault> {
    Ok(json!({ "result": lines::charge(context, &rows(input, "feedetail")).await? }))
}

async fn strike(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let mut striking = of_visit(context, node);
    striking.extend(fields([("batch", json!(text(node, "chrg_bchno")))]));
    context.submit("visit strike", striking).await?;
    Ok(Value::Null)
}

async fn estimate(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let answer = context.estimate("visit settle", settling(context, node)?).await?;
    estimated(context, node, answer).await
}

async fn settle(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let answer = context.submit("visit settle", settling(context, node)?).await?;
    settled(context, node, answer).await
}
