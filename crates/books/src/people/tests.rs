//! Stories of the register.

use domain::Category;
use jiff::civil::date;
use serde_json::json;

use super::{Dossier, dossier, household, person_key};
use crate::testing::Town;
use crate::{Books, Key};

fn town() -> Town {
    Town::new("", date(2022, 6, 1))
}

/// A person's sheet as it stands.
fn sheet(town: &mut Town, person: &str) -> Dossier {
    let mut books = Books::new(&mut town.memory);
    dossier(&mut books, &person_key(person)).unwrap().clone()
}

fn refused(town: &mut Town, verb: &str, fields: serde_json::Value) -> String {
    town.run(verb, fields).unwrap_err().code
}

#[test]
fn a_birth_certificate_gives_way_to_an_id_card_of_the_same_person() {
    let mut town = town();
    let born = json!({ "number": "P110000001", "document": "birth-certificate", "name": "某", "born": "2022-03-01", "area": "990101" });
    let child = town.run("person register", born).unwrap().fields["person"].as_str().unwrap().to_owned();
    let mother = town.person("1990-05-05", 7);
    let number = (0..=9)
        .map(|check| format!("99010120220301002{check}"))
        .find(|number| super::recognise(number).is_ok())
        .unwrap_or("99010120220301002X".to_owned());
    let card = |person: &str| json!({ "person": person, "number": number });
    let added = town.run("person document", card("P110000001")).unwrap();
    assert_eq!(added.fields["person"], json!(child));
    assert_eq!(refused(&mut town, "person document", card(&mother)), "already-registered");
    let by_card = town.run("person amend", json!({ "person": number, "phone": "010-5555 0100", "reason": "本人来电" }));
    assert_eq!(by_card.unwrap().fields["person"], json!(child));
    let known = sheet(&mut town, &child);
    assert_eq!(known.document().unwrap().kind.0, super::DocumentKind::IdCard);
    assert_eq!(known.sex.unwrap().0, super::Sex::Female);
    let before = town.memory.journal.len();
    assert!(town.run("person document", card(&child)).unwrap().says.contains("未作变更"));
    assert_eq!(town.memory.journal.len(), before);
    let other = json!({ "person": child, "number": "11010519491231002X" });
    assert_eq!(refused(&mut town, "person document", other), "documents-differ");
}

#[test]
fn a_change_needs_a_reason_and_says_something_new() {
    let mut town = town();
    let person = town.person("1980-02-03", 1);
    let amend = |what: serde_json::Value| {
        let mut fields = json!({ "person": person, "reason": "搬家" });
        fields.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        fields
    };
    town.run("person amend", amend(json!({ "area": "990102" }))).unwrap();
    assert!(town.run("person amend", amend(json!({ "area": "990102" }))).unwrap().says.contains("未作变更"));
    assert_eq!(refused(&mut town, "person amend", amend(json!({ "area": "99" }))), "bad-area");
    assert_eq!(refused(&mut town, "person amend", amend(json!({ "reason": " " }))), "no-reason");
    let telling = json!({ "reason": "与 11010519491231002X 混淆" });
    assert_eq!(refused(&mut town, "person amend", amend(telling)), "number-in-text");
    assert_eq!(refused(&mut town, "person amend", amend(json!({ "born": "1981-02-03" }))), "told-by-document");
    assert_eq!(refused(&mut town, "person amend", amend(json!({ "phone": "12ab" }))), "bad-phone");
    assert_eq!(sheet(&mut town, &person).area, "990102");
}

#[test]
fn death_ends_categories_and_its_correction_brings_them_back() {
    let mut town = town();
    let person = town.person("1950-02-03", 1);
    let low = json!({ "person": person, "category": "minimum-allowance", "from": "2021-01-01", "reason": "民政认定" });
    town.run("category assert", low.clone()).unwrap();
    let die = |on: &str| json!({ "person": person, "on": on });
    assert_eq!(refused(&mut town, "person die", die("2022-06-02")), "impossible-date");
    assert_eq!(refused(&mut town, "person die", die("1949-06-02")), "impossible-date");
    town.run("person die", die("2022-05-30")).unwrap();
    assert_eq!(refused(&mut town, "person die", die("2022-05-29")), "already-dead");
    let known = sheet(&mut town, &person);
    assert!(known.categories_on(date(2022, 5, 30)).has(Category::MinimumAllowance));
    assert!(!known.categories_on(date(2022, 5, 31)).has(Category::MinimumAllowance));
    let later = json!({ "person": person, "category": "destitute", "from": "2022-05-31", "reason": "民政认定" });
    assert_eq!(refused(&mut town, "category assert", later), "after-death");
    town.run("person revive", json!({ "person": person, "reason": "同名误登" })).unwrap();
    assert!(sheet(&mut town, &person).categories_on(date(2022, 6, 1)).has(Category::MinimumAllowance));
}

#[test]
fn a_category_is_ended_and_corrected_by_entries() {
    let mut town = town();
    let person = town.person("1950-02-03", 1);
    let with = |what: serde_json::Value| {
        let mut fields = json!({ "person": person, "category": "low-income", "reason": "材料" });
        fields.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        fields
    };
    let assert = with(json!({ "from": "2021-02-01", "end": "2021-01-01" }));
    assert_eq!(refused(&mut town, "category assert", assert), "ends-before-start");
    town.run("category assert", with(json!({ "from": "2021-02-01" }))).unwrap();
    town.run("category end", with(json!({ "on": "2022-01-01" }))).unwrap();
    assert!(town.run("category end", with(json!({ "on": "2022-01-01" }))).unwrap().says.contains("未作变更"));
    assert_eq!(refused(&mut town, "category end", with(json!({ "on": "2022-02-01" }))), "not-held");
    town.run("category correct", with(json!({ "from": "2021-02-01", "new_from": "2021-03-01" }))).unwrap();
    let known = sheet(&mut town, &person);
    let held = |day| known.categories_on(day).has(Category::LowIncome);
    assert!(!held(date(2021, 2, 28)) && held(date(2021, 3, 1)) && held(date(2021, 12, 31)) && !held(date(2022, 1, 1)));
    town.run("category correct", with(json!({ "from": "2021-03-01", "withdraw": true }))).unwrap();
    assert!(!sheet(&mut town, &person).categories_on(date(2021, 6, 1)).has(Category::LowIncome));
    assert_eq!(
        refused(&mut town, "category correct", with(json!({ "from": "2021-03-01", "withdraw": true }))),
        "not-held"
    );
}

#[test]
fn a_loan_is_submitted_then_certified_and_only_then_a_category() {
    let mut town = town();
    let person = town.person("2003-02-03", 1);
    let loan = json!({ "person": person, "school": "某大学", "year": 2021 });
    let certify = json!({ "person": person, "school": "某大学", "year": 2021, "by": "市教委" });
    assert_eq!(refused(&mut town, "loan certify", certify.clone()), "not-submitted");
    assert_eq!(
        refused(&mut town, "loan certify", json!({ "person": person, "by": "市教委" })),
        "incomplete-certificate"
    );
    assert_eq!(
        refused(&mut town, "loan submit", json!({ "person": person, "school": "某大学" })),
        "incomplete-certificate"
    );
    assert_eq!(town.run("loan submit", loan).unwrap().fields["state"], "submitted");
    assert!(!sheet(&mut town, &person).categories_on(date(2021, 9, 1)).has(Category::LoanStudent));
    assert_eq!(town.run("loan certify", certify).unwrap().fields["state"], "certified");
    let known = sheet(&mut town, &person);
    let held = |day| known.categories_on(day).has(Category::LoanStudent);
    assert!(!held(date(2021, 8, 31)) && held(date(2021, 9, 1)) && held(date(2022, 8, 31)) && !held(date(2022, 9, 1)));
    let by_hand = json!({ "person": person, "category": "loan-student", "from": "2022-09-01", "reason": "x" });
    assert_eq!(refused(&mut town, "category assert", by_hand), "certified-only");
}

#[test]
fn a_household_is_who_lives_in_it_on_the_day() {
    let mut town = town();
    let (one, two) = (town.person("1980-02-03", 1), town.person("1981-02-03", 2));
    let join = |person: &str, house: &str, from: &str| json!({ "person": person, "household": house, "from": from });
    town.run("household join", join(&one, "000123", "2010-01-01")).unwrap();
    town.run("household join", join(&two, "000123", "2010-01-01")).unwrap();
    town.run("household join", join(&two, "000456", "2022-01-01")).unwrap();
    assert_eq!(refused(&mut town, "household join", join(&two, "000123", "2021-01-01")), "out-of-order");
    let mut books = Books::new(&mut town.memory);
    let mut together = |day| household::together(&mut books, &person_key(&one), day).unwrap();
    let mut both = vec![person_key(&one), person_key(&two)];
    both.sort();
    assert_eq!(together(date(2021, 12, 31)), both);
    assert_eq!(together(date(2022, 1, 1)), [Key::of(format!("person/{one}"))]);
    assert_eq!(
        refused(&mut town, "household leave", json!({ "person": one, "on": "2010-01-01" })),
        "ends-before-start"
    );
    town.run("household leave", json!({ "person": one, "on": "2022-02-01" })).unwrap();
    assert_eq!(refused(&mut town, "household leave", json!({ "person": one, "on": "2022-03-01" })), "no-household");
}

#[test]
fn another_arrangement_is_kept_with_its_days() {
    let mut town = town();
    let person = town.person("1980-02-03", 1);
    let record = json!({ "person": person, "kind": "employee", "from": "2020-01-01", "wait_until": "2020-06-30" });
    town.run("arrangement record", record.clone()).unwrap();
    assert!(town.run("arrangement record", record).unwrap().says.contains("未作变更"));
    town.run("arrangement end", json!({ "person": person, "on": "2022-04-01", "last_paid": "2022-03-31" })).unwrap();
    let joining = sheet(&mut town, &person).joining(date(2022, 5, 1), date(2022, 5, 1));
    assert_eq!((joining.employee_last_paid, joining.other_scheme), (Some(date(2022, 3, 31)), None));
    assert_eq!(
        refused(&mut town, "arrangement end", json!({ "person": person, "on": "2022-05-01" })),
        "which-arrangement"
    );
}

#[test]
fn a_permit_makes_the_household_one_of_elsewhere() {
    let mut town = town();
    let person = town.person("1980-02-03", 1);
    let permit = |until: &str| json!({ "person": person, "from": "2022-01-01", "valid_until": until });
    assert_eq!(refused(&mut town, "person permit", permit("2021-12-31")), "ends-before-start");
    town.run("person permit", permit("2022-12-31")).unwrap();
    let states = |town: &mut Town, day| sheet(town, &person).record_states(day);
    assert_eq!(states(&mut town, date(2022, 6, 1)), [enrolment::RecordState::ResidencePermit]);
    assert_eq!(states(&mut town, date(2023, 1, 1)), [enrolment::RecordState::PermitExpired]);
    town.run("person permit", permit("2023-12-31")).unwrap();
    assert_eq!(states(&mut town, date(2023, 1, 1)), [enrolment::RecordState::ResidencePermit]);
}

#[test]
fn a_full_record_is_seen_by_right_and_reason_and_the_look_is_kept() {
    let mut town = town();
    let number = "11010519491231002X";
    let fields = json!({ "number": number, "name": "某甲乙", "area": "990101", "phone": "13800000001" });
    town.run("person register", fields).unwrap();
    let shown = town.ask("person show", json!({ "person": number }));
    let text = format!("{:?}", shown.rows);
    assert!(text.contains("某**") && text.contains("1101**********002X") && !text.contains("13800000001"));
    let view = json!({ "person": number, "reason": "复核死亡待遇" });
    assert_eq!(refused(&mut town, "person view", view.clone()), "no-right");
    town.actor = "chief";
    let grant = json!({ "actor": "tester", "right": "read-identity", "until": "2022-06-30", "reason": "岗位需要" });
    town.run("right grant", grant).unwrap();
    town.actor = "tester";
    assert_eq!(refused(&mut town, "person view", json!({ "person": number, "reason": "" })), "no-reason");
    let seen = town.run("person view", view.clone()).unwrap();
    let text = serde_json::to_string(&seen.shown).unwrap();
    assert!(text.contains(number) && text.contains("某甲乙") && text.contains("13800000001"));
    assert!(!serde_json::to_string(&seen).unwrap().contains(number), "what is kept of the answer has no number");
    let log = town.ask("access log", json!({ "person": number }));
    assert_eq!((log.rows.len(), &log.rows[0][1], &log.rows[0][3]), (1, &json!("tester"), &json!("复核死亡待遇")));
    town.today = date(2022, 7, 1);
    assert_eq!(refused(&mut town, "person view", view.clone()), "no-right");
    town.today = date(2022, 6, 15);
    town.run("right withdraw", json!({ "actor": "tester", "right": "read-identity" })).unwrap();
    assert_eq!(refused(&mut town, "person view", view), "no-right");
}

#[test]
fn a_provider_in_a_visit_and_the_person_read_without_a_right_and_leave_a_trace() {
    let mut town = town();
    let number = "11010519491231002X";
    let person = town.run("person register", json!({ "number": number, "name": "某甲乙", "area": "990101" })).unwrap();
    let person = person.fields["person"].as_str().unwrap().to_owned();
    let visit = |provider: &str| json!({ "person": number, "ground": "visit", "provider": provider, "reason": "门诊登记", "through": "1101" });
    assert_eq!(refused(&mut town, "person read", visit("H99010100001")), "unknown-provider");
    let hospital = json!({ "provider": "H99010100001", "name": "某医院", "area": "990101", "level": "2", "care": ["outpatient"], "from": "2020-01-01", "until": "2022-12-31" });
    town.run("provider register", hospital).unwrap();
    for fields in [
        json!({ "person": number, "ground": "right", "reason": "x" }),
        json!({ "person": number, "ground": "visit", "reason": "x" }),
    ] {
        assert_eq!(refused(&mut town, "person read", fields), "no-ground");
    }
    let own = json!({ "person": number, "ground": "own", "reason": "查询本人参保" });
    assert_eq!(refused(&mut town, "person read", own.clone()), "not-own");
    let seen = town.run("person read", visit("H99010100001")).unwrap();
    assert_eq!(
        (&seen.shown["record"]["name"], &seen.shown["insurance"]["code"]),
        (&json!("某甲乙"), &json!("not-enrolled"))
    );
    assert!(!serde_json::to_string(&seen).unwrap().contains(number), "what is kept of the answer has no number");
    town.run("person read", visit("H99010100001")).unwrap();
    town.actor = person.clone().leak();
    town.run("person read", own).unwrap();
    let log = |town: &mut Town, fields| {
        let grounds = town.ask("access log", fields).rows.into_iter().map(|row| row[4].clone());
        grounds.collect::<Vec<_>>()
    };
    assert_eq!(log(&mut town, json!({ "person": number })), [json!("visit"), json!("visit"), json!("own")]);
    assert_eq!(log(&mut town, json!({ "who": "tester" })), [json!("visit"), json!("visit")]);
    assert_eq!(log(&mut town, json!({ "who": "test" })), Vec::<serde_json::Value>::new());
    assert_eq!(log(&mut town, json!({})).len(), 3);
    let sheet = town.memory.texts().filter(|text| text.contains("\"count\":3")).collect::<Vec<_>>();
    assert!(
        sheet.len() == 1 && sheet[0].matches("reason").count() == 1,
        "the sheet counts, the journal tells: {sheet:?}"
    );
    town.today = date(2023, 1, 1);
    town.actor = "tester";
    assert_eq!(refused(&mut town, "person read", visit("H99010100001")), "not-designated");
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}

#[test]
fn lists_are_masked_filtered_and_searched() {
    let mut town = town();
    let (one, two) = (town.person("1980-02-03", 1), town.person("1981-02-03", 3));
    town.run("person die", json!({ "person": two, "on": "2022-01-01" })).unwrap();
    let low = json!({ "person": one, "category": "low-income", "from": "2022-01-01", "reason": "x" });
    town.run("category assert", low).unwrap();
    let count = |town: &mut Town, verb: &str, fields| town.ask(verb, fields).rows.len();
    assert_eq!(count(&mut town, "person list", json!({})), 1);
    assert_eq!(count(&mut town, "person list", json!({ "dead": true })), 1);
    assert_eq!(count(&mut town, "person list", json!({ "category": "low-income" })), 1);
    assert_eq!(count(&mut town, "person list", json!({ "category": "low-income", "on": "2021-12-31" })), 0);
    assert_eq!(count(&mut town, "person list", json!({ "area": "12" })), 0);
    assert_eq!(count(&mut town, "person find", json!({ "text": "某" })), 2);
    assert_eq!(count(&mut town, "person find", json!({ "text": one })), 1);
    assert_eq!(count(&mut town, "person find", json!({ "text": "某", "area": "12" })), 0);
    assert_eq!(count(&mut town, "person find", json!({ "text": "某", "area": "99" })), 2);
    // Who is of another area and who is not there are told alike.
    for text in [one.as_str(), "0000000000000000"] {
        assert_eq!(town.refused("person find", json!({ "text": text, "area": "12" })).code, "unknown-person");
    }
}

#[test]
fn persons_who_may_be_one_are_listed_and_left_as_they_are() {
    let mut town = town();
    let fields = |number: &str| json!({ "number": number, "document": "passport", "name": "某甲", "sex": "male", "born": "1980-02-03", "area": "990101" });
    for number in ["E1234567", "G1234567"] {
        town.run("person register", fields(number)).unwrap();
    }
    town.run("person register", json!({ "born": "1980-02-04", "number": "E7654321", "document": "passport", "name": "某甲", "sex": "male", "area": "990101" })).unwrap();
    let alike = town.ask("person duplicates", json!({}));
    assert_eq!(alike.rows.len(), 2);
    assert!(alike.foot.starts_with("1 组"));
}

#[test]
fn the_quality_of_the_register_is_a_share_by_county() {
    let mut town = town();
    let (one, two) = (town.person("1980-02-03", 1), town.person("1981-02-03", 3));
    town.run("person amend", json!({ "person": one, "phone": "13800000001", "reason": "x" })).unwrap();
    let quality = town.ask("person quality", json!({}));
    assert_eq!(quality.rows, [[json!("990101"), json!(2), json!(2), json!(2), json!(1), json!(1), json!("50.00%")]]);
    let gaps = town.ask("person gaps", json!({}));
    assert_eq!((gaps.rows.len(), &gaps.rows[0][0], &gaps.rows[0][4]), (1, &json!(two), &json!("联系电话")));
    assert_eq!(town.ask("person quality", json!({ "year": 2022 })).foot, "0 人，三项齐全 0 人，完整率 无");
    let card = json!({ "person": one, "number": "E1234567", "document": "passport", "valid_until": "2022-05-31" });
    town.run("person document", card).unwrap();
    assert_eq!(town.ask("person gaps", json!({})).rows.len(), 1, "one valid document is enough");
}

#[test]
fn what_no_rule_asks_about_is_kept_sealed_and_shown_in_clear_by_right_alone() {
    let mut town = town();
    let card = json!({ "number": "11010519491231002X", "name": "某甲", "area": "990101", "ethnicity": "03", "employer": "某某纺织厂" });
    let with = |name: &str, value: &str| {
        let mut fields = card.clone();
        fields[name] = json!(value);
        fields
    };
    assert_eq!(refused(&mut town, "person register", with("ethnicity", "回")), "bad-ethnicity");
    assert_eq!(refused(&mut town, "person register", with("employer", &"厂".repeat(201))), "bad-employer");
    let person = town.run("person register", card).unwrap().fields["person"].as_str().unwrap().to_owned();
    let shown = |town: &mut Town, item: &str| {
        let rows = town.ask("person show", json!({ "person": person })).rows;
        rows.into_iter().find(|row| row[0] == item).map(|row| row[1].clone())
    };
    assert_eq!(shown(&mut town, "民族代码"), Some(json!("**")));
    assert_eq!(shown(&mut town, "工作单位"), Some(json!("某****")));
    assert!(town.memory.journal.iter().all(|entry| !format!("{entry:?}").contains("纺织")), "nothing in clear");
    let own = json!({ "person": person, "ground": "visit", "provider": "H99000000001", "reason": "就诊服务" });
    assert_eq!(refused(&mut town, "person read", own), "unknown-provider");
    town.run("person amend", json!({ "person": person, "employer": "某某印染厂", "reason": "本人来电" })).unwrap();
    let known = sheet(&mut town, &person);
    let employer = known.employer.map(|sealed| town.vault.open("employer", &sealed).unwrap());
    assert_eq!(employer.as_deref(), Some("某某印染厂"));
    assert_eq!(town.vault.open("ethnicity", &known.ethnicity.unwrap()).unwrap(), "03", "what is not given stays");
}
