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
fn changchun() {
    holds("changchun");
}
