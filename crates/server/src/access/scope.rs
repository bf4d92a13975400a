//! Whether what a request names is within somebody's bounds. What is outside and what does not exist are told alike.

use std::sync::Arc;

use books::{Books, Desk, Stop, care, filings, people, users};
use serde_json::Value;
use service::Failure;

use super::may::{Caller, HOME_AREA, Permit, Scope};
use crate::bridge::Bridge;

/// Whether all that a permit is bound to is within the caller's scope.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn holds(bridge: &Arc<Bridge>, caller: &Caller, permit: Permit) -> Result<bool, Failure> {
    let Permit::Within(ties) = permit else { return Ok(true) };
    let mut asked = Vec::new();
    for (name, value) in ties {
        let Value::String(text) = value else { return Ok(false) };
        match plainly(&caller.scope, &name, &text) {
            Some(true) => {}
            Some(false) => return Ok(false),
            None => asked.push((name, text)),
        }
    }
    if asked.is_empty() {
        return Ok(true);
    }
    let scope = caller.scope.clone();
    let look = bridge.look(move |desk, books| {
        for (name, text) in &asked {
            if !by_the_books(desk, books, &scope, name, text)? {
                return Ok(false);
            }
        }
        Ok(true)
    });
    match look.await {
        // What is not there is nobody's.
        Err(Failure::Refused(_)) => Ok(false),
        outcome => outcome,
    }
}

/// Whether somebody is shown that something was done or refused: what he asked for himself; what was about a person within his
/// bounds; and what was about nobody to who reads the log of looks in the whole region.
pub(crate) fn sees(caller: &Caller, reads_log: bool, by: &str, area: Option<&str>) -> bool {
    match (&caller.scope, area) {
        _ if caller.actor == by => true,
        (Scope::Region, Some(_)) => true,
        (Scope::Region, None) => reads_log,
        (Scope::Area(own), Some(area)) => area.starts_with(own.as_str()),
        _ => false,
    }
}

/// What the text itself tells.
fn plainly(scope: &Scope, name: &str, text: &str) -> Option<bool> {
    match (scope, name) {
        (Scope::Person(own), "person") if own == text => Some(true),
        (Scope::Person(own), "settlement") => Some(text.strip_prefix(own.as_str()).is_some_and(|r| r.starts_with('-'))),
        (Scope::Provider(own), "provider") => Some(own == text),
        (Scope::Area(own), "area" | HOME_AREA) => Some(text.starts_with(own.as_str())),
        (Scope::Person(_), "person") | (Scope::Provider(_), "settlement") => None,
        (Scope::Area(_), "person" | "settlement" | "filing" | "proposal") => None,
        _ => Some(false),
    }
}

fn by_the_books(desk: &Desk<'_>, books: &mut Books<'_>, scope: &Scope, name: &str, text: &str) -> Result<bool, Stop> {
    match (scope, name) {
        (Scope::Person(own), "person") => Ok(people::told(&people::find(desk, books, text)?) == own),
        (Scope::Provider(own), "settlement") => Ok(care::provider_of(books, text)?.as_ref() == Some(own)),
        (Scope::Area(own), "person") => {
            let key = people::find(desk, books, text)?;
            people::is_of(books, &key, own)
        }
        (Scope::Area(own), "settlement") => {
            let Some((person, _)) = text.split_once('-') else { return Ok(false) };
            people::is_of(books, &people::person_key(person), own)
        }
        (Scope::Area(own), "filing") => {
            let key = filings::whose(books, text)?;
            people::is_of(books, &key, own)
        }
        (Scope::Area(own), "proposal") => {
            let Some(key) = users::proposed_of(books, text)? else { return Ok(false) };
            people::is_of(books, &key, own)
        }
        _ => Ok(false),
    }
}
