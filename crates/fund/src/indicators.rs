//! What is read off a balance: how many months it pays for, what part of the income is left, when a line is crossed.

use domain::Fen;

use crate::project::Year;

/// How many months of a year's mean spending a balance pays for, in hundredths, downwards, so that what is shown is never above
/// a line that it is below; `None` where nothing is spent.
pub fn payable_months(balance: Fen, spending: Fen) -> Option<i64> {
    let hundredths = i128::from(balance.0) * 1_200;
    (spending > Fen::ZERO).then(|| nearest(hundredths.div_euclid(i128::from(spending.0))))
}

/// Whether a balance pays for fewer months than these of a year's mean spending, exactly (JS22-07.2k: 2.9 of 3 warns, 3.0 does
/// not).
pub fn below(balance: Fen, spending: Fen, months: i64) -> bool {
    i128::from(balance.0) * 12 < i128::from(spending.0) * i128::from(months)
}

/// What is left of a year's income, in parts per million of it; `None` without income.
pub fn balance_ratio(year: &Year) -> Option<i64> {
    let income = year.income();
    let left = i128::from((income - year.spending).0) * i128::from(crate::WHOLE);
    (income > Fen::ZERO).then(|| nearest(left.div_euclid(i128::from(income.0))))
}

/// What fits no `i64`, where next to nothing is spent or brought in, is as large as can be.
fn nearest(ratio: i128) -> i64 {
    i64::try_from(ratio).unwrap_or(if ratio < 0 { i64::MIN } else { i64::MAX })
}

/// The first of the years at whose end the balance is below a line of so many months.
pub fn first_below(years: &[Year], months: i64) -> Option<i16> {
    years.iter().find(|year| below(year.balance, year.spending, months)).map(|year| year.year)
}

/// The first of the years at whose end nothing is left and something is owed.
pub fn first_negative(years: &[Year]) -> Option<i16> {
    years.iter().find(|year| year.balance < Fen::ZERO).map(|year| year.year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_below_three_months_warns_and_three_months_do_not() {
        // The clause's own figures: spending 100 a month.
        let spending = Fen::yuan(1_200);
        assert_eq!(payable_months(Fen::yuan(290), spending), Some(290));
        assert!(below(Fen::yuan(290), spending, 3));
        assert_eq!(payable_months(Fen::yuan(300), spending), Some(300));
        assert!(!below(Fen::yuan(300), spending, 3));
        assert!(below(Fen(29_999), spending, 3));
        assert_eq!(payable_months(Fen(29_999), spending), Some(299), "never shown as three");
        assert_eq!(payable_months(Fen::yuan(-1), spending), Some(-1));
        assert_eq!(payable_months(Fen::yuan(1), Fen::ZERO), None);
        assert!(!below(Fen::ZERO, Fen::ZERO, 3) && below(Fen(-1), Fen::ZERO, 3));
    }
}
