//! Balanced postings: what an entry moves between named accounts.

use domain::Fen;

/// One line of a posting: debit positive, credit negative. The lines of an entry sum to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The account, as `expense/basic`.
    pub account: String,
    /// With whom; empty where there is nobody.
    pub party: String,
    /// The amount.
    pub amount: Fen,
}

/// Takes an amount from one account to another: debit the one, credit the other. Nothing moves no line.
pub fn moved(debit: (&str, &str), credit: (&str, &str), amount: Fen) -> Vec<Line> {
    let line =
        |(account, party): (&str, &str), amount| Line { account: account.to_owned(), party: party.to_owned(), amount };
    if amount == Fen::ZERO { Vec::new() } else { vec![line(debit, amount), line(credit, -amount)] }
}
