//! In which words a failed case is told: the books and the engines refuse in Chinese, and whoever runs the deck has the words
//! of another language by their codes.

use domain::Lang;

use crate::compare::Met;

/// How what did not come out as expected is told.
#[derive(Clone, Copy)]
pub struct Telling<'t> {
    /// The language of the steps of a settlement.
    pub lang: Lang,
    /// What is wrong and what to do, by the code of a refusal and as they were written.
    pub refusal: &'t dyn Fn(&str, &str, &str) -> (String, String),
}

/// As it was written.
pub(crate) const CHINESE: Telling<'static> = Telling { lang: Lang::Zh, refusal: &as_written };

fn as_written(_code: &str, message: &str, cure: &str) -> (String, String) {
    (message.to_owned(), cure.to_owned())
}

impl Telling<'_> {
    /// A refusal of the books, and its cure.
    pub(crate) fn of_books(&self, refusal: &books::Refusal) -> (String, String) {
        let (message, cure) = (self.refusal)(&refusal.code, &refusal.message, &refusal.cure);
        (books::Refusal { message, ..refusal.clone() }.to_string(), cure)
    }

    /// A refusal about a person, with its cure.
    pub(crate) fn met(&self, refusal: &enrolment::Refusal) -> Met {
        let (message, cure) = (self.refusal)(&refusal.key, &refusal.message, &refusal.cure);
        let told = enrolment::Refusal { message, cure, ..refusal.clone() };
        Met { written: refusal.to_string(), told: told.to_string() }
    }
}
