//! What the pages of `serve` say in the program's own words: its sentences, its refusals and provisions, in both languages.

use policy::{Provision, Terms};

use crate::session::Lang;
use crate::words::Words;
use crate::{english, sentences};

/// The program's words, for pages.
pub struct Said;

impl pages::Words for Said {
    fn said(&self, lang: pages::Lang, text: &str) -> String {
        sentences::said(of(lang), text)
    }

    fn refusal(&self, lang: pages::Lang, code: &str, message: &str, cure: &str) -> (String, String) {
        english::refusal(of(lang), code, message, cure)
    }

    fn lines(&self, lang: pages::Lang, terms: &Terms<'_>, provision: &Provision) -> Vec<String> {
        let lang = of(lang);
        Words { lang, terms }.lines(provision).iter().map(|line| line.text(lang)).collect()
    }

    fn key(&self, lang: pages::Lang, terms: &Terms<'_>, key: &str) -> String {
        Words { lang: of(lang), terms }.key(key)
    }
}

fn of(lang: pages::Lang) -> Lang {
    match lang {
        pages::Lang::Zh => Lang::Zh,
        pages::Lang::En => Lang::En,
    }
}
