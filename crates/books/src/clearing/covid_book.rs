//! A site's COVID-19 costs of a year: details as they were recorded, and the statements they went into.

use std::collections::BTreeMap;

use domain::{Date, Fen, vocabulary};
use serde::{Deserialize, Serialize};

use crate::codec::{Word, Yuan};
use crate::fold::{Fold, Stamp};
use crate::money::{Line, moved};

vocabulary! {
    /// Which of the two costs a statement is of.
    Cost {
        Patients = "patients", "新冠患者医疗费用", "medical costs of COVID-19 patients";
        Vaccine = "vaccine", "疫苗及接种费用", "vaccine and vaccination costs";
    }
}

vocabulary! {
    /// What an amount is for.
    Item {
        Stay = "stay", "患者医疗费", "a patient's settled bill";
        Vaccine = "vaccine", "疫苗", "vaccine";
        Vaccination = "vaccination", "接种", "vaccination fee";
    }
}

impl Item {
    /// Which cost it belongs to.
    pub fn cost(self) -> Cost {
        if self == Item::Stay { Cost::Patients } else { Cost::Vaccine }
    }
}

vocabulary! {
    /// How far a statement has come.
    StatementState {
        Drawn = "drawn", "已生成", "drawn up";
        Confirmed = "confirmed", "已确认", "confirmed";
        Paid = "paid", "已拨付", "paid";
    }
}

/// What an amount rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// Number of the record: of the doses given, or of the settlement.
    pub reference: String,
    /// What for.
    pub item: Word<Item>,
    /// The day.
    pub on: Date,
    /// The product; of a stay the kind of care.
    pub what: String,
    /// How many.
    pub count: i64,
    /// Of one.
    pub price: Yuan,
    /// For all of them.
    pub amount: Yuan,
    /// To whom it is owed.
    pub payee: String,
}

/// One line of a statement: what has the same item, product, price and payee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementLine {
    /// What for.
    pub item: Word<Item>,
    /// The product.
    pub what: String,
    /// How many.
    pub count: i64,
    /// Of one; nothing where each has its own amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Yuan>,
    /// For all of them.
    pub amount: Yuan,
    /// To whom it is owed.
    pub payee: String,
    /// The records behind it.
    pub references: Vec<String>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// Its number in the site's year.
    pub number: String,
    /// First day of the month.
    pub month: Date,
    /// Of which cost.
    pub cost: Word<Cost>,
    /// Its lines.
    pub lines: Vec<StatementLine>,
    /// Their sum.
    pub total: Yuan,
    /// Bills that come out otherwise since they were listed, as they are now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renewed: Vec<Detail>,
    /// Bills that were taken back since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<String>,
}

/// What can be recorded of a site's year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum CovidEntry {
    /// Costs come up.
    Recorded {
        /// The amounts.
        details: Vec<Detail>,
    },
    /// A statement is drawn up.
    Drawn(Drawn),
    /// A statement that was drawn up is given up; its records wait again.
    Voided {
        /// Number of the statement.
        number: String,
        /// Why.
        reason: String,
    },
    /// The site has confirmed it.
    Confirmed {
        /// Number of the statement.
        number: String,
        /// Who confirmed.
        by: String,
        /// The day.
        on: Date,
        /// What finance bears of it; the rest is the fund's.
        finance: Yuan,
        /// The lines that are owed from now on; none where the settlement of each bill has posted it.
        owed: Vec<StatementLine>,
    },
    /// It is paid.
    Paid {
        /// Number of the statement.
        number: String,
        /// Number of the voucher.
        voucher: String,
        /// The day.
        on: Date,
        /// What is paid to whom.
        lines: Vec<StatementLine>,
    },
}

/// A statement and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// As it was drawn up.
    pub drawn: Drawn,
    /// How far it has come.
    pub state: Word<StatementState>,
    /// Day of that state, once it is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Date>,
}

/// A site's year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CovidBook {
    /// What was recorded and is in no statement yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Detail>,
    /// Records in statements, by number of the statement.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, Vec<Detail>>,
    /// Statements by number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub statements: BTreeMap<String, Statement>,
    /// How many were drawn up, by month and cost: numbers are not used twice.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, u32>,
}

impl CovidBook {
    /// Whether a record is known.
    pub fn knows(&self, reference: &str) -> bool {
        self.waiting.iter().chain(self.details.values().flatten()).any(|detail| detail.reference == reference)
    }

    /// How many statements of a month and cost were ever drawn up.
    pub fn count(&self, month: Date, cost: Cost) -> u32 {
        self.counts.get(&format!("{} {cost}", month.strftime("%Y-%m"))).copied().unwrap_or(0)
    }

    fn moves_to(&mut self, number: &str, state: StatementState, on: Date) {
        if let Some(statement) = self.statements.get_mut(number) {
            statement.state = Word(state);
            statement.on = Some(on);
        }
    }
}

impl Fold for CovidBook {
    type Entry = CovidEntry;
    const KIND: &'static str = "covid";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &CovidEntry) {
        match entry {
            CovidEntry::Recorded { details } => self.waiting.extend(details.iter().cloned()),
            CovidEntry::Drawn(drawn) => {
                let stay = |detail: &Detail| detail.item.0 == Item::Stay;
                self.waiting.retain(|detail| !(stay(detail) && drawn.dropped.contains(&detail.reference)));
                for renewed in &drawn.renewed {
                    let of = |detail: &&mut Detail| stay(detail) && detail.reference == renewed.reference;
                    if let Some(detail) = self.waiting.iter_mut().find(of) {
                        detail.clone_from(renewed);
                    }
                }
                let taken = |detail: &Detail| {
                    let of =
                        |line: &StatementLine| line.item == detail.item && line.references.contains(&detail.reference);
                    drawn.lines.iter().any(of)
                };
                let (within, waiting) = self.waiting.drain(..).partition(taken);
                self.waiting = waiting;
                self.details.insert(drawn.number.clone(), within);
                *self.counts.entry(format!("{} {}", drawn.month.strftime("%Y-%m"), drawn.cost)).or_default() += 1;
                let statement = Statement { drawn: drawn.clone(), state: Word(StatementState::Drawn), on: None };
                self.statements.insert(drawn.number.clone(), statement);
            }
            CovidEntry::Voided { number, .. } => {
                self.statements.remove(number);
                self.waiting.extend(self.details.remove(number).unwrap_or_default());
            }
            CovidEntry::Confirmed { number, on, .. } => self.moves_to(number, StatementState::Confirmed, *on),
            CovidEntry::Paid { number, on, .. } => self.moves_to(number, StatementState::Paid, *on),
        }
    }

    fn lines(entry: &CovidEntry) -> Vec<Line> {
        match entry {
            CovidEntry::Confirmed { owed, finance, .. } => {
                let of = |line: &StatementLine| {
                    moved(("expense/basic", "covid"), ("payable/provider", &line.payee), line.amount.0)
                };
                let mut lines: Vec<Line> = owed.iter().flat_map(of).collect();
                lines.extend(moved(("receivable/government", "finance@covid"), ("expense/basic", "covid"), finance.0));
                lines
            }
            CovidEntry::Paid { lines, .. } => {
                let of = |line: &StatementLine| {
                    moved(("payable/provider", &line.payee), ("bank/treasury", "covid"), line.amount.0)
                };
                lines.iter().flat_map(of).collect()
            }
            CovidEntry::Recorded { .. } | CovidEntry::Drawn(_) | CovidEntry::Voided { .. } => Vec::new(),
        }
    }
}

/// The lines of a statement: what has the same item, product, price and payee stands together.
pub(super) fn grouped<'d>(details: impl IntoIterator<Item = &'d Detail>) -> Vec<StatementLine> {
    let mut lines: Vec<StatementLine> = Vec::new();
    for detail in details {
        let price = (detail.item.0 != Item::Stay).then_some(detail.price);
        let same = |line: &&mut StatementLine| {
            (line.item, &line.what, line.price, &line.payee) == (detail.item, &detail.what, price, &detail.payee)
        };
        if let Some(line) = lines.iter_mut().find(same) {
            line.count += detail.count;
            line.amount = Yuan(line.amount.0 + detail.amount.0);
            line.references.push(detail.reference.clone());
        } else {
            lines.push(StatementLine {
                item: detail.item,
                what: detail.what.clone(),
                count: detail.count,
                price,
                amount: detail.amount,
                payee: detail.payee.clone(),
                references: vec![detail.reference.clone()],
            });
        }
    }
    lines
}

/// So many at a price.
pub(super) fn priced(count: i64, price: Yuan) -> Option<Yuan> {
    price.0.0.checked_mul(count).filter(|fen| *fen <= Fen::UNLIMITED.0).map(|fen| Yuan(Fen(fen)))
}
