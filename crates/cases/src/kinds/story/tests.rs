//! How stories behave, on the register of people.

use crate::tests::{deck, wrong};

const FIRST: &str = "{ on=2022-03-01, run='person register', with={ number='11010519491231002X', name='某甲', area='500101' }, as='first', expect={ says='已登记' } }";

fn story(steps: &[&str]) -> String {
    format!("[[case]]\nname='登记'\nclauses=['T-1']\nkind='story'\ndo=[\n{}\n]\n", steps.join(",\n"))
}

fn told(steps: &[&str]) -> String {
    wrong(&story(steps))
}

#[test]
fn steps_run_in_order_over_the_same_books() {
    let steps = [
        FIRST,
        "{ ask='person list', expect_rows=1, expect={ '0.person'='$first.person', '0.born'=1949-12-31, 'person=${first.person}.area'=500101, len=1, foot='1 人' }, hides=['某甲', '11010519491231002X'] }",
        "{ on=2022-03-02, at='09:30', run='person register', with={ number='110105491231002', name='某甲', area='500101' }, refused='already-registered', expect={ says='已在登记册上' } }",
        "{ ask='person list', with={ area='6' }, expect_rows=0, absent=['0'] }",
    ];
    assert_eq!(told(&steps), "");
}

#[test]
fn a_failure_says_the_step_what_was_given_and_expected() {
    let failing = told(&[FIRST, "{ ask='person list', expect_rows=2, expect={ '0.area'='1', '0.none'='x' } }"]);
    assert!(failing.contains("第 2 步 2022-03-01 person list（500000-town/cases/a.toml:7"), "{failing}");
    assert!(failing.contains("应有 2 行，实际 1 行"), "{failing}");
    assert!(failing.contains("0.area：应为 1，实际 500101"), "{failing}");
    assert!(failing.contains("0.none：应为 x，答复没有这一项"), "{failing}");
    assert!(told(&[&FIRST.replace("'11010519491231002X'", "'110105194912310021'")]).contains("wrong-check-digit"));
    let late = FIRST.replace("expect={ says='已登记' }", "refused='already-registered'");
    assert!(told(&[&late]).contains("应因 already-registered 被拒绝，实际没有被拒绝"));
    assert!(told(&[FIRST, "{ ask='person list', hides=['$first.person'] }"]).contains("答复里不应有"));
    assert!(told(&[FIRST, "{ ask='person list', with={ area='$first.nothing' }, expect_rows=0 }"]).contains("没有值"));
}

#[test]
fn the_same_key_and_input_are_the_same_request() {
    let keyed = FIRST.replace("as='first'", "key='k1', as='first'");
    let again = keyed.replace("as='first'", "as='again'");
    let other = keyed.replace("某甲", "某乙").replace("expect={ says='已登记' }", "refused='key-conflict'");
    assert_eq!(told(&[&keyed, &again, &other, "{ ask='person list', expect_rows=1 }"]), "");
    let unkeyed = FIRST.replace("as='first', expect={ says='已登记' }", "refused='already-registered'");
    assert_eq!(told(&[FIRST, &unkeyed]), "");
}

#[test]
fn what_is_not_understood_is_a_finding_with_place_and_cure() {
    let codes = |steps: &[&str]| {
        let deck = deck(&story(steps));
        assert!(!deck.passed());
        deck.findings.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(&["{ on=2022-03-01, run='person registr', expect={ says='x' } }"]), ["unknown-word"]);
    assert_eq!(codes(&[&FIRST.replace("name=", "nam=")]), ["unknown-key"]);
    assert_eq!(codes(&[&FIRST.replace("run=", "rum=")]), ["unknown-key", "missing-key"]);
    assert_eq!(codes(&[&FIRST.replace("on=2022-03-01, ", "")]), ["missing-key"]);
    assert_eq!(codes(&[FIRST, &FIRST.replace("2022-03-01", "2022-02-01")]), ["wrong-order"]);
    assert_eq!(codes(&[&FIRST.replace("'500101'", "'$nobody.area'")]), ["dangling"]);
    assert_eq!(codes(&[&FIRST.replace("'500101'", "1.5")]), ["float"]);
    assert_eq!(codes(&[&FIRST.replace("as=", "expect_rows=1, as=")]), ["wrong-key"]);
    assert_eq!(codes(&[&FIRST.replace(", expect={ says='已登记' }", "")]), ["compares-nothing"]);
}

#[test]
fn a_number_kept_in_clear_fails_the_story() {
    let step = "{ on=2022-03-01, run='point authorise', with={ code='TOWN-1', name='11010519491231002X', kind='town', agency='500101' }, expect={ agency='500101' } }";
    let told = told(&[step]);
    assert!(told.contains("证件号码 1101**********002X 明文留在账里"), "{told}");
}
