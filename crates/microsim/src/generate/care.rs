//! A person's care in a year: who is ill, what visits and stays that means, where, and what they cost.

use domain::{Care, Filing, Level};

use super::calendar::Calendar;
use super::draw::{Draws, Shape, Stream, Weighted};
use super::figures::{Chronic, Figures, Sex, Word, by_age};
use super::ground::{Answers, Ground, Kind};
use super::hospitals::Hospitals;
use super::rates::{PER_100K, People, costs, diagnoses, shares, slot};
use super::society::{Life, Standing, age_weights};
use crate::Refused;

/// One visit or stay, and so one bill.
#[derive(Clone, Debug)]
pub struct Event {
    /// Number among the person's events of the year, from 0.
    pub made: u32,
    /// Moved to another day after it was drawn.
    pub moved: bool,
    /// Kind of care.
    pub care: Care,
    /// Level of the provider.
    pub level: Level,
    /// Place of care.
    pub filing: Filing,
    /// Disease named, by its place.
    pub disease: Option<u8>,
    /// Diagnosis, by its place in the figures.
    pub diagnosis: usize,
    /// Last day, by its place in the year.
    pub end: i32,
    /// Days of the stay; 0 for a visit.
    pub days: i32,
    /// The provider.
    pub hospital: i32,
    /// An accident.
    pub accident: bool,
    /// The earlier event that it continues.
    pub from: Option<u32>,
    /// Amounts by class, in fen: A, B, C, above limits.
    pub amounts: [i64; 4],
}

impl Event {
    /// First day of a stay.
    pub fn start(&self) -> i32 {
        self.end - self.days
    }

    /// What it costs in all.
    pub fn total(&self) -> i64 {
        self.amounts.iter().sum()
    }
}

/// What a person has, in a year.
struct Ill<'c> {
    chronic: Vec<(&'c Chronic, bool)>,
    major: Vec<usize>,
}

/// How much care there is, and of what kind: figures turned into tables.
pub struct Clinic<'g> {
    ground: &'g Ground<'g>,
    figures: &'g Figures,
    hospitals: &'g Hospitals,
    seed: u64,
    /// Mean visits by age, millionths.
    outpatient: Vec<u64>,
    /// Mean stays by age of who has no chronic illness, millionths.
    inpatient: Vec<u64>,
    pharmacy: u64,
    /// Mean visits of who is recognised, for each illness.
    special: u64,
    /// Mean visits for hypertension or diabetes of who is not.
    two_disease: u64,
    delivery: Vec<u64>,
    prevalence: Vec<Vec<u64>>,
    incidence: Vec<Vec<u64>>,
    away: Weighted<Filing>,
    shapes: Vec<Shape>,
    /// Mean cost in fen by care and level.
    costs: Vec<[i64; Level::ALL.len()]>,
    /// Shares of levels by care.
    levels: Vec<[u64; Level::ALL.len()]>,
    /// Diagnoses by care, sex and age.
    diagnoses: Vec<Weighted<usize>>,
}

impl<'g> Clinic<'g> {
    /// The tables of some figures.
    ///
    /// # Errors
    /// When the figures contradict themselves.
    pub fn of(
        ground: &'g Ground<'g>,
        figures: &'g Figures,
        hospitals: &'g Hospitals,
        seed: u64,
    ) -> Result<Clinic<'g>, Refused> {
        let prevalence: Vec<Vec<u64>> =
            figures.chronic.iter().map(|c| by_age(&c.prevalence, |row| (row.ages, row.share.0))).collect();
        let incidence: Vec<Vec<u64>> =
            figures.major.iter().map(|m| by_age(&m.incidence, |row| (row.ages, row.per_100k * PER_100K))).collect();
        let people = People { weights: age_weights(figures), figures, prevalence: &prevalence, incidence: &incidence };
        let rate = |care: Care| figures.of(&figures.rate, care).map_or(0, |per_100k| per_100k * PER_100K);
        let own = |care: Care| figures.rate.get(&Word(care)).map_or(0, |rate| rate * PER_100K);
        let recognised = |c: &Chronic| c.recognised.0;
        let of_two = |c: &Chronic| if c.two_disease { 1_000_000 - c.recognised.0 } else { 0 };
        Ok(Clinic {
            ground,
            figures,
            hospitals,
            seed,
            outpatient: people.spread(rate(Care::Outpatient), Care::Outpatient, |_| 1_000_000),
            inpatient: people.stays(rate(Care::Inpatient))?,
            pharmacy: own(Care::Pharmacy),
            special: people.per_case(own(Care::Special), recognised),
            two_disease: people.per_case(own(Care::TwoDisease), of_two),
            delivery: people.deliveries(),
            away: Weighted::of(figures.away.iter().map(|row| (row.share.0, row.filing.0))),
            shapes: Care::ALL.iter().map(|care| figures.shape(*care)).collect::<Result<_, _>>()?,
            costs: Care::ALL.iter().map(|care| costs(figures, *care)).collect(),
            levels: Care::ALL.iter().map(|care| shares(figures, *care)).collect(),
            diagnoses: diagnoses(figures),
            prevalence,
            incidence,
        })
    }

    /// All that happens to a person in a year and is covered, in order of the last days.
    pub fn year(&self, life: &Life, standing: &Standing, calendar: &Calendar, answers: &mut Answers) -> Vec<Event> {
        let Some(covered) = standing.covered else { return Vec::new() };
        let ill = self.ill(life, standing, calendar.year);
        let mut year = Year { clinic: self, life, standing, calendar, answers, events: Vec::new() };
        year.visits();
        year.illness(&ill);
        year.stays(&ill);
        year.delivery();
        let mut events = apart(year.events, covered);
        events.retain(|event| !event.moved || self.decides(event, life, standing, calendar, answers));
        events.sort_by_key(|event| (event.end, event.made));
        number(&mut events);
        events
    }

    /// Whether the terms decide an event as it stands.
    pub fn decides(
        &self,
        event: &Event,
        life: &Life,
        standing: &Standing,
        calendar: &Calendar,
        answers: &mut Answers,
    ) -> bool {
        let kind = Kind {
            care: event.care,
            filing: event.filing,
            disease: event.disease,
            accident: event.accident,
            continues: event.from.is_some(),
            ..kind_on(self.ground, life, standing, calendar, event.end)
        };
        self.ground.levels(kind, answers) >> event.level as u8 & 1 == 1
    }

    /// Chronic illness is for life: who is ill at an age of less prevalence is ill at one of more. Major illness begins in a
    /// year and lasts some.
    fn ill(&self, life: &Life, standing: &Standing, year: i16) -> Ill<'g> {
        let mut draws = Draws::of(self.seed, life.person, Stream::Chronic, 0);
        let chronic = self.figures.chronic.iter().zip(&self.prevalence);
        let chronic = chronic.filter_map(|(illness, prevalence)| {
            let (at, recognised) = (draws.below(1_000_000), draws.chance(illness.recognised.0));
            (at < prevalence[usize::from(standing.age)]).then_some((illness, recognised))
        });
        let chronic = chronic.collect();
        let began = |major: usize, ago: i16| {
            let Some(age) = usize::from(standing.age).checked_sub(ago.unsigned_abs().into()) else { return false };
            let mut draws = Draws::of(self.seed, life.person, Stream::Major, year - ago);
            (0..major).for_each(|_| _ = draws.bits());
            draws.chance(self.incidence[major][age])
        };
        let majors = self.figures.major.iter().enumerate();
        let major = majors.filter(|(at, illness)| (0..illness.years).any(|ago| began(*at, ago))).map(|(at, _)| at);
        Ill { chronic, major: major.collect() }
    }

    /// The chronic illness that a person of an age has, a bit each; nothing for the healthy.
    pub fn chronic(&self, life: &Life, age: u8) -> Option<u32> {
        let mut draws = Draws::of(self.seed, life.person, Stream::Chronic, 0);
        let mask = self.prevalence.iter().zip(0..32).fold(0, |mask, (prevalence, bit)| {
            let (at, _recognised) = (draws.below(1_000_000), draws.bits());
            mask | u32::from(at < prevalence[usize::from(age)]) << bit
        });
        (mask != 0).then_some(mask)
    }

    /// The names of some chronic illness.
    pub fn chronic_text(&self, mask: u32) -> String {
        let rows = self.figures.chronic.iter().zip(0..32).filter(|(_, bit)| mask >> bit & 1 == 1);
        rows.map(|(illness, _)| illness.id.as_str()).collect::<Vec<_>>().join("|")
    }

    fn disease(&self, code: Option<&String>) -> Option<u8> {
        let code = code?;
        self.ground.diseases.iter().position(|known| known == code).and_then(|at| u8::try_from(at).ok())
    }
}

/// A year in the making.
struct Year<'y, 'g> {
    clinic: &'y Clinic<'g>,
    life: &'y Life,
    standing: &'y Standing,
    calendar: &'y Calendar,
    answers: &'y mut Answers,
    events: Vec<Event>,
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
    fn visits(&mut self) {
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
    fn illness(&mut self, ill: &Ill<'_>) {
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
    fn stays(&mut self, ill: &Ill<'_>) {
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

    /// The last stay goes on at a higher level within two weeks.
    fn refer(&mut self, draws: &mut Draws) {
        let Some(first) = self.events.last().cloned() else { return };
        if first.care != Care::Inpatient || first.filing != Filing::Local || first.level >= Level::Three {
            return;
        }
        let day = first.end + 3 + draws.below(12) as i32;
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

    fn delivery(&mut self) {
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
            let before = 7 + draws.below(210) as i32;
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
        let total = clinic.shapes[wish.care as usize].at(rank, usual).max(100);
        let total = (i128::from(total) * i128::from(times) / 1_000_000).clamp(100, 5_000_000_000) as i64;
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

    /// Days of a stay: half the usual for the diagnosis, and more the more it costs.
    fn days(&self, care: Care, diagnosis: usize, total: i64, usual: i64) -> i32 {
        let mean = self.clinic.figures.diagnosis[diagnosis].days;
        match care {
            Care::Inpatient | Care::SingleDisease | Care::Delivery => {
                let days = mean * (usual + total) / (2 * usual.max(1));
                i32::try_from(days.clamp(1, 120)).unwrap_or(1)
            }
            Care::DaySurgery => 1,
            _ => 0,
        }
    }
}

impl Clinic<'_> {
    /// A total by class: B, C and what is above limits vary between half and half as much again of their mean.
    pub(super) fn split(&self, care: Care, total: i64, draws: &mut Draws) -> [i64; 4] {
        let Some(classes) = self.figures.of(&self.figures.classes, care) else { return [total, 0, 0, 0] };
        let mut part = |share: u64| {
            let varied = share / 2 + draws.below(share.max(1));
            (i128::from(total) * i128::from(varied) / 1_000_000) as i64
        };
        let (b, c, over) = (part(classes.b.0), part(classes.c.0), part(classes.over_limit.0));
        [total - b - c - over, b, c, over]
    }
}

/// What of a bill's kind follows from the person and the day.
fn kind_on(ground: &Ground<'_>, life: &Life, standing: &Standing, calendar: &Calendar, day: i32) -> Kind {
    let (date, born) = (calendar.day(day), life.born);
    let birthday = (date.month(), date.day()) >= (born.month(), born.day());
    Kind {
        plan: ground.plan_on(date),
        care: Care::Outpatient,
        filing: Filing::Local,
        group: standing.group,
        tier: standing.tier,
        age: u8::try_from(date.year() - born.year() - i16::from(!birthday)).unwrap_or(0),
        categories: standing.categories_on(day),
        disease: None,
        accident: false,
        continues: false,
    }
}

/// Numbers events by their place; what continues another that is no longer there, or comes no later, goes with it.
fn number(events: &mut Vec<Event>) {
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

/// Lets no two stays of a person overlap and no visit fall into one, and leaves out what is not covered. Stays move on, a few
/// weeks apart; what no longer fits into the year is dropped.
fn apart(events: Vec<Event>, (from, last): (i32, i32)) -> Vec<Event> {
    let (mut stays, visits): (Vec<Event>, Vec<Event>) = events.into_iter().partition(|event| event.days > 0);
    stays.sort_by_key(|stay| (stay.start(), stay.made));
    let mut kept: Vec<Event> = Vec::with_capacity(stays.len());
    for mut stay in stays {
        if let Some(before) = kept.last() {
            let gap = if stay.from == Some(before.made) { 1 } else { 15 };
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

/// What planted anomalies need to know.
impl Clinic<'_> {
    /// Another provider of the kind and level of an event's, if there is one.
    pub(super) fn elsewhere_than(&self, event: &Event, draws: &mut Draws) -> Option<i32> {
        self.hospitals.another(event.hospital, draws)
    }

    /// A diagnosis that only the other sex can have.
    pub(super) fn of_other_sex(&self, sex: Sex, draws: &mut Draws) -> Option<usize> {
        let rows = self.figures.diagnosis.iter().enumerate();
        let others = rows.filter(|(_, d)| d.sex.is_some_and(|of| of != sex) && !d.care.is_empty());
        Weighted::of(others.map(|(at, d)| (d.weight, at))).draw(draws)
    }
}
