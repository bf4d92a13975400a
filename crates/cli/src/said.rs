//! What the pages of `serve` say in the program's own words: its sentences, its refusals and provisions, in both languages.

use domain::Lang;
use policy::{Provision, Terms};

use crate::words::Words;
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
}
