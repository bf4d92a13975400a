//! The one place where it is decided who may do what. Denied, unless a role says otherwise.

use books::FieldForm;
use serde_json::{Map, Value};

use super::roles::{Role, Roles};

/// The field that says in which area persons are registered, where `area` says where they go.
pub(super) const HOME_AREA: &str = "home_area";

/// What somebody is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nothing: the whole region.
    Region,
    /// A person, by number.
    Person(String),
    /// An institution, by code.
    Provider(String),
    /// Areas whose codes begin with these digits.
    Area(String),
    /// Bound, but to nothing that is known: sees nothing.
    Nothing,
}

impl Scope {
    /// Its word in the roles.
    pub(super) fn word(&self) -> Option<&'static str> {
        match self {
            Scope::Region | Scope::Nothing => None,
            Scope::Person(_) => Some("person"),
            Scope::Provider(_) => Some("provider"),
            Scope::Area(_) => Some("area"),
        }
    }

    /// Whether a field of this name holds what he is bound to, and not something that leads to it.
    fn is_held_by(&self, field: &str) -> bool {
        self.word() == Some(field) || matches!(self, Scope::Area(_)) && field == HOME_AREA
    }

    /// What stands in a field that is left out.
    fn own(&self) -> Option<&str> {
        match self {
            Scope::Person(own) | Scope::Provider(own) | Scope::Area(own) => Some(own),
            Scope::Region | Scope::Nothing => None,
        }
    }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// As the journal has it: the name of a user, or `key/` and the id of a key.
    pub actor: String,
    /// Word of the role.
    pub role: String,
    /// Bounds of the role.
    pub scope: Scope,
}

/// What may be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permit {
    /// As asked.
    Freely,
    /// Only where each of these fields, as far as it is given, is within the scope.
    Within(Vec<(String, Value)>),
}

impl Roles {
    /// Whether somebody may use a verb with these fields. A field that binds the verb to its scope is filled in where it is left
    /// out. Nothing says no by itself: what no role names is denied.
    pub fn may(
        &self,
        caller: &Caller,
        verb: &str,
        forms: &[FieldForm],
        fields: &mut Map<String, Value>,
    ) -> Option<Permit> {
        let role = self.role.get(&caller.role).filter(|_| !self.is_internal(verb))?;
        let confined = matches!(caller.scope, Scope::Area(_));
        if role.any_of(verb) && caller.scope != Scope::Nothing && !confined {
            return Some(Permit::Freely);
        }
        let bound = role.own_of(verb) || confined && role.any_of(verb);
        if bound { self.within(&caller.scope, (verb, forms), fields) } else { None }
    }

    fn within(
        &self,
        scope: &Scope,
        (verb, forms): (&str, &[FieldForm]),
        fields: &mut Map<String, Value>,
    ) -> Option<Permit> {
        let form = |tie: &str| forms.iter().find(|form| form.name == tie && !self.is_elsewhere(verb, tie));
        let ties: Vec<&FieldForm> = self.ties(scope).iter().filter_map(|tie| form(tie)).collect();
        let first = *ties.first()?;
        let given = |form: &FieldForm| fields.get(form.name).filter(|value| !value.is_null());
        // A settlement tells whose it is; where it is given, nothing else need be.
        if ties.iter().all(|tie| given(tie).is_none()) && scope.is_held_by(first.name) {
            let own = Value::from(scope.own()?);
            fields.insert(first.name.to_owned(), if first.many { Value::Array(vec![own]) } else { own });
        }
        let mut held = Vec::new();
        for (name, value) in ties.iter().filter_map(|tie| Some((tie.name, fields.get(tie.name)?))) {
            match value {
                Value::Null => {}
                // Each of several must be within.
                Value::Array(several) => held.extend(several.iter().map(|one| (name.to_owned(), one.clone()))),
                one => held.push((name.to_owned(), one.clone())),
            }
        }
        if held.is_empty() { None } else { Some(Permit::Within(held)) }
    }

    /// Whether a role may use a verb at all, whatever the fields.
    pub fn names(&self, role: &Role, verb: &str) -> bool {
        !self.is_internal(verb) && (role.own_of(verb) || role.any_of(verb))
    }
}
