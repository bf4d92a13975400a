//! Visits from a seed: who comes, for what, and what is charged. The same seed gives the same visits, whatever the clients
//! and whatever goes wrong on the way.

use fastrand::Rng;
use serde_json::{Value, json};
use wire::amount;

use crate::catalogue::Term;
use crate::items::{Item, Items};
use crate::visit::Card;

/// What happens, and how often: so many in a hundred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    /// Visits that are stays.
    pub inpatient: u8,
    /// Visits that are an operation of a day.
    pub day_surgery: u8,
    /// Visits that are emergencies.
    pub emergency: u8,
    /// Visits for a chronic or special disease; who has none on file has one filed.
    pub special: u8,
    /// Visits with a further batch of charges; half of these have a third.
    pub batches: u8,
    /// Batches that are struck and charged again.
    pub strike: u8,
    /// Settlements that are taken back and made again, or left so.
    pub reverse: u8,
    /// Stays that are settled once in the middle.
    pub midway: u8,
    /// Visits that are registered and called off.
    pub cancel: u8,
    /// Stays whose record is changed on the way.
    pub amend: u8,
    /// Stays that end in another hospital.
    pub refer: u8,
    /// Stays that end in death.
    pub death: u8,
    /// Stays that go on the next day, where the hospital keeps books of its own from day to day.
    pub overnight: u8,
    /// Visits whose orders are put to review.
    pub review: u8,
    /// Stays whose settlement sheet is sent.
    pub sheet: u8,
    /// Settlements of the day before that are taken back.
    pub yesterday: u8,
    /// Settlements that are asked for again, with their lines.
    pub look: u8,
    /// Whether answers are lost, messages broken off, sent twice, forged, recalled.
    pub faults: bool,
    /// Whether a visit is only what load is measured by: register, charge, estimate, settle.
    pub bare: bool,
}

impl Habits {
    /// A day with some of everything, and nothing that goes wrong on the line.
    pub const DAY: Habits = Habits {
        inpatient: 15,
        day_surgery: 3,
        emergency: 4,
        special: 8,
        batches: 25,
        strike: 10,
        reverse: 10,
        midway: 25,
        cancel: 3,
        amend: 10,
        refer: 8,
        death: 2,
        overnight: 25,
        review: 15,
        sheet: 80,
        yesterday: 10,
        look: 20,
        faults: false,
        bare: false,
    };

    /// Only outpatient visits that are registered, charged, estimated and settled, one after the other.
    pub const BARE: Habits = Habits {
        inpatient: 0,
        day_surgery: 0,
        emergency: 0,
        special: 0,
        batches: 0,
        strike: 0,
        reverse: 0,
        midway: 0,
        cancel: 0,
        amend: 0,
        refer: 0,
        death: 0,
        overnight: 0,
        review: 0,
        sheet: 0,
        yesterday: 0,
        look: 0,
        faults: false,
        bare: true,
    };
}

/// What a visit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Outpatient.
    Outpatient,
    /// An emergency.
    Emergency,
    /// For a chronic or special disease.
    Special,
    /// A stay.
    Inpatient,
    /// An operation of a day.
    DaySurgery,
    /// Buying medicines.
    Pharmacy,
}

/// A visit, as far as it is decided before it begins; the rest comes from its own draws.
pub struct Visit {
    /// Which of the day, from 0.
    pub nth: usize,
    /// What for.
    pub reason: Reason,
    /// Draws of this visit alone.
    pub rng: Rng,
}

impl Visit {
    /// The so-manieth visit of a day.
    pub fn draw(seed: u64, nth: usize, pharmacy: bool, habits: &Habits) -> Visit {
        let mut rng = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (nth as u64));
        let shares = [
            (habits.inpatient, Reason::Inpatient),
            (habits.day_surgery, Reason::DaySurgery),
            (habits.emergency, Reason::Emergency),
            (habits.special, Reason::Special),
        ];
        let (mut below, drawn) = (0, rng.u8(..100));
        let rarer = shares.into_iter().find(|(share, _)| {
            below += share;
            drawn < below
        });
        let reason = if pharmacy { Reason::Pharmacy } else { rarer.map_or(Reason::Outpatient, |(_, reason)| reason) };
        Visit { nth, reason, rng }
    }

    /// Whether something happens that happens so many times in a hundred.
    pub fn happens(&mut self, percent: u8) -> bool {
        self.rng.u8(..100) < percent
    }

    /// One of a list.
    pub fn one<'t>(&mut self, terms: &[&'t Term]) -> Option<&'t Term> {
        (!terms.is_empty()).then(|| terms[self.rng.usize(..terms.len())])
    }

    /// A diagnosis that a person of this sex and age may have.
    pub fn diagnosis(&mut self, diagnoses: &[Term], card: &Card) -> Term {
        let fitting: Vec<&Term> = diagnoses.iter().filter(|term| fits(&term.code, card)).collect();
        self.one(&fitting).cloned().unwrap_or_default()
    }

    /// Charges: so many lines of what there is, one in eight above its usual price.
    pub fn charges(&mut self, items: &Items, lines: std::ops::RangeInclusive<usize>) -> Vec<Charge> {
        let lines = self.rng.usize(lines);
        (0..lines).map(|_| self.charge(items)).collect()
    }

    fn charge(&mut self, items: &Items) -> Charge {
        let all = items.all();
        let item = all[self.rng.usize(..all.len())].clone();
        let dearer = if self.rng.u8(..8) == 0 { item.price / 10 } else { 0 };
        // A price that is not too high for a day's charges, whatever the item is.
        let count = if item.price > 100_000 { 1 } else { self.rng.i64(1..=3) };
        let appr = ["0", "1", "1", "1"][self.rng.usize(..4)];
        Charge { price: item.price + dearer, item, count, appr }
    }
}

/// Whether a diagnosis of ICD-10 fits a person: its chapters of birth and of newborns, its blocks of either sex.
fn fits(code: &str, card: &Card) -> bool {
    let block = code.get(1..3).and_then(|digits| digits.parse::<u8>().ok()).unwrap_or_default();
    match (code.chars().next().unwrap_or_default(), block) {
        ('O', _) => card.may_bear(),
        ('P', _) => card.years == 0,
        ('C', 51..=58) | ('N', 70..=98) => card.gend == "2",
        ('C', 60..=63) | ('N', 40..=51) => card.gend == "1",
        _ => true,
    }
}

/// What one line charges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Of what.
    pub item: Item,
    /// How many.
    pub count: i64,
    /// Price of one in fen.
    pub price: i64,
    /// The hospital's approval of limited use.
    pub appr: &'static str,
}

impl Charge {
    /// What it comes to, in fen.
    pub fn amount(&self) -> i64 {
        self.count * self.price
    }

    /// The fields of a line that both kinds of care have.
    pub fn line(&self, sn: &str, mdtrt_id: &str, psn_no: &str, at: &str) -> Value {
        json!({
            "feedetl_sn": sn, "mdtrt_id": mdtrt_id, "psn_no": psn_no, "fee_ocur_time": at,
            "med_list_codg": self.item.code, "medins_list_codg": self.item.own,
            "det_item_fee_sumamt": amount::yuan(self.amount()), "cnt": self.count, "pric": amount::yuan(self.price),
            "bilg_dept_codg": "A03", "bilg_dept_name": "内科", "bilg_dr_codg": "D990100000001", "bilg_dr_name": "医师甲",
            "hosp_appr_flag": self.appr,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items() -> Items {
        Items::read("code,name,list,limit\nX1,药,101,10\nS1,项,201,20.5\nC1,材,301,3000\n").unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_visits() {
        let all = |seed| {
            (0..200).map(move |nth| {
                let mut visit = Visit::draw(seed, nth, false, &Habits::DAY);
                (visit.reason, visit.charges(&items(), 1..=5))
            })
        };
        assert!(all(7).eq(all(7)) && !all(7).eq(all(8)));
        let stays = all(7).filter(|(reason, _)| *reason == Reason::Inpatient).count();
        assert!((15..=50).contains(&stays), "{stays}");
        assert!(all(7).all(|(_, charges)| !charges.is_empty() && charges.iter().all(|charge| charge.amount() > 0)));
    }

    #[test]
    fn nobody_has_what_they_cannot_have() {
        let card = |gend: &str, years| Card { gend: gend.to_owned(), years, ..Card::default() };
        for (code, card, may) in [
            ("O80.000", card("2", 30), true),
            ("O80.000", card("1", 30), false),
            ("O82.000", card("2", 70), false),
            ("P07.300", card("1", 0), true),
            ("P07.300", card("1", 1), false),
            ("N40.x00", card("2", 60), false),
            ("C53.900", card("2", 60), true),
            ("I10.x00", card("9", 60), true),
        ] {
            assert_eq!(fits(code, &card), may, "{code} {card:?}");
        }
    }

    #[test]
    fn a_bare_day_has_outpatients_alone_and_a_pharmacy_sells() {
        assert!((0..100).all(|nth| Visit::draw(1, nth, false, &Habits::BARE).reason == Reason::Outpatient));
        assert!((0..100).all(|nth| Visit::draw(1, nth, true, &Habits::DAY).reason == Reason::Pharmacy));
    }
}
