//! Every region at hand can be played with: the demo fills its books, and they hold together.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::sync::Arc;

use books::Vault;
use domain::Fen;
use jiff::civil::date;
use serde_json::json;
use service::demo::{Demo, Made, fill, season};
use service::{Policies, Service, SetClock, Setup, connect, open_region};

fn demo(region: &str, demo: Demo, file: &std::path::Path) -> (Service, Made) {
    let policies = Policies::read(testkit::policies::files());
    let season = season(&policies, region, date(2026, 11, 22)).unwrap_or_else(|refusal| panic!("{region}: {refusal}"));
    let vault = Vault::new(&[7; 32]);
    let url = file.display().to_string();
    let mut store = store::open(&url).unwrap();
    open_region(store.as_mut(), &policies, region, &vault, Some(season.today)).unwrap();
    drop(store);
    let clock = Arc::new(SetClock::at(season.paid, 1));
    let setup = Setup { clock: Arc::clone(&clock) as _, ..Setup::new(connect(&url), policies, region, vault) };
    let service = Service::open(setup).unwrap();
    let made = fill(&service, &clock, &season, demo, &mut |_, _| {}).unwrap();
    (service, made)
}

#[test]
fn every_region_can_be_played_with() {
    let folder = tempfile::tempdir().unwrap();
    for region in ["tianjin", "chongqing", "nanjing", "suzhou", "changchun"] {
        let file = folder.path().join(format!("{region}.db"));
        let (service, made) = demo(region, Demo { people: 40, seed: 1 }, &file);
        assert!(made.people == 40 && made.insured > 20, "{region}: {made:?}");
        assert!(made.settlements > 10 && made.funds > Fen::ZERO, "{region}: {made:?}");
        let person = made.person.unwrap();
        let year = made.settlement.unwrap().split('-').nth(1).unwrap().parse::<i16>().unwrap();
        let fields = json!({ "person": person, "year": year });
        let serde_json::Value::Object(fields) = fields else { panic!() };
        assert!(!service.ask("care statement", fields, "a").unwrap().rows.is_empty(), "{region}");
        eprintln!("{region}: {} insured, {} settlements, {:?}", made.insured, made.settlements, made.refused);
    }
}

#[test]
fn a_region_that_lacks_figures_says_which() {
    let policies = Policies::read(testkit::policies::files());
    let refusal = season(&policies, "jilin", date(2026, 11, 22)).unwrap_err();
    assert_eq!(refusal.code, "contribution.standard");
}

#[test]
fn the_same_seed_gives_the_same_books() {
    let folder = tempfile::tempdir().unwrap();
    let of = |name: &str, seed: u64| {
        let file = folder.path().join(name);
        drop(demo("chongqing", Demo { people: 30, seed }, &file));
        let mut store = store::open_existing(&file.display().to_string()).unwrap();
        let records = store.journal("chongqing", None, 100_000).unwrap();
        records.into_iter().map(|record| (record.key, record.number, record.body)).collect::<Vec<_>>()
    };
    let first = of("1.db", 5);
    assert_eq!(first, of("2.db", 5));
    assert_ne!(first, of("3.db", 6));
}
