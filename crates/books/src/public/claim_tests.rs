//! A claim by a frozen list that has persons twice: the clause says who is left out, and nobody else is.

use std::collections::BTreeMap;

use jiff::civil::date;
use serde_json::{Value, json};

use crate::members::{self, Counted};
use crate::testing::Town;
use crate::{Books, Refusal};

const RULES: &str = "
    [[subsidy.standard]]
    clause = 'T-1'
    year = 2022
    amount = 610
    [[subsidy.split]]
    clause = 'T-2'
    year = 2022
    rows = [{ central = 366, province = '146.40', local = '97.60' }]
    [[contribution.standard]]
    clause = 'T-4'
    year = 2022
    rows = [{ tier = 'low', amount = 320 }]
    [[enrolment.window]]
    clause = 'T-5'
    year = 2022
    opens = 2021-10-01
    closes = 2022-02-28
    [[enrolment.exempt.in-window]]
    clause = 'T-6'
    kind = 'in-window'
    benefits_from = 'payment'
";

/// The rule on who is enrolled twice in the province: so many entries of the person stay.
fn twice(stay: i64) -> String {
    format!("{RULES}[[subsidy.count.twice]]\nclause = 'T-7'\nreason = 'duplicate'\ncounts = {stay}\n")
}

fn member(town: &mut Town, number: &str, name: &str, area: &str) {
    let fields = json!({ "number": number, "name": name, "area": area });
    let person = town.run("person register", fields).unwrap().fields["person"].clone();
    town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap();
    let paid = json!({ "person": person, "year": 2022, "amount": "320", "channel": "mobile", "receipt": number });
    town.run("dues receive", paid).unwrap();
}

/// A number of an ID card with its check digit.
fn number(area: &str, running: u16) -> String {
    let digits = format!("{area}19800203{running:03}");
    let numbers = ('0'..='9').chain(['X']).map(|check| format!("{digits}{check}"));
    numbers.into_iter().find(|number| crate::people::recognise(number).is_ok()).unwrap()
}

/// Where somebody is enrolled, the number in the district, and the name.
type Entered = (&'static str, u16, &'static str);

/// Two persons in one district, of whom one is enrolled in another district too.
const OVER_AREAS: &[Entered] = &[("990101", 1, "某甲"), ("990101", 3, "某乙"), ("990102", 1, "某甲")];

fn town(rules: &str, people: &[Entered]) -> Town {
    let mut town = Town::new(rules, date(2022, 2, 10));
    for area in ["990101", "990102"] {
        town.run("area open", json!({ "area": area, "name": area })).unwrap();
    }
    for (area, running, name) in people {
        member(&mut town, &number(area, *running), name, area);
    }
    town.today = date(2022, 3, 1);
    town.run("snapshot take", json!({ "day": "2022-02-28" })).unwrap();
    town
}

fn claim(town: &mut Town, area: &str) -> Result<Value, Refusal> {
    let fields = json!({ "year": 2022, "area": area, "snapshot": "2022-02-28" });
    town.run("subsidy claim", fields).map(|answer| answer.fields["counted"].clone())
}

#[test]
fn who_is_enrolled_twice_in_the_province_is_left_out_by_the_clause_alone() {
    let mut both_out = town(&twice(0), OVER_AREAS);
    assert_eq!((claim(&mut both_out, "990101"), claim(&mut both_out, "990102")), (Ok(json!(1)), Ok(json!(0))));
    // One entry stays, and nobody says whose: no area claims until they agree.
    let undecided = claim(&mut town(&twice(1), OVER_AREAS), "990101").unwrap_err();
    assert_eq!((undecided.code.as_str(), undecided.clauses), ("elsewhere-undecided", vec!["T-7".to_owned()]));
    // No clause, no figure.
    assert_eq!(claim(&mut town(RULES, OVER_AREAS), "990101").unwrap_err().code, "subsidy.count.duplicate");
}

/// A town, and how many of its people are on the list of another region that has all of them.
fn compared(people: &[Entered], region: &str) -> (Town, BTreeMap<String, Counted>) {
    let (mut here, mut there) = (town(&twice(0), people), town(&twice(0), people));
    let list = there.ask("snapshot export", json!({ "day": "2022-02-28", "word": "约定" }));
    let lines: Vec<String> =
        list.rows.iter().map(|row| format!("{},{}", row[0].as_str().unwrap(), row[1].as_str().unwrap())).collect();
    let compare = json!({ "day": "2022-02-28", "region": region, "word": "约定", "list": lines });
    assert_eq!(here.run("snapshot compare", compare).unwrap().fields["doubles"], people.len());
    let counted = members::counted(&mut Books::new(&mut here.memory), date(2022, 2, 28)).unwrap().unwrap();
    (here, counted)
}

#[test]
fn who_is_enrolled_in_another_province_too_is_not_left_out() {
    let (mut here, counted) = compared(OVER_AREAS, "880100");
    assert_eq!((counted["990101"].elsewhere, counted["990101"].outside), (1, 2));
    assert_eq!(claim(&mut here, "990101"), Ok(json!(1)));
}

#[test]
fn who_is_twice_here_and_in_another_region_of_the_province_is_left_out_once() {
    let (mut here, counted) = compared(OVER_AREAS, "990200");
    assert_eq!([counted["990101"].elsewhere, counted["990102"].elsewhere], [2, 1]);
    assert_eq!((claim(&mut here, "990101"), claim(&mut here, "990102")), (Ok(json!(0)), Ok(json!(0))));
    // The same within one area: two entries of one human being, each found there too.
    let (mut here, counted) =
        compared(&[("990101", 1, "某甲"), ("990101", 3, "某乙"), ("990101", 5, "某甲")], "990200");
    let first = &counted["990101"];
    assert_eq!((first.heads, first.excluded["duplicate"], first.elsewhere), (3, 1, 1));
    assert_eq!(claim(&mut here, "990101"), Ok(json!(0)));
}
