//! Lists of a town: frozen, compared, counted, ranked.

use jiff::civil::date;
use serde_json::json;

use super::tests::{RULES, pay, town};
use super::*;
use crate::testing::Town;
use crate::{Books, Table};

fn member(town: &mut Town, born: &str, running: u16) -> String {
    let person = town.person(born, running);
    town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap();
    pay(town, &person, 2022, "320");
    person
}

fn column<'t>(table: &'t Table, name: &str) -> Vec<&'t serde_json::Value> {
    let at = table.columns.iter().position(|column| column.name == name).unwrap();
    table.rows.iter().map(|row| &row[at]).collect()
}

#[test]
fn a_frozen_list_is_made_again_unchanged() {
    let mut town = town(date(2022, 1, 10));
    let first = member(&mut town, "1980-02-03", 1);
    member(&mut town, "1981-02-03", 2);
    assert_eq!(town.run("snapshot take", json!({ "day": "2022-01-10" })).unwrap_err().code, "future-day");
    town.today = date(2022, 7, 1);
    let taken = town.run("snapshot take", json!({ "day": "2022-06-30" })).unwrap();
    assert_eq!(taken.fields["heads"], 2);
    // What is recorded later, of that very day too, changes the books and not the list.
    town.today = date(2022, 7, 5);
    town.run("person die", json!({ "person": first, "on": "2022-06-20" })).unwrap();
    let again = town.run("snapshot take", json!({ "day": "2022-06-30" })).unwrap();
    assert_eq!((&again.fields["hash"], &again.fields["already"]), (&taken.fields["hash"], &json!(true)));
    let check = town.ask("snapshot check", json!({ "day": "2022-06-30" }));
    assert_eq!((column(&check, "same")[0], column(&check, "again")[0]), (&json!(true), &json!(2)));
    assert_eq!(town.ask("snapshot list", json!({ "day": "2022-06-30" })).rows.len(), 2);
    assert_eq!(town.ask("member list", json!({ "year": 2022, "state": "active" })).rows.len(), 1);
}

#[test]
fn two_regions_find_their_doubles_and_nothing_else() {
    let (mut here, mut there) = (town(date(2022, 1, 10)), town(date(2022, 1, 10)));
    let double = member(&mut here, "1980-02-03", 1);
    member(&mut here, "1981-02-03", 2);
    member(&mut there, "1980-02-03", 1);
    member(&mut there, "1982-02-03", 3);
    for town in [&mut here, &mut there] {
        town.today = date(2022, 7, 1);
        town.run("snapshot take", json!({ "day": "2022-06-30" })).unwrap();
    }
    let list = there.ask("snapshot export", json!({ "day": "2022-06-30", "word": "约定" }));
    let lines: Vec<String> =
        list.rows.iter().map(|row| format!("{},{}", row[0].as_str().unwrap(), row[1].as_str().unwrap())).collect();
    let compare = |word: &str| json!({ "day": "2022-06-30", "region": "990200", "word": word, "list": lines });
    assert_eq!(here.run("snapshot compare", compare("别的")).unwrap().fields["doubles"], 0);
    assert_eq!(here.run("snapshot compare", compare("约定")).unwrap().fields["doubles"], 1);
    let regions = here.ask("member duplicates", json!({ "kind": "regions" }));
    assert_eq!((column(&regions, "person")[0], column(&regions, "here")[0]), (&json!(double), &json!("990101")));
    assert_eq!(column(&regions, "there")[0], "990200（990101）");
    let mut books = Books::new(&mut here.memory);
    let counted = counted(&mut books, date(2022, 6, 30)).unwrap().unwrap();
    assert_eq!((counted["990101"].heads, counted["990101"].elsewhere), (2, 1));
    let broken = json!({ "day": "2022-06-30", "region": "990200", "word": "x", "list": ["990101"] });
    assert_eq!(here.run("snapshot compare", broken).unwrap_err().code, "bad-line");
}

#[test]
fn overlaps_within_and_between_insurances_are_lists_of_their_own() {
    let mut town = town(date(2022, 1, 10));
    let employed = member(&mut town, "1980-02-03", 1);
    let job = json!({ "person": employed, "kind": "employee", "name": "职工医保", "from": "2022-03-01" });
    town.today = date(2022, 3, 5);
    town.run("arrangement record", job).unwrap();
    // One human being under two documents.
    let both = ["110105491231002", "H12345678"].map(|number| {
        let kind = if number.starts_with('H') { "hk-macao-permit" } else { "id-card" };
        let fields = json!({
            "number": number, "document": kind, "name": "某", "born": "1949-12-31", "sex": "female", "area": "990101",
            "year": 2022, "tier": "low", "receipt": number, "amount": "320",
        });
        let fields = if kind == "id-card" {
            json!({ "number": number, "name": "某", "area": "990101", "year": 2022, "tier": "low", "receipt": number,
                "amount": "320" })
        } else {
            fields
        };
        town.run("member join", fields).unwrap().fields["person"].as_str().unwrap().to_owned()
    });
    town.today = date(2022, 7, 1);
    let inside = town.ask("member duplicates", json!({ "kind": "resident-resident", "on": "2022-06-30" }));
    let mut persons: Vec<_> = column(&inside, "person").into_iter().map(|p| p.as_str().unwrap()).collect();
    let mut expected = both.each_ref().map(String::as_str);
    persons.sort_unstable();
    expected.sort_unstable();
    assert_eq!(persons, expected);
    let between = town.ask("member duplicates", json!({ "kind": "resident-employee", "on": "2022-06-30" }));
    assert_eq!(column(&between, "person"), [&json!(employed)]);
    town.run("snapshot take", json!({ "day": "2022-06-30" })).unwrap();
    let count = town.ask("snapshot count", json!({ "day": "2022-06-30" }));
    assert_eq!(column(&count, "excluded")[0], &json!({ "duplicate": 1 }));
}

#[test]
fn nine_hundred_and_ninety_of_a_thousand() {
    let mut town = Town::new(
        &RULES.replace(
            "rows = [{ tier = 'low', amount = 320 }, { tier = 'high', amount = 695 }]",
            "rows = [{ amount = 0 }]",
        ),
        date(2022, 1, 10),
    );
    let people: Vec<String> = (0..1_000).map(|n| town.person("1980-02-03", n)).collect();
    for person in &people[10..] {
        town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap();
    }
    let table = town.ask("member coverage", json!({ "year": 2022 }));
    assert_eq!(table.foot, "应参保 1000 人，已参保 990 人，覆盖率 99.0%");
    let mut missing: Vec<_> = column(&table, "person").into_iter().map(|p| p.as_str().unwrap()).collect();
    let mut expected: Vec<_> = people[..10].iter().map(String::as_str).collect();
    missing.sort_unstable();
    expected.sort_unstable();
    assert_eq!(missing, expected);
}

#[test]
fn towns_are_ranked_by_what_they_reached_of_their_target() {
    let rules = RULES.replace(
        "[[enrolment.window]]",
        "[[contribution.standard]]\nclause='T-8'\nyear=2023\nrows=[{amount=350}]\n[[enrolment.window]]",
    );
    let mut town = Town::new(&rules, date(2022, 1, 10));
    let gone = member(&mut town, "1980-02-03", 1);
    let stays = member(&mut town, "1981-02-03", 2);
    town.today = date(2022, 11, 1);
    town.run("member enrol", json!({ "person": stays, "year": 2023, "tier": "low" })).unwrap();
    pay(&mut town, &stays, 2023, "350");
    let other = json!({
        "number": "11010519491231002X", "name": "某", "area": "990102001", "year": 2023, "tier": "low", "receipt": "x",
        "amount": "350",
    });
    town.run("member join", other).unwrap();
    town.today = date(2023, 1, 5);
    for (area, persons) in [("990101", 2), ("990102", 1)] {
        let target = json!({ "area": area, "year": 2023, "persons": persons, "source": "某文件" });
        town.run("target set", target).unwrap();
    }
    let table = town.ask("member rates", json!({ "year": 2023, "digits": 6 }));
    assert_eq!(column(&table, "rate"), [&json!("50.0%"), &json!("100.0%")]);
    assert_eq!(column(&table, "rank"), [&json!(2), &json!(1)]);
    assert_eq!(column(&table, "more"), [&json!(-1), &json!(1)]);
    let broken = town.ask("member coverage", json!({ "year": 2023, "gap": "broken" }));
    assert_eq!(column(&broken, "person"), [&json!(gone)]);
    let missed = town.ask("member coverage", json!({ "year": 2023, "gap": "missed" }));
    assert!(missed.rows.is_empty());
}
