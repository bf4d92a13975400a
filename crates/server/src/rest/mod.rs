//! The books as REST, made from the registry: a command is `POST /v1/care/settle`, a question `GET /v1/care/statement`.

mod command;
mod input;
mod page;
mod question;
mod second;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

pub(crate) use command::{carry_out, estimated};
pub use input::Pairs;
pub(crate) use input::{form, object, pairs};
pub(crate) use page::{DEFAULT as PAGE, MOST as LONGEST_PAGE};
pub(crate) use question::{Seen, Who, answered, record, told_of};
pub(crate) use second::came_of;

/// The path of a verb: its words.
pub fn path(verb: &str) -> String {
    format!("/v1/{}", verb.replace(' ', "/"))
}

/// A route for every command and question.
pub(crate) fn routes() -> Router<Arc<App>> {
    let commands = books::COMMANDS.iter().copied().flatten();
    let queries = books::QUERIES.iter().copied().flatten();
    let router = commands.fold(Router::new(), |router, form| {
        router.route(&path(form.verb), post(move |at, who, request| command::run(form, at, who, request)))
    });
    queries.fold(router, |router, form| {
        router.route(&path(form.verb), get(move |at, who, request| question::ask(form, at, who, request)))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// What a question's address may say beside the question's fields.
    const OURS: [&str; 2] = ["limit", "cursor"];

    #[test]
    fn no_verb_hides_another_and_no_field_is_hidden() {
        let commands = books::COMMANDS.iter().copied().flatten().map(|form| form.verb);
        let queries = books::QUERIES.iter().copied().flatten();
        let verbs: Vec<&str> = commands.chain(queries.clone().map(|form| form.verb)).collect();
        assert_eq!(verbs.iter().collect::<BTreeSet<_>>().len(), verbs.len());
        for form in queries {
            assert!(form.fields.iter().all(|field| !OURS.contains(&field.name)), "{}", form.verb);
        }
    }
}
