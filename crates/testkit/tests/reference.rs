//! The engine, on the notices of this repository, against the literal reference: thousands of made-up lives a region.
#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]
#![allow(missing_docs, reason = "a test")]

use std::collections::BTreeMap;

use settlement::{Engine, Options};
use testkit::people::{self, Life, World};
use testkit::{compare, policies, reference};

/// Lives a region; each has up to seven years.
const LIVES: u64 = 3_000;

fn engine(world: &World) -> Engine {
    policies::engine(&policies::shipped(), world.region, world.first, world.last, Options::default())
}

fn agree_on(region: &str, lives: u64, life: impl Fn(&World, u64) -> Life) {
    let world = people::world(region);
    let engine = engine(&world);
    let rule = reference::of(region).expect("a reference");
    for seed in 0..lives {
        if let Err(report) = compare::agree(&engine, rule, &life(&world, seed)) {
            panic!("{region}, seed {seed}: {report}");
        }
    }
}

#[test]
fn tianjin() {
    agree_on("tianjin", LIVES, World::life);
}

#[test]
fn chongqing() {
    agree_on("chongqing", LIVES, World::life);
}

#[test]
fn nanjing() {
    agree_on("nanjing", LIVES, World::life);
}

#[test]
fn suzhou() {
    agree_on("suzhou", LIVES, World::life);
}

#[test]
fn changchun() {
    agree_on("changchun", LIVES, World::life);
}

/// What the engine gives in the end, differences added in, is what the bills that stand would have given alone.
#[test]
fn bills_taken_back_leave_no_trace() {
    for world in people::worlds() {
        agree_on(world.region, LIVES / 5, World::life_with_reversals);
    }
}

/// The made-up lives reach every stage, across its deductible and up to its cap: without this the agreement above says little.
#[test]
fn lives_reach_every_stage() {
    for world in people::worlds() {
        let engine = engine(&world);
        let mut pays: BTreeMap<&str, usize> = BTreeMap::new();
        let mut at_cap: BTreeMap<&str, Option<usize>> = BTreeMap::new();
        for seed in 0..LIVES / 3 {
            let life = world.life(seed);
            let bills: Vec<_> = life.bills.iter().collect();
            let settled = engine.settle(&bills, &compare::opening(&life.opening));
            for entry in settled.iter().filter_map(|settlement| settlement.result.as_ref().ok()) {
                for step in &entry.steps {
                    let stage = engine.plan(entry.plan).stages[step.stage as usize].id.as_str();
                    *pays.entry(stage).or_default() += usize::from(step.paid > 0);
                    let limited = step.cap < domain::Fen::BILL_LIMIT.0;
                    let reached = step.cap_used + step.base >= step.cap && step.base > 0;
                    let count = at_cap.entry(stage).or_default();
                    *count = if limited { Some(count.unwrap_or(0) + usize::from(reached)) } else { *count };
                }
            }
        }
        // The accident stage has no amounts yet.
        let stages = engine.plans().iter().flat_map(|plan| &plan.stages).map(|stage| stage.id.as_str());
        for stage in stages.filter(|stage| *stage != "accident" && *stage != "precise") {
            let paid = pays.get(stage).copied().unwrap_or(0);
            let open = matches!((world.region, stage), ("suzhou", "acute-critical" | "assistance"));
            assert!(paid >= 50 || open, "{}: {stage} paid only {paid} times", world.region);
            if let Some(Some(reached)) = at_cap.get(stage) {
                assert!(*reached >= 10, "{}: {stage} reached its cap only {reached} times", world.region);
            }
        }
    }
}
