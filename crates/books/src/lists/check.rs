//! A settlement sheet held against its settlement and the tables of its day. All that is wrong is told at once.

use std::collections::BTreeMap;

use domain::{Date, Fen};

use super::nodes::{Nodes, amount, day, field};
use crate::answer::Stop;
use crate::care::Active;
use crate::catalogue::{ChargeType, Item, TermSet, key, term};
use crate::people::Sex;
use crate::sheets::Books;
use crate::visits::{self, Visit};

/// Amounts by class of charge.
type Charges = BTreeMap<ChargeType, Fen>;

/// What is wrong, and which codes no table has.
#[derive(Default)]
pub(super) struct Findings {
    pub wrong: Vec<String>,
    pub unknown: Vec<String>,
}

impl Findings {
    fn take<T>(&mut self, read: Result<T, String>) -> Option<T> {
        read.map_err(|what| self.wrong.push(what)).ok()
    }

    fn equal(&mut self, what: &str, sheet: Fen, settled: Fen) {
        if sheet != settled {
            self.wrong.push(format!("{what}：清单 {sheet}，结算 {settled}"));
        }
    }
}

/// Checks a sheet.
///
/// # Errors
/// When the source fails.
pub(super) fn check(
    books: &mut Books<'_>,
    nodes: &Nodes,
    settlement: &str,
    settled: &Active,
    sex: Option<Sex>,
) -> Result<Findings, Stop> {
    let mut findings = Findings::default();
    let charges = charges(books, settlement, settled)?;
    items(nodes, settled, charges.as_ref(), &mut findings);
    payments(nodes, settled, &mut findings);
    let stay = dates(nodes, &mut findings);
    codes(books, nodes, settled.bill.date, sex, &mut findings)?;
    for (at, operation) in nodes.list("oprninfo").iter().enumerate() {
        let place = format!("oprninfo 第 {} 条 oprn_oprt_date", at + 1);
        let Some(on) = operation.get("oprn_oprt_date").and_then(|on| findings.take(day(on, &place))) else { continue };
        if stay.is_some_and(|(from, to)| on < from || to < on) {
            findings.wrong.push(format!("{place} {on} 不在住院期间"));
        }
    }
    Ok(findings)
}

/// What the settled lines come to by class of charge; nothing, where the bill came without lines.
fn charges(books: &mut Books<'_>, settlement: &str, settled: &Active) -> Result<Option<Charges>, Stop> {
    // The later parts of a stay are called by the number of the visit and their own.
    let visit = settled.bill.visit.split('-').next().unwrap_or_default();
    let Some(visit) = books.find::<Visit>(&visits::key(visit))? else { return Ok(None) };
    let lines = visit.lines.values().filter(|line| line.settled.as_deref() == Some(settlement));
    let lines: Vec<(String, Date, Fen)> = lines.map(|line| (line.code.clone(), line.day, line.amount.0)).collect();
    let mut charges = Charges::new();
    for (code, day, amount) in &lines {
        let item = books.find::<Item>(&key(code))?.and_then(|item| item.on(*day));
        let Some(item) = item else { return Ok(None) };
        *charges.entry(item.charge.0).or_default() += *amount;
    }
    Ok(Some(charges).filter(|_| !lines.is_empty()))
}

/// The classes of charge: each adds up, none comes twice, and together they are the bill. Where the bill came by lines, each class is
/// what its lines come to; where it came by classes A and B, those are.
fn items(nodes: &Nodes, settled: &Active, charges: Option<&Charges>, findings: &mut Findings) {
    let (mut total, mut a, mut b) = (Fen::ZERO, Fen::ZERO, Fen::ZERO);
    let mut seen = Charges::new();
    for (at, item) in nodes.list("iteminfo").iter().enumerate() {
        let place = |name: &str| format!("iteminfo 第 {} 条 {name}", at + 1);
        let written = field(item, "med_chrgitm").unwrap_or_default();
        let charge = ChargeType::parse(&written).filter(|charge| !seen.contains_key(charge));
        if charge.is_none() {
            findings.wrong.push(format!("{}：“{written}” 不是收费类别，或已写过", place("med_chrgitm")));
        }
        let mut read = |name: &str| findings.take(amount(item.get(name), &place(name))).unwrap_or_default();
        let whole = read("amt");
        let parts = ["claa_sumfee", "clab_amt", "fulamt_ownpay_amt", "oth_amt"].map(&mut read);
        let sum: Fen = parts.iter().copied().sum();
        if sum != whole {
            findings.wrong.push(format!("{} {whole} 不等于甲类、乙类、自费、其他之和 {sum}", place("amt")));
        }
        (total, a, b) = (total + whole, a + parts[0], b + parts[1]);
        seen.extend(charge.map(|charge| (charge, whole)));
    }
    let bill = &settled.bill;
    findings.equal("收费项目合计与总费用不等", total, settled.paid.total.0);
    if let Some(charges) = charges {
        let of = |sums: &Charges, charge: &ChargeType| sums.get(charge).copied().unwrap_or_default();
        for charge in ChargeType::ALL {
            findings.equal(&format!("{}不等", charge.name()), of(&seen, charge), of(charges, charge));
        }
        return;
    }
    findings.equal("甲类费用合计不等", a, bill.a.0);
    findings.equal("乙类金额合计不等", b, bill.b.0);
}

/// What the funds and the person pay.
fn payments(nodes: &Nodes, settled: &Active, findings: &mut Findings) {
    let mut funds = Fen::ZERO;
    for (at, payment) in nodes.list("payinfo").iter().enumerate() {
        let place = format!("payinfo 第 {} 条 fund_payamt", at + 1);
        funds += findings.take(amount(payment.get("fund_payamt"), &place)).unwrap_or_default();
    }
    findings.equal("基金支付合计不等", funds, settled.paid.funds());
    for (one, other) in [("psn_selfpay", "psn_ownpay"), ("acct_pay", "psn_cashpay")] {
        if nodes.head(one).is_none() && nodes.head(other).is_none() {
            continue;
        }
        let mut read = |name: &str| findings.take(amount(nodes.head(name), &format!("setlinfo.{name}")));
        if let (Some(first), Some(second)) = (read(one), read(other)) {
            findings.equal(&format!("{one} 与 {other} 之和不等于个人负担"), first + second, settled.paid.person.0);
        }
    }
}

/// Days in order; gives the first and last day of the stay.
fn dates(nodes: &Nodes, findings: &mut Findings) -> Option<(Date, Date)> {
    let mut pair = |first: &str, last: &str| {
        let read = |name: &str| Some(day(nodes.head(name)?, &format!("setlinfo.{name}")));
        let (from, to) = (read(first)?, read(last)?);
        let (from, to) = (findings.take(from)?, findings.take(to)?);
        if to < from {
            findings.wrong.push(format!("{last} {to} 早于 {first} {from}"));
            return None;
        }
        Some((from, to))
    };
    pair("setl_begn_date", "setl_end_date");
    pair("adm_time", "dscg_time")
}

/// One main diagnosis; codes that the tables have, of the person's sex.
fn codes(
    books: &mut Books<'_>,
    nodes: &Nodes,
    on: Date,
    sex: Option<Sex>,
    findings: &mut Findings,
) -> Result<(), Stop> {
    let diagnoses = nodes.list("diseinfo");
    let main = diagnoses.iter().filter(|one| field(one, "maindiag_flag").as_deref() == Some("1")).count();
    // TCM records tell a main disease and a main syndrome beside the western main diagnosis.
    if !diagnoses.is_empty() && main == 0 {
        findings.wrong.push("diseinfo 没有主诊断（maindiag_flag 为 1）".to_owned());
    }
    for (node, name) in [("opspdiseinfo", "diag_code"), ("diseinfo", "diag_code"), ("oprninfo", "oprn_oprt_code")] {
        for (at, one) in nodes.list(node).iter().enumerate() {
            let place = format!("{node} 第 {} 条 {name}", at + 1);
            let Some(code) = field(one, name) else {
                findings.wrong.push(format!("{place} 没有写"));
                continue;
            };
            let set = table(node, field(one, "diag_type").as_deref());
            match term(books, set, &code, on)? {
                None => findings.unknown.push(code),
                Some(meaning) => {
                    if let (Some(only), Some(sex)) = (meaning.sex, sex)
                        && only.0 != sex
                    {
                        let name = meaning.name;
                        findings.wrong.push(format!("{place} {code} {name} 只用于{}性", only.0.name()));
                    }
                }
            }
        }
    }
    Ok(())
}

/// The table that a node's codes are of.
fn table(node: &str, diag_type: Option<&str>) -> TermSet {
    match (node, diag_type) {
        ("oprninfo", _) => TermSet::Operation,
        ("opspdiseinfo", _) => TermSet::Chronic,
        (_, Some("2")) => TermSet::TcmDisease,
        (_, Some("3")) => TermSet::TcmSyndrome,
        _ => TermSet::Diagnosis,
    }
}
