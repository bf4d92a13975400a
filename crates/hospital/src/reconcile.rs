//! Reconciliation: the hospital's totals against the platform's (3201) and, where they differ, settlement by settlement
//! (9101, 3202, 9102).
//!
//! What others settled for the same institution on the same day is in the platform's totals too. It shows in the comparison
//! as settlements of visits that were never registered here; they are set aside, said so, and the totals held again.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wire::{amount, moment};

use crate::files;
use crate::ledger::{Group, Ledger, Sum};
use crate::seat::{No, Seat, text};

/// How the reconciliation of one group ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// What was compared.
    pub group: Group,
    /// The hospital's sums.
    pub own: Sum,
    /// What others settled here today.
    pub others: Sum,
    /// Whether the platform has the same.
    pub same: bool,
    /// What the platform said.
    pub said: String,
    /// The settlements of today's visits that differ.
    pub differences: Vec<String>,
}

/// The result of a comparison without a difference.
const SAME: &str = "0";
/// The platform has what the institution has not.
const ONLY_THERE: &str = "1";

/// Compares all groups.
pub async fn closing(seat: &mut Seat) -> Vec<Balance> {
    seat.insuplc.clear();
    let sums: BTreeMap<Group, Sum> = seat.day.ledger.borrow().sums();
    let mut balances = Vec::new();
    for (group, own) in sums {
        balances.push(close(seat, group, own).await);
    }
    balances
}

/// What is even with the platform, by clearing type: an application for clearing names no insurance. What others settled here
/// is in it, as the platform has it.
pub fn even(balances: &[Balance]) -> BTreeMap<String, Sum> {
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for balance in balances {
        let mut all = balance.own;
        let Sum { total, funds, account, .. } = balance.others;
        all.add(Sum { cash: total - funds - account, ..balance.others });
        sums.entry(balance.group.clr_type.clone()).or_default().add(all);
    }
    let uneven = balances.iter().filter(|balance| !balance.same);
    uneven.for_each(|balance| _ = sums.remove(&balance.group.clr_type));
    sums
}

async fn close(seat: &mut Seat, group: Group, own: Sum) -> Balance {
    let (mut msgid, mut same, mut said) = totals(seat, &group, own).await;
    let (mut others, mut differences) = (Sum::default(), Vec::new());
    if !same {
        match detailed(seat, &group).await {
            Ok(lines) => (others, differences) = sorted(&seat.day.ledger.borrow(), &lines),
            Err(No::Refused(why) | No::Failed(why)) => differences.push(why),
        }
        if differences.is_empty() && others != Sum::default() {
            let mut all = own;
            all.add(others);
            (msgid, same, said) = totals(seat, &group, all).await;
        }
    }
    let found = (!same).then(|| ("totals", format!("{} {}: {said}", group.insutype, group.clr_type)));
    seat.held("3201", &msgid, found.into_iter().collect());
    Balance { group, own, others, same, said, differences }
}

/// Asks whether the platform has these sums (3201): id of the message, whether, and its words.
async fn totals(seat: &mut Seat, group: &Group, sum: Sum) -> (String, bool, String) {
    let today = seat.day.stamps.local().date().to_string();
    let input = json!({ "data": {
        "insutype": group.insutype, "clr_type": group.clr_type, "setl_optins": group.clr_optins, "stmt_begndate": today,
        "stmt_enddate": today, "medfee_sumamt": amount::yuan(sum.total), "fund_pay_sumamt": amount::yuan(sum.funds),
        "acct_pay": amount::yuan(sum.account), "fixmedins_setl_cnt": sum.count,
    } });
    match seat.ask("3201", input).await {
        Ok((msgid, output)) => {
            let info = &output["stmtinfo"];
            (msgid, text(info, "stmt_rslt") == SAME, text(info, "stmt_rslt_dscr"))
        }
        Err(No::Refused(why) | No::Failed(why)) => (String::new(), false, why),
    }
}

/// The hospital's file of a group: a line a settlement, and one more for each that was taken back; with its sums.
fn file(ledger: &Ledger, group: &Group) -> (String, Sum) {
    let (mut text, mut sum) = (String::new(), Sum::default());
    for settled in ledger.all().filter(|settled| settled.group == *group) {
        for (moved, mark) in settled.moves().into_iter().zip(["0", "1"]) {
            let Some(moved) = moved else { continue };
            let amounts = [moved.total, moved.funds, moved.account].map(amount::text).join("\t");
            text.push_str(&format!(
                "{}\t{}\t{}\t{amounts}\t{mark}\n",
                settled.setl_id, settled.mdtrt_id, settled.psn_no
            ));
            sum.add(Sum { count: 1, ..moved });
        }
    }
    // An empty file is no file.
    (if text.is_empty() { "\n".to_owned() } else { text }, sum)
}

/// Sends the settlements of a group, and fetches the lines that differ.
async fn detailed(seat: &mut Seat, group: &Group) -> Result<Vec<Vec<String>>, No> {
    let code = seat.day.plan.institution.code.clone();
    let (file, sum) = file(&seat.day.ledger.borrow(), group);
    let name = format!("{code}-{}.txt", moment::seconds(seat.day.stamps.local()));
    let sent = files::send(seat, &file, &name, &code).await?;
    let today = seat.day.stamps.local().date().to_string();
    let input = json!({ "data": {
        "setl_optins": group.clr_optins, "file_qury_no": sent["file_qury_no"], "stmt_begndate": today,
        "stmt_enddate": today, "medfee_sumamt": amount::yuan(sum.total), "fund_pay_sumamt": amount::yuan(sum.funds),
        "cash_payamt": amount::yuan(sum.cash), "fixmedins_setl_cnt": sum.count, "clr_type": group.clr_type,
    } });
    let (_, answer) = seat.ask("3202", input).await?;
    let text = files::fetch(seat, &answer["fileinfo"], &code).await?;
    Ok(text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}

/// The lines of a comparison: what others settled, and what differs of today's own visits. A settlement that was recalled before
/// its answer came is known to the platform alone, settled and taken back: that is nothing.
fn sorted(ledger: &Ledger, lines: &[Vec<String>]) -> (Sum, Vec<String>) {
    let (mut others, mut differences) = (Sum::default(), Vec::new());
    let mut unheard: BTreeMap<&str, (i64, Vec<String>)> = BTreeMap::new();
    for line in lines {
        let [_, visit, settlement, _, result, refund, memo, total, funds, account, ..] = line.as_slice() else {
            differences.push(format!("3202 的结果行只有 {} 列 (columns)", line.len()));
            continue;
        };
        let known = ledger.get(settlement).is_some();
        let [Some(total), Some(funds), Some(account)] =
            [total, funds, account].map(|text| amount::fen(&Value::from(text.as_str())))
        else {
            differences.push(format!("{settlement}: 金额读不出 (amounts)"));
            continue;
        };
        let told = format!("{settlement} {visit} {} {memo}", amount::text(total));
        if known || result != ONLY_THERE {
            differences.push(told);
            continue;
        }
        if ledger.has_visit(visit) {
            let (left, lines) = unheard.entry(settlement).or_default();
            *left += total;
            lines.push(told);
            continue;
        }
        let count = if refund == "1" { -1 } else { 1 };
        others.add(Sum { count, total, funds, account, cash: 0 });
    }
    let left = unheard.into_values().filter(|(left, lines)| *left != 0 || lines.len() % 2 == 1);
    differences.extend(left.flat_map(|(_, lines)| lines));
    (others, differences)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Settled;

    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        for (id, total) in [("a", 10), ("b", 7)] {
            let head = json!({ "setl_id": id, "mdtrt_id": format!("v{id}"), "psn_no": "p", "medfee_sumamt": total, "psn_cash_pay": total });
            ledger.opened(&format!("v{id}"));
            ledger.enter(Settled::read(&head, "390"));
        }
        ledger.undo("b");
        ledger
    }

    #[test]
    fn what_was_taken_back_stands_twice_in_the_file() {
        let group = Group { insutype: "390".to_owned(), ..Group::default() };
        let (text, sum) = file(&ledger(), &group);
        assert_eq!(
            text,
            "a\tva\tp\t10.00\t0.00\t0.00\t0\nb\tvb\tp\t7.00\t0.00\t0.00\t0\nb\tvb\tp\t-7.00\t0.00\t0.00\t1\n"
        );
        assert_eq!((sum.count, sum.total), (3, 1_000));
        assert_eq!(file(&Ledger::default(), &group), ("\n".to_owned(), Sum::default()));
    }

    #[test]
    fn what_is_even_is_applied_for_by_clearing_type_with_what_others_settled() {
        let sum = |count, total, funds, cash| Sum { count, total, funds, account: 0, cash };
        let balance = |insutype: &str, clr_type: &str, same| Balance {
            group: Group { insutype: insutype.to_owned(), clr_type: clr_type.to_owned(), ..Group::default() },
            own: sum(2, 1_000, 600, 400),
            others: sum(1, 500, 200, 0),
            same,
            said: String::new(),
            differences: Vec::new(),
        };
        let found = even(&[balance("390", "11", true), balance("310", "11", true), balance("390", "21", false)]);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [("11".to_owned(), sum(6, 3_000, 1_600, 1_400))]);
    }

    #[test]
    fn others_are_set_aside_and_ones_own_are_told() {
        let line = |visit: &str, setl_id: &str, result: &str, refund: &str, total: &str| {
            ["p", visit, setl_id, "null", result, refund, "", total, "1", "0"].map(str::to_owned).to_vec()
        };
        let lines = [
            line("x", "c", ONLY_THERE, "0", "5"),
            line("x", "c", ONLY_THERE, "1", "-5"),
            line("y", "d", ONLY_THERE, "0", "3"),
            line("va", "e", ONLY_THERE, "0", "2"),
            line("va", "recalled", ONLY_THERE, "0", "4"),
            line("va", "recalled", ONLY_THERE, "1", "-4"),
            line("z", "a", "3", "0", "2"),
        ];
        let (others, differences) = sorted(&ledger(), &lines);
        assert_eq!((others.count, others.total), (1, 300));
        assert_eq!(
            differences.len(),
            2,
            "a settlement of a visit of ours that we never heard of, and one that differs"
        );
    }
}
