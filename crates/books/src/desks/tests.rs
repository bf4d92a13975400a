//! Operators sign in and out.

use jiff::civil::date;
use serde_json::{Value, json};

use super::signed_in;
use crate::testing::Town;
use crate::{Books, Stop};

fn town() -> Town {
    let mut town = Town::new("", date(2022, 3, 1));
    let hospital = json!({ "provider": "H1", "name": "某医院", "area": "990101", "level": "2", "care": ["outpatient"], "from": "2020-01-01" });
    town.run("provider register", hospital).unwrap();
    town
}

fn stands(town: &mut Town, operator: &str, number: &Value) -> bool {
    let day = town.today;
    let number = number.as_str().unwrap();
    match signed_in(&mut Books::new(&mut town.memory), "h1", Some(operator), number, day) {
        Ok(sign) => sign.operator == operator,
        Err(Stop::Refused(refusal)) if refusal.code == "not-signed-in" => false,
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_number_stands_for_its_operator_until_the_day_ends_or_he_signs_out() {
    let mut town = town();
    let sign = |operator: &str, terminal: &str| json!({ "provider": "h1", "operator": operator, "terminal": terminal });
    let first = town.run("desk sign-in", sign("01", "a")).unwrap().fields["number"].clone();
    let other = town.run("desk sign-in", sign("02", "a")).unwrap().fields["number"].clone();
    assert!(stands(&mut town, "01", &first) && !stands(&mut town, "02", &first) && stands(&mut town, "02", &other));
    let again = town.run("desk sign-in", sign("01", "a")).unwrap().fields["number"].clone();
    assert!(again != first && !stands(&mut town, "01", &first) && stands(&mut town, "01", &again));
    town.run("desk sign-out", json!({ "provider": "H1", "number": other })).unwrap();
    assert!(!stands(&mut town, "02", &other));
    assert_eq!(
        town.run("desk sign-out", json!({ "provider": "H1", "number": other })).unwrap_err().code,
        "not-signed-in"
    );
    assert_eq!(town.ask("desk list", json!({ "provider": "H1" })).rows.len(), 1);
    town.today = date(2022, 3, 2);
    assert!(!stands(&mut town, "01", &again));
    town.run("desk sign-in", sign("03", "b")).unwrap();
    let sheets: Vec<_> = town.memory.texts().filter(|text| text.starts_with("{\"open\"")).collect();
    assert!(sheets.len() == 1 && sheets[0].matches("operator").count() == 1, "what is over is forgotten: {sheets:?}");
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}

#[test]
fn nobody_signs_in_at_an_unknown_provider_or_in_the_past() {
    let mut town = town();
    let mut code = |fields: Value| town.run("desk sign-in", fields).unwrap_err().code;
    assert_eq!(code(json!({ "provider": "H9", "operator": "01" })), "unknown-provider");
    assert_eq!(code(json!({ "provider": "H1", "operator": " " })), "bad-field");
    assert_eq!(code(json!({ "provider": "H1", "operator": "01", "until": "2022-02-28" })), "impossible-date");
}
