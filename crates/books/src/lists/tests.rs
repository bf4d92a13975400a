//! Sheets against their settlements, and what was done about hints.

use jiff::civil::date;
use serde_json::{Value, json};

use crate::testing::Town;

const RULES: &str = "
    [[contribution.standard]]
    clause = 'T-1'
    year = 2022
    rows = [{ tier = 'low', amount = 320 }]
    [[enrolment.window]]
    clause = 'T-2'
    opens_day = '10-01'
    closes_day = '02-28'
    in_year = -1
    benefits_from = '01-01'
    [[stage.basic.shape]]
    clause = 'T-3'
    name = '住院统筹'
    payer = 'basic'
    layer = 'basic'
    order = 1
    base = 'in-scope'
    measure = 'visit'
    [[stage.basic.deductible]]
    clause = 'T-4'
    per = 'visit'
    rows = [{ amount = 1000 }]
    [[stage.basic.bands]]
    clause = 'T-5'
    rows = [{ ratio = '50%' }]
    [[stage.basic.cap]]
    clause = 'T-6'
    per = 'year'
    rows = [{ amount = 5000 }]
";

const TERMS: &str = "# publisher: 某局\n# edition: V1\n# basis: illustrative\nset,code,name,sex,from
diagnosis,J18.900,肺炎,,2020-01-01
diagnosis,O80.000,头位顺产,女,2020-01-01
operation,33.2200,纤维支气管镜检查,,2020-01-01
";

/// A town with a hospital, and a man whose stay of 3,000 (300 of it class C) is settled: the fund pays 850.
fn town() -> (Town, String) {
    let mut town = Town::new(RULES, date(2021, 12, 10));
    let person = town.person("1980-02-03", 1);
    let hospital = json!({ "provider": "H1", "name": "某医院", "area": "990101", "level": "2", "care": ["inpatient"], "online": true, "from": "2020-01-01" });
    town.run("provider register", hospital).unwrap();
    town.run("term load", json!({ "text": TERMS })).unwrap();
    town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap();
    town.run("dues bill", json!({ "person": person, "year": 2022, "tier": "low", "group": "adult" })).unwrap();
    let receipt = json!({ "receipt": "R1", "person": person, "year": 2022, "amount": "320", "channel": "mobile" });
    town.run("dues receive", receipt).unwrap();
    town.today = date(2022, 3, 10);
    let stay = json!({ "person": person, "provider": "H1", "visit": "V1", "care": "inpatient", "date": "2022-03-10", "a": "2700", "c": "300" });
    let settled = town.run("care settle", stay).unwrap();
    assert_eq!(settled.fields["funds"], json!("850.00"));
    (town, settled.fields["settlement"].as_str().unwrap().to_owned())
}

fn nodes() -> Value {
    json!({
        "setlinfo": { "psn_name": "某一", "certno": "11010519491231002X", "adm_time": "2022-03-01 08:00:00", "dscg_time": "2022-03-10 09:00:00",
            "psn_selfpay": "1850", "psn_ownpay": 300, "acct_pay": 0, "psn_cashpay": "2150.00" },
        "payinfo": [{ "fund_pay_type": "390100", "fund_payamt": 850 }],
        "diseinfo": [{ "diag_type": "1", "maindiag_flag": "1", "diag_code": "J18.900", "diag_name": "肺炎" }],
        "iteminfo": [
            { "med_chrgitm": "09", "amt": 2000, "claa_sumfee": 1700, "clab_amt": 0, "fulamt_ownpay_amt": 300, "oth_amt": 0 },
            { "med_chrgitm": "01", "amt": 1000, "claa_sumfee": 1000, "clab_amt": 0, "fulamt_ownpay_amt": 0, "oth_amt": 0 },
        ],
        "oprninfo": [{ "oprn_oprt_code": "33.2200", "oprn_oprt_date": "2022-03-03 10:00:00" }],
    })
}

fn upload(settlement: &str, nodes: &Value) -> Value {
    json!({ "provider": "h1", "settlement": settlement, "text": nodes.to_string() })
}

#[test]
fn a_sheet_that_agrees_is_sealed_and_goes_its_way() {
    let (mut town, settlement) = town();
    let first = town.run("sheet upload", upload(&settlement, &nodes())).unwrap();
    assert_eq!((&first.fields["state"], &first.fields["unknown"]), (&json!("uploaded"), &json!([])));
    assert!(town.memory.texts().all(|text| !text.contains("11010519491231002X") && !text.contains("某一")));
    let mut state = |to: &str, reason: Option<&str>| {
        let fields = json!({ "provider": "H1", "settlement": settlement, "to": to, "reason": reason });
        town.run("sheet state", fields).map(|answer| answer.fields["state"].clone()).map_err(|refusal| refusal.code)
    };
    assert_eq!(state("accepted", None), Err("wrong-state".to_owned()));
    assert_eq!(state("submitted", None), Ok(json!("submitted")));
    assert_eq!(state("returned", None), Err("no-reason".to_owned()));
    let several = |settlements: Value| json!({ "provider": "H1", "settlements": settlements, "to": "uploaded" });
    let other = town.run("sheet states", several(json!([settlement, "X-2022-1"]))).unwrap_err();
    assert!(other.message.starts_with("结算 X-2022-1："), "{other}");
    let held = town.ask("sheet list", json!({ "provider": "H1" })).rows[0][3].clone();
    assert_eq!(held, json!("submitted"), "all or none");
    town.run("sheet states", several(json!([settlement]))).unwrap();
    let again = town.run("sheet upload", upload(&settlement, &nodes()));
    assert_eq!(again.map(|answer| answer.says), Ok("结算清单已上传".to_owned()), "taken back by another upload");
    let read = json!({ "provider": "H1", "settlement": settlement, "reason": "核对", "through": "4103" });
    let read = town.run("sheet read", read).unwrap();
    assert_eq!(read.shown["nodes"]["setlinfo"]["certno"], json!("11010519491231002X"));
    assert_eq!(town.ask("access log", json!({ "who": "tester" })).rows[0][5], json!("4103"));
    let list = town.ask("sheet list", json!({ "provider": "H1", "from": "2022-03-01", "to": "2022-03-31" }));
    assert_eq!((list.rows.len(), &list.rows[0][5]), (1, &json!("J18.900")));
    let other = json!({ "provider": "H2", "settlement": settlement, "reason": "核对" });
    assert_eq!(town.run("sheet read", other).unwrap_err().code, "unknown-sheet");
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}

#[test]
fn all_that_differs_is_told_at_once() {
    let (mut town, settlement) = town();
    let mut refusal = |change: &dyn Fn(&mut Value)| {
        let mut sheet = nodes();
        change(&mut sheet);
        town.run("sheet upload", upload(&settlement, &sheet)).unwrap_err()
    };
    for (change, tells) in [
        (
            &(|sheet: &mut Value| sheet["iteminfo"][1]["amt"] = json!(900)) as &dyn Fn(&mut Value),
            "不等于甲类、乙类、自费、其他之和 1000.00",
        ),
        (&|sheet| sheet["iteminfo"][1]["claa_sumfee"] = json!("x"), "claa_sumfee"),
        (&|sheet| sheet["iteminfo"][1]["med_chrgitm"] = json!("09"), "med_chrgitm"),
        (&|sheet| sheet["payinfo"][0]["fund_payamt"] = json!(849.99), "清单 849.99，结算 850.00"),
        (&|sheet| sheet["setlinfo"]["psn_cashpay"] = json!(1), "个人负担"),
        (&|sheet| sheet["setlinfo"]["dscg_time"] = json!("2022-02-01"), "早于"),
        (&|sheet| sheet["oprninfo"][0]["oprn_oprt_date"] = json!("2022-03-11"), "不在住院期间"),
        (&|sheet| sheet["diseinfo"][0]["maindiag_flag"] = json!("0"), "没有主诊断"),
        (&|sheet| sheet["diseinfo"][0]["diag_code"] = json!("O80.000"), "只用于女性"),
    ] {
        let refusal = refusal(change);
        assert!(refusal.code == "sheet-differs" && refusal.message.contains(tells), "{refusal}");
    }
    let both = refusal(&|sheet| {
        sheet["payinfo"] = json!([]);
        sheet["diseinfo"][0]["maindiag_flag"] = json!("0");
    });
    assert!(both.message.starts_with("结算清单有 2 处不符"), "{both}");
    for change in [
        &(|sheet: &mut Value| sheet["colour"] = json!({})) as &dyn Fn(&mut Value),
        &|sheet| sheet["iteminfo"] = json!({}),
        &|sheet| _ = sheet.as_object_mut().unwrap().remove("setlinfo"),
    ] {
        assert_eq!(refusal(change).code, "bad-sheet");
    }
}

#[test]
fn a_code_of_no_table_is_told_and_a_settlement_taken_back_has_no_sheet() {
    let (mut town, settlement) = town();
    let mut sheet = nodes();
    sheet["diseinfo"][0]["diag_code"] = json!("Z99.999");
    let answer = town.run("sheet upload", upload(&settlement, &sheet)).unwrap();
    assert_eq!(answer.fields["unknown"], json!(["Z99.999"]));
    town.run("care reverse", json!({ "settlement": settlement, "reason": "有误" })).unwrap();
    assert_eq!(town.run("sheet upload", upload(&settlement, &sheet)).unwrap_err().code, "not-standing");
    let submit = json!({ "provider": "H1", "settlement": settlement, "to": "submitted" });
    assert_eq!(town.run("sheet state", submit).unwrap_err().code, "not-standing");
}

#[test]
fn who_goes_on_says_why() {
    let (mut town, _) = town();
    let hints = |hints: Value| json!({ "provider": "H1", "hints": hints });
    let silent = hints(json!([{ "hint": "1", "act": "continued" }]));
    assert_eq!(town.run("feedback record", silent).unwrap_err().code, "no-reason");
    let both =
        hints(json!([{ "hint": "1", "act": "continued", "reason": "病情需要" }, { "hint": "2", "act": "changed" }]));
    assert_eq!(town.run("feedback record", both).unwrap().fields["recorded"], json!(2));
    assert_eq!(town.ask("feedback list", json!({ "provider": "H1", "act": "changed" })).rows[0][1], json!("2"));
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}

#[test]
fn a_period_is_applied_for_once_and_as_the_turnover_has_it() {
    let (mut town, settlement) = town();
    town.today = date(2022, 4, 1);
    let apply = |funds: &str, to: &str| {
        json!({ "provider": "h1", "from": "2022-03-01", "to": to, "scheme": "resident", "clearing": "inpatient",
        "count": 1, "total": "3000", "funds": funds, "account": "0", "person": "2150" })
    };
    let differs = town.run("clearing apply", apply("851", "2022-03-31")).unwrap_err();
    assert!(differs.code == "amounts-differ" && differs.message.contains("申请 851.00，结算记录 850.00"), "{differs}");
    assert_eq!(town.run("clearing apply", apply("850", "2022-04-01")).unwrap_err().code, "period-not-over");
    let first = town.run("clearing apply", apply("850", "2022-03-31")).unwrap();
    assert_eq!(town.run("clearing apply", apply("850", "2022-03-20")).unwrap_err().code, "already-applied");
    let of = json!({ "provider": "H1", "application": first.fields["application"] });
    let back = json!({ "provider": "H1", "application": first.fields["application"], "verdict": "return" });
    assert_eq!(town.run("clearing decide", back).unwrap_err().code, "no-reason");
    town.run("clearing withdraw", of.clone()).unwrap();
    let again = town.run("clearing apply", apply("850", "2022-03-31")).unwrap();
    let accept = json!({ "provider": "H1", "application": again.fields["application"], "verdict": "accept" });
    assert_eq!(town.run("clearing decide", accept).unwrap().fields["state"], json!("accepted"));
    let withdraw = json!({ "provider": "H1", "application": again.fields["application"] });
    assert_eq!(town.run("clearing withdraw", withdraw).unwrap_err().code, "wrong-state");
    // What is taken back later is of the day on which it is taken back.
    town.run("care reverse", json!({ "settlement": settlement, "reason": "有误" })).unwrap();
    let list = town.ask("clearing applications", json!({ "provider": "H1", "state": "accepted" }));
    assert_eq!((list.rows.len(), &list.rows[0][7]), (1, &json!("850.00")));
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}

#[test]
fn a_bill_that_came_by_lines_is_compared_class_by_class() {
    let (mut town, first) = town();
    let person = first.split('-').next().unwrap();
    let items = "# publisher: 某局\n# edition: V1\n# basis: illustrative\ncode,name,list,charge,class,share,from\nD1,某药,101,09,A,,2020-01-01\nB1,床位,201,01,B,10%,2020-01-01\n";
    town.run("catalogue load", json!({ "text": items })).unwrap();
    town.today = date(2022, 5, 10);
    let open = json!({ "person": person, "provider": "H1", "number": "ZY-1", "care": "inpatient", "begin": "2022-05-01 10:00:00" });
    let visit = town.run("visit open", open).unwrap().fields["visit"].clone();
    let line = |sn: &str, code: &str, price: &str| json!({ "sn": sn, "code": code, "at": "2022-05-02 10:00:00", "count": "1", "price": price, "amount": price });
    let lines = json!({ "visit": visit, "provider": "H1", "batch": "1", "lines": [line("1", "D1", "2000"), line("2", "B1", "1000")] });
    town.run("visit charge", lines).unwrap();
    town.run("visit discharge", json!({ "visit": visit, "provider": "H1", "end": "2022-05-10 10:00:00" })).unwrap();
    let settled = town.run("visit settle", json!({ "visit": visit, "provider": "H1", "total": "3000" })).unwrap();
    let settlement = settled.fields["settlement"].as_str().unwrap().to_owned();
    let sheet = |drugs: i64, bed: i64| {
        json!({
            "setlinfo": {}, "payinfo": [{ "fund_payamt": settled.fields["funds"] }],
            "iteminfo": [
                { "med_chrgitm": "09", "amt": drugs, "claa_sumfee": drugs, "clab_amt": 0, "fulamt_ownpay_amt": 0, "oth_amt": 0 },
                { "med_chrgitm": "01", "amt": bed, "claa_sumfee": 0, "clab_amt": bed, "fulamt_ownpay_amt": 0, "oth_amt": 0 },
            ],
        })
    };
    let refusal = town.run("sheet upload", upload(&settlement, &sheet(1900, 1100))).unwrap_err();
    for tells in ["西药费不等：清单 1900.00，结算 2000.00", "床位费不等：清单 1100.00，结算 1000.00"]
    {
        assert!(refusal.message.contains(tells), "{refusal}");
    }
    town.run("sheet upload", upload(&settlement, &sheet(2000, 1000))).unwrap();
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}
