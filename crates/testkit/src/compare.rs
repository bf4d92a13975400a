//! The engine against the reference: the same bills through both, the first difference made small and readable.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use domain::{Bill, Categories, Fen, Marks};
use settlement::{Engine, EntryKind, reasons};

use crate::people::Life;
use crate::reference::{self, Opening, Rule};

/// What one side says of a bill; amounts in fen, stages that pay nothing left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// Settled.
    Pays {
        /// By stage.
        by_stage: BTreeMap<String, i128>,
        /// In-scope amount.
        in_scope: i128,
        /// Class B first self-pay.
        first_self_pay: i128,
        /// What the person bears.
        person: i128,
    },
    /// Refused. Why is not compared.
    Refuses,
}

/// The engine's word for an opening.
pub fn opening(opening: &Opening) -> settlement::Opening {
    let quiet = ["quiet", "quiet-employee"].map(|rule| (rule.to_owned(), i64::from(opening.quiet_years)));
    settlement::Opening {
        quiet: quiet.into_iter().collect(),
        carried: [("unused".to_owned(), Fen(opening.unused))].into(),
        flags: if opening.light { BTreeSet::from(["light".to_owned()]) } else { BTreeSet::new() },
        ..settlement::Opening::default()
    }
}

/// What the engine says, bill by bill, later changes added in; bills taken back say nothing.
pub fn by_engine(engine: &Engine, life: &Life) -> BTreeMap<String, Says> {
    let bills: Vec<&Bill> = life.bills.iter().collect();
    let mut says: BTreeMap<String, Says> = BTreeMap::new();
    for settlement in engine.settle(&bills, &opening(&life.opening)) {
        let id = settlement.bill.reverses.clone().unwrap_or_else(|| settlement.bill.id.clone());
        if settlement.kind == EntryKind::Reversed {
            says.remove(&id);
            continue;
        }
        let Ok(entry) = settlement.result else {
            says.insert(id, Says::Refuses);
            continue;
        };
        let plan = engine.plan(entry.plan);
        let paid = plan.stages.iter().zip(&entry.by_stage).filter(|(_, paid)| **paid != 0);
        let mut by_stage: BTreeMap<String, i128> =
            paid.map(|(stage, paid)| (stage.id.clone(), i128::from(*paid))).collect();
        let mut person = i128::from(entry.person.0);
        if settlement.kind == EntryKind::Difference
            && let Some(Says::Pays { by_stage: known, person: borne, .. }) = says.get(&id)
        {
            for (stage, paid) in known {
                *by_stage.entry(stage.clone()).or_default() += paid;
            }
            by_stage.retain(|_, paid| *paid != 0);
            person += borne;
            if let Some(Says::Pays { by_stage: known, person: borne, .. }) = says.get_mut(&id) {
                (*known, *borne) = (by_stage, person);
            }
            continue;
        }
        says.insert(
            id,
            Says::Pays {
                by_stage,
                in_scope: i128::from(entry.amounts.in_scope.0),
                first_self_pay: i128::from(entry.amounts.first_self_pay.0),
                person,
            },
        );
    }
    says
}

/// What the reference says of the bills that stand: without those taken back.
pub fn by_reference(rule: Rule, life: &Life) -> BTreeMap<String, Says> {
    let taken_back: BTreeSet<&str> = life.bills.iter().filter_map(|bill| bill.reverses.as_deref()).collect();
    let standing = |bill: &&Bill| bill.reverses.is_none() && !taken_back.contains(bill.id.as_str());
    let bills: Vec<&Bill> = life.bills.iter().filter(standing).collect();
    let answers = reference::settle(rule, &bills, &life.opening);
    let says = answers.into_iter().map(|(bill, answer)| {
        let says = answer.map_or(Says::Refuses, |settled| {
            let mut by_stage = BTreeMap::new();
            for part in settled.parts.iter().filter(|part| part.paid != 0) {
                *by_stage.entry(part.stage.to_owned()).or_default() += part.paid;
            }
            Says::Pays {
                by_stage,
                in_scope: settled.scope.in_scope,
                first_self_pay: settled.scope.first_self_pay,
                person: settled.scope.total - settled.funds(),
            }
        });
        (bill.id.clone(), says)
    });
    says.collect()
}

/// Holds the engine against the reference on a life.
///
/// # Errors
/// A report of the difference on the smallest life found that still shows one.
pub fn agree(engine: &Engine, rule: Rule, life: &Life) -> Result<usize, String> {
    let differ = |life: &Life| by_engine(engine, life) != by_reference(rule, life);
    if !differ(life) {
        return Ok(life.bills.len());
    }
    let small = shrink(life.clone(), &differ);
    Err(report(engine, rule, &small))
}

/// Makes a failing life smaller as long as it still fails: fewer bills, plainer bills, rounder amounts.
pub fn shrink(mut life: Life, fails: &dyn Fn(&Life) -> bool) -> Life {
    loop {
        let smaller = simpler(&life).into_iter().find(|life| fails(life));
        match smaller {
            Some(smaller) => life = smaller,
            None => return life,
        }
    }
}

fn simpler(life: &Life) -> Vec<Life> {
    let mut lives = Vec::new();
    let half = life.bills.len() / 2;
    if half > 1 {
        lives.push(Life { bills: life.bills[..half].to_vec(), ..life.clone() });
        lives.push(Life { bills: life.bills[half..].to_vec(), ..life.clone() });
    }
    for at in 0..life.bills.len() {
        let mut bills = life.bills.clone();
        let gone = bills.remove(at);
        bills.retain(|bill| bill.reverses.as_ref() != Some(&gone.id));
        for bill in &mut bills {
            bill.from_bill.take_if(|from| *from == gone.id);
        }
        lives.push(Life { bills, ..life.clone() });
    }
    if life.opening != Opening::default() {
        lives.push(Life { opening: Opening::default(), ..life.clone() });
    }
    let all = |change: &dyn Fn(&mut Bill)| {
        let mut simple = life.clone();
        simple.bills.iter_mut().for_each(change);
        simple
    };
    lives.push(all(&|bill| bill.person.categories = Categories::NONE));
    lives.push(all(&|bill| bill.from_bill = None));
    let in_one: [fn(&mut Bill); 9] = [
        |bill| bill.from_bill = None,
        |bill| bill.disease = None,
        |bill| bill.marks = Marks::NONE,
        |bill| bill.filing = domain::Filing::Local,
        |bill| (bill.amounts.c, bill.amounts.over_limit) = (Fen::ZERO, Fen::ZERO),
        |bill| (bill.amounts.b, bill.amounts.b_share) = (Fen::ZERO, None),
        |bill| bill.amounts.a.0 -= bill.amounts.a.0 % 100_000,
        |bill| bill.amounts.a.0 -= bill.amounts.a.0 % 100,
        |bill| bill.amounts.a.0 /= 2,
    ];
    for at in 0..life.bills.len() {
        for change in in_one {
            let mut simple = life.clone();
            change(&mut simple.bills[at]);
            lives.push(simple);
        }
    }
    lives.retain(|simple| simple.bills != life.bills || simple.opening != life.opening);
    lives
}

fn report(engine: &Engine, rule: Rule, life: &Life) -> String {
    let (engine_says, reference_says) = (by_engine(engine, life), by_reference(rule, life));
    let mut text = format!("engine and reference differ\nopening: {:?}\n", life.opening);
    for bill in &life.bills {
        let _ = writeln!(text, "{}", line(bill));
        let (engine_says, reference_says) = (engine_says.get(&bill.id), reference_says.get(&bill.id));
        if engine_says != reference_says {
            let _ = writeln!(text, "  ** engine:    {}", words(engine_says));
            let _ = writeln!(text, "  ** reference: {}", words(reference_says));
        }
    }
    let bills: Vec<&Bill> = life.bills.iter().collect();
    for settlement in engine.settle(&bills, &opening(&life.opening)) {
        let _ = writeln!(text, "engine on {} ({}):", settlement.bill.id, settlement.kind.code());
        match &settlement.result {
            Ok(entry) => {
                for reason in reasons(engine.plan(entry.plan), settlement.bill, entry) {
                    let _ = writeln!(text, "    {}", reason.english);
                }
            }
            Err(refusal) => {
                let _ = writeln!(text, "    {refusal}");
            }
        }
    }
    text
}

/// A bill in one line.
pub fn line(bill: &Bill) -> String {
    let person = &bill.person;
    let mut text = format!("{} {} {} level {}", bill.id, bill.date, bill.care, bill.level);
    if let Some(target) = &bill.reverses {
        return format!("{} {} reverses {target}", bill.id, bill.date);
    }
    let amounts = &bill.amounts;
    let _ = write!(text, " A {}", amounts.a);
    if amounts.b != Fen::ZERO {
        let share = amounts.b_share.map_or("usual share".to_owned(), |share| share.to_string());
        let _ = write!(text, " B {} ({share})", amounts.b);
    }
    let outside = amounts.c + amounts.over_limit;
    if outside != Fen::ZERO {
        let _ = write!(text, " outside {outside}");
    }
    let _ = write!(text, " | {} {} {}", person.scheme, person.tier.as_deref().unwrap_or("-"), person.group);
    let born = person.born.map_or("-".to_owned(), |day| day.to_string());
    let since = person.insured_since.map_or("-".to_owned(), |day| day.to_string());
    let _ = write!(text, " born {born} insured since {since}");
    let categories: Vec<&str> = person.categories.iter().map(|category| category.code()).collect();
    let marks: Vec<&str> = bill.marks.iter().map(|mark| mark.code()).collect();
    for (name, words) in [("categories", categories), ("marks", marks)] {
        if !words.is_empty() {
            let _ = write!(text, " {name} {}", words.join(","));
        }
    }
    if bill.filing != domain::Filing::Local {
        let _ = write!(text, " filing {}", bill.filing);
    }
    if let Some(disease) = &bill.disease {
        let _ = write!(text, " disease {disease}");
    }
    if let Some(from) = &bill.from_bill {
        let _ = write!(text, " from {from}");
    }
    if bill.burden_only {
        text.push_str(" burden only");
    }
    text
}

fn words(says: Option<&Says>) -> String {
    match says {
        None => "nothing".to_owned(),
        Some(Says::Refuses) => "refuses".to_owned(),
        Some(Says::Pays { by_stage, in_scope, first_self_pay, person }) => {
            let stages: Vec<String> = by_stage.iter().map(|(stage, paid)| format!("{stage} {}", fen(*paid))).collect();
            format!(
                "in scope {} (first self-pay {}); {}; person {}",
                fen(*in_scope),
                fen(*first_self_pay),
                stages.join(", "),
                fen(*person)
            )
        }
    }
}

fn fen(amount: i128) -> Fen {
    Fen(i64::try_from(amount).unwrap_or(i64::MAX))
}
