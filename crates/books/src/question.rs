//! Questions: what can be read from the books as a list. Declared like commands; they post nothing.

use serde_json::{Map, Value};

use crate::answer::{Refusal, Stop};
use crate::command::{FieldForm, Form, Shape};
use crate::desk::Desk;
use crate::sheets::Books;

/// A column of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name for programs.
    pub name: &'static str,
    /// Its Chinese heading.
    pub zh: &'static str,
    /// Its English heading.
    pub en: &'static str,
}

/// A column: its name, its Chinese and its English heading.
pub const fn col(name: &'static str, zh: &'static str, en: &'static str) -> Column {
    Column { name, zh, en }
}

/// A list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// A line above it.
    pub title: String,
    /// Its columns.
    pub columns: &'static [Column],
    /// Its rows, each as long as the columns.
    pub rows: Vec<Vec<Value>>,
    /// A line below it: totals, what to do next.
    pub foot: String,
}

/// A question that can be answered. Identity data is masked in what it gives.
pub trait Question {
    /// Answers from the books, which it leaves as they are.
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop>;
}

/// A question in the list of all.
pub struct Query {
    /// Its words on the command line.
    pub verb: &'static str,
    /// What it lists, in Chinese.
    pub zh: &'static str,
    /// What it lists, in English.
    pub en: &'static str,
    /// Its fields.
    pub fields: &'static [FieldForm],
    read: fn(Value) -> Result<Box<dyn Question + Send>, String>,
}

impl Query {
    /// The entry of a question.
    pub const fn of<Q>() -> Query
    where
        Q: Form + Question + serde::de::DeserializeOwned + Send + 'static,
    {
        Query {
            verb: Q::VERB,
            zh: Q::ZH,
            en: Q::EN,
            fields: Q::FIELDS,
            read: |value| match serde_json::from_value::<Q>(value) {
                Ok(question) => Ok(Box::new(question)),
                Err(error) => Err(error.to_string()),
            },
        }
    }

    /// The question of a verb.
    pub fn named(verb: &str) -> Option<&'static Query> {
        QUERIES.iter().copied().flatten().find(|query| query.verb == verb)
    }

    /// Reads a question from its fields.
    ///
    /// # Errors
    /// When a field is missing, unknown or not what it must be.
    pub fn read(&'static self, fields: Map<String, Value>) -> Result<Box<dyn Question + Send>, Refusal> {
        let shape = Shape { verb: self.verb, fields: self.fields };
        let (whole, _) = shape.complete(fields)?;
        (self.read)(whole).map_err(|what| shape.bad(&what))
    }
}

/// Every question, by the part of the books it belongs to.
pub const QUERIES: &[&[Query]] = &[
    crate::account::QUERIES,
    crate::care::QUERIES,
    crate::catalogue::QUERIES,
    crate::clearing::QUERIES,
    crate::desks::QUERIES,
    crate::dues::QUERIES,
    crate::filings::QUERIES,
    crate::lists::QUERIES,
    crate::matching::QUERIES,
    crate::matters::QUERIES,
    crate::members::QUERIES,
    crate::people::QUERIES,
    crate::providers::QUERIES,
    crate::public::QUERIES,
    crate::turnover::QUERIES,
    crate::visits::QUERIES,
    crate::users::QUERIES,
];
