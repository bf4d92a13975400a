//! Feeds as they come: late, twice, out of order, contradictory, corrected.

use domain::{Categories, Category, Date};
use jiff::civil::date;
use serde_json::{Value, json};

use super::Feed;
use crate::people::{Dossier, dossier, person_key};
use crate::source::{Key, Link, Raw, Source};
use crate::testing::Town;
use crate::{Answer, Books, Entry, Memory};

const ONE: &str = "11010519491231002X";

fn town() -> (Town, String) {
    let mut town = Town::new("", date(2022, 12, 1));
    let one = town.run("person register", json!({ "number": ONE, "name": "某甲", "area": "990101" })).unwrap();
    let one = one.fields["person"].as_str().unwrap().to_owned();
    (town, one)
}

fn sheet(town: &mut Town, person: &str) -> Dossier {
    let mut books = Books::new(&mut town.memory);
    dossier(&mut books, &person_key(person)).unwrap().clone()
}

fn feed(source: &str, reported: &str, lines: &[&str]) -> Value {
    let text = format!("证件号码,姓名,类别,起始日,终止日,撤销\n{}\n", lines.join("\n"));
    json!({ "source": source, "reported": reported, "text": text })
}

fn with(mut feed: Value, more: Value) -> Value {
    feed.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    feed
}

fn counts(answer: &Answer) -> [u64; 4] {
    ["accepted", "unchanged", "superseded", "rejected"].map(|name| answer.fields[name].as_u64().unwrap())
}

#[test]
fn a_file_loaded_twice_changes_nothing_and_says_so() {
    let (mut town, one) = town();
    let file = feed("民政局", "2022-01-31", &[&format!("{ONE},某甲,低保,2022-01-01,,")]);
    assert_eq!(counts(&town.run("feed load", file.clone()).unwrap()), [1, 0, 0, 0]);
    assert!(sheet(&mut town, &one).categories_on(date(2022, 1, 1)).has(Category::MinimumAllowance));
    let before = town.memory.journal.len();
    let again = town.run("feed load", file.clone()).unwrap();
    assert!(again.says.contains("已装载过") && town.memory.journal.len() == before);
    // The same rows in another file are known.
    let other = with(file.clone(), json!({ "text": format!("{}\n", file["text"].as_str().unwrap()) }));
    assert_eq!(counts(&town.run("feed load", other).unwrap()), [0, 1, 0, 0]);
}

#[test]
fn bad_rows_are_told_masked_and_the_rest_is_loaded_or_nothing() {
    let (mut town, one) = town();
    let two = town.person("1981-01-01", 9);
    let file = feed(
        "民政局",
        "2022-01-31",
        &[
            &format!("{ONE},某甲,低保,2022-01-01,,"),
            "110105194912310021,某甲,低保,2022-01-01,,",
            &format!("{two},某某,低保,2022-01-01,,"),
            "E1234567",
            &format!("{ONE},某乙,低保边缘,2022-01-01,,"),
            &format!("{ONE},某甲,特困,1949-01-01,,"),
            &format!("{ONE},某甲,特困,,,"),
            "110105199001010011,某丁,低保,2022-01-01,,",
            &format!("{ONE},某甲,监测,2022-01-01,2022-06-01,"),
            &format!("{ONE},某甲,监测,2022-01-01,2022-07-01,"),
        ],
    );
    let none = town.run("feed load", with(file.clone(), json!({ "whole": true }))).unwrap_err();
    assert!(none.code == "rejects" && none.message.contains("第 3 行"), "{none}");
    assert_eq!(sheet(&mut town, &one).categories, vec![]);
    let answer = town.run("feed load", file).unwrap();
    assert_eq!(counts(&answer), [1, 0, 0, 9]);
    let rejects = answer.fields["rejects"].as_array().unwrap();
    let told: Vec<(u64, &str)> =
        rejects.iter().map(|reject| (reject["line"].as_u64().unwrap(), reject["code"].as_str().unwrap())).collect();
    assert_eq!(
        told,
        [
            (3, "wrong-check-digit"),
            (4, "bad-document"),
            (5, "broken-line"),
            (6, "name-differs"),
            (7, "impossible-date"),
            (8, "missing-from"),
            (9, "wrong-check-digit"),
            (10, "contradiction"),
            (11, "contradiction"),
        ]
    );
    let report = answer.fields["report"].as_str().unwrap();
    assert!(report.starts_with("行号,证件号码") && !report.contains(ONE) && report.contains("1101**********002X"));
    assert!(rejects[7]["message"].as_str().unwrap().contains("第 11 行"));
    let listed = town.ask("feed rejects", json!({ "source": "民政局" }));
    assert_eq!(listed.rows.len(), 9);
}

#[test]
fn of_many_bad_rows_the_first_are_told_and_all_are_reported_and_listed() {
    let (mut town, _) = town();
    let rows = vec!["E1234567"; 250];
    let answer = town.run("feed load", feed("民政局", "2022-01-31", &rows)).unwrap();
    assert_eq!(counts(&answer), [0, 0, 0, 250]);
    assert_eq!(answer.fields["rejects"].as_array().unwrap().len(), 200);
    assert_eq!(answer.fields["report"].as_str().unwrap().lines().count(), 251);
    assert_eq!(town.ask("feed rejects", json!({ "source": "民政局" })).rows.len(), 250);
}

#[test]
fn who_is_not_on_the_register_is_rejected_or_registered_by_the_row() {
    let (mut town, _) = town();
    let number = (0..=9).map(|check| format!("99010119900101001{check}")).find(|n| crate::people::recognise(n).is_ok());
    let number = number.unwrap_or("99010119900101001X".to_owned());
    let text = format!("证件号码,姓名,起始日,区划\n{number},某丁,2022-01-01,990101\n");
    let file = json!({ "source": "残联", "reported": "2022-01-31", "text": text, "fact": "重度残疾人" });
    let answer = town.run("feed load", file.clone()).unwrap();
    assert_eq!(answer.fields["rejects"][0]["code"], "unknown-person");
    let answer = town.run("feed load", with(file, json!({ "register": true }))).unwrap();
    assert_eq!((&answer.fields["registered"], &answer.fields["accepted"]), (&json!(1), &json!(1)));
    assert_eq!(town.ask("person list", json!({ "category": "severe-disability" })).rows.len(), 1);
}

#[test]
fn the_order_of_arrival_changes_nothing() {
    let files = [
        ("2022-01-31", format!("{ONE},某甲,低保,2022-01-01,,")),
        ("2022-04-30", format!("{ONE},某甲,低保,2022-01-01,2022-04-01,")),
        ("2022-06-30", format!("{ONE},某甲,低保,2022-06-01,,")),
        ("2022-08-31", format!("{ONE},某甲,低保,2022-06-01,2022-08-01,")),
    ];
    let mut days: Vec<Vec<Categories>> = Vec::new();
    for order in orders(files.len()) {
        let (mut town, one) = town();
        for at in order {
            let (reported, line) = &files[at];
            town.run("feed load", feed("民政局", reported, &[line])).unwrap();
        }
        let known = sheet(&mut town, &one);
        days.push((1..=12).map(|month| known.categories_on(date(2022, month, 15))).collect());
    }
    let low = |held: &[bool]| -> Vec<bool> { held.to_vec() };
    let held: Vec<bool> = days[0].iter().map(|on| on.has(Category::MinimumAllowance)).collect();
    let (yes, no) = (true, false);
    assert_eq!(held, low(&[yes, yes, yes, no, no, yes, yes, no, no, no, no, no]));
    assert!(days.iter().all(|other| *other == days[0]), "{days:?}");
}

fn orders(count: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![vec![]];
    for _ in 0..count {
        let longer = |order: &Vec<usize>| -> Vec<Vec<usize>> {
            let rest = (0..count).filter(|at| !order.contains(at));
            rest.map(|at| order.iter().copied().chain([at]).collect()).collect()
        };
        orders = orders.iter().flat_map(longer).collect();
    }
    orders
}

#[test]
fn a_full_list_ends_who_is_not_on_it() {
    let (mut town, one) = town();
    let two = town.person("1981-01-01", 9);
    let second = sheet(&mut town, &two);
    let number = town.vault.open("number", &second.documents[0].number).unwrap();
    let list = |reported: &str, lines: &[&str]| {
        let text = format!("证件号码,起始日\n{}\n", lines.join("\n"));
        json!({ "source": "民政局", "reported": reported, "text": text, "fact": "低保", "complete": true })
    };
    let (first, both) = (format!("{ONE},"), [&*format!("{ONE},2022-01-01"), &format!("{number},")]);
    town.run("feed load", list("2022-01-31", &both)).unwrap();
    assert_eq!(sheet(&mut town, &two).categories[0].from, date(2022, 1, 31), "of the day of the list");
    let march = town.run("feed load", list("2022-03-31", &[&first])).unwrap();
    assert_eq!((counts(&march), &march.fields["ended"]), ([0, 1, 0, 0], &json!(1)));
    let held =
        |town: &mut Town, who: &str, day: Date| sheet(town, who).categories_on(day).has(Category::MinimumAllowance);
    assert!(held(&mut town, &two, date(2022, 3, 30)) && !held(&mut town, &two, date(2022, 3, 31)));
    assert!(held(&mut town, &one, date(2022, 12, 1)));
    // February comes late: whoever stood on the list of March was confirmed by it, and who did not had ended.
    let late = feed("民政局", "2022-02-28", &[&format!("{ONE},某甲,低保,2022-01-01,2022-02-15,")]);
    assert_eq!(counts(&town.run("feed load", late).unwrap()), [0, 0, 1, 0]);
    // A list with a line that tells nobody ends nobody.
    let broken = town.run("feed load", list("2022-05-31", &["broken"])).unwrap();
    assert_eq!((&broken.fields["ended"], &broken.fields["rejected"]), (&json!(0), &json!(1)));
    assert!(held(&mut town, &one, date(2022, 12, 1)));
}

#[test]
fn a_row_takes_back_what_was_said() {
    let (mut town, one) = town();
    let line = format!("{ONE},某甲,低保,2022-01-01,,");
    town.run("feed load", feed("民政局", "2022-01-31", &[&line])).unwrap();
    let taken = feed("民政局", "2022-03-31", &[&format!("{ONE},某甲,低保,2022-01-01,,是")]);
    assert_eq!(counts(&town.run("feed load", taken).unwrap()), [1, 0, 0, 0]);
    assert!(!sheet(&mut town, &one).categories_on(date(2022, 1, 15)).has(Category::MinimumAllowance));
    let late = feed("民政局", "2022-02-28", &[&line]);
    assert_eq!(counts(&town.run("feed load", late).unwrap()), [0, 0, 1, 0]);
    let history = town.ask("category history", json!({ "person": one }));
    assert_eq!(history.rows.len(), 2);
}

#[test]
fn two_registers_that_differ_both_stand_and_are_told() {
    let (mut town, one) = town();
    town.run("feed load", feed("民政局", "2022-01-31", &[&format!("{ONE},某甲,监测,2022-01-01,,")])).unwrap();
    let other = feed("乡村振兴局", "2022-03-31", &[&format!("{ONE},某甲,监测,2022-01-01,2022-03-01,")]);
    let before = town.memory.journal.len();
    let compared = town.ask("feed compare", other.clone());
    assert_eq!((compared.rows.len(), &compared.rows[0][5]), (1, &json!("矛盾")));
    assert_eq!(town.memory.journal.len(), before);
    let answer = town.run("feed load", other).unwrap();
    assert_eq!((&answer.fields["accepted"], &answer.fields["conflicts"]), (&json!(1), &json!(1)));
    assert!(sheet(&mut town, &one).categories_on(date(2022, 4, 1)).has(Category::Monitored));
}

#[test]
fn the_same_day_told_otherwise_is_rejected() {
    let (mut town, _) = town();
    town.run("feed load", feed("民政局", "2022-01-31", &[&format!("{ONE},某甲,低保,2022-01-01,,")])).unwrap();
    let other = feed("民政局", "2022-01-31", &[&format!("{ONE},某甲,低保,2022-01-01,2022-01-15,")]);
    let answer = town.run("feed load", other).unwrap();
    assert_eq!(answer.fields["rejects"][0]["code"], "contradiction");
}

#[test]
fn deaths_studies_and_arrangements_come_as_feeds() {
    let (mut town, one) = town();
    let load = |town: &mut Town, source: &str, fact: &str, text: String| {
        let file = json!({ "source": source, "reported": "2022-10-31", "text": text, "fact": fact });
        let answer = town.run("feed load", file).unwrap();
        assert_eq!(counts(&answer), [1, 0, 0, 0], "{:?}", answer.fields);
    };
    load(
        &mut town,
        "市教委",
        "university",
        format!("证件号码,学校,入学日期,毕业日期\n{ONE},某大学,2018-09-01,2022-06-30\n"),
    );
    load(&mut town, "市教委", "助学贷款", format!("证件号码,学校,学年\n{ONE},某大学,2021\n"));
    load(&mut town, "社保中心", "职工医保", format!("证件号码,参保日期,等待期至\n{ONE},2022-07-01,2022-12-31\n"));
    let known = sheet(&mut town, &one);
    assert!(known.categories_on(date(2021, 9, 1)).has(Category::LoanStudent));
    assert_eq!(known.loans[0].state(), "已认定");
    let joining = known.joining(date(2022, 1, 10), date(2022, 8, 1));
    assert_eq!((joining.moved_to_employee, joining.graduated), (Some(date(2022, 7, 1)), Some(date(2022, 6, 30))));
    load(&mut town, "公安局", "死亡", format!("证件号码,死亡日期\n{ONE},2022-10-01\n"));
    assert_eq!(sheet(&mut town, &one).died, Some(date(2022, 10, 1)));
    let other = json!({ "source": "殡葬", "reported": "2022-11-01", "text": format!("证件号码,死亡日期\n{ONE},2022-10-02\n"), "fact": "死亡" });
    assert_eq!(town.run("feed load", other).unwrap().fields["rejects"][0]["code"], "already-dead");
    load(&mut town, "公安局", "死亡", format!("证件号码,死亡日期,撤销\n{ONE},2022-10-01,是\n"));
    assert_eq!(sheet(&mut town, &one).died, None);
    let uncertain = json!({ "source": "市教委", "reported": "2022-11-01", "text": format!("证件号码,学校\n{ONE},某大学\n"), "fact": "助学贷款" });
    assert_eq!(town.run("feed load", uncertain).unwrap().fields["rejects"][0]["code"], "incomplete-certificate");
}

#[test]
fn every_feed_folds_to_its_sheet_again() {
    let (mut town, _) = town();
    town.run("feed load", feed("民政局", "2022-01-31", &[&format!("{ONE},某甲,低保,2022-01-01,,"), "x"])).unwrap();
    assert_eq!(town.memory.verify(), Vec::<String>::new());
    assert!(!town.memory.texts().any(|text| text.contains(ONE)), "no number stands in clear");
    let future = feed("民政局", "2022-12-02", &[]);
    assert_eq!(town.run("feed load", future).unwrap_err().code, "impossible-date");
    assert_eq!(town.run("feed load", feed("a/b", "2022-01-31", &[])).unwrap_err().code, "bad-source");
}

/// A source that counts how often it is asked.
struct Counting {
    books: Memory,
    asked: usize,
}

impl Source for Counting {
    fn sheets(&mut self, keys: &[Key]) -> Result<Vec<Raw>, String> {
        self.asked += 1;
        self.books.sheets(keys)
    }
    fn linked(&mut self, names: &[(&str, &str)]) -> Result<Vec<Link>, String> {
        self.asked += 1;
        self.books.linked(names)
    }
    fn names(&mut self, kind: &str, prefix: &str, limit: usize) -> Result<Vec<Link>, String> {
        self.asked += 1;
        self.books.names(kind, prefix, limit)
    }
    fn history(&mut self, subject: &str) -> Result<Vec<(Key, Entry)>, String> {
        self.asked += 1;
        self.books.history(subject)
    }
    fn scan(&mut self, prefix: &str, year: Option<i16>, after: Option<&Key>, limit: usize) -> Result<Vec<Raw>, String> {
        self.asked += 1;
        self.books.scan(prefix, year, after, limit)
    }
}

#[test]
fn the_books_are_asked_by_the_page_and_not_by_the_row() {
    let asked = |persons: usize| {
        let mut town = Town::new("", date(2022, 12, 1));
        let row = |n: usize| format!("护照,E1{n:07},某甲,低保,2022-01-01,990101\n");
        let rows: String = (0..persons).map(row).collect();
        let text = format!("证件种类,证件号码,姓名,类别,起始日,区划\n{rows}");
        let fields = json!({ "source": "甲", "reported": "2022-01-31", "register": true, "text": text });
        let before = town.memory.clone();
        town.run("feed load", fields).unwrap();
        // Once for persons who come on the register, once for those who are on it.
        [before, town.memory.clone()].map(|books| {
            let feed = Feed {
                source: "乙".to_owned(),
                reported: date(2022, 1, 31),
                fact: None,
                complete: false,
                register: true,
                text: &text,
            };
            let mut counting = Counting { books, asked: 0 };
            let report = super::load(&town.desk(), &mut Books::new(&mut counting), &feed, &mut |_| ()).unwrap();
            assert_eq!(report.counts.accepted, u32::try_from(persons).unwrap());
            counting.asked
        })
    };
    let pages = asked(1_100);
    assert_eq!(asked(2), asked(900), "one page");
    assert!(pages.iter().all(|asked| *asked < 20), "two pages: {pages:?}");
}

#[test]
fn a_feed_fills_what_the_register_has_not_and_leaves_what_it_has() {
    let (mut town, one) = town();
    let text = |ethnicity: &str, employer: &str| {
        format!("证件号码,姓名,类别,起始日,民族代码,工作单位\n{ONE},某甲,低保,2022-01-01,{ethnicity},{employer}\n")
    };
    let file = |reported: &str, text: String| json!({ "source": "民政局", "reported": reported, "text": text });
    let bad = town.run("feed load", file("2022-01-30", text("汉", ""))).unwrap();
    assert_eq!((counts(&bad), &bad.fields["rejects"][0]["code"]), ([0, 0, 0, 1], &json!("bad-ethnicity")));
    assert_eq!(counts(&town.run("feed load", file("2022-01-31", text("01", ""))).unwrap()), [1, 0, 0, 0]);
    town.run("feed load", file("2022-02-28", text("03", "某厂"))).unwrap();
    let known = sheet(&mut town, &one);
    let clear = |purpose, sealed: Option<crate::Sealed>| town.vault.open(purpose, &sealed.unwrap()).unwrap();
    assert_eq!(clear("ethnicity", known.ethnicity), "01");
    assert_eq!(clear("employer", known.employer), "某厂");
}
