//! A town with books in a file, and a store that fails when told to.
#![allow(dead_code, reason = "each test file uses what it needs")]

pub mod crowd;

use std::path::Path;
use std::sync::Arc;

use books::Vault;
use jiff::civil::date;
use policy::SourceFile;
use serde_json::{Map, Value, json};
use service::{Connect, Policies, Service, SetClock, Setup, connect, open_region};
use store::Store;

/// The day on which the town lives.
pub fn today() -> jiff::civil::Date {
    date(2022, 3, 1)
}

/// Its policy files.
pub fn policies() -> Policies {
    let file = |path: &str, text: &str| SourceFile { path: path.into(), shown: path.into(), text: text.into() };
    Policies::read(vec![
        file("990100-town/region.toml", "[region]\ncode='990100'\nslug='town'\nname='某市'\n"),
        file(
            "clauses.tsv",
            "id\twhere\twhat\tkind\tcapability\tnumbers\teffective\tneeds\tdone-when\nT-1\t一\tx\trule\tother\t-\t-\t-\t-\n",
        ),
        file("990100-town/n.toml", NOTICE),
        file("990100-town/d.toml", "[notice]\nid='d'\nkind='draft'\ntitle='某草案'\nissued=2020-01-01\n"),
    ])
}

/// A contribution, a window, and in-patient care: a deductible of a year, half of the rest, a cap.
const NOTICE: &str = "
    [notice]
    id = 'n'
    kind = 'notice'
    title = '某通知'
    issued = 2000-01-01
    [[contribution.standard]]
    clause = 'T-1'
    year = 2022
    rows = [{ amount = 320 }]
    [[enrolment.window]]
    clause = 'T-1'
    opens_day = '10-01'
    closes_day = '02-28'
    in_year = -1
    benefits_from = '01-01'
    [[stage.basic.shape]]
    clause = 'T-1'
    name = '住院统筹'
    payer = 'basic'
    layer = 'basic'
    order = 1
    base = 'in-scope'
    measure = 'visit'
    [[stage.basic.deductible]]
    clause = 'T-1'
    per = 'year'
    rows = [{ amount = 1000 }]
    [[stage.basic.bands]]
    clause = 'T-1'
    rows = [{ category = 'minimum-allowance', ratio = '80%' }, { ratio = '50%' }]
    [[stage.basic.cap]]
    clause = 'T-1'
    per = 'year'
    rows = [{ amount = 5000 }]
";

/// Makes books in a file and gives a way to connect to them.
pub fn made(url: &str) -> Connect {
    let mut store = store::open(url).unwrap();
    open_region(store.as_mut(), &policies(), "town", &Vault::new(&[7; 32]), None).unwrap();
    connect(url)
}

/// What a service over a connection is made of, on the town's day.
pub fn setup(connect: Connect) -> Setup {
    let clock = Arc::new(SetClock::at(today(), 1_000));
    Setup { clock, ..Setup::new(connect, policies(), "town", Vault::new(&[7; 32])) }
}

/// The requests by which the town has a hospital, and persons who are insured for 2022; to be made in December 2021.
pub fn settling_in(persons: u32) -> Vec<(&'static str, Map<String, Value>)> {
    let hospital = json!({
        "provider": "H99010100001", "name": "某医院", "area": "990101", "level": "2", "care": ["inpatient"],
        "online": true, "from": "2020-01-01",
    });
    let mut requests = vec![("provider register", fields(hospital))];
    for running in 0..persons {
        let of = |more: Value| {
            let mut all = fields(json!({ "person": number(running), "year": 2022 }));
            all.extend(fields(more));
            all
        };
        let receipt = json!({ "receipt": format!("R{running}"), "amount": "320", "channel": "mobile" });
        requests.extend([
            ("person register", person(running)),
            ("member enrol", of(json!({}))),
            ("dues bill", of(json!({ "group": "adult" }))),
            ("dues receive", of(receipt)),
        ]);
    }
    requests
}

/// A visit of a person, with an amount in yuan.
pub fn visit(running: u32, visit: &str, yuan: i64) -> Map<String, Value> {
    fields(json!({
        "person": number(running), "provider": "H99010100001", "visit": visit, "care": "inpatient",
        "date": "2022-02-10", "a": yuan.to_string(),
    }))
}

/// A service over the books in a file, made if they are not there.
pub fn serve(file: &Path) -> Service {
    Service::open(setup(made(&file.display().to_string()))).unwrap()
}

/// Fields of a command.
pub fn fields(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

/// The number of an ID card, with its check digit; of up to a million and a half persons.
pub fn number(running: u32) -> String {
    let (year, day) = (1950 + running / 1_000 % 60, 1 + running / 60_000);
    let digits = format!("990101{year}01{day:02}{:03}", running % 1_000);
    let number = ('0'..='9').chain(['X']).map(|check| format!("{digits}{check}"));
    number.into_iter().find(|number| books::people::recognise(number).is_ok()).unwrap()
}

/// The fields of a registration.
pub fn person(running: u32) -> Map<String, Value> {
    fields(json!({ "number": number(running), "name": format!("某{running}"), "area": "990101" }))
}

/// Everything in the journal.
pub fn journal(store: &mut dyn Store) -> Vec<store::Record> {
    let mut all: Vec<store::Record> = Vec::new();
    loop {
        let after = all.last().map(|record| (record.key.clone(), record.number));
        let page = store.journal("town", after.as_ref().map(|(key, number)| (key, *number)), 100).unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// Every line of every posting.
pub fn all_postings(store: &mut dyn Store) -> Vec<store::Posting> {
    let mut all: Vec<store::Posting> = Vec::new();
    loop {
        let after = all.last().cloned();
        let after = after.as_ref().map(|posting| (&posting.key, posting.number, posting.line));
        let page = store.postings("town", after, 1_000).unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}
