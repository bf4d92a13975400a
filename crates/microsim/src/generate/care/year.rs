//! A person's year of care in the making: what is wished for is added where the terms decide such a bill, put apart, and numbered.

use domain::{Care, Filing, Level};

use super::{Clinic, Event, Ill, kind_on};
use crate::generate::calendar::Calendar;
use crate::generate::draw::{Draws, Stream, Weighted};
use crate::generate::figures::Sex;
use crate::generate::ground::{Answers, Kind};
use crate::generate::rates::slot;
use crate::generate::society::{Life, Standing};

/// A year in the making.
pub(super) struct Year<'y, 'g> {
    pub(super) clinic: &'y Clinic<'g>,
    pub(super) life: &'y Life,
    pub(super) standing: &'y Standing,
    pub(super) calendar: &'y Calendar,
    pub(super) answers: &'y mut Answers,
    pub(super) events: Vec<Event>,
}

/// What is asked of a new event.
struct Wish {
    care: Care,
    filing: Filing,
    disease: Option<u8>,
    /// Its diagnosis, or one drawn for the care.
    diagnosis: Option<usize>,
    day: i32,
    /// How many times the usual cost, millionths.
    times: u64,
    accident: bool,
    /// The event it continues, and the levels above its own.
    from: Option<(u32, Level)>,
    /// At the provider that the person always goes to.
    chosen: bool,
}

impl Wish {
    fn of(care: Care, day: i32) -> Wish {
        Wish {
            care,
            filing: Filing::Local,
            disease: None,
            diagnosis: None,
            day,
            times: 1_000_000,
            accident: false,
            from: None,
            chosen: false,
        }
    }
}

impl Year<'_, '_> {
    fn draws(&self, stream: Stream) -> Draws {
        Draws::of(self.clinic.seed, self.life.person, stream, self.calendar.year)
    }

    fn mean(&self, ppm: u64) -> u64 {
        (u128::from(ppm) * u128::from(self.life.frailty) / 1_000_000) as u64
    }

    fn day(&self, draws: &mut Draws) -> i32 {
        draws.below(u64::from(self.calendar.len().unsigned_abs())) as i32
    }

    /// Ordinary visits, emergencies and pharmacies.
    pub(super) fn visits(&mut self) {
        let clinic = self.clinic;
        let mut draws = self.draws(Stream::Outpatient);
        for _ in 0..draws.count(self.mean(clinic.outpatient[usize::from(self.standing.age)])) {
            let day = self.day(&mut draws);
            let emergency = draws.chance(clinic.figures.emergency.0);
            let accident = draws.chance(clinic.figures.accident.0) && emergency;
            let care = if emergency { Care::Emergency } else { Care::Outpatient };
            self.add(Wish { accident, ..Wish::of(care, day) }, &mut draws);
        }
        for _ in 0..draws.count(self.mean(clinic.pharmacy)) {
            let day = self.day(&mut draws);
            self.add(Wish::of(Care::Pharmacy, day), &mut draws);
        }
    }

    /// Visits for recognised chronic illness, for hypertension and diabetes, and for major illness.
    pub(super) fn illness(&mut self, ill: &Ill<'_>) {
        let clinic = self.clinic;
        let mut draws = self.draws(Stream::Illness);
        for (illness, recognised) in &ill.chronic {
            let (care, mean) = match recognised {
                true if illness.special.is_some() => (Care::Special, clinic.special),
                false if illness.two_disease => (Care::TwoDisease, clinic.two_disease),
                _ => continue,
            };
            let disease = clinic.disease(illness.special.as_ref());
            let diagnosis = clinic.figures.diagnosis_of(&illness.diagnosis);
            for _ in 0..draws.count(mean) {
                let day = self.day(&mut draws);
                self.add(Wish { disease, diagnosis, chosen: true, ..Wish::of(care, day) }, &mut draws);
            }
        }
        for at in &ill.major {
            let major = &clinic.figures.major[*at];
            let disease = clinic.disease(major.special.as_ref());
            let diagnosis = clinic.figures.diagnosis_of(&major.diagnosis);
            for _ in 0..draws.count(major.visits * 10_000) {
                let day = self.day(&mut draws);
                let wish =
                    Wish { disease, diagnosis, times: major.times.0, chosen: true, ..Wish::of(Care::Special, day) };
                self.add(wish, &mut draws);
            }
            for nth in 0..draws.count(major.admissions * 10_000) {
                let day = self.day(&mut draws);
                let again = major.chemotherapy.as_ref().filter(|_| nth > 0);
                let diagnosis = clinic.figures.diagnosis_of(again.unwrap_or(&major.diagnosis));
                let filing = clinic.away.draw(&mut draws).unwrap_or(Filing::Local);
                self.add(
                    Wish { filing, diagnosis, times: major.times.0, ..Wish::of(Care::Inpatient, day) },
                    &mut draws,
                );
            }
        }
    }

    /// Ordinary stays, some of them in a form of their own, some continued at a higher level.
    pub(super) fn stays(&mut self, ill: &Ill<'_>) {
        let clinic = self.clinic;
        let mut draws = self.draws(Stream::Inpatient);
        let more: u64 = ill.chronic.iter().map(|(illness, _)| illness.admissions.0).sum();
        let mean = clinic.inpatient[usize::from(self.standing.age)];
        let mean = (u128::from(mean) * u128::from(1_000_000 + more) / 1_000_000) as u64;
        for _ in 0..draws.count(self.mean(mean)) {
            let day = self.day(&mut draws);
            let form = draws.below(1_000_000);
            let mut sum = 0;
            let form = clinic.figures.forms.iter().find(|row| {
                sum += row.share.0;
                form < sum
            });
            let filing = clinic.away.draw(&mut draws).unwrap_or(Filing::Local);
            let accident = draws.chance(clinic.figures.accident.0);
            let refer = draws.chance(clinic.figures.referral.0);
            let added = form.is_some_and(|form| self.add(Wish::of(form.care.0, day), &mut draws))
                || self.add(Wish { filing, accident, ..Wish::of(Care::Inpatient, day) }, &mut draws);
            if added && refer {
                self.refer(&mut draws);
            }
        }
    }

    /// The last stay goes on at a higher level, soon after.
    fn refer(&mut self, draws: &mut Draws) {
        let clinic = self.clinic;
        let Some(first) = self.events.last().cloned() else { return };
        if first.care != Care::Inpatient || first.filing != Filing::Local || first.level >= Level::Three {
            return;
        }
        let day = first.end + clinic.figures.referral_days.draw(draws) as i32;
        let wish = Wish {
            diagnosis: Some(first.diagnosis),
            from: Some((first.made, first.level)),
            accident: first.accident,
            ..Wish::of(Care::Inpatient, day)
        };
        if day < self.calendar.len() {
            self.add(wish, draws);
        }
    }

    pub(super) fn delivery(&mut self) {
        let clinic = self.clinic;
        if self.life.sex == Sex::Male || clinic.delivery[usize::from(self.standing.age)] == 0 {
            return;
        }
        let mut draws = self.draws(Stream::Delivery);
        if !draws.chance(clinic.delivery[usize::from(self.standing.age)]) {
            return;
        }
        let day = self.day(&mut draws);
        for _ in 0..draws.below(clinic.figures.prenatal + 1) {
            let before = clinic.figures.prenatal_days.draw(&mut draws) as i32;
            if day >= before {
                self.add(Wish { chosen: true, ..Wish::of(Care::Prenatal, day - before) }, &mut draws);
            }
        }
        self.add(Wish::of(Care::Delivery, day), &mut draws);
    }

    /// Adds an event, if the terms decide such a bill at some level. What is marked or filed so that they do not is left
    /// unmarked and at home.
    fn add(&mut self, wish: Wish, draws: &mut Draws) -> bool {
        let clinic = self.clinic;
        // The draws of an event are its own, so that one that is not decided moves no other.
        let mut draws = Draws::of(draws.bits(), wish.day.into(), Stream::Event, 0);
        let kind = Kind {
            care: wish.care,
            filing: wish.filing,
            disease: wish.disease,
            accident: wish.accident,
            continues: wish.from.is_some(),
            ..kind_on(clinic.ground, self.life, self.standing, self.calendar, wish.day)
        };
        let tries = [
            kind,
            Kind { accident: false, ..kind },
            Kind { filing: Filing::Local, ..kind },
            Kind { accident: false, filing: Filing::Local, ..kind },
        ];
        let above = wish.from.map_or(0, |(_, level)| level as u8 + 1);
        let shares = &clinic.levels[wish.care as usize];
        let mut found = None;
        for kind in tries {
            let mask = clinic.ground.levels(kind, self.answers) >> above << above;
            let open = |level: &Level| mask >> *level as u8 & 1 == 1;
            let weighted = Weighted::of(Level::ALL.iter().filter(|l| open(l)).map(|l| (shares[*l as usize], *l)));
            found = weighted.draw(&mut draws).map(|level| (kind, level));
            if found.is_some() {
                break;
            }
        }
        let Some((kind, level)) = found else { return false };
        let age = usize::from(kind.age);
        let drawn = || clinic.diagnoses[slot(wish.care, self.life.sex, age)].draw(&mut draws.clone());
        let Some(diagnosis) = wish.diagnosis.or_else(drawn) else { return false };
        let rank = draws.rank();
        let times = i64::try_from(wish.times).unwrap_or(i64::MAX);
        let usual = clinic.costs[wish.care as usize][level as usize];
        let (least, most) = (clinic.figures.bill.from as i64 * 100, clinic.figures.bill.to as i64 * 100);
        let total = clinic.shapes[wish.care as usize].at(rank, usual).max(least);
        let total = (i128::from(total) * i128::from(times) / 1_000_000).clamp(least.into(), most.into()) as i64;
        let event = Event {
            made: self.events.len() as u32,
            moved: false,
            care: wish.care,
            level,
            filing: kind.filing,
            disease: wish.disease,
            diagnosis,
            end: wish.day,
            days: self.days(wish.care, diagnosis, total, usual).min(wish.day),
            hospital: clinic.hospitals.draw(self.life, level, kind.care, kind.filing, wish.chosen, &mut draws),
            accident: kind.accident,
            from: wish.from.map(|(made, _)| made),
            amounts: clinic.split(wish.care, total, &mut draws),
        };
        self.events.push(event);
        true
    }

    /// Days of a stay: some of the usual for the diagnosis, and more the more it costs.
    fn days(&self, care: Care, diagnosis: usize, total: i64, usual: i64) -> i32 {
        let figures = self.clinic.figures;
        let (mean, whole) = (i128::from(figures.diagnosis[diagnosis].days), 1_000_000);
        let fixed = i128::from(figures.stay_days.usual.0);
        match care {
            Care::Inpatient | Care::SingleDisease | Care::Delivery => {
                let cost = i128::from(usual) * fixed + i128::from(total) * (whole - fixed);
                let days = mean * cost / (whole * i128::from(usual.max(1)));
                days.clamp(1, figures.stay_days.most.into()) as i32
            }
            Care::DaySurgery => 1,
            _ => 0,
        }
    }
}

/// Numbers events by their place; what continues another that is no longer there, or comes no later, goes with it.
pub(super) fn number(events: &mut Vec<Event>) {
    let place = |events: &[Event], made: u32| events.iter().position(|event| event.made == made);
    while let Some(at) = events
        .iter()
        .enumerate()
        .position(|(at, event)| event.from.is_some_and(|made| place(events, made).is_none_or(|earlier| earlier >= at)))
    {
        events.remove(at);
    }
    let from: Vec<Option<u32>> = events.iter().map(|event| Some(place(events, event.from?)? as u32)).collect();
    for (at, (event, from)) in events.iter_mut().zip(from).enumerate() {
        event.made = at as u32;
        event.from = from;
    }
}

/// Lets no two stays of a person overlap and no visit fall into one, and leaves out what is not covered. Stays move on, so many
/// days apart; what no longer fits into the year is dropped.
pub(super) fn apart(events: Vec<Event>, (from, last): (i32, i32), days_apart: i32) -> Vec<Event> {
    let (mut stays, visits): (Vec<Event>, Vec<Event>) = events.into_iter().partition(|event| event.days > 0);
    stays.sort_by_key(|stay| (stay.start(), stay.made));
    let mut kept: Vec<Event> = Vec::with_capacity(stays.len());
    for mut stay in stays {
        if let Some(before) = kept.last() {
            let gap = if stay.from == Some(before.made) { 1 } else { days_apart };
            let late = before.end + gap - stay.start();
            stay.end += late.max(0);
            stay.moved = late > 0;
        }
        let continued = stay.from.is_none_or(|made| kept.iter().any(|kept| kept.made == made));
        if stay.start() >= from && stay.end <= last && continued {
            kept.push(stay);
        }
    }
    let free = |day: i32| kept.iter().all(|stay| day < stay.start() || day > stay.end);
    let covered = |event: &Event| (from..=last).contains(&event.end) && free(event.end);
    let visits: Vec<Event> = visits.into_iter().filter(covered).collect();
    kept.into_iter().chain(visits).collect()
}
