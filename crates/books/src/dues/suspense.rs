//! Receipts that no bill could take: what is over, and what nobody knows. Each waits under its number until it is assigned to
//! a bill or sent back.

use domain::{Date, Fen, vocabulary};
use serde::{Deserialize, Serialize};

use super::receive::{Money, RECEIPT, fits};
use super::record::{Channel, DuesEntry, Receipt};
use super::sheet::Dues;
use super::{dues_key, number_of};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::money::{Line, moved};
use crate::people;
use crate::sheets::{Books, Key};

vocabulary! {
    /// Why a receipt waits.
    Why {
        Over = "over", "多缴", "more than the bill";
        UnknownPerson = "unknown-person", "查无此人", "nobody on the register";
        NoBill = "no-bill", "没有缴费单", "no bill to pay";
        OutOfTime = "out-of-time", "不在收取期内", "paid when nothing is collected";
        Refused = "refused", "不能入账", "not to be booked";
    }
}

/// A receipt in suspense.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// What the receipt is over.
    pub whole: Option<Yuan>,
    /// What of it came into suspense.
    pub held: Option<Yuan>,
    /// What of that has been assigned or sent back.
    #[serde(default)]
    pub settled: Yuan,
    /// Day of payment.
    pub on: Option<Date>,
    /// By which way.
    pub channel: Option<Word<Channel>>,
    /// Why it waits.
    pub why: Option<Word<Why>>,
    /// The dues it came to, where the person is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dues: Option<String>,
    /// The year it says it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i16>,
    /// The file it came by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// What can be recorded of a receipt in suspense.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum HeldEntry {
    /// It comes into suspense.
    Held {
        /// What the receipt is over.
        whole: Yuan,
        /// What of it waits.
        amount: Yuan,
        /// Day of payment.
        on: Date,
        /// By which way.
        channel: Word<Channel>,
        /// Why.
        why: Word<Why>,
        /// The dues it came to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dues: Option<String>,
        /// The year it says it is for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        year: Option<i16>,
        /// The file it came by.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
    },
    /// It is booked to a bill, where the money moves.
    Assigned {
        /// What of it.
        amount: Yuan,
        /// Number of the bill.
        bill: String,
        /// The day.
        on: Date,
    },
    /// It goes back to who paid.
    SentBack {
        /// What of it.
        amount: Yuan,
        /// The day.
        on: Date,
        /// By which way it had come.
        channel: Word<Channel>,
        /// Why.
        why: String,
    },
}

impl Held {
    /// What the receipt is over, once it is held.
    pub fn whole(&self) -> Option<Fen> {
        self.whole.map(|whole| whole.0)
    }

    /// What still waits.
    pub fn waits(&self) -> Fen {
        self.held.map_or(Fen::ZERO, |held| held.0 - self.settled.0)
    }
}

impl Fold for Held {
    type Entry = HeldEntry;
    const KIND: &'static str = "receipt";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &HeldEntry) {
        match entry {
            HeldEntry::Held { whole, amount, on, channel, why, dues, year, file } => {
                *self = Held {
                    whole: Some(*whole),
                    held: Some(*amount),
                    settled: Yuan::default(),
                    on: Some(*on),
                    channel: Some(*channel),
                    why: Some(*why),
                    dues: dues.clone(),
                    year: *year,
                    file: file.clone(),
                };
            }
            HeldEntry::Assigned { amount, .. } | HeldEntry::SentBack { amount, .. } => self.settled.0 += amount.0,
        }
    }

    fn lines(entry: &HeldEntry) -> Vec<Line> {
        match entry {
            HeldEntry::Held { amount, channel, .. } => {
                let channel = channel.0.code();
                moved(("bank/collection", channel), ("suspense/receipts", channel), amount.0)
            }
            // The bill's own entry moves the money out of suspense.
            HeldEntry::Assigned { .. } => Vec::new(),
            HeldEntry::SentBack { amount, channel, .. } => {
                moved(("suspense/receipts", channel.0.code()), ("bank/collection", "refund"), amount.0)
            }
        }
    }
}

/// The stream of a receipt in suspense.
pub(super) fn key(receipt: &str) -> Key {
    Key::of(format!("receipt/{receipt}"))
}

/// Puts money in suspense.
pub(super) fn hold(
    books: &mut Books<'_>,
    money: &Money<'_>,
    amount: Fen,
    why: Why,
    dues: Option<&Key>,
    file: Option<&str>,
) -> Result<(), Stop> {
    let key = key(money.receipt);
    if books.linked(RECEIPT, money.receipt)?.is_none() {
        books.link(RECEIPT, money.receipt, &key.subject)?;
    }
    let entry = HeldEntry::Held {
        whole: Yuan(money.amount),
        amount: Yuan(amount),
        on: money.on,
        channel: Word(money.channel),
        why: Word(why),
        dues: dues.map(|key| key.subject.clone()),
        year: dues.map(|key| key.year),
        file: file.map(str::to_owned),
    };
    books.post::<Held>(&key, &entry)?;
    Ok(())
}

command! {
    /// Assign a receipt in suspense to the bill of a person's year
    Assign = "dues assign", "认领待处理款" {
        /// Number of the tax receipt
        receipt: String = "税票（缴费凭证）号",
        /// Number of a document, or the person's number
        person: String = "证件号码或个人编号",
        /// Insured year
        year: i16 = "参保年度",
    }
}

impl UseCase for Assign {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let held = waiting(books, &self.receipt)?;
        let person = people::find(desk, books, &self.person)?;
        let dues = dues_key(&person, self.year);
        let billing = books.find::<Dues>(&dues)?.and_then(Dues::standing).cloned().ok_or_else(|| {
            Refusal::new("no-bill", format!("此人 {} 年度没有缴费单", self.year), "先用 dues bill 核定")
        })?;
        let (Some(on), Some(channel), Some(whole)) = (held.on, held.channel, held.whole) else {
            return Err(nothing(&self.receipt).into());
        };
        fits(desk, self.year, &billing, on)?;
        let amount = billing.open().min(held.waits());
        if amount == Fen::ZERO {
            return Err(
                Refusal::new("nothing-open", "此缴费单没有欠款", "认领到别的缴费单，或用 dues return 退回").into()
            );
        }
        let receipt = Receipt {
            number: self.receipt.clone(),
            amount: Yuan(amount),
            whole,
            on,
            channel,
            returned: Yuan::default(),
        };
        let bill = billing.bill.number.clone();
        let entry = HeldEntry::Assigned { amount: Yuan(amount), bill: bill.clone(), on: desk.today() };
        books.post::<Held>(&key(&self.receipt), &entry)?;
        let entry = DuesEntry::Assigned { bill: bill.clone(), area: billing.bill.area.clone(), receipt };
        books.post::<Dues>(&dues, &entry)?;
        let followed = super::settled(desk, books, &dues)?;
        let (rest, open) = (held.waits() - amount, billing.open() - amount);
        Ok(Answer::new(
            format!("已认领 {amount} 元到缴费单 {bill}；凭证尚余 {rest} 元，缴费单尚欠 {open} 元"),
            format!("assigned {amount} to {bill}; {rest} still in suspense, {open} still open"),
        )
        .with("bill", bill)
        .with("person", number_of(&person))
        .with("booked", amount.to_string())
        .with("rest", rest.to_string())
        .with("open", open.to_string())
        .with("followed", followed))
    }
}

command! {
    /// Send a receipt in suspense back to who paid it
    Return = "dues return", "退回待处理款" {
        /// Number of the tax receipt
        receipt: String = "税票（缴费凭证）号",
        /// Why
        why: String = "原因",
    }
}

impl UseCase for Return {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let held = waiting(books, &self.receipt)?;
        let Some(channel) = held.channel else { return Err(nothing(&self.receipt).into()) };
        let amount = held.waits();
        let entry = HeldEntry::SentBack { amount: Yuan(amount), on: desk.today(), channel, why: self.why.clone() };
        books.post::<Held>(&key(&self.receipt), &entry)?;
        let says = format!("凭证 {} 余款 {amount} 元已退回缴款人", self.receipt);
        Ok(Answer::new(says, format!("{amount} sent back")).with("amount", amount.to_string()))
    }
}

fn waiting(books: &mut Books<'_>, receipt: &str) -> Result<Held, Stop> {
    let held = books.find::<Held>(&key(receipt))?.filter(|held| held.waits() > Fen::ZERO);
    held.cloned().ok_or_else(|| nothing(receipt).into())
}

fn nothing(receipt: &str) -> Refusal {
    let message = format!("待处理款里没有凭证 {receipt}");
    Refusal::new("not-in-suspense", message, "用 dues suspense 列出待处理款")
}
