//! What fields of one provision say together: combinations that each read well and that mean nothing, or two things.

use std::ops::Range;

use domain::{AgeBand, Category, Diagnostic, Fen, Rate};

use crate::reader::Reader;
use crate::registry::{self, COMMON};
use crate::value::{Amount, Record, Row, Value};

/// Notes what is wrong with a provision whose fields were all read.
pub fn check(reader: &mut Reader<'_>, key: &str, span: Range<usize>, record: &Record) {
    let pattern = registry::part(key).map_or("", |part| part.pattern);
    if pattern != "stage.*.cap" && has_none(record) {
        reader.error(
            "none",
            span.clone(),
            "\"none\" 只用于封顶线 (only caps may be none)",
            "没有的写 0，待定的写 \"open\"",
        );
    }
    match pattern {
        "stage.*.deductible" => deductible(reader, &span, record),
        "stage.*.cap" if pooled_by_visit(record) => {
            reader.error("pool", span, "按次的限额不能共用 (a visit has no pool)", "删去 pool，或写 per = \"year\"");
        }
        "stage.*.bands" => record.rows("rows").iter().for_each(|row| bands(reader, row)),
        "stage.*.adjust.*" => {
            let effect = |name: &str| !["when", "order"].contains(&name) && COMMON.iter().all(|f| f.name != name);
            if !record.iter().any(|(name, _)| effect(name)) {
                let cure = "写出改什么，如 ratio_points = 5；数额待定写 open = true";
                reader.error("no-effect", span, "这条调整什么也没有改 (changes nothing)", cure);
            }
        }
        "carry.*" => carry(reader, &span, record),
        "matter.*" => matter(reader, &span, record),
        "scope.first-self-pay" => record.rows("rows").iter().for_each(|row| self_pay(reader, row)),
        "settlement.order" => {
            let layers = record.texts("layers");
            if let Some(twice) = layers.iter().enumerate().find(|(at, layer)| layers[..*at].contains(layer)) {
                let message = format!("层次 {} 写了两次 (a layer twice)", twice.1);
                reader.error("duplicate", span, message, "每层只写一次");
            }
        }
        "assistance.classes" => classes(reader, &span, record),
        "disease.*.*" => {
            if let Some(ages) = record.text("ages").filter(|ages| AgeBand::parse(ages).is_none()) {
                let at = record.span("ages").unwrap_or(span);
                reader.error("wrong-unit", at, format!("“{ages}” 不是年龄段"), "写成 \"0-17\" 或 \"60+\"");
            }
        }
        _ => {}
    }
}

/// Classes are categories of persons, each once.
fn classes(reader: &mut Reader<'_>, span: &Range<usize>, record: &Record) {
    let classes = record.texts("classes");
    let span = record.span("classes").unwrap_or_else(|| span.clone());
    for (at, class) in classes.iter().enumerate() {
        if Category::parse(class).is_none() {
            let known = Category::ALL.iter().map(|category| category.code()).collect::<Vec<_>>().join("、");
            let message = format!("没有叫 “{class}” 的人员类别");
            reader.error("unknown-category", span.clone(), message, format!("可用：{known}"));
        }
        if classes[..at].contains(class) {
            let message = format!("类别 {class} 写了两次 (a class twice)");
            reader.error("duplicate", span.clone(), message, "每类只写一次，最高的在前");
        }
    }
}

fn has_none(record: &Record) -> bool {
    record.iter().any(|(_, value)| match value {
        Value::Amount(amount) => *amount == Amount::Unlimited,
        Value::List(list) => list.contains(&Value::Amount(Amount::Unlimited)),
        Value::Rows(rows) => rows.iter().any(|row| has_none(&row.values)),
        _ => false,
    })
}

fn pooled_by_visit(record: &Record) -> bool {
    record.text("per") == Some("visit") && record.get("pool").is_some()
}

fn at_row(reader: &mut Reader<'_>, row: &Row, code: &'static str, message: impl Into<String>, cure: &str) {
    reader.findings.push(Diagnostic::error(code, row.place.clone(), message, cure));
}

fn deductible(reader: &mut Reader<'_>, span: &Range<usize>, record: &Record) {
    if pooled_by_visit(record) {
        let cure = "删去 pool，或写 per = \"year\"";
        reader.error("pool", span.clone(), "按次的起付标准不能共用 (a visit has no pool)", cure);
    }
    if record.text("per") == Some("year") && record.get("year_limit").is_some() {
        let cure = "删去 year_limit，或写 per = \"visit\"";
        reader.error("year-limit", span.clone(), "按年的起付标准本来每年只付一次，不再有年度上限", cure);
    }
    for row in record.rows("rows") {
        let (amount, share) = (row.values.get("amount").is_some(), row.values.get("share").is_some());
        match row.values.text("of") {
            None if share => at_row(reader, row, "share-of", "`share` 没有写是谁的几成", "写 of = \"first\" 等"),
            Some(_) if !share => at_row(reader, row, "share-of", "有 `of` 而没有 `share`", "写 share = \"…%\""),
            Some("own") if !amount => {
                at_row(reader, row, "share-of", "of = \"own\" 要有本行的数额", "写 amount = …");
            }
            _ if !amount && !share => {
                at_row(reader, row, "no-figure", "此行没有数额", "写 amount = …，待定写 \"open\"")
            }
            _ => {}
        }
    }
}

fn bands(reader: &mut Reader<'_>, row: &Row) {
    let values = &row.values;
    let (ratio, bands) = (values.get("ratio").is_some(), values.rows("bands"));
    if ratio && !bands.is_empty() {
        at_row(reader, row, "two-ratios", "`ratio` 与 `bands` 只能写一种", "留下其一");
    } else if !ratio && bands.is_empty() && values.flag("open") != Some(true) {
        at_row(reader, row, "no-figure", "此行没有比例", "写 ratio 或 bands；待定写 open = true");
    }
    for (at, band) in bands.iter().enumerate().skip(1) {
        let figure = |band: &Row| match band.values.amount("to") {
            Some(Amount::Figure(fen)) => Some(*fen),
            _ => None,
        };
        let before = &bands[at - 1];
        if before.values.get("to").is_none() {
            at_row(
                reader,
                before,
                "band-order",
                "不封顶的一段只能是最后一段 (open-ended band not last)",
                "写出 to，或移到最后",
            );
        } else if let (Some(lower), Some(upper)) = (figure(before), figure(band))
            && upper <= lower
        {
            let message = format!("分段到 {upper} 不高于前一段的 {lower} (bands must rise)");
            at_row(reader, band, "band-order", message, "各段由低到高写");
        }
    }
    if let [band, ..] = bands
        && band.values.amount("to") == Some(&Amount::Figure(Fen::ZERO))
    {
        at_row(reader, band, "band-order", "第一段到 0 为止，没有内容 (an empty band)", "删去这一段");
    }
}

fn carry(reader: &mut Reader<'_>, span: &Range<usize>, record: &Record) {
    let kind = record.text("kind").unwrap_or_default();
    let needed: &[&str] = match kind {
        "quiet-years" => &["stage", "steps"],
        "unused-limit" => &["stage"],
        "light-year" => &["rows"],
        _ => &[],
    };
    for name in needed.iter().filter(|name| record.get(name).is_none()) {
        reader.error("missing-key", span.clone(), format!("{kind} 缺少 `{name}`"), format!("补上 `{name}`"));
    }
}

/// A service item opens in one state, every step can be reached and leads on or ends, and money is owed by somebody to somebody.
fn matter(reader: &mut Reader<'_>, span: &Range<usize>, record: &Record) {
    let rows = record.rows("flow");
    let name = |row: &Row| row.values.text("step").unwrap_or_default().to_owned();
    let names: Vec<String> = rows.iter().map(name).collect();
    let first = |row: &Row| row.values.texts("after").is_empty();
    if rows.iter().filter(|row| first(row)).count() != 1 {
        let message = "办理环节要有且只有一个没有 `after` 的起始环节 (one opening state)";
        reader.error("steps", span.clone(), message, "其余各行写 after = \"…\"");
    }
    for (at, row) in rows.iter().enumerate() {
        if names[..at].contains(&names[at]) {
            at_row(reader, row, "steps", format!("环节 {} 写了两次", names[at]), "每个环节一行，写全 after");
        }
        for unknown in row.values.texts("after").into_iter().filter(|after| !names.iter().any(|name| name == after)) {
            let cure = format!("可用：{}", names.join("、"));
            at_row(reader, row, "dangling", format!("没有名为 “{unknown}” 的环节"), &cure);
        }
        let leads_on = rows.iter().any(|next| next.values.texts("after").contains(&names[at].as_str()));
        if leads_on == (row.values.flag("ends") == Some(true)) {
            let message = format!("环节 {} 要么有下一环节，要么写 ends = true", names[at]);
            at_row(reader, row, "steps", message, "办结的环节写 ends = true，之后不再有环节");
        }
        if row.values.get("money").is_some() && (record.get("payer").is_none() || record.get("payee").is_none()) {
            at_row(reader, row, "missing-key", "此环节动用资金，事项没有写谁付给谁", "写 payer 和 payee");
        }
    }
    let mut reached: Vec<usize> = (0..rows.len()).filter(|at| first(&rows[*at])).collect();
    let mut next = 0;
    while let Some(from) = reached.get(next).copied() {
        let follows = |at: &usize| rows[*at].values.texts("after").contains(&names[from].as_str());
        let more: Vec<usize> = (0..rows.len()).filter(|at| follows(at) && !reached.contains(at)).collect();
        reached.extend(more);
        next += 1;
    }
    for lost in (0..rows.len()).filter(|at| !reached.contains(at)) {
        at_row(reader, &rows[lost], "steps", format!("到不了环节 {} (unreachable)", names[lost]), "核对 after");
    }
}

/// The share of class B is a region's own; class A counts whole and class C not at all, whatever a file says.
fn self_pay(reader: &mut Reader<'_>, row: &Row) {
    let fixed = [("A", Rate::ZERO), ("C", Rate::ONE)];
    let wrong = fixed.iter().find(|(class, share)| {
        row.when.class.iter().any(|c| c == class) && row.values.rate("share").is_some_and(|given| given != *share)
    });
    if let Some((class, share)) = wrong {
        let message = format!("{class} 类的先行自付只能是 {share} (only class B has a share of its own)");
        at_row(reader, row, "fixed-class", message, "删去此行；只写 class = \"B\" 的比例");
    }
}
