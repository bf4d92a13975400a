//! Reconciliation and clearing (3201–3204), against what the demo settled with the hospital.

use domain::Fen;
use serde_json::{Value, json};

use crate::town::Town;

/// The hospital's settlements of a period, as the books have them: settlement, person, total, funds, person's share, refund.
fn settled(town: &Town, from: &str, to: &str, clearing: &str) -> Vec<(String, Fen, Fen, Fen, bool)> {
    let asked = json!({ "provider": town.hospital, "from": from, "to": to, "clearing": clearing });
    let yuan = |value: &Value| Fen::parse_yuan(value.as_str().unwrap()).unwrap();
    let rows = town.rows("turnover lines", asked).into_iter().filter(|row| row[2] != json!("corrected"));
    rows.map(|row| {
        (row[3].as_str().unwrap().to_owned(), yuan(&row[8]), yuan(&row[9]), yuan(&row[11]), row[12] == json!(true))
    })
    .collect()
}

fn file(rows: &[(String, Fen, Fen, Fen, bool)]) -> String {
    let line = |(number, total, funds, _, refund): &(String, Fen, Fen, Fen, bool)| {
        let person = number.split('-').next().unwrap();
        format!("{number}\tnull\t{person}\t{total}\t{funds}\t0\t{}\n", u8::from(*refund))
    };
    rows.iter().map(line).collect()
}

/// The input of 3202 for a file whose sums are these rows'.
fn details(number: &Value, rows: &[(String, Fen, Fen, Fen, bool)]) -> Value {
    let sum = |part: fn(&(String, Fen, Fen, Fen, bool)) -> Fen| rows.iter().map(part).sum::<Fen>().to_string();
    json!({ "data": {
        "setl_optins": "500000", "file_qury_no": number, "stmt_begndate": "2022-01-01", "stmt_enddate": "2022-10-31",
        "medfee_sumamt": sum(|row| row.1), "fund_pay_sumamt": sum(|row| row.2), "cash_payamt": sum(|row| row.1 - row.2),
        "fixmedins_setl_cnt": rows.len(), "clr_type": "11",
    } })
}

#[test]
fn totals_are_even_or_what_differs_is_named() {
    let town = Town::new();
    let rows = settled(&town, "2022-01-01", "2022-10-31", "outpatient");
    assert!(rows.len() > 3, "the demo settled something with this hospital");
    let refunds = i64::try_from(rows.iter().filter(|row| row.4).count()).unwrap();
    let total: Fen = rows.iter().map(|row| row.1).sum();
    let funds: Fen = rows.iter().map(|row| row.2).sum();
    let count = i64::try_from(rows.len()).unwrap() - 2 * refunds;
    let asked = |funds: Fen, count: i64, kind: &str| {
        json!({ "data": {
            "insutype": "390", "clr_type": kind, "setl_optins": "500000", "stmt_begndate": "2022-01-01", "stmt_enddate": "2022-10-31",
            "medfee_sumamt": total.to_string(), "fund_pay_sumamt": funds.to_string(), "acct_pay": "0", "fixmedins_setl_cnt": count,
        } })
    };
    let result = |input: Value| {
        let told = town.good("3201", input)["stmtinfo"].clone();
        (told["stmt_rslt"].as_str().unwrap().to_owned(), told["stmt_rslt_dscr"].as_str().unwrap().to_owned())
    };
    let (code, said) = result(asked(funds, count, "11"));
    assert!(code == "0" && said.starts_with('平'), "{code} {said}");
    let (code, said) = result(asked(funds + Fen(1), count, "11"));
    assert!(code == "3" && said.contains(&format!("基金支付 机构 {}、中心 {funds}", funds + Fen(1))), "{said}");
    assert_eq!(result(asked(funds, count - 1, "11")).0, "1");
    assert_eq!(result(asked(funds, count + 1, "11")).0, "2");
    assert!(town.refused("3201", asked(funds, count, "99")).contains("清算类别 99"));
    let mut only = asked(rows.iter().filter(|row| !row.4).map(|row| row.2).sum(), count + refunds, "11");
    only["data"]["medfee_sumamt"] = json!(rows.iter().filter(|row| !row.4).map(|row| row.1).sum::<Fen>().to_string());
    only["data"]["refd_setl_flag"] = json!("0");
    assert_eq!(result(only).0, "0", "without refunds");
}

#[test]
fn a_file_is_compared_line_by_line() {
    let town = Town::new();
    let rows = settled(&town, "2022-01-01", "2022-10-31", "outpatient");
    let even = town.brought(&file(&rows));
    let (told, said) = town.warned("3202", details(&even, &rows));
    assert!(said.contains("对平"), "{said}");
    assert_eq!(town.fetched(&told["fileinfo"]["file_qury_no"], &town.hospital), "");
    let mut theirs = rows.clone();
    let lacking = theirs.remove(0);
    theirs[0].2 += Fen(1);
    theirs.push(("P9-2022-1".to_owned(), Fen(100), Fen(50), Fen(50), false));
    let uneven = town.brought(&file(&theirs));
    let (told, said) = town.warned("3202", details(&uneven, &theirs));
    assert!(said.starts_with("3 笔不一致"), "{said}");
    let text = town.fetched(&told["fileinfo"]["file_qury_no"], &town.hospital);
    let found: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    assert!(found.iter().all(|row| row.len() == 10));
    let class = |number: &str| found.iter().find(|row| row[2] == number).map(|row| row[4]);
    assert_eq!(
        [class(&theirs[0].0), class("P9-2022-1"), class(&lacking.0)],
        [Some("3"), Some("2"), Some("1")],
        "differs, only there, only here"
    );
    let mut wrong = details(&uneven, &theirs);
    wrong["data"]["fixmedins_setl_cnt"] = json!(1);
    assert!(town.refused("3202", wrong).contains("笔数 报文 1"));
    assert!(town.refused("3202", details(&json!("F00"), &theirs)).contains("重新上传"));
    let broken = town.brought("a\tb\n");
    assert!(town.refused("3202", details(&broken, &theirs)).contains("第 1 行"));
}

#[test]
fn a_clearing_application_is_made_for_what_was_settled_and_cancelled() {
    let town = Town::new();
    let rows = settled(&town, "2022-01-01", "2022-09-30", "outpatient");
    assert!(!rows.is_empty());
    let sum = |part: fn(&(String, Fen, Fen, Fen, bool)) -> Fen| rows.iter().map(part).sum::<Fen>();
    let visits =
        i64::try_from(rows.len()).unwrap() - 2 * i64::try_from(rows.iter().filter(|row| row.4).count()).unwrap();
    let apply = |funds: Fen| {
        json!({ "data": {
            "clr_type": "11", "clr_way": "1", "clr_ym": "202209", "psntime": visits, "medfee_sumamt": sum(|row| row.1).to_string(),
            "med_sumfee": "0", "fund_appy_sum": funds.to_string(), "cash_payamt": sum(|row| row.3).to_string(), "acct_pay": "0",
            "begndate": "2022-01-01", "enddate": "2022-09-30",
        } })
    };
    assert!(town.refused("3203", apply(sum(|row| row.2) + Fen(1))).contains("申请与结算记录不符"));
    let number = town.good("3203", apply(sum(|row| row.2)))["result"]["clr_appy_evt_id"].clone();
    assert!(number.as_str().unwrap().len() <= 30);
    assert!(town.refused("3203", apply(sum(|row| row.2))).contains("已由申请"));
    let cancel = |number: &Value| json!({ "data": { "clr_appy_evt_id": number, "clr_optins": "500000" } });
    town.good("3204", cancel(&number));
    assert!(town.refused("3204", cancel(&json!("H50010099999-2022-1"))).contains("清算申请"));
    town.good("3203", apply(sum(|row| row.2)));
}
