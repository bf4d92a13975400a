//! A settlement, and one taken back, as the interface writes them: head, funds, and the identities that must hold.

use books::Answer;
use domain::{Fen, Payer, Vocabulary as _};
use serde_json::{Value, json};
use tracing::error;
use wire::identities;
use wire::profile::Fund;

use super::context::Context;
use super::fault::Fault;
use super::rows::{Row, cell};
use super::value::{amount, fields, moment, number, told, yuan};
use super::who::Who;

/// Amounts of a head: name there, name in the answers of the books.
const AMOUNTS: [(&str, &str); 10] = [
    ("medfee_sumamt", "total"),
    ("fulamt_ownpay_amt", "out_of_scope"),
    ("overlmt_selfpay", "over_limit"),
    ("preselfpay_amt", "first_self_pay"),
    ("inscp_scp_amt", "in_scope"),
    ("act_pay_dedc", "deductible"),
    ("fund_pay_sumamt", "funds"),
    ("psn_part_amt", "person"),
    ("acct_pay", "account"),
    ("psn_cash_pay", "cash"),
];

/// What a settlement answered: `setlinfo` and `setldetail`. An estimate has no number and no time.
pub(crate) async fn settled(context: &Context, node: &Value, mut answer: Answer) -> Result<Value, Fault> {
    let day = told(&answer, "at").get(..10).and_then(|day| day.parse().ok()).unwrap_or(context.today());
    let number = told(&answer, "who").to_owned();
    let who = match Who::shown(&number, &mut answer) {
        Some(who) => who,
        None => Who::read(context, &number, Some(day)).await?,
    };
    let answer = &answer;
    let mut head = who.base(day);
    head.extend(who.insured(day));
    head.extend(fields([
        ("mdtrt_id", json!(told(answer, "visit"))),
        ("setl_id", json!(told(answer, "settlement"))),
        ("insutype", json!(told(answer, "insurance"))),
        ("setl_time", moment(told(answer, "at"))),
        ("mdtrt_cert_type", node["mdtrt_cert_type"].clone()),
        ("med_type", json!(super::visit::med_type(told(answer, "kind"), told(answer, "care")))),
        ("medins_setl_id", json!(msgid(told(answer, "request")))),
        ("clr_optins", json!(told(answer, "office").get(..6))),
        ("clr_type", json!(clearing(told(answer, "clearing")))),
    ]));
    let shares = answer.fields.get("shares").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    finish(context, head, &answer.fields, told(answer, "insurance"), shares)
}

/// An estimate: as a settlement, but that nothing was settled.
pub(crate) async fn estimated(context: &Context, node: &Value, answer: Answer) -> Result<Value, Fault> {
    let mut output = settled(context, node, answer).await?;
    if let Some(head) = output["setlinfo"].as_object_mut() {
        for name in ["setl_id", "setl_time", "medins_setl_id"] {
            head.insert(name.to_owned(), Value::Null);
        }
    }
    Ok(output)
}

/// What taking a settlement back answered: the amounts are below nothing.
pub(crate) fn undone(context: &Context, answer: &Answer) -> Result<Value, Fault> {
    let head = fields([
        ("mdtrt_id", json!(told(answer, "visit"))),
        ("setl_id", answer.fields.get("reversal").cloned().unwrap_or_else(|| json!(told(answer, "settlement")))),
        ("clr_optins", json!(told(answer, "office").get(..6))),
        ("setl_time", moment(told(answer, "at"))),
        ("medins_setl_id", json!(msgid(told(answer, "request")))),
    ]);
    let payers = answer.fields.get("payers").and_then(Value::as_object);
    let shares = payers.into_iter().flatten().map(|(payer, paid)| json!({ "payer": payer, "paid": paid }));
    finish(context, head, &answer.fields, told(answer, "insurance"), &shares.collect::<Vec<_>>())
}

/// Adds the amounts and the funds to a head, and holds all of it against the identities of the region.
pub(crate) fn finish(
    context: &Context,
    mut head: Row,
    amounts: &Row,
    insutype: &str,
    shares: &[Value],
) -> Result<Value, Fault> {
    for (theirs, ours) in AMOUNTS {
        let value = amounts.get(ours);
        // What taking back gives does not tell the deductible again; the field may be left out, and zero would be wrong.
        if value.is_none() && ours == "deductible" {
            continue;
        }
        head.insert(theirs.to_owned(), if value.is_some() { yuan(value) } else { wire::amount::yuan(0) });
    }
    let mut columns = [Fen::ZERO; identities::FUND_COLUMNS.len()];
    let mut details = Vec::with_capacity(shares.len());
    for share in shares {
        let payer = Payer::read(share["payer"].as_str().unwrap_or_default()).unwrap_or(Payer::Other);
        let fund = fund(context, insutype, payer);
        let paid = amount(share.get("paid")).unwrap_or_default();
        if let Some(at) = identities::FUND_COLUMNS.iter().position(|column| *column == fund.column) {
            columns[at] += paid;
        }
        details.push(detail(payer, &fund, share));
    }
    for (column, paid) in identities::FUND_COLUMNS.iter().zip(columns) {
        head.insert((*column).to_owned(), wire::amount::yuan(paid.0));
    }
    let ratio = cell(amounts, "ratio");
    let nothing = wire::amount::yuan(0);
    head.extend([
        ("pool_prop_selfpay".to_owned(), number(if ratio.is_empty() { "0.0000" } else { ratio })),
        ("hosp_part_amt".to_owned(), nothing.clone()),
        ("acct_mulaid_pay".to_owned(), nothing.clone()),
    ]);
    head.entry("balc").or_insert(nothing);
    held(context, Value::Object(head), details)
}

/// The answer, if the identities hold: what does not add up is not sent.
fn held(context: &Context, head: Value, details: Vec<Value>) -> Result<Value, Fault> {
    let rows: Vec<&Value> = details.iter().collect();
    let breaches = identities::settlement(&context.profile().identities, &head, &rows);
    if breaches.is_empty() {
        return Ok(json!({ "setlinfo": head, "setldetail": details }));
    }
    for breach in &breaches {
        error!(request = context.id, breach = breach.en(), "an identity of the interface is broken");
    }
    debug_assert!(false, "{breaches:?}");
    let cure = "不要重复收费或另行结算，凭报文ID向经办机构核对这次办理的结果";
    Err(Fault::new("amounts-differ", "本次办理返回的金额勾稽不符，未下发", cure))
}

/// What one fund paid.
fn detail(payer: Payer, fund: &Fund, share: &Value) -> Value {
    let name = share["name"].as_str().filter(|name| !name.is_empty()).unwrap_or(payer.name());
    json!({
        "fund_pay_type": fund.code,
        "inscp_scp_amt": yuan(share.get("base")),
        // Where the fund has no ceiling, it may pay all that it looked at.
        "crt_payb_lmt_amt": yuan(share.get("limit").filter(|limit| !limit.is_null()).or(share.get("base"))),
        "fund_payamt": yuan(share.get("paid")),
        "fund_pay_type_name": name,
        "setl_proc_info": share["text"],
    })
}

/// Column and code of a payer in the region; what it does not name is among the others.
fn fund(context: &Context, insutype: &str, payer: Payer) -> Fund {
    let named = context.profile().fund(insutype, payer.code()).cloned();
    named.unwrap_or_else(|| Fund { column: payer.column().to_owned(), code: "999997".to_owned() })
}

pub(crate) fn clearing(word: &str) -> &'static str {
    match word {
        "inpatient" => "21",
        "pharmacy" => "41",
        _ => "11",
    }
}

/// The message id in a request id; of a request from elsewhere, its end.
pub(crate) fn msgid(request: &str) -> &str {
    request.rsplit('/').next().unwrap_or(request)
}
