//! Settlements that keep the identities, and each way not to.

use super::*;
use crate::profile::Profile;
use proptest::prelude::*;
use serde_json::json;

fn rules(account_in_fund_total: bool) -> IdentityRules {
    IdentityRules { account_in_fund_total, ..Profile::named("default").unwrap().unwrap().identities }
}

/// A bill of 1,000.00: 800.00 in scope; basic 500.00, catastrophic 100.00, assistance 50.00; account 30.00, cash 320.00.
fn setlinfo() -> Value {
    json!({
        "medfee_sumamt": 1000, "fulamt_ownpay_amt": 120, "overlmt_selfpay": 30, "preselfpay_amt": "50.00", "inscp_scp_amt": 800,
        "hifp_pay": 500, "hifmi_pay": 100, "maf_pay": 50, "oth_pay": 0, "fund_pay_sumamt": 650,
        "psn_part_amt": 350, "acct_pay": 30, "psn_cash_pay": 320, "hosp_part_amt": 0,
    })
}

fn details() -> Vec<Value> {
    let detail = |code: &str, paid: i64| json!({"fund_pay_type": code, "fund_payamt": paid});
    vec![detail("390100", 500), detail("390200", 100), detail("610100", 20), detail("610101", 30), detail("310200", 30)]
}

fn broken(setlinfo: &Value, account_in_fund_total: bool) -> Vec<Identity> {
    let details = details();
    let details: Vec<&Value> = details.iter().collect();
    settlement(&rules(account_in_fund_total), setlinfo, &details)
        .iter()
        .filter_map(|breach| match breach {
            Breach::Differs { identity, .. } => Some(*identity),
            Breach::Unreadable { .. } => None,
        })
        .collect()
}

#[test]
fn a_settlement_that_adds_up_is_let_pass() {
    assert_eq!(broken(&setlinfo(), false), []);
}

#[test]
fn where_the_account_counts_the_total_is_higher_by_it() {
    let mut counted = setlinfo();
    counted["fund_pay_sumamt"] = 680.into();
    assert_eq!(broken(&counted, true), []);
    assert_eq!(broken(&counted, false), [Identity::B, Identity::D, Identity::Details]);
    assert_eq!(broken(&setlinfo(), true), [Identity::B, Identity::D, Identity::Details]);
}

#[test]
fn each_identity_is_told_when_it_breaks() {
    for (field, identities) in [
        ("inscp_scp_amt", vec![Identity::A]),
        ("hosp_part_amt", vec![Identity::B]),
        ("psn_cash_pay", vec![Identity::C]),
        ("hifp_pay", vec![Identity::D]),
        ("psn_part_amt", vec![Identity::B, Identity::C]),
        ("maf_pay", vec![Identity::D, Identity::Assistance]),
        ("fund_pay_sumamt", vec![Identity::B, Identity::D, Identity::Details]),
    ] {
        let mut odd = setlinfo();
        odd[field] = "7.01".into();
        assert_eq!(broken(&odd, false), identities, "{field}");
    }
}

#[test]
fn a_breach_says_what_differs_and_by_how_much() {
    let mut odd = setlinfo();
    odd["psn_cash_pay"] = json!(320.01);
    odd["oth_pay"] = "无".into();
    let told: Vec<String> = settlement(&rules(false), &odd, &[]).iter().map(Breach::zh).collect();
    assert_eq!(
        told,
        [
            "setlinfo.oth_pay 的值“无”不是金额",
            "psn_part_amt（个人负担总金额）为350.00，而 acct_pay + psn_cash_pay 合计350.01，相差-0.01元",
        ]
    );
}

#[test]
fn every_fund_column_is_an_amount_of_the_dictionary() {
    for column in FUND_COLUMNS {
        assert_eq!(field(column).map(|field| field.kind), Some(crate::dictionary::Kind::Number(16, 2)), "{column}");
    }
}

#[test]
fn lines_add_up_to_the_header() {
    let line = |all: i64, own: i64, over: i64, first: i64, scope: i64| json!({"det_item_fee_sumamt": all, "fulamt_ownpay_amt": own, "overlmt_amt": over, "preselfpay_amt": first, "inscp_scp_amt": scope});
    let [one, two] = [line(600, 120, 0, 50, 430), line(400, 0, 30, 0, 370)];
    assert_eq!(lines(&setlinfo(), &[&one, &two]), []);
    let missing = lines(&setlinfo(), &[&one]);
    assert_eq!(missing.len(), 3, "{missing:?}");
}

proptest! {
    /// Whatever the amounts, a settlement put together by the identities is let pass, and a fen elsewhere is found.
    #[test]
    fn what_is_put_together_right_passes(parts in prop::array::uniform8(0i64..100_000_000), account in 0i64..100_000, counted: bool, which in 0usize..5) {
        let [own, over, first, scope, basic, other, aid, hospital] = parts;
        let bill = own + over + first + scope;
        let funds = basic + other + aid;
        let person = bill - funds - hospital;
        let total = if counted { funds + account } else { funds };
        let mut setlinfo = json!({
            "medfee_sumamt": amount::yuan(bill), "fulamt_ownpay_amt": amount::text(own), "overlmt_selfpay": amount::yuan(over),
            "preselfpay_amt": amount::yuan(first), "inscp_scp_amt": amount::yuan(scope), "hifp_pay": amount::yuan(basic),
            "hifob_pay": amount::yuan(other), "maf_pay": amount::yuan(aid), "hosp_part_amt": amount::yuan(hospital),
            "fund_pay_sumamt": amount::yuan(total), "psn_part_amt": amount::yuan(person), "acct_pay": amount::yuan(account),
            "psn_cash_pay": amount::yuan(person - account),
        });
        prop_assert_eq!(settlement(&rules(counted), &setlinfo, &[]), []);
        let field = ["medfee_sumamt", "inscp_scp_amt", "hifp_pay", "psn_part_amt", "psn_cash_pay"][which];
        setlinfo[field] = amount::yuan(amount::field(&setlinfo, field).unwrap() + 1);
        prop_assert!(!settlement(&rules(counted), &setlinfo, &[]).is_empty());
    }
}
