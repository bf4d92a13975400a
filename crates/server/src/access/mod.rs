//! Who may do what: users with passwords, keys of institutions, roles as data, and the right of a second person.
//!
//! A request goes through here once: [`Access::caller`] finds out who asks, [`Access::allow`] whether he may ([`Roles::may`]
//! decides, and what the books must be asked for is asked). What is denied says nothing of what exists.
//!
//! Deliberately absent: passwords and tokens in the books; a password that is there from the start.

mod first;
mod may;
mod rate;
mod roles;
mod scope;
pub mod secret;
mod session;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use books::FieldForm;
use books::users::{ApiKey, UserBook, api_key, user};
use serde_json::{Map, Value};

pub use first::First;
pub use may::{Caller, Permit, Scope};
pub use roles::{Role, Roles, Second};

use crate::bridge::Bridge;
use crate::problem::Problem;
use rate::Rates;
use session::Sessions;

/// How an institution's key begins.
const KEY: &str = "tck_";

/// For how long what the books say of a user or key is taken as said: a change made elsewhere is seen after that.
const REMEMBERED: Duration = Duration::from_secs(2);

/// Every verb of the program with its fields.
pub(crate) fn verbs() -> impl Iterator<Item = (&'static str, &'static [FieldForm])> {
    let commands = books::COMMANDS.iter().copied().flatten().map(|form| (form.verb, form.fields));
    commands.chain(books::QUERIES.iter().copied().flatten().map(|form| (form.verb, form.fields)))
}

/// What the books say of who asks.
#[derive(Clone)]
enum Known {
    User(UserBook),
    Key(ApiKey),
    Nobody,
}

/// Who is let in, and what he may do.
pub struct Access {
    /// The roles.
    pub roles: Roles,
    /// The token of the first administrator.
    pub first: First,
    sessions: Sessions,
    rates: Rates,
    known: Mutex<BTreeMap<String, (Instant, Known)>>,
}

impl Access {
    /// By these roles.
    pub fn new(roles: Roles, first: First) -> Access {
        let sessions = Sessions::new(roles.session);
        Access { roles, first, sessions, rates: Rates::default(), known: Mutex::default() }
    }

    /// Who asks, by the token of a session or the key of an institution.
    ///
    /// # Errors
    /// When nobody is known by it, he asks too often, or the database cannot be read.
    pub(crate) async fn caller(&self, bridge: &Arc<Bridge>, headers: &HeaderMap) -> Result<Caller, Problem> {
        let token = token(headers).ok_or_else(not_signed_in)?;
        let caller = match token.strip_prefix(KEY) {
            Some(rest) => self.by_key(bridge, rest).await?,
            None => self.by_session(bridge, token).await?,
        };
        let Some(role) = self.roles.role.get(&caller.role) else { return Err(denied()) };
        self.rate(&caller.actor, role.per_second, Duration::from_secs(1))?;
        Ok(caller)
    }

    async fn by_session(&self, bridge: &Arc<Bridge>, token: &str) -> Result<Caller, Problem> {
        let (name, changes) = self.sessions.of(token, Instant::now()).ok_or_else(not_signed_in)?;
        match self.known(bridge, &format!("user/{name}")).await? {
            Known::User(user) if !user.disabled && user.changes == changes => {
                let scope = self.scope(&user);
                Ok(Caller { actor: name, role: user.role, scope })
            }
            _ => {
                self.sessions.end(token);
                Err(not_signed_in())
            }
        }
    }

    async fn by_key(&self, bridge: &Arc<Bridge>, rest: &str) -> Result<Caller, Problem> {
        let (id, _) = rest.split_once('_').ok_or_else(not_signed_in)?;
        match self.known(bridge, &format!("key/{id}")).await? {
            // Hashes of secrets are compared: what time tells of them tells nothing of the secret.
            Known::Key(key) if key.hash == secret::hash(&format!("{KEY}{rest}")) => {
                Ok(Caller { actor: format!("key/{id}"), role: key.role, scope: Scope::Provider(key.provider) })
            }
            _ => Err(not_signed_in()),
        }
    }

    /// What a user is bound to: what his role asks for, and an area if he has one.
    fn scope(&self, user: &UserBook) -> Scope {
        let bounds = user.bounds.clone();
        let bound = |to: Option<String>, scope: fn(String) -> Scope| to.map_or(Scope::Nothing, scope);
        match self.roles.role.get(&user.role).and_then(|role| role.scope.as_deref()) {
            Some("person") => bound(bounds.person, Scope::Person),
            Some("provider") => bound(bounds.provider, Scope::Provider),
            Some(_) => bound(bounds.area, Scope::Area),
            None => bounds.area.map_or(Scope::Region, Scope::Area),
        }
    }

    async fn known(&self, bridge: &Arc<Bridge>, who: &str) -> Result<Known, Problem> {
        let now = Instant::now();
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let remembered = lock().get(who).filter(|(since, _)| *since + REMEMBERED > now).map(|(_, known)| known.clone());
        if let Some(known) = remembered {
            return Ok(known);
        }
        let asked = who.to_owned();
        let known = bridge.look(move |desk, books| {
            Ok(match asked.split_once('/') {
                Some(("user", name)) => user(books, name)?.map_or(Known::Nobody, Known::User),
                Some(("key", id)) => api_key(desk, books, id)?.map_or(Known::Nobody, Known::Key),
                _ => Known::Nobody,
            })
        });
        let known = known.await?;
        let mut remembered = lock();
        remembered.retain(|_, (since, _)| *since + REMEMBERED > now);
        remembered.insert(who.to_owned(), (now, known.clone()));
        Ok(known)
    }

    /// Forgets what the books said of users and keys: something was changed.
    pub(crate) fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Whether somebody may use a verb with these fields; fills in what binds the verb to him.
    ///
    /// # Errors
    /// When he may not, or the database cannot be read.
    pub(crate) async fn allow(
        &self,
        bridge: &Arc<Bridge>,
        caller: &Caller,
        (verb, forms): (&str, &[FieldForm]),
        fields: &mut Map<String, Value>,
    ) -> Result<(), Problem> {
        let permit = self.roles.may(caller, verb, forms, fields).ok_or_else(denied)?;
        if scope::holds(bridge, caller, permit).await? { Ok(()) } else { Err(denied()) }
    }

    /// Counts a request of somebody.
    pub(crate) fn rate(&self, name: &str, count: u32, per: Duration) -> Result<(), Problem> {
        self.rates.take(name, count, per, Instant::now()).map_err(|wait| {
            let message = "请求太频繁 (too many requests)";
            let seconds = wait.as_secs() + 1;
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many", message, format!("{seconds} 秒后再试"))
                .after(seconds)
        })
    }

    /// Signs a user in: gives the token, its seconds and the role.
    ///
    /// # Errors
    /// When name and password are nobody's, it is tried too often, or the database cannot be read. Whether the name exists is
    /// not told, neither in words nor by the time it takes.
    pub(crate) async fn sign_in(
        &self,
        bridge: &Arc<Bridge>,
        from: IpAddr,
        name: &str,
        password: String,
    ) -> Result<(String, u64, String), Problem> {
        let minute = Duration::from_secs(60);
        self.rate(&format!("sign-in from {from}"), self.roles.sign_in.per_minute, minute)?;
        self.rate(&format!("sign-in as {name}"), self.roles.sign_in.per_minute, minute)?;
        let asked = name.to_owned();
        let user = bridge.look(move |_, books| user(books, &asked)).await?;
        let hash = user.as_ref().map(|user| user.hash.clone());
        let check = tokio::task::spawn_blocking(move || secret::is_password(&password, hash.as_deref()));
        let right = check.await.unwrap_or(false);
        let Some(user) = user.filter(|user| right && !user.disabled) else {
            let message = "登录名或密码不对，或已停用";
            return Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "wrong-password",
                message,
                "核对后再试，或找管理员重设",
            ));
        };
        let (token, life) = self.sessions.begin(name, user.changes, Instant::now())?;
        Ok((token, life.as_secs(), user.role))
    }

    /// Counts a try to become the first administrator.
    pub(crate) fn rate_first(&self, from: IpAddr) -> Result<(), Problem> {
        self.rate(&format!("sign-in from {from}"), self.roles.sign_in.per_minute, Duration::from_secs(60))
    }

    /// Ends the session of a request.
    pub(crate) fn sign_out(&self, headers: &HeaderMap) {
        if let Some(token) = token(headers) {
            self.sessions.end(token);
        }
    }
}

/// A new key of an institution under an id: its secret, and the hash that the books keep.
///
/// # Errors
/// When the system gives no random bytes.
pub fn new_key(id: &str) -> Result<(String, String), service::Trouble> {
    let secret = format!("{KEY}{id}_{}", secret::secret()?);
    let hash = secret::hash(&secret);
    Ok((secret, hash))
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (kind, token) = text.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn not_signed_in() -> Problem {
    let message = "没有登录，或登录已失效 (not signed in)";
    let cure = "POST /v1/sign-in 登录，把所得的 token 写入 Authorization: Bearer";
    Problem::new(StatusCode::UNAUTHORIZED, "not-signed-in", message, cure)
}

pub(crate) fn denied() -> Problem {
    let message = "没有权限，或没有这样的内容 (not allowed)";
    Problem::new(StatusCode::FORBIDDEN, "not-allowed", message, "核对所写的编号；需要权限的，找管理员")
}

#[cfg(test)]
mod tests;
