//! Roles as data: read once, checked as a whole, asked through [`Roles::may`] alone.

use std::collections::BTreeMap;

use domain::Fen;
use serde::Deserialize;
use service::Trouble;

use super::may::Scope;

/// The roles that the program carries.
pub(super) const CARRIED: &str = include_str!("roles.toml");

/// Who may do what, and how often.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// Fields that bind a verb to a scope, by the word of the scope.
    pub(super) scope: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    elsewhere: Elsewhere,
    internal: Internal,
    record: Record,
    /// How long a session lives.
    pub session: Session,
    /// How often signing in may be tried.
    pub sign_in: SignIn,
    /// The roles, by their words.
    pub role: BTreeMap<String, Role>,
    #[serde(default)]
    second: Vec<Second>,
}

/// Fields named like those of a scope that mean something else: a verb and a field.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Elsewhere {
    fields: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Internal {
    verbs: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    lists: Vec<String>,
}

/// How long a session lives.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Hours from signing in.
    pub hours: u32,
    /// Minutes without a request.
    pub idle_minutes: u32,
}

/// How often signing in may be tried.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Of one address, and of one name.
    pub per_minute: u32,
}

/// A role.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its Chinese name.
    pub zh: String,
    /// Its English name.
    pub en: String,
    /// What its users are bound to: `person` or `provider`; everything, if left out.
    pub scope: Option<String>,
    /// Verbs about what the user is bound to.
    #[serde(default)]
    pub own: Vec<String>,
    /// Verbs about everybody.
    #[serde(default)]
    pub any: Vec<String>,
    /// Requests a second.
    pub per_second: u32,
}

impl Role {
    /// Whether a verb is his, of whomever it is.
    pub(super) fn any_of(&self, verb: &str) -> bool {
        self.any.iter().any(|pattern| matches(pattern, verb))
    }

    /// Whether a verb is his, of what he is bound to.
    pub(super) fn own_of(&self, verb: &str) -> bool {
        self.own.iter().any(|pattern| matches(pattern, verb))
    }
}

/// What needs a second person.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Second {
    /// The verb.
    pub verb: String,
    /// A flag that must be set.
    pub when: Option<String>,
    /// A field of the answer that tells the amount.
    pub amount: Option<String>,
    /// Yuan above which a second person is needed.
    pub above: Option<String>,
    /// What the amount rests on.
    pub basis: Option<String>,
}

impl Second {
    /// The amount above which a second person is needed; always, if none is named.
    pub fn above(&self) -> Option<Fen> {
        self.above.as_deref().and_then(|above| Fen::parse_yuan(above).ok())
    }
}

impl Roles {
    /// The roles that the program carries.
    ///
    /// # Errors
    /// Never, as a test holds.
    pub fn carried() -> Result<Roles, Trouble> {
        Roles::read(CARRIED)
    }

    /// Reads roles.
    ///
    /// # Errors
    /// When the text is not what it must be; the message names every fault.
    pub fn read(text: &str) -> Result<Roles, Trouble> {
        let cure = "按 crates/server/src/access/roles.toml 的样子改正";
        let bad = |what: String| Trouble::new("bad-roles", format!("角色文件不能用 (roles)：{what}"), cure);
        let roles: Roles = toml::from_str(text).map_err(|error| bad(error.to_string()))?;
        let faults = roles.faults();
        if faults.is_empty() { Ok(roles) } else { Err(bad(faults.join("；"))) }
    }

    /// What is wrong with them, all of it.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let verbs: Vec<&str> = super::verbs().map(|(verb, _)| verb).collect();
        let mut known = |place: &str, pattern: &str| {
            if !verbs.iter().any(|verb| matches(pattern, verb)) {
                faults.push(format!("{place}：没有命令“{pattern}”"));
            }
        };
        for (word, role) in &self.role {
            role.own.iter().chain(&role.any).for_each(|pattern| known(word, pattern));
        }
        self.second.iter().for_each(|second| known("second", &second.verb));
        self.internal.verbs.iter().for_each(|verb| known("internal", verb));
        self.record.lists.iter().for_each(|verb| known("record", verb));
        for field in &self.elsewhere.fields {
            known("elsewhere", field.rsplit_once(' ').map_or(field, |(verb, _)| verb));
        }
        for (word, role) in &self.role {
            if role.scope.as_ref().is_some_and(|scope| !self.scope.contains_key(scope)) {
                faults.push(format!("{word}：没有范围 {:?}", role.scope));
            }
            if role.scope.is_none() && !role.own.is_empty() {
                faults.push(format!("{word}：own 要有 scope"));
            }
            if role.per_second == 0 {
                faults.push(format!("{word}：per_second 为 0"));
            }
        }
        for second in &self.second {
            let sound = second.above.is_none() || (second.above().is_some() && second.amount.is_some());
            if !sound {
                faults.push(format!("second {}：above 写成 1000.00，并写 amount", second.verb));
            }
        }
        if self.sign_in.per_minute == 0 || self.session.hours == 0 || self.session.idle_minutes == 0 {
            faults.push("session、sign_in 的数要大于 0".to_owned());
        }
        faults
    }

    /// Whether a verb is only for the server itself.
    pub(super) fn is_internal(&self, verb: &str) -> bool {
        self.internal.verbs.iter().any(|internal| internal == verb)
    }

    /// Whether the list of a question shows persons.
    pub(crate) fn shows_persons(&self, verb: &str) -> bool {
        self.record.lists.iter().any(|list| list == verb)
    }

    /// The rule by which a verb needs a second person.
    pub(crate) fn second(&self, verb: &str) -> Option<&Second> {
        self.second.iter().find(|second| second.verb == verb)
    }

    /// Whether a field of a verb says where somebody goes, not where he belongs.
    pub(super) fn is_elsewhere(&self, verb: &str, field: &str) -> bool {
        self.elsewhere.fields.iter().any(|known| known.rsplit_once(' ') == Some((verb, field)))
    }

    /// The fields by which a verb is bound to a scope.
    pub(super) fn ties(&self, scope: &Scope) -> &[String] {
        scope.word().and_then(|word| self.scope.get(word)).map_or(&[], Vec::as_slice)
    }
}

/// Whether a pattern means a verb: the verb itself, or its first word and a star.
pub(super) fn matches(pattern: &str, verb: &str) -> bool {
    match pattern.strip_suffix(" *") {
        Some(first) => verb.split(' ').next() == Some(first),
        None => pattern == verb,
    }
}
