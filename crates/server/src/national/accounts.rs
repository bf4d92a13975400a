//! Reconciliation and clearing (3201, 3203, 3204; the comparison line by line, 3202, is in [`super::compare`]).
//!
//! The institution's sums are held against the turnover of the books: what it had settled and took back. Corrections that it did
//! not ask for are told beside, never mixed in.

use books::turnover::Clearing;
use domain::{Fen, Scheme};
use serde_json::{Map, Value, json};

use super::compare;
use super::context::Context;
use super::fault::Fault;
use super::handlers::{Block, on};
use super::rows::{cell, maps};
use super::value::{day, fields, given, must, text, told};

/// The transactions of this block.
pub(super) const ALL: Block =
    &[on!("3201", totals), on!("3202", compare::lines), on!("3203", apply), on!("3204", withdraw)];

/// How sums or lines stand to each other (对账结果), by the codes that two public hospital systems agree on.
pub(super) mod result {
    /// They are the same.
    pub const EVEN: &str = "0";
    /// The centre has what the institution has not.
    pub const ONLY_HERE: &str = "1";
    /// The institution has what the centre has not.
    pub const ONLY_THERE: &str = "2";
    /// Both have it, and it differs.
    pub const DIFFERS: &str = "3";
}

/// The insurance of a code.
pub(super) fn scheme(insutype: &str) -> Result<&'static str, Fault> {
    match insutype {
        "390" => Ok(Scheme::Resident.code()),
        "310" => Ok(Scheme::Employee.code()),
        other => {
            let message = format!("险种 {other} 不单独对账");
            Err(Fault::new("other-insurance", message, "居民填 390，职工填 310；大病等随基本医保一并对账"))
        }
    }
}

/// The clearing type of a code.
pub(super) fn clearing(code: &str) -> Result<&'static str, Fault> {
    match code {
        "11" => Ok(Clearing::Outpatient.code()),
        "21" => Ok(Clearing::Inpatient.code()),
        "41" => Ok(Clearing::Pharmacy.code()),
        other => {
            let message = format!("本平台没有清算类别 {other} 的结算");
            Err(Fault::new("other-clearing", message, "填 11 门诊、21 住院或 41 药店购药"))
        }
    }
}

/// A period of the books, of one office.
pub(super) fn period(context: &Context, node: &Value) -> Map<String, Value> {
    fields([
        ("provider", context.institution().into()),
        ("from", json!(day(node, "stmt_begndate"))),
        ("to", json!(day(node, "stmt_enddate"))),
        ("office", given(node, "setl_optins")),
    ])
}

/// What a side has: count, bills, funds, accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub count: i64,
    pub total: Fen,
    pub funds: Fen,
    pub account: Fen,
    pub person: Fen,
}

impl Sums {
    /// Takes another in.
    pub fn add(&mut self, other: Sums) {
        self.count += other.count;
        self.total += other.total;
        self.funds += other.funds;
        self.account += other.account;
        self.person += other.person;
    }

    /// What persons paid in cash.
    pub fn cash(&self) -> Fen {
        self.person - self.account
    }
}

/// An amount of a message, which the dictionary has made sure of.
pub(super) fn amount(node: &Value, name: &str) -> Fen {
    Fen(wire::amount::field(node, name).unwrap_or_default())
}

/// A whole number of a message.
fn count(node: &Value, name: &str) -> i64 {
    must(node, name).split('.').next().and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// An amount of a table.
pub(super) fn yuan(row: &Map<String, Value>, name: &str) -> Fen {
    Fen::parse_yuan(cell(row, name)).unwrap_or_default()
}

/// What differs between the institution's figures and the centre's, each named.
pub(super) fn differing<const N: usize>(pairs: [(&str, Fen, Fen); N]) -> Vec<String> {
    let differing = pairs.into_iter().filter(|(_, theirs, ours)| theirs != ours);
    differing.map(|(name, theirs, ours)| format!("{name} 机构 {theirs}、中心 {ours}")).collect()
}

async fn totals(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let mut asked = period(context, node);
    asked.insert("scheme".to_owned(), scheme(&must(node, "insutype"))?.into());
    asked.insert("clearing".to_owned(), clearing(&must(node, "clr_type"))?.into());
    let (ours, corrections) = match text(node, "refd_setl_flag") {
        None => net(context, asked).await?,
        Some(flag) => (
            compare::centre(context, asked, Some(flag == "1")).await?.iter().fold(Sums::default(), |mut sums, line| {
                sums.add(line.sums);
                sums
            }),
            String::new(),
        ),
    };
    let told = count(node, "fixmedins_setl_cnt");
    let mut differs = differing([
        ("医疗费总额", amount(node, "medfee_sumamt"), ours.total),
        ("基金支付", amount(node, "fund_pay_sumamt"), ours.funds),
        ("个人账户", amount(node, "acct_pay"), ours.account),
    ]);
    if told != ours.count {
        differs.insert(0, format!("笔数 机构 {told}、中心 {}", ours.count));
    }
    let result = match told.cmp(&ours.count) {
        _ if differs.is_empty() => result::EVEN,
        std::cmp::Ordering::Less => result::ONLY_HERE,
        std::cmp::Ordering::Greater => result::ONLY_THERE,
        std::cmp::Ordering::Equal => result::DIFFERS,
    };
    let said = if differs.is_empty() { "平".to_owned() } else { differs.join("；") };
    let said: String = format!("{said}{corrections}").chars().take(200).collect();
    Ok(json!({ "stmtinfo": { "setl_optins": must(node, "setl_optins"), "stmt_rslt": result, "stmt_rslt_dscr": said } }))
}

/// Settlements less reversals, and what is to be said of corrections.
async fn net(context: &Context, asked: Map<String, Value>) -> Result<(Sums, String), Fault> {
    let rows = maps(context.ask("turnover totals", asked).await?);
    let whole = |row: &Map<String, Value>, name: &str| row.get(name).and_then(Value::as_i64).unwrap_or_default();
    let (mut sums, mut corrected, mut funds) = (Sums::default(), 0, Fen::ZERO);
    for row in &rows {
        sums.add(Sums {
            count: whole(row, "settled") - whole(row, "reversed"),
            total: yuan(row, "total"),
            funds: yuan(row, "funds"),
            account: yuan(row, "account"),
            person: yuan(row, "person"),
        });
        corrected += whole(row, "corrected");
        funds += yuan(row, "corrected_funds");
    }
    let said = if corrected == 0 {
        String::new()
    } else {
        format!("（另有中心更正 {corrected} 笔，基金 {funds}）")
    };
    Ok((sums, said))
}

/// An application names no insurance: this platform clears what the resident insurance settled.
async fn apply(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let yuan = |name: &str| Value::String(amount(node, name).to_string());
    let borne = amount(node, "cash_payamt") + amount(node, "acct_pay");
    let asked = fields([
        ("provider", context.institution().into()),
        ("scheme", Scheme::Resident.code().into()),
        ("clearing", clearing(&must(node, "clr_type"))?.into()),
        ("from", json!(day(node, "begndate"))),
        ("to", json!(day(node, "enddate"))),
        ("count", count(node, "psntime").into()),
        ("total", yuan("medfee_sumamt")),
        ("funds", yuan("fund_appy_sum")),
        ("account", yuan("acct_pay")),
        ("person", Value::String(borne.to_string())),
    ]);
    let answer = context.submit("clearing apply", asked).await?;
    let corrected = told(&answer, "corrected_funds");
    if Fen::parse_yuan(corrected).is_ok_and(|funds| funds != Fen::ZERO) {
        context.warn(format!("本期另有中心更正，基金 {corrected}，清算时一并计入"));
    }
    Ok(json!({ "result": { "clr_appy_evt_id": told(&answer, "application") } }))
}

async fn withdraw(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let asked = fields([("provider", context.institution().into()), ("application", given(node, "clr_appy_evt_id"))]);
    context.submit("clearing withdraw", asked).await?;
    Ok(json!({}))
}
