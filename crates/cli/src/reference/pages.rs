//! `notice-fields.md`: every field that a file may hold.

use std::fmt::Write as _;

use policy::registry::{COMMON, Field, Kind, PARTS, RULE};
use policy::vocabulary::{condition_doc, condition_keys, condition_words};
use policy::{notice, region};

use crate::session::Lang;
use crate::words::label;

/// The page.
pub fn notice_fields() -> String {
    let mut page = String::from(
        "# 政策文件的字段 · Fields of policy files\n\n由 `tongchou reference` 从字段登记表生成，不要手改；写法见 \
         [notice-format.md](../guide/notice-format.md)。\nGenerated from the registry of fields by `tongchou reference`; do not edit.\n",
    );
    page.push_str("\n## 值的写法 · Values\n\n| | |\n|---|---|\n");
    for (holds, how) in VALUES {
        let _ = writeln!(page, "| {holds} | {how} |");
    }
    page.push_str("\n## 地区 · `region.toml`\n");
    table(&mut page, "`[region]`", region::REGION);
    table(&mut page, "`[[tier]]` 档次", region::TIER);
    table(&mut page, "`[[area]]` 补助地区", region::AREA);
    page.push_str("\n## 统计数 · `statistics.toml`\n");
    table(&mut page, "`[[statistic]]`", region::STATISTIC);
    page.push_str("\n## 通知 · a notice\n");
    table(&mut page, "`[notice]`", notice::NOTICE);
    table(&mut page, "`[[adoption]]` 草案的通过", notice::ADOPTION);
    page.push_str("\n## 条款 · provisions\n");
    table(&mut page, "每条都可写 · every provision", COMMON);
    for part in PARTS {
        let _ = write!(page, "\n### `[[{}]]` {}\n\n{}\n", part.pattern.replace('*', "NAME"), part.name, part.doc);
        rows(&mut page, part.fields, true);
    }
    page.push_str("\n## 推算规则 · a rule on a statistic\n");
    rows(&mut page, RULE, false);
    conditions(&mut page);
    page
}

const VALUES: &[(&str, &str)] = &[
    (
        "金额 amount",
        "元 yuan：`500`、`\"146.40\"`；`\"open\"` 待定；`\"none\"` 不限（限额 caps only）；或推算规则 or a rule",
    ),
    ("比例 ratio", "`\"70%\"`"),
    ("百分点 points", "`5`、`\"-2.5\"`"),
    ("日期 day", "`2022-01-31`，不加引号 without quotes"),
    ("月日 month and day", "`\"10-01\"`"),
    ("列表 list", "只有一个时可不写方括号 brackets may be left out around one"),
];

fn table(page: &mut String, title: &str, fields: &[Field]) {
    let _ = write!(page, "\n### {title}\n");
    rows(page, fields, false);
}

fn rows(page: &mut String, fields: &[Field], labelled: bool) {
    page.push_str("\n| 字段 field | | 值 holds | 必填 required | |\n|---|---|---|---|---|\n");
    fields.iter().for_each(|field| row(page, field, labelled, ""));
}

/// A field, and below it those of the table it holds.
fn row(page: &mut String, field: &Field, labelled: bool, above: &str) {
    let zh = label(field.name, Lang::Zh);
    let zh = if !labelled || zh == field.name { "" } else { &zh };
    let must = if field.required { "✓" } else { "" };
    let _ = writeln!(
        page,
        "| `{above}{}` | {zh} | {} | {must} | {} |",
        field.name,
        holds(field.kind),
        field.doc.replace('|', "\\|")
    );
    if let Kind::Rows(inner, _) | Kind::Table(inner) = field.kind {
        inner.iter().for_each(|one| row(page, one, labelled, &format!("{above}{}.", field.name)));
    }
}

fn holds(kind: Kind) -> String {
    let words = |words: &[&str]| words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(" ");
    match kind {
        Kind::Text => "文字 text".to_owned(),
        Kind::Texts => "文字列表 texts".to_owned(),
        Kind::Bool => "`true` / `false`".to_owned(),
        Kind::Integer => "整数 integer".to_owned(),
        Kind::Date => "日期 day".to_owned(),
        Kind::MonthDay => "月日 month and day".to_owned(),
        Kind::Amount => "金额 amount".to_owned(),
        Kind::Amounts => "金额列表 amounts".to_owned(),
        Kind::Rate => "比例 ratio".to_owned(),
        Kind::Factor => "倍率 factor".to_owned(),
        Kind::Points => "百分点 points".to_owned(),
        Kind::Rule => "推算规则 rule".to_owned(),
        Kind::Word(list) => words(list),
        Kind::Words(list) => format!("列表 list: {}", words(list)),
        Kind::When => "条件 conditions".to_owned(),
        Kind::Table(_) => "表 table".to_owned(),
        Kind::Rows(_, true) => "表行，可带条件 rows with conditions".to_owned(),
        Kind::Rows(_, false) => "表行 rows".to_owned(),
    }
}

fn conditions(page: &mut String) {
    page.push_str("\n## 条件 · conditions\n\n写出的都要符合；列表是其一。All named must hold; a list means any of.\n");
    page.push_str("\n| | | |\n|---|---|---|\n");
    for key in condition_keys() {
        let (zh, en) = condition_doc(key);
        let _ = writeln!(page, "| `{key}` | {zh} | {en} |");
    }
    for key in condition_keys().filter(|key| !["category_also", "class"].contains(key)) {
        let words = condition_words(key);
        if words.is_empty() {
            continue;
        }
        let _ = write!(page, "\n### `{key}`\n\n| | | |\n|---|---|---|\n");
        for (code, zh, en) in words {
            let _ = writeln!(page, "| `{code}` | {zh} | {en} |");
        }
    }
}
