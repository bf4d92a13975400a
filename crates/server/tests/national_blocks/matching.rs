//! The hospital's own items against the national ones (3301, 3302, 1317).

use serde_json::{Value, json};

use crate::town::Town;

#[test]
fn own_items_are_matched_told_and_cancelled() {
    let town = Town::new();
    let item = |own: &str, code: &str, list: &str| {
        json!({ "fixmedins_hilist_id": own, "fixmedins_hilist_name": "院内药", "list_type": list, "med_list_codg": code,
            "begndate": "2022-01-01 00:00:00", "spec": "0.25g*24粒" })
    };
    let [a, b] = ["XJ01CAA001A001010100000", "XJ01DCA002A002010100000"];
    let bad = town.refused("3301", json!({ "data": [item("001", a, "101"), item("002", b, "201")] }));
    assert!(bad.starts_with("第 2 条") && bad.contains("目录类别"), "{bad}");
    let asked = json!({ "data": { "updt_time": "2020-01-01 00:00:00", "page_num": 1, "page_size": 100 } });
    let told = || town.good("1317", asked.clone())["data"].as_array().unwrap().clone();
    assert_eq!(told(), Vec::<Value>::new(), "all or none");
    town.good("3301", json!({ "data": [item("001", a, "101"), item("002", b, "101")] }));
    let rows = told();
    assert_eq!((rows.len(), &rows[0]["medins_list_codg"], &rows[0]["med_list_codg"]), (2, &json!("001"), &json!(a)));
    let cancel =
        |code: &str| json!({ "data": [{ "fixmedins_hilist_id": "001", "list_type": "101", "med_list_codg": code }] });
    assert!(town.refused("3302", cancel(b)).contains("没有与"));
    town.good("3302", cancel(a));
    assert_eq!(told().len(), 1);
}

#[test]
fn a_page_goes_on_where_the_one_before_it_ended_whatever_is_matched_between_them() {
    let town = Town::new();
    let code = "XJ01CAA001A001010100000";
    let matched = |own: &[&str]| {
        let item = |own: &&str| {
            json!({ "fixmedins_hilist_id": own, "fixmedins_hilist_name": "院内药", "list_type": "101", "med_list_codg": code,
                "begndate": "2022-01-01 00:00:00" })
        };
        town.good("3301", json!({ "data": own.iter().map(item).collect::<Vec<_>>() }));
    };
    let page = |number: u32, size: u32| {
        let asked = json!({ "updt_time": "2020-01-01 00:00:00", "page_num": number, "page_size": size });
        let told = town.good("1317", json!({ "data": asked }))["data"].clone();
        let own = |row: &Value| row["medins_list_codg"].as_str().unwrap().to_owned();
        told.as_array().unwrap().iter().map(own).collect::<Vec<_>>()
    };
    matched(&["02", "03", "04", "05"]);
    assert_eq!(page(1, 2), ["02", "03"]);
    matched(&["01"]);
    assert_eq!(page(2, 2), ["04", "05"], "no row comes twice");
    assert_eq!(page(3, 2), [""; 0]);
    // Asked for anew, and out of turn.
    assert_eq!(page(1, 2), ["01", "02"]);
    assert_eq!(page(3, 2), ["05"]);
    assert_eq!(page(2, 4), ["05"]);
}
