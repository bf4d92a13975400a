//! A person's account: what is credited month by month, what of it moves to the card, what is drawn after heavy costs.

use std::collections::BTreeMap;

use domain::{Date, Fen, vocabulary};
use serde::{Deserialize, Serialize};

use crate::codec::{Word, Yuan};
use crate::fold::{Fold, Stamp};
use crate::money::{Line, moved};

vocabulary! {
    /// How far the transfer of a month has come.
    TransferState {
        Sent = "sent", "已发送", "sent to the bank";
        Arrived = "arrived", "已到卡", "on the card";
        Failed = "failed", "失败", "sent back by the bank";
    }
}

vocabulary! {
    /// How far an application to draw the balance has come.
    DrawState {
        Applied = "applied", "已申请", "applied for";
        Approved = "approved", "已核准", "approved";
        Refused = "refused", "未核准", "refused";
        Paid = "paid", "已支付", "paid";
    }
}

/// A month of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    /// What was credited.
    pub credit: Yuan,
    /// What of it goes, or went, to the card.
    #[serde(default)]
    pub transfer: Yuan,
    /// How far that has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Word<TransferState>>,
    /// Why the bank sent it back.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// How many times it was sent.
    #[serde(default)]
    pub sent: u32,
}

impl Month {
    /// Whether its transfer is still to be sent, or to be sent again.
    pub fn waits(&self) -> bool {
        self.state.is_none_or(|state| state.0 == TransferState::Failed)
    }
}

/// In-patient costs of a year, as the application or the person's care book gives them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearCosts {
    /// In all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Yuan>,
    /// In scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_scope: Option<Yuan>,
    /// Borne by the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Yuan>,
}

/// An application to draw the balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// Its number.
    pub number: String,
    /// Whose costs: the year.
    pub year: i16,
    /// Day of application.
    pub on: Date,
    /// The costs.
    pub costs: YearCosts,
    /// How far it has come.
    pub state: Word<DrawState>,
    /// What may be drawn.
    #[serde(default)]
    pub amount: Yuan,
}

/// What can be recorded of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum AccountEntry {
    /// A month is credited.
    Credited {
        /// First day of the month.
        month: Date,
        /// How much.
        amount: Yuan,
        /// Code of the person's area.
        area: String,
        /// On what it rests.
        source: String,
    },
    /// A share of a month is sent to the card.
    Sent {
        /// First day of the month.
        month: Date,
        /// Which batch run.
        batch: u32,
        /// How much.
        amount: Yuan,
        /// What stays of the month's credit.
        stays: Yuan,
        /// Code of the person's area.
        area: String,
        /// The clauses.
        clauses: Vec<String>,
        /// The word of the basis.
        basis: String,
    },
    /// It is on the card.
    Arrived {
        /// First day of the month.
        month: Date,
        /// How much.
        amount: Yuan,
        /// Code of the person's area.
        area: String,
    },
    /// The bank sent it back.
    Failed {
        /// First day of the month.
        month: Date,
        /// How much.
        amount: Yuan,
        /// Code of the person's area.
        area: String,
        /// Why.
        why: String,
    },
    /// The person applies to draw the balance.
    DrawApplied {
        /// Number of the application.
        number: String,
        /// Whose costs: the year.
        year: i16,
        /// The day.
        on: Date,
        /// The costs.
        costs: YearCosts,
    },
    /// The application is checked: so much may be drawn.
    DrawApproved {
        /// Number of the application.
        number: String,
        /// How much.
        amount: Yuan,
        /// Code of the person's area.
        area: String,
        /// The clauses.
        clauses: Vec<String>,
        /// The word of the basis.
        basis: String,
    },
    /// The application is checked: nothing may be drawn.
    DrawRefused {
        /// Number of the application.
        number: String,
        /// Why.
        why: String,
    },
    /// It is paid out.
    DrawPaid {
        /// Number of the application.
        number: String,
        /// How much.
        amount: Yuan,
        /// Code of the person's area.
        area: String,
        /// The day.
        on: Date,
    },
}

/// A personal account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountBook {
    /// What it holds.
    pub balance: Yuan,
    /// By first day of the month.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub months: BTreeMap<Date, Month>,
    /// Applications to draw, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub draws: Vec<Draw>,
}

impl AccountBook {
    /// An application by its number.
    pub fn draw(&self, number: &str) -> Option<&Draw> {
        self.draws.iter().find(|draw| draw.number == number)
    }

    fn book(&mut self, amount: Fen) {
        self.balance = Yuan(self.balance.0 + amount);
    }

    fn state(&mut self, number: &str, state: DrawState, amount: Option<Yuan>) {
        if let Some(draw) = self.draws.iter_mut().find(|draw| draw.number == number) {
            draw.state = Word(state);
            draw.amount = amount.unwrap_or(draw.amount);
        }
    }
}

impl Fold for AccountBook {
    type Entry = AccountEntry;
    const KIND: &'static str = "account";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &AccountEntry) {
        match entry {
            AccountEntry::Credited { month, amount, .. } => {
                self.book(amount.0);
                let credited = &mut self.months.entry(*month).or_default().credit;
                *credited = Yuan(credited.0 + amount.0);
            }
            AccountEntry::Sent { month, amount, .. } => {
                self.book(-amount.0);
                let month = self.months.entry(*month).or_default();
                month.transfer = *amount;
                month.state = Some(Word(TransferState::Sent));
                month.why.clear();
                month.sent += 1;
            }
            AccountEntry::Arrived { month, .. } => {
                self.months.entry(*month).or_default().state = Some(Word(TransferState::Arrived));
            }
            AccountEntry::Failed { month, amount, why, .. } => {
                self.book(amount.0);
                let month = self.months.entry(*month).or_default();
                month.state = Some(Word(TransferState::Failed));
                month.why.clone_from(why);
            }
            AccountEntry::DrawApplied { number, year, on, costs } => self.draws.push(Draw {
                number: number.clone(),
                year: *year,
                on: *on,
                costs: *costs,
                state: Word(DrawState::Applied),
                amount: Yuan::default(),
            }),
            AccountEntry::DrawApproved { number, amount, .. } => {
                self.book(-amount.0);
                self.state(number, DrawState::Approved, Some(*amount));
            }
            AccountEntry::DrawRefused { number, .. } => self.state(number, DrawState::Refused, None),
            AccountEntry::DrawPaid { number, .. } => self.state(number, DrawState::Paid, None),
        }
    }

    fn lines(entry: &AccountEntry) -> Vec<Line> {
        let between =
            |debit: &str, credit: &str, area: &str, amount: Yuan| moved((debit, area), (credit, area), amount.0);
        match entry {
            AccountEntry::Credited { amount, area, .. } => {
                between("expense/account-credit", "account/personal", area, *amount)
            }
            AccountEntry::Sent { amount, area, .. } => between("account/personal", "transit/card", area, *amount),
            AccountEntry::Arrived { amount, area, .. } => between("transit/card", "bank/treasury", area, *amount),
            AccountEntry::Failed { amount, area, .. } => between("transit/card", "account/personal", area, *amount),
            AccountEntry::DrawApproved { amount, area, .. } => {
                between("account/personal", "payable/person", area, *amount)
            }
            AccountEntry::DrawPaid { amount, area, .. } => between("payable/person", "bank/treasury", area, *amount),
            AccountEntry::DrawApplied { .. } | AccountEntry::DrawRefused { .. } => Vec::new(),
        }
    }
}
