//! Sales at a pharmacy, each in one go (2101–2103).

use serde_json::{Map, Value};
use wire::dictionary::rows;

use super::context::Context;
use super::fault::Fault;
use super::handlers::{Block, on};
use super::lines::{lines, matched, split};
use super::settlement::{estimated, settled};
use super::value::{fields, given, text};
use super::visit::reverse;
use super::who::certificate;

/// The transactions of this block.
pub(super) const ALL: Block = &[on!("2101", estimate), on!("2102", settle), on!("2103", reverse)];

/// Fields of a sale. It has no number of its own: that of its invoice, or else of its first line, stands in.
fn sale(context: &Context, input: &Value) -> Map<String, Value> {
    let node = &input["druginfo"];
    let rows = rows(input, "drugdetail");
    let first = || rows.first().and_then(|row| text(row, "feedetl_sn"));
    let number = text(node, "invono").or_else(first).unwrap_or_default();
    let mut sale = fields([
        ("person", given(node, "psn_no")),
        ("provider", context.institution().into()),
        ("number", number.into()),
        ("begin", given(node, "begntime")),
        ("kind", given(node, "med_type")),
        ("insurance", given(node, "insutype")),
        ("disease", given(node, "dise_codg")),
        ("lines", lines(&rows).into()),
        matched(context),
        ("total", given(node, "medfee_sumamt")),
        ("invoice", given(node, "invono")),
    ]);
    sale.extend(fields(certificate(node)));
    sale
}

async fn estimate(context: &Context, input: &Value) -> Result<Value, Fault> {
    let answer = context.estimate("visit sell", sale(context, input)).await?;
    let cut = split(context, &rows(input, "drugdetail"), &answer)?;
    let mut output = estimated(context, &input["druginfo"], answer).await?;
    output["detlcutinfo"] = cut.into();
    Ok(output)
}

async fn settle(context: &Context, input: &Value) -> Result<Value, Fault> {
    let mut sale = sale(context, input);
    sale.extend(fields([("through", context.through().into())]));
    let answer = context.submit("visit sell", sale).await?;
    let cut = split(context, &rows(input, "drugdetail"), &answer)?;
    let mut output = settled(context, &input["druginfo"], answer).await?;
    output["detlcutinfo"] = cut.into();
    Ok(output)
}
