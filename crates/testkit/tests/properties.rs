//! What must hold whatever the terms say, on made-up lives under the notices of this repository.
#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]
#![allow(missing_docs, reason = "a test")]

use std::collections::BTreeMap;

use domain::{Basis, Bill, Care, Categories, Category, ClassAmounts, Date, Fen, Filing, Level, Marks, Payer, Scheme};
use settlement::{Engine, Entry, EntryKind, Options, PersonRun, Settlement, Standing};
use testkit::people::{self, Life, World};
use testkit::random::Random;
use testkit::{compare, policies};

const LIVES: u64 = 600;

fn engines(options: Options) -> Vec<(World, Engine)> {
    let library = policies::shipped();
    let engine = |world: &World| policies::engine(&library, world.region, world.first, world.last, options);
    people::worlds().into_iter().map(|world| (world.clone(), engine(&world))).collect()
}

fn settle<'b>(engine: &Engine, life: &'b Life) -> Vec<Settlement<'b>> {
    engine.settle(&life.bills.iter().collect::<Vec<_>>(), &compare::opening(&life.opening))
}

/// Holds a property of a life and its settlements on many lives; a life that breaks it is made small and shown.
fn on_lives(life: impl Fn(&World, u64) -> Life, holds: impl Fn(&Engine, &[Settlement<'_>]) -> Result<(), String>) {
    for (world, engine) in engines(Options::default()) {
        let fails = |life: &Life| holds(&engine, &settle(&engine, life)).err();
        for seed in 0..LIVES {
            let life = life(&world, seed);
            if fails(&life).is_some() {
                let small = compare::shrink(life, &|life| fails(life).is_some());
                let bills: Vec<String> = small.bills.iter().map(compare::line).collect();
                panic!("{}, seed {seed}: {}\n{}", world.region, fails(&small).unwrap_or_default(), bills.join("\n"));
            }
        }
    }
}

fn claim(holds: bool, else_say: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(else_say()) }
}

/// Identities A to D of the national settlement record, to the fen, on settlements, reversals and differences alike.
#[test]
fn every_bill_is_conserved_to_the_fen() {
    on_lives(World::life_with_reversals, |engine, settlements| {
        for settlement in settlements {
            let Ok(entry) = &settlement.result else { continue };
            if entry.by_stage.is_empty() {
                continue;
            }
            let amounts = entry.amounts;
            let parts = amounts.out_of_scope + amounts.over_limit + amounts.first_self_pay + amounts.in_scope;
            claim(amounts.total == parts, || format!("A: {amounts:?}"))?;
            claim(amounts.total == entry.funds() + entry.person, || format!("B: {entry:?}"))?;
            let by_payer: Fen = entry.by_payer(engine.plan(entry.plan)).into_values().sum();
            let columns = columns(engine, entry);
            claim(by_payer == entry.funds(), || format!("D by fund: {entry:?}"))?;
            claim(columns.values().sum::<i64>() == entry.funds().0, || format!("D by column: {columns:?}"))?;
            if settlement.kind == EntryKind::Settled {
                let whole = settlement.bill.amounts.total();
                claim(amounts.total == whole, || format!("the bill is {whole}, not {}", amounts.total))?;
                // C: what the person bears is account and cash, and neither is negative.
                claim(entry.person >= Fen::ZERO, || format!("C: the person bears {}", entry.person))?;
                claim(entry.person >= whole - amounts.in_scope, || format!("a fund paid out of scope: {entry:?}"))?;
            }
        }
        Ok(())
    });
}

fn columns(engine: &Engine, entry: &Entry) -> BTreeMap<&'static str, i64> {
    let mut columns = BTreeMap::new();
    let stages = &engine.plan(entry.plan).stages;
    for (payer, paid) in stages.iter().map(|stage| stage.payer).zip(&entry.by_stage) {
        let payer: Payer = payer;
        *columns.entry(payer.column()).or_default() += paid;
    }
    columns
}

/// Yearly ceilings as the notices and supplements print them, in yuan: stages that share one, and for whom.
fn ceilings(region: &str, bill: &Bill) -> Vec<(&'static [&'static str], i64)> {
    let person = &bill.person;
    let holds = |categories: &[Category]| categories.iter().any(|category| person.categories.has(*category));
    let favoured = holds(&[Category::Destitute, Category::MinimumAllowance, Category::ReturnedToPoverty]);
    match region {
        "chongqing" => {
            let second = person.tier.as_deref() == Some("second");
            let mut ceilings: Vec<(&[&str], i64)> = vec![
                (&["inpatient", "single-disease", "special"], if second { 120_000 } else { 80_000 }),
                (&["outpatient"], if second { 500 } else { 300 }),
                (&["employee-inpatient"], 47_000),
            ];
            if !favoured {
                ceilings.push((&["catastrophic"], 200_000));
            }
            ceilings
        }
        "nanjing" => vec![(&["inpatient"], 360_000), (&["outpatient"], 1_200), (&["assistance"], 50_000)],
        "suzhou" => vec![(&["inpatient"], 250_000), (&["outpatient"], 1_200), (&["catastrophic"], 350_000)],
        "changchun" => vec![
            (&["inpatient", "special"], 150_000),
            (&["outpatient"], 1_000),
            (&["catastrophic"], 350_000),
            (&["assistance"], 50_000),
        ],
        // Out-patient cover: half of what lies between a deductible lowered to 200 at best and 3,000. Stays: 180,000, and at
        // most 3,000 for each of three years before the first and seven known ones. Catastrophic and large-amount: the whole ladder.
        "tianjin" => vec![
            (&["outpatient"], 1_400),
            (&["pharmacy"], 1_400),
            (&["inpatient", "special"], 180_000 + 10 * 3_000),
            (&["catastrophic"], 170_000),
            (&["large-amount"], 160_000),
        ],
        _ => Vec::new(),
    }
}

#[test]
fn no_payment_is_negative_or_above_its_cap() {
    for (world, engine) in engines(Options::default()) {
        for seed in 0..LIVES {
            let life = world.life(seed);
            let mut paid: BTreeMap<(i16, &str), i64> = BTreeMap::new();
            for settlement in settle(&engine, &life) {
                let Ok(entry) = &settlement.result else { continue };
                let plan = engine.plan(entry.plan);
                let year = settlement.bill.date.year();
                for step in &entry.steps {
                    let place = || format!("{} seed {seed}: {} {step:?}", world.region, compare::line(settlement.bill));
                    assert!(0 <= step.deductible && step.deductible <= step.standard, "{}", place());
                    assert!(step.deductible + step.counted <= step.base, "{}", place());
                    assert!(0 <= step.paid && step.paid <= step.counted, "{}", place());
                    *paid.entry((year, plan.stages[step.stage as usize].id.as_str())).or_default() += step.paid;
                }
                for (stages, yuan) in ceilings(world.region, settlement.bill) {
                    let sum: i64 = stages.iter().filter_map(|stage| paid.get(&(year, *stage))).sum();
                    let pays =
                        |id: &str| plan.stages.iter().zip(&entry.by_stage).any(|(s, paid)| s.id == id && *paid > 0);
                    assert!(
                        !stages.iter().any(|stage| pays(stage)) || sum <= yuan * 100,
                        "{} seed {seed}: {stages:?} paid {} in {year}, above {yuan}: {}",
                        world.region,
                        Fen(sum),
                        compare::line(settlement.bill)
                    );
                }
            }
        }
    }
}

/// Payments of a stage on two ways of the same life, with what it started from; all bills of a year together.
fn by_year_and_stage(engine: &Engine, life: &Life) -> BTreeMap<(i16, String), (i64, i64)> {
    let mut sums = BTreeMap::new();
    for settlement in settle(engine, life) {
        let Ok(entry) = &settlement.result else { continue };
        let plan = engine.plan(entry.plan);
        for step in &entry.steps {
            let stage = &plan.stages[step.stage as usize];
            let sum: &mut (i64, i64) = sums.entry((settlement.bill.date.year(), stage.id.clone())).or_default();
            sum.0 += step.base;
            sum.1 += step.paid;
        }
    }
    sums
}

/// A life of bills of one kind in one year, the person and the provider the same throughout: only amounts differ. Stays are bills
/// of burden alone, so that no deductible of a stay stands between.
fn uniform(world: &World, seed: u64) -> Option<Life> {
    let life = world.life(seed);
    let day = Date::constant(world.last.year() - 1, 9, 1);
    if life.bills.len() < 2 {
        return None;
    }
    let first = Random::new(!seed).pick(&life.bills).clone();
    let stay = matches!(first.care, Care::Inpatient | Care::Delivery | Care::DaySurgery | Care::SingleDisease);
    let one = |(at, bill): (usize, &Bill)| {
        let amounts = ClassAmounts { a: bill.amounts.a, ..ClassAmounts::default() };
        Bill { id: format!("u{at}"), date: day, amounts, from_bill: None, burden_only: stay, ..first.clone() }
    };
    let bills = life.bills.iter().take(12).enumerate().map(one).collect();
    Some(Life { opening: life.opening, bills })
}

/// Stages of a region whose terms are wholly of the year.
fn yearly_stages(engine: &Engine) -> Vec<String> {
    let stages = engine.plans().iter().flat_map(|plan| &plan.stages);
    stages.filter(|stage| stage.yearly()).map(|stage| stage.id.clone()).collect()
}

#[test]
fn splitting_a_bill_changes_no_yearly_stage() {
    for (world, engine) in engines(Options::default()) {
        let yearly = yearly_stages(&engine);
        let mut compared = 0;
        for seed in 0..LIVES * 3 {
            let Some(whole) = uniform(&world, seed) else { continue };
            let mut random = Random::new(seed);
            let mut split = whole.clone();
            let at = random.below(whole.bills.len() as u64) as usize;
            let amount = whole.bills[at].amounts.a.0;
            let head = random.between(0, amount);
            split.bills[at].amounts.a = Fen(head);
            let mut tail = whole.bills[at].clone();
            tail.id.push_str("-tail");
            tail.amounts.a = Fen(amount - head);
            split.bills.insert(at + 1, tail);
            let (one, two) = (by_year_and_stage(&engine, &whole), by_year_and_stage(&engine, &split));
            for (key, (base, paid)) in &one {
                let Some((base_split, paid_split)) = two.get(key) else { panic!("{key:?} is gone when split") };
                // Where a stage of the visit before it has rounded twice, the base itself differs by a fen.
                if yearly.contains(&key.1) && base == base_split {
                    compared += 1;
                    assert_eq!(
                        paid,
                        paid_split,
                        "{} seed {seed} {key:?} split at {at} by {head}\n{}",
                        world.region,
                        whole.bills.iter().map(compare::line).collect::<Vec<_>>().join("\n")
                    );
                }
            }
        }
        assert!(compared > 300, "{}: only {compared} yearly stages compared", world.region);
    }
}

#[test]
fn the_order_of_equal_bills_does_not_matter_to_a_yearly_stage() {
    for (world, engine) in engines(Options::default()) {
        let yearly = yearly_stages(&engine);
        for seed in 0..LIVES * 2 {
            let Some(life) = uniform(&world, seed) else { continue };
            let mut turned = life.clone();
            let by = Random::new(seed).below(life.bills.len() as u64) as usize;
            turned.bills.rotate_left(by);
            turned.bills.reverse();
            let (one, two) = (by_year_and_stage(&engine, &life), by_year_and_stage(&engine, &turned));
            for (key, (base, paid)) in one.iter().filter(|(key, _)| yearly.contains(&key.1)) {
                let (base_turned, paid_turned) = two[key];
                if *base == base_turned {
                    assert_eq!(*paid, paid_turned, "{} seed {seed} {key:?}", world.region);
                }
            }
        }
    }
}

#[test]
fn a_replay_gives_the_same_entries() {
    let (once, again) = (engines(Options::default()), engines(Options::default()));
    for ((world, engine), (_, compiled_again)) in once.iter().zip(&again) {
        let hashes = |engine: &Engine| engine.plans().iter().map(|plan| plan.hash.clone()).collect::<Vec<_>>();
        assert_eq!(hashes(engine), hashes(compiled_again));
        for seed in 0..LIVES / 3 {
            let life = world.life_with_reversals(seed);
            let first = format!("{:?}", settle(engine, &life));
            assert_eq!(first, format!("{:?}", settle(engine, &life)), "{} seed {seed}", world.region);
            assert_eq!(first, format!("{:?}", settle(compiled_again, &life)), "{} seed {seed}", world.region);
        }
    }
}

/// A person whom a category favours bears no more than the same person without any, over the same bills.
#[test]
fn a_favoured_person_never_pays_more() {
    for (world, engine) in engines(Options::default()) {
        for seed in 0..LIVES * 2 {
            let mut ordinary = world.life(seed);
            if ordinary.bills.first().is_none_or(|bill| bill.person.scheme == Scheme::Employee) {
                continue;
            }
            ordinary.bills.iter_mut().for_each(|bill| bill.person.categories = Categories::NONE);
            for category in world.categories {
                let mut favoured = ordinary.clone();
                favoured.bills.iter_mut().for_each(|bill| bill.person.categories = Categories::NONE.with(*category));
                let borne = |life: &Life| -> (Fen, usize) {
                    let entries: Vec<Entry> = settle(&engine, life).into_iter().filter_map(|s| s.result.ok()).collect();
                    (entries.iter().map(|entry| entry.person).sum(), entries.len())
                };
                let ((favoured_bears, favoured_settled), (bears, settled)) = (borne(&favoured), borne(&ordinary));
                // Where a category's figures are open its bills are refused, and there is nothing to compare.
                if favoured_settled != settled {
                    continue;
                }
                assert!(
                    favoured_bears <= bears,
                    "{} seed {seed}: {category} bears {favoured_bears}, an ordinary person {bears}\n{}",
                    world.region,
                    ordinary.bills.iter().map(compare::line).collect::<Vec<_>>().join("\n")
                );
            }
        }
    }
}

/// One fen more of burden moves the payments by a fen or by nothing, at every line of the terms and everywhere between.
#[test]
fn bands_are_continuous_at_their_edges() {
    for (world, engine) in engines(Options::default()) {
        let mut random = Random::new(1);
        for seed in 0..LIVES {
            let life = world.life(seed);
            let Some(bill) = life.bills.iter().find(|bill| bill.date.year() == world.last.year()) else { continue };
            let line = *random.pick(world.lines) * 100;
            for (care, burden_only) in [(Care::Inpatient, true), (Care::Inpatient, false), (Care::Outpatient, false)] {
                let mut before: Option<(i64, i64)> = None;
                for a in (line - 3).max(0)..=line + 3 {
                    let one = Bill {
                        care,
                        burden_only,
                        amounts: ClassAmounts { a: Fen(a), ..ClassAmounts::default() },
                        level: Level::One,
                        filing: Filing::Local,
                        marks: Marks::NONE,
                        disease: None,
                        from_bill: None,
                        part: domain::Part::Whole,
                        ..bill.clone()
                    };
                    let life = Life { opening: life.opening, bills: vec![one] };
                    let settlements = settle(&engine, &life);
                    let Ok(entry) = &settlements[0].result else { continue };
                    let (funds, person) = (entry.funds().0, entry.person.0);
                    if let Some((funds_before, person_before)) = before {
                        let place = || format!("{} {care} at {}: {entry:?}", world.region, Fen(a));
                        assert!((0..=1).contains(&(funds - funds_before)), "{}", place());
                        assert!((0..=1).contains(&(person - person_before)), "{}", place());
                    }
                    before = Some((funds, person));
                }
            }
        }
    }
}

/// The same between any two neighbouring amounts after a year of other bills.
#[test]
fn one_fen_more_moves_a_stage_by_a_fen_at_most() {
    for (world, engine) in engines(Options::default()) {
        for seed in 0..LIVES {
            let life = world.life(seed);
            let Some(last) = life.bills.iter().max_by_key(|bill| bill.date).map(|bill| bill.id.clone()) else {
                continue;
            };
            let with = |more: i64| {
                let mut life = life.clone();
                life.bills.iter_mut().filter(|bill| bill.id == last).for_each(|bill| bill.amounts.a.0 += more);
                let settlements = settle(&engine, &life);
                let settlement = settlements.iter().find(|settlement| settlement.bill.id == last);
                settlement.and_then(|settlement| settlement.result.clone().ok())
            };
            let (Some(less), Some(more)) = (with(0), with(1)) else { continue };
            for (less, more) in less.by_stage.iter().zip(&more.by_stage) {
                assert!((more - less).abs() <= 1, "{} seed {seed}: {last} {less} {more}", world.region);
            }
            assert!((0..=1).contains(&(more.person - less.person).0), "{} seed {seed}: {last}", world.region);
        }
    }
}

#[test]
fn a_bill_taken_back_and_entered_again_gives_the_same_totals() {
    for (world, engine) in engines(Options::default()) {
        for seed in 0..LIVES {
            let life = world.life(seed);
            let Some(target) = life.bills.first().cloned() else { continue };
            // The same day's bills keep their order, so the new one stands where the old one stood.
            let mut again = life.clone();
            let alone = again.bills.iter().filter(|bill| bill.date == target.date).count() == 1;
            if !alone {
                continue;
            }
            again.bills.insert(1, Bill { id: "back".to_owned(), reverses: Some(target.id.clone()), ..target.clone() });
            again.bills.insert(2, Bill { id: "again".to_owned(), ..target.clone() });
            for bill in &mut again.bills[3..] {
                if bill.from_bill.as_ref() == Some(&target.id) {
                    bill.from_bill = Some("again".to_owned());
                }
            }
            let sum = |life: &Life| -> (Vec<i64>, Fen) {
                let entries: Vec<Entry> = settle(&engine, life).into_iter().filter_map(|s| s.result.ok()).collect();
                let mut by_stage = BTreeMap::<String, i64>::new();
                for entry in &entries {
                    for (stage, paid) in engine.plan(entry.plan).stages.iter().zip(&entry.by_stage) {
                        *by_stage.entry(stage.id.clone()).or_default() += paid;
                    }
                }
                (by_stage.into_values().collect(), entries.iter().map(|entry| entry.person).sum())
            };
            let standing: Vec<i64> = sum(&life).0;
            let (by_stage, person) = sum(&again);
            assert_eq!((standing, sum(&life).1), (by_stage, person), "{} seed {seed}", world.region);
        }
    }
}

#[test]
fn strict_never_answers_with_less_than_a_derived_figure() {
    let mut answered = 0;
    for (world, engine) in engines(Options { strict: true }) {
        for seed in 0..LIVES {
            let life = world.life(seed);
            for settlement in settle(&engine, &life) {
                let Ok(entry) = settlement.result else { continue };
                answered += 1;
                assert!(entry.basis <= Basis::Derived, "{} seed {seed}: {entry:?}", world.region);
            }
        }
    }
    // The notices alone settle Tianjin's out-patient visits.
    assert!(answered > 100, "strict answered only {answered} bills");
}

/// A person put down after every bill and taken up again is settled as in one go: live settlement and a batch agree.
#[test]
fn a_person_can_be_put_down_after_any_bill() {
    for (world, engine) in engines(Options::default()) {
        for seed in 0..LIVES {
            let life = world.life(seed);
            let batch = settle(&engine, &life);
            let mut standing = Standing { opening: compare::opening(&life.opening), progress: None };
            for settlement in &batch {
                let mut run = PersonRun::resume(&engine, &standing).expect("the terms are the same");
                let live = run.settle(settlement.bill);
                let carried =
                    |result: &Result<Entry, _>| result.as_ref().map(|e| e.carried.clone()).unwrap_or_default();
                // What a year left is told once in a go; a run taken up after a refused first bill tells it again.
                let same = match (&live, &settlement.result) {
                    (Ok(live), Ok(batch)) => Entry { carried: batch.carried.clone(), ..live.clone() } == *batch,
                    (Err(live), Err(batch)) => live == batch,
                    _ => false,
                };
                assert!(same, "{} {seed}: {live:?}\n{settlement:?}", world.region);
                assert!(carried(&live).len() >= carried(&settlement.result).len(), "{} {seed}", world.region);
                if live.is_ok() {
                    standing = run.standing();
                }
            }
        }
    }
}
