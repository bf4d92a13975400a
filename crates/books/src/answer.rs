//! What a command gives: an answer with its reasons, or a refusal that says what to do.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The answer to a command.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// In one Chinese sentence.
    pub says: String,
    /// In one English sentence.
    pub english: String,
    /// For programs.
    pub fields: Map<String, Value>,
    /// The reasons, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// What is shown to who asked and kept nowhere: identity data in clear. A repeat of the request is answered without it.
    #[serde(skip)]
    pub shown: Map<String, Value>,
}

impl Answer {
    /// An answer in words.
    pub fn new(says: impl Into<String>, english: impl Into<String>) -> Answer {
        Answer { says: says.into(), english: english.into(), ..Answer::default() }
    }

    /// With one more field.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Answer {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// With its reasons.
    #[must_use]
    pub fn because(mut self, steps: impl IntoIterator<Item = Step>) -> Answer {
        self.steps.extend(steps);
        self
    }
}

/// A reason: what was done, by which clauses, on which basis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// In Chinese.
    pub text: String,
    /// In English, where there is a text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub english: String,
    /// Clauses, or lines that name the source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// The word of the basis.
    pub basis: String,
}

impl From<&enrolment::Step> for Step {
    fn from(step: &enrolment::Step) -> Step {
        Step {
            text: step.text.clone(),
            english: String::new(),
            sources: step.clauses.clone(),
            basis: step.basis.to_string(),
        }
    }
}

impl From<&settlement::Reason> for Step {
    fn from(reason: &settlement::Reason) -> Step {
        Step {
            text: reason.text.clone(),
            english: reason.english.clone(),
            sources: reason.sources.iter().map(|source| source.text.clone()).collect(),
            basis: reason.basis.to_string(),
        }
    }
}

/// Why a command has no effect: a value, never a guess.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// A stable word, as `wrong-check-digit`.
    pub code: String,
    /// What is wrong or missing.
    pub message: String,
    /// What to do.
    pub cure: String,
    /// Clauses behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<String>,
}

impl Refusal {
    /// A refusal.
    pub fn new(code: &str, message: impl Into<String>, cure: impl Into<String>) -> Refusal {
        Refusal { code: code.to_owned(), message: message.into(), cure: cure.into(), clauses: Vec::new() }
    }

    /// With the clauses behind it.
    #[must_use]
    pub fn by(mut self, clauses: impl IntoIterator<Item = String>) -> Refusal {
        self.clauses.extend(clauses);
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.clauses.is_empty() {
            write!(f, " [{}]", self.clauses.join("、"))?;
        }
        write!(f, " ({})", self.code)
    }
}

impl From<enrolment::Refusal> for Refusal {
    fn from(refusal: enrolment::Refusal) -> Refusal {
        Refusal { code: refusal.key, message: refusal.message, cure: refusal.cure, clauses: refusal.clauses }
    }
}

impl From<&settlement::Refusal> for Refusal {
    fn from(refusal: &settlement::Refusal) -> Refusal {
        Refusal::new(refusal.code(), refusal.to_string(), refusal.cure())
    }
}

/// Why a command stops.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// It is refused, and has no effect.
    Refused(Refusal),
    /// What the books are read from failed; nothing is known of the command's fate yet.
    Source(String),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Refused(refusal)
    }
}

impl From<enrolment::Refusal> for Stop {
    fn from(refusal: enrolment::Refusal) -> Stop {
        Stop::Refused(refusal.into())
    }
}
