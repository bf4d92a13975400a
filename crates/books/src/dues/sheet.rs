//! A person's dues of an insured year as they stand: the bill, what came in for it, what goes back, and the lines posted.
//!
//! The bill keeps the area it was made in, so that its balances stay in one place; the books are kept by county. Year 0 holds what
//! belongs to no year: the payment agreement.

use domain::{Date, Fen};
use serde::{Deserialize, Serialize};

use super::record::{Bill, DuesEntry, Ground, Prepaid, REFUSED, Receipt, Refund, RefundState, Share, Undecided, Was};
use crate::codec::{Word, Yuan};
use crate::fold::{Fold, Stamp};
use crate::money::{Line, moved};

/// A bill and what happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Billing {
    /// The bill as it stands.
    pub bill: Bill,
    /// What came in for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<Receipt>,
    /// Day of declaration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Date>,
    /// Day of cancellation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Date>,
    /// Why it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<Word<Ground>>,
    /// The debit file it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
    /// How often a debit was refused.
    #[serde(default, skip_serializing_if = "is_never")]
    pub refused: u16,
    /// Why it may not be what is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undecided: Option<Undecided>,
}

fn is_never(times: &u16) -> bool {
    *times == 0
}

impl Billing {
    /// What is booked to it and stays.
    pub fn received(&self) -> Fen {
        self.receipts.iter().map(Receipt::stays).sum()
    }

    /// What is still to be paid.
    pub fn open(&self) -> Fen {
        if self.cancelled.is_some() { Fen::ZERO } else { self.bill.personal.0 - self.received() }
    }

    /// Day on which the person's part was fully paid; that of the bill, where nothing is due from the person.
    pub fn paid_on(&self) -> Option<Date> {
        if self.cancelled.is_some() {
            return None;
        }
        if self.bill.personal.0 == Fen::ZERO {
            return Some(self.receipts.iter().map(|receipt| receipt.on).min().unwrap_or(self.bill.on));
        }
        let mut receipts: Vec<&Receipt> = self.receipts.iter().collect();
        receipts.sort_by_key(|receipt| receipt.on);
        let mut sum = Fen::ZERO;
        let full = receipts.into_iter().find(|receipt| {
            sum += receipt.stays();
            sum >= self.bill.personal.0
        });
        full.map(|receipt| receipt.on)
    }

    /// Day on which something was first paid.
    pub fn first_paid(&self) -> Option<Date> {
        self.receipts.iter().map(|receipt| receipt.on).min()
    }

    /// What it is, to be written beside a change.
    pub fn was(&self) -> Was {
        let Bill { area, personal, sponsored, .. } = &self.bill;
        Was { area: area.clone(), personal: *personal, sponsored: sponsored.clone() }
    }
}

/// A person's dues of an insured year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dues {
    /// Bills, the last last; all but the last are cancelled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bills: Vec<Billing>,
    /// Refunds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<Refund>,
    /// The year was paid for in advance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prepaid: Option<Prepaid>,
    /// The payment agreement signed last (year 0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<String>,
}

impl Dues {
    /// The bill that stands.
    pub fn standing(&self) -> Option<&Billing> {
        self.bills.last().filter(|billing| billing.cancelled.is_none())
    }

    /// A refund by its number.
    pub fn refund(&self, number: &str) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.number == number)
    }

    /// A receipt booked here, by its number.
    pub fn receipt(&self, number: &str) -> Option<&Receipt> {
        self.bills.iter().flat_map(|billing| &billing.receipts).find(|receipt| receipt.number == number)
    }

    /// Day on which the person's own part of the year was fully paid.
    pub fn paid_on(&self) -> Option<Date> {
        self.standing().and_then(Billing::paid_on).or_else(|| self.prepaid.as_ref().map(|prepaid| prepaid.on))
    }

    fn billing(&mut self, number: &str) -> Option<&mut Billing> {
        self.bills.iter_mut().find(|billing| billing.bill.number == number)
    }

    /// Money that goes back from now on, for which nobody has asked yet.
    fn returned(&mut self, bill: &str, over: Yuan, refund: Option<&String>, ground: Ground, on: Date) {
        // What came last goes back first: the day on which the rest was paid stays what it was.
        let mut rest = over.0;
        for receipt in self.billing(bill).into_iter().flat_map(|billing| billing.receipts.iter_mut().rev()) {
            let part = rest.min(receipt.stays());
            receipt.returned.0 += part;
            rest -= part;
        }
        let asked = self.refunds.iter_mut().find(|r| r.bill == bill && r.state.0 == RefundState::Requested);
        match (refund, asked) {
            (Some(number), _) => self.refunds.push(Refund {
                number: number.clone(),
                bill: bill.to_owned(),
                amount: over,
                ground: Word(ground),
                state: Word(RefundState::Approved),
                on,
            }),
            (None, Some(asked)) => (asked.state, asked.on, asked.amount) = (Word(RefundState::Approved), on, over),
            (None, None) => {}
        }
    }

    fn step(&mut self, number: &str, state: RefundState, on: Date) {
        if let Some(refund) = self.refunds.iter_mut().find(|refund| refund.number == number) {
            (refund.state, refund.on) = (Word(state), on);
        }
    }
}

impl Fold for Dues {
    type Entry = DuesEntry;
    const KIND: &'static str = "dues";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &DuesEntry) {
        match entry {
            DuesEntry::Billed { bill, .. } => self.bills.push(Billing {
                bill: bill.clone(),
                receipts: Vec::new(),
                declared: None,
                cancelled: None,
                ground: None,
                batch: None,
                refused: 0,
                undecided: None,
            }),
            DuesEntry::Rebilled { bill, over, refund, .. } => {
                if let Some(billing) = self.billing(&bill.number) {
                    (billing.bill, billing.undecided) = (bill.clone(), None);
                }
                self.returned(&bill.number, *over, refund.as_ref(), Ground::Rebilled, bill.on);
            }
            DuesEntry::Undecided { bill, why } => {
                if let Some(billing) = self.billing(bill) {
                    billing.undecided = Some(why.clone());
                }
            }
            DuesEntry::Cancelled { bill, on, ground, over, refund, .. } => {
                if let Some(billing) = self.billing(bill) {
                    (billing.cancelled, billing.ground) = (Some(*on), Some(*ground));
                }
                self.returned(bill, *over, refund.as_ref(), ground.0, *on);
            }
            DuesEntry::Prepaid(prepaid) => self.prepaid = Some(prepaid.clone()),
            DuesEntry::Declared { bill, on, .. } => {
                if let Some(billing) = self.billing(bill) {
                    billing.declared = Some(*on);
                }
            }
            DuesEntry::Received { bill, receipt, .. } | DuesEntry::Assigned { bill, receipt, .. } => {
                if let Some(billing) = self.billing(bill) {
                    billing.receipts.push(receipt.clone());
                }
            }
            DuesEntry::RefundRequested { number, bill, amount, ground, on } => self.refunds.push(Refund {
                number: number.clone(),
                bill: bill.clone(),
                amount: *amount,
                ground: *ground,
                state: Word(RefundState::Requested),
                on: *on,
            }),
            DuesEntry::RefundRefused { number, on, .. } => self.step(number, RefundState::Refused, *on),
            DuesEntry::RefundPaid { number, on, .. } => self.step(number, RefundState::Paid, *on),
            DuesEntry::InBatch { bill, batch } => {
                if let Some(billing) = self.billing(bill) {
                    billing.batch = Some(batch.clone());
                }
            }
            DuesEntry::OutOfBatch { bill, outcome, .. } => {
                if let Some(billing) = self.billing(bill) {
                    billing.batch = None;
                    billing.refused += u16::from(outcome == REFUSED);
                }
            }
            DuesEntry::Agreed { agreement } => self.agreement = Some(agreement.clone()),
        }
    }

    fn lines(entry: &DuesEntry) -> Vec<Line> {
        match entry {
            DuesEntry::Billed { bill, .. } => {
                let nothing = Was { area: bill.area.clone(), personal: Yuan::default(), sponsored: Vec::new() };
                changed(&nothing, bill.personal.0, &bill.sponsored)
            }
            DuesEntry::Rebilled { bill, was, over, .. } => {
                let mut lines = changed(was, bill.personal.0, &bill.sponsored);
                lines.extend(owed_back(&was.area, over.0));
                lines
            }
            DuesEntry::Cancelled { was, over, .. } => {
                let mut lines = changed(was, Fen::ZERO, &[]);
                lines.extend(owed_back(&was.area, over.0));
                lines
            }
            DuesEntry::Received { area, receipt, .. } => {
                let bank = ("bank/collection", receipt.channel.0.code());
                moved(bank, ("receivable/person", county(area)), receipt.amount.0)
            }
            DuesEntry::Assigned { area, receipt, .. } => {
                let suspense = ("suspense/receipts", receipt.channel.0.code());
                moved(suspense, ("receivable/person", county(area)), receipt.amount.0)
            }
            DuesEntry::RefundPaid { area, amount, .. } => {
                moved(("payable/person", county(area)), ("bank/collection", "refund"), amount.0)
            }
            _ => Vec::new(),
        }
    }
}

/// The lines by which a bill becomes what it now is.
fn changed(was: &Was, personal: Fen, sponsored: &[Share]) -> Vec<Line> {
    let area = county(&was.area);
    let mut lines = moved(("receivable/person", area), ("income/contribution", area), personal - was.personal.0);
    let mut payers: Vec<&str> = was.sponsored.iter().chain(sponsored).map(|share| share.payer.as_str()).collect();
    payers.sort_unstable();
    payers.dedup();
    let of = |shares: &[Share], payer: &str| -> Fen {
        shares.iter().filter(|share| share.payer == payer).map(Share::fen).sum()
    };
    for payer in payers {
        let party = format!("{payer}/{area}");
        let more = of(sponsored, payer) - of(&was.sponsored, payer);
        lines.extend(moved(("receivable/sponsor", &party), ("income/sponsored", &party), more));
    }
    lines
}

/// The lines by which what was paid too much is owed to the person.
fn owed_back(area: &str, over: Fen) -> Vec<Line> {
    moved(("receivable/person", county(area)), ("payable/person", county(area)), over)
}

/// The county of an area's code: the first six digits.
pub(super) fn county(area: &str) -> &str {
    area.get(..6).unwrap_or(area)
}
