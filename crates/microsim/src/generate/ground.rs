//! What the region's terms say of a bill or a person before one is made: which bills they decide, which words they use,
//! what is due and from when cover runs. The engines asked are those that settle; nothing of the law is repeated here.

use std::collections::HashMap;

use domain::{
    Bill, Care, Categories, ClassAmounts, Date, Fen, Filing, Group, Level, Mark, Marks, Part, Person, Scheme,
};
use enrolment::{Asking, InsuredYear, Joining};
use policy::terms::Memo as Folded;
use policy::{Conditions, Held, Library, Record, Region, Value, View};
use settlement::{Engine, Opening, Options, PersonRun, Refusal};

use super::calendar::Calendar;
use super::figures::{Figures, Word};
use crate::Refused;

/// A region over some years.
pub struct Ground<'l> {
    /// Everything read.
    pub library: &'l Library,
    /// The region.
    pub region: &'l Region,
    /// Its tiers, in its order.
    pub tiers: Vec<String>,
    /// Ids of its subsidy areas.
    pub areas: Vec<String>,
    /// The words that its terms use.
    pub words: Words,
    figures: &'l Figures,
    /// Codes of diseases that bills may name.
    pub diseases: Vec<String>,
    /// Kinds of care that no bill of some days can be for, with the first of these days.
    pub undecided: Vec<(Date, Vec<Care>)>,
    /// Hash of the terms of every year's first day.
    pub hash: String,
    view: View<'l>,
    engine: Engine,
    /// Whether the plan asks a bill for its own first self-pay share.
    share_needed: Vec<bool>,
}

/// Words that some provision of the region asks for.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Groups.
    pub groups: Vec<Group>,
    /// Categories.
    pub categories: Categories,
    /// Marks.
    pub marks: Marks,
}

impl Words {
    fn add(&mut self, when: &Conditions) {
        self.groups.extend(&when.group);
        self.categories.0 |= when.category.0 | when.category_also.0;
        self.marks.0 |= when.mark.0;
    }

    fn add_record(&mut self, record: &Record) {
        for (_, value) in record.iter() {
            self.add_value(value);
        }
    }

    fn add_value(&mut self, value: &Value) {
        match value {
            Value::When(when) => self.add(when),
            Value::List(values) => values.iter().for_each(|value| self.add_value(value)),
            Value::Table(record) => self.add_record(record),
            Value::Rows(rows) => rows.iter().for_each(|row| {
                self.add(&row.when);
                self.add_record(&row.values);
            }),
            _ => {}
        }
    }
}

/// A kind of bill, as far as whether the terms decide it may depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    /// The plan that holds on its day.
    pub plan: u8,
    /// Kind of care.
    pub care: Care,
    /// Place of care.
    pub filing: Filing,
    /// Group of the person.
    pub group: Group,
    /// Tier, by its place.
    pub tier: Option<u8>,
    /// Completed years.
    pub age: u8,
    /// Categories held.
    pub categories: Categories,
    /// Disease, by its place.
    pub disease: Option<u8>,
    /// Whether it is marked as an accident.
    pub accident: bool,
    /// Whether it continues an earlier stay.
    pub continues: bool,
}

/// What is due of a person for a year.
#[derive(Clone, Debug, Default)]
pub struct Contribution {
    /// The whole; unknown where the terms leave it open.
    pub standard: Option<i64>,
    /// The person's part; unknown also where only the split between person and sponsor is open.
    pub personal: Option<i64>,
    /// Who pays the rest, by the word of the notices.
    pub sponsor: Option<String>,
    /// What the sponsor pays.
    pub sponsored: Option<i64>,
    /// First day of benefits.
    pub covered_from: Option<Date>,
}

/// When a contribution is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Paid {
    /// Before the year, on the figures' day.
    Before,
    /// On the first of this month of the year.
    Late(i8),
    /// For a newborn, so many days after birth.
    Born(Date),
}

/// Year, group, tier, categories, age and payment: what a contribution may turn on.
type Payer = (i16, Group, Option<u8>, Categories, u8, Paid);

/// Answers of the engines, kept by each worker for itself.
#[derive(Default)]
pub struct Answers {
    levels: HashMap<Kind, u8>,
    due: HashMap<Payer, Contribution>,
}

impl<'l> Ground<'l> {
    /// The region from one year to another.
    ///
    /// # Errors
    /// When on some day of these years the terms decide no stay at all.
    pub fn of(
        library: &'l Library,
        region: &'l Region,
        view: &View<'l>,
        folded: &'l Folded,
        years: (i16, i16),
        figures: &'l Figures,
    ) -> Result<Ground<'l>, Refused> {
        let view = View { memo: Some(folded), ..view.clone() };
        let (first, last) = Calendar::span(years)?;
        let engine = Engine::compile(library, region, &view, Options::default(), first, last);
        let mut words = Words::default();
        let mut hash = String::new();
        for plan in engine.plans() {
            let terms = library.terms(region, plan.from, &view);
            let held = terms.iter().filter_map(|(_, held)| match held {
                Held::InForce(cited) => Some(cited),
                Held::Ended(..) => None,
            });
            held.for_each(|cited| words.add_record(&cited.provision.record));
            hash.push_str(&terms.hash());
        }
        let chain = library.chain(region);
        let areas = chain.iter().map(|r| &r.areas).find(|areas| !areas.is_empty());
        let special = figures.chronic.iter().filter_map(|c| c.special.clone());
        let diseases = special.chain(figures.major.iter().filter_map(|m| m.special.clone())).collect();
        let mut ground = Ground {
            library,
            region,
            figures,
            tiers: library.tiers(region).iter().map(|(id, _)| id.clone()).collect(),
            areas: areas.map(|areas| areas.iter().map(|area| area.id.clone()).collect()).unwrap_or_default(),
            words,
            diseases,
            undecided: Vec::new(),
            hash: super::hash_of(&hash),
            view,
            engine,
            share_needed: Vec::new(),
        };
        ground.share_needed = (0..ground.engine.plans().len()).map(|plan| ground.needs_share(plan)).collect();
        ground.undecided = ground.all_undecided();
        ground.decides_stays()?;
        Ok(ground)
    }

    /// The plan that holds on a day.
    pub fn plan_on(&self, day: Date) -> u8 {
        self.engine.plan_on(day).and_then(|at| u8::try_from(at).ok()).unwrap_or(0)
    }

    /// Whether bills of this plan must name the first self-pay share of class B.
    pub fn share_needed(&self, plan: u8) -> bool {
        self.share_needed.get(usize::from(plan)).copied().unwrap_or(true)
    }

    /// The marks of a provider of this level: all of the figures' levels under the reform, where the terms ask for it.
    pub fn marks_of(&self, level: Level) -> Marks {
        let reformed = self.figures.reform.contains(&Word(level)) && self.words.marks.has(Mark::Reform);
        if reformed { Marks::NONE.with(Mark::Reform) } else { Marks::NONE }
    }

    /// The marks of a bill at a provider of this level.
    pub fn marks(&self, care: Care, level: Level, accident: bool) -> Marks {
        let mut marks = self.marks_of(level);
        if care == Care::Special && self.words.marks.has(Mark::Chosen) {
            marks = marks.with(Mark::Chosen);
        }
        if accident { marks.with(Mark::Accident) } else { marks }
    }

    /// The levels at which the terms decide such a bill, a bit each.
    pub fn levels(&self, kind: Kind, answers: &mut Answers) -> u8 {
        let age = self.engine.plan(usize::from(kind.plan)).youngest_like(kind.age);
        let kind = Kind { age, ..kind };
        *answers.levels.entry(kind).or_insert_with(|| {
            let decided = |level: &&Level| self.refusal(kind, **level).is_none();
            Level::ALL.iter().filter(decided).fold(0, |mask, level| mask | 1 << *level as u8)
        })
    }

    /// Why such a bill at this level would be refused, as the first or a later one of the year.
    fn refusal(&self, kind: Kind, level: Level) -> Option<Refusal> {
        let mut run = PersonRun::new(&self.engine, &Opening::default());
        let plain = self.bill(Kind { continues: false, ..kind }, level);
        let first = run.settle(&plain).err();
        if kind.continues {
            let next = Bill { id: "2".to_owned(), from_bill: Some(plain.id.clone()), ..plain };
            return first.or_else(|| run.settle(&next).err());
        }
        first.or_else(|| (2..=4).find_map(|n| run.settle(&Bill { id: n.to_string(), ..plain.clone() }).err()))
    }

    fn bill(&self, kind: Kind, level: Level) -> Bill {
        let plan = self.engine.plan(usize::from(kind.plan));
        let date = plan.from;
        let born = Date::new(date.year() - i16::from(kind.age), date.month(), date.day().min(28)).unwrap_or(date);
        let share_needed = self.share_needed(kind.plan);
        let person = Person {
            scheme: Scheme::Resident,
            tier: kind.tier.map(|at| self.tiers[usize::from(at)].clone()),
            group: kind.group,
            categories: kind.categories,
            born: Some(born),
            insured_since: Some(born),
        };
        Bill {
            id: "1".to_owned(),
            person_id: "1".to_owned(),
            region: None,
            person,
            date,
            care: kind.care,
            level,
            filing: kind.filing,
            disease: kind.disease.map(|at| self.diseases[usize::from(at)].clone()),
            marks: self.marks(kind.care, level, kind.accident),
            amounts: ClassAmounts {
                a: Fen::yuan(1_000),
                b: Fen::yuan(100),
                b_share: share_needed.then_some(domain::Rate::percent(10)),
                c: Fen::yuan(10),
                ..ClassAmounts::default()
            },
            from_bill: None,
            part: Part::Whole,
            reverses: None,
            burden_only: false,
        }
    }

    fn plain_kind(&self, plan: usize) -> Kind {
        Kind {
            plan: u8::try_from(plan).unwrap_or(0),
            care: Care::Inpatient,
            filing: Filing::Local,
            group: Group::Adult,
            tier: (!self.tiers.is_empty()).then_some(0),
            age: 40,
            categories: Categories::NONE,
            disease: None,
            accident: false,
            continues: false,
        }
    }

    fn needs_share(&self, plan: usize) -> bool {
        let kind = self.plain_kind(plan);
        let mut bill = self.bill(kind, Level::Two);
        bill.amounts.b_share = None;
        self.engine.plan(plan).visit(&bill).is_err()
    }

    /// The kinds of care that a plan decides for nobody: whatever the tier, the level, the age, the disease.
    fn all_undecided(&self) -> Vec<(Date, Vec<Care>)> {
        let undecided = |at: usize| {
            let cares = Care::ALL.iter().filter(|care| self.why_undecided(at, **care).is_some());
            cares.copied().collect::<Vec<_>>()
        };
        self.engine.plans().iter().enumerate().map(|(at, plan)| (plan.from, undecided(at))).collect()
    }

    /// Nothing where the plan decides some bill for such care, else why it refuses one.
    fn why_undecided(&self, plan: usize, care: Care) -> Option<Refusal> {
        let kind = Kind { care, ..self.plain_kind(plan) };
        let tiers = (0..u8::try_from(self.tiers.len()).unwrap_or(0)).map(Some).chain([None]);
        let diseases = (0..u8::try_from(self.diseases.len()).unwrap_or(0)).map(Some).chain([None]);
        let kinds = tiers.flat_map(|tier| diseases.clone().map(move |disease| Kind { tier, disease, ..kind }));
        let kinds = kinds.flat_map(|kind| {
            [(Group::Adult, 40), (Group::Student, 10)].map(|(group, age)| Kind { group, age, ..kind })
        });
        let mut bills = kinds.flat_map(|kind| Level::ALL.iter().map(move |level| (kind, *level)));
        if bills.any(|(kind, level)| self.refusal(kind, level).is_none()) {
            return None;
        }
        self.refusal(kind, Level::Two)
    }

    /// A year without stays from first to last day is no year of bills.
    fn decides_stays(&self) -> Result<(), Refused> {
        for (at, plan) in self.engine.plans().iter().enumerate() {
            if let Some(why) = self.why_undecided(at, Care::Inpatient) {
                return Err(Refused::new(
                    format!(
                        "{}的条款自 {} 起决定不了住院账单：{why} (nothing to settle by)",
                        self.region.name, plan.from
                    ),
                    "换一个条款完整的年份或地区；征求意见稿用 --draft 加上；`tongchou policy open` 列出缺什么",
                ));
            }
        }
        Ok(())
    }

    /// What is due of a person for a year, and from when it covers.
    pub fn contribution(
        &self,
        year: i16,
        person: &Person,
        tier: Option<u8>,
        paid: Paid,
        answers: &mut Answers,
    ) -> Contribution {
        let age = Date::new(year, 1, 1).ok().and_then(|day| person.age_on(day)).unwrap_or(0);
        let key = (year, person.group, tier, person.categories, age, paid);
        if let Some(known) = answers.due.get(&key) {
            return known.clone();
        }
        let found = self.ask(year, person, paid);
        answers.due.insert(key, found.clone());
        found
    }

    fn ask(&self, year: i16, person: &Person, paid: Paid) -> Contribution {
        let paid_on = paid.on(year, self.figures);
        let Ok(insured) = InsuredYear::of(self.library, self.region, &self.view, person.group, year) else {
            return Contribution::default();
        };
        let from = match paid {
            Paid::Born(born) => Some(born),
            Paid::Before | Paid::Late(_) => Date::new(year, 1, 1).ok(),
        };
        let asking = Asking { paid_on, ..Asking::default() };
        let due = enrolment::due(&insured, person, &asking).ok();
        let joining = Joining { enrolled: paid_on, paid: paid_on, ..Joining::default() };
        let cover = enrolment::cover(&insured, person, &joining).ok().and_then(|cover| cover.benefits_from);
        // An academic year begins in September; the one before it covers from January.
        let covered_from = if insured.academic { from } else { cover.max(from).or(from) };
        let Some(due) = due else {
            // How much of it somebody else pays may be open where the whole is not.
            let (total, sponsor) = enrolment::due_in_all(&insured, person, &asking).ok().unzip();
            let standard = total.map(|fen| fen.0);
            return Contribution { standard, sponsor: sponsor.flatten(), covered_from, ..Contribution::default() };
        };
        let sponsored = due.sponsored.first();
        Contribution {
            standard: due.total.as_ref().ok().map(|fen| fen.0),
            personal: Some(due.personal.0),
            sponsor: sponsored.map(|sponsored| sponsored.payer.clone()),
            sponsored: sponsored.and_then(|sponsored| sponsored.amount).map(|fen| fen.0),
            covered_from,
        }
    }
}

impl Paid {
    /// The day of payment for a year.
    pub fn on(self, year: i16, figures: &Figures) -> Option<Date> {
        match self {
            Paid::Before => Date::new(year - 1, figures.paid_before.month, figures.paid_before.day).ok(),
            Paid::Late(month) => Date::new(year, month, 1).ok(),
            Paid::Born(born) => born.checked_add(jiff::Span::new().days(figures.newborn_paid as i64)).ok(),
        }
    }
}
