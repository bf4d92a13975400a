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
fn the_made_up_catalogue_is_taken_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (service, made) = demo("chongqing", Demo { people: 1, seed: 1 }, &folder.path().join("1.db"));
    assert!(!made.refused.keys().any(|verb| verb.contains("load")), "{:?}", made.refused);
    let rows = |verb: &str, fields: serde_json::Value| {
        let serde_json::Value::Object(fields) = fields else { panic!() };
        service.ask(verb, fields, "a").unwrap().rows.len()
    };
    for (list, least) in [("101", 40), ("102", 10), ("103", 3), ("104", 2), ("105", 3), ("201", 35), ("301", 10)] {
        assert!(rows("catalogue list", json!({ "list": list, "on": "2022-06-01" })) >= least, "{list}");
    }
    for set in books::catalogue::TermSet::ALL {
        assert!(rows("term list", json!({ "set": set.code(), "on": "2022-06-01" })) >= 3, "{set}");
    }
    assert_eq!(rows("catalogue history", json!({})), 2);
}

#[test]
fn a_catalogue_of_fifty_thousand_items_is_loaded_in_one_request() {
    let folder = tempfile::tempdir().unwrap();
    let (service, _) = demo("chongqing", Demo { people: 1, seed: 1 }, &folder.path().join("1.db"));
    let mut text =
        "# publisher: 某局\n# edition: V1\n# basis: illustrative\ncode,name,list,charge,class,share,limit,from\n"
            .to_owned();
    for nth in 0..50_000 {
        text.push_str(&format!("C{nth:019},某材料{nth},301,08,B,10%,{}.50,2020-01-01\n", 1 + nth % 900));
    }
    let load = |text: &str| {
        let serde_json::Value::Object(fields) = json!({ "text": text }) else { panic!() };
        let begun = std::time::Instant::now();
        let answer = service.submit("catalogue load", fields, None, "a").unwrap();
        eprintln!("{}: {:?}", answer.says, begun.elapsed());
        answer
    };
    assert_eq!(load(&text).fields["new"], json!(50_000));
    let next = text.replace("edition: V1", "edition: V2").replacen("10%", "20%", 100);
    let fields = load(&next).fields;
    assert_eq!((&fields["changed"], &fields["same"]), (&json!(100), &json!(49_900)));
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
