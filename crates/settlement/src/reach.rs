//! What other terms may change of a person's year: of a kind of bill, whether they may pay it otherwise at all; and how far the
//! person's bills must reach into a stage for that.
//!
//! Other figures pay the same as long as they are not met. A lower or higher deductible changes nothing for whom the lower of
//! both takes everything; another ceiling nothing for whom neither stops a payment. A run tells how far each person reaches into
//! each stage ([`crate::Sink::reach`]); [`Limits`] say how far both terms come to the same. A person whose bills one after another
//! stay within the limits leaves every running amount as it is, so that the whole year is the same.

use crate::batch::KindId;
use crate::columns::{Columns, Passed, Route};
use crate::plan::{CapOn, Deductible, Row};
use crate::run::{MAX_STAGES, StageStep};
use crate::state::NO_SLOT;

/// How far a bill reaches into a stage, in fen with what earlier bills of the year have met; [`i64::MAX`] where it cannot be
/// told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Towards the deductible: what has been deducted, and what the stage starts from.
    pub deductible: i64,
    /// Towards the cap: what has been paid, and what would be without a cap.
    pub cap: i64,
}

impl Reach {
    /// Farther than any limit.
    pub const BEYOND: Reach = Reach { deductible: i64::MAX, cap: i64::MAX };

    /// Whether a reach passes this one, a limit, in nothing.
    pub fn covers(self, reach: Reach) -> bool {
        reach.deductible <= self.deductible && reach.cap <= self.cap
    }

    /// How far a step of a row reached; `met` of its deductible before it, and `most` the row could pay.
    #[inline(always)]
    pub(crate) fn of(row: &Row, met: i64, step: &StageStep, most: i64) -> Reach {
        if row.rule.cap_on != CapOn::Paid {
            return Reach::BEYOND;
        }
        // Where nothing has come into the bands, other bands and any deductible that takes it all change nothing.
        let unpaid = step.band_to == 0 && row.entry.is_none() && row.rule.slots.chain == NO_SLOT;
        Reach {
            deductible: if unpaid { met + step.base } else { i64::MAX },
            cap: step.cap_used + step.uncapped.min(most),
        }
    }
}

/// The farthest that a person's bills reach into each stage.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reaches([Reach; MAX_STAGES]);

impl Reaches {
    /// Adds how far another bill reaches into a stage, given by its position.
    #[inline(always)]
    pub fn add(&mut self, stage: usize, reach: Reach) {
        let farthest = &mut self.0[stage % MAX_STAGES];
        farthest.deductible = farthest.deductible.max(reach.deductible);
        farthest.cap = farthest.cap.max(reach.cap);
    }

    /// The farthest into a stage.
    #[inline]
    pub fn of(&self, stage: usize) -> Reach {
        self.0[stage % MAX_STAGES]
    }
}

/// What other terms do with bills of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// They pay them the same.
    None,
    /// They pay them the same to whom stays within the [`Limits`].
    Beyond,
    /// They may pay any otherwise, or it cannot be told.
    Any,
}

/// How far persons may reach into the stages of two terms and be paid the same by both, in fen, by the stage's position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits([Reach; MAX_STAGES]);

impl Default for Limits {
    fn default() -> Limits {
        Limits([Reach::BEYOND; MAX_STAGES])
    }
}

impl Limits {
    /// The stages that have a limit.
    pub fn stages(&self) -> impl Iterator<Item = (usize, Reach)> + '_ {
        self.0.iter().copied().enumerate().filter(|(_, limit)| *limit != Reach::BEYOND)
    }

    /// What two rows of a stage pay otherwise; narrowed to where they pay the same.
    fn narrow(&mut self, one: &Passed, other: &Passed) -> Difference {
        let (limit, one, other) = (&mut self.0[one.stage % MAX_STAGES], &one.row, &other.row);
        if one == other || same(one, other, |_| ()) {
            return Difference::None;
        }
        if one.rule.cap_on != CapOn::Paid {
            return Difference::Any;
        }
        if same(one, other, |row| row.cap = 0) {
            limit.cap = limit.cap.min(one.cap).min(other.cap);
            return Difference::Beyond;
        }
        let (Deductible::Fixed(deductible), Deductible::Fixed(others)) = (one.deductible, other.deductible) else {
            return Difference::Any;
        };
        // A later admission takes a share of what an earlier one was asked for, even where nothing was paid.
        let kept = one.rule.slots.previous != NO_SLOT && one.unadjusted != other.unadjusted;
        let unpaid = |row: &mut Row| {
            row.bands = one.bands.clone();
            (row.deductible, row.unadjusted, row.cap) = (Deductible::Fixed(0), 0, 0);
        };
        if kept || one.entry.is_some() || !same(one, other, unpaid) {
            return Difference::Any;
        }
        limit.deductible = limit.deductible.min(deductible).min(others);
        Difference::Beyond
    }
}

/// Whether two rows pay the same once some figures of both are made equal. On what figures rest pays nothing.
fn same(one: &Row, other: &Row, mut level: impl FnMut(&mut Row)) -> bool {
    let mut levelled = |row: &Row| {
        let mut row = Row { basis: one.basis, ..row.clone() };
        level(&mut row);
        row
    };
    levelled(one) == levelled(other)
}

impl Columns<'_> {
    /// A number that kinds have in common which these terms settle alike; nothing of a kind that they refuse.
    pub fn form_of(&self, kind: KindId) -> Option<u16> {
        self.kinds.get(kind as usize).copied().filter(|_| self.refusal(kind).is_none())
    }

    /// Of a kind that both have learned as the same number: what these terms do otherwise with such bills than others, whose run
    /// tells the reaches; the limits are narrowed to where both pay the same.
    pub fn differ(&self, other: &Columns<'_>, kind: KindId, limits: &mut Limits) -> Difference {
        let (Some(form), Some(others)) = (self.kinds.get(kind as usize), other.kinds.get(kind as usize)) else {
            return Difference::Any;
        };
        let (form, others) = (usize::from(*form), usize::from(*others));
        let comparable = !self.carries() && !other.carries() && self.engine.slots == other.engine.slots;
        if !comparable || self.forms[form] != other.forms[others] {
            return Difference::Any;
        }
        let mut narrowed = *limits;
        let of_number = |number| match (self.route_at(form, number), other.route_at(others, number)) {
            (Some(one), Some(another)) => self.narrow(one, other, another, &mut narrowed),
            // Refused for the same reason; what is chained cannot be told.
            (None, None) if self.refusal(kind).is_some() && self.refusal(kind) == other.refusal(kind) => {
                Difference::None
            }
            _ => Difference::Any,
        };
        let difference = (0..self.numbers.max(other.numbers)).map(of_number).max().unwrap_or(Difference::Any);
        if difference == Difference::Beyond {
            *limits = narrowed;
        }
        difference
    }

    /// What two routes pay otherwise, with the limits narrowed to where they pay the same.
    fn narrow(&self, route: &Route, other: &Columns<'_>, others: &Route, limits: &mut Limits) -> Difference {
        let (rows, others_rows) = (&self.rows[route.rows.clone()], &other.rows[others.rows.clone()]);
        let places = |columns: &Columns<'_>, rows: &[Passed]| -> Vec<_> {
            rows.iter().map(|passed| (columns.funds[passed.fund], passed.stage)).collect()
        };
        if route.rounding != others.rounding
            || route.admission != others.admission
            || places(self, rows) != places(other, others_rows)
        {
            return Difference::Any;
        }
        let pairs = rows.iter().zip(others_rows);
        pairs.map(|(row, others)| limits.narrow(row, others)).max().unwrap_or(Difference::None)
    }
}
