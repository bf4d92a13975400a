//! The mechanisms of the settlement algebra, one test each, on small terms written in place.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use domain::{
    Basis, Bill, Care, Categories, ClassAmounts, Date, Fen, Filing, Group, Level, Marks, Part, Person, Rate, Scheme,
};
use jiff::civil::date;
use policy::{Library, SourceFile, View};
use settlement::{Columns, Eight, Engine, EntryKind, LANES, Opening, Options, Refusal, Settlement};

/// A library of one region with one supplement of these provisions.
fn library(provisions: &str) -> Library {
    let file = |path: &str, text: String| SourceFile { path: path.to_owned(), shown: path.to_owned(), text };
    let header = "[notice]\nid='terms'\nkind='supplement'\ntitle='x'\nissued=2015-01-01\n";
    let complete: String = provisions
        .split_inclusive('\n')
        .map(|line| {
            if line.starts_with("[[") {
                format!("{line}basis='illustrative'\nsource='test'\n")
            } else {
                line.to_owned()
            }
        })
        .collect();
    let library = Library::read([
        file("100000-town/region.toml", "[region]\ncode='100000'\nslug='town'\nname='某市'\n".to_owned()),
        file("100000-town/terms.toml", format!("{header}{complete}")),
    ]);
    assert_eq!(library.findings, vec![]);
    library
}

fn stage(id: &str, order: i64, payer: &str, layer: &str, base: &str, measure: &str) -> String {
    format!(
        "[[stage.{id}.shape]]\nname='{id}'\npayer='{payer}'\nlayer='{layer}'\norder={order}\nbase='{base}'\nmeasure='{measure}'\n"
    )
}

fn part(key: &str, fields: &str) -> String {
    format!("[[stage.{key}]]\n{fields}\n")
}

/// A basic stage of 50% on all care, to which a test adds its own parts.
fn basic(deductible: &str, cap: &str) -> String {
    stage("basic", 1, "basic", "basic", "in-scope", "visit")
        + &part("basic.deductible", deductible)
        + &part("basic.bands", "rows=[{ ratio='50%' }]")
        + &part("basic.cap", cap)
}

const NO_DEDUCTIBLE: &str = "per='visit'\nrows=[{ amount=0 }]";
const NO_CAP: &str = "per='year'\nrows=[{ amount='none' }]";

fn bill(id: &str, day: Date, care: Care, yuan: i64) -> Bill {
    Bill {
        id: id.to_owned(),
        person_id: "P1".to_owned(),
        region: None,
        person: Person {
            scheme: Scheme::Resident,
            tier: None,
            group: Group::Adult,
            categories: Categories::NONE,
            born: None,
            insured_since: Some(date(2010, 1, 1)),
        },
        date: day,
        care,
        level: Level::Two,
        filing: Filing::Local,
        disease: None,
        marks: Marks::NONE,
        amounts: ClassAmounts { a: Fen::yuan(yuan), ..ClassAmounts::default() },
        from_bill: None,
        part: Part::Whole,
        reverses: None,
        burden_only: false,
    }
}

fn stay(id: &str, month: i8, yuan: i64) -> Bill {
    bill(id, date(2020, month, 1), Care::Inpatient, yuan)
}

fn settle<'b>(library: &Library, bills: &'b [Bill], opening: &Opening) -> (Engine, Vec<Settlement<'b>>) {
    let region = library.region("town").unwrap();
    let engine =
        Engine::compile(library, region, &View::default(), Options::default(), date(2016, 1, 1), date(2024, 12, 31));
    let entries = engine.settle(&bills.iter().collect::<Vec<_>>(), opening);
    (engine, entries)
}

/// What all funds paid on each bill, in yuan text.
fn funds(provisions: &str, bills: &[Bill]) -> Vec<String> {
    let library = library(provisions);
    let (_, entries) = settle(&library, bills, &Opening::default());
    entries.iter().map(|entry| entry.result.as_ref().unwrap().funds().to_string()).collect()
}

#[test]
fn classes_decide_what_is_in_scope() {
    let terms = basic(NO_DEDUCTIBLE, NO_CAP) + "[[scope.first-self-pay]]\nrows=[{ class='B', share='10%' }]\n";
    let mut one = stay("b1", 1, 1000);
    one.amounts.b = Fen::yuan(200);
    one.amounts.c = Fen::yuan(30);
    one.amounts.over_limit = Fen(555);
    let library = library(&terms);
    let bills = [one];
    let (_, entries) = settle(&library, &bills, &Opening::default());
    let entry = entries[0].result.as_ref().unwrap();
    let amounts = entry.amounts;
    assert_eq!(amounts.in_scope, Fen::yuan(1180));
    assert_eq!(amounts.total, amounts.in_scope + amounts.first_self_pay + amounts.out_of_scope + amounts.over_limit);
    assert_eq!(entry.funds(), Fen::yuan(590));
    assert_eq!(entry.funds() + entry.person, amounts.total);
}

#[test]
fn a_share_named_on_the_bill_beats_the_regions() {
    let mut one = stay("b1", 1, 0);
    one.amounts.b = Fen::yuan(20_000);
    one.amounts.b_share = Some(Rate::percent(3));
    assert_eq!(funds(&basic(NO_DEDUCTIBLE, NO_CAP), &[one]), ["9700.00"]);
}

#[test]
fn a_later_admission_pays_a_share_of_the_one_before_with_a_floor() {
    let deductible = "per='visit'\nrows=[{ admission='2+', share='50%', of='previous', floor=150 }, { amount=500 }]";
    let bills = [stay("b1", 1, 1000), stay("b2", 2, 1000), stay("b3", 3, 1000), stay("b4", 4, 1000)];
    // deductibles 500, 250, 150 (125 under the floor), 150
    assert_eq!(funds(&basic(deductible, NO_CAP), &bills), ["250.00", "375.00", "425.00", "425.00"]);
}

#[test]
fn deductibles_of_a_year_have_a_limit_on_their_sum() {
    let deductible = "per='visit'\nyear_limit=800\nrows=[{ amount=500 }]";
    let bills = [stay("b1", 1, 1000), stay("b2", 2, 1000), stay("b3", 3, 1000)];
    assert_eq!(funds(&basic(deductible, NO_CAP), &bills), ["250.00", "350.00", "500.00"]);
}

#[test]
fn a_deductible_counts_on_along_a_referral_chain() {
    let deductible = "per='visit'\nchain=true\nrows=[{ level='3', amount=800 }, { amount=500 }]";
    let mut up = stay("b2", 1, 1000);
    up.level = Level::Three;
    let apart = [stay("b1", 1, 1000), up.clone()];
    assert_eq!(funds(&basic(deductible, NO_CAP), &apart), ["250.00", "100.00"]);
    up.from_bill = Some("b1".to_owned());
    let mut down = stay("b3", 2, 1000);
    down.from_bill = Some("b2".to_owned());
    // 500, then the difference 300, then nothing
    assert_eq!(funds(&basic(deductible, NO_CAP), &[stay("b1", 1, 1000), up, down]), ["250.00", "350.00", "500.00"]);
}

#[test]
fn a_cap_limits_what_is_paid_or_what_is_counted() {
    let bills = [stay("b1", 1, 3000), stay("b2", 2, 1000)];
    let deductible = "per='year'\nrows=[{ amount=500 }]";
    let cap = |on: &str| format!("per='year'\non='{on}'\nrows=[{{ amount=3000 }}]");
    assert_eq!(funds(&basic(deductible, &cap("paid")), &bills), ["1250.00", "500.00"]);
    assert_eq!(funds(&basic(deductible, &cap("counted")), &bills), ["1250.00", "250.00"]);
    assert_eq!(funds(&basic(deductible, &cap("gross")), &bills), ["1250.00", "0.00"]);
}

#[test]
fn stages_share_a_pool() {
    let terms = stage("out", 1, "assistance", "assistance", "burden", "visit")
        .replace("order", "covers={ care='outpatient' }\norder")
        + &part("out.deductible", NO_DEDUCTIBLE)
        + &part("out.bands", "rows=[{ ratio='100%' }]")
        + &part("out.cap", "per='year'\npool='assistance'\nrows=[{ amount=10000 }]")
        + &stage("in", 2, "assistance", "assistance", "burden", "visit")
            .replace("order", "covers={ care='inpatient' }\norder")
        + &part("in.deductible", NO_DEDUCTIBLE)
        + &part("in.bands", "rows=[{ ratio='100%' }]")
        + &part("in.cap", "per='year'\npool='assistance'\nrows=[{ amount=10000 }]");
    let mut visit = bill("b1", date(2020, 1, 1), Care::Outpatient, 3000);
    visit.burden_only = true;
    let mut later = stay("b2", 2, 9000);
    later.burden_only = true;
    assert_eq!(funds(&terms, &[visit, later]), ["3000.00", "7000.00"]);
}

#[test]
fn gross_bands_run_over_the_year_and_splitting_changes_nothing() {
    let catastrophic = stage("big", 2, "catastrophic", "catastrophic", "burden", "year")
        + &part("big.deductible", NO_DEDUCTIBLE)
        + &part(
            "big.bands",
            "on='gross'\nrows=[{ bands=[{ to=20000, ratio='0%' }, { to=100000, ratio='50%' }, { to=200000, ratio='60%' }, { to=300000, ratio='70%' }] }]",
        )
        + &part("big.cap", NO_CAP);
    let burden = |id: &str, month: i8, yuan: i64| Bill { burden_only: true, ..stay(id, month, yuan) };
    assert_eq!(funds(&catastrophic, &[burden("b1", 1, 250_000)]), ["135000.00"]);
    assert_eq!(funds(&catastrophic, &[burden("b1", 1, 350_000)]), ["170000.00"]);
    // 105,000 is 100,000 at 50% above 20,000 and 5,000 at 60%; the rest brings the year to the same sum
    assert_eq!(funds(&catastrophic, &[burden("b1", 1, 125_000), burden("b2", 2, 125_000)]), ["55000.00", "80000.00"]);
}

#[test]
fn an_entry_line_counts_the_excess_or_the_whole() {
    let terms = |then: &str| {
        stage("big", 2, "catastrophic", "catastrophic", "burden", "year")
            + &part("big.deductible", NO_DEDUCTIBLE)
            + &part("big.bands", "rows=[{ ratio='100%' }]")
            + &part("big.cap", NO_CAP)
            + &part("big.entry", &format!("rows=[{{ care='outpatient', line=10000, then='{then}' }}]"))
    };
    let visit = |id: &str, month: i8, yuan: i64| Bill {
        burden_only: true,
        ..bill(id, date(2020, month, 1), Care::Outpatient, yuan)
    };
    let bills = [visit("b1", 1, 7000), visit("b2", 2, 5000)];
    assert_eq!(funds(&terms("excess"), &bills), ["0.00", "2000.00"]);
    // The whole 12,000 counts, but no bill is paid more than is left of it.
    assert_eq!(funds(&terms("whole"), &bills), ["0.00", "5000.00"]);
    assert_eq!(funds(&terms("whole"), &[visit("b1", 1, 12_000)]), ["12000.00"]);
}

#[test]
fn points_and_factors_are_different_adjustments() {
    let adjust = |fields: &str| {
        basic(NO_DEDUCTIBLE, NO_CAP) + &part("basic.adjust.away", &format!("when={{ filing='unfiled' }}\n{fields}"))
    };
    let away = Bill { filing: Filing::Unfiled, ..stay("b1", 1, 1000) };
    assert_eq!(funds(&adjust("ratio_times='80%'"), std::slice::from_ref(&away)), ["400.00"]);
    assert_eq!(funds(&adjust("ratio_points=-20"), &[away]), ["300.00"]);
}

#[test]
fn quiet_years_lower_the_deductible_and_a_paid_year_restores_it() {
    let terms = basic("per='year'\nminus_carry='quiet'\nrows=[{ amount=500 }]", NO_CAP)
        + "[[carry.quiet]]\nkind='quiet-years'\ncare='outpatient'\nstage='basic'\nsteps=[100, 200, 300]\nfull_year=true\n";
    let visit = |id: &str, year: i16, yuan: i64| bill(id, date(year, 6, 1), Care::Outpatient, yuan);
    // 2016 is quiet at exactly 500; 2017 and 2018 have no visit; 2019 runs at 200; 2020 is back at 500
    let bills = [visit("b1", 2016, 500), visit("b2", 2019, 600), visit("b3", 2020, 600)];
    assert_eq!(funds(&terms, &bills), ["0.00", "200.00", "50.00"]);
    let beyond = [
        Bill { amounts: ClassAmounts { a: Fen(50_001), ..Default::default() }, ..visit("b1", 2016, 0) },
        visit("b2", 2017, 600),
    ];
    assert_eq!(funds(&terms, &beyond), ["0.01", "50.00"]);
    let joined_late: Vec<Bill> = bills[..1]
        .iter()
        .chain(&[visit("b2", 2017, 600)])
        .cloned()
        .map(|mut b| {
            b.person.insured_since = Some(date(2016, 2, 1));
            b
        })
        .collect();
    assert_eq!(funds(&terms, &joined_late), ["0.00", "50.00"]);
}

#[test]
fn an_unused_limit_raises_the_ceiling_year_by_year() {
    let terms = stage("out", 1, "basic", "basic", "in-scope", "visit")
        .replace("order", "covers={ care='outpatient' }\norder")
        + &part("out.deductible", NO_DEDUCTIBLE)
        + &part("out.bands", "rows=[{ ratio='50%' }]")
        + &part("out.cap", "per='year'\non='gross'\nrows=[{ amount=3000 }]")
        + &stage("in", 2, "basic", "basic", "in-scope", "visit").replace("order", "covers={ care='inpatient' }\norder")
        + &part("in.deductible", NO_DEDUCTIBLE)
        + &part("in.bands", "rows=[{ ratio='100%' }]")
        + &part("in.cap", "per='year'\nplus_carry='unused'\nrows=[{ amount=180000 }]")
        + "[[carry.unused]]\nkind='unused-limit'\ncare='outpatient'\nstage='out'\n";
    let visit = |id: &str, year: i16, yuan: i64| bill(id, date(year, 6, 1), Care::Outpatient, yuan);
    let long = |id: &str, year: i16| bill(id, date(year, 7, 1), Care::Inpatient, 200_000);
    // 1,000 used in 2016 leaves 2,000; nothing in 2017 leaves 3,000; 2,500 in 2018 leaves 500: +5,500 in 2019
    let bills = [visit("b1", 2016, 1000), long("b2", 2017), visit("b3", 2018, 2500), long("b4", 2019)];
    assert_eq!(funds(&terms, &bills), ["500.00", "182000.00", "1250.00", "185500.00"]);
}

#[test]
fn a_light_year_opens_rows_for_the_next() {
    let deductible = "per='visit'\nrows=[{ carry='light', admission='1', amount=500 }, { carry='light', amount=0 }, { amount=1700 }]";
    let terms =
        basic(deductible, NO_CAP) + "[[carry.light]]\nkind='light-year'\ncare='outpatient'\nrows=[{ line=1500 }]\n";
    let visit = |year: i16, yuan: i64| bill(&format!("v{year}"), date(year, 2, 1), Care::Outpatient, yuan);
    let long = |id: &str, day: Date| bill(id, day, Care::Inpatient, 2000);
    let bills = [
        visit(2016, 1500),
        long("b1", date(2017, 3, 1)),
        long("b2", date(2017, 5, 1)),
        visit(2018, 1600),
        long("b3", date(2019, 3, 1)),
    ];
    assert_eq!(funds(&terms, &bills)[1..3], ["750.00", "1000.00"]);
    assert_eq!(funds(&terms, &bills)[4], "150.00");
}

#[test]
fn a_reversal_resettles_later_bills_as_differences() {
    let terms = basic("per='year'\nrows=[{ amount=500 }]", NO_CAP);
    let back = Bill { reverses: Some("b1".to_owned()), ..stay("r1", 3, 0) };
    let library = library(&terms);
    let bills = [stay("b1", 1, 1000), stay("b2", 2, 1000), back];
    let (_, entries) = settle(&library, &bills, &Opening::default());
    let lines: Vec<(EntryKind, String, String)> =
        entries.iter().map(|e| (e.kind, e.bill.id.clone(), e.result.as_ref().unwrap().funds().to_string())).collect();
    assert_eq!(
        lines,
        [
            (EntryKind::Settled, "b1".to_owned(), "250.00".to_owned()),
            (EntryKind::Settled, "b2".to_owned(), "500.00".to_owned()),
            (EntryKind::Reversed, "r1".to_owned(), "-250.00".to_owned()),
            (EntryKind::Difference, "b2".to_owned(), "-250.00".to_owned()),
        ]
    );
    let person: Fen = entries.iter().map(|e| e.result.as_ref().unwrap().person).sum();
    assert_eq!(person, Fen::yuan(750));
}

#[test]
fn what_is_missing_is_refused_by_name_and_moves_nothing() {
    let terms = basic("per='year'\nrows=[{ level='3', amount='open' }, { amount=500 }]", NO_CAP);
    let mut open = stay("b1", 1, 1000);
    open.level = Level::Three;
    let library = library(&terms);
    let bills = [open, stay("b2", 2, 1000)];
    let (_, entries) = settle(&library, &bills, &Opening::default());
    let refusal = entries[0].result.as_ref().unwrap_err();
    assert!(matches!(refusal, Refusal::Open { key, .. } if key == "stage.basic.deductible"), "{refusal}");
    assert_eq!(entries[1].result.as_ref().unwrap().funds(), Fen::yuan(250));
}

#[test]
fn strict_refuses_figures_of_weak_basis() {
    let library = library(&basic(NO_DEDUCTIBLE, NO_CAP));
    let region = library.region("town").unwrap();
    let strict = Options { strict: true };
    let engine = Engine::compile(&library, region, &View::default(), strict, date(2020, 1, 1), date(2020, 12, 31));
    let one = stay("b1", 1, 1000);
    let entries = engine.settle(&[&one], &Opening::default());
    let refusal = entries[0].result.as_ref().unwrap_err();
    assert!(matches!(refusal, Refusal::Weak { key, .. } if key.contains("stage.basic.bands")), "{refusal}");
}

#[test]
fn a_used_ceiling_can_be_brought_along() {
    let library = library(&basic(NO_DEDUCTIBLE, "per='year'\nrows=[{ amount=300 }]"));
    let opening = Opening { used: [("stage.basic.cap".to_owned(), Fen::yuan(250))].into(), ..Opening::default() };
    let bills = [stay("b1", 1, 200)];
    let (_, entries) = settle(&library, &bills, &opening);
    assert_eq!(entries[0].result.as_ref().unwrap().funds(), Fen::yuan(50));
}

/// Out-patient visits and pharmacies under one deductible that quiet years lower.
fn quiet_terms() -> String {
    let lowered = "per='year'\npool='visits'\nminus_carry='quiet'\nrows=[{ amount=500 }]";
    let one_kind = |id: &str, order: i64, care: &str| {
        stage(id, order, "basic", "basic", "in-scope", "visit")
            .replace("order", &format!("covers={{ care='{care}' }}\norder"))
            + &part(&format!("{id}.deductible"), lowered)
            + &part(&format!("{id}.bands"), "rows=[{ ratio='50%' }]")
            + &part(&format!("{id}.cap"), NO_CAP)
    };
    one_kind("out", 1, "outpatient")
        + &one_kind("shop", 2, "pharmacy")
        + "[[carry.quiet]]\nkind='quiet-years'\ncare=['outpatient', 'pharmacy']\nstage='out'\nagainst='lowered'\nsteps=[100, 200, 300]\n"
}

#[test]
fn a_refused_bill_does_not_end_the_year_again() {
    let library = library(&quiet_terms());
    let visit = |id: &str, day: Date, care: Care, yuan: i64| bill(id, day, care, yuan);
    let bills = [
        visit("b1", date(2016, 5, 1), Care::Outpatient, 100),
        visit("no", date(2017, 1, 5), Care::Prenatal, 100),
        visit("b2", date(2017, 5, 1), Care::Outpatient, 600),
    ];
    let (_, entries) = settle(&library, &bills, &Opening::default());
    assert!(entries[1].result.is_err());
    // one quiet year: 400, not 300; and the bill that is settled tells what the year left
    let entry = entries[2].result.as_ref().unwrap();
    assert_eq!(entry.funds(), Fen::yuan(100));
    assert_eq!(entry.carried.len(), 1);
}

#[test]
fn a_year_at_pharmacies_alone_can_be_quiet() {
    let bills = [
        bill("b1", date(2016, 5, 1), Care::Pharmacy, 300),
        bill("b2", date(2017, 5, 1), Care::Pharmacy, 600),
        bill("b3", date(2018, 5, 1), Care::Pharmacy, 600),
    ];
    // 500, lowered to 400, and back
    assert_eq!(funds(&quiet_terms(), &bills), ["0.00", "100.00", "50.00"]);
}

#[test]
fn assistance_does_not_end_a_row_of_quiet_years() {
    let terms = quiet_terms()
        + &stage("help", 3, "assistance", "assistance", "burden", "visit")
        + &part("help.deductible", NO_DEDUCTIBLE)
        + &part("help.bands", "rows=[{ ratio='100%' }]")
        + &part("help.cap", NO_CAP);
    let visit = |id: &str, year: i16, yuan: i64| bill(id, date(year, 5, 1), Care::Outpatient, yuan);
    let library = library(&terms);
    let bills = [visit("b1", 2016, 100), visit("b2", 2017, 100), visit("b3", 2018, 600)];
    let (_, entries) = settle(&library, &bills, &Opening::default());
    // two quiet years lower the deductible to 300, although assistance has paid in both
    assert_eq!(entries[2].result.as_ref().unwrap().by_stage, [15_000, 0, 45_000]);
}

#[test]
fn a_chain_does_not_carry_the_deductible_of_another_stage() {
    let chained = |id: &str, order: i64, care: &str| {
        stage(id, order, "basic", "basic", "in-scope", "visit")
            .replace("order", &format!("covers={{ care='{care}' }}\norder"))
            + &part(&format!("{id}.deductible"), "per='visit'\nchain=true\nrows=[{ amount=500 }]")
            + &part(&format!("{id}.bands"), "rows=[{ ratio='50%' }]")
            + &part(&format!("{id}.cap"), NO_CAP)
    };
    let terms = chained("out", 1, "outpatient") + &chained("in", 2, "inpatient");
    let after = |id: &str, from: &str| Bill { from_bill: Some(from.to_owned()), ..stay(id, 2, 1000) };
    let bills = [bill("b1", date(2020, 1, 1), Care::Outpatient, 1000), after("b2", "b1"), after("b3", "b2")];
    assert_eq!(funds(&terms, &bills), ["250.00", "250.00", "500.00"]);
}

#[test]
fn no_fund_pays_what_another_has_paid() {
    let terms = basic(NO_DEDUCTIBLE, NO_CAP)
        + &stage("large", 2, "large-amount", "catastrophic", "in-scope", "year")
        + &part("large.deductible", NO_DEDUCTIBLE)
        + &part("large.bands", "rows=[{ ratio='80%' }]")
        + &part("large.cap", NO_CAP);
    let library = library(&terms);
    let bills = [stay("b1", 1, 1000)];
    let (_, entries) = settle(&library, &bills, &Opening::default());
    let entry = entries[0].result.as_ref().unwrap();
    assert_eq!((entry.by_stage.as_slice(), entry.person), ([50_000, 50_000].as_slice(), Fen::ZERO));
}

#[test]
fn a_share_of_an_earlier_deductible_is_rounded_as_the_region_says() {
    let deductible = "per='visit'\nrows=[{ admission='2+', share='50%', of='previous' }, { amount='0.03' }]";
    let fen = |id: &str, month: i8| Bill {
        amounts: ClassAmounts { a: Fen(100), ..ClassAmounts::default() },
        ..stay(id, month, 0)
    };
    let terms = basic(deductible, NO_CAP).replace("50%' }]\n[[stage.basic.cap", "100%' }]\n[[stage.basic.cap");
    // 3 fen, then 1.5 rounded to 2, then 1
    assert_eq!(funds(&terms, &[fen("b1", 1), fen("b2", 2), fen("b3", 3)]), ["0.97", "0.98", "0.99"]);
}

/// A notice that states a stage, and a supplement that assumes what quiet years leave and the share of class B.
fn stated_but_for_the_carry() -> Library {
    let stated = stage("out", 1, "basic", "basic", "in-scope", "visit")
        + &part("out.deductible", "per='year'\nminus_carry='quiet'\nrows=[{ amount=500 }]")
        + &part("out.bands", "rows=[{ ratio='50%' }]")
        + &part("out.cap", NO_CAP);
    let stated: String = stated.replace("]]\n", "]]\nclause='T-1'\n");
    let assumed = "basis='illustrative'\nsource='test'\n";
    let file = |path: &str, text: String| SourceFile { path: path.to_owned(), shown: path.to_owned(), text };
    let library = Library::read([
        file("100000-town/region.toml", "[region]\ncode='100000'\nslug='town'\nname='某市'\n".to_owned()),
        file("clauses.tsv", "id\twhere\twhat\tkind\tcapability\tnumbers\teffective\tneeds\tdone-when\nT-1\t一\tx\trule\tsubsidy\t-\t-\t-\t-\n".to_owned()),
        file("100000-town/a.toml", format!("[notice]\nid='a'\nkind='notice'\ntitle='x'\nissued=2015-01-01\n{stated}")),
        file("100000-town/b.toml", format!("[notice]\nid='b'\nkind='supplement'\ntitle='x'\nissued=2015-01-01\n\
            [[carry.quiet]]\n{assumed}kind='quiet-years'\ncare='outpatient'\nstage='out'\nsteps=[100]\n\
            [[scope.first-self-pay]]\n{assumed}rows=[{{ class='B', share='10%' }}]\n")),
    ]);
    assert_eq!(library.findings, vec![]);
    library
}

#[test]
fn what_a_weak_rule_left_weakens_every_bill_of_the_year_that_uses_it() {
    let library = stated_but_for_the_carry();
    let region = library.region("town").unwrap();
    let engine = |strict: bool| {
        let (first, last) = (date(2016, 1, 1), date(2018, 12, 31));
        Engine::compile(&library, region, &View::default(), Options { strict }, first, last)
    };
    let visit = |id: &str, day: Date| bill(id, day, Care::Outpatient, 450);
    let bills = [visit("b1", date(2016, 5, 1)), visit("b2", date(2017, 5, 1)), visit("b3", date(2017, 6, 1))];
    let bases = |settlements: &[Settlement<'_>]| -> Vec<Option<Basis>> {
        settlements.iter().map(|settlement| settlement.result.as_ref().ok().map(|entry| entry.basis)).collect()
    };
    let bills: Vec<&Bill> = bills.iter().collect();
    let assumed = Some(Basis::Illustrative);
    assert_eq!(bases(&engine(false).settle(&bills, &Opening::default())), [Some(Basis::Stated), assumed, assumed]);
    let strict = engine(true);
    let settlements = strict.settle(&bills, &Opening::default());
    assert_eq!(bases(&settlements), [Some(Basis::Stated), None, None]);
    let refusal = settlements[1].result.as_ref().unwrap_err();
    assert!(matches!(refusal, Refusal::Weak { key, .. } if key == "carry.quiet"), "{refusal}");
}

#[test]
fn an_assumed_first_self_pay_share_weakens_the_bill_that_uses_it() {
    let library = stated_but_for_the_carry();
    let region = library.region("town").unwrap();
    let (first, last) = (date(2016, 1, 1), date(2016, 12, 31));
    let engine = Engine::compile(&library, region, &View::default(), Options::default(), first, last);
    let mut with_b = bill("b1", date(2016, 5, 1), Care::Outpatient, 100);
    with_b.amounts.b = Fen::yuan(10);
    let mut named = with_b.clone();
    named.amounts.b_share = Some(Rate::percent(10));
    let settlements = engine.settle(&[&with_b, &named], &Opening::default());
    let bases: Vec<Basis> = settlements.iter().map(|settlement| settlement.result.as_ref().unwrap().basis).collect();
    assert_eq!(bases, [Basis::Illustrative, Basis::Stated]);
}

#[test]
fn columns_count_no_deductible_on_between_stays_that_are_no_chain() {
    let terms = basic("per='visit'\nchain=true\nrows=[{ amount=500 }]", NO_CAP);
    let library = library(&terms);
    let region = library.region("town").unwrap();
    let (first, last) = (date(2020, 1, 1), date(2020, 12, 31));
    let engine = Engine::compile(&library, region, &View::default(), Options::default(), first, last);
    let mut columns = settlement::Columns::new(&engine).unwrap();
    let mut batch = settlement::Batch::default();
    for (kind, bill) in [stay("b1", 1, 1000), stay("b2", 2, 1000)].iter().enumerate() {
        columns.learn(bill).unwrap();
        batch.push(kind as u32, &settlement::Classes::of(&bill.amounts));
    }
    batch.end_person();
    let mut paid = Funds::<i64>::default();
    columns.settle(&columns.bind(&batch), 0..1, &mut paid);
    assert_eq!(paid.0, [25_000, 25_000]);
}

/// What each bill of a person pays, in columns or side by side: all funds together, in fen.
#[derive(Default)]
struct Funds<T>(Vec<T>);

impl settlement::LaneSink for Funds<Eight> {
    fn pay(&mut self, bill: usize, _: usize, fen: &Eight) {
        self.0.resize(self.0.len().max(bill + 1), Eight::ZERO);
        self.0[bill] += *fen;
    }
    fn settled(&mut self, _: usize) {}
    fn refused(&mut self, _: usize) {}
    fn end(&mut self, _: usize) {}
    fn alone(&mut self, _: usize) {}
}

impl settlement::Sink for Funds<i64> {
    fn pay(&mut self, _: usize, _: usize, _: i64) {}
    fn settled(&mut self, _: usize, sums: settlement::BillSums) {
        self.0.push(sums.funds);
    }
    fn refused(&mut self, _: usize) {}
    fn end(&mut self, _: usize, _: std::ops::Range<usize>) {}
    fn ordered(&mut self, _: usize, _: std::ops::Range<usize>) {}
}

#[test]
fn eight_terms_side_by_side_pay_what_each_pays_alone() {
    let two = "rows=[{ bands=[{ to=800, ratio='60%' }, { ratio='75%' }] }]";
    let gross = format!("on='gross'\n{two}");
    let shapes = [
        // What the first stage paid, the second does not pay again, though it starts from the whole.
        ("in-scope", "visit", NO_DEDUCTIBLE, "rows=[{ ratio='80%' }]", NO_CAP),
        ("burden", "year", "per='year'\nrows=[{ amount=300 }]", two, "per='year'\nrows=[{ amount=700 }]"),
        ("burden", "year", "per='visit'\nrows=[{ amount=200 }]", &gross, NO_CAP),
        ("burden", "visit", "per='year'\nrows=[{ amount=300 }]", two, "per='visit'\nrows=[{ amount=400 }]"),
        (
            "burden",
            "visit",
            "per='visit'\nrows=[{ amount=100 }]",
            two,
            "per='year'\non='counted'\nrows=[{ amount=900 }]",
        ),
    ];
    let bills = [stay("b1", 1, 1_000), stay("b2", 2, 333), stay("b3", 3, 2_000), stay("b4", 4, 77)];
    for (base, measure, deductible, bands, cap) in shapes {
        let terms = |lane: usize| {
            let basic = basic("per='visit'\nrows=[{ amount=50 }]", NO_CAP).replace("50%", &format!("{}%", 50 + lane));
            let second = stage("large", 2, "large-amount", "catastrophic", base, measure);
            let parts = [("deductible", deductible), ("bands", bands), ("cap", cap)];
            let parts = parts.map(|(name, fields)| part(&format!("large.{name}"), fields));
            library(&(basic + &second + &parts.concat()))
        };
        let libraries: Vec<Library> = (0..LANES).map(terms).collect();
        let engine = |library: &Library| {
            let (region, days) = (library.region("town").unwrap(), [date(2020, 1, 1), date(2020, 12, 31)]);
            Engine::compile(library, region, &View::default(), Options::default(), days[0], days[1])
        };
        let engines: Vec<Engine> = libraries.iter().map(engine).collect();
        let mut columns: Vec<Columns<'_>> = engines.iter().map(|engine| Columns::new(engine).unwrap()).collect();
        let mut batch = settlement::Batch::default();
        for (kind, bill) in bills.iter().enumerate() {
            columns[0].learn(bill).unwrap();
            batch.push(kind as u32, &settlement::Classes::of(&bill.amounts));
        }
        batch.end_person();
        let (leader, followers) = columns.split_first_mut().unwrap();
        followers.iter_mut().for_each(|columns| columns.follow(leader));
        let columns = std::array::from_fn(|lane| &columns[lane]);
        let mut lanes = settlement::Lanes::default();
        lanes.learn(&columns);
        let bound = columns[0].bind(&batch);
        let mut side = Funds::<Eight>::default();
        lanes.settle(&columns, &bound, 0..1, &mut side);
        for (lane, columns) in columns.into_iter().enumerate() {
            let mut alone = Funds::<i64>::default();
            columns.settle(&bound, 0..1, &mut alone);
            let of_lane: Vec<i64> = side.0.iter().map(|paid| paid[lane]).collect();
            assert_eq!(of_lane, alone.0, "{base} {measure} {deductible} {bands} {cap}");
        }
    }
}

#[test]
fn each_line_of_entry_counts_its_own_care() {
    let terms = stage("big", 2, "catastrophic", "catastrophic", "burden", "year")
        + &part("big.deductible", NO_DEDUCTIBLE)
        + &part("big.bands", "rows=[{ ratio='100%' }]")
        + &part("big.cap", NO_CAP)
        + &part(
            "big.entry",
            "rows=[{ care='outpatient', line=10000, then='excess' }, { care='special', line=5000, then='excess' }]",
        );
    let visit = |id: &str, month: i8, care: Care, yuan: i64| Bill {
        burden_only: true,
        ..bill(id, date(2020, month, 1), care, yuan)
    };
    let bills = [visit("b1", 1, Care::Outpatient, 6000), visit("b2", 2, Care::Special, 3000)];
    assert_eq!(funds(&terms, &bills), ["0.00", "0.00"]);
}

#[test]
fn a_share_of_an_earlier_deductible_is_of_the_ordinary_one() {
    let deductible = "per='visit'\nrows=[{ admission='2+', share='50%', of='previous' }, { amount=800 }]";
    let halved = basic(deductible, NO_CAP)
        + &part("basic.adjust.needy", "when={ category='destitute' }\ndeductible_times='50%'");
    let mut bills = [stay("b1", 1, 1000), stay("b2", 2, 1000)];
    for bill in &mut bills {
        bill.person.categories = Categories::NONE.with(domain::Category::Destitute);
    }
    // 800 and then 400, each halved once
    assert_eq!(funds(&halved, &bills), ["300.00", "400.00"]);
    let day_surgery = Bill { care: Care::DaySurgery, ..stay("b1", 1, 1000) };
    let apart = basic(deductible, NO_CAP).replace("order=1", "covers={ care='inpatient' }\norder=1")
        + &basic(NO_DEDUCTIBLE, NO_CAP)
            .replace("basic", "day")
            .replace("payer='day'\nlayer='day'", "payer='basic'\nlayer='basic'")
            .replace("order=1", "order=2");
    // the first admission met another stage: half of the ordinary 800
    assert_eq!(funds(&apart, &[day_surgery, stay("b2", 2, 1000)]), ["500.00", "300.00"]);
}

/// Lines of a run: kind, bill, and what all funds paid, or `refused`.
fn lines(provisions: &str, bills: &[Bill]) -> Vec<(EntryKind, String, String)> {
    let library = library(provisions);
    let (_, entries) = settle(&library, bills, &Opening::default());
    let paid = |e: &Settlement<'_>| e.result.as_ref().map_or("refused".to_owned(), |entry| entry.funds().to_string());
    entries.iter().map(|e| (e.kind, e.bill.id.clone(), paid(e))).collect()
}

#[test]
fn a_reversal_takes_back_what_was_posted_and_posts_what_can_now_be_settled() {
    let terms = basic("per='visit'\nrows=[{ admission='1-2', amount=500 }, { amount='open' }]", NO_CAP);
    let back = |id: &str, month: i8, target: &str| Bill { reverses: Some(target.to_owned()), ..stay(id, month, 0) };
    let bills =
        [stay("b1", 1, 1000), stay("b2", 2, 1000), stay("b3", 3, 1000), back("r1", 4, "b1"), back("r3", 5, "b3")];
    let line = |kind, id: &str, paid: &str| (kind, id.to_owned(), paid.to_owned());
    assert_eq!(
        lines(&terms, &bills),
        [
            line(EntryKind::Settled, "b1", "250.00"),
            line(EntryKind::Settled, "b2", "250.00"),
            line(EntryKind::Settled, "b3", "refused"),
            line(EntryKind::Reversed, "r1", "-250.00"),
            line(EntryKind::Settled, "b3", "250.00"),
            line(EntryKind::Reversed, "r3", "-250.00"),
        ]
    );
}

#[test]
fn a_bill_that_a_reversal_leaves_undecided_is_taken_back_and_named() {
    let terms = basic("per='visit'\nrows=[{ admission='1', level='3', amount='open' }, { amount=500 }]", NO_CAP);
    let second = Bill { level: Level::Three, ..stay("b2", 2, 1000) };
    let back = Bill { reverses: Some("b1".to_owned()), ..stay("r1", 3, 0) };
    let line = |kind, id: &str, paid: &str| (kind, id.to_owned(), paid.to_owned());
    assert_eq!(
        lines(&terms, &[stay("b1", 1, 1000), second, back])[2..],
        [
            line(EntryKind::Reversed, "r1", "-250.00"),
            line(EntryKind::Reversed, "b2", "-250.00"),
            line(EntryKind::Difference, "b2", "refused"),
        ]
    );
}

#[test]
fn terms_beyond_what_a_plan_holds_are_refused_by_name() {
    let rows: Vec<String> = (0..130).map(|age| format!("{{ age='{age}-{age}', line=10000, then='excess' }}")).collect();
    let terms = basic(NO_DEDUCTIBLE, NO_CAP) + &part("basic.entry", &format!("rows=[{}]", rows.join(", ")));
    let library = library(&terms);
    let mut bills = [stay("b1", 1, 1000)];
    bills[0].person.born = Some(date(1980, 1, 1));
    let (_, entries) = settle(&library, &bills, &Opening::default());
    assert!(matches!(entries[0].result, Err(Refusal::BeyondLimits(_))), "{:?}", entries[0].result);
}

fn in_part(id: &str, month: i8, yuan: i64, part: Part, from: Option<&str>) -> Bill {
    Bill { part, from_bill: from.map(str::to_owned), ..stay(id, month, yuan) }
}

#[test]
fn a_stay_settled_in_parts_is_one_admission_with_one_deductible() {
    // The first admission of a year costs 800, later ones half of the one before.
    let terms = basic(
        "per='visit'\nrows=[{ admission='1', amount=800 }, { admission='2+', share='50%', of='previous', floor=100 }]",
        NO_CAP,
    );
    let parts = [
        stay("b1", 1, 1000),
        in_part("b2", 2, 300, Part::First, None),
        in_part("b3", 3, 1000, Part::Further, Some("b2")),
        in_part("b4", 4, 1000, Part::Further, Some("b3")),
        stay("b5", 5, 1000),
    ];
    // 400 of the second stay: 300 in its first part, 100 in the next, none in the last. The third stay is the third admission.
    assert_eq!(funds(&terms, &parts), ["100.00", "0.00", "450.00", "500.00", "400.00"]);
}

#[test]
fn a_stay_goes_on_into_the_next_year_with_what_it_has_met() {
    let terms = basic("per='visit'\nrows=[{ amount=500 }]", NO_CAP);
    let before = in_part("b1", 12, 400, Part::First, None);
    let after = Bill { date: date(2021, 1, 5), ..in_part("b2", 1, 1000, Part::Further, Some("b1")) };
    let next = Bill { date: date(2021, 2, 5), ..stay("b3", 2, 1000) };
    assert_eq!(funds(&terms, &[before, after, next]), ["0.00", "450.00", "250.00"]);
}

#[test]
fn a_further_part_is_no_referral_and_leaves_no_running_amount() {
    let terms = basic("per='visit'\nrows=[{ mark='referral', amount=0 }, { amount=500 }]", NO_CAP);
    let library = library(&terms);
    let bills = [in_part("b1", 1, 500, Part::First, None), in_part("b2", 2, 1000, Part::Further, Some("b1"))];
    let (engine, entries) = settle(&library, &bills, &Opening::default());
    assert_eq!(entries[1].result.as_ref().unwrap().funds(), Fen::yuan(500));
    let mut run = settlement::PersonRun::new(&engine, &Opening::default());
    run.settle(&bills[0]).unwrap();
    let progress = run.standing().progress.unwrap();
    assert_eq!((progress.used.get("stage.basic.chain"), progress.met.len()), (None, 1));
    run.settle(&stay("b9", 6, 100)).unwrap();
    assert_eq!(run.standing().progress.unwrap().met.len(), 1, "a whole stay is continued by none");
}

#[test]
fn first_self_pay_to_the_fen_goes_before_a_share() {
    let terms = basic(NO_DEDUCTIBLE, NO_CAP);
    let library = library(&terms);
    let mut exact = stay("b1", 1, 0);
    // Lines of 100.05 at 10% (10.005, half up: 10.01) and of 200.00 at 15%.
    exact.amounts = ClassAmounts {
        b: Fen(30_005),
        b_share: Some(Rate::percent(50)),
        b_self_pay: Some(Fen(4_001)),
        ..exact.amounts
    };
    let bills = [exact];
    let (_, entries) = settle(&library, &bills, &Opening::default());
    let entry = entries[0].result.as_ref().unwrap();
    assert_eq!((entry.amounts.first_self_pay, entry.amounts.in_scope), (Fen(4_001), Fen(26_004)));
    assert_eq!(entry.funds(), Fen(13_002));
}
