//! Visits: outpatient, inpatient, a pharmacy; taken back, recalled, repeated.

use serde_json::{Value, json};
use wire::amount::fen;
use wire::identities;

use crate::his::{CARD, ENDED, HOSPITAL, OTHER, PHARMACY, Platform, VOUCHER, code};

/// Class A, 12 yuan at most; class B, 10% first, 42 at most.
const A: &str = "XJ01CAA001A001010100000";
const B: &str = "XJ01MAA003A003010100000";
/// Class B, paid under conditions only, 68 at most.
const LIMITED: &str = "XA10AEA016A007010100000";

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn register(his: &Platform, number: &str) -> String {
    let data = json!({
        "psn_no": his.person, "insutype": "390", "begntime": wire::moment::spoken(his.now), "mdtrt_cert_type": "01",
        "mdtrt_cert_no": "x", "ipt_otp_no": number, "atddr_no": "D500001", "dr_name": "王某", "dept_code": "0301",
        "dept_name": "内科", "caty": "A03",
    });
    let output = his.run("2201", json!({ "data": data }));
    assert_eq!((&output["data"]["psn_no"], &output["data"]["ipt_otp_no"]), (&json!(his.person), &json!(number)));
    text(&output["data"]["mdtrt_id"])
}

fn line(his: &Platform, visit: &str, sn: &str, code: &str, count: i64, price: &str, amount: &str) -> Value {
    json!({
        "feedetl_sn": sn, "mdtrt_id": visit, "psn_no": his.person, "chrg_bchno": "B1", "rx_circ_flag": "0",
        "fee_ocur_time": wire::moment::spoken(his.now), "med_list_codg": code, "medins_list_codg": format!("own{sn}"),
        "det_item_fee_sumamt": amount, "cnt": count, "pric": price, "bilg_dept_codg": "0301", "bilg_dept_name": "内科",
        "bilg_dr_codg": "D500001", "bilg_dr_name": "王某", "hosp_appr_flag": "0", "med_type": "21",
    })
}

/// Diagnoses as a message has them.
fn diagnoses(his: &Platform) -> Value {
    json!([{
        "psn_no": his.person, "diag_type": "1", "maindiag_flag": "1", "diag_srt_no": "1", "diag_code": "J18.900",
        "diag_name": "肺炎", "diag_dept": "内科", "dise_dor_no": "D500001", "dise_dor_name": "王某",
        "diag_time": wire::moment::spoken(his.now), "vali_flag": "1",
    }])
}

pub fn settling(his: &Platform, visit: &str, total: &str) -> Value {
    json!({
        "psn_no": his.person, "mdtrt_cert_type": "01", "mdtrt_cert_no": "x", "med_type": "11", "medfee_sumamt": total,
        "psn_setlway": "01", "mdtrt_id": visit, "chrg_bchno": "B1", "acct_used_flag": "0", "insutype": "390",
        "invono": "FP001", "fulamt_ownpay_amt": "0", "overlmt_selfpay": "8", "preselfpay_amt": "8.4",
        "inscp_scp_amt": "195.6",
    })
}

/// A visit with two lines of 212 yuan: 120 of class A, 92 of class B, 8 of them above the limit.
pub fn charged(his: &Platform, number: &str) -> String {
    let visit = register(his, number);
    let described = json!({
        "mdtrtinfo": {
            "mdtrt_id": visit, "psn_no": his.person, "med_type": "11", "begntime": wire::moment::spoken(his.now),
            "main_cond_dscr": "咳嗽",
        },
        "diseinfo": diagnoses(his),
    });
    assert_eq!(his.run("2203", described), Value::Null);
    let lines = [
        line(his, &visit, &format!("{number}-1"), A, 10, "12", "120.00"),
        line(his, &visit, &format!("{number}-2"), B, 2, "46.00", "92.00"),
    ];
    let output = his.run("2204", json!({ "feedetail": lines }));
    let split = output["result"].as_array().unwrap();
    assert_eq!((&split[0]["chrgitm_lv"], &split[1]["chrgitm_lv"]), (&json!("01"), &json!("02")));
    assert_eq!(
        ["overlmt_amt", "preselfpay_amt", "inscp_scp_amt"].map(|name| fen(&split[1][name])),
        [Some(800), Some(840), Some(7560)]
    );
    assert_eq!(split[1]["selfpay_prop"], json!(0.1));
    visit
}

/// The hospital's totals of the day (3201), from the settlements that stand by its books, are the centre's.
pub fn even(his: &Platform, heads: &[&Value]) {
    let (count, total, funds) = his.before;
    let sum = |name: &str, before: i64| {
        wire::amount::yuan(before + heads.iter().map(|head| fen(&head[name]).unwrap()).sum::<i64>())
    };
    let day = his.now.date().to_string();
    let asked = json!({ "data": {
        "insutype": "390", "clr_type": "11", "setl_optins": "500000", "stmt_begndate": day, "stmt_enddate": day,
        "medfee_sumamt": sum("medfee_sumamt", total), "fund_pay_sumamt": sum("fund_pay_sumamt", funds),
        "acct_pay": sum("acct_pay", 0), "fixmedins_setl_cnt": count + i64::try_from(heads.len()).unwrap(),
    } });
    let told = his.run("3201", asked)["stmtinfo"].clone();
    assert_eq!(told["stmt_rslt"], "0", "{told}");
}

#[test]
fn an_outpatient_visit_is_settled_taken_back_and_settled_again() {
    let his = Platform::open();
    let card = json!({ "mdtrt_cert_type": "02", "mdtrt_cert_no": his.person });
    let person = his.run("1101", json!({ "data": card }));
    assert_eq!(person["baseinfo"]["psn_no"], json!(his.person));
    assert_eq!(person["insuinfo"][0]["insutype"], "390");
    assert_eq!((&person["baseinfo"]["naty"], &person["insuinfo"][0]["emp_name"]), (&json!("03"), &json!("某某纺织厂")));
    let found = his.run("1201", json!({ "medinsinfo": { "fixmedins_type": "1" } }))["medinsinfo"][0].clone();
    assert_eq!(
        ["fixmedins_code", "uscc", "hosp_lv"].map(|name| found[name].clone()),
        [HOSPITAL, "12000000000000000Q", "02"].map(Value::from)
    );
    let asked = json!({ "data": {
        "psn_no": his.person, "insutype": "390", "fixmedins_code": HOSPITAL, "med_type": "11",
        "begntime": wire::moment::spoken(his.now),
    } });
    assert_eq!(his.run("2001", asked)["trtinfo"][0]["fund_pay_stas"], "1");

    let visit = charged(&his, "MZ1");
    let estimate = his.run("2206", json!({ "data": settling(&his, &visit, "212") }));
    let settled = his.run("2207", json!({ "data": settling(&his, &visit, "212") }));
    let head = &settled["setlinfo"];
    for name in ["medfee_sumamt", "fund_pay_sumamt", "psn_part_amt", "inscp_scp_amt", "act_pay_dedc", "hifp_pay"] {
        assert_eq!(estimate["setlinfo"][name], head[name], "{name}");
    }
    assert_eq!((fen(&head["medfee_sumamt"]), &estimate["setlinfo"]["setl_id"]), (Some(21_200), &Value::Null));
    for name in ["psn_no", "psn_name", "psn_cert_type", "certno", "naty", "brdy"] {
        assert_eq!(head[name], person["baseinfo"][name], "{name}");
    }
    assert_eq!((&head["med_type"], &head["clr_type"], &head["insutype"]), (&json!("11"), &json!("11"), &json!("390")));
    let back = json!({ "data": { "setl_id": head["setl_id"], "mdtrt_id": visit, "psn_no": his.person } });
    let undone = his.run("2208", back.clone());
    for name in ["medfee_sumamt", "fund_pay_sumamt", "psn_part_amt"] {
        assert_eq!(fen(&undone["setlinfo"][name]).map(|fen| -fen), fen(&head[name]), "{name}");
    }
    assert_eq!(his.refused(&his.message("2208", back)), "already-reversed");
    let again = his.run("2207", json!({ "data": settling(&his, &visit, "212") }));
    assert_ne!(again["setlinfo"]["setl_id"], head["setl_id"]);
    assert_eq!(again["setlinfo"]["fund_pay_sumamt"], head["fund_pay_sumamt"]);
    assert_eq!(
        his.refused(
            &his.message("2205", json!({ "data": { "mdtrt_id": visit, "chrg_bchno": "B1", "psn_no": his.person } }))
        ),
        "unknown-batch"
    );
}

#[test]
fn one_message_charges_several_batches_of_several_visits_or_nothing() {
    let his = Platform::open();
    let visits = [register(&his, "MZ1"), register(&his, "MZ2")];
    let of = |visit: &str, sn: &str, batch: &str, count: i64, amount: &str| {
        let mut line = line(&his, visit, sn, A, count, "12", amount);
        line["chrg_bchno"] = json!(batch);
        line
    };
    let lines =
        [of(&visits[0], "1", "B1", 1, "12"), of(&visits[1], "1", "B1", 3, "36"), of(&visits[0], "2", "B2", 2, "24")];
    let mut broken = lines.clone();
    broken[2]["det_item_fee_sumamt"] = json!("25");
    assert_eq!(his.refused(&his.message("2204", json!({ "feedetail": broken }))), "bad-line");
    let message = his.message("2204", json!({ "feedetail": lines }));
    let split = his.good(&message)["result"].clone();
    assert_eq!(his.good(&message)["result"], split, "once");
    let amounts: Vec<_> =
        split.as_array().unwrap().iter().map(|row| fen(&row["det_item_fee_sumamt"]).unwrap()).collect();
    assert_eq!(amounts, [1_200, 3_600, 2_400], "in the order in which they came");
    let settled = |visit: &str, batch: &str, total: &str| {
        let mut data = settling(&his, visit, total);
        data["chrg_bchno"] = json!(batch);
        for (name, amount) in [("overlmt_selfpay", "0"), ("preselfpay_amt", "0"), ("inscp_scp_amt", total)] {
            data[name] = json!(amount);
        }
        his.run("2207", json!({ "data": data }))["setlinfo"].clone()
    };
    let heads = [settled(&visits[0], "B2", "24"), settled(&visits[0], "B1", "12"), settled(&visits[1], "B1", "36")];
    even(&his, &heads.iter().collect::<Vec<_>>());
    let mut two = [of(&visits[0], "3", "B3", 1, "12"), of(&visits[0], "4", "B3", 1, "12")];
    two[1]["dise_codg"] = json!("M03900");
    assert_eq!(his.refused(&his.message("2204", json!({ "feedetail": two }))), "several-diseases");
    two[1]["psn_no"] = json!("another");
    two[1]["dise_codg"] = Value::Null;
    assert_eq!(his.refused(&his.message("2204", json!({ "feedetail": two }))), "several-persons");
}

#[test]
fn where_the_region_asks_an_item_is_matched_before_it_is_charged() {
    let his = Platform::changed(|profile| profile.match_first = true);
    let matching = |own: &str, code: &str| {
        let begin = format!("{} 00:00:00", his.now.date());
        let item = json!({
            "fixmedins_hilist_id": own, "fixmedins_hilist_name": "院内药", "list_type": "101", "med_list_codg": code,
            "begndate": begin,
        });
        his.run("3301", json!({ "data": [item] }));
    };
    let charging = |visit: &str, sn: &str| json!({ "feedetail": [line(&his, visit, sn, A, 10, "12", "120.00")] });
    let visit = register(&his, "MZ1");
    let unmatched = his.send(&his.message("2204", charging(&visit, "1")));
    assert_eq!(code(&unmatched), "not-matched");
    let said = text(&unmatched["err_msg"]);
    assert!(["明细 1", "own1", "3301"].iter().all(|part| said.contains(part)), "{said}");
    matching("own1", B);
    assert_eq!(his.refused(&his.message("2204", charging(&visit, "1"))), "matched-otherwise");
    matching("own1", A);
    his.run("2204", charging(&visit, "1"));
    // All lines of a message or none; and a line that was taken is not asked again.
    let mut two = charging(&visit, "3");
    two["feedetail"].as_array_mut().unwrap().insert(0, charging(&visit, "1")["feedetail"][0].clone());
    assert_eq!(his.refused(&his.message("2204", two)), "not-matched");
    let cancelled = json!({ "data": [{ "fixmedins_hilist_id": "own1", "list_type": "101", "med_list_codg": A }] });
    his.run("3302", cancelled);
    his.run("2204", charging(&visit, "1"));
    // A refund goes by the line that it refunds.
    let mut refund = line(&his, &visit, "4", A, -10, "12", "-120.00");
    refund["init_feedetl_sn"] = json!("1");
    his.run("2204", json!({ "feedetail": [refund] }));
    // Without such a rule every line of the other tests is taken, matched or not.
    let open = Platform::open();
    charged(&open, "MZ1");
}

#[test]
fn a_lost_answer_is_given_again_and_another_input_is_a_conflict() {
    let his = Platform::open();
    let visit = charged(&his, "MZ1");
    let message = his.message("2207", json!({ "data": settling(&his, &visit, "212") }));
    let first = his.good(&message);
    let second = his.good(&message);
    assert_eq!(first.to_string(), second.to_string(), "byte for byte");
    assert_eq!(first["setlinfo"]["medins_setl_id"], message["msgid"]);
    let mut other = message.clone();
    other["input"]["data"]["invono"] = json!("FP002");
    assert_eq!(his.refused(&other), "key-reused");
    // Under another id, the settlement that stands.
    let third = his.run("2207", json!({ "data": settling(&his, &visit, "212") }));
    assert_eq!(
        (&third["setlinfo"]["setl_id"], &third["setlinfo"]["medins_setl_id"]),
        (&first["setlinfo"]["setl_id"], &message["msgid"])
    );
}

#[test]
fn a_difference_is_named_before_anything_is_settled() {
    let his = Platform::open();
    let visit = charged(&his, "MZ1");
    let refused = |field: &str, value: &str| {
        let mut data = settling(&his, &visit, "212");
        data[field] = json!(value);
        his.refused(&his.message("2207", json!({ "data": data })))
    };
    assert_eq!(refused("medfee_sumamt", "211"), "total-differs");
    for (field, theirs, told) in [
        ("fulamt_ownpay_amt", "0.01", "全自费 机构 0.01、中心 0.00"),
        ("overlmt_selfpay", "7.99", "超限价 机构 7.99、中心 8.00"),
        ("preselfpay_amt", "8.41", "先行自付 机构 8.41、中心 8.40"),
        ("inscp_scp_amt", "195.5", "政策范围内 机构 195.50、中心 195.60"),
    ] {
        let mut data = settling(&his, &visit, "212");
        data[field] = json!(theirs);
        let reply = his.send(&his.message("2207", json!({ "data": data })));
        assert_eq!(code(&reply), "scope-differs");
        let said = text(&reply["err_msg"]);
        assert!(said.contains(told) && said.contains("5204"), "{said}");
    }
    let mut both = settling(&his, &visit, "212");
    (both["overlmt_selfpay"], both["inscp_scp_amt"]) = (json!("0"), json!("203.6"));
    let said = text(&his.send(&his.message("2207", json!({ "data": both })))["err_msg"]);
    assert!(said.contains("超限价 机构 0.00") && said.contains("政策范围内 机构 203.60"), "all of them: {said}");
    assert_eq!(refused("med_type", "53"), "care-not-settled");
    let cancelled =
        his.message("2202", json!({ "data": { "psn_no": his.person, "mdtrt_id": visit, "ipt_otp_no": "MZ1" } }));
    let reply = his.send(&cancelled);
    assert_eq!(code(&reply), "has-lines");
    assert!(text(&reply["err_msg"]).contains("2205/2302"), "{reply}");
    his.run("2205", json!({ "data": { "mdtrt_id": visit, "chrg_bchno": "0000", "psn_no": his.person } }));
    assert_eq!(his.good(&his.message("2202", cancelled["input"].clone())), Value::Null);
}

#[test]
fn a_message_is_recalled_before_and_after_it_comes() {
    let his = Platform::open();
    let visit = charged(&his, "MZ1");
    let settle = his.message("2207", json!({ "data": settling(&his, &visit, "212") }));
    let recall = |message: &Value| json!({ "data": { "psn_no": his.person, "omsgid": message["msgid"], "oinfno": message["infno"] } });
    // Before: it comes, and takes no effect.
    let reply = his.send(&his.message("2601", recall(&settle)));
    assert_eq!(reply["infcode"], 0, "{reply}");
    assert!(text(&reply["warn_msg"]).contains("没有办理过"));
    assert_eq!(his.refused(&settle), "recalled");
    // After: what it did is taken back, and its repeat is not answered as if it stood.
    let settle = his.message("2207", json!({ "data": settling(&his, &visit, "212") }));
    let settled = his.good(&settle);
    his.run("2601", recall(&settle));
    assert_eq!(his.refused(&settle), "recalled");
    let again = his.run("2207", json!({ "data": settling(&his, &visit, "212") }));
    assert_ne!(again["setlinfo"]["setl_id"], settled["setlinfo"]["setl_id"]);
    let other = json!({ "infno": "2206", "msgid": "x" });
    assert_eq!(his.refused(&his.message("2601", recall(&other))), "cannot-recall");
    // A reversal: the settlement stands again, once, and both sides have the same.
    let head = &again["setlinfo"];
    let back = json!({ "data": { "setl_id": head["setl_id"], "mdtrt_id": visit, "psn_no": his.person } });
    let reverse = his.message("2208", back.clone());
    his.good(&reverse);
    let recalling = his.message("2601", recall(&reverse));
    his.good(&recalling);
    his.good(&recalling);
    his.run("2601", recall(&reverse));
    assert_eq!(his.refused(&reverse), "recalled");
    let stands = his.run("2207", json!({ "data": settling(&his, &visit, "212") }));
    assert_eq!(stands["setlinfo"]["setl_id"], head["setl_id"]);
    even(&his, &[head]);
    // One that has not come yet takes no effect when it comes.
    let reverse = his.message("2208", back.clone());
    his.run("2601", recall(&reverse));
    assert_eq!(his.refused(&reverse), "recalled");
    even(&his, &[head]);
    his.run("2208", back);
    even(&his, &[]);
}

#[test]
fn a_person_is_found_by_voucher_card_or_identity_card() {
    let his = Platform::open();
    let asked = |kind: &str, number: &str| json!({ "data": { "mdtrt_cert_type": kind, "mdtrt_cert_no": number, "card_sn": "K1" } });
    for (kind, number) in [("01", VOUCHER), ("03", CARD), ("02", his.person.as_str())] {
        let found = his.run("1101", asked(kind, number));
        assert_eq!(found["baseinfo"]["psn_no"], json!(his.person), "{kind}");
    }
    let refused = |input: Value| his.refused(&his.message("1101", input));
    assert_eq!(refused(asked("03", "no such card")), "unknown-credential");
    assert_eq!(refused(asked("03", VOUCHER)), "unknown-credential", "a voucher is no card");
    assert_eq!(refused(asked("01", ENDED)), "credential-not-good");
    // A number that is on no record does not stand in the way of a document that is.
    let mut both = asked("03", "no such card");
    both["data"]["certno"] = json!(his.person);
    assert_eq!(his.run("1101", both)["baseinfo"]["psn_no"], json!(his.person));
    let mut another = asked("03", CARD);
    another["data"]["certno"] = json!(his.other);
    assert_eq!(refused(another), "other-person");
    // Nor does anybody register with the card of somebody else.
    let mut data = json!({
        "psn_no": his.other, "insutype": "390", "begntime": wire::moment::spoken(his.now), "mdtrt_cert_type": "03",
        "mdtrt_cert_no": CARD, "ipt_otp_no": "MZ9", "atddr_no": "D1", "dr_name": "王某", "dept_code": "0301",
        "dept_name": "内科", "caty": "A03",
    });
    assert_eq!(his.refused(&his.message("2201", json!({ "data": data }))), "other-person");
    data["psn_no"] = json!(his.person);
    his.run("2201", json!({ "data": data }));
}

/// An admission six days ago.
fn admission(his: &Platform, number: &str) -> Value {
    let begin = wire::moment::spoken(his.now.checked_sub(jiff::Span::new().days(6)).unwrap());
    json!({
        "mdtrtinfo": {
            "psn_no": his.person, "insutype": "390", "begntime": begin, "mdtrt_cert_type": "01", "mdtrt_cert_no": "x",
            "med_type": "21", "ipt_no": number, "atddr_no": "D500001", "chfpdr_name": "王某", "adm_diag_dscr": "肺炎",
            "adm_dept_codg": "0301", "adm_dept_name": "内科", "adm_bed": "12", "dscg_maindiag_code": "J18.900",
            "dscg_maindiag_name": "肺炎",
        },
        "diseinfo": diagnoses(his),
    })
}

#[test]
fn a_stay_is_settled_midway_and_at_the_end() {
    let his = Platform::open();
    let message = his.message("2401", admission(&his, "ZY1"));
    let visit = text(&his.good(&message)["result"]["mdtrt_id"]);
    assert_eq!(text(&his.good(&message)["result"]["mdtrt_id"]), visit);
    let charge = |sn: &str, count: i64, amount: &str| {
        let mut line = line(&his, &visit, sn, A, count, "12", amount);
        line["chrg_bchno"] = Value::Null;
        let split = his.run("2301", json!({ "feedetail": [line] }))["result"].clone();
        split.as_array().unwrap()[0].clone()
    };
    let settling = |total: &str, midway: &str| {
        json!({ "data": {
            "psn_no": his.person, "mdtrt_cert_type": "01", "mdtrt_cert_no": "x", "medfee_sumamt": total,
            "psn_setlway": "01", "mdtrt_id": visit, "acct_used_flag": "0", "insutype": "390", "mid_setl_flag": midway,
        } })
    };
    let one = charge("1", 200, "2400");
    let midway = his.run("2304", settling("2400", "1"));
    assert_eq!(identities::lines(&midway["setlinfo"], &[&one]), []);
    assert_eq!((&midway["setlinfo"]["med_type"], &midway["setlinfo"]["clr_type"]), (&json!("21"), &json!("21")));
    charge("2", 100, "1200");
    charge("3", 5, "60");
    his.run("2302", json!({ "data": [{ "feedetl_sn": "3", "mdtrt_id": visit, "psn_no": his.person }] }));
    assert_eq!(his.refused(&his.message("2304", settling("1200", "0"))), "not-discharged");
    let leaving = json!({
        "dscginfo": {
            "mdtrt_id": visit, "psn_no": his.person, "insutype": "390", "endtime": wire::moment::spoken(his.now),
            "dscg_dept_codg": "0301", "dscg_dept_name": "内科", "dscg_way": "1",
        },
        "diseinfo": diagnoses(&his),
    });
    his.run("2402", leaving.clone());
    his.run("2405", json!({ "data": { "mdtrt_id": visit, "psn_no": his.person } }));
    his.run("2402", leaving);
    assert_eq!(
        his.refused(&his.message("2304", settling("1200", "1"))),
        "discharged",
        "no part of a stay that is over"
    );
    let estimate = his.run("2303", settling("1200", "0"));
    let last = his.run("2304", settling("1200", "0"));
    assert_eq!(estimate["setlinfo"]["fund_pay_sumamt"], last["setlinfo"]["fund_pay_sumamt"]);
    // Both parts share one deductible.
    let borne = |part: &Value| fen(&part["setlinfo"]["act_pay_dedc"]).unwrap();
    assert!(borne(&midway) > 0 && borne(&last) == 0, "{midway} {last}");
    let back = json!({ "data": { "setl_id": last["setlinfo"]["setl_id"], "mdtrt_id": visit, "psn_no": his.person } });
    his.run("2305", back);
}

#[test]
fn what_the_hospital_approved_decides_whether_a_line_is_reimbursed() {
    let his = Platform::open();
    let visit = register(&his, "MZ1");
    // Own cost of 20 yuan of an item, by whether its use is limited and what the hospital said of it.
    for (at, (code, approval, own)) in [
        (LIMITED, "0", true),
        (LIMITED, "1", false),
        (LIMITED, "2", true),
        (A, "0", false),
        (A, "1", false),
        (A, "2", true),
    ]
    .into_iter()
    .enumerate()
    {
        let mut line = line(&his, &visit, &at.to_string(), code, 2, "10", "20");
        line["hosp_appr_flag"] = json!(approval);
        let split = his.run("2204", json!({ "feedetail": [line] }))["result"][0].clone();
        assert_eq!(fen(&split["fulamt_ownpay_amt"]), Some(if own { 2_000 } else { 0 }), "{code} {approval}");
        assert_eq!(fen(&split["inscp_scp_amt"]).unwrap() == 0, own, "{code} {approval}");
        assert_eq!(split["lmt_used_flag"], if code == LIMITED { "1" } else { "0" });
    }
    let mut line = line(&his, &visit, "9", A, 2, "10", "20");
    line["hosp_appr_flag"] = json!("3");
    assert_eq!(his.refused(&his.message("2204", json!({ "feedetail": [line] }))), "bad-message");
}

#[test]
fn four_noughts_strike_all_that_is_not_settled() {
    let his = Platform::open();
    let visit = text(&his.run("2401", admission(&his, "ZY1"))["result"]["mdtrt_id"]);
    let visit = visit.as_str();
    let of = |visit: &str, sn: &str| {
        let mut line = line(&his, visit, sn, A, 1, "12", "12");
        line["chrg_bchno"] = Value::Null;
        line
    };
    let struck = |rows: &[(&str, &str)]| {
        let rows: Vec<Value> = rows
            .iter()
            .map(|(visit, sn)| json!({ "feedetl_sn": sn, "mdtrt_id": visit, "psn_no": his.person }))
            .collect();
        his.message("2302", json!({ "data": rows }))
    };
    let left = |visit: &str| {
        let asked = json!({ "data": { "psn_no": his.person, "mdtrt_id": visit } });
        his.run("5204", asked)["data"].as_array().unwrap().len()
    };
    his.run("2301", json!({ "feedetail": [of(visit, "1"), of(visit, "2"), of(visit, "3")] }));
    assert_eq!(his.refused(&struck(&[(visit, "1"), (visit, "9")])), "unknown-line");
    assert_eq!(left(visit), 3, "all or nothing");
    his.good(&struck(&[(visit, "0000")]));
    assert_eq!(left(visit), 0);
    his.good(&struck(&[(visit, "0000")]));
}

/// A sale of two packs at a pharmacy.
fn sale(his: &Platform) -> Value {
    let mut row = line(his, "", "S1", A, 2, "12", "24");
    row["mdtrt_id"] = Value::Null;
    json!({
        "druginfo": {
            "psn_no": his.person, "mdtrt_cert_type": "01", "mdtrt_cert_no": "x", "medfee_sumamt": "24",
            "begntime": wire::moment::spoken(his.now), "insutype": "390", "acct_used_flag": "0", "med_type": "41",
        },
        "drugdetail": [row],
    })
}

#[test]
fn a_pharmacy_sells_in_one_go() {
    let his = Platform::of("tianjin", "default", None, None);
    let estimate = his.run_of(PHARMACY, "2101", sale(&his));
    let sold = his.run_of(PHARMACY, "2102", sale(&his));
    assert_eq!(estimate["detlcutinfo"], sold["detlcutinfo"]);
    let head = &sold["setlinfo"];
    assert_eq!(estimate["setlinfo"]["fund_pay_sumamt"], head["fund_pay_sumamt"]);
    assert_eq!((&head["clr_type"], fen(&head["medfee_sumamt"])), (&json!("41"), Some(2400)));
    let back = json!({ "data": { "setl_id": head["setl_id"], "mdtrt_id": head["mdtrt_id"], "psn_no": his.person } });
    his.run_of(PHARMACY, "2103", back);
}

#[test]
fn what_the_notices_do_not_pay_is_refused_by_name_and_leaves_nothing() {
    let his = Platform::open();
    assert_eq!(his.refused(&his.message_of(PHARMACY, "2101", sale(&his))), "not-covered");
    assert_eq!(his.refused(&his.message_of(PHARMACY, "2102", sale(&his))), "not-covered");
}

#[test]
fn another_institution_reaches_nothing() {
    let his = Platform::open();
    let visit = charged(&his, "MZ1");
    let asked = json!({ "data": settling(&his, &visit, "212") });
    let reply = his.send(&his.message_of(OTHER, "2207", asked));
    assert_eq!(code(&reply), "unknown-visit");
}
