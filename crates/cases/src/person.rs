//! The person of a case.

use domain::{Categories, Category, Date, Group, Person, Scheme};
use policy::registry::{Field, Kind};
use policy::value::{Record, Value};

use crate::case::{may, must};

const SCHEMES: &[&str] = &["resident", "employee"];
const GROUPS: &[&str] = &["adult", "minor", "student", "university", "elder", "active", "retired"];

/// Fields of `person`.
pub(crate) const PERSON: &[Field] = &[
    must("scheme", Kind::Word(SCHEMES), "insurance"),
    may("tier", Kind::Text, "tier of contribution"),
    must("group", Kind::Word(GROUPS), "population group"),
    may("category", Kind::Texts, "categories held"),
    may("age", Kind::Integer, "completed years in the year of the case"),
    may("born", Kind::Date, "date of birth, instead of age"),
    may("insured_since", Kind::Date, "first day of unbroken cover"),
];

/// The person of a case, of the stated age in a year.
///
/// # Errors
/// What is wrong with the table, in words.
pub(crate) fn person(body: &Record, year: i16) -> Result<Person, String> {
    match body.get("person") {
        Some(Value::Table(record)) => described(record, year),
        _ => Err("案例没有写 person".to_owned()),
    }
}

/// The person that a table describes.
///
/// # Errors
/// What is wrong with the table, in words.
pub(crate) fn described(record: &Record, year: i16) -> Result<Person, String> {
    let mut categories = Categories::NONE;
    for word in record.texts("category") {
        categories = categories.with(category(word).ok_or_else(|| format!("没有人员类别 “{word}”"))?);
    }
    let age = record.integer("age").and_then(|age| i16::try_from(age).ok());
    // Born on New Year's Day, the person has the age on every day of the year.
    let of_age = age.and_then(|age| Date::new(year.checked_sub(age)?, 1, 1).ok());
    Ok(Person {
        scheme: record.text("scheme").and_then(Scheme::parse).ok_or("person 没有写 scheme")?,
        tier: record.text("tier").map(str::to_owned),
        group: record.text("group").and_then(Group::parse).ok_or("person 没有写 group")?,
        categories,
        born: record.date("born").or(of_age),
        insured_since: record.date("insured_since"),
    })
}

fn category(word: &str) -> Option<Category> {
    Category::ALL.iter().copied().find(|category| category.code() == word)
}
