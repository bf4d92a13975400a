//! `story`: commands and questions in order against the books of one region, each with what it must answer, give or refuse.
//!
//! After the story it is always checked, whatever it expects, that every stream folds to its sheet again, that the postings of
//! every entry balance, and that no number of an identity document stands in clear in what is kept.

mod json;
mod play;
mod step;
#[cfg(test)]
mod tests;

use policy::registry::{Field, Kind};

use super::CaseKind;
use crate::case::may;

pub(crate) use step::Step;

pub(crate) const KIND: CaseKind = CaseKind {
    name: "story",
    fields: &[
        may("strict", Kind::Bool, "books that refuse figures below derived"),
        may("actor", Kind::Text, "who asks, where a step does not say"),
    ],
    expect: &[],
    run: play::run,
};

/// Fields of a step, beside `with` and `expect`.
pub(crate) const STEP: &[Field] = &[
    may("on", Kind::Date, "the day; that of the step before, if left out"),
    may(
        "at",
        Kind::Text,
        "time of day in China, as 09:30; if left out, that of the step before on the same day, or noon",
    ),
    may("run", Kind::Text, "the command"),
    may("ask", Kind::Text, "the question, instead of a command"),
    may("actor", Kind::Text, "who asks"),
    may("key", Kind::Text, "idempotency key: the same key with the same input is the same request"),
    may("as", Kind::Text, "name of the answer: \"$name.field\" stands for a field of it in later steps"),
    may("refused", Kind::Text, "code of the refusal that must come"),
    may("clauses", Kind::Texts, "clauses that must stand behind the answer's reasons or the refusal"),
    may("expect_rows", Kind::Integer, "how many rows the question must give"),
    may("absent", Kind::Texts, "fields that the answer must not have"),
    may("hides", Kind::Texts, "texts that must stand nowhere in the answer"),
];
