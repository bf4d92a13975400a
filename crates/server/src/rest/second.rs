//! Maker and checker: what one person asks for and another must approve.

use std::sync::Arc;

use books::users::{made_by, proposed};
use books::{Answer, Refusal};
use domain::Fen;
use serde_json::{Map, Value, json};
use service::Failure;

use crate::access::Caller;
use crate::app::App;
use crate::bridge::person_of;
use crate::problem::Problem;

/// Whether a second person is needed.
pub(super) enum Second {
    /// No: it is to be done.
    No,
    /// Yes: this is to be proposed.
    Propose(Map<String, Value>),
    /// He has approved, or still must: what the request is answered.
    Asked {
        /// Whether he still must.
        waits: bool,
        /// What the request is answered.
        answer: Answer,
    },
}

/// Whether the roles ask for a second person here. Whether what is asked would be refused is told now. A request that was sent
/// before is answered by what has come of it since, not by what would come of it now.
pub(super) async fn second(
    app: &Arc<App>,
    caller: &Caller,
    verb: &'static str,
    fields: &Map<String, Value>,
    request: &str,
) -> Result<Second, Problem> {
    let Some(rule) = app.access.roles.second(verb) else { return Ok(Second::No) };
    let unset = |flag: &String| fields.get(flag) != Some(&Value::Bool(true));
    if rule.when.as_ref().is_some_and(unset) {
        return Ok(Second::No);
    }
    let asked = request.to_owned();
    let known = app.bridge.look(move |desk, books| made_by(desk, books, &asked)).await?;
    if let Some((known, came_of_it)) = known {
        // Under its key it must be the same request; this answers as it was answered then.
        let made = proposal(verb, fields, known.amount);
        let waits = app.bridge.submit("proposal make", made, request.to_owned(), &caller.actor).await?;
        return match (came_of_it, known.reason) {
            (Some(answer), _) => Ok(Second::Asked { waits: false, answer }),
            (None, Some(reason)) => Err(refused(&reason).into()),
            (None, None) => Ok(Second::Asked { waits: true, answer: waits }),
        };
    }
    if app.bridge.answered(request).await?.is_some() {
        return Ok(Second::No);
    }
    let estimate = app.bridge.estimate(verb, fields.clone(), &caller.actor).await;
    if let Err(Failure::Refused(refusal)) = &estimate {
        app.bridge.refused(verb, person_of(fields), &caller.actor, refusal);
    }
    let answer = estimate?;
    let amount = rule.amount.as_ref().and_then(|name| answer.fields.get(name)).and_then(Value::as_str);
    let amount = amount.and_then(|text| Fen::parse_yuan(text).ok());
    if let (Some(above), Some(amount)) = (rule.above(), amount)
        && amount <= above
    {
        return Ok(Second::No);
    }
    Ok(Second::Propose(proposal(verb, fields, amount.map(|amount| amount.to_string()))))
}

fn proposal(verb: &str, fields: &Map<String, Value>, amount: Option<String>) -> Map<String, Value> {
    let fields = Value::Object(fields.clone()).to_string();
    let named = [("verb", json!(verb)), ("fields", json!(fields)), ("amount", json!(amount))];
    named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn refused(reason: &str) -> Refusal {
    Refusal::new("already-refused", format!("复核未予通过：{reason}"), "改正后用新的请求号重新提出")
}

/// What a request came to, if it was answered: what it proposed, once that is decided, else what it was answered then.
///
/// # Errors
/// When what it proposed was refused, or the database cannot be read.
pub(crate) async fn came_of(app: &Arc<App>, request: &str) -> Result<Option<(Answer, bool)>, Problem> {
    let asked = request.to_owned();
    let known = app.bridge.look(move |desk, books| made_by(desk, books, &asked)).await?;
    let waits = match known {
        Some((_, Some(answer))) => return Ok(Some((answer, false))),
        Some((known, None)) => match known.reason {
            Some(reason) => return Err(refused(&reason).into()),
            None => true,
        },
        None => false,
    };
    Ok(app.bridge.answered(request).await?.map(|answer| (answer, waits)))
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
