//! What must hold of what comes back: the identities of the interface, the estimate and its settlement, what a reversal
//! gives back, the form of every answer.

use serde_json::Value;
use wire::Reply;
use wire::amount;
use wire::dictionary::{Shape, rows, transaction};
use wire::identities::{self, Breach, Identity};
use wire::profile::IdentityRules;

/// What does not hold: its kind, and what was found.
pub type Found = (&'static str, String);

/// Amounts that an estimate and its settlement, and a settlement and its reversal, have in common.
const AMOUNTS: [&str; 19] = [
    "medfee_sumamt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt", "act_pay_dedc",
    "hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "oth_pay", "fund_pay_sumamt",
    "psn_part_amt", "acct_pay", "psn_cash_pay", "hosp_part_amt", "acct_mulaid_pay",
];

/// The identities of a settlement or estimate, and its lines against its head.
pub fn settlement(rules: &IdentityRules, output: &Value, lines: &[Value]) -> Vec<Found> {
    let head = &output["setlinfo"];
    let details = rows(output, "setldetail");
    let lines: Vec<&Value> = lines.iter().collect();
    let breaches = identities::settlement(rules, head, &details).into_iter().chain(identities::lines(head, &lines));
    breaches.map(|breach| (kind(&breach), breach.to_string())).collect()
}

fn kind(breach: &Breach) -> &'static str {
    let Breach::Differs { identity, .. } = breach else { return "amount-unreadable" };
    match identity {
        Identity::A => "identity-a",
        Identity::B => "identity-b",
        Identity::C => "identity-c",
        Identity::D => "identity-d",
        Identity::Details => "identity-details",
        Identity::Assistance => "identity-assistance",
        Identity::Lines => "identity-lines",
    }
}

/// Whether a settlement came to what its estimate said.
pub fn as_estimated(estimate: &Value, settled: &Value) -> Vec<Found> {
    differing(&estimate["setlinfo"], &settled["setlinfo"], 1)
        .map(|(name, said, is)| ("estimate", format!("{name}: 预结算 {said}, 结算 {is}")))
        .collect()
}

/// Whether a settlement that is asked for again is what it was; the question has names of its own for cash and own share.
pub fn as_settled(settled: &Value, told: &Value) -> Vec<Found> {
    let (settled, mut told) = (&settled["setlinfo"], told["setlinfo"].clone());
    for (own, other) in [("psn_cash_pay", "cash_payamt"), ("psn_part_amt", "psn_pay")] {
        told[own] = told[other].take();
    }
    differing(settled, &told, 1)
        .map(|(name, was, is)| ("query", format!("{name}: 结算 {was}, 查询 {is} (settled, asked again)")))
        .collect()
}

/// Whether lines that are asked for again are those that were split.
pub fn same_lines(split: &[Value], told: &[&Value]) -> Vec<Found> {
    let line = |sn: &Value| told.iter().find(|row| row["feedetl_sn"] == *sn);
    let amounts = ["det_item_fee_sumamt", "fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt"];
    let odd = split.iter().find(|was| {
        let same = |is: &&Value| amounts.iter().all(|name| amount::field(was, name) == amount::field(is, name));
        !line(&was["feedetl_sn"]).is_some_and(same)
    });
    let what = odd.map(|was| format!("{}: 查询的明细不同 (line differs)", was["feedetl_sn"]));
    let count = (split.len() != told.len())
        .then(|| format!("结算 {} 行，查询 {} 行 (lines settled and told)", split.len(), told.len()));
    what.or(count).map(|what| ("query", what)).into_iter().collect()
}

/// Whether a reversal gives back what was settled, all of it in one direction: some platforms give it as negative amounts.
pub fn given_back(settled: &Value, undone: &Value) -> Vec<Found> {
    let (settled, undone) = (&settled["setlinfo"], &undone["setlinfo"]);
    let total = amount::field(undone, "medfee_sumamt").unwrap_or_default();
    let sign = if total < 0 { -1 } else { 1 };
    differing(settled, undone, sign)
        .map(|(name, was, back)| ("reversal", format!("{name}: 结算 {was}, 撤销 {back}")))
        .collect()
}

fn differing<'v>(
    left: &'v Value,
    right: &'v Value,
    sign: i64,
) -> impl Iterator<Item = (&'static str, String, String)> + 'v {
    let of = |node: &Value, name| amount::field(node, name).unwrap_or_default();
    AMOUNTS.into_iter().filter_map(move |name| {
        // What an answer does not tell cannot be held against it: a reversal may leave the deductible out.
        right.get(name)?;
        let (left, right) = (of(left, name), sign * of(right, name));
        (left != right).then(|| (name, amount::text(left), amount::text(right)))
    })
}

/// Each line as it was split: the same lines, and in each nothing lost.
pub fn split(sent: &[Value], came: &[Value]) -> Vec<Found> {
    if sent.len() != came.len() {
        return vec![("line", format!("发出 {} 行，返回 {} 行 (lines sent and answered)", sent.len(), came.len()))];
    }
    sent.iter().zip(came).filter_map(|(sent, came)| line(sent, came)).collect()
}

fn line(sent: &Value, came: &Value) -> Option<Found> {
    let sn = sent["feedetl_sn"].as_str().unwrap_or_default();
    if came["feedetl_sn"] != sent["feedetl_sn"] {
        return Some(("line", format!("{sn}: 返回的流水号是 {} (line number)", came["feedetl_sn"])));
    }
    let of = |node: &Value, name| amount::field(node, name).unwrap_or_default();
    let parts = ["fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt"];
    let sum: i64 = parts.iter().map(|name| of(came, name)).sum();
    let (asked, told) = (of(sent, "det_item_fee_sumamt"), of(came, "det_item_fee_sumamt"));
    (asked != told || sum != asked).then(|| {
        let [asked, told, sum] = [asked, told, sum].map(amount::text);
        ("line", format!("{sn}: 发出 {asked}, 返回 {told}, 各部分合计 {sum} (sent, answered, sum of parts)"))
    })
}

/// Whether the visit, the person and the message are those that were asked about.
pub fn echo(asked: &Value, head: &Value, msgid: &str) -> Vec<Found> {
    let same = |name: &'static str, wanted: &Value| {
        let found = &head[name];
        (found != wanted).then(|| ("echo", format!("{name}: 应为 {wanted}, 返回 {found} (asked, answered)")))
    };
    let sender = Value::from(msgid);
    let all = [
        same("mdtrt_id", &asked["mdtrt_id"]),
        same("psn_no", &asked["psn_no"]),
        (!msgid.is_empty()).then(|| same("medins_setl_id", &sender)).flatten(),
    ];
    all.into_iter().flatten().collect()
}

/// The form of an answer: the receiver's id and times, and the fields that its output must have.
pub fn form(infno: &str, reply: &Reply) -> Vec<Found> {
    let mut found = Vec::new();
    if reply.inf_refmsgid.len() != 30 {
        found.push(("form", format!("inf_refmsgid“{}”不是 30 位 (not 30 places)", reply.inf_refmsgid)));
    }
    match (reply.refmsg_time, reply.respond_time) {
        (Some(came), Some(went)) if came <= went => {}
        _ => found.push(("form", "refmsg_time、respond_time 缺失或前后颠倒 (times)".to_owned())),
    }
    let Some(transaction) = transaction(infno) else { return found };
    for node in transaction.output.iter().filter(|node| !node.1.contains('.')) {
        let here = rows(&reply.output, node.1);
        // A list may be empty: who is not insured has no insurance.
        let missing =
            reply.output.get(node.1).is_none_or(|found| found.is_null() || (node.0 == Shape::One && here.is_empty()));
        if missing && node.must() {
            found.push(("form", format!("没有节点 {} (node missing)", node.1)));
        }
        for (field, must) in node.fields() {
            if must && here.iter().any(|row| row.get(field.name).is_none()) {
                found.push(("form", format!("{}.{} 缺失 (field missing)", node.1, field.name)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use wire::Profile;

    fn kinds(found: Vec<Found>) -> Vec<&'static str> {
        found.into_iter().map(|(kind, _)| kind).collect()
    }

    fn settled() -> Value {
        json!({ "setlinfo": {
            "mdtrt_id": "1", "psn_no": "2", "medins_setl_id": "m", "medfee_sumamt": 100, "fulamt_ownpay_amt": 10, "preselfpay_amt": 0,
            "overlmt_selfpay": 0, "inscp_scp_amt": 90, "hifp_pay": 60, "fund_pay_sumamt": 60, "psn_part_amt": 40, "acct_pay": 0,
            "psn_cash_pay": 40,
        } })
    }

    fn line_of(amount: i64, own: i64, scope: i64) -> Value {
        json!({"feedetl_sn": "1", "det_item_fee_sumamt": amount, "fulamt_ownpay_amt": own, "inscp_scp_amt": scope})
    }

    #[test]
    fn what_adds_up_passes_and_what_does_not_is_named() {
        let rules = Profile::named("default").unwrap().unwrap().identities;
        let lines = [line_of(100, 10, 90)];
        assert_eq!(kinds(settlement(&rules, &settled(), &lines)), Vec::<&str>::new());
        let mut odd = settled();
        odd["setlinfo"]["psn_cash_pay"] = json!("39.99");
        assert_eq!(kinds(settlement(&rules, &odd, &lines)), ["identity-c"]);
        assert_eq!(kinds(as_estimated(&settled(), &odd)), ["estimate"]);
        assert_eq!(kinds(settlement(&rules, &settled(), &[line_of(99, 9, 90)])), ["identity-lines"; 2]);
    }

    #[test]
    fn a_reversal_gives_all_back_in_either_direction() {
        let mut back = settled();
        for (name, value) in back["setlinfo"].as_object_mut().unwrap() {
            if let Some(yuan) = value.as_i64().filter(|_| name != "mdtrt_id") {
                *value = json!(-yuan);
            }
        }
        assert!(given_back(&settled(), &back).is_empty() && given_back(&settled(), &settled()).is_empty());
        back["setlinfo"]["hifp_pay"] = json!(60);
        assert_eq!(kinds(given_back(&settled(), &back)), ["reversal"]);
    }

    #[test]
    fn lines_come_back_whole() {
        let sent = [line_of(100, 0, 0)];
        assert!(split(&sent, &[line_of(100, 10, 90)]).is_empty());
        assert_eq!(kinds(split(&sent, &[line_of(100, 10, 89)])), ["line"]);
        assert_eq!(kinds(split(&sent, &[])), ["line"]);
    }

    #[test]
    fn an_answer_is_about_what_was_asked() {
        let asked = json!({"mdtrt_id": "1", "psn_no": "2"});
        assert!(echo(&asked, &settled()["setlinfo"], "m").is_empty());
        assert_eq!(echo(&asked, &settled()["setlinfo"], "n").len(), 1);
    }

    #[test]
    fn an_answer_has_what_the_dictionary_asks() {
        let at = jiff::civil::datetime(2022, 10, 31, 12, 0, 0, 0);
        let id = "500000202210311200000000000001".to_owned();
        let good = Reply::done(id, at, at, json!({"data": {"mdtrt_id": "1", "psn_no": "2", "ipt_otp_no": "3"}}));
        assert!(form("2201", &good).is_empty());
        let bare = Reply { output: json!({"data": {"mdtrt_id": "1"}}), ..good.clone() };
        assert_eq!(form("2201", &bare).len(), 2);
        assert_eq!(form("2201", &Reply { inf_refmsgid: String::new(), respond_time: None, ..good }).len(), 2);
    }
}
