//! The parts of forms: each control with its label, and what was said before left standing in it.

use domain::Basis;
use maud::{Markup, html};
use policy::{Library, Region};

use crate::asked::Asked;
use domain::Lang;

/// What may be chosen: the word of the form, and the words of people.
pub type Options = Vec<(String, String)>;

/// All members of a vocabulary as options.
macro_rules! all {
    ($vocabulary:ident, $lang:expr) => {
        domain::$vocabulary::ALL
            .iter()
            .map(|one| (one.code().to_owned(), $lang.of(one.name(), one.english()).to_owned()))
            .collect::<$crate::fields::Options>()
    };
}
pub(crate) use all;

/// A choice of one.
pub fn select(name: &str, label: &str, options: &Options, chosen: &str) -> Markup {
    html! {
        div {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                @for (word, says) in options { option value=(word) selected[word == chosen] { (says) } }
            }
        }
    }
}

/// Something that is so or not.
pub fn tick(name: &str, label: &str, is_so: bool) -> Markup {
    html! {
        div.tick {
            input id=(name) name=(name) type="checkbox" value="true" checked[is_so];
            label for=(name) { (label) }
        }
    }
}

/// A choice of several.
pub fn ticks(name: &str, legend: &str, options: &Options, chosen: &[&str]) -> Markup {
    html! {
        fieldset.ticks {
            legend { (legend) }
            @for (word, says) in options {
                div.tick {
                    input id=(format!("{name}-{word}")) name=(name) type="checkbox" value=(word) checked[chosen.contains(&word.as_str())];
                    label for=(format!("{name}-{word}")) { (says) }
                }
            }
        }
    }
}

/// A field of one line. `kind` is that of HTML; `hint` may be empty.
pub fn line(name: &str, label: &str, kind: &str, value: &str, hint: &str) -> Markup {
    let described = (!hint.is_empty()).then(|| format!("{name}-hint"));
    html! {
        div {
            label for=(name) { (label) }
            input id=(name) name=(name) type=(kind) value=(value) aria-describedby=[described.as_deref()];
            @if let Some(id) = &described { p.hint id=(id) { (hint) } }
        }
    }
}

/// An amount in yuan.
pub fn yuan_line(name: &str, label: &str, value: &str, hint: &str) -> Markup {
    let described = (!hint.is_empty()).then(|| format!("{name}-hint"));
    html! {
        div {
            label for=(name) { (label) }
            input id=(name) name=(name) type="text" inputmode="decimal" autocomplete="off" value=(value)
                aria-describedby=[described.as_deref()];
            @if let Some(id) = &described { p.hint id=(id) { (hint) } }
        }
    }
}

/// A number as people type it, for a program to read: without spaces, thousands apart and the unit of yuan, and in plain digits
/// where an input method wrote wide ones.
pub fn number(text: &str) -> String {
    let plain = |letter: char| match letter {
        '０'..='９' => char::from_u32(u32::from(letter) - u32::from('０') + u32::from('0')),
        '．' => Some('.'),
        ',' | '，' | '元' => None,
        _ => Some(letter).filter(|letter| !letter.is_whitespace()),
    };
    text.chars().filter_map(plain).collect()
}

/// The regions that may be asked about, by code.
pub fn regions(library: &Library, lang: Lang) -> Options {
    let mut regions: Vec<&Region> =
        library.regions.values().filter(|region| !region.code.starts_with("0000")).collect();
    regions.sort_by(|a, b| a.code.cmp(&b.code));
    regions.into_iter().map(|region| (region.slug.clone(), region_name(region, lang))).collect()
}

/// A region's name; in English its slug as a name is written.
pub fn region_name(region: &Region, lang: Lang) -> String {
    lang.of(&region.name, &as_name(&region.slug)).to_owned()
}

/// The name of the region whose books are here.
pub fn books_of(asked: &Asked) -> String {
    let slug = asked.app.bridge.region();
    asked.pages.library.regions.get(slug).map_or_else(|| slug.to_owned(), |region| region_name(region, asked.lang()))
}

/// An id of the files, which are English words, as a name is written: `three-counties` is Three Counties.
fn as_name(id: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    id.split('-').map(capital).collect::<Vec<_>>().join(" ")
}

/// The tiers of a region, with their names; in English as their ids call them. None, where it has none.
pub fn tiers(asked: &Asked, region: &Region) -> Options {
    let tiers = asked.pages.library.tiers(region).iter();
    tiers.map(|(id, name)| (id.clone(), asked.of(name, &format!("{} tier", as_name(id))).to_owned())).collect()
}

/// The areas of a region that differ in subsidy, with their names.
pub fn areas(asked: &Asked, region: &Region) -> Options {
    let areas = region.areas.iter();
    areas.map(|area| (area.id.clone(), asked.of(&area.name, &as_name(&area.id)).to_owned())).collect()
}

/// The region that the address names, or that of the books.
///
/// # Errors
/// When there is no such region.
pub fn region(asked: &Asked) -> Result<&Region, server::Problem> {
    named(asked, asked.one("region").unwrap_or_else(|| asked.app.bridge.region()))
}

/// A region by its name.
///
/// # Errors
/// When there is no such region.
pub fn named<'a>(asked: &'a Asked, name: &str) -> Result<&'a Region, server::Problem> {
    asked.pages.library.region(name).map_err(|what| {
        let cure = "`tongchou policy list` 列出各地区；自己的地区用 --policies 目录 加上";
        let status = axum::http::StatusCode::NOT_FOUND;
        server::Problem::new(status, "unknown-region", asked.said(&what), asked.said(cure))
    })
}

/// The form that changes the region; what else was said goes with it no further, for it may mean nothing there.
pub fn region_form(asked: &Asked, to: &str, region: &Region) -> Markup {
    html! {
        form.ask method="get" action=(to) {
            div.grid {
                (select("region", asked.of("参保地区", "Region of insurance"), &regions(&asked.pages.library, asked.lang()), &region.slug))
                div.act { button.quiet type="submit" { (asked.of("换地区", "Change region")) } }
            }
        }
    }
}

/// On what a figure rests.
pub fn basis(lang: Lang, basis: Basis) -> Markup {
    html! {
        span class={ "basis" @if !basis.holds_when_strict() { " weak" } } title=(lang.of("依据", "basis")) {
            (lang.of(basis.name(), basis.code()))
        }
    }
}

/// What a basis means for whoever reads the amounts.
pub fn caution(lang: Lang, basis: Basis) -> Markup {
    let says = match basis {
        Basis::Stated => return html! {},
        Basis::Derived => lang.of("有的数由规则和已公布的统计数推算。", "Some figures are computed from a rule and a published statistic."),
        Basis::Secondary => lang.of("有的数转引自别的文字，不是通知原文：只供参考。", "Some figures were read in another text than the notice: for orientation only."),
        Basis::Illustrative => lang.of(
            "有的数通知没有给出，这里用示意数代替：只供试算，不是实际待遇。",
            "Some figures are not in the notices; assumptions stand in for them. This is a trial, not what will be paid.",
        ),
    };
    html! { p { (self::basis(lang, basis)) " " (says) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_type_it() {
        for (typed, read) in [
            ("12,000.50", "12000.50"),
            (" 1 200 元", "1200"),
            ("３１０００．５", "31000.5"),
            ("75", "75"),
            ("-5", "-5"),
            ("七十", "七十"),
        ] {
            assert_eq!(number(typed), read);
        }
    }
}
