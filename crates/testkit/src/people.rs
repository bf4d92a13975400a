//! Made-up lives of bills, from a seed: a person, some years, and in each year a few or many bills.
//!
//! A [`World`] says what may occur in a region and where its lines lie. Amounts are drawn everywhere, but above all near the
//! lines: at a line, a fen beside it, at what is left of it in the year, and at the bill that leaves just that burden.

use domain::{
    Bill, Care, Categories, Category, ClassAmounts, Date, Fen, Filing, Group, Level, Mark, Marks, Person, Rate, Scheme,
};

use crate::random::Random;
use crate::reference::Opening;

/// What may occur in a region.
#[derive(Clone, Debug)]
pub struct World {
    /// Slug of the region.
    pub region: &'static str,
    /// First day of bills.
    pub first: Date,
    /// Last day of bills.
    pub last: Date,
    /// Employees, per cent of persons.
    pub employees: u64,
    /// Tiers of residents; empty where the region has none.
    pub tiers: &'static [&'static str],
    /// Groups of residents.
    pub groups: &'static [Group],
    /// Categories of residents.
    pub categories: &'static [Category],
    /// Categories of employees.
    pub employee_categories: &'static [Category],
    /// A category may come or go between two bills.
    pub categories_change: bool,
    /// Kinds of care; a kind that stands twice is twice as likely.
    pub cares: &'static [Care],
    /// Codes of diseases, on a list and not.
    pub diseases: &'static [&'static str],
    /// Marks that bills may carry.
    pub marks: &'static [Mark],
    /// Lines of the terms, yuan.
    pub lines: &'static [i64],
    /// Shares of a bill that may be left after the first stage, per cent.
    pub left: &'static [i64],
    /// The region has a first self-pay share for bills that name none.
    pub usual_share: bool,
    /// Years leave something to the next.
    pub openings: bool,
}

/// A person's bills, in no particular order of days, and what the person brings.
#[derive(Clone, Debug)]
pub struct Life {
    /// Before the first year.
    pub opening: Opening,
    /// The bills.
    pub bills: Vec<Bill>,
}

const ALL_CARES: &[Care] = &[
    Care::Inpatient,
    Care::Inpatient,
    Care::Inpatient,
    Care::Outpatient,
    Care::Outpatient,
    Care::Outpatient,
    Care::Emergency,
    Care::Special,
    Care::Special,
    Care::TwoDisease,
    Care::Pharmacy,
    Care::Pharmacy,
    Care::Delivery,
    Care::Prenatal,
    Care::DaySurgery,
    Care::SingleDisease,
];
const RESIDENT_GROUPS: &[Group] = &[Group::Adult, Group::Minor, Group::Student, Group::University, Group::Elder];

/// The worlds of the regions that the reference knows.
pub fn worlds() -> Vec<World> {
    let world = |region, first, last| World {
        region,
        first,
        last,
        employees: 0,
        tiers: &[],
        groups: RESIDENT_GROUPS,
        categories: &[],
        employee_categories: &[],
        categories_change: true,
        cares: ALL_CARES,
        diseases: &["M07805", "M05300", "M04600", "M03900", "M01600", "M02207", "M07109", "M99999"],
        marks: &[],
        lines: &[],
        left: &[],
        usual_share: true,
        openings: false,
    };
    let day = Date::constant;
    vec![
        World {
            employees: 45,
            tiers: &["low", "middle", "high", "student"],
            categories: &[
                Category::Destitute,
                Category::MinimumAllowance,
                Category::LowIncome,
                Category::SevereDisability,
                Category::SingleParent,
                Category::LostOnlyChild,
                Category::FiveGuarantee,
                Category::ThreeNo,
                Category::Entitled,
                Category::LoanStudent,
                Category::NeedyFamilyMinor,
            ],
            employee_categories: &[Category::LargeAmountPayer, Category::LargeAmountPayer, Category::DisabledSoldier],
            marks: &[Mark::Reform, Mark::Chosen, Mark::Accident, Mark::Covid],
            lines: &[
                300, 600, 900, 500, 400, 200, 3_000, 20_000, 100_000, 200_000, 300_000, 180_000, 183_000, 700, 800,
                1_100, 1_700, 270, 350, 5_500, 1_500, 2_500, 55_000, 150_000, 350_000,
            ],
            left: &[15, 20, 25, 30, 35, 10, 100],
            usual_share: false,
            openings: true,
            ..world("tianjin", day(2016, 6, 23), day(2022, 12, 31))
        },
        World {
            employees: 10,
            tiers: &["first", "second"],
            categories: &[
                Category::Destitute,
                Category::MinimumAllowance,
                Category::ReturnedToPoverty,
                Category::Edge,
                Category::LiftedFromPoverty,
                Category::Monitored,
                Category::SevereDisability,
            ],
            lines: &[
                100, 300, 800, 220, 440, 880, 300, 500, 15_412, 7_706, 16_901, 3_000, 3_082, 80_000, 120_000, 47_000,
            ],
            left: &[20, 40, 60, 15, 35, 55, 30, 50, 100],
            ..world("chongqing", day(2022, 1, 1), day(2023, 12, 31))
        },
        World {
            categories: &[
                Category::Destitute,
                Category::MinimumAllowance,
                Category::ReturnedToPoverty,
                Category::Edge,
                Category::PovertyByIllness,
                Category::SevereDisability,
            ],
            marks: &[Mark::AcuteCritical, Mark::Covid],
            lines: &[
                300, 500, 1_000, 150, 250, 100, 200, 1_200, 2_000, 15_000, 50_000, 360_000, 4_339, 4_750, 10_848,
                11_875,
            ],
            left: &[10, 15, 35, 30, 100],
            ..world("nanjing", day(2022, 1, 1), day(2024, 12, 31))
        },
        World {
            categories: &[Category::Destitute, Category::SevereDisability, Category::SevereDisability],
            marks: &[Mark::AcuteCritical, Mark::Covid],
            lines: &[400, 600, 800, 200, 300, 100, 50, 25, 1_200, 2_000, 15_000, 50_000, 100_000, 250_000, 350_000],
            left: &[15, 20, 30, 50, 100],
            ..world("suzhou", day(2022, 1, 1), day(2024, 12, 31))
        },
        World {
            categories: &[Category::Destitute, Category::MinimumAllowance, Category::ReturnedToPoverty, Category::Edge],
            lines: &[200, 400, 800, 1_200, 2_000, 13_000, 50_000, 100_000, 150_000, 350_000],
            left: &[15, 25, 35, 45, 100],
            ..world("changchun", day(2022, 1, 1), day(2024, 12, 31))
        },
    ]
}

/// The world of a region.
pub fn world(region: &str) -> World {
    worlds().into_iter().find(|world| world.region == region).expect("a world of the reference")
}

impl World {
    /// One life; the same for the same seed.
    pub fn life(&self, seed: u64) -> Life {
        let mut random = Random::new(seed);
        let random = &mut random;
        let mut person = self.person(random);
        let opening = if self.openings && random.percent(50) {
            Opening {
                quiet_years: random.below(5) as u32,
                unused: random.between(0, 3) * 100_000,
                light: person.scheme == Scheme::Employee && random.percent(50),
            }
        } else {
            Opening::default()
        };
        let mut bills: Vec<Bill> = Vec::new();
        for year in self.first.year()..=self.last.year() {
            self.age_by_a_year(&mut person, random);
            self.year(year, &mut person, random, &mut bills);
        }
        Life { opening, bills }
    }

    /// A life in which some bills are taken back later, most of them soon.
    pub fn life_with_reversals(&self, seed: u64) -> Life {
        let mut life = self.life(seed);
        let mut random = Random::new(!seed);
        let targets: Vec<Bill> = life.bills.iter().filter(|_| random.percent(20)).cloned().collect();
        for target in targets {
            let days = if random.percent(50) { random.between(0, 60) } else { random.between(0, 400) };
            let date = target.date.saturating_add(jiff::Span::new().days(days)).min(self.last);
            life.bills.push(Bill {
                id: format!("back-{}", target.id),
                date,
                reverses: Some(target.id.clone()),
                ..target
            });
        }
        life
    }

    fn person(&self, random: &mut Random) -> Person {
        let employee = random.percent(self.employees);
        let group = match employee {
            true => *random.pick(&[Group::Active, Group::Retired]),
            false => *random.pick(self.groups),
        };
        let oldest = self.first.year() - 1;
        let born_in = match group {
            Group::Minor | Group::Student => random.between(i64::from(oldest) - 15, i64::from(oldest)),
            _ => random.between(1930, i64::from(oldest) - 16),
        };
        // Some turn eighteen on the way, on a leap day or not.
        let born = match random.below(20) {
            0 => Date::constant(2004, 2, 29),
            _ => self.day_in(born_in as i16, random),
        };
        Person {
            scheme: if employee { Scheme::Employee } else { Scheme::Resident },
            tier: if employee || self.tiers.is_empty() { None } else { Some((*random.pick(self.tiers)).to_owned()) },
            group,
            categories: self.categories_of(employee, random),
            born: Some(born),
            insured_since: match random.below(10) {
                0 => None,
                1..4 => Some(self.day_in(self.first.year() + random.below(3) as i16, random)),
                4 => Some(Date::constant(self.first.year() + 1, 1, 1)),
                5 => Some(Date::constant(self.first.year() + 1, 1, 2)),
                _ => Some(Date::constant(2010, 1, 1)),
            },
        }
    }

    fn categories_of(&self, employee: bool, random: &mut Random) -> Categories {
        let known = if employee { self.employee_categories } else { self.categories };
        if known.is_empty() || random.percent(40) {
            return Categories::NONE;
        }
        (0..random.between(1, 3)).map(|_| *random.pick(known)).collect()
    }

    /// Who works may retire with the year.
    fn age_by_a_year(&self, person: &mut Person, random: &mut Random) {
        if person.group == Group::Active && random.percent(15) {
            person.group = Group::Retired;
        }
    }

    fn year(&self, year: i16, person: &mut Person, random: &mut Random, bills: &mut Vec<Bill>) {
        let count = match random.below(10) {
            0..2 => 0,
            2..6 => random.between(1, 3),
            _ => random.between(4, 12),
        };
        // Some years are all of one kind, so that its lines are met again and again; some are of burden alone.
        let only = random.percent(35).then(|| *random.pick(self.cares));
        let burden_only = random.percent(10);
        let first_of_year = bills.len();
        for number in 0..count {
            let resident = person.scheme == Scheme::Resident;
            if self.categories_change && resident && random.percent(4) {
                person.categories = self.categories_of(false, random);
            }
            let care = if burden_only { Care::Inpatient } else { only.unwrap_or_else(|| *random.pick(self.cares)) };
            let this_year = &bills[first_of_year..];
            let date = match this_year.last() {
                Some(last) if random.percent(25) => last.date,
                _ => self.day_in(year, random),
            };
            let from_bill = bills.iter().filter(|bill| bill.date <= date).rfind(|_| random.percent(50));
            let from_bill = if random.percent(20) { from_bill.map(|bill| bill.id.clone()) } else { None };
            let same_kind = this_year.iter().filter(|bill| bill.care == care);
            let so_far = same_kind.map(|bill| (bill.amounts.a + bill.amounts.b).0).sum();
            let bill = Bill {
                id: format!("{year}-{}", number + 1),
                person_id: "p".to_owned(),
                region: None,
                person: person.clone(),
                date,
                care,
                level: *random.pick(Level::ALL),
                filing: if random.percent(70) { Filing::Local } else { *random.pick(Filing::ALL) },
                disease: self.disease(care, random),
                marks: self.marks_of(care, random),
                amounts: self.amounts(care, so_far, random),
                from_bill,
                part: domain::Part::Whole,
                reverses: None,
                burden_only: burden_only || random.percent(2),
            };
            bills.push(bill);
        }
    }

    fn day_in(&self, year: i16, random: &mut Random) -> Date {
        let month = random.between(1, 12) as i8;
        let day = Date::constant(year, month, random.between(1, 28) as i8);
        let edge = [Date::constant(year, 1, 1), Date::constant(year, 12, 31), Date::constant(year, 6, 22)];
        let day = if random.percent(8) { *random.pick(&edge) } else { day };
        if year == self.first.year() { day.max(self.first) } else { day }
    }

    fn disease(&self, care: Care, random: &mut Random) -> Option<String> {
        let asked = matches!(care, Care::Special | Care::TwoDisease);
        random.percent(if asked { 95 } else { 10 }).then(|| (*random.pick(self.diseases)).to_owned())
    }

    fn marks_of(&self, care: Care, random: &mut Random) -> Marks {
        let likely = |mark: Mark| match mark {
            Mark::Reform => 60,
            Mark::Chosen if care == Care::Special => 85,
            Mark::Accident => 2,
            _ => 15,
        };
        self.marks.iter().copied().filter(|mark| random.percent(likely(*mark))).collect()
    }

    fn amounts(&self, care: Care, so_far: i64, random: &mut Random) -> ClassAmounts {
        let in_scope = Fen(self.amount(care, so_far, random));
        let mut amounts = ClassAmounts { a: in_scope, ..ClassAmounts::default() };
        if random.percent(30) {
            amounts.b = Fen(self.amount(care, so_far, random) / 3);
            let shares = [0, 30_000, 50_000, 100_000, 125_000, 333_333, 1_000_000];
            amounts.b_share =
                if self.usual_share && random.percent(40) { None } else { Some(Rate::from_ppm(*random.pick(&shares))) };
            if random.percent(30) {
                amounts.a = Fen::ZERO;
            }
        }
        if random.percent(25) {
            amounts.c = Fen(random.between(0, 200_000));
        }
        if random.percent(10) {
            amounts.over_limit = Fen(random.between(0, 50_000));
        }
        amounts
    }

    /// An in-scope amount, fen: near a line more often than not.
    fn amount(&self, care: Care, so_far: i64, random: &mut Random) -> i64 {
        let line = *random.pick(self.lines) * 100;
        let beside = random.between(-2, 2);
        let amount = match random.below(20) {
            0..4 => line + beside,
            4..7 => line - so_far + beside,
            // The bill that leaves this burden when the first stage leaves so much of it above its deductible.
            7..10 => {
                let left = *random.pick(self.left);
                let deductible = *random.pick(self.lines) * 100 / 10;
                (line - deductible) * 100 / left + deductible + beside
            }
            10..13 => random.between(1, 300_000),
            13..15 => random.between(1, 40) * random.between(1, 500),
            15 => 0,
            // Even over the orders of magnitude, one fen to some 600,000 yuan.
            _ => (1_i64 << random.below(26)) + random.between(0, 1 << 22) * i64::from(random.percent(50)),
        };
        let most = match care {
            Care::Inpatient | Care::Special | Care::Delivery | Care::DaySurgery | Care::SingleDisease => 90_000_000,
            _ => 200_0000,
        };
        if (0..=most).contains(&amount) { amount } else { random.between(1, 500_000) }
    }
}
