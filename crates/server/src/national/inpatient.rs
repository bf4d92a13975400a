//! Inpatient care (2301–2405).

use serde_json::{Map, Value, json};
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
    on!("2301", charge),
    on!("2302", strike),
    on!("2303", estimate),
    on!("2304", settle),
    on!("2305", reverse),
    on!("2401", admit),
    on!("2402", discharge),
    on!("2403", amend),
    on!("2404", cancel),
    on!("2405", reopen),
];

async fn charge(context: &Context, input: &Value) -> Result<Value, Fault> {
    Ok(json!({ "result": lines::charge(context, &rows(input, "feedetail")).await? }))
}

async fn strike(context: &Context, input: &Value) -> Result<Value, Fault> {
    let rows = rows(input, "data");
    let visit = rows.first().map(|row| must(row, "mdtrt_id")).unwrap_or_default();
    let (here, elsewhere): (Vec<&Value>, Vec<&Value>) = rows.iter().partition(|row| must(row, "mdtrt_id") == visit);
    let also = elsewhere.iter().map(|row| json!({ "visit": must(row, "mdtrt_id"), "line": must(row, "feedetl_sn") }));
    let striking = fields([
        ("visit", visit.clone().into()),
        ("provider", context.institution().into()),
        ("person", json!(lines::person(&rows)?)),
        ("line", here.iter().map(|row| must(row, "feedetl_sn")).collect()),
        ("also", also.collect()),
    ]);
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

/// What admission and change tell alike of a stay.
fn stay(node: &Value, input: &Value, number: &str) -> Result<Map<String, Value>, Fault> {
    let kind = must(node, "med_type");
    let (care, _) = care(&kind)?;
    Ok(fields([
        ("care", care.code().into()),
        ("kind", kind.into()),
        ("number", given(node, number)),
        ("begin", given(node, "begntime")),
        ("department", department(node, "adm_dept_name", "adm_dept_codg")),
        ("physician", given(node, "atddr_no")),
        ("physician_name", given(node, "chfpdr_name")),
        ("disease", given(node, "dise_codg")),
        ("condition", json!(text(node, "main_cond_dscr").or_else(|| text(node, "adm_diag_dscr")))),
        ("diagnoses", diagnoses(input).into()),
    ]))
}

async fn admit(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["mdtrtinfo"];
    let mut opening = stay(node, input, "ipt_no")?;
    opening.extend(fields([
        ("person", given(node, "psn_no")),
        ("provider", context.institution().into()),
        ("insurance", given(node, "insutype")),
        ("through", context.through().into()),
    ]));
    opening.extend(fields(certificate(node)));
    let answer = context.submit("visit open", opening).await?;
    Ok(json!({ "result": { "mdtrt_id": told(&answer, "visit") } }))
}

async fn amend(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["adminfo"];
    let mut amending = stay(node, input, "ipt_otp_no")?;
    amending.extend(of_visit(context, node));
    context.submit("visit amend", amending).await?;
    Ok(Value::Null)
}

async fn discharge(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["dscginfo"];
    let mut discharging = of_visit(context, node);
    discharging.extend(fields([
        ("end", given(node, "endtime")),
        ("way", given(node, "dscg_way")),
        ("department", department(node, "dscg_dept_name", "dscg_dept_codg")),
        ("disease", given(node, "dise_codg")),
        ("diagnoses", diagnoses(input).into()),
    ]));
    context.submit("visit discharge", discharging).await?;
    Ok(Value::Null)
}

async fn reopen(context: &Context, input: &Value) -> Result<Value, Fault> {
    let mut reopening = of_visit(context, &input["data"]);
    reopening.extend(fields([("reason", "机构撤销出院".into())]));
    context.submit("visit reopen", reopening).await?;
    Ok(Value::Null)
}
