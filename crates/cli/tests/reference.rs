//! The generated reference, and that the schemas say of files what the reader says.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::run;
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use toml::de::{DeTable, DeValue};

/// A file as an editor checks it: days are texts.
fn document(text: &str) -> Value {
    fn table(table: &DeTable<'_>) -> Value {
        table
            .iter()
            .map(|(key, inner)| (key.get_ref().to_string(), value(inner.get_ref())))
            .collect::<Map<_, _>>()
            .into()
    }
    fn value(given: &DeValue<'_>) -> Value {
        match given {
            DeValue::String(text) => json!(text),
            DeValue::Integer(number) => json!(i64::from_str_radix(number.as_str(), number.radix()).unwrap()),
            DeValue::Float(number) => json!(number.as_str().parse::<f64>().unwrap()),
            DeValue::Boolean(flag) => json!(flag),
            DeValue::Datetime(day) => json!(day.to_string()),
            DeValue::Array(list) => list.iter().map(|one| value(one.get_ref())).collect::<Vec<_>>().into(),
            DeValue::Table(inner) => table(inner),
        }
    }
    table(DeTable::parse(text).unwrap().get_ref())
}

fn schema(name: &str) -> Validator {
    let folder = tempfile::tempdir().unwrap();
    run(&format!("reference --out {}", folder.path().display())).good();
    let text = fs::read_to_string(folder.path().join(name)).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn faults(schema: &Validator, text: &str) -> Vec<String> {
    schema.iter_errors(&document(text)).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
}

/// The files of this repository's policies whose path is so.
fn shipped(wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    fn gather(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { gather(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies"), &mut found);
    found.retain(|path| path.extension().is_some_and(|ending| ending == "toml") && wanted(path));
    assert!(!found.is_empty());
    found
}

fn is_case(path: &Path) -> bool {
    path.parent().is_some_and(|folder| folder.ends_with("cases"))
}

fn all_hold(schema: &Validator, files: &[PathBuf]) {
    for file in files {
        let faults = faults(schema, &fs::read_to_string(file).unwrap());
        assert!(faults.is_empty(), "{}: {faults:#?}", file.display());
    }
}

#[test]
fn every_shipped_notice_holds_to_the_schema() {
    let others = ["region.toml", "statistics.toml", "population.toml", "projection.toml"];
    let notice = |path: &Path| !is_case(path) && !others.iter().any(|other| path.ends_with(other));
    all_hold(&schema("notice.schema.json"), &shipped(notice));
}

#[test]
fn every_shipped_region_and_statistic_holds_to_the_schema() {
    all_hold(&schema("region.schema.json"), &shipped(|path| path.ends_with("region.toml")));
    all_hold(&schema("statistics.schema.json"), &shipped(|path| path.ends_with("statistics.toml")));
}

#[test]
fn every_shipped_case_holds_to_the_schema() {
    let schema = schema("case.schema.json");
    all_hold(&schema, &shipped(is_case));
    let head = "[[case]]\nname = 'x'\n";
    for wrong in [
        "kind = 'setle'\n",
        "kind = 'due'\nperson = { scheme = 'resident', group = 'adult' }\nyear = 2022\nexpect = { totl = 1 }\n",
        "person = { scheme = 'resident', group = 'adult' }\nbills = [{ id = 'b', date = 2022-01-01, lvel = '2' }]\n",
        "person = { scheme = 'resident', group = 'adult' }\n",
        "kind = 'terms'\n[[case.with.stage.x.cap]]\nrows = [{ amont = 1 }]\n",
    ] {
        assert!(!faults(&schema, &format!("{head}{wrong}")).is_empty(), "{wrong}");
    }
}

#[test]
fn what_the_reader_refuses_the_schema_refuses_too() {
    const HEAD: &str = "[notice]\nid = 'x'\nkind = 'notice'\ntitle = 'x'\nissued = 2022-01-01\n";
    let schema = schema("notice.schema.json");
    let sound = "[[subsidy.standard]]\nclause = 'T-1'\namount = '146.40'\n";
    assert_eq!(faults(&schema, &format!("{HEAD}{sound}")), Vec::<String>::new());
    for wrong in [
        "[[subsidy.standrd]]\namount = 1\n",
        "[[subsidy.standard]]\namount = 1.5\n",
        "[[subsidy.standard]]\namount = '70%'\n",
        "[[subsidy.standard]]\namont = 1\n",
        "[subsidy.standard]\namount = 1\n",
        "[[stage.x.bands]]\nrows = [{ ratio = '70' }]\n",
        "[[stage.x.bands]]\nrows = [{ levle = '1', ratio = '70%' }]\n",
        "[[stage.x.bands]]\nrows = [{ level = '4', ratio = '70%' }]\n",
        "[[stage.x.bands]]\nrows = []\n",
        "[[stage.x.cap]]\nrows = [{ amount = 1 }]\n",
        "[[stage.x.adjust.y]]\nwhen = { cares = 'inpatient' }\n",
    ] {
        assert!(!faults(&schema, &format!("{HEAD}{wrong}")).is_empty(), "{wrong}");
    }
    assert!(!faults(&schema, "[notice]\nid = 'x'\n").is_empty());
    assert!(!faults(&schema, "").is_empty());
}

#[test]
fn the_pages_name_every_kind_of_provision_and_every_verb() {
    let folder = tempfile::tempdir().unwrap();
    run(&format!("reference --out {}", folder.path().display())).good();
    let page = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    for part in policy::registry::PARTS {
        assert!(page("notice-fields.md").contains(&part.pattern.replace('*', "NAME")), "{}", part.pattern);
    }
    assert!(page("cli.md").contains("## tongchou policy show"));
}
