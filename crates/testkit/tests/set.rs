//! Figures set by path, on the notices of this repository: what is set to what it is changes nothing.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]
#![allow(missing_docs, reason = "a test")]

use domain::{Basis, Date};
use jiff::civil::date;
use policy::set::{Set, Settable, overlay, settable};
use policy::{Library, Notice, Provision, Region, View, registry};
use settlement::{Engine, Options, Settlement};
use testkit::people::{self, Life};
use testkit::{compare, policies};

const DAYS: [Date; 2] = [date(2017, 6, 1), date(2022, 6, 1)];

/// Each region as it stands, and Tianjin as its draft would have it.
fn looks(library: &Library) -> Vec<(&Region, View<'_>)> {
    let mut looks: Vec<_> = library.regions.values().map(|region| (region, View::default())).collect();
    let drafts = vec!["tianjin-2022-draft".to_owned()];
    looks.push((library.region("tianjin").unwrap(), View { drafts, ..View::default() }));
    looks
}

fn as_it_is(one: &Settable<'_>) -> Set {
    Set::parse(&format!("{}={}", one.path, one.value)).unwrap()
}

fn made(library: &Library, region: &Region, view: &View<'_>, day: Date, sets: &[Set]) -> Notice {
    let made = overlay(library, region, view, day, day, sets);
    made.unwrap_or_else(|findings| panic!("{} {day} {:?}: {findings:#?}", region.slug, sets.first().map(Set::text)))
}

/// What a provision says: its own fields, and where each value stands.
fn says(provision: &Provision) -> Vec<String> {
    let fields = registry::part(&provision.key).unwrap().fields;
    fields.iter().map(|field| format!("{}={:?}", field.name, provision.record.get(field.name))).collect()
}

#[test]
fn each_listed_path_set_to_its_own_value_leaves_its_provision_as_it_is() {
    let library = policies::shipped();
    let mut paths = 0;
    for (region, view) in looks(&library) {
        for day in DAYS {
            let terms = library.terms(region, day, &view);
            for one in settable(&terms).iter().filter(|one| one.cited.is_some()) {
                let notice = made(&library, region, &view, day, &[as_it_is(one)]);
                let [changed] = notice.provisions.as_slice() else { panic!("{}: {notice:?}", one.path) };
                assert_eq!((changed.key.as_str(), changed.basis), (one.key, Basis::Illustrative), "{}", one.path);
                assert_eq!(
                    says(changed),
                    says(terms.get(one.key).unwrap().provision),
                    "{} {day} {}",
                    region.slug,
                    one.path
                );
                paths += 1;
            }
        }
    }
    assert!(paths > 9_000, "{paths} paths");
}

#[test]
fn all_paths_set_to_their_own_values_settle_every_bill_alike() {
    let library = policies::shipped();
    for world in people::worlds() {
        let region = library.region(world.region).unwrap();
        let view = View::default();
        let sets: Vec<Set> = settable(&library.terms(region, world.last, &view)).iter().map(as_it_is).collect();
        let notice = made(&library, region, &view, world.last, &sets);
        let over = View { overlay: Some(&notice), ..View::default() };
        let engine = |view: &View<'_>| Engine::as_of(&library, region, view, Options::default(), world.last);
        let (plain, laid) = (engine(&view), engine(&over));
        let mut settled = 0;
        for seed in 0..300 {
            let life = world.life(seed);
            let (plain, laid) = (settle(&plain, &life), settle(&laid, &life));
            assert_eq!(plain, laid, "{}, seed {seed}", world.region);
            settled += plain.iter().filter(|bill| bill.contains("pays")).count();
        }
        assert!(settled > 300, "{}: {settled} bills settled", world.region);
    }
}

/// What comes of each bill, without where the figures are from.
fn settle(engine: &Engine, life: &Life) -> Vec<String> {
    let said = |settlement: &Settlement<'_>| match &settlement.result {
        Ok(entry) => format!("{}: {:?} person {} pays", settlement.bill.id, entry.by_stage, entry.person),
        Err(refusal) => format!("{}: {refusal}", settlement.bill.id),
    };
    let bills: Vec<_> = life.bills.iter().collect();
    engine.settle(&bills, &compare::opening(&life.opening)).iter().map(said).collect()
}

#[test]
fn a_row_that_is_set_changes_the_bills_that_pass_it_and_no_other() {
    let library = policies::shipped();
    let region = library.region("chongqing").unwrap();
    let world = people::world("chongqing");
    let day = date(2022, 6, 1);
    let view = View::default();
    let set = Set::parse("stage.inpatient.bands[tier=first,level=2]=+5pt").unwrap();
    let notice = made(&library, region, &view, day, &[set]);
    let over = View { overlay: Some(&notice), ..view.clone() };
    let engine = |view: &View<'_>| Engine::as_of(&library, region, view, Options::default(), day);
    let (plain, laid) = (engine(&view), engine(&over));
    let inpatient = plain.plan(0).stages.iter().position(|stage| stage.id == "inpatient").unwrap();
    let (mut raised, mut alike) = (0, 0);
    for bill in (0..600).flat_map(|seed| world.life(seed).bills) {
        let life = Life { bills: vec![bill.clone()], ..world.life(0) };
        let paid = |engine: &Engine| match &engine.settle(&[&bill], &compare::opening(&life.opening))[0].result {
            Ok(entry) => entry.by_stage.clone(),
            Err(_) => Vec::new(),
        };
        let (before, after) = (paid(&plain), paid(&laid));
        if before == after {
            alike += 1;
            continue;
        }
        assert_eq!((bill.level.code(), bill.person.tier.as_deref()), ("2", Some("first")), "{bill:?}");
        assert!(after[inpatient] > before[inpatient], "{bill:?}");
        raised += 1;
    }
    assert!(raised > 20 && alike > 200, "{raised} raised, {alike} alike");
}
