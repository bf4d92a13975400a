//! One sheet in every format.

use std::fs;

use domain::Fen;
use jiff::civil::date;

use super::*;
use crate::io::out::Output;

fn sheet() -> Sheet {
    let mut sheet = Sheet::new(
        "逐张结算",
        vec![
            Column::new("bill", "票据号", Kind::Text),
            Column::new("date", "日期", Kind::Date),
            Column::new("basic", "基本医保", Kind::Money),
            Column::new("steps", "步骤", Kind::Integer),
            Column::new("capped", "封顶", Kind::Bool),
        ],
    );
    sheet.push(vec!["0001".into(), date(2022, 3, 1).into(), Fen(679_000).into(), 3_usize.into(), false.into()]);
    sheet.push(vec!["门诊,\"二\"".into(), Cell::Empty, Fen(-5).into(), Cell::Empty, true.into()]);
    sheet
}

fn totals() -> Sheet {
    let mut totals =
        Sheet::new("合计", vec![Column::new("fund", "基金", Kind::Text), Column::new("paid", "支付", Kind::Money)]);
    totals.push(vec!["基本医保".into(), Fen(678_995).into()]);
    totals
}

fn written(format: Format, look: Look) -> String {
    let mut out = Vec::new();
    write(&[sheet(), totals()], format, look, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_plain_table_aligns_wide_characters_and_money() {
    let expected = "\
逐张结算
票据号      日期         基本医保   步骤   封顶
-------------------------------------------------
0001        2022-03-01    6790.00      3   否
门诊,\"二\"                   -0.05          是

合计
基金          支付
--------------------
基本医保   6789.95
";
    let table = written(Format::Table, Look::default());
    assert_eq!(table, expected, "\n{table}");
}

#[test]
fn a_terminal_table_keeps_to_its_width_without_breaking_amounts() {
    let mut sheet = sheet();
    sheet.rows[0][0] = "很长的票据号".repeat(10).into();
    let mut out = Vec::new();
    write(&[sheet], Format::Table, Look { terminal: Some(60), bom: false }, &mut out).unwrap();
    let table = String::from_utf8(out).unwrap();
    assert!(table.lines().all(|line| console::measure_text_width(line) <= 60), "\n{table}");
    assert!(table.contains("2022-03-01") && table.contains("6790.00") && table.contains('─'), "\n{table}");
}

#[test]
fn csv_has_keys_and_quotes_what_needs_it() {
    let expected = "bill,date,basic,steps,capped\n0001,2022-03-01,6790.00,3,false\n\"门诊,\"\"二\"\"\",,-0.05,,true\n";
    assert_eq!(written(Format::Csv, Look::default()), expected);
    assert_eq!(written(Format::Csv, Look { bom: true, ..Look::default() }), format!("\u{feff}{expected}"));
}

#[test]
fn json_is_an_object_a_row_with_money_as_text() {
    let first = r#"{"bill":"0001","date":"2022-03-01","basic":"6790.00","steps":3,"capped":false}"#;
    let second = r#"{"bill":"门诊,\"二\"","date":null,"basic":"-0.05","steps":null,"capped":true}"#;
    assert_eq!(written(Format::Json, Look::default()), format!("[\n{first},\n{second}\n]\n"));
    assert_eq!(written(Format::Jsonl, Look::default()), format!("{first}\n{second}\n"));
    let mut out = Vec::new();
    write(&[], Format::Json, Look::default(), &mut out).unwrap();
    assert_eq!(out, b"[]\n");
}

#[test]
fn a_workbook_holds_all_sheets_and_is_the_same_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.xlsx");
    let output = Output { output: Some(path.clone()), ..Output::default() };
    output.write(&[sheet(), totals(), totals()], &[]).unwrap();
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.starts_with(b"PK"));
    output.write(&[sheet(), totals(), totals()], &[]).unwrap();
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn an_excel_sheet_too_long_is_refused() {
    let mut long = Sheet::new("长", vec![Column::new("n", "数", Kind::Integer)]);
    long.rows = vec![vec![Cell::Empty]; 1_048_576];
    let refused = write(&[long], Format::Xlsx, Look::default(), &mut Vec::new()).unwrap_err();
    assert!(format!("{refused:#}").contains("上限"), "{refused:#}");
}
