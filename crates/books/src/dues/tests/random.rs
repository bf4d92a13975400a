//! Whatever commands come in whatever order: what persons owe is what their open bills say, what waits is what nobody has
//! assigned, what goes back is what was granted and not paid, and every entry balances.

use domain::Fen;
use jiff::civil::date;
use serde_json::{Value, json};

use super::town;
use crate::dues::{Dues, Held, RefundState};
use crate::testing::Town;
use crate::{Books, Memory};

/// A small generator of numbers (a linear congruential one, Knuth's constants).
struct Dice(u64);

impl Dice {
    fn up_to(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.up_to(words.len() as u64) as usize]
    }
}

fn command(dice: &mut Dice, people: &[String], refunds: &[String], waiting: &[String]) -> (&'static str, Value) {
    let person = &people[dice.up_to(people.len() as u64) as usize];
    let receipt = format!("X{}", dice.up_to(40));
    let refund =
        refunds.get(dice.up_to(refunds.len() as u64 + 1) as usize).cloned().unwrap_or_else(|| "R2023-0-0".to_owned());
    let waiting = waiting.get(dice.up_to(waiting.len() as u64 + 1) as usize).unwrap_or(&receipt);
    let amount = dice.of(&["350", "350", "980", "150", "630", "20.05"]);
    let day = dice.of(&["2022-12-01", "2022-10-08", "2022-09-01"]);
    match dice.up_to(14) {
        0..3 => (
            "dues bill",
            json!({ "person": person, "year": 2023, "tier": dice.of(&["low", "high"]), "group": "adult" }),
        ),
        3..6 => (
            "dues receive",
            json!({
                "receipt": receipt, "person": person, "year": 2023, "amount": amount, "on": day,
                "channel": dice.of(&["mobile", "bank", "tax-hall", "agency-cash"])
            }),
        ),
        6 => {
            let text = format!(
                "TONGCHOU\treceipts\t1\n1\t{receipt}\t\t{person}\t2023\t{amount}\t{day}\tbank\nEND\t1\t{amount}\n"
            );
            ("tax receipts", json!({ "text": text }))
        }
        7 => ("dues assign", json!({ "receipt": waiting, "person": person, "year": 2023 })),
        8 => ("dues return", json!({ "receipt": waiting, "why": "退" })),
        9 => ("dues refund", json!({ "person": person, "year": 2023, "ground": "duplicate" })),
        10 => ("dues refund-approve", json!({ "refund": refund })),
        11 => ("dues refund-pay", json!({ "refund": refund })),
        12 => ("dues cancel", json!({ "person": person, "year": 2023, "ground": "mistake" })),
        _ => (
            "category assert",
            json!({
                "person": person, "category": dice.of(&["edge", "minimum-allowance"]), "from": "2022-09-01",
                "reason": "名单"
            }),
        ),
    }
}

/// Receipts in suspense.
fn waiting(memory: &mut Memory) -> Vec<String> {
    let mut receipts = Vec::new();
    let mut books = Books::new(memory);
    books
        .each::<Held>(None, |key, held| {
            if held.waits() > Fen::ZERO {
                receipts.push(key.subject.trim_start_matches("receipt/").to_owned());
            }
            Ok(())
        })
        .unwrap();
    receipts
}

/// What the sheets say: open bills, money in suspense, refunds granted and not paid, sponsors' parts.
fn said(memory: &mut Memory) -> [Fen; 4] {
    let (mut open, mut waits, mut granted, mut sponsored) = (Fen::ZERO, Fen::ZERO, Fen::ZERO, Fen::ZERO);
    let mut books = Books::new(memory);
    books
        .each::<Dues>(None, |_, dues| {
            open += dues.bills.iter().map(crate::dues::Billing::open).sum();
            let approved = dues.refunds.iter().filter(|refund| refund.state.0 == RefundState::Approved);
            granted += approved.map(|refund| refund.amount.0).sum();
            let shares = dues.standing().into_iter().flat_map(|billing| &billing.bill.sponsored);
            sponsored += shares.filter_map(|share| share.amount).map(|amount| amount.0).sum();
            assert!(dues.bills.iter().all(|billing| billing.open() >= Fen::ZERO && billing.received() >= Fen::ZERO));
            Ok(())
        })
        .unwrap();
    books
        .each::<Held>(None, |_, held| {
            assert!(held.waits() >= Fen::ZERO);
            waits += held.waits();
            Ok(())
        })
        .unwrap();
    [open, waits, granted, sponsored]
}

fn holds(town: &mut Town, seed: u64) {
    let [open, waits, granted, sponsored] = said(&mut town.memory);
    let of = |account: &str| Fen::parse_yuan(&town.balance(account)).unwrap();
    assert_eq!(of("receivable/person"), open, "seed {seed}: open bills");
    assert_eq!(-of("suspense/receipts"), waits, "seed {seed}: suspense");
    assert_eq!(-of("payable/person"), granted, "seed {seed}: refunds");
    assert_eq!(of("receivable/sponsor"), sponsored, "seed {seed}: sponsors");
    assert_eq!(town.memory.verify(), Vec::<String>::new(), "seed {seed}");
}

#[test]
fn the_books_of_contributions_balance_whatever_happens() {
    let mut done = std::collections::BTreeMap::new();
    for seed in 1..=40 {
        let mut dice = Dice(seed);
        let mut town = town();
        town.today = date(2022, 12, 1);
        let people: Vec<String> = (1..=3).map(|n| town.person("1980-02-03", n)).collect();
        let mut refunds = Vec::new();
        for _ in 0..90 {
            let waiting = waiting(&mut town.memory);
            let (verb, fields) = command(&mut dice, &people, &refunds, &waiting);
            if let Ok(answer) = town.run(verb, fields) {
                *done.entry(verb).or_insert(0) += 1;
                refunds.extend(answer.fields.get("refund").and_then(Value::as_str).map(str::to_owned));
            }
        }
        holds(&mut town, seed);
    }
    // The sequences reach every kind of command, or they show nothing.
    assert!(done.len() == 10 && done.values().all(|times| *times > 5), "{done:?}");
}
