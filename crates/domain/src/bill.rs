//! A person as the terms see one, and a bill of care.

use jiff::civil::Date;

use crate::facts::{Care, Categories, Filing, Group, Level, Marks, Part, Scheme};
use crate::money::{Fen, Rate};

/// What the terms may ask of a person on the day of a bill.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Person {
    /// The insurance the person is in.
    pub scheme: Scheme,
    /// Tier of contribution, by its id in the region; `None` where the region has none.
    pub tier: Option<String>,
    /// Population group.
    pub group: Group,
    /// Categories held.
    pub categories: Categories,
    /// Date of birth; needed where terms ask for age.
    pub born: Option<Date>,
    /// First day of unbroken cover; needed where a whole year of cover is asked for.
    pub insured_since: Option<Date>,
}

impl Person {
    /// Completed years on a day; `None` without a date of birth or before birth.
    pub fn age_on(&self, day: Date) -> Option<u8> {
        let born = self.born.filter(|born| *born <= day)?;
        let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
        let years = i32::from(day.year()) - i32::from(born.year()) - i32::from(!had_birthday);
        Some(u8::try_from(years).unwrap_or(u8::MAX))
    }
}

/// Amounts of one bill by catalogue class, in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClassAmounts {
    /// Class A: counts whole.
    pub a: Fen,
    /// Class B: counts after a first self-pay share.
    pub b: Fen,
    /// First self-pay share of class B, if the bill names one.
    pub b_share: Option<Rate>,
    /// First self-pay of class B to the fen, where its lines have shares of their own: goes before any share.
    pub b_self_pay: Option<Fen>,
    /// Class C and other out-of-scope items: wholly the person's.
    pub c: Fen,
    /// What lies above a price limit: wholly the person's.
    pub over_limit: Fen,
}

impl ClassAmounts {
    /// The bill's total.
    pub fn total(&self) -> Fen {
        self.a + self.b + self.c + self.over_limit
    }
}

/// A bill split as the national settlement record does (identity A: the parts sum to the total).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// `medfee_sumamt`
    pub total: Fen,
    /// `inscp_scp_amt`: in scope.
    pub in_scope: Fen,
    /// `preselfpay_amt`: first self-pay of class B.
    pub first_self_pay: Fen,
    /// `fulamt_ownpay_amt`: out of scope.
    pub out_of_scope: Fen,
    /// `overlmt_selfpay`: above price limits.
    pub over_limit: Fen,
}

/// One bill, parsed and valid.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bill {
    /// Unique in its file.
    pub id: String,
    /// Whose.
    pub person_id: String,
    /// Where the person is insured: slug, code or name of the region; `None` where the caller says it for all bills.
    pub region: Option<String>,
    /// The person's facts on the day.
    pub person: Person,
    /// The day whose terms apply: end of the visit.
    pub date: Date,
    /// Kind of care.
    pub care: Care,
    /// Level of the provider.
    pub level: Level,
    /// Place of care against place of insurance.
    pub filing: Filing,
    /// Code of the chronic, special or single disease, if any.
    pub disease: Option<String>,
    /// Marks.
    pub marks: Marks,
    /// Amounts by class.
    pub amounts: ClassAmounts,
    /// The bill this one continues: by referral, or as a further part of the same stay.
    pub from_bill: Option<String>,
    /// Which part of a stay it is.
    pub part: Part,
    /// Set on a reversal: the bill it takes back (all else is ignored).
    pub reverses: Option<String>,
    /// The whole amount is burden already left by basic insurance elsewhere; basic stages are passed over.
    pub burden_only: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn age_counts_completed_years() {
        let person = Person {
            scheme: Scheme::Resident,
            tier: None,
            group: Group::Adult,
            categories: Categories::NONE,
            born: Some(date(2004, 2, 29)),
            insured_since: None,
        };
        assert_eq!(person.age_on(date(2022, 2, 28)), Some(17));
        assert_eq!(person.age_on(date(2022, 3, 1)), Some(18));
        assert_eq!(person.age_on(date(2003, 1, 1)), None);
    }
}
