//! Chongqing, insured years 2022 and 2023: the notice of December 2021 (`CQ21-…`), and for all that it leaves open the
//! figures of `policies/500000-chongqing/illustrative.toml` ("supplement" below).

use domain::{Bill, Care, Category, Filing, Group, Scheme};

use super::{
    Opening, Settled, above_deductible, borne, by_level, is_stay, of_year, paid, part_of, rounded, scope, yuan,
    yuan_and,
};

pub(super) fn settle<'b>(bill: &'b Bill, before: &[Settled<'b>], _: &Opening) -> Result<Settled<'b>, &'static str> {
    let year = bill.date.year();
    if !(2022..=2023).contains(&year) {
        return Err("written for 2022 and 2023 only");
    }
    let age = bill.person.age_on(bill.date).ok_or("age not known")?;
    // Supplement: class B 10%.
    let scope = scope(bill, Some(1_000))?;
    let this_year = of_year(before, bill.date);
    let mut settled = Settled { bill, scope, parts: Vec::new() };

    if bill.person.scheme == Scheme::Employee {
        if !bill.burden_only {
            employee_stay(bill, &this_year, &mut settled)?;
        }
        return Ok(settled);
    }
    if !bill.burden_only {
        basic(bill, year, age, &this_year, &mut settled)?;
    }
    // CQ21-02.1e: basic, then catastrophic, then assistance.
    if is_stay(bill.care) || bill.care == Care::Special {
        catastrophic(bill, year, &this_year, &mut settled);
        assistance(bill, year, &this_year, &mut settled);
        tilt(bill, year, &this_year, &mut settled);
    }
    Ok(settled)
}

fn basic(
    bill: &Bill,
    year: i16,
    age: u8,
    this_year: &[&Settled<'_>],
    settled: &mut Settled<'_>,
) -> Result<(), &'static str> {
    let in_scope = settled.scope.in_scope;
    // Supplement: stays, single diseases and special diseases share 80,000 or 120,000 a year of payments.
    let room = || -> Result<i128, &'static str> {
        let ceiling = if second_tier(bill)? { yuan(120_000) } else { yuan(80_000) };
        Ok((ceiling - paid(this_year, &["inpatient", "single-disease", "special"])).max(0))
    };
    match bill.care {
        Care::Inpatient | Care::Delivery | Care::DaySurgery => {
            // Supplement: 100 / 300 / 800 a stay.
            let line = by_level(bill.level, yuan(100), yuan(300), yuan(800));
            // Supplement: 80/60/40 in 2022, 80/70/50 from 2023; the second tier 5 points more.
            let mut ratio = match year {
                2022 => by_level(bill.level, 8_000, 6_000, 4_000),
                _ => by_level(bill.level, 8_000, 7_000, 5_000),
            };
            if second_tier(bill)? {
                ratio += 500;
            }
            // Supplement: minors 5 points more; then away 0.9 if referred or an emergency, 0.7 if not filed.
            if age <= 17 {
                ratio += 500;
            }
            ratio = match bill.filing {
                Filing::Referred | Filing::Emergency => ratio * 9 / 10,
                Filing::Unfiled => ratio * 7 / 10,
                Filing::Local | Filing::Filed => ratio,
            };
            let deductible = line.min(in_scope);
            settled.add("inpatient", in_scope, deductible, part_of(in_scope - deductible, ratio).min(room()?));
        }
        // CQ21-02.1l keeps the ratio of single diseases as it was; supplement: 70%, no deductible.
        Care::SingleDisease => settled.add("single-disease", in_scope, 0, part_of(in_scope, 7_000).min(room()?)),
        Care::Special => {
            // Supplement: the codes.
            if !matches!(bill.disease.as_deref(), Some("M07805" | "M05300" | "M04600")) {
                return Err("not a special disease");
            }
            // Supplement: 80/60/40, no deductible. CQ21-02.1k: what is left does not go on to ordinary out-patient cover.
            let ratio = by_level(bill.level, 8_000, 6_000, 4_000);
            settled.add("special", in_scope, 0, part_of(in_scope, ratio).min(room()?));
        }
        Care::TwoDisease => {
            // CQ21-02.2d, CQ21-02.2e: hypertension and diabetes; supplement: the codes, 50%, no limit.
            if !matches!(bill.disease.as_deref(), Some("M03900" | "M01600")) {
                return Err("neither hypertension nor diabetes");
            }
            settled.add("two-disease", in_scope, 0, part_of(in_scope, 5_000));
        }
        Care::Outpatient | Care::Emergency => {
            // CQ21-02.2a; supplement: 60/40/0, no deductible. CQ21-02.2b, CQ21-02.2c: 300 and 500 a year of payments
            // (supplement: the same after 2022).
            let ratio = by_level(bill.level, 6_000, 4_000, 0);
            let limit = if second_tier(bill)? { yuan(500) } else { yuan(300) };
            let room = (limit - paid(this_year, &["outpatient"])).max(0);
            settled.add("outpatient", in_scope, 0, part_of(in_scope, ratio).min(room));
        }
        Care::Pharmacy | Care::Prenatal => return Err("not covered"),
    }
    Ok(())
}

fn second_tier(bill: &Bill) -> Result<bool, &'static str> {
    match bill.person.tier.as_deref() {
        Some("first") => Ok(false),
        Some("second") => Ok(true),
        _ => Err("no tier"),
    }
}

fn holds(bill: &Bill, categories: &[Category]) -> bool {
    categories.iter().any(|category| bill.person.categories.has(*category))
}

fn catastrophic(bill: &Bill, year: i16, this_year: &[&Settled<'_>], settled: &mut Settled<'_>) {
    let burden = settled.burden();
    // CQ21-02.1i: 15,412 in 2022. CQ21-02.1h from 2023: half of the income of two years before, to the yuan; statistics.toml
    // has 33,802.60 for 2021, so 16,901.
    let line = if year == 2022 { yuan(15_412) } else { yuan(16_901) };
    // CQ21-02.2j; supplement: half the deductible, 5 points more and no limit for the destitute, minimum-allowance and
    // returned-to-poverty persons; 60% and 200,000 for all others.
    let favoured = holds(bill, &FAVOURED);
    let line = if favoured { line / 2 } else { line };
    let ratio = if favoured { 6_500 } else { 6_000 };
    let deductible = burden.min((line - borne(this_year, &["catastrophic"])).max(0));
    let so_far = above_deductible(this_year, &["catastrophic"]);
    let counted = burden - deductible;
    let entitled = part_of(so_far + counted, ratio) - part_of(so_far, ratio);
    let room = (yuan(200_000) - paid(this_year, &["catastrophic"])).max(0);
    settled.add("catastrophic", burden, deductible, if favoured { entitled } else { entitled.min(room) });
}

const FAVOURED: [Category; 3] = [Category::Destitute, Category::MinimumAllowance, Category::ReturnedToPoverty];

/// CQ21-02.2k; all figures: supplement.
fn assistance(bill: &Bill, year: i16, this_year: &[&Settled<'_>], settled: &mut Settled<'_>) {
    let edge = holds(bill, &[Category::Edge]);
    let monitored = holds(bill, &[Category::Monitored]);
    let lifted = holds(bill, &[Category::LiftedFromPoverty]);
    // 2022: a tenth of the income of two years before (30,823.93 in 2020, so 3,082) for the low-income edge, none for others.
    let (line, ratio) = if holds(bill, &FAVOURED) {
        (0, 7_000)
    } else if edge {
        (
            if year == 2022 { yuan(rounded(yuan_and(30_823, 93), 1_000)) } else { 0 },
            if year == 2022 { 6_000 } else { 7_000 },
        )
    } else if monitored {
        (0, 6_000)
    } else if lifted {
        (0, 5_000)
    } else {
        return;
    };
    let burden = settled.burden();
    let deductible = burden.min((line - borne(this_year, &["assistance"])).max(0));
    settled.add("assistance", burden, deductible, part_of(burden - deductible, ratio));
}

/// Supplement, from 2023: 60% of what is left above 3,000 a year.
fn tilt(bill: &Bill, year: i16, this_year: &[&Settled<'_>], settled: &mut Settled<'_>) {
    if year < 2023 || !(holds(bill, &FAVOURED) || holds(bill, &[Category::Edge])) {
        return;
    }
    let burden = settled.burden();
    let deductible = burden.min((yuan(3_000) - borne(this_year, &["tilt"])).max(0));
    let so_far = above_deductible(this_year, &["tilt"]);
    let entitled = part_of(so_far + burden - deductible, 6_000) - part_of(so_far, 6_000);
    settled.add("tilt", burden, deductible, entitled);
}

/// Supplement: 220 / 440 / 880 a stay, in service 90/87/85, retired 95, payments to 47,000 a year.
fn employee_stay(bill: &Bill, this_year: &[&Settled<'_>], settled: &mut Settled<'_>) -> Result<(), &'static str> {
    if !matches!(bill.care, Care::Inpatient | Care::Delivery | Care::DaySurgery) {
        return Err("not covered");
    }
    let ratio = match bill.person.group {
        Group::Retired => 9_500,
        Group::Active => by_level(bill.level, 9_000, 8_700, 8_500),
        _ => return Err("neither in service nor retired"),
    };
    let in_scope = settled.scope.in_scope;
    let deductible = in_scope.min(by_level(bill.level, yuan(220), yuan(440), yuan(880)));
    let room = (yuan(47_000) - paid(this_year, &["employee-inpatient"])).max(0);
    settled.add("employee-inpatient", in_scope, deductible, part_of(in_scope - deductible, ratio).min(room));
    Ok(())
}
