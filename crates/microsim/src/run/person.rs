//! A person's year, and sums of persons.

use settlement::MAX_FUNDS;

use crate::outcome::{Patients, SHARES};

/// Payments by fund, fen.
pub type ByFund = [i64; MAX_FUNDS];

/// What terms give of a bill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Not refused.
    pub settled: bool,
    /// Total, fen.
    pub total: i64,
    /// In scope, fen.
    pub in_scope: i64,
    /// First self-pay of class B, fen.
    pub first_self_pay: i64,
    /// By fund, fen.
    pub paid: ByFund,
}

/// What terms give a person in the year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Year {
    /// Settled bills.
    pub bills: i64,
    /// Total, fen.
    pub total: i64,
    /// In scope, fen.
    pub in_scope: i64,
    /// By fund, fen.
    pub paid: ByFund,
}

impl Year {
    /// The year of some bills.
    pub fn of(bills: &[Given]) -> Year {
        let mut year = Year::default();
        for bill in bills.iter().filter(|bill| bill.settled) {
            year.bills += 1;
            year.total += bill.total;
            year.in_scope += bill.in_scope;
            for (sum, paid) in year.paid.iter_mut().zip(bill.paid) {
                *sum += paid;
            }
        }
        year
    }

    /// What is left to the person, fen.
    pub fn own(&self) -> i64 {
        self.total - self.paid.iter().sum::<i64>()
    }
}

/// Sums of persons with a settled bill, as [`Patients`]; of a variant, what it adds to the baseline's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sums {
    persons: i64,
    year: Year,
    own: i64,
    reached: ByFund,
    above: [i64; SHARES.len()],
    winners: i64,
    gained: i64,
    losers: i64,
    lost: i64,
}

impl Sums {
    /// A person of an income, fen; nothing without a settled bill.
    pub fn of(year: &Year, income: i64) -> Sums {
        if year.bills == 0 {
            return Sums::default();
        }
        let own = year.own();
        // Exact, and no sum of a person's is so large that it would overflow: what is left is at most 900 million yuan.
        let above =
            SHARES.map(|share| i64::from(i128::from(own) * 100 > i128::from(income.max(0)) * i128::from(share)));
        Sums {
            persons: 1,
            year: *year,
            own,
            reached: year.paid.map(|paid| i64::from(paid > 0)),
            above,
            ..Sums::default()
        }
    }

    /// What a change from one year to another is; whether it wins or loses is told where the same bills are settled.
    pub fn change(before: &Year, after: &Year, same_bills: bool, income: i64) -> Sums {
        let mut change = Sums::of(after, income);
        change.add(&Sums::of(before, income), -1);
        if same_bills {
            let more = change.own;
            change.winners = i64::from(more < 0);
            change.gained = (-more).max(0);
            change.losers = i64::from(more > 0);
            change.lost = more.max(0);
        }
        change
    }

    /// Adds other sums so many times: 1 or -1.
    pub fn add(&mut self, other: &Sums, times: i64) {
        self.persons += times * other.persons;
        self.year.bills += times * other.year.bills;
        self.year.total += times * other.year.total;
        self.year.in_scope += times * other.year.in_scope;
        self.own += times * other.own;
        for at in 0..MAX_FUNDS {
            self.year.paid[at] += times * other.year.paid[at];
            self.reached[at] += times * other.reached[at];
        }
        for (above, other) in self.above.iter_mut().zip(other.above) {
            *above += times * other;
        }
        self.winners += times * other.winners;
        self.gained += times * other.gained;
        self.losers += times * other.losers;
        self.lost += times * other.lost;
    }

    /// As an outcome tells them, of so many funds.
    pub fn told(&self, funds: usize) -> Patients {
        Patients {
            persons: self.persons,
            bills: self.year.bills,
            total: self.year.total,
            in_scope: self.year.in_scope,
            paid: self.year.paid[..funds].to_vec(),
            own: self.own,
            reached: self.reached[..funds].to_vec(),
            above: self.above.to_vec(),
            winners: self.winners,
            gained: self.gained,
            losers: self.losers,
            lost: self.lost,
        }
    }
}
