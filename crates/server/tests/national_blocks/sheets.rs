//! The settlement sheet (4101–4103) of an outpatient visit.

use serde_json::{Value, json};

use crate::town::Town;

fn sheet(town: &Town, person: &str, visit: &str, settlement: &str) -> Value {
    let rows = town.rows("visit settlements", json!({ "visit": visit, "provider": town.hospital }));
    let (funds, own) = (rows[0][12].clone(), rows[0][13].clone());
    let day = town.today.to_string();
    json!({
        "setlinfo": {
            "mdtrt_id": visit, "setl_id": settlement, "psn_no": person, "fixmedins_name": "某医院", "fixmedins_code": town.hospital,
            "medcasno": "MZ-1", "psn_name": "某人", "gend": "1", "brdy": "1980-01-01", "ntly": "CHN", "naty": "01", "patn_cert_type": "01", "certno": "x",
            "prfs": "90", "coner_name": "某人", "patn_rlts": "1", "coner_addr": "某地", "coner_tel": "0", "hi_type": "390",
            "insuplc": "500000", "ipt_med_type": "1", "adm_caty": "A03", "dscg_caty": "A03", "bill_code": "1", "bill_no": "1",
            "biz_sn": "1", "setl_begn_date": day, "setl_end_date": day, "psn_selfpay": own, "psn_ownpay": "0", "acct_pay": "0",
            "psn_cashpay": own, "hi_paymtd": "1", "hsorg": "某局", "hsorg_opter": "某人", "medins_fill_dept": "医保办", "medins_fill_psn": "某人",
        },
        "payinfo": [{ "fund_pay_type": "390100", "fund_payamt": funds }],
        "diseinfo": [{ "maindiag_flag": "1", "diag_type": "1", "diag_code": "A09.000", "diag_name": "感染性胃肠炎" }],
        "iteminfo": [{ "med_chrgitm": "09", "amt": "80", "claa_sumfee": "0", "clab_amt": "80", "fulamt_ownpay_amt": "0", "oth_amt": "0" }],
    })
}

#[test]
fn a_sheet_is_sent_submitted_taken_back_and_read() {
    let town = Town::new();
    let person = town.person();
    let (visit, settlement) = town.visited(&person, "MZ-1");
    let input = sheet(&town, &person, &visit, &settlement);
    let mut wrong = input.clone();
    wrong["iteminfo"][0]["amt"] = json!("79");
    let told = town.refused("4101", wrong);
    assert!(told.contains("不等于"), "{told}");
    let sent = town.good("4101", input)["result"]["setl_list_id"].clone();
    assert!(sent.as_str().unwrap().len() <= 30);
    let state =
        |to: &str| json!({ "data": [{ "psn_no": person, "setl_id": settlement }], "stastinfo": { "stas_type": to } });
    town.good("4102", state("1"));
    assert_eq!(town.rows("sheet list", json!({ "provider": town.hospital }))[0][3], json!("submitted"));
    town.good("4102", state("0"));
    assert!(town.refused("4102", state("7")).contains("stas_type"));
    let asked = |person: &str| json!({ "data": { "psn_no": person, "setl_id": settlement } });
    let read = town.good("4103", asked(&person));
    assert_eq!(read["setlinfo"]["setl_id"], json!(settlement));
    assert!(town.refused("4103", asked("P9")).contains("不是 P9 的"));
    let looks = town.rows("access log", json!({ "person": person }));
    assert!(looks.iter().any(|row| row[5].as_str().is_some_and(|through| through.starts_with("4103"))), "{looks:?}");
}
