//! A person's care in a year: who is ill, what visits and stays that means, where, and what they cost.

mod year;

use domain::{Care, Filing, Level};

use self::year::{Year, apart, number};
use super::calendar::Calendar;
use super::draw::{Draws, Shape, Stream, Weighted};
use super::figures::{Chronic, Figures, Sex, Word, by_age};
use super::ground::{Answers, Ground, Kind};
use super::hospitals::Hospitals;
use super::rates::{PER_100K, People, costs, diagnoses, shares};
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
        let recognised = |c: &Chronic| if c.special.is_some() { c.recognised.0 } else { 0 };
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
        let mut events = apart(year.events, covered, self.figures.between_stays as i32);
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

impl Clinic<'_> {
    /// A total by class: B, C and what is above limits vary about their mean.
    pub(super) fn split(&self, care: Care, total: i64, draws: &mut Draws) -> [i64; 4] {
        let Some(classes) = self.figures.of(&self.figures.classes, care) else { return [total, 0, 0, 0] };
        let mut part = |share: u64| {
            let vary = self.figures.classes_vary.0;
            let varied = share * (1_000_000 - vary) / 1_000_000 + draws.below((2 * share * vary / 1_000_000).max(1));
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

/// What planted anomalies need to know.
impl<'g> Clinic<'g> {
    pub(super) fn figures(&self) -> &'g Figures {
        self.figures
    }

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
