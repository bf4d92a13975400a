//! What one row says of another: one tier a day, and bills that continue or take back an earlier one.

use domain::{Bill, Date, Diagnostic};

use super::columns::Column;
use super::{HashMap, HashSet, Intake, Origin};

/// Whether each bill is kept. Facts of reversals are filled in from the bills they take back.
pub(super) fn check(intake: &mut Intake<'_>) -> Vec<bool> {
    let mut kept = vec![true; intake.bills.len()];
    one_standing_a_day(intake, &mut kept);
    references(intake, &mut kept);
    kept
}

/// A person is in one scheme and one tier on a day. Which of two is right cannot be known: none of the day's bills is kept.
fn one_standing_a_day(intake: &mut Intake<'_>, kept: &mut [bool]) {
    let Intake { bills, origins, findings, file, .. } = intake;
    let mut first: HashMap<(&str, Date), usize> = HashMap::default();
    // first bill of a day -> the first bill that contradicts it
    let mut disputed: HashMap<usize, usize> = HashMap::default();
    for (at, bill) in ordinary(bills) {
        let earlier = *first.entry((&bill.person_id, bill.date)).or_insert(at);
        if standing(&bills[earlier]) != standing(bill) {
            disputed.entry(earlier).or_insert(at);
        }
    }
    if disputed.is_empty() {
        return;
    }
    for (at, bill) in ordinary(bills) {
        let Some(earlier) = first.get(&(bill.person_id.as_str(), bill.date)) else { continue };
        let Some(contrary) = disputed.get(earlier) else { continue };
        let other = if standing(bill) == standing(&bills[*earlier]) { *contrary } else { *earlier };
        findings.push(two_standings(file, bill, &bills[other], &origins[at], &origins[other]));
        kept[at] = false;
    }
}

fn ordinary(bills: &[Bill]) -> impl Iterator<Item = (usize, &Bill)> {
    bills.iter().enumerate().filter(|(_, bill)| bill.reverses.is_none())
}

fn standing(bill: &Bill) -> (domain::Scheme, Option<&str>) {
    (bill.person.scheme, bill.person.tier.as_deref())
}

fn two_standings(file: &str, bill: &Bill, other: &Bill, at: &Origin, elsewhere: &Origin) -> Diagnostic {
    let tier = |bill: &Bill| bill.person.tier.clone().unwrap_or_else(|| "（未填）".to_owned());
    let (code, column, here, there) = if bill.person.scheme == other.person.scheme {
        ("two-tiers", Column::Tier, tier(bill), tier(other))
    } else {
        let name = |bill: &Bill| bill.person.scheme.name().to_owned();
        ("two-schemes", Column::Scheme, name(bill), name(other))
    };
    let message = format!(
        "人员 {} 在 {} 有两个 {}：此行 {here}，第 {} 行 {there}",
        bill.person_id,
        bill.date,
        column.label(),
        elsewhere.line
    );
    Diagnostic::error(code, at.place(file, column), message, "一人一日只能有一个；核对参保登记后改正其中一行")
}

/// `from_bill` and `reverses` name an earlier, kept bill of the same person; a bill is taken back once.
fn references(intake: &mut Intake<'_>, kept: &mut [bool]) {
    let bills = &mut intake.bills;
    // a reference goes back in time, so in this order what a bill rests on has been decided before it
    let mut referring: Vec<usize> =
        (0..bills.len()).filter(|at| bills[*at].from_bill.is_some() || bills[*at].reverses.is_some()).collect();
    if referring.is_empty() {
        return;
    }
    referring.sort_by_key(|at| (bills[*at].date, *at));
    let named = |bill: &Bill| bill.reverses.clone().or_else(|| bill.from_bill.clone());
    let named: HashSet<String> = referring.iter().filter_map(|at| named(&bills[*at])).collect();
    let by_id = bills.iter().enumerate().filter(|(_, bill)| named.contains(&bill.id));
    let by_id: HashMap<String, usize> = by_id.map(|(at, bill)| (bill.id.clone(), at)).collect();
    let mut taken_back: HashMap<usize, usize> = HashMap::default();
    for at in referring {
        let bill = &bills[at];
        let (column, id) = match (&bill.reverses, &bill.from_bill) {
            (Some(id), _) => (Column::Reverses, id),
            (None, Some(id)) => (Column::FromBill, id),
            (None, None) => continue,
        };
        let target = by_id.get(id).copied();
        let fault = match target {
            None => Some(match intake.seen.get(id) {
                Some(line) => left_out(id, *line),
                None => ("unknown-bill", format!("所指票据“{id}”不在此文件中"), "核对票据号；所指票据须在同一文件中"),
            }),
            Some(target) => fault_of(bills, &intake.origins, kept, at, target)
                .or_else(|| already(column, taken_back.get(&target).map(|by| intake.origins[*by].line))),
        };
        if let Some((code, message, cure)) = fault {
            let message = format!("{}：{message}", column.label());
            intake.findings.push(Diagnostic::error(code, intake.origins[at].place(intake.file, column), message, cure));
            kept[at] = false;
        } else if let (Column::Reverses, Some(target)) = (column, target) {
            taken_back.insert(target, at);
            take_facts(bills, at, target);
        }
    }
}

type Fault = (&'static str, String, &'static str);

fn fault_of(bills: &[Bill], origins: &[Origin], kept: &[bool], at: usize, target: usize) -> Option<Fault> {
    let (bill, named, line) = (&bills[at], &bills[target], origins[target].line);
    let id = &named.id;
    if bill.person_id != named.person_id {
        let message = format!("所指票据“{id}”（第 {line} 行）是人员 {} 的", named.person_id);
        return Some(("other-person", message, "只能指同一人的票据；核对票据号与人员编号"));
    }
    if named.reverses.is_some() {
        return Some((
            "refers-to-reversal",
            format!("所指票据“{id}”（第 {line} 行）本身是冲销"),
            "指向原票据；要恢复已冲销的票据请另录一张",
        ));
    }
    if (named.date, target) >= (bill.date, at) {
        let message = format!("所指票据“{id}”（第 {line} 行，{}）不早于本票据", named.date);
        return Some(("later-bill", message, "只能指更早的票据；同一天的须排在前面的行"));
    }
    (!kept[target]).then(|| left_out(id, line))
}

fn left_out(id: &str, line: usize) -> Fault {
    ("left-out-bill", format!("所指票据“{id}”（第 {line} 行）有错未采用，本行随之不采用"), "先改正所指的那一行")
}

fn already(column: Column, by_line: Option<usize>) -> Option<Fault> {
    let line = by_line.filter(|_| column == Column::Reverses)?;
    Some(("reversed-twice", format!("所指票据已由第 {line} 行冲销"), "一张票据只冲销一次；删去其中一行"))
}

/// A reversal stands where the bill it takes back stood; its own amounts stay empty.
fn take_facts(bills: &mut [Bill], at: usize, target: usize) {
    let named = bills[target].clone();
    let Bill { region, person, care, level, filing, disease, marks, .. } = named;
    let reversal = &mut bills[at];
    *reversal = Bill { region, person, care, level, filing, disease, marks, ..reversal.clone() };
}
