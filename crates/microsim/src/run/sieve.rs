//! Which variants settle a person anew: those that may pay one of the person's bills otherwise, wherever it reaches; and those
//! that may only beyond a limit which the person's bills pass.

use std::collections::HashMap;

use settlement::{Columns, Difference, KindId, Limits, Reaches};

use super::terms::Compiled;

/// Variants, a bit each.
pub type Mask = u128;

/// The variants that may settle bills of a kind otherwise than the baseline does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Touched {
    /// Any such bill.
    pub any: Mask,
    /// One of a person who passes a limit.
    pub beyond: Mask,
}

impl Touched {
    /// Adds what is so of another bill of a person.
    #[inline]
    pub fn add(&mut self, other: Touched) {
        self.any |= other.any;
        self.beyond |= other.beyond;
    }
}

/// The kinds that variants touch, and the limits beyond which they do.
#[derive(Debug, Default)]
pub struct Sieve {
    touched: Vec<Touched>,
    /// The same by what the columns make of a kind, one after another: of many kinds they make the same.
    of_forms: HashMap<Vec<u16>, Touched>,
    /// Of each variant.
    limits: Vec<Limits>,
    /// Some variant touches some kind.
    any: bool,
    /// Of each stage with a limit its position, and the limits towards its deductible and its cap.
    steps: Vec<(usize, Steps, Steps)>,
}

/// Limits, rising, each with the variants whose limit is passed by who passes it.
type Steps = Vec<(i64, Mask)>;

impl Sieve {
    /// Learns the kinds that all columns have learned since; the first columns are the baseline's. `leaders` are those whose
    /// forms each variant has.
    pub fn learn(&mut self, compiled: &Compiled<'_, '_>, columns: &[Columns<'_>], leaders: &[usize]) {
        self.limits.resize(columns.len(), Limits::default());
        let own = || columns.iter().enumerate().filter(|(variant, _)| leaders[*variant] == *variant);
        for kind in self.touched.len()..columns[0].kinds() {
            let kind = kind as KindId;
            let forms: Option<Vec<u16>> = own().map(|(_, columns)| columns.form_of(kind)).collect();
            let known = forms.as_ref().and_then(|forms| self.of_forms.get(forms)).copied();
            let touched = known.unwrap_or_else(|| self.told(compiled, columns, kind));
            if let Some(forms) = forms.filter(|_| known.is_none()) {
                self.of_forms.insert(forms, touched);
            }
            self.any |= touched.any | touched.beyond != 0;
            self.touched.push(touched);
        }
        self.order();
    }

    /// What variants may do with bills of a kind, with their limits narrowed by it.
    fn told(&mut self, compiled: &Compiled<'_, '_>, columns: &[Columns<'_>], kind: KindId) -> Touched {
        let mut touched = Touched::default();
        for variant in (1..columns.len()).filter(|variant| !compiled.same_as_baseline(*variant)) {
            match columns[variant].differ(&columns[0], kind, &mut self.limits[variant]) {
                Difference::None => {}
                Difference::Beyond => touched.beyond |= 1 << variant,
                Difference::Any => touched.any |= 1 << variant,
            }
        }
        touched
    }

    /// Puts the limits in order.
    fn order(&mut self) {
        let limits = || self.limits.iter().enumerate().flat_map(|(at, limits)| limits.stages().map(move |of| (at, of)));
        let mut stages: Vec<usize> = limits().map(|(_, (stage, _))| stage).collect();
        stages.sort_unstable();
        stages.dedup();
        let steps = |stage: usize, what: fn(&settlement::Reach) -> i64| {
            let of_stage = limits().filter(|(_, (at, _))| *at == stage);
            let mut steps: Steps = of_stage.map(|(variant, (_, limit))| (what(&limit), 1 << variant)).collect();
            steps.sort_unstable();
            let mut all = 0;
            for (_, mask) in &mut steps {
                all |= *mask;
                *mask = all;
            }
            steps
        };
        self.steps = stages
            .iter()
            .map(|stage| (*stage, steps(*stage, |of| of.deductible), steps(*stage, |of| of.cap)))
            .collect();
    }

    /// Whether no variant may settle anything otherwise.
    pub fn is_empty(&self) -> bool {
        !self.any
    }

    /// What variants may do with bills of a kind.
    #[inline]
    pub fn touched(&self, kind: KindId) -> Touched {
        self.touched[kind as usize]
    }

    /// Of each kind what a variant may do with bills of it: any, and beyond a limit.
    pub fn kinds_of(&self, variant: usize) -> Vec<(bool, bool)> {
        let has = |mask: Mask| mask >> variant & 1 == 1;
        self.touched.iter().map(|touched| (has(touched.any), has(touched.beyond))).collect()
    }

    /// The variants one of whose limits is passed.
    pub fn passed(&self, reaches: &Reaches) -> Mask {
        let passed = |steps: &Steps, reach: i64| match steps.partition_point(|(limit, _)| *limit < reach) {
            0 => 0,
            many => steps[many - 1].1,
        };
        let each = self.steps.iter().map(|(stage, deductible, cap)| {
            let reach = reaches.of(*stage);
            passed(deductible, reach.deductible) | passed(cap, reach.cap)
        });
        each.fold(0, |all, mask| all | mask)
    }
}
