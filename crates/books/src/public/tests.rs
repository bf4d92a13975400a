//! Public money, told in a few lines.

use std::sync::Arc;

use domain::{Category, Fen};
use jiff::civil::date;
use policy::{Library, SourceFile};
use serde_json::{Value, json};

use super::{Government, settings};
use crate::testing::Town;
use crate::{Books, Fold, Source, StreamKind};

const SUBSIDY: &str = "
    [[subsidy.standard]]
    clause = 'T-1'
    year = 2022
    amount = 610
    [[subsidy.split]]
    clause = 'T-2'
    year = 2022
    rows = [{ central = 366, province = '146.40', local = '97.60' }]
    [[subsidy.count.no-id]]
    clause = 'T-3'
    reason = 'no-id'
    counts = 0
";

/// A town with one area and its fiscal account.
fn town() -> Town {
    let mut town = Town::new(SUBSIDY, date(2022, 3, 1));
    town.run("region open", json!({ "region": "town" })).unwrap();
    town.run("area open", json!({ "area": "990101", "name": "某区" })).unwrap();
    let account = json!({ "area": "990101", "account": "6200 01", "bank": "某银行", "from": "2022-01-01" });
    town.run("area account", account).unwrap();
    town
}

fn claim(heads: i64, excluded: &[&str]) -> Value {
    json!({ "year": 2022, "area": "990101", "heads": heads, "excluded": excluded, "source": "2022-03-01" })
}

fn arrival(level: &str, amount: &str, on: &str, voucher: &str) -> Value {
    json!({ "year": 2022, "area": "990101", "level": level, "amount": amount, "on": on, "account": "620001", "voucher": voucher })
}

#[test]
fn the_books_are_opened_once_and_for_their_own_region() {
    let mut town = Town::new("", date(2022, 3, 1));
    assert_eq!(town.run("region open", json!({ "region": "elsewhere" })).unwrap_err().code, "other-region");
    town.run("region open", json!({ "region": "某市", "strict": true })).unwrap();
    assert_eq!(town.run("region open", json!({ "region": "town" })).unwrap_err().code, "already-open");
    let known = settings(&mut Books::new(&mut town.memory)).unwrap().unwrap();
    assert_eq!((known.region.as_str(), known.strict, known.drafts()), ("town", true, vec![]));
}

#[test]
fn a_claim_made_anew_posts_the_difference() {
    let mut town = town();
    let first = town.run("subsidy claim", claim(1_000, &["no-id=10"])).unwrap();
    assert_eq!(first.fields["counted"], 990);
    assert_eq!(first.fields["central"], "362340.00");
    let same = town.run("subsidy claim", claim(1_000, &["no-id=10"])).unwrap();
    assert_eq!(same.fields["already"], true);
    let again = town.run("subsidy claim", claim(1_000, &["no-id=20"])).unwrap();
    assert_eq!((&again.fields["total"], &again.fields["change"]), (&json!("597800.00"), &json!("-6100.00")));
    let lines: Vec<_> = town.memory.journal.iter().flat_map(|posted| &posted.lines).collect();
    let of = |account: &str| lines.iter().filter(|line| line.account == account).map(|line| line.amount.0).sum::<i64>();
    assert_eq!((of("receivable/government"), of("income/subsidy")), (59_780_000, -59_780_000));
    let gone = town.run("subsidy claim", claim(1_000, &["wrong-id=1"])).unwrap_err();
    assert_eq!(gone.code, "subsidy.count.wrong-id");
}

#[test]
fn subsidy_arrives_in_the_fiscal_account_only() {
    let mut town = town();
    town.run("subsidy claim", claim(1_000, &[])).unwrap();
    let mut elsewhere = arrival("local", "50000", "2022-02-28", "P-1");
    elsewhere["account"] = json!("999");
    assert_eq!(town.run("subsidy arrive", elsewhere).unwrap_err().code, "other-account");
    let before = arrival("local", "50000", "2021-12-31", "P-1");
    assert_eq!(town.run("subsidy arrive", before).unwrap_err().code, "no-account");
    let there = town.run("subsidy arrive", arrival("local", "50000", "2022-02-28", "P-1")).unwrap();
    assert_eq!((&there.fields["arrived"], &there.fields["open"]), (&json!("50000.00"), &json!("47600.00")));
    let twice = town.run("subsidy arrive", arrival("local", "50000", "2022-02-28", "P-1")).unwrap();
    assert_eq!(twice.fields["already"], true);
    assert_eq!(
        town.run("subsidy arrive", arrival("local", "1", "2022-02-28", "P-1")).unwrap_err().code,
        "voucher-taken"
    );
    let list = town.ask("subsidy arrivals", json!({ "year": 2022 }));
    assert_eq!(
        list.rows,
        [[json!("990101"), json!("local"), json!("2022-02-28"), json!("50000.00"), json!("620001"), json!("P-1")]]
    );
    let back = json!({ "year": 2022, "area": "990101", "voucher": "P-1", "reason": "记错年度" });
    town.run("subsidy take-back", back.clone()).unwrap();
    assert_eq!(town.run("subsidy take-back", back).unwrap_err().code, "unknown-voucher");
    let sum = town.memory.journal.iter().flat_map(|posted| &posted.lines);
    let bank: i64 = sum.filter(|line| line.account == "bank/treasury").map(|line| line.amount.0).sum();
    assert_eq!(bank, 0);
}

#[test]
fn what_is_late_is_told_by_the_day() {
    let mut town = town();
    town.run("subsidy claim", claim(1_000, &[])).unwrap();
    let due = |by: &str, amount: &str| json!({ "year": 2022, "area": "990101", "level": "local", "by": by, "amount": amount, "document": "某财社〔2022〕1号" });
    town.run("subsidy deadline", due("2022-02-15", "60000")).unwrap();
    town.run("subsidy deadline", due("2022-06-30", "37600")).unwrap();
    town.run("subsidy arrive", arrival("local", "50000", "2022-02-10", "P-1")).unwrap();
    town.today = date(2022, 2, 25);
    let ask = |town: &mut Town, on: &str| {
        let rows = town.ask("subsidy arrears", json!({ "year": 2022, "on": on })).rows;
        rows.into_iter().filter(|row| row[1] == "local").map(|row| row[3..].to_vec()).collect::<Vec<_>>()
    };
    let on_day = ask(&mut town, "2022-02-25");
    assert_eq!(
        on_day[0],
        [json!("60000.00"), json!("50000.00"), json!("83.3%"), json!("10000.00"), json!(null), json!(10)]
    );
    assert_eq!(on_day[1], [json!("37600.00"), json!("0.00"), json!("0.0%"), json!("0.00"), json!(null), json!(0)]);
    town.today = date(2022, 3, 1);
    town.run("subsidy arrive", arrival("local", "20000", "2022-02-20", "P-2")).unwrap();
    let later = ask(&mut town, "2022-03-01");
    assert_eq!(later[0][3..], [json!("0.00"), json!("2022-02-20"), json!(5)]);
    assert_eq!(later[1][1], "10000.00");
}

#[test]
fn ninety_five_of_a_hundred_are_flagged() {
    let mut town = town();
    town.run("subsidy claim", claim(1_000, &[])).unwrap();
    let budget = |level: &str, amount: &str| json!({ "year": 2022, "area": "990101", "level": level, "amount": amount, "document": "某财预〔2022〕1号" });
    let answer = town.run("subsidy budget", budget("local", "92720")).unwrap();
    assert_eq!(answer.fields["rate"], "95.0%");
    town.run("subsidy budget", budget("central", "366000")).unwrap();
    let rows = town.ask("subsidy budgets", json!({ "year": 2022 })).rows;
    let short: Vec<_> = rows.iter().map(|row| (row[1].as_str().unwrap(), row[5] == true)).collect();
    assert_eq!(short, [("central", false), ("province", true), ("local", true)]);
    assert_eq!(Government::ALL.len(), 3);
}

#[test]
fn the_streams_fold_to_their_sheets_again() {
    let mut town = town();
    town.run("subsidy claim", claim(1_000, &["no-id=10"])).unwrap();
    town.run("subsidy claim", claim(1_001, &["no-id=10"])).unwrap();
    town.run("subsidy arrive", arrival("central", "366.60", "2022-02-28", "P-1")).unwrap();
    for key in [super::region::key(), super::area::key("990101", 2022)] {
        let stored = town.memory.sheets(std::slice::from_ref(&key)).unwrap();
        let history = town.memory.history(&key.subject).unwrap();
        let entries: Vec<_> = history.into_iter().map(|(_, entry)| entry).collect();
        assert_eq!(stored[0].body, (StreamKind::named(&key.subject).unwrap().refold)(&entries).unwrap());
        for posted in &town.memory.journal {
            assert_eq!(posted.lines.iter().map(|line| line.amount.0).sum::<i64>(), 0, "{posted:?}");
        }
    }
    assert_eq!(super::AreaYear::KIND, "area");
}

/// A town with one notice and one draft that would raise the subsidy.
fn with_draft() -> Town {
    let file = |path: &str, text: &str| SourceFile { path: path.into(), shown: path.into(), text: text.to_owned() };
    let library = Library::read([
        file("990100-town/region.toml", "[region]\ncode='990100'\nslug='town'\nname='某市'\n"),
        file(
            "clauses.tsv",
            "id\twhere\twhat\tkind\tcapability\tnumbers\teffective\tneeds\tdone-when\nT-1\t一\tx\trule\tother\t-\t-\t-\t-\n",
        ),
        file(
            "990100-town/draft.toml",
            "[notice]\nid='d'\nkind='draft'\ntitle='某征求意见稿'\nissued=2022-01-10\n
            [[subsidy.standard]]\nclause='T-1'\nyear=2022\namount=610\n
            [[subsidy.split]]\nclause='T-1'\nyear=2022\nrows=[{ central = 610 }]\n",
        ),
    ]);
    assert_eq!(library.findings, vec![]);
    Town::of(Arc::new(library), "town", date(2022, 3, 1))
}

#[test]
fn a_draft_is_run_by_once_its_adoption_is_recorded_and_no_longer_when_it_is_taken_back() {
    let mut town = with_draft();
    town.run("region open", json!({ "region": "town" })).unwrap();
    town.run("area open", json!({ "area": "990101", "name": "某区" })).unwrap();
    let states = |town: &mut Town| {
        let rows = town.ask("notice list", json!({})).rows;
        rows.into_iter().map(|row| (row[3].clone(), row[7].clone())).collect::<Vec<_>>()
    };
    assert_eq!(states(&mut town), [(json!("draft"), json!(false))]);
    assert_eq!(town.run("subsidy claim", claim(10, &[])).unwrap_err().code, "subsidy.standard");
    let adopt =
        |on: &str| json!({ "draft": "d", "on": on, "document": "某医保发〔2022〕1号", "reason": "逐条核对，无改动" });
    assert_eq!(town.run("notice adopt", adopt("2022-01-09")).unwrap_err().code, "impossible-date");
    town.run("notice adopt", adopt("2022-02-01")).unwrap();
    assert_eq!(town.run("notice adopt", adopt("2022-02-01")).unwrap_err().code, "already-adopted");
    town.follow_the_region();
    assert_eq!(states(&mut town), [(json!("adopted"), json!(true))]);
    assert_eq!(town.run("subsidy claim", claim(10, &[])).unwrap().fields["total"], "6100.00");
    town.run("notice withdraw-adoption", json!({ "draft": "d", "reason": "错记" })).unwrap();
    town.follow_the_region();
    assert_eq!(town.run("subsidy claim", claim(11, &[])).unwrap_err().code, "subsidy.standard");
    let journal: Vec<_> = town.memory.journal.iter().map(|posted| posted.entry.kind.as_str()).collect();
    assert_eq!(journal, ["opened", "area-listed", "draft-adopted", "claimed", "adoption-withdrawn"]);
    assert!(town.memory.journal.iter().all(|posted| posted.entry.actor == "tester"));
}

#[test]
fn who_has_not_reported_on_the_day_is_overdue() {
    let mut town = town();
    town.run("area open", json!({ "area": "990102", "name": "某县" })).unwrap();
    town.run("subsidy claim", claim(1_000, &[])).unwrap();
    town.run("subsidy arrive", arrival("local", "92720", "2022-02-28", "P-1")).unwrap();
    let day = json!({ "year": 2022, "by": "2022-12-15", "document": "某办〔2022〕1号" });
    town.run("subsidy report-day", day).unwrap();
    town.today = date(2022, 12, 10);
    let answer = town.run("subsidy report", json!({ "year": 2022, "area": "990101" })).unwrap();
    assert_eq!((&answer.fields["rate"], &answer.fields["late"]), (&json!("95.0%"), &json!(false)));
    let none = town.run("subsidy report", json!({ "year": 2022, "area": "990102" })).unwrap_err();
    assert_eq!(none.code, "not-claimed");
    let states = |town: &mut Town, on: &str| {
        let rows = town.ask("subsidy reports", json!({ "year": 2022, "on": on })).rows;
        rows.into_iter().map(|row| row[2].clone()).collect::<Vec<_>>()
    };
    assert_eq!(states(&mut town, "2022-12-14"), ["reported", "awaited"]);
    assert_eq!(states(&mut town, "2022-12-15"), ["reported", "overdue"]);
    let rows = town.ask("subsidy reconcile", json!({ "year": 2022 })).rows;
    assert_eq!(rows[2][2..], [json!("97600.00"), json!("92720.00"), json!("4880.00"), json!("4880.00"), json!("0.00")]);
}

#[test]
fn a_standard_that_is_not_fixed_in_time_is_overdue_and_a_later_one_does_not_reach_back() {
    let rules = "
        [[enrolment.window]]
        clause = 'T-1'
        year = 2022
        opens = 2021-12-01
        closes = 2022-02-28
        [[contribution.sponsor.needy]]
        clause = 'T-2'
        when = { category = ['destitute', 'minimum-allowance'] }
        amount = 'open'
        payer = 'assistance'
    ";
    let mut town = Town::new(rules, date(2021, 11, 20));
    town.run("area open", json!({ "area": "990101", "name": "某区" })).unwrap();
    let fix = |class: &str, amount: &str| json!({ "year": 2022, "area": "990101", "class": class, "amount": amount, "document": "某医保〔2021〕1号" });
    town.run("funding fix", fix("destitute", "320")).unwrap();
    let list = |town: &mut Town, on: &str| {
        let rows = town.ask("funding list", json!({ "year": 2022, "on": on })).rows;
        rows.into_iter().map(|row| (row[3].clone(), row[6].clone())).collect::<Vec<_>>()
    };
    assert_eq!(list(&mut town, "2021-11-30")[1], (json!(null), json!("awaited")));
    assert_eq!(list(&mut town, "2021-12-01")[1], (json!(null), json!("overdue")));
    town.today = date(2021, 12, 10);
    town.run("funding fix", fix("minimum-allowance", "200")).unwrap();
    assert_eq!(town.run("funding fix", fix("destitute", "300")).unwrap().fields["was"], "320.00");
    let later = [(json!("300.00"), json!("fixed")), (json!("200.00"), json!("fixed-late"))];
    assert_eq!(list(&mut town, "2021-12-10"), later);
    let mut on = |day| super::funding(&mut Books::new(&mut town.memory), "990101", 2022, day).unwrap();
    assert_eq!(on(date(2021, 12, 9)), [(Category::Destitute, Fen::yuan(320))]);
    let both = [(Category::Destitute, Fen::yuan(300)), (Category::MinimumAllowance, Fen::yuan(200))];
    assert_eq!(on(date(2021, 12, 10)), both);
}

#[test]
fn a_code_changes_by_approval_and_from_a_day_to_come() {
    let mut town = Town::new("", date(2022, 9, 1));
    let ask = |kind: &str, code: &str, name: Option<&str>, from: &str| json!({ "set": "item", "kind": kind, "code": code, "name": name, "from": from, "reason": "新增项目" });
    let decide = |number: i64| json!({ "set": "item", "number": number, "by": "医药服务处", "document": "2022-17" });
    town.run("code request", ask("add", "X1", Some("甲项目"), "2022-10-01")).unwrap();
    assert!(town.ask("code look-up", json!({ "set": "item", "on": "2022-10-01" })).rows.is_empty());
    town.run("code approve", decide(1)).unwrap();
    assert_eq!(town.run("code approve", decide(1)).unwrap_err().code, "already-decided");
    let taken = town.run("code request", ask("add", "X1", Some("乙项目"), "2022-11-01")).unwrap_err();
    assert_eq!(taken.code, "code-taken");
    town.run("code request", ask("amend", "X1", Some("甲项目（新）"), "2023-01-01")).unwrap();
    town.run("code request", ask("end", "X1", None, "2022-11-01")).unwrap();
    let refuse = json!({ "set": "item", "number": 3, "by": "医药服务处", "reason": "仍在使用" });
    town.run("code refuse", refuse).unwrap();
    town.today = date(2023, 1, 2);
    assert_eq!(town.run("code approve", decide(2)).unwrap_err().code, "effective-in-past");
    town.today = date(2023, 1, 1);
    town.run("code approve", decide(2)).unwrap();
    let name = |town: &mut Town, on: &str| {
        let rows = town.ask("code look-up", json!({ "set": "item", "code": "X1", "on": on })).rows;
        rows.first().map(|row| row[1].clone())
    };
    assert_eq!(name(&mut town, "2022-09-30"), None);
    assert_eq!(name(&mut town, "2022-12-31"), Some(json!("甲项目")));
    assert_eq!(name(&mut town, "2023-01-01"), Some(json!("甲项目（新）")));
}

#[test]
fn a_claim_takes_its_numbers_from_a_frozen_list_or_says_where_they_come_from() {
    let rules = "
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
    let mut town = Town::new(&format!("{SUBSIDY}{rules}"), date(2022, 2, 10));
    town.run("area open", json!({ "area": "990101", "name": "某区" })).unwrap();
    for running in 1..=3 {
        let person = town.person("1980-02-03", running);
        town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap();
        town.run("dues bill", json!({ "person": person, "year": 2022 })).unwrap();
        if running < 3 {
            let paid = json!({ "person": person, "year": 2022, "amount": "320", "channel": "mobile", "receipt": running.to_string() });
            town.run("dues receive", paid).unwrap();
        }
    }
    town.today = date(2022, 3, 1);
    let bare = json!({ "year": 2022, "area": "990101" });
    assert_eq!(town.run("subsidy claim", bare.clone()).unwrap_err().code, "no-numbers");
    let mut frozen = bare;
    frozen["snapshot"] = json!("2022-02-28");
    assert_eq!(town.run("subsidy claim", frozen.clone()).unwrap_err().code, "no-snapshot");
    town.run("snapshot take", json!({ "day": "2022-02-28" })).unwrap();
    let answer = town.run("subsidy claim", frozen.clone()).unwrap();
    assert_eq!((&answer.fields["counted"], &answer.fields["total"]), (&json!(2), &json!("1220.00")));
    frozen["heads"] = json!(5);
    assert_eq!(town.run("subsidy claim", frozen).unwrap_err().code, "no-numbers");
}
