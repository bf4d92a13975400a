//! All transactions, by block; found by number.

mod accounts;
mod basic;
mod filing;
mod inpatient;
mod outpatient;
mod question;
mod review;
mod sheet;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::transaction::Transaction;

/// All transactions, in the order of their numbers within a block.
pub static TRANSACTIONS: LazyLock<Vec<Transaction>> = LazyLock::new(|| {
    let parts = [
        basic::ALL,
        outpatient::ALL,
        inpatient::ALL,
        filing::ALL,
        review::ALL,
        accounts::ALL,
        sheet::ALL,
        question::ALL,
    ];
    parts.concat()
});

static BY_NUMBER: LazyLock<BTreeMap<&str, usize>> =
    LazyLock::new(|| TRANSACTIONS.iter().enumerate().map(|(place, transaction)| (transaction.infno, place)).collect());

/// The transaction of this number.
pub fn transaction(infno: &str) -> Option<&'static Transaction> {
    BY_NUMBER.get(infno).and_then(|&place| TRANSACTIONS.get(place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dictionary::{Block, field};
    use std::collections::BTreeSet;

    #[test]
    fn each_number_stands_once_and_every_named_field_is_there() {
        let mut numbers = BTreeSet::new();
        for transaction in TRANSACTIONS.iter() {
            assert!(numbers.insert(transaction.infno), "{} stands twice", transaction.infno);
            assert!(Block::ALL.iter().any(|(block, ..)| *block == transaction.block));
            for node in transaction.input.iter().chain(transaction.output) {
                let mut names = BTreeSet::new();
                for word in node.2.split_whitespace() {
                    let name = word.trim_end_matches('!');
                    assert!(field(name).is_some(), "{} {}: no field {name}", transaction.infno, node.1);
                    assert!(names.insert(name), "{} {}: {name} twice", transaction.infno, node.1);
                }
            }
        }
    }

    #[test]
    fn all_that_is_asked_of_the_interface_is_listed() {
        let asked = "9001 9002 9101 9102 1101 1201 1901 2001 2101 2102 2103 2203A 2601 3101 3102 3103 3201 3202 3203 3204 \
                     3301 3302 4101 4102 4103";
        let ranges = [(1301, 1321), (2201, 2208), (2301, 2305), (2401, 2405), (2501, 2507), (5201, 5206), (5301, 5304)];
        let numbers = ranges.iter().flat_map(|&(from, to)| from..=to).map(|number| number.to_string());
        for infno in asked.split_whitespace().map(str::to_owned).chain(numbers) {
            assert!(transaction(&infno).is_some(), "{infno}");
        }
        assert!(transaction("2207").unwrap().of_a_person());
        assert!(!transaction("1301").unwrap().of_a_person());
        assert!(transaction("0000").is_none());
    }
}
