//! A person's year, and sums of persons.

use serde::{Deserialize, Serialize};
use settlement::MAX_FUNDS;

use crate::outcome::{Patients, SHARES, burden_step};

/// Payments by fund, fen.
pub type ByFund = [i64; MAX_FUNDS];

/// How many figures [`Given`] has.
const FIGURES: usize = MAX_FUNDS + 4;
// After the payments:
const BILLS: usize = MAX_FUNDS;
const TOTAL: usize = MAX_FUNDS + 1;
const IN_SCOPE: usize = MAX_FUNDS + 2;
const FIRST_SELF_PAY: usize = MAX_FUNDS + 3;

/// What terms give: of a bill (all nothing where it is refused), of a person's year, or of many bills. Figures stand in a row so
/// that many are added at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given([i64; FIGURES]);

impl Given {
    /// Of a settled bill: its total, what is in scope and its first self-pay of class B, fen.
    #[inline(always)]
    pub fn settle(&mut self, total: i64, in_scope: i64, first_self_pay: i64) {
        (self.0[BILLS], self.0[TOTAL]) = (1, total);
        (self.0[IN_SCOPE], self.0[FIRST_SELF_PAY]) = (in_scope, first_self_pay);
    }

    /// A fund pays, fen.
    #[inline]
    pub fn pay(&mut self, fund: usize, fen: i64) {
        self.0[fund % MAX_FUNDS] += fen;
    }

    /// The same, without asking memory for a place: the figures stay where the processor adds row to row.
    #[inline(always)]
    pub fn pay_in_row(&mut self, fund: usize, fen: i64) {
        for (at, paid) in self.0[..MAX_FUNDS].iter_mut().enumerate() {
            *paid = paid.wrapping_add(if at == fund { fen } else { 0 });
        }
    }

    /// Adds others.
    #[inline(always)]
    pub fn add(&mut self, other: &Given) {
        add(&mut self.0, &other.0);
    }

    /// Takes others off.
    #[inline]
    pub fn less(&mut self, other: &Given) {
        less(&mut self.0, &other.0);
    }

    /// Whether any figure is another's. (Without a jump, and so without a call, for a row this short.)
    #[inline]
    pub fn differs(&self, other: &Given) -> bool {
        self.0.iter().zip(&other.0).fold(0, |bits, (one, other)| bits | (one ^ other)) != 0
    }

    /// Settled bills.
    #[inline]
    pub fn bills(&self) -> i64 {
        self.0[BILLS]
    }

    /// Total, fen.
    pub fn total(&self) -> i64 {
        self.0[TOTAL]
    }

    /// In scope, fen.
    pub fn in_scope(&self) -> i64 {
        self.0[IN_SCOPE]
    }

    /// First self-pay of class B, fen.
    pub fn first_self_pay(&self) -> i64 {
        self.0[FIRST_SELF_PAY]
    }

    /// By fund, fen.
    #[inline]
    pub fn paid(&self) -> &[i64] {
        &self.0[..MAX_FUNDS]
    }

    /// What is left to the person, fen.
    #[inline(always)]
    pub fn own(&self) -> i64 {
        self.paid().iter().fold(self.total(), |own, paid| own.wrapping_sub(*paid))
    }
}

/// A person's year under some terms, and what is counted of it.
#[derive(Clone, Default)]
pub struct Year {
    pub sums: Sums,
    /// The size of what is left to the person, among those of [`crate::outcome::BURDEN_EDGES`].
    pub burden: usize,
}

impl Year {
    /// Of the sum of a person's bills and an income, fen.
    #[inline(always)]
    pub fn of(bills: &Given, income: i64) -> Year {
        let sums = Sums::of(bills, income);
        Year { sums, burden: burden_step(sums.own()) }
    }
}

/// Adds row to row. No sum of a part overflows: a person's year is below 900 million yuan, and of persons there are fewer than
/// 100 million in a part.
#[inline(always)]
fn add<const N: usize>(sums: &mut [i64; N], others: &[i64; N]) {
    *sums = std::array::from_fn(|at| sums[at].wrapping_add(others[at]));
}

/// Takes a row off a row.
#[inline(always)]
fn less<const N: usize>(sums: &mut [i64; N], others: &[i64; N]) {
    for (sum, other) in sums.iter_mut().zip(others) {
        *sum = sum.wrapping_sub(*other);
    }
}

/// Figures of [`Sums`] that are no payments.
const OF_PERSONS: usize = ABOVE + SHARES.len();
const PERSONS: usize = 0;
const WINNERS: usize = 1;
const GAINED: usize = 2;
const LOSERS: usize = 3;
const LOST: usize = 4;
/// The first of those whose own payments are above a share of their income.
const ABOVE: usize = 5;

/// How many figures a [change](Sums::of_change) has beside those by fund.
pub const CHANGES: usize = OF_PERSONS - WINNERS;

/// Sums of persons with a settled bill, as [`Patients`]; of a variant, what it adds to the baseline's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    year: Given,
    reached: ByFund,
    of_persons: [i64; OF_PERSONS],
}

impl Sums {
    /// A person of an income, fen; nothing without a settled bill.
    #[inline(always)]
    pub fn of(year: &Given, income: i64) -> Sums {
        if year.bills() == 0 {
            return Sums::default();
        }
        let own = year.own();
        let mut of_persons = [0; OF_PERSONS];
        of_persons[PERSONS] = 1;
        for (above, share) in of_persons[ABOVE..].iter_mut().zip(SHARES) {
            *above = i64::from(own.wrapping_mul(100) > Sums::share_of(income, share));
        }
        let mut reached = ByFund::default();
        for (reached, paid) in reached.iter_mut().zip(year.paid()) {
            *reached = i64::from(*paid > 0);
        }
        Sums { year: *year, reached, of_persons }
    }

    /// What a change from one year to another is; whether it wins or loses is told where the same bills are settled.
    pub fn change(before: &Sums, after: &Sums, same_bills: bool) -> Sums {
        let mut change = *after;
        change.year.less(&before.year);
        less(&mut change.reached, &before.reached);
        less(&mut change.of_persons, &before.of_persons);
        if same_bills {
            let more = change.own();
            change.of_persons[WINNERS] = i64::from(more < 0);
            change.of_persons[GAINED] = (-more).max(0);
            change.of_persons[LOSERS] = i64::from(more > 0);
            change.of_persons[LOST] = more.max(0);
        }
        change
    }

    /// A change that keeps persons and bills, by its figures: what each of so many funds pays more; how many persons more each
    /// reaches; then winners and what they gain, losers and what they lose, and those above each share.
    pub fn of_change(funds: usize, figure: impl Fn(usize) -> i64) -> Sums {
        let mut change = Sums::default();
        for fund in 0..funds {
            change.year.pay(fund, figure(fund));
            change.reached[fund] = figure(funds + fund);
        }
        for (at, of_persons) in change.of_persons[WINNERS..].iter_mut().enumerate() {
            *of_persons = figure(2 * funds + at);
        }
        change
    }

    /// So many percent of an income, in hundredths of a fen. Exact, and nothing overflows: what is left to a person is at most 900
    /// million yuan, and of an income far beyond that no share is reached.
    #[inline]
    pub fn share_of(income: i64, percent: i64) -> i64 {
        income.clamp(0, 1 << 50).wrapping_mul(percent)
    }

    /// Of a person, 1 if what is left is above one of [`SHARES`] of the income, given by its position.
    #[inline]
    pub fn is_above(&self, share: usize) -> i64 {
        self.of_persons[ABOVE + share]
    }

    /// Adds others.
    #[inline(always)]
    pub fn add(&mut self, other: &Sums) {
        self.year.add(&other.year);
        add(&mut self.of_persons, &other.of_persons);
        // Few changes reach a fund that was not reached before: what need not be touched need not be fetched.
        if other.reached.iter().fold(0, |bits, reached| bits | reached) != 0 {
            add(&mut self.reached, &other.reached);
        }
    }

    /// Whether nobody has been added.
    pub fn is_nothing(&self) -> bool {
        *self == Sums::default()
    }

    /// What their bills give.
    pub fn year(&self) -> &Given {
        &self.year
    }

    /// What is left to the persons, fen.
    #[inline(always)]
    pub fn own(&self) -> i64 {
        self.year.own()
    }

    /// As an outcome tells them, of so many funds.
    pub fn told(&self, funds: usize) -> Patients {
        let of = |at: usize| self.of_persons[at];
        Patients {
            persons: of(PERSONS),
            bills: self.year.bills(),
            total: self.year.total(),
            in_scope: self.year.in_scope(),
            paid: self.year.paid()[..funds].to_vec(),
            own: self.own(),
            reached: self.reached[..funds].to_vec(),
            above: self.of_persons[ABOVE..].to_vec(),
            winners: of(WINNERS),
            gained: of(GAINED),
            losers: of(LOSERS),
            lost: of(LOST),
        }
    }
}
