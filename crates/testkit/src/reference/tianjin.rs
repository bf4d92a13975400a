//! Tianjin, 23 June 2016 to the end of 2022: the opinions of 2016 (`TJ16-…`, in force until 22 June 2021), and for what they
//! leave open, as well as for all after they ended, the figures of `policies/120000-tianjin/illustrative.toml`
//! ("supplement" below).
//!
//! Readings, where the text leaves one open, are those stated in the notice file. Two more are taken here:
//! * TJ16-13e speaks of out-patient costs *reimbursed*: payments of the insurance. Assistance is not a reimbursement.
//! * TJ16-03d, e and f count deductibles on within ordinary out-patient care, within special diseases and within stays: a
//!   stay after a referral from an out-patient visit has its own deductible whole.

use domain::{Bill, Care, Category, Date, Filing, Group, Level, Mark, Scheme};

use super::{
    Opening, Settled, above_deductible, admissions, borne, by_level, by_segments, is_stay, looked_at, of_year, paid,
    part_of, scope, yuan,
};

pub(super) fn settle<'b>(
    bill: &'b Bill,
    before: &[Settled<'b>],
    opening: &Opening,
) -> Result<Settled<'b>, &'static str> {
    if bill.date < Date::constant(2016, 6, 23) || bill.date.year() > 2022 {
        return Err("written for 2016-06-23 to 2022 only");
    }
    // Supplement: no share for class B but what the bill names.
    let scope = scope(bill, None)?;
    // TJ16-33c, TJ16-33i: an accident is the add-on's, whose amounts are left open.
    if bill.marks.has(Mark::Accident) && !bill.burden_only {
        return Err("accident amounts are open");
    }
    let life = Life { before, year: of_year(before, bill.date), opening };
    let mut settled = Settled { bill, scope, parts: Vec::new() };
    match bill.person.scheme {
        Scheme::Resident => {
            if !bill.burden_only {
                resident_basic(bill, &life, &mut settled)?;
            }
            // TJ16-07b: basic, then catastrophic, then assistance.
            if stay_or_special(bill.care) {
                catastrophic(&life, &mut settled);
            }
            assistance(bill, &life, &mut settled);
        }
        Scheme::Employee => {
            if !bill.burden_only {
                employee_basic(bill, &life, &mut settled)?;
            }
            if stay_or_special(bill.care) && bill.person.categories.has(Category::LargeAmountPayer) {
                large_amount(&life, &mut settled);
            }
        }
    }
    Ok(settled)
}

/// What came before a bill.
struct Life<'p, 'b> {
    before: &'p [Settled<'b>],
    year: Vec<&'p Settled<'b>>,
    opening: &'p Opening,
}

/// TJ16-05b, TJ16-05j: stays, special diseases among them.
fn stay_or_special(care: Care) -> bool {
    is_stay(care) || care == Care::Special
}

/// TJ16-13a, TJ16-14a, TJ16-15a: ordinary out-patient costs, those of pharmacies among them (TJ16-16).
fn is_outpatient(care: Care) -> bool {
    matches!(care, Care::Outpatient | Care::Emergency | Care::Pharmacy)
}

// Residents.

fn resident_basic(bill: &Bill, life: &Life<'_, '_>, settled: &mut Settled<'_>) -> Result<(), &'static str> {
    match bill.care {
        Care::Outpatient | Care::Emergency => {
            // TJ16-12a: level-2 hospitals only under the reform; primary providers and level 1 as before.
            let reform = bill.marks.has(Mark::Reform);
            if !(matches!(bill.level, Level::Primary | Level::One) || (bill.level == Level::Two && reform)) {
                return Err("only level-2 hospitals under the reform");
            }
            resident_outpatient("outpatient", bill, life, settled);
        }
        Care::Pharmacy => {
            // TJ16-16b: the ratio holds from 2017; what held before is open.
            if bill.date < Date::constant(2017, 1, 1) {
                return Err("pharmacy ratio before 2017 is open");
            }
            resident_outpatient("pharmacy", bill, life, settled);
        }
        Care::Special => resident_special(bill, life, settled)?,
        Care::TwoDisease => {
            // Supplement: from 2020, 50%, no deductible, no limit; the year's payment is what is rounded.
            if bill.date < Date::constant(2020, 1, 1) {
                return Err("not covered before 2020");
            }
            let so_far = looked_at(&life.year, &["two-disease"]);
            let base = settled.scope.in_scope;
            settled.add("two-disease", base, 0, part_of(so_far + base, 5_000) - part_of(so_far, 5_000));
        }
        Care::Inpatient | Care::DaySurgery | Care::SingleDisease | Care::Delivery => {
            resident_stay(bill, life, settled)?
        }
        Care::Prenatal => return Err("not covered"),
    }
    Ok(())
}

/// TJ16-12b, c, d and TJ16-16b: 500 a year, 3,000 a year (of costs, the deductible within), 50%; pharmacies share both lines.
/// A lowered deductible (TJ16-13) takes the place of the 500.
fn resident_outpatient(stage: &'static str, bill: &Bill, life: &Life<'_, '_>, settled: &mut Settled<'_>) {
    let deductible = yuan(500) - lowering(quiet_years(life, bill.date.year()));
    // What of a year's costs is above the deductible and below the ceiling.
    let payable = |costs: i128| (costs.min(yuan(3_000)) - deductible).max(0);
    let base = settled.scope.in_scope;
    // Adding up the year afresh, out-patient visits and pharmacies in one row, each with its own payments. Bills that basic
    // insurance has settled elsewhere do not come before this cover.
    let (mut costs, mut own) = (0, 0);
    let here = |earlier: &&&Settled<'_>| is_outpatient(earlier.bill.care) && !earlier.bill.burden_only;
    for earlier in life.year.iter().filter(here) {
        let counted = payable(costs + earlier.scope.in_scope) - payable(costs);
        costs += earlier.scope.in_scope;
        if (earlier.bill.care == Care::Pharmacy) == (bill.care == Care::Pharmacy) {
            own += counted;
        }
    }
    let counted = payable(costs + base) - payable(costs);
    let borne = (costs + base).min(deductible) - costs.min(deductible);
    settled.add(stage, base, borne, part_of(own + counted, 5_000) - part_of(own, 5_000));
}

/// TJ16-27d: at the place the patient chose. Supplement: 300 / 600 / 900 a year (TJ16-03e), ratios and ceiling of stays.
fn resident_special(bill: &Bill, life: &Life<'_, '_>, settled: &mut Settled<'_>) -> Result<(), &'static str> {
    if !bill.marks.has(Mark::Chosen) {
        return Err("not the chosen place");
    }
    let tier = benefit_tier(bill)?;
    let line = by_level(bill.level, yuan(300), yuan(600), yuan(900));
    let ratio = ratio_of_stay(bill.level, tier);
    let base = settled.scope.in_scope;
    let deductible = base.min((line - borne(&life.year, &["special"])).max(0));
    let so_far = above_deductible(&life.year, &["special"]);
    let entitled = part_of(so_far + base - deductible, ratio) - part_of(so_far, ratio);
    let room = (yuan(180_000) - paid(&life.year, &["inpatient", "special"])).max(0);
    settled.add("special", base, deductible, entitled.min(room));
    Ok(())
}

/// Supplement: 300 / 600 / 900 a stay, 180,000 a year of payments; away 0.9 if referred or an emergency, 0.7 if not filed.
fn resident_stay(bill: &Bill, life: &Life<'_, '_>, settled: &mut Settled<'_>) -> Result<(), &'static str> {
    let tier = benefit_tier(bill)?;
    let line = by_level(bill.level, yuan(300), yuan(600), yuan(900));
    let mut ratio = ratio_of_stay(bill.level, tier);
    // TJ16-09b: the middle tier is five points above the low one.
    if tier == Tier::Middle {
        ratio += 500;
    }
    ratio = match bill.filing {
        Filing::Referred | Filing::Emergency => ratio * 9 / 10,
        Filing::Unfiled => ratio * 7 / 10,
        Filing::Local | Filing::Filed => ratio,
    };
    let base = settled.scope.in_scope;
    let deductible = base.min((line - met_before_transfer(bill, life, "inpatient")).max(0));
    let ceiling = yuan(180_000) + unused_limit(life, bill.date.year());
    let room = (ceiling - paid(&life.year, &["inpatient", "special"])).max(0);
    settled.add("inpatient", base, deductible, part_of(base - deductible, ratio).min(room));
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tier {
    Low,
    Middle,
    High,
}

/// Supplement: low and middle tier 75/70/65, high tier (and pupils and children) 85/80/75.
fn ratio_of_stay(level: Level, tier: Tier) -> i128 {
    match tier {
        Tier::Low | Tier::Middle => by_level(level, 7_500, 7_000, 6_500),
        Tier::High => by_level(level, 8_500, 8_000, 7_500),
    }
}

/// The tier whose benefits a resident has.
fn benefit_tier(bill: &Bill) -> Result<Tier, &'static str> {
    let holds = |categories: &[Category]| categories.iter().any(|category| bill.person.categories.has(*category));
    let needy = holds(&[Category::MinimumAllowance, Category::LowIncome]);
    let child = matches!(bill.person.group, Group::Minor | Group::Student);
    let contributes = match bill.person.tier.as_deref() {
        Some("low") => Some(Tier::Low),
        Some("middle") => Some(Tier::Middle),
        // Supplement: pupils and children have the benefits of the high tier.
        Some("high" | "student") => Some(Tier::High),
        _ => None,
    };
    // The opinions end with 2021-06-22, and nothing continues these clauses.
    if bill.date <= Date::constant(2021, 6, 22) {
        // TJ16-10f: minors of needy families, and students with a state loan.
        let of_needy_family = holds(&[Category::SevereDisability, Category::Entitled]) || needy;
        if holds(&[Category::NeedyFamilyMinor, Category::LoanStudent]) || (child && of_needy_family) {
            return Ok(Tier::High);
        }
        // TJ16-10c: particular hardship.
        if holds(&[Category::Entitled, Category::FiveGuarantee, Category::ThreeNo]) {
            return Ok(Tier::High);
        }
        if needy && holds(&[Category::SevereDisability, Category::SingleParent, Category::LostOnlyChild]) {
            return Ok(Tier::High);
        }
        // TJ16-09a: middle instead of low.
        if needy && contributes == Some(Tier::Low) {
            return Ok(Tier::Middle);
        }
    }
    contributes.ok_or("no tier")
}

/// TJ16-05b to TJ16-05h: what the year's burden brings between 20,000 and 300,000 (after 2021-06-22 supplement, the same).
fn catastrophic(life: &Life<'_, '_>, settled: &mut Settled<'_>) {
    let segments = [
        (yuan(20_000), yuan(100_000), 5_000),
        (yuan(100_000), yuan(200_000), 6_000),
        (yuan(200_000), yuan(300_000), 7_000),
    ];
    let burden = settled.burden();
    let so_far = looked_at(&life.year, &["catastrophic"]);
    let deductible = burden.min((yuan(20_000) - so_far).max(0));
    let entitled = by_segments(so_far + burden, &segments) - by_segments(so_far, &segments);
    settled.add("catastrophic", burden, deductible, entitled);
}

/// Supplement: 70% of what is left, for the destitute and minimum-allowance persons; of out-patient care the year's payment is
/// what is rounded.
fn assistance(bill: &Bill, life: &Life<'_, '_>, settled: &mut Settled<'_>) {
    let categories = bill.person.categories;
    if !(categories.has(Category::Destitute) || categories.has(Category::MinimumAllowance)) {
        return;
    }
    let burden = settled.burden();
    match bill.care {
        Care::Prenatal => {}
        Care::Outpatient | Care::Emergency | Care::Pharmacy | Care::TwoDisease => {
            let so_far = looked_at(&life.year, &["outpatient-assistance"]);
            let entitled = part_of(so_far + burden, 7_000) - part_of(so_far, 7_000);
            settled.add("outpatient-assistance", burden, 0, entitled);
        }
        _ => settled.add("assistance", burden, 0, part_of(burden, 7_000)),
    }
}

// Employees.

fn employee_basic(bill: &Bill, life: &Life<'_, '_>, settled: &mut Settled<'_>) -> Result<(), &'static str> {
    let retired = match bill.person.group {
        Group::Active => false,
        Group::Retired => true,
        _ => return Err("neither in service nor retired"),
    };
    match bill.care {
        // Supplement: 75/65/55.
        Care::Outpatient | Care::Emergency => {
            let ratio = by_level(bill.level, 7_500, 6_500, 5_500);
            employee_outpatient("employee-outpatient", ratio, retired, life, settled);
        }
        Care::Pharmacy => {
            // TJ16-16a: 65% from 2017; what held before is open.
            if bill.date < Date::constant(2017, 1, 1) {
                return Err("pharmacy ratio before 2017 is open");
            }
            employee_outpatient("employee-pharmacy", 6_500, retired, life, settled);
        }
        Care::Inpatient | Care::DaySurgery | Care::SingleDisease | Care::Delivery => {
            employee_stay(bill, retired, life, settled);
        }
        Care::Special => {
            // TJ16-27d. Supplement: 800 / 1,100 / 1,700 a year, 85% or 90%, 150,000 a year of costs.
            if !bill.marks.has(Mark::Chosen) {
                return Err("not the chosen place");
            }
            let line = by_level(bill.level, yuan(800), yuan(1_100), yuan(1_700));
            let ratio = if retired { 9_000 } else { 8_500 };
            employee_yearly("employee-special", &STAYS, line, ratio, life, settled);
        }
        Care::TwoDisease | Care::Prenatal => return Err("not covered"),
    }
    Ok(())
}

/// Supplement: 800 a year in service, 700 retired, 5,500 a year of costs with the deductible, pharmacies under the same lines;
/// TJ16-13f: the deductible is lowered as that of residents.
fn employee_outpatient(
    stage: &'static str,
    ratio: i128,
    retired: bool,
    life: &Life<'_, '_>,
    settled: &mut Settled<'_>,
) {
    let standard = if retired { yuan(700) } else { yuan(800) };
    let line = standard - lowering(quiet_years(life, settled.bill.date.year()));
    employee_yearly(stage, &VISITS, line, ratio, life, settled);
}

/// Stages that share a ceiling of an employee's costs in a year, deductibles included; each may have a deductible of its own.
struct Ceiling {
    stages: [&'static str; 2],
    costs: i128,
}

const VISITS: Ceiling = Ceiling { stages: ["employee-outpatient", "employee-pharmacy"], costs: yuan(5_500) };
/// TJ16-05j: above 150,000 of stays and special diseases together the large-amount fund begins.
const STAYS: Ceiling = Ceiling { stages: ["employee-inpatient", "employee-special"], costs: yuan(150_000) };

impl Ceiling {
    /// What of a bill is below the ceiling.
    fn within(&self, life: &Life<'_, '_>, base: i128) -> i128 {
        base.min((self.costs - looked_at(&life.year, &self.stages)).max(0))
    }

    /// What of one stage's earlier bills of the year was.
    fn within_so_far(&self, life: &Life<'_, '_>, stage: &str) -> i128 {
        let (mut costs, mut own) = (0, 0);
        for part in super::parts(&life.year, &self.stages) {
            let within = part.base.min((self.costs - costs).max(0));
            costs += part.base;
            own += if part.stage == stage { within } else { 0 };
        }
        own
    }
}

/// A deductible of the year (that of pharmacies is that of visits), one ratio, the year's payment rounded.
fn employee_yearly(
    stage: &'static str,
    ceiling: &Ceiling,
    line: i128,
    ratio: i128,
    life: &Life<'_, '_>,
    settled: &mut Settled<'_>,
) {
    let sharing: &[&str] = if stage == "employee-special" { &["employee-special"] } else { &ceiling.stages };
    let base = settled.scope.in_scope;
    let within = ceiling.within(life, base);
    let deductible = within.min((line - borne(&life.year, sharing)).max(0));
    let so_far = ceiling.within_so_far(life, stage) - borne(&life.year, &[stage]);
    let entitled = part_of(so_far + within - deductible, ratio) - part_of(so_far, ratio);
    settled.add(stage, base, deductible, entitled);
}

/// Supplement: first stay of the year 800 / 1,100 / 1,700, later ones 270 / 350 / 500; of the year's costs 85% (retired 90%) to
/// 55,000, 80% to 150,000. TJ16-14c, TJ16-14d: after a light out-patient year 500 at most, then none.
fn employee_stay(bill: &Bill, retired: bool, life: &Life<'_, '_>, settled: &mut Settled<'_>) {
    let first = admissions(&life.year) == 0;
    let usual = if first {
        by_level(bill.level, yuan(800), yuan(1_100), yuan(1_700))
    } else {
        by_level(bill.level, yuan(270), yuan(350), yuan(500))
    };
    let line = match (after_light_year(life, bill.date.year()), first) {
        (true, true) => usual.min(yuan(500)),
        (true, false) => 0,
        (false, _) => usual,
    };
    let base = settled.scope.in_scope;
    let within = STAYS.within(life, base);
    let deductible = within.min((line - met_before_transfer(bill, life, "employee-inpatient")).max(0));
    let segments = [(0, yuan(55_000), if retired { 9_000 } else { 8_500 }), (yuan(55_000), yuan(150_000), 8_000)];
    // Costs fill the segments whole; the deductible is what the stay's first yuan are spent on.
    let costs = STAYS.within_so_far(life, "employee-inpatient");
    let entitled = by_segments(costs + within, &segments) - by_segments(costs + deductible, &segments);
    settled.add("employee-inpatient", base, deductible, entitled);
}

/// TJ16-05j, TJ16-05k: 80% of the year's costs of stays and special diseases between 150,000 and 350,000.
fn large_amount(life: &Life<'_, '_>, settled: &mut Settled<'_>) {
    let segments = [(yuan(150_000), yuan(350_000), 8_000)];
    let base = settled.scope.in_scope;
    let so_far = looked_at(&life.year, &["large-amount"]);
    let deductible = base.min((yuan(150_000) - so_far).max(0));
    let entitled = by_segments(so_far + base, &segments) - by_segments(so_far, &segments);
    // No fund pays what another has paid.
    let left = settled.burden();
    settled.add("large-amount", base, deductible, entitled.min(left));
}

/// TJ16-03f: what of the deductible was met at the stays that this one continues, as far as they were settled here.
fn met_before_transfer(bill: &Bill, life: &Life<'_, '_>, stage: &str) -> i128 {
    let Some(from) = &bill.from_bill else { return 0 };
    let earlier = life
        .before
        .iter()
        .find(|earlier| earlier.bill.id == *from && is_stay(earlier.bill.care) && !earlier.bill.burden_only);
    earlier.map_or(0, |earlier| {
        let here: i128 = earlier.parts.iter().filter(|part| part.stage == stage).map(|part| part.deductible).sum();
        here + met_before_transfer(earlier.bill, life, stage)
    })
}

// What years leave to the next.

/// The years of a life before `year` that are known: from the first bill on.
fn known_years(life: &Life<'_, '_>, year: i16) -> std::ops::Range<i16> {
    life.before.first().map_or(year, |first| first.bill.date.year())..year
}

/// In-scope out-patient costs of a year.
fn outpatient_costs(life: &Life<'_, '_>, year: i16) -> i128 {
    let of_year = life.before.iter().filter(|settled| settled.bill.date.year() == year);
    of_year.filter(|settled| is_outpatient(settled.bill.care)).map(|settled| settled.scope.in_scope).sum()
}

/// The person as the last bill up to the end of a year tells.
fn person_in<'p>(life: &'p Life<'_, '_>, year: i16) -> Option<&'p domain::Person> {
    life.before.iter().rev().find(|settled| settled.bill.date.year() <= year).map(|settled| &settled.bill.person)
}

/// TJ16-13b to TJ16-13d.
fn lowering(quiet_years: u32) -> i128 {
    match quiet_years {
        0 => 0,
        1 => yuan(100),
        2 => yuan(200),
        _ => yuan(300),
    }
}

/// TJ16-13a to TJ16-13f: quiet years in a row before a year.
fn quiet_years(life: &Life<'_, '_>, year: i16) -> u32 {
    let mut in_a_row = life.opening.quiet_years;
    for past in known_years(life, year) {
        let Some(person) = person_in(life, past) else { break };
        let standard = match (person.scheme, person.group) {
            (Scheme::Resident, _) => yuan(500),
            (Scheme::Employee, Group::Retired) => yuan(700),
            (Scheme::Employee, _) => yuan(800),
        };
        let whole_year = person.insured_since.is_some_and(|since| since <= Date::constant(past, 1, 1));
        let within = outpatient_costs(life, past) <= standard - lowering(in_a_row);
        let reimbursed = life.before.iter().any(|settled| {
            let insurance = ["outpatient", "pharmacy", "employee-outpatient", "employee-pharmacy"];
            settled.bill.date.year() == past && insurance.iter().any(|stage| settled.paid(stage) > 0)
        });
        let restored = in_a_row > 0 && reimbursed;
        in_a_row = if whole_year && within && !restored { in_a_row + 1 } else { 0 };
    }
    in_a_row
}

/// TJ16-14a, b, e, f: the year before was light.
fn after_light_year(life: &Life<'_, '_>, year: i16) -> bool {
    if known_years(life, year).is_empty() {
        return life.opening.light;
    }
    let line = match person_in(life, year - 1).map(|person| person.group) {
        Some(Group::Active) => yuan(1_500),
        Some(Group::Retired) => yuan(2_500),
        _ => return false,
    };
    outpatient_costs(life, year - 1) <= line
}

/// TJ16-15a to TJ16-15c: unused out-patient limit of the years before.
fn unused_limit(life: &Life<'_, '_>, year: i16) -> i128 {
    let unused = known_years(life, year).map(|past| (yuan(3_000) - outpatient_costs(life, past)).max(0));
    i128::from(life.opening.unused) + unused.sum::<i128>()
}
