//! Outcomes made by hand for the tests of reports: some hundred persons, summed one by one.

use std::collections::BTreeMap;

use microsim::outcome::{
    BURDEN_EDGES, Bills, Burden, By, Cell, Changed, Group, Outcome, Patients, People, SHARES, Variant,
};

/// One made-up person and the year's bills.
pub struct Person {
    pub income: i64,
    pub decile: usize,
    pub category: &'static str,
    pub tier: &'static str,
    pub female: bool,
    pub age: i64,
    /// Level, kind of care, total, in scope.
    pub bills: Vec<(&'static str, &'static str, i64, i64)>,
}

/// Numbers that look like chance, always the same.
pub struct Draw(pub u64);

impl Draw {
    pub fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % end as u64) as i64
    }
}

pub fn people(count: usize) -> Vec<Person> {
    let mut draw = Draw(7);
    let levels = ["primary", "1", "2", "3", "3p"];
    let person = |_| {
        let decile = draw.below(10) as usize;
        let income = (decile as i64 * decile as i64 + 4) * 60_000 + draw.below(150_000);
        let category = match draw.below(20) {
            0 if decile < 3 => "minimum-allowance",
            1 if decile < 3 => "destitute",
            2 => "severe-disability",
            _ => "none",
        };
        let count = draw.below(4);
        let bill = |_| {
            let stay = draw.below(4) == 0;
            let level = levels[draw.below(5) as usize];
            let heavy = if draw.below(60) == 0 { 60 } else { 1 };
            let total = if stay { 200_000 + draw.below(900_000) } else { 4_000 + draw.below(40_000) } * heavy;
            let care = if stay { "inpatient" } else { ["outpatient", "special"][draw.below(2) as usize] };
            (level, care, total, total * (70 + draw.below(25)) / 100)
        };
        let bills = (0..count).map(bill).collect();
        let tier = ["first", "second"][draw.below(2) as usize];
        Person { income, decile, category, tier, female: draw.below(2) == 0, age: draw.below(110), bills }
    };
    (0..count).map(person).collect()
}

const FUNDS: [&str; 4] = ["basic", "catastrophic", "assistance", "tilt"];

/// What the funds pay of a bill: a made-up rule with the ratio of basic insurance as its figure.
fn paid(person: &Person, level: &str, in_scope: i64, percent: i64) -> [i64; 4] {
    let less = if level == "3" || level == "3p" { 15 } else { 0 };
    let basic = in_scope * (percent - less) / 100;
    let catastrophic = (in_scope - basic - 1_000_000).max(0) * 6 / 10;
    let left = in_scope - basic - catastrophic;
    let assistance = if person.category == "none" { 0 } else { left * 7 / 10 };
    let tilt = if person.category == "destitute" { (left - assistance - 200_000).max(0) / 2 } else { 0 };
    [basic, catastrophic, assistance, tilt]
}

fn year(person: &Person, percent: i64) -> (i64, i64, [i64; 4]) {
    let mut sums = (0, 0, [0; 4]);
    for (level, _, total, in_scope) in &person.bills {
        sums.0 += total;
        sums.1 += in_scope;
        for (sum, fund) in sums.2.iter_mut().zip(paid(person, level, *in_scope, percent)) {
            *sum += fund;
        }
    }
    sums
}

fn groups(person: &Person) -> Vec<Group> {
    let of = |by, value: String| Group { by, value };
    vec![
        of(By::All, String::new()),
        of(By::Decile, format!("{:02}", person.decile + 1)),
        of(By::Category, person.category.to_owned()),
        of(By::Tier, person.tier.to_owned()),
        of(By::Age, format!("{}/{:03}", if person.female { "female" } else { "male" }, person.age.min(100))),
    ]
}

/// A run over some people under ratios of basic insurance, the first of them the baseline's.
pub fn outcome(people: &[Person], variants: &[(&str, i64)]) -> Outcome {
    let mut all: BTreeMap<Group, People> = BTreeMap::new();
    for person in people {
        for group in groups(person) {
            let sums = all.entry(group).or_default();
            sums.living += 1;
            sums.enrolled += 1;
            sums.standard += 38_000;
            sums.personal += 32_000;
            sums.sponsored += 6_000;
            sums.income += person.income;
        }
    }
    let base = variants.first().map_or(0, |(_, percent)| *percent);
    Outcome {
        region: "chongqing".to_owned(),
        region_name: "重庆市".to_owned(),
        tiers: [("first", "一档"), ("second", "二档")].map(|(code, name)| (code.to_owned(), name.to_owned())).to_vec(),
        year: 2022,
        from_year: 2022,
        province: "a1b2c3".to_owned(),
        funds: FUNDS.map(str::to_owned).to_vec(),
        people: all,
        variants: variants.iter().map(|(name, percent)| variant(people, name, *percent, base)).collect(),
        left_out: 0,
    }
}

fn variant(people: &[Person], name: &str, percent: i64, base: i64) -> Variant {
    let mut told = Variant {
        name: name.to_owned(),
        set: if name == "baseline" { Vec::new() } else { vec![format!("stage.basic.ratio={percent}%")] },
        terms: format!("terms-{percent}"),
        basis: if name == "baseline" { "illustrative" } else { "derived" }.to_owned(),
        burden: vec![Burden::default(); BURDEN_EDGES.len() + 1],
        refused: BTreeMap::from([("open-figure: stage.accident".to_owned(), 12)]),
        changed: Changed { settled_anew: people.len() as i64, ..Changed::default() },
        ..Variant::default()
    };
    for person in people {
        let own = |percent| {
            let (total, _, paid) = year(person, percent);
            total - paid.iter().sum::<i64>()
        };
        for (level, care, total, in_scope) in &person.bills {
            let cell = Cell { tier: person.tier.to_owned(), level: (*level).to_owned(), care: (*care).to_owned() };
            let sums = told.cells.entry(cell).or_insert_with(|| Bills { paid: vec![0; 4], ..Bills::default() });
            sums.bills += 1;
            sums.total += total;
            sums.in_scope += in_scope;
            sums.first_self_pay += (total - in_scope) / 3;
            for (sum, fund) in sums.paid.iter_mut().zip(paid(person, level, *in_scope, percent)) {
                *sum += fund;
            }
        }
        let (total, in_scope, funds) = year(person, percent);
        let (own, before) = (own(percent), own(base));
        let step = told.by_income.entry((person.income / 20_000) as u16).or_default();
        step.persons += 1;
        step.own += own;
        if person.bills.is_empty() {
            continue;
        }
        let burden = &mut told.burden[BURDEN_EDGES.partition_point(|edge| *edge < own)];
        burden.persons += 1;
        burden.own += own;
        told.changed.persons += i64::from(own != before);
        for group in groups(person) {
            let blank = || Patients { paid: vec![0; 4], reached: vec![0; 4], above: vec![0; 3], ..Patients::default() };
            let sums = told.groups.entry(group).or_insert_with(blank);
            sums.persons += 1;
            sums.bills += person.bills.len() as i64;
            sums.total += total;
            sums.in_scope += in_scope;
            sums.own += own;
            for (place, fund) in funds.iter().enumerate() {
                sums.paid[place] += fund;
                sums.reached[place] += i64::from(*fund > 0);
            }
            for (place, percent) in SHARES.iter().enumerate() {
                sums.above[place] += i64::from(own * 100 > person.income * percent);
            }
            sums.winners += i64::from(own < before);
            sums.gained += (before - own).max(0);
            sums.losers += i64::from(own > before);
            sums.lost += (own - before).max(0);
        }
    }
    told
}
