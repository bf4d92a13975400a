//! What a case expects, and the comparison with what came out. Only what is named is compared; what is named must be.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use domain::{Date, Fen};
use policy::reader::Reader;
use toml::Spanned;
use toml::de::DeValue;

/// An expected value as written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Expected {
    Text(String),
    Number(i64),
    Flag(bool),
    Date(Date),
}

/// What a case or a bill expects, by key; `stage.<id>` for a stage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expect(BTreeMap<String, Expected>);

impl Expect {
    /// Reads a table of expectations; a key that the kind does not give is a finding.
    pub(crate) fn read(reader: &mut Reader<'_>, value: Option<&Spanned<DeValue<'_>>>, known: &[&str]) -> Expect {
        let mut expect = Expect::default();
        let Some(value) = value else { return expect };
        let Some(table) = value.get_ref().as_table() else {
            reader.error("wrong-type", value.span(), "expect 应为表", "写成 expect = { … }");
            return expect;
        };
        for (key, value) in table {
            let name = key.get_ref().to_string();
            match value.get_ref().as_table() {
                // `stage.inpatient = 1` inside a table is a table of stages.
                Some(stages) if name == "stage" => {
                    for (id, value) in stages {
                        expect.put(reader, format!("stage.{}", id.get_ref()), id.span(), value, known);
                    }
                }
                _ => expect.put(reader, name, key.span(), value, known),
            }
        }
        expect
    }

    fn put(
        &mut self,
        reader: &mut Reader<'_>,
        key: String,
        span: Range<usize>,
        value: &Spanned<DeValue<'_>>,
        known: &[&str],
    ) {
        let stages = known.contains(&"stage.*") && key.starts_with("stage.");
        if !stages && !known.contains(&key.as_str()) {
            reader.unknown_key(&key, span, known);
            return;
        }
        let read = match value.get_ref() {
            DeValue::String(text) => Some(Expected::Text(text.to_string())),
            DeValue::Integer(_) => reader.integer(value).map(Expected::Number),
            DeValue::Boolean(flag) => Some(Expected::Flag(*flag)),
            DeValue::Datetime(_) => reader.date(value).map(Expected::Date),
            _ => {
                reader.error(
                    "wrong-type",
                    value.span(),
                    format!("`{key}` 不能写成这样的值"),
                    "写数、日期、文字或 true/false",
                );
                None
            }
        };
        self.0.extend(read.map(|read| (key, read)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys expected.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// An expected text.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        match self.0.get(key)? {
            Expected::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A refusal that was met: as it was written, which is what cases expect, and as it is told.
pub(crate) struct Met {
    pub written: String,
    pub told: String,
}

impl Met {
    /// One that is told as it was written.
    pub(crate) fn plain(written: String) -> Met {
        Met { told: written.clone(), written }
    }
}

/// One comparison under way.
pub(crate) struct Compare<'e> {
    expect: &'e Expect,
    /// Stands before each failure, as the id of a bill.
    label: String,
    seen: BTreeSet<&'e str>,
    failures: Vec<String>,
}

impl<'e> Compare<'e> {
    pub(crate) fn new(label: impl Into<String>, expect: &'e Expect) -> Compare<'e> {
        Compare { expect, label: label.into(), seen: BTreeSet::new(), failures: Vec::new() }
    }

    /// An amount in yuan.
    pub(crate) fn amount(&mut self, key: &str, got: Fen) {
        let equal = |expected: &Expected| match expected {
            Expected::Text(text) => Fen::parse_yuan(text) == Ok(got),
            Expected::Number(yuan) => Fen::yuan(*yuan) == got,
            Expected::Flag(_) | Expected::Date(_) => false,
        };
        self.against(key, equal, || got.to_string());
    }

    /// A number of persons or things.
    pub(crate) fn number(&mut self, key: &str, got: i64) {
        self.against(key, |expected| *expected == Expected::Number(got), || got.to_string());
    }

    /// A word or text.
    pub(crate) fn text(&mut self, key: &str, got: &str) {
        self.against(key, |expected| matches!(expected, Expected::Text(text) if text == got), || got.to_owned());
    }

    /// One of several words.
    pub(crate) fn one_of(&mut self, key: &str, got: &[&str]) {
        let among = |expected: &Expected| matches!(expected, Expected::Text(text) if got.contains(&text.as_str()));
        self.against(key, among, || got.join("、"));
    }

    /// Part of a text.
    pub(crate) fn contains(&mut self, key: &str, got: &str) {
        self.against(
            key,
            |expected| matches!(expected, Expected::Text(text) if got.contains(text.as_str())),
            || got.to_owned(),
        );
    }

    /// Yes or no.
    pub(crate) fn flag(&mut self, key: &str, got: bool) {
        self.against(key, |expected| *expected == Expected::Flag(got), || got.to_string());
    }

    /// A day.
    pub(crate) fn date(&mut self, key: &str, got: Option<Date>) {
        let got_words = || got.map_or("无".to_owned(), |day| day.to_string());
        self.against(key, |expected| matches!(expected, Expected::Date(day) if Some(*day) == got), got_words);
    }

    /// Refusals met, whole or in part: one of them must hold the expected words; without such words a refusal of the whole
    /// (`Err`) is a failure.
    pub(crate) fn refusals(&mut self, whole: Option<&Met>, parts: &[Met]) {
        let Some(words) = self.expect.text("refused") else {
            if let Some(refusal) = whole {
                self.fail(format!("被拒绝：{}", refusal.told));
            }
            return;
        };
        self.see("refused");
        let met: Vec<&Met> = whole.into_iter().chain(parts).collect();
        if !met.iter().any(|refusal| refusal.written.contains(words)) {
            let told: Vec<&str> = met.iter().map(|refusal| refusal.told.as_str()).collect();
            let got = if met.is_empty() { "没有被拒绝".to_owned() } else { told.join("；") };
            self.fail(format!("refused：应因 {words} 被拒绝，实际：{got}"));
        }
    }

    /// A failure of its own.
    pub(crate) fn fail(&mut self, message: impl AsRef<str>) {
        let label = if self.label.is_empty() { String::new() } else { format!("{}：", self.label) };
        self.failures.push(format!("{label}{}", message.as_ref()));
    }

    fn see(&mut self, key: &str) -> Option<&'e Expected> {
        let (key, expected) = self.expect.0.get_key_value(key)?;
        self.seen.insert(key);
        Some(expected)
    }

    fn against(&mut self, key: &str, equal: impl Fn(&Expected) -> bool, got: impl Fn() -> String) {
        let Some(expected) = self.see(key) else { return };
        if !equal(expected) {
            self.fail(format!("{key}：应为 {}，实际 {}", words(expected), got()));
        }
    }

    /// The failures: also of what is expected and did not come out at all; then, if any, the steps.
    pub(crate) fn finish(mut self, steps: impl IntoIterator<Item = String>) -> Vec<String> {
        let unseen: Vec<&str> = self.expect.keys().filter(|key| !self.seen.contains(key)).collect();
        // A refusal has been told already; it explains why nothing else came out.
        if self.failures.is_empty() {
            for key in unseen {
                self.fail(format!("{key}：没有可比的结果"));
            }
        }
        if !self.failures.is_empty() {
            self.failures.extend(steps.into_iter().map(|step| format!("    {step}")));
        }
        self.failures
    }
}

/// A figure that did not come out as expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure<'f> {
    /// The bill it is of, or what else of the case; empty for the case as a whole.
    pub of: &'f str,
    /// Its key, as `catastrophic`.
    pub key: &'f str,
    /// As the case has it.
    pub expected: &'f str,
    /// As it came out.
    pub got: &'f str,
}

/// The figure that a failure's words are about; nothing where they are about something else, as a refusal.
pub fn figure(failure: &str) -> Option<Figure<'_>> {
    let (about, got) = failure.rsplit_once("，实际 ")?;
    let (about, expected) = about.rsplit_once("：应为 ")?;
    let (of, key) = about.rsplit_once('：').unwrap_or(("", about));
    Some(Figure { of, key, expected, got })
}

fn words(expected: &Expected) -> String {
    match expected {
        Expected::Text(text) => text.clone(),
        Expected::Number(number) => number.to_string(),
        Expected::Flag(flag) => flag.to_string(),
        Expected::Date(day) => day.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_read_back_as_the_figure_it_is_about() {
        let expect = Expect(BTreeMap::from([
            ("basic".to_owned(), Expected::Text("10.00".to_owned())),
            ("year".to_owned(), Expected::Number(3)),
        ]));
        let mut compare = Compare::new("b1", &expect);
        compare.amount("basic", Fen(1_250));
        compare.number("year", 4);
        compare.refusals(Some(&Met::plain("没有写".to_owned())), &[]);
        let failures = compare.finish([]);
        assert_eq!(figure(&failures[0]), Some(Figure { of: "b1", key: "basic", expected: "10.00", got: "12.50" }));
        assert_eq!(figure(&failures[1]), Some(Figure { of: "b1", key: "year", expected: "3", got: "4" }));
        assert_eq!(figure(&failures[2]), None);
        assert_eq!(figure("基本：应为 1，实际 2").map(|figure| figure.of), Some(""));
    }
}
