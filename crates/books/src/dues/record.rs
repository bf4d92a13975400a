//! What is recorded of a person's dues: bills, receipts, refunds, and the entries that make and change them.
//!
//! A bill is changed by writing it anew beside what it was, and money that is then too much becomes a refund; nothing is taken
//! out. What it means is in [`sheet`](super::sheet).

use domain::{Date, Fen, Group, Scheme, vocabulary};
use serde::{Deserialize, Serialize};

use crate::answer::Step;
use crate::codec::{Word, Yuan};

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
    pub(super) fn fen(&self) -> Fen {
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
}

impl Receipt {
    /// What stays booked.
    pub(super) fn stays(&self) -> Fen {
        self.amount.0 - self.returned.0
    }
}

/// The outcome of a debit that was refused.
pub(super) const REFUSED: &str = "refused";

fn is_nothing(amount: &Yuan) -> bool {
    amount.0 == Fen::ZERO
}
