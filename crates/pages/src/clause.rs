//! Clauses as people cite them: the notice, its number, the place in it, and the id of the register.

use maud::{Markup, html};
use policy::{Library, Notice};

use crate::view::Lang;

/// The notice that a clause stands in.
pub fn notice_of<'l>(library: &'l Library, id: &str) -> Option<&'l Notice> {
    let is_of = |notice: &&Notice| {
        notice
            .clauses
            .as_ref()
            .is_some_and(|prefix| id.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.starts_with('-')))
    };
    library.notices.iter().find(is_of)
}

/// Clauses, a line each; nothing, where there are none.
pub fn list<'c>(library: &Library, lang: Lang, ids: impl IntoIterator<Item = &'c String>) -> Markup {
    let ids: Vec<&String> = ids.into_iter().collect();
    html! {
        @if !ids.is_empty() {
            ul.cites { @for id in ids { li { (one(library, lang, id)) } } }
        }
    }
}

/// A clause.
pub fn one(library: &Library, lang: Lang, id: &str) -> Markup {
    let clause = library.register.get(id);
    html! {
        @if let Some(notice) = notice_of(library, id) {
            span lang="zh-CN" { "《" (notice.title) "》" @if let Some(number) = &notice.number { "（" (number) "）" } } " "
        }
        @if let Some(clause) = clause { (place(lang, &clause.location)) " " }
        code { (id) }
        @if let Some(clause) = clause.filter(|_| lang == Lang::En) { " — " (clause.what) }
    }
}

/// A place in a notice in a language: the register writes `二 para 1`.
fn place(lang: Lang, location: &str) -> String {
    if lang == Lang::En {
        return location.to_owned();
    }
    let mut words = location.split(' ');
    let mut out = String::new();
    while let Some(word) = words.next() {
        match word {
            "para" => out.push_str(&format!("第{}段", words.next().unwrap_or_default())),
            "title" => out.push_str("标题"),
            "preamble" => out.push_str("前言"),
            "closing" => out.push_str("结尾"),
            "note" => out.push_str("说明"),
            _ => out.push_str(word),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_as_people_of_the_language_do() {
        assert_eq!(place(Lang::Zh, "二 para 1"), "二第1段");
        assert_eq!(place(Lang::Zh, "五(十三)"), "五(十三)");
        assert_eq!(place(Lang::En, "二 para 1"), "二 para 1");
    }
}
