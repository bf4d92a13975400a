//! Reports of outcomes made by hand: the figures are those of the persons and agree in every form, the page is well-formed and needs
//! nothing else, and nothing is divided by nothing.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::float_arithmetic,
    reason = "a test may stop at the first surprise, and Excel holds floats"
)]

mod read;
mod sample;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use domain::Lang;
use microsim::outcome::{Group, Outcome, Variant};
use microsim::report::{self, Table, Value};
use roxmltree::{Document, ParsingOptions};

fn written(run: &Outcome, lang: Lang) -> (tempfile::TempDir, BTreeMap<String, Vec<u8>>) {
    let folder = tempfile::tempdir().unwrap();
    let paths = report::write(run, folder.path(), lang).unwrap();
    let name = |path: &PathBuf| path.strip_prefix(folder.path()).unwrap().to_string_lossy().into_owned();
    let files: BTreeMap<String, Vec<u8>> = paths.iter().map(|path| (name(path), fs::read(path).unwrap())).collect();
    assert_eq!(files.len(), paths.len(), "no file twice");
    (folder, files)
}

fn usual() -> Outcome {
    let people = sample::people(300);
    sample::outcome(&people, &[("baseline", 75), ("2022-resident-draft", 80), ("stage.basic.ratio=70%", 70)])
}

/// An outcome in which there is hardly anything.
fn bare(variants: Vec<Variant>) -> Outcome {
    Outcome {
        region: "nowhere".to_owned(),
        region_name: "无".to_owned(),
        tiers: Vec::new(),
        year: 2022,
        from_year: 2022,
        province: String::new(),
        funds: vec!["basic".to_owned()],
        people: BTreeMap::new(),
        variants,
        left_out: 0,
    }
}

fn named(name: &str) -> Variant {
    Variant { name: name.to_owned(), basis: "stated".to_owned(), ..Variant::default() }
}

fn table<'t>(tables: &'t [Table], name: &str) -> &'t Table {
    tables.iter().find(|table| table.head.name == name).unwrap_or_else(|| panic!("no table {name}"))
}

/// A number of the first row in which the words stand.
fn figure(tables: &[Table], name: &str, words: &[&str], column: &str) -> Option<i64> {
    let table = table(tables, name);
    let at =
        table.columns.iter().position(|there| there.name == column).unwrap_or_else(|| panic!("no column {column}"));
    let is = |value: &Value, word: &str| matches!(value, Value::Word(name) if name.code == word);
    let row = table.rows.iter().find(|row| words.iter().all(|word| row.iter().any(|value| is(value, word))));
    row.unwrap_or_else(|| panic!("no row {words:?}"))[at].number()
}

#[test]
fn the_figures_are_those_of_the_persons() {
    let people = sample::people(300);
    let run = sample::outcome(&people, &[("baseline", 75), ("draft", 80)]);
    let tables = report::tables(&run);
    let total: i64 = people.iter().flat_map(|person| &person.bills).map(|bill| bill.2).sum();
    let in_scope: i64 = people.iter().flat_map(|person| &person.bills).map(|bill| bill.3).sum();
    let of = |variant: &str, column: &str| figure(&tables, "summary", &[variant], column).unwrap();
    for variant in ["baseline", "draft"] {
        assert_eq!(of(variant, "total_fen"), total);
        assert_eq!(of(variant, "paid_fen") + of(variant, "own_fen"), total);
        let (paid, whole) = (i128::from(of(variant, "paid_fen")), i128::from(in_scope));
        let exact = (paid * 2_000_000 + whole) / (2 * whole);
        assert_eq!(i128::from(of(variant, "ratio_in_scope")), exact);
        // the same from every side
        let side = |name: &str, words: &[&str]| -> i64 {
            let (table, at) = (table(&tables, name), |column: &str| {
                self::table(&tables, name).columns.iter().position(|there| there.name == column).unwrap()
            });
            let words = [&[variant], words].concat();
            let has = |row: &Vec<Value>| {
                words.iter().all(|word| row.iter().any(|v| matches!(v, Value::Word(name) if name.code == *word)))
            };
            table.rows.iter().filter(|row| has(row)).map(|row| row[at("paid_fen")].number().unwrap()).sum()
        };
        for (name, words) in [
            ("funds", &[][..]),
            ("cuts", &["level"][..]),
            ("cuts", &["tier"]),
            ("cuts", &["care"]),
            ("cells", &[]),
            ("cell_funds", &[]),
            ("groups", &["decile"]),
            ("groups", &["age"]),
            ("group_funds", &["decile"]),
        ] {
            assert_eq!(side(name, words), of(variant, "paid_fen"), "{variant} {name} {words:?}");
        }
    }
    assert_eq!(of("draft", "paid_change_fen"), of("draft", "paid_fen") - of("baseline", "paid_fen"));
    assert_eq!(of("draft", "net_gain_fen"), of("draft", "paid_change_fen"), "what funds pay more, people pay less");
    assert_eq!((of("baseline", "winners"), of("baseline", "losers"), of("baseline", "paid_change_fen")), (0, 0, 0));
    assert!(of("draft", "winners") > 0 && of("draft", "losers") == 0);
    let reached = people.iter().filter(|person| person.bills.iter().any(|bill| bill.3 > 0)).count() as i64;
    assert_eq!(figure(&tables, "funds", &["baseline", "basic"], "reached"), Some(reached));
}

#[test]
fn every_form_says_the_same() {
    let run = usual();
    let tables = report::tables(&run);
    for lang in [Lang::Zh, Lang::En] {
        let (folder, _) = written(&run, lang);
        for table in &tables {
            let name = table.head.name;
            let csv = read::csv(&folder.path().join(format!("tables/{name}.csv")));
            let parquet = read::parquet(&folder.path().join(format!("tables/{name}.parquet")));
            assert_eq!(csv, parquet, "{name}");
            assert_eq!(csv.len(), table.rows.len() + 1);
            let sheet = read::xlsx(&folder.path().join("report.xlsx"), table, lang);
            assert_eq!(sheet.len(), table.rows.len(), "{name}");
            for (row, (told, meant)) in sheet.iter().zip(&table.rows).enumerate() {
                for ((told, meant), column) in told.iter().zip(meant).zip(&table.columns) {
                    let meant = match meant {
                        Value::Word(name) => name.of(lang).to_owned(),
                        other => other.plain(column.unit),
                    };
                    assert_eq!(*told, meant, "{name} {} row {row}", column.name);
                }
            }
        }
    }
}

fn page(files: &BTreeMap<String, Vec<u8>>) -> String {
    String::from_utf8(files["report.html"].clone()).unwrap()
}

fn parsed(text: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn the_page_is_well_formed_needs_nothing_else_and_says_what_it_is() {
    for (lang, made_up) in [(Lang::Zh, "合成数据"), (Lang::En, "Made-up data")] {
        let (_folder, files) = written(&usual(), lang);
        let page = page(&files);
        let document = parsed(&page);
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            assert!(!["script", "link", "img", "iframe", "object"].contains(&node.tag_name().name()));
            for attribute in node.attributes() {
                let leads = ["href", "src", "srcset", "data"].contains(&attribute.name());
                assert!(!leads || attribute.value().starts_with('#'), "{attribute:?}");
            }
        }
        assert!(!page.contains("url(") && !page.contains("@import"));
        let tables: Vec<_> = document.descendants().filter(|node| node.has_tag_name("table")).collect();
        assert!(tables.len() >= 8);
        for table in tables {
            let beside = table.next_sibling_element().unwrap().text().unwrap();
            assert!(beside.contains(made_up), "what it rests on is beside every table: {beside}");
        }
        let charts = document.descendants().filter(|node| node.tag_name().name() == "svg");
        assert_eq!(charts.count(), files.keys().filter(|name| name.ends_with(".svg")).count());
        for (name, svg) in files.iter().filter(|(name, _)| name.ends_with(".svg")) {
            let svg = std::str::from_utf8(svg).unwrap();
            let words = match lang {
                Lang::Zh => ["合成", "示意"],
                Lang::En => ["made-up", "illustrative"],
            };
            assert!(parsed(svg).root_element().is_element() && words.iter().all(|word| svg.contains(word)), "{name}");
        }
    }
}

#[test]
fn names_are_text_and_never_markup() {
    let people = sample::people(80);
    let evil = "<b onload=\"x\">&'\u{1}]]>";
    let mut run = sample::outcome(&people, &[("baseline", 75), (evil, 80)]);
    run.region_name = evil.to_owned();
    run.variants[1].refused.insert(evil.to_owned(), 3);
    run.variants[1].set = vec!["=1+1".to_owned(), evil.to_owned()];
    let (folder, files) = written(&run, Lang::Zh);
    // of what XML cannot hold, the page has nothing
    let page = page(&files);
    let document = parsed(&page);
    assert!(document.descendants().all(|node| !node.has_tag_name("b")));
    assert!(document.descendants().any(|node| node.is_text() && node.text().unwrap().contains("<b onload=\"x\">&'")));
    files.iter().filter(|(name, _)| name.ends_with(".svg")).for_each(|(_, svg)| {
        parsed(std::str::from_utf8(svg).unwrap());
    });
    let csv = read::csv(&folder.path().join("tables/refused.csv"));
    assert!(csv.iter().any(|row| row.iter().any(|cell| cell == evil)));
}

#[test]
fn nothing_is_divided_by_nothing() {
    let one = sample::people(1);
    let mut idle = sample::people(3);
    idle.iter_mut().for_each(|person| person.bills.clear());
    let mut tierless = sample::people(40);
    tierless.iter_mut().for_each(|person| person.tier = "");
    let mut funds = usual();
    funds.funds = (0..12).map(|fund| format!("fund-{fund}")).collect();
    let many: Vec<String> = (0..9).map(|place| format!("a-variant-with-a-rather-long-name-{place}")).collect();
    let many: Vec<(&str, i64)> = many.iter().map(|name| (name.as_str(), 70)).collect();
    let runs = [
        bare(vec![named("baseline")]),
        bare(vec![named("baseline"), named("draft")]),
        sample::outcome(&one, &[("baseline", 75)]),
        sample::outcome(&idle, &[("baseline", 75), ("draft", 80)]),
        sample::outcome(&tierless, &[("baseline", 75), ("draft", 75)]),
        sample::outcome(&[], &[("baseline", 75), ("draft", 80)]),
        sample::outcome(&tierless, &many),
        funds,
    ];
    for (run, lang) in runs.iter().zip([Lang::Zh, Lang::En].into_iter().cycle()) {
        let (_folder, files) = written(run, lang);
        parsed(&page(&files));
        for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".png")) {
            let picture = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
            assert_eq!(picture.info().width, 1920, "{name}");
        }
    }
    let tables = report::tables(&runs[0]);
    assert_eq!(figure(&tables, "summary", &["baseline"], "ratio_in_scope"), None);
    assert_eq!(figure(&tables, "summary", &["baseline"], "concentration_index"), None);
    let refused = report::write(&bare(Vec::new()), Path::new("nowhere"), Lang::Zh).unwrap_err();
    assert!(refused.to_string().contains("no baseline"), "{refused}");
}

/// A group that only a variant has, or that has no bills, is a row like the others.
#[test]
fn what_is_empty_is_there() {
    let mut run = usual();
    let lonely = Group { by: microsim::outcome::By::Category, value: "edge".to_owned() };
    run.people.insert(lonely, microsim::outcome::People { enrolled: 5, living: 5, ..Default::default() });
    let tables = report::tables(&run);
    assert_eq!(figure(&tables, "groups", &["baseline", "edge"], "enrolled"), Some(5));
    assert_eq!(figure(&tables, "groups", &["baseline", "edge"], "own_per_enrolled_fen"), Some(0));
    assert_eq!(figure(&tables, "groups", &["baseline", "edge"], "own_per_patient_fen"), None);
}

#[test]
fn the_same_outcome_gives_the_same_bytes() {
    let run = usual();
    let (_one, first) = written(&run, Lang::Zh);
    let (_two, second) = written(&run, Lang::Zh);
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (name, bytes) in &first {
        assert_eq!(*bytes, second[name], "{name}");
    }
}

/// `GUIDES=write` puts the reference of columns and the list of files into the pages.
#[test]
fn the_pages_say_what_is_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("docs/guide/report-tables.md");
    let reference = report::reference();
    if std::env::var("GUIDES").is_ok_and(|wish| wish == "write") {
        fs::write(&path, &reference).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap() == reference, "GUIDES=write mends docs/guide/report-tables.md");
    let guide = fs::read_to_string(root.join("docs/guide/simulate.md")).unwrap();
    let (_folder, files) = written(&usual(), Lang::Zh);
    for name in files.keys() {
        let told = match name.split_once('/') {
            Some((_, file)) => file.rsplit_once('.').unwrap().0,
            None => name,
        };
        assert!(guide.contains(&format!("`{told}`")), "docs/guide/simulate.md does not name {told}");
    }
}

#[test]
fn tiers_are_called_as_the_region_calls_them() {
    let (folder, _) = written(&usual(), Lang::Zh);
    let page = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(page.contains("一档") && !page.contains(">first<"));
}
