//! Matters, told in a few lines each.

use jiff::civil::date;
use serde_json::json;

use crate::testing::Town;

const LIST: &str = "
    [[matters.list]]\nclause='T-1'
    [[matter.claim]]\nclause='T-2'\nname='报销'\napplicant='person'\ndays=3\nworking=true\npayer='basic'\npayee='person'
    points=['agency','bank']
    flow=[{step='accepted',name='受理'},{step='approved',name='核定',after='accepted',money='owes'},
        {step='paid',name='支付',after='approved',money='pays',ends=true},
        {step='refused',name='不予',after='accepted',reason=true,ends=true}]
    [[matter.note]]\nclause='T-3'\nname='告知'\napplicant='any'\nflow=[{step='open',name='收到'},{step='shut',name='办结',after='open',ends=true}]
    [[matter.alarm]]\nclause='T-4'\nuntil=2022-12-31\nname='告警'\napplicant='none'\nflow=[{step='open',name='收到'},{step='shut',name='办结',after='open',ends=true}]
";

fn town() -> (Town, String) {
    // A Thursday.
    let mut town = Town::new(LIST, date(2022, 3, 3));
    let person = town.person("1980-02-03", 1);
    (town, person)
}

#[test]
fn a_claim_owes_and_pays_once_and_its_lines_balance() {
    let (mut town, person) = town();
    let opened = town.run("matter open", json!({ "item": "claim", "person": person, "at": "990101" })).unwrap();
    assert_eq!(opened.fields["due"], "2022-03-08", "three weekdays from a Thursday");
    let matter = opened.fields["matter"].clone();
    let step = |to: &str, amount: Option<&str>| json!({ "matter": matter, "to": to, "at": "990101", "amount": amount });
    assert_eq!(town.run("matter step", step("paid", None)).unwrap_err().code, "wrong-step");
    assert_eq!(town.run("matter step", step("approved", None)).unwrap_err().code, "missing-amount");
    town.run("matter step", step("approved", Some("80.50"))).unwrap();
    assert_eq!((town.balance("expense/basic"), town.balance("payable/person")), ("80.50".into(), "-80.50".into()));
    assert_eq!(town.run("matter step", step("paid", Some("80"))).unwrap_err().code, "wrong-amount");
    town.run("matter step", step("paid", None)).unwrap();
    assert_eq!((town.balance("bank/treasury"), town.balance("payable/person")), ("-80.50".into(), "0.00".into()));
    assert_eq!(town.run("matter step", step("paid", None)).unwrap_err().code, "wrong-step");
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}

#[test]
fn strict_books_show_no_due_date_that_rests_on_too_little() {
    let (mut town, person) = town();
    town.rules.strict = true;
    let open = json!({ "item": "claim", "person": person, "at": "990101" });
    assert!(town.run("matter open", open).unwrap().fields.contains_key("due"), "the notice states the days");
    let mut town = Town::supplemented(LIST, date(2022, 3, 3));
    let person = town.person("1980-02-03", 1);
    town.rules.strict = true;
    let open = json!({ "item": "claim", "person": person, "at": "990101" });
    assert!(!town.run("matter open", open).unwrap().fields.contains_key("due"));
}

#[test]
fn a_matter_that_a_later_list_no_longer_has_is_found_off_the_list() {
    let (mut town, _) = town();
    town.run("matter open", json!({ "item": "alarm", "at": "990101" })).unwrap();
    assert_eq!(town.ask("matter off-list", json!({})).rows.len(), 0);
    town.today = date(2023, 1, 1);
    assert_eq!(town.run("matter open", json!({ "item": "alarm", "at": "990101" })).unwrap_err().code, "off-list");
    // The list is put right later: the item was never on it.
    town.rules = Town::new(&LIST.replace("[matter.alarm]", "[matter.other]"), town.today).rules;
    let off = town.ask("matter off-list", json!({}));
    assert_eq!((off.rows.len(), &off.rows[0][1]), (1, &json!("alarm")));
}

#[test]
fn what_is_under_way_goes_by_the_list_of_the_day_it_was_opened() {
    let (mut town, _) = town();
    let opened = town.run("matter open", json!({ "item": "alarm", "at": "990101" })).unwrap();
    town.today = date(2023, 2, 1);
    let step = json!({ "matter": opened.fields["matter"], "to": "shut", "at": "990101" });
    assert_eq!(town.run("matter step", step).unwrap().fields["state"], "shut");
}

#[test]
fn each_matter_has_a_number_of_its_own_that_its_request_gives() {
    let (mut town, person) = town();
    let open = json!({ "item": "note", "person": person, "at": "990101" });
    let first = town.run("matter open", open.clone()).unwrap().fields["matter"].clone();
    let second = town.run("matter open", open).unwrap().fields["matter"].clone();
    assert_ne!(first, second);
    assert!(first.as_str().unwrap().starts_with("99010020220303") && first.as_str().unwrap().len() == 20);
}

#[test]
fn a_number_of_a_document_has_no_place_among_facts() {
    let (mut town, _) = town();
    let open = |fact: &str| json!({ "item": "note", "at": "990101", "fact": [fact] });
    let refused = town.run("matter open", open("who=11010519491231002X")).unwrap_err();
    assert_eq!((refused.code.as_str(), refused.message.contains("1231")), ("personal-data", false));
    assert_eq!(town.run("matter open", open("nothing")).unwrap_err().code, "bad-fact");
    assert_eq!(town.run("matter open", open("who=")).unwrap_err().code, "bad-fact");
}

#[test]
fn an_office_is_the_same_however_long_its_code_is_written() {
    let (mut town, person) = town();
    let open = json!({ "item": "claim", "person": person, "at": "990102001" });
    let opened = town.run("matter open", open).unwrap();
    assert_eq!((&opened.fields["taken"], &opened.fields["decides"]), (&json!("990102"), &json!("990101")));
    let step = |at: &str| json!({ "matter": opened.fields["matter"], "to": "refused", "at": at, "reason": "x" });
    assert_eq!(town.run("matter step", step("990102")).unwrap_err().code, "not-the-office");
    assert_eq!(town.run("matter step", step("990101003")).unwrap().fields["state"], "refused");
    let nowhere = json!({ "item": "note", "at": "99" });
    assert_eq!(town.run("matter open", nowhere).unwrap_err().code, "bad-area");
}

#[test]
fn a_right_ends_and_is_not_given_to_oneself() {
    let (mut town, _) = town();
    let grant = |actor: &str| json!({ "actor": actor, "right": "read-reporter", "until": "2022-03-31", "reason": "x" });
    assert_eq!(town.run("right grant", grant("tester")).unwrap_err().code, "own-right");
    town.run("right grant", grant("other")).unwrap();
    assert_eq!(town.ask("right list", json!({})).rows.len(), 1);
    town.run("right withdraw", json!({ "actor": "other", "right": "read-reporter" })).unwrap();
    assert_eq!(town.ask("right list", json!({})).rows.len(), 0);
    let again = town.run("right withdraw", json!({ "actor": "other", "right": "read-reporter" })).unwrap();
    assert!(again.says.contains("没有这项权限"));
}

#[test]
fn a_share_is_rounded_half_up_to_one_decimal() {
    let percent = super::credentials::percent;
    assert_eq!(
        [percent(800, 1_000), percent(2, 3), percent(1, 3), percent(1, 2_000)],
        ["80.0%", "66.7%", "33.3%", "0.1%"]
    );
    assert_eq!((percent(0, 7), percent(7, 7), percent(0, 0)), ("0.0%".into(), "100.0%".into(), String::new()));
}
