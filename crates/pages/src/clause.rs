//! Clauses as people cite them: the notice, its number, the place in it, and the id of the register.

use maud::{Markup, html};
use policy::{Library, Notice};

use domain::Lang;

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

/// What the notices that the program carries are called in English: plain translations, no official titles. Id and title.
const TITLES: &str = include_str!("law/titles.tsv");

/// A notice's title in a language; where nobody has put it into English, the Chinese one.
pub fn title(lang: Lang, notice: &Notice) -> &str {
    let known = || TITLES.lines().filter_map(|line| line.split_once('\t')).find(|(id, _)| *id == notice.id);
    if lang == Lang::Zh { &notice.title } else { known().map_or(notice.title.as_str(), |(_, english)| english) }
}

/// A notice's title; in English a translation beside it.
pub fn titled(lang: Lang, notice: &Notice) -> Markup {
    html! {
        span lang="zh-CN" { (notice.title) }
        @if title(lang, notice) != notice.title { br; span lang="en" { (title(lang, notice)) } }
    }
}

/// The figures of a stage, as a recorded settlement tells them, in English.
const FIGURES: [(&str, &str); 6] = [
    ("环节", "stage"),
    ("起付", "deductible"),
    ("比例", "ratio"),
    ("限额", "cap"),
    ("计入", "entry"),
    ("调整", "adjustment"),
];

/// A line that tells where figures come from, in the language of the page: places as people say them, notices by their titles.
pub fn source(library: &Library, lang: Lang, text: &str) -> String {
    let mut text = text.to_owned();
    if lang == Lang::En {
        for (figure, english) in FIGURES {
            text = text.replace(figure, english);
        }
    } else {
        text = places(&text);
    }
    let is_id = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let mut out = String::new();
    for part in text.split_inclusive(|letter| !is_id(letter)) {
        let id = part.trim_end_matches(|letter| !is_id(letter));
        let named = library.notices.iter().find(|notice| notice.id == id);
        out.push_str(&named.map_or_else(|| id.to_owned(), |notice| called(lang, notice)));
        out.push_str(&part[id.len()..]);
    }
    out
}

/// A notice within a line.
fn called(lang: Lang, notice: &Notice) -> String {
    let title = title(lang, notice);
    lang.of(&format!("《{title}》"), title).to_owned()
}

/// A line with its places as people say them in Chinese: the register writes `二 para 1`.
fn places(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(" para ") {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        out.push_str(&format!("{before}第{}段", &after[..digits]));
        rest = &after[digits..];
    }
    out + rest
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
            span lang="zh-CN" { "《" (notice.title) "》" @if let Some(number) = &notice.number { "（" (number) "）" } }
            @if lang == Lang::En && title(lang, notice) != notice.title { " (" (title(lang, notice)) ")" } " "
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
            "drafting" => out.push_str("起草"),
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
    fn a_source_tells_places_figures_and_notices_in_words() {
        let library = testkit::policies::shipped();
        let told = |lang, text| source(&library, lang, text);
        let text = "限额：二 para 2 CQ21-02.2b；二 para 12 CQ21-02.2c，原文";
        assert_eq!(told(Lang::Zh, text), "限额：二第2段 CQ21-02.2b；二第12段 CQ21-02.2c，原文");
        assert_eq!(told(Lang::Zh, "起付：chongqing-illustrative，示意"), "起付：《重庆市试算补充数字》，示意");
        let english = told(Lang::En, "环节, 起付: chongqing-illustrative, illustrative");
        assert_eq!(english, "stage, deductible: Chongqing: supplementary figures for trials, illustrative");
    }

    #[test]
    fn every_notice_that_is_carried_has_an_english_title_and_no_other_has() {
        let library = testkit::policies::shipped();
        let mut ids: Vec<&str> = library.notices.iter().map(|notice| notice.id.as_str()).collect();
        ids.sort();
        let titled: Vec<&str> = TITLES.lines().map(|line| line.split('\t').next().unwrap_or_default()).collect();
        assert_eq!(titled, ids);
    }

    #[test]
    fn a_place_is_told_as_people_of_the_language_do() {
        assert_eq!(place(Lang::Zh, "二 para 1"), "二第1段");
        assert_eq!(place(Lang::Zh, "五(十三)"), "五(十三)");
        assert_eq!(place(Lang::En, "二 para 1"), "二 para 1");
    }
}
