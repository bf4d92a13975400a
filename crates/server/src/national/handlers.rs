//! Which transaction is carried out by what.

use std::future::Future;
use std::pin::Pin;

use serde_json::Value;

use super::context::Context;
use super::fault::Fault;
use super::{
    accounts, catalogue, files, filings, inpatient, lists, matching, outpatient, person, pharmacy, questions, recall,
    review, session, sheets,
};

/// An answer on its way.
pub(crate) type Answering<'a> = Pin<Box<dyn Future<Output = Result<Value, Fault>> + Send + 'a>>;

/// Carries out a transaction: gives its `output`.
pub(crate) type Handler = for<'a> fn(&'a Context, &'a Value) -> Answering<'a>;

/// Transactions of a block: number, and what carries it out.
pub(crate) type Block = &'static [(&'static str, Handler)];

/// A line of a block: `on!("2201", register)` for `async fn register(&Context, &Value) -> Result<Value, Fault>`.
macro_rules! on {
    ($infno:literal, $handler:path) => {
        ($infno, |context, input| Box::pin($handler(context, input)))
    };
}
pub(crate) use on;

const BLOCKS: [Block; 15] = [
    session::ALL,
    person::ALL,
    outpatient::ALL,
    inpatient::ALL,
    pharmacy::ALL,
    recall::ALL,
    files::ALL,
    catalogue::ALL,
    lists::ALL,
    filings::ALL,
    accounts::ALL,
    matching::ALL,
    review::ALL,
    sheets::ALL,
    questions::ALL,
];

/// What carries out the transaction of a number.
pub(crate) fn handler(infno: &str) -> Option<Handler> {
    BLOCKS.iter().copied().flatten().find(|(known, _)| *known == infno).map(|(_, handler)| *handler)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_transaction_is_in_the_dictionary_and_stands_once() {
        let mut seen = BTreeSet::new();
        for (infno, _) in BLOCKS.iter().copied().flatten() {
            assert!(wire::dictionary::transaction(infno).is_some(), "{infno}");
            assert!(seen.insert(infno), "{infno}");
        }
    }
}
