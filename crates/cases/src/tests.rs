//! How the deck itself behaves, on a town of one notice.

use policy::{Library, SourceFile};

use crate::{Deck, Outcome, State, coverage, run, summary};

const NOTICE: &str = "
    [notice]
    id = 'n'
    kind = 'notice'
    title = '某通知'
    issued = 2020-01-01
    [[contribution.standard]]
    clause = 'T-1'
    year = 2022
    rows = [{ tier = 'low', amount = 320 }, { tier = 'high', amount = 695 }]
    [[check.floor]]
    clause = 'T-2'
    kind = 'at-least'
    what = 'contribution.standard'
    amount = 300
    year = 2022
    [[stage.inpatient.shape]]
    clause = 'T-3'
    name = '住院'
    payer = 'basic'
    layer = 'basic'
    order = 10
    covers = { scheme = 'resident', care = 'inpatient' }
    base = 'in-scope'
    measure = 'visit'
    [[stage.inpatient.deductible]]
    clause = 'T-3'
    per = 'visit'
    rows = [{ amount = 800 }]
    [[stage.inpatient.bands]]
    clause = 'T-3'
    rows = [{ tier = 'low', ratio = '60%' }, { tier = 'high', ratio = '70%' }]
    [[stage.inpatient.cap]]
    clause = 'T-3'
    per = 'year'
    rows = [{ amount = 5000 }]
";

fn library(cases: &str) -> Library {
    let file = |path: &str, text: &str| SourceFile { path: path.into(), shown: path.into(), text: text.into() };
    let region = "[region]\ncode='500000'\nslug='town'\nname='某市'\n[[tier]]\nid='low'\nname='低'\n[[tier]]\nid='high'\nname='高'\n";
    let row = |id: u8, kind: &str, capability: &str, done: &str| {
        format!("T-{id}\t一\tx\t{kind}\t{capability}\t-\t-\t缺数\t{done}\n")
    };
    let rows = [
        row(1, "parameter", "contribution", "-"),
        row(2, "rule", "contribution", "-"),
        row(3, "rule", "benefit-basic", "-"),
        row(4, "exhortation", "benefit-basic", "none by itself"),
        row(5, "rule", "supervision", "-"),
        row(6, "rule", "settlement", "-"),
    ];
    let register =
        format!("id\twhere\twhat\tkind\tcapability\tnumbers\teffective\tneeds\tdone-when\n{}", rows.concat());
    let files = [
        file("500000-town/region.toml", region),
        file("500000-town/n.toml", NOTICE),
        file("500000-town/cases/a.toml", cases),
        file("clauses.tsv", &register),
    ];
    let library = Library::read(files);
    assert_eq!(library.findings, vec![]);
    library
}

pub(crate) fn deck(cases: &str) -> Deck {
    run(&library(cases))
}

/// What is wrong with one case, in one text; empty if it passed.
pub(crate) fn wrong(case: &str) -> String {
    let deck = deck(case);
    assert_eq!(deck.cases.len(), 1);
    match &deck.cases[0].outcome {
        Outcome::Passed => String::new(),
        Outcome::Failed(why) => why.join("\n"),
    }
}

const DUE: &str = "[[case]]\nname='低档'\nclauses=['T-1']\nkind='due'\nyear=2022\nperson={ scheme='resident', tier='low', group='adult' }\n";

#[test]
fn only_what_is_named_is_compared() {
    assert_eq!(wrong(&format!("{DUE}expect={{ total=320 }}")), "");
    assert_eq!(wrong(&format!("{DUE}expect={{ total='320.00', personal=320, tier='low' }}")), "");
}

#[test]
fn a_failure_says_expected_and_got_and_the_steps() {
    let told = wrong(&format!("{DUE}expect={{ total=321 }}"));
    assert!(told.starts_with("total：应为 321，实际 320.00"), "{told}");
    assert!(told.contains("低缴费标准 320.00 元（T-1）"), "{told}");
}

#[test]
fn a_refusal_is_expected_by_its_key_or_fails_the_case() {
    let next = DUE.replace("2022", "2023");
    assert_eq!(wrong(&format!("{next}expect={{ refused='contribution.standard' }}")), "");
    assert!(wrong(&format!("{next}expect={{ total=320 }}")).starts_with("被拒绝：contribution.standard"));
    assert!(wrong(&format!("{DUE}expect={{ refused='contribution.standard' }}")).contains("没有被拒绝"));
}

#[test]
fn a_case_that_compares_nothing_is_wrong() {
    assert!(wrong(DUE).contains("compares-nothing"));
    assert!(wrong(&format!("{DUE}expect={{ }}")).contains("compares-nothing"));
    // What is expected and does not come out is wrong too: no day is asked about here.
    let cover = DUE.replace("'due'", "'cover'");
    assert!(wrong(&format!("{cover}expect={{ covered=true }}")).contains("covered：没有可比的结果"));
}

#[test]
fn what_is_not_understood_is_a_finding_with_its_place() {
    let deck = deck(&format!("{DUE}expects=1\nexpect={{ totals=320 }}"));
    let codes: Vec<(&str, usize)> = deck.findings.iter().map(|finding| (finding.code, finding.place.line)).collect();
    assert_eq!(codes, [("unknown-key", 7), ("unknown-key", 8)], "{:?}", deck.findings);
    assert!(!deck.passed());
    assert!(wrong(&format!("{}expect={{ total=320 }}", DUE.replace("T-1", "T-99"))).contains("unknown-clause"));
    assert!(wrong(&format!("{}expect={{ total=320 }}", DUE.replace("'adult'", "'grownup'"))).contains("unknown-word"));
}

const BILLS: &str =
    "[[case]]\nname='住院'\nclauses=['T-3']\nperson={ scheme='resident', tier='low', group='adult', age=40 }\n";

#[test]
fn bills_run_in_order_and_totals_follow_reversals() {
    let bills = "bills=[
        { id='a', date=2022-02-01, care='inpatient', level='2', a=8800, expect={ basic=4800, person=4000, 'stage.inpatient'=4800 } },
        { id='b', date=2022-03-01, care='inpatient', level='2', a=8800, c=100, expect={ basic=200, stage.inpatient=200 } },
        { id='c', date=2022-04-01, reverses='a', expect={ basic='-4800' } },
    ]\nexpect={ basic=4800, person=4100 }\n";
    assert_eq!(wrong(&format!("{BILLS}{bills}")), "");
    let told = wrong(&format!("{BILLS}{}", bills.replace("basic=200", "basic=201")));
    assert!(told.starts_with("b：basic：应为 201，实际 200.00") && told.contains("限额"), "{told}");
}

#[test]
fn test_figures_win_over_everything() {
    let bill = "bills=[{ id='a', date=2022-02-01, care='inpatient', level='2', a=1000, expect={ basic=100 } }]\n";
    let with = "[[case.with.stage.inpatient.bands]]\nrows=[{ ratio='50%' }]\n";
    assert_eq!(wrong(&format!("{BILLS}{bill}{with}")), "");
    let dead = "[[case.with.stage.inpatient.bands]]\nrows=[{ ratio='50%' }, { tier='low', ratio='60%' }]\n";
    assert!(wrong(&format!("{BILLS}{bill}{dead}")).contains("dead-row"));
}

#[test]
fn a_check_finds_what_the_test_figures_break() {
    let check = |expect: &str, amount: u16| {
        wrong(&format!(
            "[[case]]\nname='下限'\nclauses=['T-2']\nkind='check'\nexpect={{ {expect} }}
            [[case.with.contribution.standard]]\nyear=2022\nrows=[{{ amount={amount} }}]\n"
        ))
    };
    assert_eq!(check("finding='floor', contains='299'", 299), "");
    assert_eq!(check("clean=true", 300), "");
    assert_eq!(check("holds='floor'", 300), "");
    assert!(check("holds='floor'", 299).starts_with("holds：应为 floor"));
    assert!(check("finding='floor'", 300).starts_with("finding：应为 floor"));
    assert!(check("finding='floor', contains='nothing like it'", 299).starts_with("finding：应为 floor"));
    assert!(check("clean=true", 299).contains("floor：`contribution.standard` 299.00 低于所述 300.00"));
}

#[test]
fn terms_are_asked_by_key_day_and_person() {
    let terms = |rest: &str| {
        wrong(&format!("[[case]]\nname='条款'\nclauses=['T-1']\nkind='terms'\nkey='contribution.standard'\n{rest}"))
    };
    assert_eq!(
        terms(
            "on=2022-06-01\nwhen={ tier='low' }\nexpect={ amount=320, clause='T-1', status='in-force', basis='stated' }"
        ),
        ""
    );
    assert!(terms("on=2022-06-01\nexpect={ amount=320 }").contains("用 when 指明"));
    assert_eq!(terms("on=2023-01-01\nexpect={ status='expired' }"), "");
    assert_eq!(terms("on=2021-01-01\nexpect={ status='absent' }"), "");
    assert!(terms("on=2021-01-01\nexpect={ amount=320 }").contains("没有可比的结果"));
}

#[test]
fn a_clause_counts_when_a_passing_case_names_it() {
    let named = |number: u8| format!("{}expect={{ total=320 }}\n", DUE.replace("T-1", &format!("T-{number}")));
    let failing = format!("{}expect={{ total=1 }}\n", DUE.replace("T-1", "T-3"));
    let library = library(&[named(1), named(6), failing].concat());
    let coverage = coverage(&library, &run(&library));
    let states: Vec<(&str, State)> = coverage.iter().map(|clause| (clause.clause.as_str(), clause.state)).collect();
    let expected = [
        ("T-1", State::Executed),
        ("T-2", State::Open),
        ("T-3", State::Open),
        ("T-4", State::NotExecutable),
        ("T-5", State::Open),
        ("T-6", State::Shown),
    ];
    assert_eq!(states, expected);
    assert!(coverage[1].why.contains("还需：缺数") && coverage[4].why.contains("later part"));
    let whole = &summary(&coverage)[0];
    assert_eq!(
        (whole.kind.as_ref(), whole.clauses, whole.executed, whole.shown, whole.open, whole.not_executable),
        (None, 6, 1, 1, 3, 1)
    );
}

#[test]
fn what_refers_to_nothing_fails_the_case() {
    let bill = "{ id='a', date=2022-02-01, care='inpatient', level='2', a=8800, expect={ basic=4800 } }";
    let with = |rest: &str| wrong(&format!("{BILLS}bills=[{bill}, {rest}]\n"));
    assert!(with("{ id='c', date=2022-04-01, reverses='x' }").contains("dangling"));
    let later = "{ id='b', date=2022-03-01, care='inpatient', level='2', a=1, from_bill='c' }, { id='c', date=2022-04-01, reverses='a' }";
    assert!(with(later).contains("`from_bill` 所指的票据“c”不在它之前"));
    assert!(with(bill).contains("duplicate-bill"));
    let opened = |opening: &str| wrong(&format!("{BILLS}bills=[{bill}]\nopening={{ {opening} }}\n"));
    assert_eq!(opened("used={ 'stage.inpatient.cap'=200 }"), "");
    assert!(opened("used={ 'stage.outpatient.cap'=0 }").contains("opening.used 的“stage.outpatient.cap”"));
    assert!(opened("flags=['light']").contains("opening.flags 的“light”"));
}

#[test]
fn a_name_is_used_once_in_a_region() {
    let twice = format!("{DUE}expect={{ total=320 }}\n").repeat(2);
    let deck = deck(&twice);
    assert_eq!(deck.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["duplicate-case"]);
    assert!(!deck.passed());
}
