//! Bills explained: for people as blocks of steps, for programs as objects with the steps inside.

use std::fmt::Write as _;

use domain::{Bill, Fen};
use serde_json::{Map, Value, json};
use settlement::{Entry, EntryKind, Plan, reasons};
use sha2::{Digest, Sha256};

use super::book::{Book, Line};
use super::sheets::{Money, kind_name, own_name, payers_used};
use crate::session::Lang;

/// All lines as blocks of text.
pub fn blocks(book: &Book<'_>, lang: Lang) -> String {
    let mut out = String::new();
    for line in &book.lines {
        if let Ok(entry) = &line.settlement.result
            && let Some(plan) = book.plan(line, entry)
        {
            block(&mut out, book, line, entry, plan, lang);
        }
    }
    out
}

fn block(out: &mut String, book: &Book<'_>, line: &Line<'_>, entry: &Entry, plan: &Plan, lang: Lang) {
    let (bill, kind) = (line.settlement.bill, line.settlement.kind);
    let mut words = vec![bill.id.clone(), bill.person_id.clone(), bill.date.to_string()];
    words.push(lang.of(bill.care.name(), bill.care.code()).to_owned());
    words.push(lang.of(bill.level.name(), bill.level.code()).to_owned());
    words.extend(bill.person.tier.clone());
    words.extend(bill.person.categories.iter().map(|c| lang.of(c.name(), c.code()).to_owned()));
    if kind != EntryKind::Settled {
        words.push(match lang {
            Lang::Zh => format!("【{}】", kind_name(kind, lang)),
            Lang::En => format!("[{}]", kind_name(kind, lang)),
        });
    }
    let _ = writeln!(out, "■ {}", words.join("  "));
    let settled = kind == EntryKind::Settled;
    for (at, reason) in reasons(plan, bill, entry).iter().enumerate().filter(|_| settled) {
        let _ = writeln!(out, "  {}. {}", at + 1, lang.of(&reason.text, &reason.english));
        for source in &reason.sources {
            let _ = writeln!(out, "       {}", lang.of(&source.text, &source.english));
        }
    }
    let sums = Money::of(book, line, entry);
    let paid: Vec<String> = sums
        .payers
        .iter()
        .filter(|(_, fen)| **fen != Fen::ZERO)
        .map(|(payer, fen)| format!("{} {fen}", lang.of(payer.name(), payer.english())))
        .collect();
    let funds = if paid.is_empty() {
        lang.of("基金不付", "no fund pays").to_owned()
    } else {
        paid.join(lang.of("，", ", "))
    };
    let person = sums.person;
    let _ = match lang {
        Lang::Zh => writeln!(out, "  = {funds}，个人负担 {person}（最弱依据：{}）\n", entry.basis.name()),
        Lang::En => writeln!(out, "  = {funds}, person pays {person} (weakest basis: {})\n", entry.basis.code()),
    };
}

/// A bill as an object: our names, the national record's names, and the receipt; the steps too, if asked for.
pub fn object(book: &Book<'_>, line: &Line<'_>, with_steps: bool) -> Value {
    let settlement = &line.settlement;
    let bill = settlement.bill;
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("bill", json!(bill.id));
    put("person", json!(bill.person_id));
    put("region", json!(line.region));
    put("date", json!(bill.date.to_string()));
    put("kind", json!(settlement.kind.code()));
    put("care", json!(bill.care.code()));
    put("level", json!(bill.level.code()));
    let entry = match &settlement.result {
        Ok(entry) => entry,
        Err(refusal) => {
            put("refused", json!({ "code": refusal.code(), "message": refusal.to_string(), "cure": refusal.cure() }));
            return Value::Object(object);
        }
    };
    let sums = Money::of(book, line, entry);
    let amounts = &sums.amounts;
    for (name, fen) in [
        ("total", amounts.total),
        ("in_scope", amounts.in_scope),
        ("first_self_pay", amounts.first_self_pay),
        ("out_of_scope", amounts.out_of_scope),
        ("over_limit", amounts.over_limit),
    ] {
        put(name, yuan(fen));
    }
    for payer in payers_used(book) {
        put(&own_name(payer), yuan(sums.payer(payer)));
    }
    put("funds", yuan(sums.funds()));
    put("person_pays", yuan(sums.person));
    for (name, fen) in sums.national() {
        put(name, yuan(fen));
    }
    put("basis", json!(entry.basis.code()));
    if let Some(plan) = book.plan(line, entry) {
        put("receipt", receipt(bill, plan));
        if with_steps && settlement.kind == EntryKind::Settled {
            put("steps", Value::Array(steps(bill, entry, plan)));
        }
    }
    Value::Object(object)
}

fn yuan(fen: Fen) -> Value {
    Value::String(fen.to_string())
}

/// What a settlement can be replayed and disputed by, years later.
fn receipt(bill: &Bill, plan: &Plan) -> Value {
    let input = Sha256::digest(format!("{bill:?}").as_bytes());
    let input = input.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    json!({ "terms": plan.hash, "terms_from": plan.from.to_string(), "engine": env!("CARGO_PKG_VERSION"), "input": input })
}

fn steps(bill: &Bill, entry: &Entry, plan: &Plan) -> Vec<Value> {
    let reasons = reasons(plan, bill, entry);
    let object = |reason: &settlement::Reason| {
        json!({
            "stage": reason.stage,
            "text": reason.text,
            "english": reason.english,
            "sources": reason.sources.iter().map(|source| &source.text).collect::<Vec<_>>(),
            "english_sources": reason.sources.iter().map(|source| &source.english).collect::<Vec<_>>(),
            "basis": reason.basis.code(),
        })
    };
    reasons.iter().map(object).collect()
}
