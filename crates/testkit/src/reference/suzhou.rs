//! Suzhou, 2022 to 2024: what the provincial notice of August 2022 sets (`JS22-…`); all figures are those of
//! `policies/320500-suzhou/illustrative.toml`, of special diseases those of `policies/320000-jiangsu/illustrative.toml`.

use domain::{Bill, Care, Category, Date, Filing, Level, Mark, Scheme};

use super::{
    NO_END, Opening, Settled, borne, by_level, by_segments, is_stay, looked_at, of_year, paid, part_of, rounded, scope,
    yuan,
};

pub(super) fn settle<'b>(bill: &'b Bill, before: &[Settled<'b>], _: &Opening) -> Result<Settled<'b>, &'static str> {
    if !(2022..=2024).contains(&bill.date.year()) {
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
        if matches!(bill.care, Care::Inpatient | Care::DaySurgery | Care::Delivery | Care::Special) {
            catastrophic(&this_year, &mut settled);
        }
        if notice {
            no_assistance_yet(bill)?;
        }
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
        // JS22-02e: paid apart, and no figures for this city.
        Care::Outpatient | Care::Emergency if notice && bill.marks.has(Mark::AcuteCritical) => {
            return Err("acute and critical illness is open");
        }
        Care::Outpatient | Care::Emergency => outpatient(bill, this_year, settled),
        // JS22-02m: prenatal checks from out-patient cover.
        Care::Prenatal if notice => outpatient(bill, this_year, settled),
        _ => return Err("not covered"),
    }
    Ok(())
}

/// 400 / 600 / 800 for the first stay of the year, each further one half of the one before; 85/80/70; away 0.9 if referred,
/// 0.85 an emergency, 0.7 if not filed; payments to 250,000 a year.
fn stay(bill: &Bill, this_year: &[&Settled<'_>], settled: &mut Settled<'_>) {
    // A stay that basic insurance has settled elsewhere counts as one, but leaves no line: half is then of the ordinary line.
    let ordinary = |level: Level| by_level(level, yuan(400), yuan(600), yuan(800));
    let mut before = None;
    let mut stays = 0;
    for earlier in this_year.iter().filter(|earlier| is_stay(earlier.bill.care)).map(|earlier| earlier.bill) {
        stays += 1;
        if !earlier.burden_only {
            let line = ordinary(earlier.level);
            before = Some(if stays == 1 { line } else { rounded(before.unwrap_or(line), 2) });
        }
    }
    let line = ordinary(bill.level);
    let line = if stays == 0 { line } else { rounded(before.unwrap_or(line), 2) };
    let ratio = by_level(bill.level, 8_500, 8_000, 7_000);
    let ratio = match bill.filing {
        Filing::Referred => ratio * 90 / 100,
        Filing::Emergency => ratio * 85 / 100,
        Filing::Unfiled => ratio * 70 / 100,
        Filing::Local | Filing::Filed => ratio,
    };
    let in_scope = settled.scope.in_scope;
    let deductible = in_scope.min(line);
    let room = (yuan(250_000) - paid(this_year, &["inpatient"])).max(0);
    settled.add("inpatient", in_scope, deductible, part_of(in_scope - deductible, ratio).min(room));
}

/// No deductible at primary providers and level 1, else 200 a year; 60/50/40; payments to 1,200 a year.
fn outpatient(bill: &Bill, this_year: &[&Settled<'_>], settled: &mut Settled<'_>) {
    let line = if matches!(bill.level, Level::Primary | Level::One) { 0 } else { yuan(200) };
    let in_scope = settled.scope.in_scope;
    let deductible = in_scope.min((line - borne(this_year, &["outpatient"])).max(0));
    let room = (yuan(1_200) - paid(this_year, &["outpatient"])).max(0);
    let ratio = by_level(bill.level, 6_000, 5_000, 4_000);
    settled.add("outpatient", in_scope, deductible, part_of(in_scope - deductible, ratio).min(room));
}

/// Above 15,000 of the year's burden 60%, above 50,000 of it 70%, above 100,000 80%; payments to 350,000 a year.
fn catastrophic(this_year: &[&Settled<'_>], settled: &mut Settled<'_>) {
    let segments =
        [(yuan(15_000), yuan(50_000), 6_000), (yuan(50_000), yuan(100_000), 7_000), (yuan(100_000), NO_END, 8_000)];
    let burden = settled.burden();
    let so_far = looked_at(this_year, &["catastrophic"]);
    let deductible = burden.min((yuan(15_000) - so_far).max(0));
    let entitled = by_segments(so_far + burden, &segments) - by_segments(so_far, &segments);
    let room = (yuan(350_000) - paid(this_year, &["catastrophic"])).max(0);
    settled.add("catastrophic", burden, deductible, entitled.min(room));
}

/// JS22-02j, JS22-02k give persons in need assistance from the notice on; this city's figures are open, so their bills stop.
fn no_assistance_yet(bill: &Bill) -> Result<(), &'static str> {
    let needy = [
        Category::Destitute,
        Category::MinimumAllowance,
        Category::Edge,
        Category::ReturnedToPoverty,
        Category::PovertyByIllness,
    ];
    let covered = !matches!(bill.care, Care::Pharmacy | Care::SingleDisease);
    if covered && needy.iter().any(|category| bill.person.categories.has(*category)) {
        return Err("assistance figures are open");
    }
    Ok(())
}
