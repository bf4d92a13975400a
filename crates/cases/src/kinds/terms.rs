//! `terms`: what holds for a key on a day.

use domain::{Basis, Date};
use policy::registry::Kind;
use policy::{Cited, Held, Missing, NoticeKind, Record, Terms, statements};

use super::CaseKind;
use crate::case::{Case, may, must};
use crate::compare::Compare;

pub(crate) const KIND: CaseKind = CaseKind {
    name: "terms",
    fields: &[
        must("on", Kind::Date, "the day"),
        must("key", Kind::Text, "the key, as stage.catastrophic.deductible"),
        may("when", Kind::When, "for whom, where a table tells"),
    ],
    expect: &["amount", "ratio", "clause", "status", "basis", "notice"],
    run,
};

fn run(case: &Case<'_>) -> Vec<String> {
    let (Some(on), Some(key)) = (case.body.date("on"), case.body.text("key")) else {
        return vec!["写 on 和 key".to_owned()];
    };
    let mut compare = Compare::new("", &case.expect);
    let terms = case.terms(on);
    let held = terms.held(key);
    compare.one_of("status", &status(case, &terms, key, on));
    let mut steps = Vec::new();
    if let Some(Held::InForce(cited)) = held {
        steps.push(format!("{key} = {}（{}，{}）", cited.provision.record, cited.notice.id, cited.provision.place));
        let clauses: Vec<&str> = cited.provision.clauses.iter().map(String::as_str).collect();
        compare.one_of("clause", &clauses);
        compare.text("notice", &cited.notice.id);
        values(case, &terms, cited, &mut compare);
    }
    compare.finish(steps)
}

/// The values that the rows for the persons of `when` give.
fn values(case: &Case<'_>, terms: &Terms<'_>, cited: Cited<'_>, compare: &mut Compare<'_>) {
    let rows = statements::answering(cited.provision, &case.body.when("when"), &terms.names());
    let own = [&cited.provision.record];
    let records: Vec<&Record> =
        if rows.is_empty() { own.to_vec() } else { rows.iter().map(|row| &row.values).collect() };
    let mut basis = cited.provision.basis;
    if let Some(amount) = same(&records, |record| record.amount("amount").or(record.amount("line")).cloned(), compare) {
        match terms.fen(&amount, basis) {
            Ok((fen, weaker)) => {
                basis = basis.max(weaker);
                compare.amount("amount", fen);
            }
            Err(why) => compare.text("amount", missing(&why)),
        }
    }
    let ratio = |record: &Record| {
        let rate = record.rate("ratio").or(record.rate("share")).or(record.rate("ratio_points"));
        rate.map(|rate| rate.to_string()).or_else(|| bands(record))
    };
    if let Some(ratio) = same(&records, ratio, compare) {
        compare.text("ratio", &ratio);
    }
    compare.text("basis", Basis::code(basis));
}

/// Ratios of bands in one text, as `50%、60%、70%`.
fn bands(record: &Record) -> Option<String> {
    let ratios: Vec<String> =
        record.rows("bands").iter().filter_map(|row| row.values.rate("ratio")).map(|r| r.to_string()).collect();
    (!ratios.is_empty()).then(|| ratios.join("、"))
}

/// The value that all rows share; several are a failure, as the case does not say whose is meant.
fn same<T: PartialEq>(records: &[&Record], of: impl Fn(&Record) -> Option<T>, compare: &mut Compare<'_>) -> Option<T> {
    let first = records.first().and_then(|record| of(record))?;
    if records.iter().any(|record| of(record).as_ref() != Some(&first)) {
        compare.fail("表里几行的值不同：用 when 指明是谁的");
        return None;
    }
    Some(first)
}

fn missing(why: &Missing) -> &'static str {
    match why {
        Missing::Open => "open",
        Missing::Absent | Missing::Statistic(..) => "absent",
        Missing::Ended(_) => "expired",
    }
}

/// The words that say how the key stands.
fn status(case: &Case<'_>, terms: &Terms<'_>, key: &str, on: Date) -> Vec<&'static str> {
    let declared = terms.family("open.").any(|(_, cited)| cited.provision.record.text("what") == Some(key));
    match terms.held(key) {
        Some(Held::Ended(..)) => vec!["expired"],
        Some(Held::InForce(cited)) if cited.provision.leaves_open() => vec!["open"],
        Some(Held::InForce(cited)) if cited.notice.kind == NoticeKind::Draft && !adopted(case, &cited.notice.id) => {
            vec!["draft", "in-force"]
        }
        Some(Held::InForce(_)) => vec!["in-force"],
        None if drafted(case, key, on) => vec!["absent", "draft"],
        None if declared => vec!["absent", "open"],
        None => vec!["absent"],
    }
}

fn adopted(case: &Case<'_>, draft: &str) -> bool {
    case.library.adoptions.iter().any(|adoption| adoption.notice == draft)
}

/// Whether a draft that was not folded would set the key.
fn drafted(case: &Case<'_>, key: &str, on: Date) -> bool {
    let drafts = case.library.notices_of(case.region).into_iter().filter(|notice| notice.kind == NoticeKind::Draft);
    drafts.flat_map(|notice| &notice.provisions).any(|provision| provision.key == key && provision.period.contains(on))
}
