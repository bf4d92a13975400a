//! The vocabulary of conditions in both languages: the keys that conditions may use, what each asks, and the words it may hold. For
//! schemas, reference pages and editors; what the conditions mean is [`Conditions`]' matter.

use crate::conditions::Conditions;

/// Every key that conditions may use, with what it holds.
pub fn condition_keys() -> impl Iterator<Item = &'static str> {
    Conditions::KEYS.iter().copied().chain(["class", "area"])
}

/// The words of a condition: code, Chinese, English; none where names of the region are meant.
pub fn condition_words(key: &str) -> Vec<(&'static str, &'static str, &'static str)> {
    macro_rules! words {
        ($vocabulary:ident) => {
            domain::$vocabulary::ALL.iter().map(|v| (v.code(), v.name(), v.english())).collect()
        };
    }
    match key {
        "scheme" => words!(Scheme),
        "care" => words!(Care),
        "level" => words!(Level),
        "group" => words!(Group),
        "category" | "category_also" => words!(Category),
        "filing" => words!(Filing),
        "mark" => words!(Mark),
        "class" => vec![("A", "甲类", "class A"), ("B", "乙类", "class B"), ("C", "丙类", "class C")],
        _ => Vec::new(),
    }
}

/// What a condition asks, in Chinese and English.
pub fn condition_doc(key: &str) -> (&'static str, &'static str) {
    match key {
        "scheme" => ("险种", "insurance"),
        "care" => ("就医类别", "kind of care"),
        "level" => ("医院级别", "level of the provider"),
        "tier" => ("档次（region.toml 的 [[tier]]）", "tier id of the region"),
        "group" => ("人群", "population group"),
        "category" => ("人员类别，具备其一", "any of these categories"),
        "category_also" => ("并且具备其一", "and also any of these categories"),
        "age" => ("年龄段，如 \"0-17\"、\"60+\"", "completed years on the day, as \"0-17\" or \"60+\""),
        "admission" => ("当年第几次住院，如 \"1\"、\"2+\"", "number of the admission in the year, as \"1\" or \"2+\""),
        "filing" => ("就医地与备案", "place of care against the place of insurance"),
        "disease" => ("病种目录（[[disease.目录.代码]]）", "any of these disease lists"),
        "mark" => ("账单标记，具备其一", "any of these marks of the bill"),
        "carry" => ("结转规则（[[carry.名称]]）", "any of these carry rules holds this year"),
        "class" => ("目录类别（仅 scope 表）", "catalogue class (scope tables only)"),
        "area" => ("补助地区（仅 subsidy 表）", "subsidy area (subsidy tables only)"),
        _ => ("", ""),
    }
}
