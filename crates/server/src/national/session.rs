//! Signing operators in and out (9001, 9002).

use serde_json::{Value, json};

use super::context::Context;
use super::fault::Fault;
use super::handlers::{Block, on};
use super::value::{fields, given, moment, must, told};

/// The transactions of this block.
pub(super) const ALL: Block = &[on!("9001", sign_in), on!("9002", sign_out)];

async fn sign_in(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["signIn"];
    let terminal = format!("{} {}", must(node, "ip"), must(node, "mac"));
    let answer = context.submit(
        "desk sign-in",
        fields([
            ("provider", context.institution().into()),
            ("operator", given(node, "opter_no")),
            ("terminal", terminal.into()),
        ]),
    );
    let answer = answer.await?;
    Ok(json!({ "signinoutb": { "sign_time": moment(told(&answer, "at")), "sign_no": told(&answer, "number") } }))
}

async fn sign_out(context: &Context, input: &Value) -> Result<Value, Fault> {
    let number = must(&input["signOut"], "sign_no");
    let provider = context.institution();
    let answer =
        context.submit("desk sign-out", fields([("provider", provider.into()), ("number", number.as_str().into())]));
    let answer = answer.await?;
    context.platform.desks.forget(provider, &number);
    Ok(json!({ "signoutoutb": { "sign_time": moment(told(&answer, "at")) } }))
}
