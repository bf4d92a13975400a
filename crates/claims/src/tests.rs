//! Files as people have them: each good one gives its bills, each fault is named with row, column and cure.

use std::fs;

use domain::{Care, Category, Fen, Filing, Group, Level, Mark, Rate, Scheme, Severity};
use jiff::civil::date;

use super::*;

/// Writes a file into a folder of its own and reads it.
fn load(name: &str, content: impl AsRef<[u8]>) -> Loaded {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    read(&path, None, &|_, _| {})
}

/// The findings as `code line:column`.
fn found(loaded: &Loaded) -> Vec<String> {
    loaded.findings.iter().map(|f| format!("{} {}:{}", f.code, f.place.line, f.place.column)).collect()
}

fn ids(loaded: &Loaded) -> Vec<&str> {
    loaded.bills.iter().map(|bill| bill.id.as_str()).collect()
}

/// The part of the text that a finding points at.
fn pointed(loaded: &Loaded, finding: usize) -> &str {
    let (from, to) = loaded.findings[finding].place.span;
    &loaded.text.as_deref().unwrap()[from..to]
}

const HEADER: &str = "bill,person,date,care,level,a,b,c,tier,from_bill,reverses\n";

fn load_rows(rows: &str) -> Loaded {
    load("bills.csv", format!("{HEADER}{rows}"))
}

#[test]
fn a_full_row_is_read_whole() {
    let loaded = load(
        "bills.csv",
        "bill,person,region,date,scheme,tier,group,category,birth,insured_since,care,level,filing,disease,mark,a,b,b_share,c,over_limit,total\n\
         b1,p1,重庆市,2022-03-01,resident,first,university,edge|newborn,2004-02-29,2015-01-01,inpatient,3p,filed,M02207,reform|chosen,\
         \"10,000.50\",2000,10%,500,1.5,12502\n",
    );
    assert_eq!(found(&loaded), Vec::<String>::new());
    let bill = &loaded.bills[0];
    assert_eq!((bill.id.as_str(), bill.person_id.as_str(), bill.date), ("b1", "p1", date(2022, 3, 1)));
    assert_eq!(bill.region.as_deref(), Some("重庆市"));
    assert_eq!((bill.care, bill.level, bill.filing), (Care::Inpatient, Level::Provincial, Filing::Filed));
    assert_eq!(
        (bill.person.scheme, bill.person.tier.as_deref(), bill.person.group),
        (Scheme::Resident, Some("first"), Group::University)
    );
    assert!(bill.person.categories.has(Category::Edge) && bill.person.categories.has(Category::Newborn));
    assert_eq!((bill.person.born, bill.person.insured_since), (Some(date(2004, 2, 29)), Some(date(2015, 1, 1))));
    assert!(bill.marks.has(Mark::Reform) && bill.marks.has(Mark::Chosen) && !bill.marks.has(Mark::Covid));
    assert_eq!(bill.disease.as_deref(), Some("M02207"));
    assert_eq!(
        (bill.amounts.a, bill.amounts.b, bill.amounts.b_share),
        (Fen(1_000_050), Fen::yuan(2000), Some(Rate::percent(10)))
    );
    assert_eq!(bill.amounts.total(), Fen::yuan(12_502));
}

#[test]
fn chinese_names_in_gbk_read_like_codes_in_utf8() {
    let text =
        "账单号,人员编号,日期,就医类型,医院级别,类别,甲类\r\nb1,p1,2022-03-01,住院,三级,低保对象|重度残疾人,100\r\n";
    let (gbk, _, _) = encoding_rs::GBK.encode(text);
    let loaded = load("bills.csv", gbk);
    assert_eq!(found(&loaded), ["read-as-gbk 0:0"]);
    assert_eq!(loaded.findings[0].severity, Severity::Note);
    let with_mark = load("bills.csv", format!("\u{feff}{text}"));
    assert_eq!(loaded.bills, with_mark.bills);
    assert_eq!((loaded.bills[0].care, loaded.bills[0].level), (Care::Inpatient, Level::Three));
    let person = &loaded.bills[0].person;
    assert_eq!((person.scheme, person.group), (Scheme::Resident, Group::Adult), "defaults");
    assert!(person.categories.has(Category::MinimumAllowance) && person.categories.has(Category::SevereDisability));
}

#[test]
fn every_fault_of_a_file_is_named_at_once() {
    let loaded = load_rows(
        "b1,p1,2022/3/1,inpatient,3,100,,,,,\n\
         b2,p1,2022-03-01,inpatint,3,1.005,,,,,\n\
         b3,p1,2022-03-02,inpatient,9,-5,,,,,\n\
         b4,p1,2022-03-03,inpatient,3,,,,,,\n\
         b5,p1,2022-03-04,inpatient,3,100\n\
         b6,,2022-02-30,,3,一百,,,,,\n\
         b7,p1,2022-03-05,inpatient,3,100,,,,,\n",
    );
    assert_eq!(
        found(&loaded),
        [
            "bad-date 2:3",
            "unknown-word 3:4",
            "too-many-decimals 3:6",
            "unknown-word 4:5",
            "negative-amount 4:6",
            "missing-value 5:1",
            "ragged-row 6:1",
            "missing-value 7:2",
            "bad-date 7:3",
            "missing-value 7:4",
            "bad-amount 7:6",
        ]
    );
    assert_eq!(pointed(&loaded, 0), "2022/3/1");
    assert!(loaded.findings[0].cure.contains("2022-03-01"), "{}", loaded.findings[0]);
    assert_eq!(pointed(&loaded, 1), "inpatint");
    assert!(loaded.findings[1].cure.contains("是否想写 inpatient") && loaded.findings[1].cure.contains("急诊"));
    assert!(loaded.findings[2].message.contains("a（甲类）"), "{}", loaded.findings[2]);
    assert_eq!((ids(&loaded), loaded.left_out), (vec!["b7"], 6));
    assert!(loaded.incomplete.contains("p1"));
}

#[test]
fn missing_and_unknown_columns_are_named_once_and_spoil_the_file() {
    let loaded = load(
        "bills.csv",
        "bill,person,dat,care,categry,医院等级,a,a,#备注,\nb1,p1,2022-03-01,inpatient,edge,3,1,2,好,\n",
    );
    assert_eq!(
        found(&loaded),
        [
            "missing-column 1:1",
            "missing-column 1:1",
            "unknown-column 1:3",
            "unknown-column 1:5",
            "unknown-column 1:6",
            "repeated-column 1:8",
            "unknown-column 1:10",
        ]
    );
    assert!(loaded.findings[0].message.contains("date（日期）") && loaded.findings[1].message.contains("level"));
    assert!(loaded.findings[2].cure.contains("是否想写 date"), "{}", loaded.findings[2]);
    assert_eq!(pointed(&loaded, 3), "categry");
    assert_eq!((loaded.bills.len(), loaded.left_out), (0, 1));
}

#[test]
fn a_bill_id_is_there_once() {
    let loaded = load_rows("b1,p1,2022-03-01,inpatient,3,1,,,,,\n\nb1,p2,2022-03-02,inpatient,3,1,,,,,\n");
    assert_eq!(found(&loaded), ["duplicate-bill 4:1"]);
    assert!(loaded.findings[0].message.contains("第 2 行"), "{}", loaded.findings[0]);
    assert_eq!((ids(&loaded), loaded.left_out), (vec!["b1"], 1));
    assert!(loaded.incomplete.contains("p2") && !loaded.incomplete.contains("p1"));
}

#[test]
fn a_person_is_in_one_tier_on_a_day() {
    let loaded = load_rows(
        "b1,p1,2022-03-01,inpatient,3,1,,,first,,\n\
         b2,p2,2022-03-01,inpatient,3,1,,,second,,\n\
         b3,p1,2022-03-01,inpatient,3,1,,,second,,\n\
         b4,p1,2022-03-02,inpatient,3,1,,,second,,\n\
         r1,p1,2022-03-03,,,,,,,,b3\n",
    );
    assert_eq!(found(&loaded), ["two-tiers 2:9", "two-tiers 4:9", "left-out-bill 6:11"]);
    assert!(loaded.findings[1].message.contains("第 2 行 first"), "{}", loaded.findings[1]);
    assert_eq!((ids(&loaded), loaded.left_out), (vec!["b2", "b4"], 3));

    let schemes = load(
        "bills.csv",
        "bill,person,date,care,level,a,scheme\nb1,p1,2022-03-01,inpatient,3,1,employee\nb2,p1,2022-03-01,inpatient,3,1,\n",
    );
    assert_eq!(found(&schemes), ["two-schemes 2:7", "two-schemes 3:7"]);
}

#[test]
fn references_go_back_to_a_bill_of_the_same_person() {
    let loaded = load_rows(
        "b1,p1,2022-03-01,inpatient,1,1,,,,,\n\
         b2,p1,2022-03-02,inpatient,3,1,,,,b1,\n\
         b3,p1,2022-03-03,inpatient,3,1,,,,b9,\n\
         b4,p2,2022-03-03,inpatient,3,1,,,,b1,\n\
         b5,p1,2022-02-01,inpatient,3,1,,,,b1,\n\
         b6,p1,2022-04-01,inpatient,3,x,,,,,\n\
         b7,p1,2022-05-01,inpatient,3,1,,,,b6,\n\
         b8,p1,2022-06-01,inpatient,3,1,,,,b7,\n\
         b10,p1,2022-06-01,inpatient,3,1,,,,b10,\n",
    );
    assert_eq!(
        found(&loaded),
        [
            "unknown-bill 4:10", "other-person 5:10", "later-bill 6:10", "bad-amount 7:6", "left-out-bill 8:10",
            "left-out-bill 9:10", "later-bill 10:10",
        ]
    );
    assert_eq!(pointed(&loaded, 0), "b9");
    assert_eq!((ids(&loaded), loaded.left_out), (vec!["b1", "b2"], 7));
}

#[test]
fn a_reversal_needs_no_facts_and_takes_those_of_its_bill() {
    let loaded = load_rows(
        "b1,p1,2022-03-01,inpatient,3,100,,,first,,\n\
         r1,p1,2022-04-01,,,,,,,,b1\n\
         r2,p1,2022-04-02,,,,,,,,b1\n\
         r3,p1,2022-04-03,,,,,,,,r1\n\
         b2,p1,2022-03-05,inpatient,3,100,,,first,,\n\
         r4,p1,2022-04-03,,,-100,,,,,b2\n\
         r5,p1,2022-03-04,,,0,,,,,b2\n",
    );
    assert_eq!(
        found(&loaded),
        ["reversed-twice 4:11", "refers-to-reversal 5:11", "amount-in-reversal 7:6", "later-bill 8:11"]
    );
    let reversal = &loaded.bills[1];
    assert_eq!((reversal.reverses.as_deref(), reversal.date), (Some("b1"), date(2022, 4, 1)));
    assert_eq!(
        (reversal.care, reversal.level, reversal.person.tier.as_deref()),
        (Care::Inpatient, Level::Three, Some("first"))
    );
    assert_eq!(reversal.amounts.total(), Fen::ZERO);
}

#[test]
fn figures_of_one_row_agree() {
    let loaded = load(
        "bills.csv",
        "bill,person,date,care,level,birth,insured_since,a_fen,b,b_share,total\n\
         b1,p1,2022-03-01,inpatient,3,2022-03-02,2022-04-01,10050,10,10%,110.50\n\
         b2,p1,2022-03-02,inpatient,3,,,10050,10,110%,110.50\n\
         b3,p1,2022-03-03,inpatient,3,,,10050,10,0.1,111\n\
         b4,p1,2022-03-04,inpatient,3,,,100.50,10,,1\n\
         b5,5.00101E+17,2022-03-04,inpatient,3,,,10050,10,,111\n\
         b6,p1,2022-03-04,inpatient,3,,,9999999999,1,,\n",
    );
    assert_eq!(
        found(&loaded),
        [
            "birth-after-bill 2:6",
            "cover-after-bill 2:7",
            "bad-share 3:10",
            "bad-share 4:10",
            "bad-amount 5:8",
            "damaged-id 6:2",
            "too-large 7:8",
        ]
    );
    let differing = load("bills.csv", "bill,person,date,care,level,a,total\nb1,p1,2022-03-01,inpatient,3,1,2\n");
    assert_eq!(found(&differing), ["total-differs 2:7"]);
}

#[test]
fn quoted_rows_and_blank_lines_keep_their_physical_line() {
    let loaded = load(
        "bills.csv",
        "\r\nbill,person,date,care,level,a,disease\r\n\r\n\r\n,,,,,,\r\nb1,p1,2022-03-01,inpatient,3,1,\"x\r\ny\"\r\nb2,p1,2022,inpatient,3,1,\r\n",
    );
    assert_eq!(found(&loaded), ["bad-date 8:3"]);
    assert_eq!(pointed(&loaded, 0), "2022");
    assert_eq!((ids(&loaded), loaded.left_out), (vec!["b1"], 1));
}

#[test]
fn files_that_hold_nothing_are_named() {
    for (name, content) in [("a.csv", ""), ("a.csv", HEADER), ("a.json", ""), ("a.json", "[]"), ("a.jsonl", "\n\n")] {
        assert_eq!(found(&load(name, content)), ["empty-file 0:0"], "{name} {content:?}");
    }
    assert_eq!(found(&load("a.csv", HEADER.replace(',', "\t"))), ["wrong-separator 1:1"]);
    assert_eq!(found(&load("bills.xlsx", "PK")), ["unknown-format 0:0"]);
    assert_eq!(found(&read(Path::new("no/such.csv"), None, &|_, _| {})), ["unreadable-file 0:0"]);
    let mut broken = HEADER.replace("bill", "票据号").into_bytes();
    broken.push(0xe4);
    assert_eq!(found(&load("bills.csv", broken)), ["bad-encoding 2:1"]);
}

#[test]
fn json_lines_json_array_and_csv_give_the_same_bills() {
    let object = r##"{"bill": "b1", "person": "p1", "date": "2022-03-01", "care": "住院", "level": 2, "category": ["edge", "newborn"],
        "a": 100, "b": "146.40", "b_share": "10%", "disease": null, "#note": 1.5}"##;
    let second = r#"{"bill": "b2", "person": "p2", "date": "2022-03-01", "care": "inpatient", "level": "2", "mark": "reform|chosen", "a": "1"}"#;
    let csv = load(
        "bills.csv",
        "bill,person,date,care,level,category,a,b,b_share,mark\nb1,p1,2022-03-01,inpatient,2,edge|newborn,100,146.4,10%,\n\
         b2,p2,2022-03-01,inpatient,2,,1,,,reform|chosen\n",
    );
    let array = load("bills.json", format!("[{object},\n{second}]"));
    let lines = load("bills.jsonl", format!("{}\n\n{second}\n", object.replace('\n', " ")));
    let loose = load("bills.json", format!("{object}{second}"));
    for loaded in [&csv, &array, &lines, &loose] {
        assert_eq!(found(loaded), Vec::<String>::new());
        assert_eq!(loaded.bills, csv.bills);
    }
    assert_eq!(csv.bills.len(), 2);
}

#[test]
fn faults_of_json_are_named_at_the_value() {
    let loaded = load(
        "bills.json",
        "[\n  {\"bill\": \"b1\", \"person\": \"p1\",\n   \"date\": \"2022-03-01\", \"care\": \"住院\", \"level\": \"2\",\n   \"a\": 146.40, \"b\": true, \"categry\": [], \"c\": 1, \"c\": 2},\n \
         {\"bill\": \"b1\", \"person\": \"p1\", \"date\": 20220301, \"care\": {}, \"level\": \"2\", \"mark\": [1]},\n 7]",
    );
    assert_eq!(
        found(&loaded),
        [
            "wrong-type 4:9",
            "wrong-type 4:22",
            "unknown-column 4:39",
            "repeated-column 4:56",
            "missing-value 5:2",
            "duplicate-bill 5:11",
            "bad-date 5:41",
            "wrong-type 5:59",
            "wrong-type 5:85",
            "bad-json 6:2",
        ]
    );
    assert_eq!(pointed(&loaded, 0), "146.40");
    assert!(loaded.findings[0].cure.contains("\"146.40\""), "{}", loaded.findings[0]);
    assert_eq!((loaded.bills.len(), loaded.left_out), (0, 3));
}

#[test]
fn broken_json_is_named_where_it_breaks() {
    let good = r#"{"bill": "b1", "person": "p1", "date": "2022-03-01", "care": "inpatient", "level": "2", "a": 1}"#;
    let lines = load("bills.jsonl", format!("{good}\n{{\"bill\": 住院}}\n"));
    assert_eq!(found(&lines), ["bad-json 2:10"]);
    assert_eq!((ids(&lines), lines.left_out), (vec!["b1"], 1));
    let array = load("bills.json", format!("[{good},\n{good}"));
    assert_eq!(array.findings[0].code, "bad-json");
    assert_eq!((array.findings[0].place.line, array.bills.len()), (2, 0));
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_build_without_parquet_says_so() {
    assert_eq!(found(&load("bills.parquet", "PAR1")), ["no-parquet 0:0"]);
}
