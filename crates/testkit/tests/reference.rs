//! The engine, on the notices of this repository, against the literal reference: thousands of made-up years a region.

#![allow(missing_docs, reason = "a test")]

use settlement::Options;
use testkit::people::{self, World};
use testkit::{compare, policies, reference};

/// Lives a region; each has up to seven years.
const LIVES: u64 = 3_000;

fn holds(region: &str) {
    let world: World = people::world(region);
    let library = policies::shipped();
    let engine = policies::engine(&library, region, world.first, world.last, Options::default());
    let rule = reference::of(region).expect("a reference");
    for seed in 0..LIVES {
        let life = world.life(seed);
        if let Err(report) = compare::agree(&engine, rule, &life) {
            panic!("{region}, seed {seed}: {report}");
        }
    }
}

#[test]
fn tianjin() {
    holds("tianjin");
}

#[test]
fn chongqing() {
    holds("chongqing");
}

#[test]
fn nanjing() {
    holds("nanjing");
}

#[test]
fn suzhou() {
    holds("suzhou");
}

#[test]
fn changchun() {
    holds("changchun");
}

#[test]
fn reach() {
    for world in people::worlds() {
        let library = policies::shipped();
        let engine = policies::engine(&library, world.region, world.first, world.last, Options::default());
        let mut counts: std::collections::BTreeMap<String, usize> = Default::default();
        for seed in 0..LIVES {
            let life = world.life(seed);
            let bills: Vec<_> = life.bills.iter().collect();
            for s in engine.settle(&bills, &compare::opening(&life.opening)) {
                match &s.result {
                    Err(r) => *counts.entry(format!("refused {}", r.code())).or_default() += 1,
                    Ok(e) => {
                        for step in &e.steps {
                            let st = &engine.plan(e.plan).stages[step.stage as usize];
                            *counts.entry(format!("{} seen", st.id)).or_default() += 1;
                            if step.paid > 0 {
                                *counts.entry(format!("{} paid", st.id)).or_default() += 1;
                            }
                            if step.cap < 1_000_000_000_000 && step.cap - step.cap_used < step.uncapped {
                                *counts.entry(format!("{} capped", st.id)).or_default() += 1;
                            }
                            if step.deductible > 0 && step.paid > 0 {
                                *counts.entry(format!("{} crossing", st.id)).or_default() += 1;
                            }
                        }
                    }
                }
            }
        }
        println!("{} {counts:#?}", world.region);
    }
}
