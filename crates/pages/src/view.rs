//! How somebody wants to see pages: language, size of letters, contrast, light or dark. Kept in a cookie that says nothing else.

/// The language of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The text of this language.
    pub fn of<'t>(self, zh: &'t str, en: &'t str) -> &'t str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// Its tag in HTML.
    pub fn tag(self) -> &'static str {
        self.of("zh-CN", "en")
    }
}

/// The name of the cookie.
pub const COOKIE: &str = "tongchou-view";

/// Names in an address, and what may stand there; the first is what holds if nothing is said.
pub const CHOICES: [(&str, &[&str]); 4] = [
    ("lang", &["zh", "en"]),
    ("text", &["normal", "large"]),
    ("contrast", &["normal", "high"]),
    ("theme", &["auto", "light", "dark"]),
];

/// How somebody wants to see pages: of each choice, the number of what is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View([usize; CHOICES.len()]);

impl View {
    /// From the cookie's words. What is not known is passed over: the cookie is the visitor's own.
    pub fn read(text: &str) -> View {
        let mut view = View::default();
        for (at, word) in text.split('.').take(CHOICES.len()).enumerate() {
            view.choose(at, word);
        }
        view
    }

    /// The cookie's words.
    pub fn written(self) -> String {
        let words: Vec<&str> = (0..CHOICES.len()).map(|at| self.word(at)).collect();
        words.join(".")
    }

    /// Chooses by a name and a word of an address; whether there is such a choice.
    pub fn take(&mut self, name: &str, word: &str) -> bool {
        CHOICES.iter().position(|(known, _)| *known == name).is_some_and(|at| self.choose(at, word))
    }

    /// What is chosen, by the name of the choice.
    pub fn chosen(self, name: &str) -> &'static str {
        CHOICES.iter().position(|(known, _)| *known == name).map_or("", |at| self.word(at))
    }

    /// The language.
    pub fn lang(self) -> Lang {
        if self.chosen("lang") == "en" { Lang::En } else { Lang::Zh }
    }

    fn choose(&mut self, at: usize, word: &str) -> bool {
        let found = CHOICES[at].1.iter().position(|known| *known == word);
        self.0[at] = found.unwrap_or(self.0[at]);
        found.is_some()
    }

    fn word(self, at: usize) -> &'static str {
        CHOICES[at].1.get(self.0[at]).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_comes_back_as_it_was_kept() {
        let mut view = View::default();
        assert!(view.take("lang", "en") && view.take("text", "large") && !view.take("text", "huge"));
        assert!(!view.take("size", "large"));
        assert_eq!(view.written(), "en.large.normal.auto");
        assert_eq!(View::read(&view.written()), view);
        assert_eq!(View::read("x.<script>"), View::default());
    }
}
