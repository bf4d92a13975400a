//! Changchun, 2022 to 2024: what the provincial notice of September 2022 sets (`JL22-…`); all figures are those of
//! `policies/220100-changchun/illustrative.toml`.

use domain::{Bill, Care, Category, Date, Filing, Level, Scheme};

use super::{NO_END, Opening, Settled, borne, by_segments, is_stay, looked_at, of_year, paid, part_of, scope, yuan};

pub(super) fn settle<'b>(bill: &'b Bill, before: &[Settled<'b>], _: &Opening) -> Result<Settled<'b>, &'static str> {
    if !(2022..=2024).contains(&bill.date.year()) {
        return Err("written for 2022 to 2024 only");
    }
    // Class B 10%.
    let scope = scope(bill, Some(1_000))?;
    let this_year = of_year(before, bill.date);
    let mut settled = Settled { bill, scope, parts: Vec::new() };

    if !bill.burden_only {
        basic(bill, &this_year, &mut settled)?;
    }
    if bill.person.scheme == Scheme::Resident && in_catastrophic(bill.care) {
        catastrophic(&this_year, &mut settled);
        assistance(bill, &this_year, &mut settled);
    }
    Ok(settled)
}

fn basic(bill: &Bill, this_year: &[&Settled<'_>], settled: &mut Settled<'_>) -> Result<(), &'static str> {
    if bill.person.scheme != Scheme::Resident {
        return Err("residents only");
    }
    let in_scope = settled.scope.in_scope;
    // Stays and special diseases share 150,000 a year of payments.
    let room = (yuan(150_000) - paid(this_year, &["inpatient", "special"])).max(0);
    match bill.care {
        Care::Inpatient | Care::Delivery | Care::DaySurgery => {
            let (line, ratio) = match bill.level {
                Level::Primary | Level::One => (yuan(200), 8_500),
                Level::Two => (yuan(400), 7_500),
                Level::Three => (yuan(800), 6_500),
                Level::Provincial => (yuan(1_200), 5_500),
            };
            // Away: 0.85 if referred or an emergency, 0.6 if not filed.
            let ratio = match bill.filing {
                Filing::Referred | Filing::Emergency => ratio * 85 / 100,
                Filing::Unfiled => ratio * 60 / 100,
                Filing::Local | Filing::Filed => ratio,
            };
            let deductible = in_scope.min(line);
            settled.add("inpatient", in_scope, deductible, part_of(in_scope - deductible, ratio).min(room));
        }
        Care::Special => {
            // JL22-02.1a, JL22-02.1b: autism and Kawasaki disease from 2023 on. JL22-02.1c, JL22-02.1d; supplement: 400 a
            // year, 65%.
            let listed = matches!(bill.disease.as_deref(), Some("M02207" | "M07109"));
            if !listed || bill.date < Date::constant(2023, 1, 1) {
                return Err("not a special disease");
            }
            let deductible = in_scope.min((yuan(400) - borne(this_year, &["special"])).max(0));
            settled.add("special", in_scope, deductible, part_of(in_scope - deductible, 6_500).min(room));
        }
        Care::TwoDisease => {
            // JL22-02.2a: hypertension and diabetes; supplement: the codes, 60%, no deductible, no limit.
            if !matches!(bill.disease.as_deref(), Some("M03900" | "M01600")) {
                return Err("neither hypertension nor diabetes");
            }
            settled.add("two-disease", in_scope, 0, part_of(in_scope, 6_000));
        }
        Care::Outpatient | Care::Emergency => {
            // No deductible at primary providers and level 1, else 200 a year; 50%, at level 3 nothing; payments to 1,000.
            let (line, ratio) = match bill.level {
                Level::Primary | Level::One => (0, 5_000),
                Level::Two => (yuan(200), 5_000),
                Level::Three | Level::Provincial => (yuan(200), 0),
            };
            let deductible = in_scope.min((line - borne(this_year, &["outpatient"])).max(0));
            let room = (yuan(1_000) - paid(this_year, &["outpatient"])).max(0);
            settled.add("outpatient", in_scope, deductible, part_of(in_scope - deductible, ratio).min(room));
        }
        Care::Pharmacy | Care::Prenatal | Care::SingleDisease => return Err("not covered"),
    }
    Ok(())
}

/// Stays (single diseases are not settled here) and special diseases.
fn in_catastrophic(care: Care) -> bool {
    care == Care::Special || (is_stay(care) && care != Care::SingleDisease)
}

/// Above 13,000 of the year's burden 60%, above 50,000 of it 65%, above 100,000 75%; payments to 350,000 a year.
fn catastrophic(this_year: &[&Settled<'_>], settled: &mut Settled<'_>) {
    let segments =
        [(yuan(13_000), yuan(50_000), 6_000), (yuan(50_000), yuan(100_000), 6_500), (yuan(100_000), NO_END, 7_500)];
    let burden = settled.burden();
    let so_far = looked_at(this_year, &["catastrophic"]);
    let deductible = burden.min((yuan(13_000) - so_far).max(0));
    let entitled = by_segments(so_far + burden, &segments) - by_segments(so_far, &segments);
    let room = (yuan(350_000) - paid(this_year, &["catastrophic"])).max(0);
    settled.add("catastrophic", burden, deductible, entitled.min(room));
}

/// 70% for destitute, minimum-allowance and returned-to-poverty persons, no deductible, payments to 50,000 a year.
fn assistance(bill: &Bill, this_year: &[&Settled<'_>], settled: &mut Settled<'_>) {
    let favoured = [Category::Destitute, Category::MinimumAllowance, Category::ReturnedToPoverty];
    if !favoured.iter().any(|category| bill.person.categories.has(*category)) {
        return;
    }
    let burden = settled.burden();
    let room = (yuan(50_000) - paid(this_year, &["assistance"])).max(0);
    settled.add("assistance", burden, 0, part_of(burden, 7_000).min(room));
}
