//! A made-up year of bills of Chongqing residents under the terms of 2022: three to eight bills a person, a tenth of them stays.
//!
//! The same bills in four forms: columns of figures for the floor, prepared visits and columns for the engine, and CSV text.

use std::io::Write as _;

use domain::{
    Bill, Care, Categories, Category, ClassAmounts, Date, Fen, Filing, Group, Level, Marks, Person, Rate, Scheme,
};
use settlement::{Engine, Visit};
use testkit::random::Random;

use crate::floor::{Cover, Favour, Figures};

/// The bills in their forms, each person's together.
pub struct Population {
    /// First bill of each person, and the number of bills.
    pub persons: Vec<u32>,
    pub figures: Figures,
    pub visits: Vec<Visit>,
    /// For the engine's columns.
    pub batch: testkit::population::Population,
    pub text: Vec<u8>,
}

pub fn make(bills: usize, engine: &Engine) -> Population {
    let plan = engine.plan(0);
    let mut random = Random::new(2022);
    let random = &mut random;
    let mut made = Population {
        persons: vec![0],
        figures: Figures::default(),
        visits: Vec::new(),
        batch: testkit::population::Population::under([engine]),
        text: Vec::new(),
    };
    made.text.extend_from_slice(
        b"bill,person,date,care,level,tier,group,category,birth,filing,disease,a,b,b_share,c,over_limit\n",
    );
    while made.visits.len() < bills {
        let number = made.persons.len();
        let (person, favour) = person(random);
        let count = random.between(3, 8) as usize;
        let mut days: Vec<i64> = (0..count).map(|_| random.between(0, 364)).collect();
        days.sort_unstable();
        let mut year = Vec::new();
        for (at, day) in days.into_iter().enumerate().take(bills - made.visits.len()) {
            let bill = bill(format!("{number}-{at}"), format!("P{number:07}"), &person, day, random);
            let visit = plan.visit(&bill).expect("a bill of the terms");
            made.figures.push(&bill, visit.amounts.in_scope.0);
            write_line(&bill, &mut made.text);
            made.visits.push(visit);
            year.push(bill);
        }
        made.batch.add(&year);
        made.figures.end_person(person.tier.as_deref() == Some("second"), favour);
        made.persons.push(made.visits.len() as u32);
    }
    made
}

fn person(random: &mut Random) -> (Person, Favour) {
    let (group, born_in) = match random.below(10) {
        0..2 => (Group::Minor, random.between(2006, 2020)),
        2..7 => (Group::Adult, random.between(1963, 2002)),
        _ => (Group::Elder, random.between(1935, 1961)),
    };
    let (categories, favour) = match random.below(100) {
        0..5 => (Categories::NONE.with(Category::MinimumAllowance), Favour::Favoured),
        5..6 => (Categories::NONE.with(Category::Destitute), Favour::Favoured),
        6..8 => (Categories::NONE.with(Category::Edge), Favour::Edge),
        8..9 => (Categories::NONE.with(Category::Monitored), Favour::Monitored),
        9..12 => (Categories::NONE.with(Category::LiftedFromPoverty), Favour::Lifted),
        _ => (Categories::NONE, Favour::None),
    };
    let tier = if random.percent(25) { "second" } else { "first" };
    let person = Person {
        scheme: Scheme::Resident,
        tier: Some(tier.to_owned()),
        group,
        categories,
        born: Some(Date::constant(born_in as i16, random.between(1, 12) as i8, random.between(1, 28) as i8)),
        insured_since: Some(Date::constant(2015, 1, 1)),
    };
    (person, favour)
}

fn bill(id: String, person_id: String, person: &Person, day: i64, random: &mut Random) -> Bill {
    let care = match random.below(100) {
        0..8 => Care::Inpatient,
        8..9 => Care::DaySurgery,
        9..10 => Care::Delivery,
        10..11 => Care::SingleDisease,
        11..19 => Care::Special,
        19..34 => Care::TwoDisease,
        34..38 => Care::Emergency,
        _ => Care::Outpatient,
    };
    let disease = match care {
        Care::Special => Some(*random.pick(&["M07805", "M05300", "M04600"])),
        Care::TwoDisease => Some(*random.pick(&["M03900", "M01600"])),
        _ => None,
    };
    let stay = matches!(Cover::of(care), Cover::Stay | Cover::SingleDisease);
    // Even over the orders of magnitude: stays of some 500 to 260,000 yuan, visits of some 10 to 1,300.
    let total = if stay {
        (1 << random.between(16, 24)) + random.between(0, 90_000)
    } else {
        (1 << random.between(10, 16)) + random.between(0, 9_000)
    };
    let b = if random.percent(40) { total * random.between(5, 60) / 100 } else { 0 };
    let c = if random.percent(20) { total * random.between(1, 10) / 100 } else { 0 };
    Bill {
        id,
        person_id,
        region: None,
        person: person.clone(),
        date: Date::constant(2022, 1, 1).saturating_add(jiff::Span::new().days(day)),
        care,
        level: *random.pick(&[Level::Primary, Level::One, Level::Two, Level::Two, Level::Three]),
        filing: match random.below(100) {
            0..4 => Filing::Filed,
            4..7 => Filing::Referred,
            7..10 => Filing::Unfiled,
            _ => Filing::Local,
        },
        disease: disease.map(str::to_owned),
        marks: Marks::NONE,
        amounts: ClassAmounts {
            a: Fen(total - b - c),
            b: Fen(b),
            b_share: (b > 0).then(|| Rate::percent(*random.pick(&[5, 10, 20]))),
            b_self_pay: None,
            c: Fen(c),
            over_limit: Fen::ZERO,
        },
        from_bill: None,
        part: domain::Part::Whole,
        reverses: None,
        burden_only: false,
    }
}

fn write_line(bill: &Bill, text: &mut Vec<u8>) {
    let person = &bill.person;
    let categories: Vec<&str> = person.categories.iter().map(|category| category.code()).collect();
    let share = bill.amounts.b_share.map_or(String::new(), |share| share.to_string());
    let amounts = &bill.amounts;
    writeln!(
        text,
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{share},{},{}",
        bill.id,
        bill.person_id,
        bill.date,
        bill.care,
        bill.level,
        person.tier.as_deref().unwrap_or_default(),
        person.group,
        categories.join("|"),
        person.born.map_or(String::new(), |born| born.to_string()),
        bill.filing,
        bill.disease.as_deref().unwrap_or_default(),
        amounts.a,
        amounts.b,
        amounts.c,
        amounts.over_limit
    )
    .expect("memory takes text");
}
