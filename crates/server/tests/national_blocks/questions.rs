//! Questions (5201–5206, 5303) about a settled outpatient visit and a stay that goes on.

use domain::Fen;
use serde_json::json;

use crate::town::Town;

#[test]
fn a_visit_is_told_with_its_diagnoses_lines_and_settlement() {
    let town = Town::new();
    let person = town.person();
    let (visit, settlement) = town.visited(&person, "MZ-1");
    let day = town.today.to_string();
    let asked = |kind: &str| json!({ "data": { "psn_no": person, "begntime": format!("{day} 00:00:00"), "endtime": format!("{day} 23:59:59"), "med_type": kind } });
    let told = town.good("5201", asked("11"))["mdtrtinfo"].clone();
    assert_eq!(
        (told.as_array().unwrap().len(), &told[0]["mdtrt_id"], &told[0]["ipt_otp_no"]),
        (1, &json!(visit), &json!("MZ-1"))
    );
    assert_eq!(town.good("5201", asked("21"))["mdtrtinfo"], json!([]));
    let of = json!({ "data": { "psn_no": person, "mdtrt_id": visit, "setl_id": settlement } });
    let diagnoses = town.good("5202", of.clone())["diseinfo"].clone();
    assert_eq!((&diagnoses[0]["diag_code"], &diagnoses[0]["maindiag_flag"]), (&json!("A09.000"), &json!("1")));
    let lines = town.good("5204", of.clone())["data"].clone();
    assert_eq!(lines.as_array().unwrap().len(), 1);
    assert_eq!(wire::amount::field(&lines[0], "preselfpay_amt"), Some(8_00));
    assert_eq!((&lines[0]["list_type"], &lines[0]["selfpay_prop"]), (&json!("101"), &json!(0.1)));
    let output = town.good("5203", of);
    let head = &output["setlinfo"];
    let fen = |name: &str| Fen(wire::amount::field(head, name).unwrap());
    assert_eq!(fen("medfee_sumamt"), Fen::yuan(80));
    assert_eq!(fen("fund_pay_sumamt") + fen("psn_pay"), fen("medfee_sumamt"));
    let details: Fen = output["setldetail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| Fen(wire::amount::field(row, "fund_payamt").unwrap()))
        .sum();
    assert_eq!(details, fen("fund_pay_sumamt"));
    let looks = town.rows("access log", json!({ "person": person }));
    assert!(
        looks.iter().any(|row| row[5].as_str().is_some_and(|through| through.starts_with("5203"))),
        "the look is on record"
    );
}

#[test]
fn another_institutions_visit_is_not_told() {
    let mut town = Town::new();
    let person = town.person();
    let (visit, settlement) = town.visited(&person, "MZ-1");
    town.hospital = town.rows("provider list", json!({ "level": "2" }))[0][0].as_str().unwrap().to_owned();
    for infno in ["5202", "5203", "5204"] {
        let of = json!({ "data": { "psn_no": person, "mdtrt_id": visit, "setl_id": settlement } });
        assert!(town.refused(infno, of).contains("在本机构没有就诊"), "{infno}");
    }
}

#[test]
fn who_is_in_hospital_is_told_and_who_left_is_not() {
    let town = Town::new();
    let person = town.person();
    let begin = format!("{} 08:00:00", town.today);
    let open = json!({ "person": person, "provider": town.hospital, "number": "ZY-1", "care": "inpatient", "begin": begin, "kind": "21" });
    let visit = town.run("visit open", open).fields["visit"].clone();
    let asked = json!({ "data": { "psn_no": person, "begntime": format!("{} 00:00:00", town.today) } });
    let told = town.good("5303", asked.clone())["data"].clone();
    assert_eq!((&told[0]["mdtrt_id"], &told[0]["inhosp_stas"]), (&visit, &json!("1")));
    town.run(
        "visit discharge",
        json!({ "visit": visit, "provider": town.hospital, "end": format!("{} 11:00:00", town.today) }),
    );
    assert_eq!(town.good("5303", asked)["data"], json!([]));
}

#[test]
fn running_amounts_and_medicines_are_told() {
    let town = Town::new();
    let person = town.person();
    let rows = town.good("5206", json!({ "data": { "psn_no": person, "cum_ym": "202210" } }))["cuminfo"].clone();
    let rows = rows.as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["cum_type_code"].as_str().unwrap().len() == 3), "{rows:?}");
    let mut codes: Vec<&str> = rows.iter().map(|row| row["cum_type_code"].as_str().unwrap()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), rows.len(), "each once");
    let period =
        json!({ "data": { "psn_no": person, "begntime": "2022-01-01 00:00:00", "endtime": "2022-10-31 00:00:00" } });
    assert_eq!(town.good("5205", period)["feedetail"], json!([]), "no visit for a special disease here");
}
