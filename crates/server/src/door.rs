//! What pages for people ask of the server: who somebody is, what he may do, and what the books answer him.
//!
//! A page goes through the same door as a program: the same roles decide, the same looks are put on record. The token of a
//! session is handed in as it came; that a browser sends it by itself is the pages' concern, and the routes of programs take none
//! of what a browser sends by itself.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::Extensions;
use books::{Answer, Command, Query, Refusal, Table};
use serde_json::{Map, Value};

use crate::access::{Caller, Scope, SignedIn};
use crate::app::App;
use crate::ops::{self, Name};
use crate::problem::Problem;
use crate::rest::{Pairs, Seen, answered, came_of, carry_out, estimated, form, record};

/// Bytes of a form at most.
const FORM: usize = 16 * 1024;
/// Bytes of a form that holds a whole file at most: a Chinese letter is nine bytes in a form.
const FILE: usize = 768 * 1024;

impl App {
    /// Signs a user in, from an address.
    ///
    /// # Errors
    /// When name and password are nobody's, it is tried too often, or the database cannot be used.
    pub async fn sign_in(&self, from: IpAddr, name: &str, password: String) -> Result<SignedIn, Problem> {
        self.access.sign_in(&self.bridge, from, name, password).await
    }

    /// Ends the session of a token.
    ///
    /// # Errors
    /// When the database cannot be written: the session then lives on.
    pub async fn sign_out(&self, token: &str) -> Result<(), Problem> {
        self.access.sign_out_of(&self.bridge, token).await
    }

    /// Who has the session of a token; his name is left for the log, where the request has a place for it.
    ///
    /// # Errors
    /// When nobody has, he asks too often, or the database cannot be read.
    pub async fn who(&self, token: &str, request: &Extensions) -> Result<Caller, Problem> {
        let caller = self.access.caller_of(&self.bridge, token).await?;
        Name::leave(request, &caller.actor);
        Ok(caller)
    }

    /// Whether somebody's role names a verb, whatever its fields: what to show him the way to.
    pub fn may(&self, caller: &Caller, verb: &str) -> bool {
        self.access.roles.role.get(&caller.role).is_some_and(|role| self.access.roles.names(role, verb))
    }

    /// Whether somebody's role names a verb, and he is bound to no part of the region.
    pub fn may_everywhere(&self, caller: &Caller, verb: &str) -> bool {
        caller.scope == Scope::Region && self.may(caller, verb)
    }

    /// Puts on record that somebody looks at many persons at once, and why.
    ///
    /// # Errors
    /// When the database cannot be written: then he may not look.
    pub async fn looks_at_many(self: &Arc<Self>, caller: &Caller, what: &str) -> Result<(), Problem> {
        record(self, caller, what, Seen::Many).await
    }

    /// The name of somebody's role, in Chinese and in English.
    pub fn role(&self, caller: &Caller) -> Option<(&str, &str)> {
        self.access.roles.role.get(&caller.role).map(|role| (role.zh.as_str(), role.en.as_str()))
    }

    /// Answers a question of the books, if he who asks may know it. What binds the verb to him is filled in where it is left
    /// out; the look is put on record.
    ///
    /// # Errors
    /// When there is no such question, he may not ask it, it is refused, or the database cannot be used.
    pub async fn ask(
        self: &Arc<Self>,
        caller: &Caller,
        verb: &str,
        fields: Map<String, Value>,
    ) -> Result<Table, Problem> {
        answered(self, caller, question(verb)?, fields).await
    }

    /// Carries a command out, if he who asks may: once, however often it is sent under the key of its form. Gives the answer, and
    /// whether it waits for a second person.
    ///
    /// # Errors
    /// When there is no such command, he may not, it is refused, or the database cannot be used.
    pub async fn act(
        self: &Arc<Self>,
        caller: &Caller,
        verb: &str,
        fields: Map<String, Value>,
        key: &str,
    ) -> Result<(Answer, bool), Problem> {
        let done = carry_out(self, caller, command(verb)?, fields, of_page(caller, key)).await?;
        Ok((done.answer, done.waits))
    }

    /// What a command would answer now.
    ///
    /// # Errors
    /// As [`App::act`].
    pub async fn estimate(
        self: &Arc<Self>,
        caller: &Caller,
        verb: &str,
        fields: Map<String, Value>,
    ) -> Result<Answer, Problem> {
        estimated(self, caller, command(verb)?, fields).await
    }

    /// What came of a form of somebody's by its key, if it was carried out or proposed; and whether it still waits.
    ///
    /// # Errors
    /// When what it proposed was refused, or the database cannot be read.
    pub async fn came_of(self: &Arc<Self>, caller: &Caller, key: &str) -> Result<Option<(Answer, bool)>, Problem> {
        came_of(self, &of_page(caller, key)).await
    }

    /// Whether the database answers and the region's books are there.
    ///
    /// # Errors
    /// When they do not.
    pub async fn ready(self: &Arc<Self>) -> Result<(), Problem> {
        ops::probe(self).await
    }

    /// What a form of a page says.
    ///
    /// # Errors
    /// When it is too long, too slow, or no form.
    pub async fn form(&self, request: Request) -> Result<Pairs, Problem> {
        form(request, FORM, self.settings.arrival).await
    }

    /// What a form of a page says that may hold a whole file.
    ///
    /// # Errors
    /// As [`App::form`].
    pub async fn form_with_file(&self, request: Request) -> Result<Pairs, Problem> {
        form(request, FILE, self.settings.arrival).await
    }
}

/// The id of a request that a page's form makes: keys of one user are no business of another's.
fn of_page(caller: &Caller, key: &str) -> String {
    format!("page/{}/{key}", caller.actor)
}

pub(crate) fn question(verb: &str) -> Result<&'static Query, Refusal> {
    let unknown = || Refusal::new("unknown-verb", format!("没有查询“{verb}”"), "/openapi.json 列出全部");
    Query::named(verb).ok_or_else(unknown)
}

fn command(verb: &str) -> Result<&'static Command, Refusal> {
    let unknown = || Refusal::new("unknown-verb", format!("没有命令“{verb}”"), "/openapi.json 列出全部");
    Command::named(verb).ok_or_else(unknown)
}
