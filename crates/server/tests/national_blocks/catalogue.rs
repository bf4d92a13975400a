//! Lists, dictionaries and files (1301–1320, 1901, 9101, 9102).

use serde_json::{Value, json};

use crate::town::Town;

#[test]
fn lists_come_as_files_of_what_is_newer() {
    let town = Town::new();
    let list = |infno: &str, ver: &str| town.good(infno, json!({ "data": { "ver": ver } }))["data"].clone();
    for (infno, columns, code, name) in [
        ("1301", 92, 0, 7),
        ("1305", 16, 0, 9),
        ("1321", 16, 0, 9),
        ("1307", 24, 10, 11),
        ("1308", 24, 10, 11),
        ("1309", 16, 0, 14),
        ("1315", 14, 5, 6),
    ] {
        let told = list(infno, "0");
        let text = town.fetched(&told["file_qury_no"], "plc");
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
        assert_eq!(json!(rows.len()), told["data_cnt"], "{infno}");
        assert!(!rows.is_empty(), "{infno}");
        assert!(
            rows.iter().all(|row| row.len() == columns && !row[code].is_empty() && !row[name].is_empty()),
            "{infno}: {:?}",
            rows[0]
        );
    }
    let drugs = town.fetched(&list("1301", "0")["file_qury_no"], "plc");
    let of = drugs.lines().find(|line| line.starts_with("XJ01MAA003A003010100000")).unwrap();
    let cells: Vec<&str> = of.split('\t').collect();
    assert_eq!((cells[13], cells[91], cells[78]), ("0.5g:100ml", "乙类", "1"), "specification, class, valid");
    let newest = list("1301", "DEMO-1");
    assert_eq!(newest["data_cnt"], json!(0));
    assert_eq!(town.fetched(&newest["file_qury_no"], "plc"), "");
}

#[test]
fn a_file_is_seen_by_whose_it_is() {
    let mut town = Town::new();
    let number = town.brought("甲");
    let own = town.hospital.clone();
    let down = |of: &str| json!({ "fsDownloadIn": { "file_qury_no": number, "filename": "x", "fixmedins_code": of } });
    town.good("9102", down(&own));
    assert!(town.refused("9102", down("H50010099999")).contains("不是本机构"));
    town.hospital = "H50010099999".to_owned();
    assert!(town.refused("9102", down("H50010099999")).contains("没有文件查询号为"));
    assert!(town.refused("9102", down("plc")).contains("没有文件查询号为"));
    let bad = json!({ "fsUploadIn": { "in": "*", "filename": "x", "fixmedins_code": "H50010099999" } });
    assert!(town.refused("9101", bad).contains("Base64"));
}

#[test]
fn rows_of_lists_come_page_by_page() {
    let town = Town::new();
    let page = |infno: &str, more: Value| {
        let mut data = json!({ "updt_time": "2020-01-01 00:00:00", "page_num": 1, "page_size": 1000 });
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        town.good(infno, json!({ "data": data }))["data"].as_array().unwrap().clone()
    };
    let all = page("1312", json!({}));
    let (first, second) =
        (page("1312", json!({ "page_size": 5 })), page("1312", json!({ "page_size": 5, "page_num": 2 })));
    assert_eq!([first, second].concat(), all[..10]);
    let drug = json!({ "hilist_code": "XJ01MAA003A003010100000" });
    let listed = page("1312", drug.clone());
    assert_eq!(
        (listed.len(), &listed[0]["chrgitm_lv"], &listed[0]["med_chrgitm_type"]),
        (1, &json!("02"), &json!("09"))
    );
    assert_eq!(wire::amount::field(&page("1318", drug.clone())[0], "hilist_pric_uplmt_amt"), Some(42_00));
    assert_eq!(page("1319", drug.clone())[0]["hilist_selfpay_prop"], json!(0.1));
    assert_eq!(page("1316", drug)[0]["med_list_codg"], json!("XJ01MAA003A003010100000"));
    let before = json!({ "hilist_code": "XJ01MAA003A003010100000", "query_date": "2014-12-31" });
    assert_eq!(page("1312", before), Vec::<Value>::new(), "not listed on that day");
    let since = |updated: &Value| page("1312", json!({ "updt_time": updated }));
    let moments: std::collections::BTreeSet<&str> = all.iter().map(|row| row["updt_time"].as_str().unwrap()).collect();
    let (first, last) = (moments.first().unwrap(), moments.last().unwrap());
    assert_eq!((since(&json!(first)).len(), since(&json!("2099-01-01 00:00:00")).len()), (all.len(), 0));
    assert!(since(&json!(last)).iter().all(|row| row["updt_time"] == json!(last)));
    // A new edition of one item: it alone is new, and a page that is asked for again shows it.
    let text = "# publisher: 某局\n# edition: DEMO-9\n# basis: illustrative\n\
        code,name,list,charge,class,share,limit,from\nXJ01MAA003A003010100000,某药,101,09,B,20%,40,2022-10-01\n";
    town.run("catalogue load", json!({ "text": text }));
    let shares = |more: Value| page("1319", more);
    let of_it = shares(json!({ "hilist_code": "XJ01MAA003A003010100000" }));
    assert_eq!((of_it.len(), &of_it[0]["hilist_selfpay_prop"]), (1, &json!(0.2)));
    assert_eq!(shares(json!({})).len(), all.len());
    assert_eq!(shares(json!({ "updt_time": of_it[0]["updt_time"] })), of_it);
    let none = json!({ "data": { "updt_time": "2020-01-01 00:00:00", "page_num": 0, "page_size": 5 } });
    assert!(town.refused("1312", none).contains("大于0"));
}

#[test]
fn dictionaries_are_told_code_by_code() {
    let town = Town::new();
    let asked = |name: &str, valid: &str| json!({ "data": { "type": name, "admdvs": "500000", "date": "2022-10-31", "valiFlag": valid } });
    let rows = town.good("1901", asked("insutype", "1"))["list"].clone();
    let resident = rows.as_array().unwrap().iter().find(|row| row["value"] == "390").unwrap();
    assert_eq!(resident["label"], json!("城乡居民基本医疗保险"));
    assert_eq!(town.good("1901", asked("insutype", "0"))["list"], json!([]));
    assert!(town.refused("1901", asked("colour", "1")).contains("insutype"));
}
