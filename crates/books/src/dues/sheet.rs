//! A person's dues of an insured year: the bill, what came in for it, what goes back, and the lines that each posts.
//!
//! A bill is changed by writing it anew beside what it was, and money that is then too much becomes a refund; nothing is taken
//! out. The bill keeps the area it was made in, so that its balances stay in one place. Year 0 holds what belongs to no year:
//! the payment agreement and the telephone number.

use domain::{Date, Fen, Group, Scheme, vocabulary};
use serde::{Deserialize, Serialize};

use crate::answer::Step;
use crate::codec::{Word, Yuan};
use crate::fold::{Fold, Stamp};
use crate::money::{Line, moved};
use crate::vault::Sealed;

vocabulary! {
    /// By which way a contribution comes in.
    Channel {
        TaxHall = "tax-hall", "办税服务厅", "counter of the tax office";
        TaxOnline = "tax-online", "电子税务局", "online tax office";
        Mobile = "mobile", "手机缴费", "payment by mobile telephone";
        Bank = "bank", "银行网点", "counter of a bank";
        Debit = "debit", "批量扣款", "batch debit under an agreement";
        Collector = "collector", "村居代办", "collector of a village or neighbourhood";
        School = "school", "学校代收", "collected by a school";
        Allowance = "allowance", "补助代扣", "withheld from an allowance";
        AgencyCash = "agency-cash", "经办机构现金", "cash at the agency";
    }
}

vocabulary! {
    /// Why a bill is cancelled, or a contribution goes back.
    Ground {
        Death = "death", "死亡", "death";
        Duplicate = "duplicate", "重复参保缴费", "enrolled and paid for twice";
        Employee = "employee-scheme", "参加职工医保", "joined the employee scheme";
        Moved = "moved-away", "转往外地参保", "insured elsewhere";
        Mistake = "mistake", "错缴错登", "paid or billed by mistake";
        Rebilled = "rebilled", "重新核定", "billed anew";
    }
}

vocabulary! {
    /// How far a refund has come.
    RefundState {
        Requested = "requested", "已申请", "requested";
        Approved = "approved", "已核准", "approved";
        Refused = "refused", "未核准", "refused";
        Paid = "paid", "已退付", "paid";
    }
}

/// What somebody else pays of a contribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Who, by the word used in notice files.
    pub payer: String,
    /// How much; not known where the contribution itself is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Yuan>,
    /// By which clauses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<String>,
}

impl Share {
    fn fen(&self) -> Fen {
        self.amount.map_or(Fen::ZERO, |amount| amount.0)
    }
}

/// What was asked for when the bill was made: the register does not tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The tier chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The population group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Word<Group>>,
    /// States of the record that rules on who may join ask about, by their words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<String>,
    /// Whether the person has an employer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub employed: bool,
}

/// What is due, and from whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// Its number.
    pub number: String,
    /// Day on which it was made, or made anew.
    pub on: Date,
    /// Code of the area it was made in.
    pub area: String,
    /// What was asked for.
    pub asked: Choice,
    /// The population group it was made for.
    pub group: Word<Group>,
    /// The scheme it is due for.
    pub scheme: Word<Scheme>,
    /// The tier the person is financed at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// First day of the insured year.
    pub from: Date,
    /// First day after it.
    pub end: Date,
    /// The contribution in all; not known where only the person's part is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Yuan>,
    /// The person's part.
    pub personal: Yuan,
    /// What others pay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sponsored: Vec<Share>,
    /// First day on which it is collected, where a rule says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collected_from: Option<Date>,
    /// Declared and paid each year: nothing is carried over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub yearly: bool,
}

/// What a bill was before a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Was {
    /// Code of the area.
    pub area: String,
    /// The person's part.
    pub personal: Yuan,
    /// What others were to pay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sponsored: Vec<Share>,
}

/// Money that came in for a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Number of the tax receipt.
    pub number: String,
    /// What of it was booked to the bill.
    pub amount: Yuan,
    /// What it is over: the rest is in suspense.
    pub whole: Yuan,
    /// Day of payment.
    pub on: Date,
    /// By which way.
    pub channel: Word<Channel>,
    /// What of the booked amount goes back, or has gone back.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub returned: Yuan,
}

/// Money that goes back to the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Its number.
    pub number: String,
    /// Of which bill.
    pub bill: String,
    /// How much.
    pub amount: Yuan,
    /// Why.
    pub ground: Word<Ground>,
    /// How far it has come.
    pub state: Word<RefundState>,
    /// Day of that state.
    pub on: Date,
}

/// A payment made under an earlier mechanism for several years ahead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepaid {
    /// Number of its receipt.
    pub receipt: String,
    /// Day of payment.
    pub on: Date,
}

/// Why a change of facts could not be turned into a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undecided {
    /// Code of the refusal.
    pub code: String,
    /// What is missing or not allowed.
    pub message: String,
    /// Clauses behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<String>,
}

/// What can be recorded of a person's dues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum DuesEntry {
    /// A bill is made.
    Billed {
        /// The bill.
        bill: Bill,
        /// Its reasons.
        reasons: Vec<Step>,
    },
    /// Facts changed, and the bill with them.
    Rebilled {
        /// The bill as it is now.
        bill: Bill,
        /// What it was.
        was: Was,
        /// What was paid too much by it.
        over: Yuan,
        /// Number of the refund of that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<String>,
        /// Its reasons.
        reasons: Vec<Step>,
    },
    /// Facts changed, but what is due cannot be told.
    Undecided {
        /// Number of the bill that stays as it is.
        bill: String,
        /// Why.
        why: Undecided,
    },
    /// A bill is cancelled; what was paid for it goes back.
    Cancelled {
        /// Number of the bill.
        bill: String,
        /// The day.
        on: Date,
        /// Why.
        ground: Word<Ground>,
        /// What it was.
        was: Was,
        /// What was paid.
        over: Yuan,
        /// Number of the refund of that, if it was not asked for under a number already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<String>,
    },
    /// The year was paid for in advance under an earlier mechanism; the money came in before these books.
    Prepaid(Prepaid),
    /// The bill was declared at the tax authority.
    Declared {
        /// Number of the bill.
        bill: String,
        /// The day.
        on: Date,
        /// By which way.
        channel: Word<Channel>,
    },
    /// A tax receipt is booked to the bill.
    Received {
        /// Number of the bill.
        bill: String,
        /// Code of the bill's area.
        area: String,
        /// The receipt.
        receipt: Receipt,
    },
    /// A receipt that was in suspense is booked to the bill.
    Assigned {
        /// Number of the bill.
        bill: String,
        /// Code of the bill's area.
        area: String,
        /// The receipt.
        receipt: Receipt,
    },
    /// Money is asked back.
    RefundRequested {
        /// Number of the refund.
        number: String,
        /// Of which bill.
        bill: String,
        /// How much.
        amount: Yuan,
        /// Why.
        ground: Word<Ground>,
        /// The day.
        on: Date,
    },
    /// A request is not granted.
    RefundRefused {
        /// Number of the refund.
        number: String,
        /// The day.
        on: Date,
        /// Why.
        why: String,
    },
    /// A refund is paid out.
    RefundPaid {
        /// Number of the refund.
        number: String,
        /// Code of the bill's area.
        area: String,
        /// How much.
        amount: Yuan,
        /// The day.
        on: Date,
    },
    /// The bill stands in a debit file that is under way.
    InBatch {
        /// Number of the bill.
        bill: String,
        /// Number of the file.
        batch: String,
    },
    /// The debit file has come back for the bill.
    OutOfBatch {
        /// Number of the bill.
        bill: String,
        /// Number of the file.
        batch: String,
        /// The word of the outcome.
        outcome: String,
    },
    /// A payment agreement covers the person.
    Agreed {
        /// Its number.
        agreement: String,
    },
    /// Reminders reach the person under this number.
    Contact {
        /// Telephone number, sealed.
        phone: Sealed,
    },
}

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
    /// The debit file it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
    /// Why it may not be what is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undecided: Option<Undecided>,
}

impl Receipt {
    /// What stays booked.
    fn stays(&self) -> Fen {
        self.amount.0 - self.returned.0
    }
}

fn is_nothing(amount: &Yuan) -> bool {
    amount.0 == Fen::ZERO
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
    /// Telephone number for reminders, sealed (year 0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Sealed>,
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
                batch: None,
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
                    billing.cancelled = Some(*on);
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
            DuesEntry::OutOfBatch { bill, .. } => {
                if let Some(billing) = self.billing(bill) {
                    billing.batch = None;
                }
            }
            DuesEntry::Agreed { agreement } => self.agreement = Some(agreement.clone()),
            DuesEntry::Contact { phone } => self.phone = Some(phone.clone()),
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
                moved(("bank/collection", receipt.channel.0.code()), ("receivable/person", area), receipt.amount.0)
            }
            DuesEntry::Assigned { area, receipt, .. } => {
                moved(("suspense/receipts", receipt.channel.0.code()), ("receivable/person", area), receipt.amount.0)
            }
            DuesEntry::RefundPaid { area, amount, .. } => {
                moved(("payable/person", area), ("bank/collection", "refund"), amount.0)
            }
            _ => Vec::new(),
        }
    }
}

/// The lines by which a bill becomes what it now is.
fn changed(was: &Was, personal: Fen, sponsored: &[Share]) -> Vec<Line> {
    let area = was.area.as_str();
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
    moved(("receivable/person", area), ("payable/person", area), over)
}
