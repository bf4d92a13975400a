//! A town with books in a file, and a store that fails when told to.
#![allow(dead_code, reason = "each test file uses what it needs")]

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
        file("990100-town/n.toml", "[notice]\nid='n'\nkind='notice'\ntitle='某通知'\nissued=2000-01-01\n"),
        file("990100-town/d.toml", "[notice]\nid='d'\nkind='draft'\ntitle='某草案'\nissued=2020-01-01\n"),
    ])
}

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

/// A service over the books in a file, made if they are not there.
pub fn serve(file: &Path) -> Service {
    Service::open(setup(made(&file.display().to_string()))).unwrap()
}

/// Fields of a command.
pub fn fields(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

/// The number of an ID card, with its check digit.
pub fn number(running: u32) -> String {
    let digits = format!("990101{}{:03}", 19_500_101 + (running / 1_000) * 10_000, running % 1_000);
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
