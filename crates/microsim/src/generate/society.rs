//! People: who they are for life, and how a year finds them. Everything is drawn anew from seed and number whenever it is
//! asked for, so that nothing is carried from one year, or one person, to another.

use std::cmp::Reverse;

use domain::{Categories, Category, Date, Group, Person, Scheme};

use super::calendar::Calendar;
use super::draw::{Draws, Shape, Stream, Weighted};
use super::figures::{Figures, MAX_AGE, Sex, by_age, shape};
use super::ground::{Answers, Contribution, Ground, Paid};
use crate::Refused;

/// A person for life.
#[derive(Clone, Debug)]
pub struct Life {
    /// Number, from 0.
    pub person: i64,
    /// Date of birth.
    pub born: Date,
    /// Sex.
    pub sex: Sex,
    /// Place of the area in the region's list.
    pub area: usize,
    /// Income of the year before the first, in fen.
    pub income: i64,
    /// Tenth of the people by income, from 1.
    pub decile: u8,
    /// How much care is sought: 1,000,000 is the mean.
    pub frailty: u64,
    /// Where the person stands among the tiers.
    tier_at: u64,
    /// Where among those of an age that has two groups.
    group_at: u64,
}

/// A person in a year.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Age in completed years on the first day (or at birth).
    pub age: u8,
    /// Group.
    pub group: Group,
    /// Tier, by its place.
    pub tier: Option<u8>,
    /// Categories on the first day.
    pub categories: Categories,
    /// Day of the year from which other categories are held, and which.
    pub change: Option<(i32, Categories)>,
    /// When the contribution was paid; nothing where cover lapsed.
    pub paid: Option<Paid>,
    /// The contribution.
    pub contribution: Contribution,
    /// First and last covered day of the year, where any is.
    pub covered: Option<(i32, i32)>,
    /// First day of unbroken cover.
    pub insured_since: Option<Date>,
}

impl Standing {
    /// The categories held on a day of the year.
    pub fn categories_on(&self, day: i32) -> Categories {
        self.change.filter(|(from, _)| *from <= day).map_or(self.categories, |(_, then)| then)
    }
}

/// Who shares a province, and by what figures.
pub struct Society<'g> {
    ground: &'g Ground<'g>,
    figures: &'g Figures,
    seed: u64,
    /// First year.
    base: i16,
    /// How many live on its first day.
    living: i64,
    /// Births a year.
    births: i64,
    ages: Weighted<u8>,
    income: Shape,
    frailty: Shape,
    /// Income a head of the year before the first, in fen.
    mean_income: i64,
    mortality: Vec<u64>,
}

impl<'g> Society<'g> {
    /// People of a region from a first year on.
    ///
    /// # Errors
    /// When the figures contradict themselves.
    pub fn of(
        ground: &'g Ground<'g>,
        figures: &'g Figures,
        seed: u64,
        base: i16,
        living: i64,
    ) -> Result<Society<'g>, Refused> {
        let births = i64::try_from(i128::from(living) * i128::from(figures.births) / 100_000).unwrap_or(0);
        Ok(Society {
            ground,
            figures,
            seed,
            base,
            living,
            births,
            ages: Weighted::of(age_weights(figures).into_iter().zip(0..)),
            income: shape("income", &figures.income)?,
            frailty: shape("frailty", &figures.frailty)?,
            mean_income: mean_income(ground, figures, base),
            mortality: by_age(&figures.mortality, |row| (row.ages, row.per_100k * 10)),
        })
    }

    /// How many people there are when so many years have been lived: those of the first day, and all born since.
    pub fn persons(&self, years: i16) -> i64 {
        self.living + self.births * i64::from(years)
    }

    /// A person.
    pub fn life(&self, person: i64) -> Life {
        let mut draws = Draws::of(self.seed, person, Stream::Birth, 0);
        let age = self.ages.draw(&mut draws).unwrap_or(0);
        let born = match person - self.living {
            before if before < 0 => self.base - 1 - i16::from(age),
            since => self.base + i16::try_from(since / self.births.max(1)).unwrap_or(0),
        };
        let male = draws.chance(self.figures.male.0);
        let day = draws.below(365);
        let rank = draws.rank();
        let area = draws.below(self.ground.areas.len().max(1) as u64) as usize;
        Life {
            person,
            born: Date::new(born, 1, 1)
                .ok()
                .and_then(|first| first.checked_add(jiff::Span::new().days(day as i64)).ok())
                .unwrap_or(Date::ZERO),
            sex: if male { Sex::Male } else { Sex::Female },
            area,
            income: self.income.at(rank, self.mean_income),
            decile: ((u64::from(rank) * 10) >> 32) as u8 + 1,
            frailty: self.frailty.at(draws.rank(), 1_000_000).unsigned_abs(),
            tier_at: draws.below(1_000_000),
            group_at: draws.below(1_000_000),
        }
    }

    /// How a year finds a person; `None` before birth and after death.
    pub fn standing(&self, life: &Life, calendar: &Calendar, answers: &mut Answers) -> Option<Standing> {
        let year = calendar.year;
        let born = life.born.year();
        if born > year {
            return None;
        }
        let died = self.death(life, calendar).ok()?;
        let age = u8::try_from(year - born - 1).unwrap_or(0);
        let group = self.group(life, age);
        let tier = self.tier(life, age);
        let (categories, change) = self.categories(life, year, age, group);
        let paid = self.paid(life, year);
        let contribution = match paid {
            Some(paid) => self.contribution(life, year, group, tier, categories, paid, answers),
            None => Contribution::default(),
        };
        let last = died.unwrap_or(calendar.len() - 1);
        let from = contribution.covered_from.map(|day| calendar.place(day).max(calendar.place(life.born)).max(0));
        let covered = from.filter(|from| *from <= last).map(|from| (from, last));
        let insured_since = covered.and_then(|_| self.insured_since(life, year, answers));
        Some(Standing { age, group, tier, categories, change, paid, contribution, covered, insured_since })
    }

    /// The person as the engines see one on the first day of a year.
    fn person(&self, life: &Life, group: Group, tier: Option<u8>, categories: Categories) -> Person {
        Person {
            scheme: Scheme::Resident,
            tier: tier.map(|at| self.ground.tiers[usize::from(at)].clone()),
            group,
            categories,
            born: Some(life.born),
            insured_since: None,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "each is a fact of its own that the contribution may turn on")]
    fn contribution(
        &self,
        life: &Life,
        year: i16,
        group: Group,
        tier: Option<u8>,
        categories: Categories,
        paid: Paid,
        answers: &mut Answers,
    ) -> Contribution {
        self.ground.contribution(year, &self.person(life, group, tier, categories), tier, paid, answers)
    }

    /// The day of death, as days since 1970-01-01, if it comes in one of these years, which follow each other.
    pub fn died(&self, life: &Life, calendars: &[Calendar]) -> Option<i32> {
        let day = |calendar: &Calendar| Some(calendar.first + self.death(life, calendar).ok()??);
        calendars.iter().find_map(day)
    }

    /// Place of the day of death in the year, if it comes; an error for who died before.
    fn death(&self, life: &Life, calendar: &Calendar) -> Result<Option<i32>, ()> {
        for year in self.base.max(life.born.year())..=calendar.year {
            let mut draws = Draws::of(self.seed, life.person, Stream::Death, year);
            let mortality = self.mortality.get(mortal(year - life.born.year())).copied();
            if draws.chance(mortality.unwrap_or(1_000_000)) {
                if year != calendar.year {
                    return Err(());
                }
                // A newborn does not die before birth, nor in another year.
                let earliest = if year == life.born.year() { i32::from(life.born.day_of_year()) } else { 0 };
                let day = draws.below(365) as i32;
                return Ok(Some(day.max(earliest).min(calendar.len() - 1)));
            }
        }
        Ok(None)
    }

    /// The first group of the age that the terms tell of; where they tell of none, the first.
    fn group(&self, life: &Life, age: u8) -> Group {
        let rows = self.figures.group.iter().filter(|row| row.ages.0.contains(age));
        let mut rows = rows.filter(|row| row.share.is_none_or(|share| life.group_at < share.0));
        let words = rows.next().map(|row| row.words.as_slice()).unwrap_or_default();
        let told = words.iter().find(|word| self.ground.words.groups.contains(&word.0));
        told.or(words.first()).map_or(Group::Adult, |word| word.0)
    }

    fn tier(&self, life: &Life, age: u8) -> Option<u8> {
        let tiers = &self.ground.tiers;
        let place = |tier: &str| tiers.iter().position(|known| known == tier).and_then(|at| u8::try_from(at).ok());
        if tiers.is_empty() {
            return None;
        }
        let Some(rows) = &self.figures.tier else {
            let first = self.figures.first_tier.0;
            let others = (tiers.len() as u64 - 1).max(1);
            let step = ((1_000_000 - first) / others).max(1);
            let after = |at: u64| 1 + ((at - first) / step).min(others - 1);
            let at = if life.tier_at < first || tiers.len() == 1 { 0 } else { after(life.tier_at) };
            return u8::try_from(at).ok();
        };
        let mut sum = 0;
        let mut rows = rows.iter().filter(|row| row.ages.0.contains(age));
        let drawn = rows.find(|row| {
            sum += row.share.0;
            life.tier_at < sum
        });
        drawn.and_then(|row| place(&row.tier)).or(Some(0))
    }

    /// The categories on the first day of the year, and those held after a day on which the poverty class was decided anew.
    fn categories(&self, life: &Life, year: i16, age: u8, group: Group) -> (Categories, Option<(i32, Categories)>) {
        let mut draws = Draws::of(self.seed, life.person, Stream::Category, 0);
        let mut class = self.class(&mut draws, life, age);
        let told = |category: Category| self.ground.words.categories.has(category);
        let mut others = Categories::NONE;
        for row in self.figures.category.iter().filter(|row| !row.alone) {
            let drawn = draws.chance(widened(row.share.0, row.deciles, life.decile));
            let fits = row.ages.0.contains(age) && row.group.is_none_or(|word| word.0 == group);
            if drawn && fits && told(row.word.0) {
                others = others.with(row.word.0);
            }
        }
        if life.born.year() == year && told(Category::Newborn) {
            others = others.with(Category::Newborn);
        }
        let whole =
            |class: Option<Category>| class.filter(|class| told(*class)).map_or(others, |class| others.with(class));
        for earlier in self.base..year {
            class = self.changed(life, earlier, age).map_or(class, |(_, class)| class);
        }
        let change = self.changed(life, year, age).map(|(day, class)| (day, whole(class)));
        let held = whole(class);
        (held, change.filter(|(_, then)| *then != held))
    }

    fn changed(&self, life: &Life, year: i16, age: u8) -> Option<(i32, Option<Category>)> {
        let mut draws = Draws::of(self.seed, life.person, Stream::Category, year);
        let happens = draws.chance(self.figures.category_change.0);
        happens.then(|| (1 + draws.below(364) as i32, self.class(&mut draws, life, age)))
    }

    /// One poverty class or none.
    fn class(&self, draws: &mut Draws, life: &Life, age: u8) -> Option<Category> {
        let at = draws.below(1_000_000);
        let mut sum = 0;
        let rows = self.figures.category.iter().filter(|row| row.alone && row.ages.0.contains(age));
        let mut drawn = rows.filter(|row| {
            sum += widened(row.share.0, row.deciles, life.decile);
            at < sum
        });
        drawn.next().map(|row| row.word.0)
    }

    fn lapses(&self, life: &Life, year: i16) -> bool {
        let born = year == life.born.year();
        !born && Draws::of(self.seed, life.person, Stream::Enrolment, year).chance(self.figures.lapse.0)
    }

    /// When the contribution of a year is paid. Only who comes back after a gap may be late.
    fn paid(&self, life: &Life, year: i16) -> Option<Paid> {
        if self.lapses(life, year) {
            return None;
        }
        if year == life.born.year() {
            return Some(Paid::Born(life.born));
        }
        let mut draws = Draws::of(self.seed, life.person, Stream::Enrolment, year);
        let _lapse = draws.bits();
        let late = self.lapses(life, year - 1) && draws.chance(self.figures.late.0);
        Some(if late { Paid::Late(self.figures.late_months.draw(&mut draws) as i8) } else { Paid::Before })
    }

    fn insured_since(&self, life: &Life, year: i16, answers: &mut Answers) -> Option<Date> {
        let earliest = (self.base - self.figures.unbroken).max(life.born.year());
        let unbroken = (earliest..year).rev().take_while(|earlier| !self.lapses(life, *earlier)).count();
        let first = year - i16::try_from(unbroken).unwrap_or(0);
        if first < self.base {
            return Date::new(first, 1, 1).ok().map(|day| day.max(life.born));
        }
        // The day on which the year of joining began to cover.
        let age = u8::try_from(first - life.born.year() - 1).unwrap_or(0);
        let (group, tier) = (self.group(life, age), self.tier(life, age));
        let (categories, _) = self.categories(life, first, age, group);
        let paid = self.paid(life, first)?;
        let from = self.contribution(life, first, group, tier, categories, paid, answers).covered_from;
        from.map(|day| day.max(life.born))
    }
}

/// Whose mortality holds so many years after the year of birth: infants' in that year, and only then. Who was born the year
/// before has lived through that, and has the mortality of age 1; all others that of the years they have completed.
fn mortal(years: i16) -> usize {
    if years <= 0 { 0 } else { usize::try_from(years - 1).unwrap_or(0).max(1) }
}

/// A share that falls to the poorest deciles alone is so much larger there.
fn widened(share: u64, deciles: Option<u8>, decile: u8) -> u64 {
    match deciles {
        None => share,
        Some(deciles) if decile <= deciles => share * 10 / u64::from(deciles.max(1)),
        Some(_) => 0,
    }
}

/// How many of the people are of each age: only the proportions count.
pub fn age_weights(figures: &Figures) -> Vec<u64> {
    let weight = |age: u8| {
        let rows = figures.age.iter().filter(|row| row.ages.0.contains(age));
        rows.map(|row| row.share.0 * 1_000 / u64::from(row.ages.0.high - row.ages.0.low + 1)).sum()
    };
    (0..=MAX_AGE).map(weight).collect()
}

/// Disposable income a head of the year before the first, or of the nearest year before that has a statistic.
fn mean_income(ground: &Ground<'_>, figures: &Figures, base: i16) -> i64 {
    let chain = ground.library.chain(ground.region);
    let statistics = ground.library.statistics.iter().filter(|s| s.id == "disposable-income" && s.year < base);
    // Of two of a year, the one of the region itself goes before that of the region above it.
    let fits = statistics.filter_map(|s| Some((s.year, Reverse(chain.iter().position(|r| r.slug == s.region)?), s)));
    fits.max_by_key(|(year, above, _)| (*year, *above)).map_or(figures.income_mean * 100, |(.., s)| s.value.0)
}
