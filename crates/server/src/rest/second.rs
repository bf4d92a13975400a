//! Maker and checker: what one person asks for and another must approve.

use std::sync::Arc;

use books::users::proposed;
use domain::Fen;
use serde_json::{Map, Value, json};

use crate::access::Caller;
use crate::app::App;
use crate::problem::Problem;

/// What is to be proposed instead of done, if the roles ask for a second person here. Whether it would be refused is told now.
pub(super) async fn proposal(
    app: &Arc<App>,
    caller: &Caller,
    verb: &'static str,
    fields: &Map<String, Value>,
) -> Result<Option<Map<String, Value>>, Problem> {
    let Some(rule) = app.access.roles.second(verb) else { return Ok(None) };
    let unset = |flag: &String| fields.get(flag) != Some(&Value::Bool(true));
    if rule.when.as_ref().is_some_and(unset) {
        return Ok(None);
    }
    let answer = app.bridge.estimate(verb, fields.clone(), &caller.actor).await?;
    let amount = rule.amount.as_ref().and_then(|name| answer.fields.get(name)).and_then(Value::as_str);
    let amount = amount.and_then(|text| Fen::parse_yuan(text).ok());
    if let (Some(above), Some(amount)) = (rule.above(), amount)
        && amount <= above
    {
        return Ok(None);
    }
    let made = json!({
        "verb": verb,
        "fields": Value::Object(fields.clone()).to_string(),
        "amount": amount.map(|amount| amount.to_string()),
    });
    Ok(made.as_object().cloned())
}

/// Whether somebody may approve: only what he may do himself.
pub(super) async fn may_decide(
    app: &Arc<App>,
    caller: &Caller,
    verb: &str,
    fields: &Map<String, Value>,
) -> Result<(), Problem> {
    if verb != "proposal approve" {
        return Ok(());
    }
    let Some(number) = fields.get("proposal").and_then(Value::as_str).map(str::to_owned) else { return Ok(()) };
    let (command, mut inner) = app.bridge.look(move |desk, books| proposed(desk, books, &number)).await?;
    app.access.allow(&app.bridge, caller, (command.verb, command.fields), &mut inner).await
}
