//! Anomalies planted for an audit to find, and the truth about them. They are drawn from a stream of their own and numbered
//! behind everything else: without them all else is the same.

use domain::Care;

use super::calendar::Calendar;
use super::care::{Clinic, Event};
use super::draw::{Draws, Stream};
use super::figures::{Figures, Share};
use super::ground::Answers;
use super::society::{Life, Standing};
use crate::Refused;

/// Numbers from which on a bill of a year is planted.
pub const PLANTED: u32 = 5_000;

domain::vocabulary! {
    /// What is planted.
    Anomaly {
        OverlappingStays = "overlapping-stays", "住院重叠", "two stays in two hospitals at once";
        SplitStay = "split-stay", "分解住院", "one stay billed as two";
        WrongSex = "wrong-sex", "性别不符", "a diagnosis of the other sex";
        Duplicate = "duplicate", "重复收费", "the same bill twice";
        Reselling = "reselling", "倒卖药品", "drugs bought at many places within days";
    }
}

/// One bill that is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truth {
    /// Number of the event.
    pub made: u32,
    /// What is wrong.
    pub anomaly: Anomaly,
    /// The other event concerned.
    pub other: Option<u32>,
}

/// The rates of a file of figures.
///
/// # Errors
/// When it names an anomaly that there is not.
pub fn rates(figures: &Figures) -> Result<Vec<(Anomaly, u64)>, Refused> {
    let one = |row: &super::figures::AnomalyRate| {
        let words: Vec<&str> = Anomaly::ALL.iter().map(|anomaly| anomaly.code()).collect();
        let refused = || Refused::new(format!("`anomaly` 没有 “{}”", row.kind), format!("可用：{}", words.join("、")));
        Ok((Anomaly::parse(&row.kind).ok_or_else(refused)?, row.per_100k * 10))
    };
    figures.anomaly.iter().map(one).collect()
}

/// A person's year with which something may be wrong.
pub struct Planting<'p, 'g> {
    /// Tables of care.
    pub clinic: &'p Clinic<'g>,
    /// The person.
    pub life: &'p Life,
    /// In the year.
    pub standing: &'p Standing,
    /// The year.
    pub calendar: &'p Calendar,
    /// Answers of the engines.
    pub answers: &'p mut Answers,
}

impl Planting<'_, '_> {
    /// Plants into the events of a year, and says what.
    pub fn plant(&mut self, seed: u64, rates: &[(Anomaly, u64)], events: &mut Vec<Event>) -> Vec<Truth> {
        let mut truths = Vec::new();
        let mut draws = Draws::of(seed, self.life.person, Stream::Anomaly, self.calendar.year);
        for (anomaly, ppm) in rates {
            // Drawn whether or not it can be planted, so that one anomaly does not move the next.
            let (happens, mut own) = (draws.chance(*ppm), Draws::of(draws.bits(), 0, Stream::Anomaly, 0));
            if happens {
                self.plant_one(*anomaly, &mut own, events, &mut truths);
            }
        }
        events.sort_by_key(|event| (event.end, event.made));
        truths
    }

    fn plant_one(&mut self, anomaly: Anomaly, draws: &mut Draws, events: &mut Vec<Event>, truths: &mut Vec<Truth>) {
        let untouched = |event: &Event| !truths.iter().any(|t| t.made == event.made || t.other == Some(event.made));
        let figures = self.clinic.figures();
        let stay = |event: &Event, days: u64| {
            event.care == Care::Inpatient && event.from.is_none() && i64::from(event.days) >= days as i64
        };
        let fits = |event: &Event| match anomaly {
            Anomaly::OverlappingStays => stay(event, figures.overlapping_stays.days),
            Anomaly::SplitStay => stay(event, figures.split_stay.days),
            Anomaly::WrongSex => event.from.is_none() && !matches!(event.care, Care::Pharmacy | Care::Prenatal),
            Anomaly::Duplicate => event.from.is_none(),
            Anomaly::Reselling => matches!(event.care, Care::Special | Care::TwoDisease | Care::Pharmacy),
        };
        let places: Vec<usize> = (0..events.len()).filter(|at| fits(&events[*at]) && untouched(&events[*at])).collect();
        if places.is_empty() {
            return;
        }
        let at = places[draws.below(places.len() as u64) as usize];
        let planted = events.iter().filter(|event| event.made >= PLANTED).count() as u32;
        let copy = Event { made: PLANTED + planted, from: None, ..events[at].clone() };
        match anomaly {
            Anomaly::OverlappingStays => self.overlap(copy, &events[at].clone(), draws, events, truths),
            Anomaly::SplitStay => self.split(copy, at, events, truths),
            Anomaly::WrongSex => self.wrong_sex(at, draws, events, truths),
            Anomaly::Duplicate => {
                truths.push(Truth { made: copy.made, anomaly, other: Some(events[at].made) });
                events.push(copy);
            }
            Anomaly::Reselling => self.resell(copy, draws, events, truths),
        }
    }

    /// Another hospital bills days of the same stay, to the same day of discharge.
    fn overlap(
        &mut self,
        copy: Event,
        of: &Event,
        draws: &mut Draws,
        events: &mut Vec<Event>,
        truths: &mut Vec<Truth>,
    ) {
        let hospital = self.clinic.elsewhere_than(of, draws);
        let Some(hospital) = hospital else { return };
        let days = 1 + draws.below(of.days.unsigned_abs().into()) as i32;
        let (least, most) =
            (&self.clinic.figures().overlapping_stays.least, &self.clinic.figures().overlapping_stays.most);
        let more = draws.below(share(of.total(), Share(most.0 - least.0)).unsigned_abs().max(1)) as i64;
        let amounts = self.clinic.split(of.care, share(of.total(), *least) + more, draws);
        truths.push(Truth { made: copy.made, anomaly: Anomaly::OverlappingStays, other: Some(of.made) });
        events.push(Event { hospital, days, amounts, ..copy });
    }

    /// The first part of the stay is billed by itself, the second under its old number.
    fn split(&mut self, copy: Event, at: usize, events: &mut Vec<Event>, truths: &mut Vec<Truth>) {
        let whole = events[at].clone();
        let first = self.clinic.figures().split_stay.first;
        // A day is left for the discharge, and one for the second admission.
        let first_days = share(whole.days.into(), first).clamp(1, i64::from(whole.days) - 2) as i32;
        let parts = whole.amounts.map(|amount| share(amount, first));
        let first = Event { end: whole.start() + first_days, days: first_days, amounts: parts, ..copy };
        if !self.decides(&first) {
            return;
        }
        let rest = std::array::from_fn(|class| whole.amounts[class] - parts[class]);
        // The patient is discharged, and admitted again the next day.
        events[at] = Event { days: whole.days - first_days - 1, amounts: rest, ..whole };
        truths.push(Truth { made: first.made, anomaly: Anomaly::SplitStay, other: Some(events[at].made) });
        events.push(first);
    }

    fn wrong_sex(&mut self, at: usize, draws: &mut Draws, events: &mut [Event], truths: &mut Vec<Truth>) {
        let sex = self.life.sex;
        if let Some(diagnosis) = self.clinic.of_other_sex(sex, draws) {
            events[at].diagnosis = diagnosis;
            truths.push(Truth { made: events[at].made, anomaly: Anomaly::WrongSex, other: None });
        }
    }

    /// Within weeks the same drugs are bought again and again, each time elsewhere and several times as much.
    fn resell(&mut self, copy: Event, draws: &mut Draws, events: &mut Vec<Event>, truths: &mut Vec<Truth>) {
        let first = copy.made;
        let resell = self.clinic.figures().reselling.clone();
        for _ in 0..resell.purchases.draw(draws) {
            let number = PLANTED + events.iter().filter(|event| event.made >= PLANTED).count() as u32;
            let end = copy.end + resell.days.draw(draws) as i32;
            let more = resell.times.draw(draws) as i64;
            let hospital = self.clinic.elsewhere_than(&copy, draws).unwrap_or(copy.hospital);
            let event = Event {
                made: number,
                end,
                hospital,
                amounts: copy.amounts.map(|amount| amount * more),
                ..copy.clone()
            };
            let covered = self.standing.covered.is_some_and(|(from, last)| (from..=last).contains(&end));
            let free = events.iter().all(|stay| stay.days == 0 || end < stay.start() || end > stay.end);
            if covered && free && self.decides(&event) {
                let other = (number != first).then_some(first);
                truths.push(Truth { made: number, anomaly: Anomaly::Reselling, other });
                events.push(event);
            }
        }
    }

    fn decides(&mut self, event: &Event) -> bool {
        self.clinic.decides(event, self.life, self.standing, self.calendar, self.answers)
    }
}

/// A share of days or of fen.
fn share(of: i64, share: Share) -> i64 {
    (i128::from(of) * i128::from(share.0) / 1_000_000) as i64
}
