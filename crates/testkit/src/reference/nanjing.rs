//! Nanjing, 2022 to 2024: what the provincial notice of August 2022 sets (`JS22-…`); all figures are those of
//! `policies/320100-nanjing/illustrative.toml`, of special diseases those of `policies/320000-jiangsu/illustrative.toml`.

use domain::{Bill, Care, Category, Date, Filing, Group, Level, Mark, Scheme};

use super::{
    NO_END, Opening, Settled, admissions, borne, by_level, by_segments, looked_at, of_year, paid, part_of, rounded,
    scope, yuan, yuan_and,
};

pub(super) fn settle<'b>(bill: &'b Bill, before: &[Settled<'b>], _: &Opening) -> Result<Settled<'b>, &'static str> {
    let year = bill.date.year();
    if !(2022..=2024).contains(&year) {
        return Err("written for 2022 to 2024 only");
    }
    // Supplement of the province: class B 10%.
    let scope = scope(bill, Some(1_000))?;
    let this_year = of_year(before, bill.date);
    let mut settled = Settled { bill, scope, parts: Vec::new() };
    // The notice of the province holds from 2022-08-25.
    let notice = bill.date >= Date::constant(2022, 8, 25);

    if !bill.burden_only {
        basic(bill, notice, &this_year, &mut settled)?;
    }
    if bill.person.scheme == Scheme::Resident {
        catastrophic(bill, &this_year, &mut settled);
        assistance(bill, year, notice, &this_year, &mut settled);
    }
    Ok(settled)
}

fn basic(bill: &Bill, notice: bool, this_year: &[&Settled<'_>], settled: &mut Settled<'_>) -> Result<(), &'static str> {
    if bill.person.scheme != Scheme::Resident {
        return Err("residents only");
    }
    match bill.care {
        Care::Inpatient | Care::DaySurgery => stay(bill, this_year, settled),
        // JS22-02n: delivery as an ordinary stay.
        Care::Delivery if notice => stay(bill, this_year, settled),
        // JS22-02c, JS22-02d, province's supplement: 70% all over the province, no deductible, no limit.
        Care::Special if matches!(bill.disease.as_deref(), Some("M07805" | "M05300")) => {
            let in_scope = settled.scope.in_scope;
            settled.add("special", in_scope, 0, part_of(in_scope, 7_000));
        }
        // JS22-02e: acute and critical illness is paid apart, filed or not; figures: 65%, no deductible, no limit.
        Care::Outpatient | Care::Emergency if notice && bill.marks.has(Mark::AcuteCritical) => {
            let in_scope = settled.scope.in_scope;
            settled.add("acute-critical", in_scope, 0, part_of(in_scope, 6_500));
        }
        Care::Outpatient | Care::Emergency => outpatient(bill, this_year, settled),
        // JS22-02m: prenatal checks from out-patient cover.
        Care::Prenatal if notice => outpatient(bill, this_year, settled),
        _ => return Err("not covered"),
    }
    Ok(())
}

/// 300 / 500 / 1,000 for the first stay of the year, half for the second, none from the third; 90/85/65; away 0.9 if referred
/// or an emergency, 0.7 if not filed; payments to 360,000 a year.
fn stay(bill: &Bill, this_year: &[&Settled<'_>], settled: &mut Settled<'_>) {
    let whole = by_level(bill.level, yuan(300), yuan(500), yuan(1_000));
    let line = match admissions(this_year) {
        0 => whole,
        1 => whole / 2,
        _ => 0,
    };
    let ratio = by_level(bill.level, 9_000, 8_500, 6_500);
    let ratio = match bill.filing {
        Filing::Referred | Filing::Emergency => ratio * 9 / 10,
        Filing::Unfiled => ratio * 7 / 10,
        Filing::Local | Filing::Filed => ratio,
    };
    let in_scope = settled.scope.in_scope;
    let deductible = in_scope.min(line);
    let room = (yuan(360_000) - paid(this_year, &["inpatient"])).max(0);
    settled.add("inpatient", in_scope, deductible, part_of(in_scope - deductible, ratio).min(room));
}

/// 200 a year (students and minors 100), 60% at primary providers and level 1, nothing above; payments to 1,200 a year.
fn outpatient(bill: &Bill, this_year: &[&Settled<'_>], settled: &mut Settled<'_>) {
    let young = matches!(bill.person.group, Group::Student | Group::University | Group::Minor);
    let line = if young { yuan(100) } else { yuan(200) };
    let ratio = if matches!(bill.level, Level::Primary | Level::One) { 6_000 } else { 0 };
    let in_scope = settled.scope.in_scope;
    let deductible = in_scope.min((line - borne(this_year, &["outpatient"])).max(0));
    let room = (yuan(1_200) - paid(this_year, &["outpatient"])).max(0);
    settled.add("outpatient", in_scope, deductible, part_of(in_scope - deductible, ratio).min(room));
}

/// Above 15,000 of the year's burden 60%, above 50,000 of it 70%.
fn catastrophic(bill: &Bill, this_year: &[&Settled<'_>], settled: &mut Settled<'_>) {
    if !matches!(bill.care, Care::Inpatient | Care::DaySurgery | Care::Delivery | Care::Special) {
        return;
    }
    let segments = [(yuan(15_000), yuan(50_000), 6_000), (yuan(50_000), NO_END, 7_000)];
    let burden = settled.burden();
    let so_far = looked_at(this_year, &["catastrophic"]);
    let deductible = burden.min((yuan(15_000) - so_far).max(0));
    let entitled = by_segments(so_far + burden, &segments) - by_segments(so_far, &segments);
    settled.add("catastrophic", burden, deductible, entitled);
}

/// Before the notice for stays and special diseases, from it (JS22-02j, JS22-02k) for out-patient care under the same limit:
/// 50,000 a year of payments. 70% without a deductible, or 60% above 10% or 25% of the province's income two years before.
fn assistance(bill: &Bill, year: i16, notice: bool, this_year: &[&Settled<'_>], settled: &mut Settled<'_>) {
    let covered = match bill.care {
        Care::Inpatient | Care::DaySurgery | Care::Special => true,
        Care::Delivery | Care::TwoDisease | Care::Outpatient | Care::Emergency | Care::Prenatal => notice,
        Care::Pharmacy | Care::SingleDisease => false,
    };
    // Province's statistics.toml, fen: 2020, 2021, 2022.
    let income = match year {
        2022 => yuan_and(43_390, 35),
        2023 => yuan_and(47_498, 30),
        _ => yuan_and(49_861, 69),
    };
    let any = |categories: &[Category]| categories.iter().any(|category| bill.person.categories.has(*category));
    let (line, ratio) = if any(&[Category::Destitute, Category::MinimumAllowance, Category::ReturnedToPoverty]) {
        (0, 7_000)
    } else if any(&[Category::Edge]) {
        (yuan(rounded(income * 10, 10_000)), 6_000)
    } else if any(&[Category::PovertyByIllness]) {
        (yuan(rounded(income * 25, 10_000)), 6_000)
    } else {
        return;
    };
    if !covered {
        return;
    }
    let burden = settled.burden();
    let deductible = burden.min((line - borne(this_year, &["assistance"])).max(0));
    let room = (yuan(50_000) - paid(this_year, &["assistance"])).max(0);
    settled.add("assistance", burden, deductible, part_of(burden - deductible, ratio).min(room));
}
