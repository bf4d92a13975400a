//! The identities that the amounts of a settlement keep, held against what came; reported, never put right.
//!
//! * A: `medfee_sumamt` = `fulamt_ownpay_amt` + `overlmt_selfpay` + `preselfpay_amt` + `inscp_scp_amt`
//! * B: `medfee_sumamt` = `fund_pay_sumamt` + `psn_part_amt` (+ `hosp_part_amt`, by region)
//! * C: `psn_part_amt` = `acct_pay` + `psn_cash_pay`
//! * D: `fund_pay_sumamt` = the sum of the funds' columns
//! * details: Σ `fund_payamt` = `fund_pay_sumamt`, and those under the region's codes of assistance = `maf_pay`
//! * lines: the sums over charge lines = the header's amounts
//!
//! Where a region counts the account in the fund total, D has `acct_pay` too, and B takes it off again, since the person's
//! share has it by C; that reading is this program's. `acct_mulaid_pay` stands in no identity: what it belongs to is not known.

use std::fmt;

use serde_json::Value;

use crate::amount;
use crate::dictionary::field;
use crate::profile::IdentityRules;

/// The columns of `setlinfo` that each hold what one fund paid.
pub const FUND_COLUMNS: [&str; 8] =
    ["hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "oth_pay"];

/// The fund code of the account in `setldetail`.
const ACCOUNT: &str = "310200";

/// What of a charge line adds up to what of the header.
const LINES: [(&str, &str); 5] = [
    ("det_item_fee_sumamt", "medfee_sumamt"),
    ("fulamt_ownpay_amt", "fulamt_ownpay_amt"),
    ("overlmt_amt", "overlmt_selfpay"),
    ("preselfpay_amt", "preselfpay_amt"),
    ("inscp_scp_amt", "inscp_scp_amt"),
];

/// Which identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// The bill and its scope.
    A,
    /// The bill and who pays it.
    B,
    /// The person's share and how it is paid.
    C,
    /// All funds and each of them.
    D,
    /// All funds and the details.
    Details,
    /// Assistance and its details.
    Assistance,
    /// The header and the charge lines.
    Lines,
}

/// An identity that does not hold, or a field without which it cannot be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breach {
    /// Two amounts in fen that should be the same: that of a field, and what should make it up.
    Differs {
        /// Which identity.
        identity: Identity,
        /// The field.
        field: &'static str,
        /// Its amount.
        found: i64,
        /// What makes it up, in words of fields.
        of: String,
        /// What that comes to.
        sum: i64,
    },
    /// A field holds no amount.
    Unreadable {
        /// The field, with its place.
        field: String,
        /// What it holds.
        found: String,
    },
}

impl Breach {
    /// In Chinese.
    pub fn zh(&self) -> String {
        match self {
            Breach::Differs { field, found, of, sum, .. } => {
                let name = self::field(field).map_or("", |field| field.zh);
                let by = amount::text(found - sum);
                format!("{field}（{name}）为{}，而 {of} 合计{}，相差{by}元", amount::text(*found), amount::text(*sum))
            }
            Breach::Unreadable { field, found } => format!("{field} 的值“{found}”不是金额"),
        }
    }

    /// In English.
    pub fn en(&self) -> String {
        match self {
            Breach::Differs { field, found, of, sum, .. } => {
                let by = amount::text(found - sum);
                format!("{field} is {}, but {of} come to {}: {by} yuan apart", amount::text(*found), amount::text(*sum))
            }
            Breach::Unreadable { field, found } => format!("{field} holds \"{found}\", which is no amount"),
        }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.zh())
    }
}

/// Holds a settlement (`setlinfo` and its `setldetail`) against the identities of a region.
pub fn settlement(rules: &IdentityRules, setlinfo: &Value, setldetail: &[&Value]) -> Vec<Breach> {
    let mut ledger = Ledger { breaches: Vec::new() };
    let mut part = |name: &'static str| ledger.amount(setlinfo, name, "setlinfo");
    let bill = part("medfee_sumamt");
    let funds = part("fund_pay_sumamt");
    let person = part("psn_part_amt");
    let account = part("acct_pay");
    let assistance = part("maf_pay");
    let scope = ["fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt"];
    let in_scope: i64 = scope.iter().map(|name| part(name)).sum();
    let hospital = if rules.hospital_part_in_total { part("hosp_part_amt") } else { 0 };
    let cash = part("psn_cash_pay");
    let columns: i64 = FUND_COLUMNS.iter().filter(|name| **name != "maf_pay").map(|name| part(name)).sum();
    let counted = if rules.account_in_fund_total { account } else { 0 };

    let with = |more: bool, base: &str, name: &str| if more { format!("{base}{name}") } else { base.to_owned() };
    let payers = with(rules.hospital_part_in_total, "fund_pay_sumamt + psn_part_amt", " + hosp_part_amt");
    let payers = with(rules.account_in_fund_total, &payers, " − acct_pay");
    let all_funds = with(rules.account_in_fund_total, &FUND_COLUMNS.join(" + "), " + acct_pay");
    ledger.same(Identity::A, ("medfee_sumamt", bill), (scope.join(" + "), in_scope));
    ledger.same(Identity::B, ("medfee_sumamt", bill), (payers, funds + person + hospital - counted));
    ledger.same(Identity::C, ("psn_part_amt", person), ("acct_pay + psn_cash_pay".to_owned(), account + cash));
    ledger.same(Identity::D, ("fund_pay_sumamt", funds), (all_funds, columns + assistance + counted));
    ledger.details(rules, funds, assistance, setldetail);
    ledger.breaches
}

/// Holds the header of a settlement against the charge lines as they were split.
pub fn lines(setlinfo: &Value, lines: &[&Value]) -> Vec<Breach> {
    let mut ledger = Ledger { breaches: Vec::new() };
    for (of_line, of_header) in LINES {
        let sum =
            lines.iter().enumerate().map(|(row, line)| ledger.amount(line, of_line, &format!("line[{}]", row + 1)));
        let sum = sum.sum();
        let found = ledger.amount(setlinfo, of_header, "setlinfo");
        ledger.same(Identity::Lines, (of_header, found), (format!("Σ {of_line}"), sum));
    }
    ledger.breaches
}

struct Ledger {
    breaches: Vec<Breach>,
}

impl Ledger {
    /// The amount of a field; nothing where the field is not there, and a breach where it holds no amount.
    fn amount(&mut self, node: &Value, name: &str, place: &str) -> i64 {
        match node.get(name) {
            None | Some(Value::Null) => 0,
            Some(Value::String(text)) if text.is_empty() => 0,
            Some(value) => amount::fen(value).unwrap_or_else(|| {
                let found = crate::dictionary::short(value);
                self.breaches.push(Breach::Unreadable { field: format!("{place}.{name}"), found });
                0
            }),
        }
    }

    fn same(&mut self, identity: Identity, (field, found): (&'static str, i64), (of, sum): (String, i64)) {
        if found != sum {
            self.breaches.push(Breach::Differs { identity, field, found, of, sum });
        }
    }

    /// Without details there is nothing to hold against: some regions send none.
    fn details(&mut self, rules: &IdentityRules, funds: i64, assistance: i64, details: &[&Value]) {
        if details.is_empty() {
            return;
        }
        let (mut all, mut assisted) = (0, 0);
        for (row, detail) in details.iter().enumerate() {
            let paid = self.amount(detail, "fund_payamt", &format!("setldetail[{}]", row + 1));
            let code = detail.get("fund_pay_type").and_then(Value::as_str).unwrap_or_default();
            if code != ACCOUNT || rules.account_in_fund_total {
                all += paid;
            }
            if rules.assistance.iter().any(|held| held == code) {
                assisted += paid;
            }
        }
        let codes = rules.assistance.join("、");
        self.same(Identity::Details, ("fund_pay_sumamt", funds), ("Σ setldetail.fund_payamt".to_owned(), all));
        self.same(
            Identity::Assistance,
            ("maf_pay", assistance),
            (format!("Σ setldetail.fund_payamt ({codes})"), assisted),
        );
    }
}

#[cfg(test)]
mod tests;
