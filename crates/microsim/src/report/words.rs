//! The words of a report in both languages: a code stays as it is in files for programs, and has its name where people read.
//!
//! Names that only a region's files know (of its tiers) are not here: these stay codes.

use domain::{Basis, Care, Category, Group, Lang, Level, Payer};

use crate::outcome::{By, Outcome};

/// A text in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

impl Text {
    /// The text of a language.
    pub fn of(self, lang: Lang) -> &'static str {
        lang.of(self.zh, self.en)
    }
}

/// A code, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// As files for programs have it.
    pub code: String,
    zh: String,
    en: String,
}

impl Name {
    /// A code that is its own name.
    pub fn plain(code: &str) -> Name {
        Name { code: code.to_owned(), zh: code.to_owned(), en: code.to_owned() }
    }

    fn named(code: &str, zh: impl Into<String>, en: impl Into<String>) -> Name {
        Name { code: code.to_owned(), zh: zh.into(), en: en.into() }
    }

    /// What people call it.
    pub fn of(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// A code of a vocabulary, or one that it does not know.
fn known(code: &str, names: Option<(&str, &str)>) -> Name {
    names.map_or_else(|| Name::plain(code), |(zh, en)| Name::named(code, zh, en))
}

/// A code with its title.
pub fn titled(code: &str, title: Text) -> Name {
    Name::named(code, title.zh, title.en)
}

/// A fund.
pub fn fund(code: &str) -> Name {
    known(code, Payer::parse(code).map(|fund| (fund.name(), fund.english())))
}

/// A provider's level.
pub fn level(code: &str) -> Name {
    known(code, Level::parse(code).map(|level| (level.name(), level.english())))
}

/// A kind of care.
pub fn care(code: &str) -> Name {
    known(code, Care::parse(code).map(|care| (care.name(), care.english())))
}

/// The place of a level or a kind of care in its vocabulary; what it does not know comes last.
pub fn rank(code: &str) -> usize {
    let level = Level::parse(code).map(|level| level as usize);
    level.or_else(|| Care::parse(code).map(|care| care as usize)).unwrap_or(usize::MAX)
}

/// A tier of contribution, as the region calls it in Chinese.
pub fn tier(run: &Outcome, code: &str) -> Name {
    if code.is_empty() {
        return Name::named(code, "不分档", "no tiers");
    }
    let known = run.tiers.iter().find(|(known, _)| known == code);
    known.map_or_else(|| Name::plain(code), |(_, name)| Name::named(code, name.as_str(), code))
}

/// The weakest basis.
pub fn basis(code: &str) -> Name {
    known(code, Basis::parse(code).map(|basis| (basis.name(), basis.code())))
}

/// A variant: the baseline has a name, the others are called as they were asked for.
pub fn variant(name: &str) -> Name {
    if name == "baseline" { Name::named(name, "现行规定", "baseline") } else { Name::plain(name) }
}

/// What people are grouped by.
pub fn by(by: By) -> Name {
    match by {
        By::All => Name::named("all", "全体", "everybody"),
        By::Decile => Name::named("decile", "收入十分位", "tenth of income"),
        By::Category => Name::named("category", "人员类别", "category"),
        By::Group => Name::named("group", "人群", "population group"),
        By::Tier => Name::named("tier", "档次", "tier"),
        By::Area => Name::named("area", "补助地区", "subsidy area"),
        By::Age => Name::named("age", "性别和年龄", "sex and age"),
    }
}

/// A group of people.
pub fn group(run: &Outcome, by: By, value: &str) -> Name {
    match by {
        By::All => Name::named(value, "全体", "everybody"),
        By::Decile => decile(value),
        By::Category if value == "none" => Name::named(value, "无类别", "no category"),
        By::Category => known(value, Category::parse(value).map(|held| (held.name(), held.english()))),
        By::Group => known(value, Group::parse(value).map(|group| (group.name(), group.english()))),
        By::Tier => tier(run, value),
        By::Area if value.is_empty() => Name::named(value, "不分地区", "no areas"),
        By::Area => Name::plain(value),
        By::Age => age(value),
    }
}

fn decile(value: &str) -> Name {
    let Ok(number) = value.parse::<u8>() else { return Name::plain(value) };
    let (zh, en) = match number {
        1 => (" 收入最低", " (lowest incomes)"),
        10 => (" 收入最高", " (highest incomes)"),
        _ => ("", ""),
    };
    Name::named(value, format!("第{number}组{zh}"), format!("tenth {number}{en}"))
}

fn age(value: &str) -> Name {
    let Some((sex, years)) = value.split_once('/') else { return Name::plain(value) };
    let Ok(years) = years.parse::<u16>() else { return Name::plain(value) };
    let (zh, en) = match sex {
        "female" => ("女", "female"),
        "male" => ("男", "male"),
        other => (other, other),
    };
    let (above, and) = if years >= 100 { ("及以上", " and more") } else { ("", "") };
    Name::named(value, format!("{zh}{years}岁{above}"), format!("{en}, {years}{and}"))
}
