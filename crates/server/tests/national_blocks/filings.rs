//! Filings (2501–2507) and the questions about them (5301, 5302, 5304).

use serde_json::{Value, json};

use crate::town::Town;

fn special(town: &Town, disease: &str) -> Value {
    json!({ "data": {
        "psn_no": town.person(), "insutype": "390", "opsp_dise_code": disease, "opsp_dise_name": "某病", "insu_optins": "500000",
        "ide_fixmedins_no": town.hospital, "ide_fixmedins_name": "某医院", "hosp_ide_date": town.today.to_string(),
        "diag_dr_codg": "D500000000001", "diag_dr_name": "某医师", "begndate": town.today.to_string(), "enddate": "2023-10-30",
    } })
}

fn cancel(person: &str, filing: &Value) -> Value {
    json!({ "data": { "trt_dcla_detl_sn": filing, "psn_no": person, "memo": "填报有误" } })
}

#[test]
fn a_special_disease_is_filed_taken_back_and_filed_again() {
    let town = Town::new();
    let person = town.person();
    let envelope = town.envelope("2503", &special(&town, "M07805"));
    let (first, again) = (town.send(&envelope), town.send(&envelope));
    assert_eq!(first["infcode"], json!(0), "{first}");
    assert_eq!(first["output"], again["output"], "the same message is answered the same");
    assert!(first["warn_msg"].as_str().unwrap().contains("待经办机构审核"));
    let filing = first["output"]["result"]["trt_dcla_detl_sn"].clone();
    assert!(town.refused("2503", special(&town, "M07805")).contains("日期重叠"));
    assert!(town.refused("2503", special(&town, "M99999")).contains("M99999"));
    let nobody = town.refused("2504", cancel("P99", &filing));
    assert!(nobody.contains("个人编号"), "{nobody}");
    town.good("2504", cancel(&person, &filing));
    let filing = town.good("2503", special(&town, "M07805"))["result"]["trt_dcla_detl_sn"].clone();
    let asked = json!({ "data": { "psn_no": person } });
    assert_eq!(town.good("5301", asked.clone())["feedetail"], json!([]), "not yet decided");
    town.run("filing decide", json!({ "filing": filing, "verdict": "approve" }));
    let told = town.good("5301", asked)["feedetail"].clone();
    assert_eq!((told.as_array().unwrap().len(), &told[0]["opsp_dise_code"]), (1, &json!("M07805")));
    assert!(town.refused("2504", cancel(&person, &filing)).contains("不能再撤回"));
}

#[test]
fn only_who_filed_takes_a_filing_back() {
    let mut town = Town::new();
    let filing = town.good("2503", special(&town, "M07805"))["result"]["trt_dcla_detl_sn"].clone();
    let person = town.person();
    let others = town.rows("provider list", json!({ "level": "2" }));
    town.hospital = others[0][0].as_str().unwrap().to_owned();
    assert!(town.refused("2504", cancel(&person, &filing)).contains("没有编号为"));
}

#[test]
fn referrals_go_to_a_provider_here_or_a_region_elsewhere() {
    let town = Town::new();
    let other = town.rows("provider list", json!({ "level": "2" }))[0][0].clone();
    let refer = |area: &str, to: &Value, agreed: &str| {
        json!({ "refmedin": {
            "psn_no": town.person(), "insutype": "390", "insu_optins": "500000", "diag_code": "C34.900", "diag_name": "某诊断",
            "reflin_medins_no": to, "reflin_medins_name": "某医院", "mdtrtarea_admdvs": area, "hosp_agre_refl_flag": agreed,
            "refl_type": "1", "refl_date": town.today.to_string(), "refl_rea": "病情需要", "begndate": town.today.to_string(),
            "enddate": "2023-01-31",
        } })
    };
    let filing = town.good("2501", refer("500101", &other, "1"))["result"]["trt_dcla_detl_sn"].clone();
    town.good("2501", refer("110100", &json!("H11010000001"), "1"));
    assert!(town.refused("2501", refer("110100", &json!("H11010000001"), "0")).contains("不同意"));
    town.run("filing decide", json!({ "filing": filing, "verdict": "approve" }));
    let period =
        |from: &str| json!({ "data": { "psn_no": town.person(), "begntime": from, "endtime": "2023-12-31 00:00:00" } });
    let told = town.good("5304", period("2022-10-01 00:00:00"))["refmedin"].clone();
    assert_eq!((told.as_array().unwrap().len(), &told[0]["reflin_medins_no"]), (1, &other));
    assert_eq!(town.good("5304", period("2023-06-01 00:00:00"))["refmedin"], json!([]));
    let employee = json!({ "refmedin": { "insutype": "310" } });
    let mut wrong = refer("500101", &other, "1");
    wrong["refmedin"]["insutype"] = employee["refmedin"]["insutype"].clone();
    assert!(town.refused("2501", wrong).contains("390"));
}

#[test]
fn a_provider_is_chosen_and_told() {
    let town = Town::new();
    let choose = json!({ "data": {
        "psn_no": town.person(), "biz_appy_type": "01", "begndate": town.today.to_string(), "enddate": "2023-12-31", "fix_srt_no": "1",
        "fixmedins_code": town.hospital, "fixmedins_name": "某医院",
    } });
    let filing = town.good("2505", choose)["result"]["trt_dcla_detl_sn"].clone();
    town.run("filing decide", json!({ "filing": filing, "verdict": "approve" }));
    let told = town.good("5302", json!({ "data": { "psn_no": town.person() } }))["psnfixmedin"].clone();
    assert_eq!((&told[0]["fixmedins_code"], &told[0]["fix_srt_no"]), (&json!(town.hospital), &json!("1")));
}

#[test]
fn an_accident_without_a_rule_of_the_region_is_refused_by_name() {
    let town = Town::new();
    let accident = json!({ "data": {
        "insutype": "390", "psn_no": town.person(), "fixmedins_code": town.hospital, "adm_time": "2022-10-31 08:00:00",
        "trum_time": "2022-10-31 07:00:00", "trum_site": "家中", "trum_rea": "突发的外来的伤害", "chk_pay_flag": "1",
    } });
    assert!(town.refused("2507", accident).contains("没有意外伤害待遇的规定"));
}
