//! What the pages of `serve` say in the program's own words: its sentences, its refusals and provisions, in both languages.

use domain::Lang;
use policy::set::Settable;
use policy::{Provision, Terms};

use crate::words::{Words, label, word_name};
use crate::{english, sentences};

/// The program's words, for pages.
pub struct Said;

impl pages::Words for Said {
    fn said(&self, lang: Lang, text: &str) -> String {
        sentences::said(lang, text)
    }

    fn refusal(&self, lang: Lang, code: &str, message: &str, cure: &str) -> (String, String) {
        english::refusal(lang, code, message, cure)
    }

    fn lines(&self, lang: Lang, terms: &Terms<'_>, provision: &Provision) -> Vec<String> {
        Words { lang, terms }.lines(provision).iter().map(|line| line.text(lang)).collect()
    }

    fn key(&self, lang: Lang, terms: &Terms<'_>, key: &str) -> String {
        Words { lang, terms }.key(key)
    }

    fn figure(&self, lang: Lang, terms: &Terms<'_>, figure: &Settable<'_>) -> String {
        let words = Words { lang, terms };
        let mut parts: Vec<String> = figure.rows.iter().map(|when| words.conditions(when)).collect();
        if figure.cited.is_none() {
            parts.push(label(figure.path.split(['.', '[']).nth(1).unwrap_or_default(), lang));
            parts.push(figure.when.trim_start_matches("year=").to_owned());
        }
        // Rows that ask nothing of a bill are told apart by their numbers.
        let row = figure.path.rsplit_once(']').and_then(|(before, _)| before.rsplit_once('[')).map(|(_, row)| row);
        if let Some(row) = row.filter(|row| row.bytes().all(|byte| byte.is_ascii_digit())) {
            parts.push(match lang {
                Lang::Zh => format!("第{row}行"),
                Lang::En => format!("row {row}"),
            });
        }
        // What a table is about needs no name beside its rows.
        if parts.is_empty() || !["amount", "ratio", "value"].contains(&figure.field.name) {
            parts.push(label(figure.field.name, lang));
        }
        parts.join(lang.of("，", ", "))
    }

    fn label(&self, name: &str) -> String {
        let label = label(name, Lang::Zh);
        if label == name { word_name(name) } else { label }
    }
}
