//! Terms of one day compiled for running: every table a dense look-up from facts to a row of figures.

use domain::{Basis, Care, Date, Fen, Layer, Payer, Rate, Rounding};
use policy::{Names, Space, Test};

use crate::carry::CarryRule;
use crate::refusal::Refusal;
use crate::state::{NO_SLOT, SlotId};

/// The terms of a span of days, ready to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// First day the plan holds.
    pub from: Date,
    /// Stages, in order.
    pub stages: Vec<Stage>,
    /// Bills refused by name: what they are, and what lets them pass all the same.
    pub(crate) bars: Vec<Bar>,
    /// What years leave to the next.
    pub(crate) carries: Vec<CarryRule>,
    /// Names of tiers, disease lists and carry rules.
    pub names: Names,
    /// Disease codes and the lists they are on, as bits.
    pub(crate) diseases: Vec<(String, u32)>,
    /// Benefit tiers other than the tier of contribution, first match.
    pub(crate) benefit_tiers: Vec<(Test, u8, usize)>,
    /// First self-pay shares of class B, first match; and why they are missing if they are.
    pub(crate) class_b: Result<Vec<(Test, Rate, usize)>, Refusal>,
    /// How a payment becomes whole fen.
    pub rounding: Rounding,
    /// What figures rest on.
    pub cites: Vec<Cite>,
    /// Where there is no stage: title of the notice that ended last, and the day from which it holds no more.
    pub(crate) ended: Option<(String, Date)>,
    /// Why the plan cannot be run at all, if it cannot.
    pub(crate) unusable: Option<Refusal>,
    /// The ages from which on tables tell persons apart.
    pub(crate) ages: Vec<u8>,
    /// Hash of the terms.
    pub hash: String,
}

/// Bills that a rule refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    pub when: Test,
    pub unless: Option<Test>,
    pub refusal: Refusal,
}

impl Bar {
    pub(crate) fn holds(&self, facts: &policy::Facts) -> bool {
        self.when.holds(facts) && !self.unless.is_some_and(|unless| unless.holds(facts))
    }
}

/// Where a figure comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cite {
    /// Key of the provision.
    pub key: String,
    /// Clause ids, with where they stand in the notice.
    pub clauses: Vec<(String, String)>,
    /// Id of the notice.
    pub notice: String,
    /// On what it rests.
    pub basis: Basis,
    /// The reading taken, if one is written.
    pub reading: Option<String>,
}

impl Cite {
    /// In one line: `二 para 1 CQ21-02.1i` or, without a clause, the notice's id; with the basis. In Chinese and in English.
    pub fn line(&self) -> Source {
        let clauses: Vec<String> = self.clauses.iter().map(|(id, at)| format!("{at} {id}")).collect();
        let place = |between: &str| if clauses.is_empty() { self.notice.clone() } else { clauses.join(between) };
        Source {
            text: format!("{}，{}", place("；"), self.basis.name()),
            english: format!("{}, {}", place("; "), self.basis.code()),
        }
    }
}

/// Where figures come from, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// In Chinese.
    pub text: String,
    /// In English.
    pub english: String,
}

/// What a stage starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The in-scope amount of the bill.
    InScope,
    /// The in-scope amount less what earlier stages paid.
    Burden,
    /// The same with class B first self-pay.
    BurdenWithFirstSelfPay,
    /// All that is left of the bill.
    BillBurden,
}

/// One stage of payment.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Id in the files.
    pub id: String,
    /// Chinese name.
    pub name: String,
    /// The fund that pays.
    pub payer: Payer,
    /// Place in the legal order.
    pub layer: Layer,
    /// Only the first such stage of the layer pays.
    pub exclusive: bool,
    /// What holds for all its rows.
    pub(crate) rule: StageRule,
    pub(crate) covers: Test,
    pub(crate) excludes: Option<Test>,
    pub(crate) space: Space,
    /// From the number of a combination to a cell; 0 is "not covered".
    pub(crate) index: Vec<u16>,
    pub(crate) cells: Vec<Cell>,
    /// Where the figures of each cell come from.
    pub(crate) sources: Vec<Sources>,
    pub(crate) shape: usize,
}

/// What a cap limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CapOn {
    Paid,
    Counted,
    Gross,
}

/// Slots of a stage; [`NO_SLOT`] where it needs none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StageSlots {
    pub deductible: SlotId,
    pub position: SlotId,
    pub cap: SlotId,
    pub year_limit: SlotId,
    pub first: SlotId,
    pub previous: SlotId,
    /// Deductible met by earlier bills that this one continues: parts of the same stay, or a referral chain.
    pub chain: SlotId,
    pub minus_carry: SlotId,
    pub plus_carry: SlotId,
}

impl Default for StageSlots {
    fn default() -> StageSlots {
        StageSlots {
            deductible: NO_SLOT,
            position: NO_SLOT,
            cap: NO_SLOT,
            year_limit: NO_SLOT,
            first: NO_SLOT,
            previous: NO_SLOT,
            chain: NO_SLOT,
            minus_carry: NO_SLOT,
            plus_carry: NO_SLOT,
        }
    }
}

/// What a combination of facts gives.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    NotCovered,
    Refused(Refusal),
    Row(Row),
}

/// The figures for a combination of facts, adjustments folded in, with what the arithmetic needs to know of its stage: all
/// that a run touches. Amounts in fen, ratios in parts per million.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub rule: StageRule,
    pub deductible: Deductible,
    /// The deductible before adjustments: what a later admission's share is of. Fixed rows only.
    pub unadjusted: i64,
    /// Limit on the deductibles of a year.
    pub year_limit: i64,
    pub cap: i64,
    pub bands: Bands,
    pub entry: Option<EntryLine>,
    pub basis: Basis,
}

/// What holds for all rows of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StageRule {
    pub base: Base,
    /// The part of the bill that the base is: in scope; with first self-pay; all.
    pub part: u8,
    /// What earlier stages paid is taken off.
    pub less_paid: bool,
    /// Bands run on the amount of the year, and the cumulative payment is what is rounded.
    pub yearly: bool,
    /// Bands are measured on the gross amount, the deductible included.
    pub gross: bool,
    /// The deductible is taken once a year.
    pub yearly_deductible: bool,
    /// The deductible counts on along a referral chain.
    pub chained: bool,
    pub cap_on: CapOn,
    pub slots: StageSlots,
}

/// The bands of a row, lowest first. Most rows have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bands {
    pub first: Band,
    pub more: Box<[Band]>,
}

impl Bands {
    /// The cumulative payment up to a position, in micro-fen.
    #[inline]
    pub(crate) fn paid_up_to(&self, position: i64) -> i64 {
        let mut paid = self.first.paid_up_to(position);
        for band in &self.more {
            paid += band.paid_up_to(position);
        }
        paid
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Band> {
        std::iter::once(&self.first).chain(&self.more)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Band> {
        std::iter::once(&mut self.first).chain(&mut self.more)
    }
}

impl Band {
    #[inline]
    fn paid_up_to(&self, position: i64) -> i64 {
        (position.min(self.to) - self.from).max(0) * self.ppm
    }
}

/// How the deductible is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deductible {
    Fixed(i64),
    /// A share of the amount applied at the first or the previous admission, not below a floor.
    Share {
        of_first: bool,
        share: Rate,
        floor: i64,
        /// The ordinary first amount, where no earlier admission met this stage.
        otherwise: i64,
        times: Rate,
        minus: i64,
        at_most: i64,
    },
}

/// One band: from (exclusive) to (inclusive), and its ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Band {
    pub from: i64,
    pub to: i64,
    pub ppm: i64,
}

/// The line a yearly amount must pass before it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryLine {
    /// What has counted towards this line so far.
    pub slot: SlotId,
    pub line: i64,
    pub whole: bool,
}

/// Where the figures of a row come from: positions in [`Plan::cites`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    pub deductible: usize,
    pub bands: usize,
    pub cap: usize,
    pub entry: Option<usize>,
    pub adjusts: Vec<usize>,
}

impl Plan {
    /// The rows that the cells of a route hold, each with the position of its stage.
    pub(crate) fn rows<'p>(&'p self, cells: &'p [u16]) -> impl Iterator<Item = (usize, &'p Row)> {
        self.stages.iter().zip(cells).enumerate().filter_map(|(at, (stage, cell))| match &stage.cells[*cell as usize] {
            Cell::Row(row) => Some((at, row)),
            Cell::NotCovered | Cell::Refused(_) => None,
        })
    }

    /// A stage by its id.
    pub fn stage(&self, id: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == id)
    }

    /// The youngest age that tables do not tell apart from this one.
    pub fn youngest_like(&self, age: u8) -> u8 {
        self.ages.iter().rev().find(|from| **from <= age).copied().unwrap_or(0)
    }

    /// Whether any basic stage pays this kind of care at all.
    pub(crate) fn pays(&self, care: Care) -> bool {
        self.stages.iter().any(|s| s.layer == Layer::Basic && s.covers.care >> (care as u32) & 1 == 1)
    }
}

impl Stage {
    /// The slot of a deductible that counts on in a bill that continues another, if it does.
    pub(crate) fn chain(&self) -> Option<SlotId> {
        Some(self.rule.slots.chain).filter(|slot| *slot != NO_SLOT)
    }

    /// Slots of the deductibles of earlier admissions, that a share of them is asked for.
    pub(crate) fn admissions(&self) -> impl Iterator<Item = SlotId> {
        let StageSlots { first, previous, .. } = self.rule.slots;
        [first, previous].into_iter().filter(|slot| *slot != NO_SLOT)
    }

    /// Whether its bands run on the amount of the year.
    pub fn yearly(&self) -> bool {
        self.rule.yearly
    }

    pub(crate) fn cell(&self, facts: &policy::Facts) -> &Cell {
        &self.cells[self.index[self.space.number(facts)] as usize]
    }

    /// A figure of a row with the given facts, for the year-end roll: its deductible and cap.
    pub(crate) fn figures(&self, facts: &policy::Facts) -> Option<(Fen, Fen)> {
        match self.cell(facts) {
            Cell::Row(row) => {
                let deductible = match row.deductible {
                    Deductible::Fixed(amount) => Fen(amount),
                    Deductible::Share { floor, .. } => Fen(floor),
                };
                Some((deductible, Fen(row.cap)))
            }
            Cell::NotCovered | Cell::Refused(_) => None,
        }
    }
}
