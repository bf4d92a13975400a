//! Who may do what: users with passwords, keys of institutions, roles as data, and the right of a second person.
//!
//! A request goes through here once: [`Access::caller`] finds out who asks, [`Access::allow`] whether he may ([`Roles::may`]
//! decides, and what the books must be asked for is asked). What is denied says nothing of what exists.
//!
//! Who signs in does so by a password or at an identity provider ([`Oidc`]); either way he gets a session.
//!
//! Deliberately absent: passwords and tokens in the books; a password that is there from the start.

mod first;
mod may;
mod oidc;
mod oidc_http;
mod oidc_settings;
mod page;
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
use books::users::{ApiKey, UserBook, api_key, bound, user};
use serde_json::{Map, Value};

pub use first::First;
pub use may::{Caller, Permit, Scope};
pub use oidc::Oidc;
pub(crate) use oidc::{AWAY, BACK, Back, Departure};
pub use oidc_settings::Settings as OidcSettings;
pub use page::page;
pub use roles::{Role, Roles, Second};
pub(crate) use scope::sees;

use crate::bridge::Bridge;
use crate::problem::Problem;
use rate::Rates;
use session::{Sessions, now};

/// How an institution's key begins.
const KEY: &str = "tck_";

/// For how long what the books say of a user or key is taken as said: a change made elsewhere is seen after that.
const REMEMBERED: Duration = Duration::from_secs(2);

/// What pages offer that is no matter of the books, with its Chinese name: roles name it as they name a verb.
const BESIDE: &[(&str, &str)] = &[("simulate run", "用合成人口测算方案，看、比较和删去测算")];

/// Every verb of the program with its fields.
pub(crate) fn verbs() -> impl Iterator<Item = (&'static str, &'static [FieldForm])> {
    let commands = books::COMMANDS.iter().copied().flatten().map(|form| (form.verb, form.fields));
    let queries = books::QUERIES.iter().copied().flatten().map(|form| (form.verb, form.fields));
    commands.chain(queries).chain(BESIDE.iter().map(|(verb, _)| (*verb, &[][..])))
}

/// What the books say of who asks.
#[derive(Clone)]
enum Known {
    User(UserBook),
    Key(ApiKey),
    Nobody,
}

/// Somebody who has signed in.
pub struct SignedIn {
    /// Of his session.
    pub token: String,
    /// For how long it is good at most.
    pub seconds: u64,
    /// The name he signed in by.
    pub name: String,
    /// Word of his role.
    pub role: String,
}

/// Who is let in, and what he may do.
pub struct Access {
    /// The roles.
    pub roles: Roles,
    /// The token of the first administrator.
    pub first: First,
    /// Where users sign in by single sign-on, if anywhere.
    pub(crate) oidc: Option<Oidc>,
    sessions: Sessions,
    rates: Rates,
    known: Mutex<BTreeMap<String, (Instant, Known)>>,
}

impl Access {
    /// By these roles.
    pub fn new(roles: Roles, first: First) -> Access {
        let sessions = Sessions::new(roles.session);
        Access { roles, first, oidc: None, sessions, rates: Rates::default(), known: Mutex::default() }
    }

    /// With an identity provider.
    #[must_use]
    pub fn with_oidc(self, oidc: Option<Oidc>) -> Access {
        Access { oidc, ..self }
    }

    /// Who asks, by the token of a session or the key of an institution.
    ///
    /// # Errors
    /// When nobody is known by it, he asks too often, or the database cannot be read.
    pub(crate) async fn caller(&self, bridge: &Arc<Bridge>, headers: &HeaderMap) -> Result<Caller, Problem> {
        self.caller_of(bridge, token(headers).ok_or_else(not_signed_in)?).await
    }

    /// As [`Access::caller`], by a token that came otherwise than in a header.
    pub(crate) async fn caller_of(&self, bridge: &Arc<Bridge>, token: &str) -> Result<Caller, Problem> {
        let caller = match token.strip_prefix(KEY) {
            Some(rest) => self.by_key(bridge, rest).await?,
            None => self.by_session(bridge, token).await?,
        };
        let Some(role) = self.roles.role.get(&caller.role) else { return Err(denied()) };
        self.rate(&caller.actor, role.per_second, Duration::from_secs(1))?;
        Ok(caller)
    }

    async fn by_session(&self, bridge: &Arc<Bridge>, token: &str) -> Result<Caller, Problem> {
        let (name, changes) = self.sessions.of(bridge, token, now()).await?.ok_or_else(not_signed_in)?;
        match self.known(bridge, &format!("user/{name}")).await? {
            Known::User(user) if !user.disabled && user.changes == changes => {
                let scope = self.scope(&user);
                Ok(Caller { actor: name, role: user.role, scope })
            }
            _ => {
                self.sessions.end(bridge, token).await?;
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

    /// Signs a user in.
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
    ) -> Result<SignedIn, Problem> {
        let minute = Duration::from_secs(60);
        self.rate_try(from)?;
        self.rate(&format!("sign-in as {name}"), self.roles.sign_in.per_minute, minute)?;
        let asked = name.to_owned();
        let user = bridge.look(move |_, books| user(books, &asked)).await?;
        let hash = user.as_ref().and_then(|user| user.hash.clone());
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
        self.begin(bridge, name, user).await
    }

    /// Signs in whom the identity provider has named, as [`Access::sign_in`].
    ///
    /// # Errors
    /// When the books know nobody by that, or have shut him out, or the database cannot be used.
    pub(crate) async fn sign_in_by(
        &self,
        bridge: &Arc<Bridge>,
        oidc: &Oidc,
        subject: String,
    ) -> Result<SignedIn, Problem> {
        let (issuer, asked) = (oidc.issuer().to_owned(), subject.clone());
        let found = bridge.look(move |desk, books| bound(desk, books, &issuer, &asked)).await?;
        let Some((name, user)) = found.filter(|(_, user)| !user.disabled) else {
            // He may know who he is; the log need not.
            let message = format!("{} 为 {subject} 的没有绑定用户，或已停用 (not a user here)", oidc.claim());
            let cure = "请管理员用 user bind 绑定";
            return Err(Problem::new(StatusCode::FORBIDDEN, "unknown-subject", message, cure));
        };
        self.begin(bridge, &name, user).await
    }

    async fn begin(&self, bridge: &Arc<Bridge>, name: &str, user: UserBook) -> Result<SignedIn, Problem> {
        let (token, life) = self.sessions.begin(bridge, name, user.changes, now()).await?;
        Ok(SignedIn { token, seconds: life.as_secs(), name: name.to_owned(), role: user.role })
    }

    /// Counts a try to come in by another way than a name and a password.
    pub(crate) fn rate_try(&self, from: IpAddr) -> Result<(), Problem> {
        self.rate(&format!("sign-in from {from}"), self.roles.sign_in.per_minute, Duration::from_secs(60))
    }

    /// Ends the session of a request.
    ///
    /// # Errors
    /// When the database cannot be written: the session then lives on.
    pub(crate) async fn sign_out(&self, bridge: &Arc<Bridge>, headers: &HeaderMap) -> Result<(), Problem> {
        match token(headers) {
            Some(token) => self.sign_out_of(bridge, token).await,
            None => Ok(()),
        }
    }

    /// As [`Access::sign_out`], by a token that came otherwise than in a header.
    pub(crate) async fn sign_out_of(&self, bridge: &Arc<Bridge>, token: &str) -> Result<(), Problem> {
        Ok(self.sessions.end(bridge, token).await?)
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
