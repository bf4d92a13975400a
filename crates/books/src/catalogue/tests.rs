//! Stories of the catalogue: loaded once, dated, judged by day and level.

use domain::{Fen, Level, Rate};
use jiff::civil::date;
use serde_json::json;

use super::{Class, ItemFlag, ListType, TermSet, judged, term};
use crate::Books;
use crate::testing::Town;

const HEAD: &str = "# publisher: 某局\n# edition: V1\n# basis: secondary\n";
const COLUMNS: &str =
    "code,name,list,charge,class,share,limit,limit_3,limit_primary,limited,condition,child,from,end,version\n";

fn town() -> Town {
    Town::new("", date(2022, 12, 1))
}

fn text(rows: &str) -> serde_json::Value {
    json!({ "text": format!("{HEAD}{COLUMNS}{rows}") })
}

#[test]
fn a_file_is_taken_once_and_an_edition_posts_what_it_changes() {
    let mut town = town();
    let rows = "A1,某药,101,09,A,,,,,,,,2022-01-01,,\nB1,某检查,201,03,乙类,10%,120,,,,,,2022-01-01,,\n";
    let first = town.run("catalogue load", text(rows)).unwrap();
    assert_eq!((&first.fields["new"], &first.fields["rejected"]), (&json!(2), &json!(0)));
    let again = town.run("catalogue load", text(rows)).unwrap();
    assert_eq!((&again.fields["repeated"], town.memory.journal.len()), (&json!(true), 3));
    let later = "A1,某药,101,09,A,,,,,,,,2022-01-01,,\nB1,某检查,201,03,B,0.2,120,,,,,,2022-07-01,,V2\n";
    let second = town.run("catalogue load", text(later)).unwrap();
    assert_eq!((&second.fields["same"], &second.fields["changed"]), (&json!(1), &json!(1)));
    let mut books = Books::new(&mut town.memory);
    let mut share = |day| judged(&mut books, "b1", day, Level::Two).unwrap().map(|judged| judged.share);
    assert_eq!(share(date(2021, 12, 31)), None);
    assert_eq!(share(date(2022, 6, 30)), Some(Rate::percent(10)));
    assert_eq!(share(date(2022, 7, 1)), Some(Rate::percent(20)));
    let since = town.ask("catalogue list", json!({ "since": "V1" }));
    assert_eq!(since.rows.iter().map(|row| row[0].clone()).collect::<Vec<_>>(), [json!("B1")]);
    assert_eq!(town.ask("catalogue show", json!({ "code": "b1" })).rows.len(), 2);
    let history = town.ask("catalogue history", json!({}));
    assert_eq!((history.rows.len(), &history.rows[0][6]), (2, &json!("secondary")));
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}

#[test]
fn a_limit_goes_by_the_level_and_an_ended_item_does_not_fall_back() {
    let mut town = town();
    let rows = "C1,某材料,301,08,B,5%,100,300,80,,限某症,是,2022-01-01,,\nC1,某材料,301,08,B,5%,,,,,,,2022-06-01,2022-09-01,\n";
    town.run("catalogue load", text(rows)).unwrap();
    let mut books = Books::new(&mut town.memory);
    let mut at = |level, day| judged(&mut books, "C1", day, level).unwrap();
    let spring = date(2022, 3, 1);
    for (level, limit) in [(Level::Primary, 80), (Level::Two, 100), (Level::Three, 300), (Level::Provincial, 300)] {
        assert_eq!(at(level, spring).unwrap().limit, Some(Fen::yuan(limit)), "{level}");
    }
    let item = at(Level::Two, spring).unwrap();
    assert_eq!((item.list, item.class, item.limited_use), (ListType::Material, Class::B, true));
    assert!(item.has(ItemFlag::Child) && !item.has(ItemFlag::Essential));
    assert_eq!(at(Level::Two, date(2022, 6, 1)).unwrap().limit, None);
    assert_eq!(at(Level::Two, date(2022, 9, 1)), None);
}

#[test]
fn each_bad_line_comes_back_with_its_line_and_reason() {
    let mut town = town();
    let rows = "A1,某药,101,09,A,,,,,,,,2022-01-01,,
A2,,101,09,A,,,,,,,,2022-01-01,,
A3,某药,999,09,A,,,,,,,,2022-01-01,,
A4,某药,101,09,B,,,,,,,,2022-01-01,,
A5,某药,101,09,A,10%,,,,,,,2022-01-01,,
A6,某药,101,09,A,,,,,,,,2022-01-01,2022-01-01,
A1,某药二,101,09,A,,,,,,,,2022-01-01,,
A 8,某药,101,09,A,,,,,,,,2022-01-01,,
A9,某药,101,09,A,,-1,,,,,,2022-01-01,,
";
    let fields = text(rows);
    let mut whole = fields.clone();
    whole["whole"] = json!(true);
    assert_eq!(town.run("catalogue load", whole).unwrap_err().code, "rejected-lines");
    assert!(town.memory.journal.is_empty());
    let answer = town.run("catalogue load", fields).unwrap();
    let told: Vec<(i64, &str)> = answer.fields["rejects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reject| (reject["line"].as_i64().unwrap(), reject["code"].as_str().unwrap()))
        .collect();
    let expected = [
        (6, "missing-field"),
        (7, "bad-field"),
        (8, "missing-share"),
        (9, "bad-share"),
        (10, "ends-before-it-starts"),
        (11, "twice"),
        (12, "bad-item-code"),
        (13, "bad-field"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn of_many_bad_lines_all_are_counted_and_the_first_are_told() {
    let mut town = town();
    let rows = "A2,,101,09,A,,,,,,,,2022-01-01,,\n".repeat(250);
    let mut whole = text(&rows);
    let answer = town.run("catalogue load", whole.clone()).unwrap();
    assert_eq!(answer.fields["rejected"], json!(250));
    assert_eq!(answer.fields["rejects"].as_array().unwrap().len(), 200);
    whole["whole"] = json!(true);
    let refused = town.run("catalogue load", whole).unwrap_err();
    assert!(refused.code == "rejected-lines" && refused.message.starts_with("250 行"), "{refused}");
}

#[test]
fn a_file_says_where_it_comes_from_and_is_not_changed_on_the_way() {
    let mut town = town();
    let mut code = |text: &str| town.run("catalogue load", json!({ "text": text })).unwrap_err().code;
    let body = format!("{COLUMNS}A1,某药,101,09,A,,,,,,,,2022-01-01,,V1\n");
    assert_eq!(code(&body), "missing-head");
    assert_eq!(code(&format!("# publisher: x\n# basis: sure\n{body}")), "bad-field");
    assert_eq!(code(&format!("# colour: red\n{body}")), "unknown-head");
    assert_eq!(code(&format!("{HEAD}# sha256: 00\n{body}")), "file-changed");
    assert_eq!(code(&format!("{HEAD}code,colour\n")), "unknown-column");
    let said = json!({ "text": body, "publisher": "某局", "basis": "stated" });
    assert_eq!(town.run("catalogue load", said).unwrap().fields["new"], json!(1));
}

#[test]
fn terms_are_kept_by_table() {
    let mut town = town();
    let rows = "set,code,name,sex,under,from,end\ndiagnosis,O80.000,头位顺产,女,O80,2022-01-01,\nchronic,M03900,高血压,,,2022-01-01,\n手术操作,47.0100,腹腔镜下阑尾切除术,,,2022-01-01,\nmorphology,M8140/3,腺癌,,,2022-01-01,\n";
    let answer = town.run("term load", json!({ "text": format!("{HEAD}{rows}") })).unwrap();
    assert_eq!(answer.fields["new"], json!(4));
    assert_eq!(town.ask("term list", json!({ "set": "morphology" })).rows[0][0], json!("M8140/3"));
    let found = town.ask("term list", json!({ "set": "operation" }));
    assert_eq!(found.rows[0][0], json!("47.0100"));
    let mut books = Books::new(&mut town.memory);
    let birth = term(&mut books, TermSet::Diagnosis, "o80.000", date(2022, 3, 1)).unwrap().unwrap();
    assert_eq!(birth.sex.unwrap().0, crate::people::Sex::Female);
    assert!(term(&mut books, TermSet::Chronic, "O80.000", date(2022, 3, 1)).unwrap().is_none());
}
