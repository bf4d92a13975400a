//! What is asked for, each once and in order; where a page begins; where the texts with a common beginning end.

use crate::Key;

/// What is asked for, without repeats, in the order in which it is locked and given.
pub(crate) fn each_once<T: Ord>(asked: &[T]) -> Vec<&T> {
    let mut asked: Vec<&T> = asked.iter().collect();
    asked.sort();
    asked.dedup();
    asked
}

/// The entry, sheet or posting after which a page begins; what stands before every other, where it begins at the beginning.
pub(crate) fn start(after: Option<&Key>) -> (&str, i16) {
    after.map_or(("", i16::MIN), |key| (key.subject.as_str(), key.year))
}

/// The same among the subjects that begin with `prefix`.
pub(crate) fn start_within<'a>(prefix: &'a str, after: Option<&'a Key>) -> (&'a str, i16) {
    start(after).max((prefix, i16::MIN))
}

/// The first text after all that begin with `prefix`.
pub(crate) fn end_of(prefix: &str) -> String {
    let mut end = prefix.to_string();
    while let Some(last) = end.pop() {
        // The next letter; there are none between U+D7FF and U+E000.
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            end.push(next);
            return end;
        }
    }
    // Unicode keeps its last number free of letters, so that every text that means something comes before it.
    char::MAX.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_comes_after_all_that_begin_so() {
        let last = "\u{10ffff}";
        for (prefix, end) in [("person/", "person0"), ("a\u{d7ff}", "a\u{e000}"), ("a\u{10ffff}", "b"), ("", last)] {
            assert_eq!(end_of(prefix), end, "{prefix}");
            assert!(*format!("{prefix}\u{fffd}zzz") < *end);
        }
    }

    #[test]
    fn a_page_begins_within_its_prefix() {
        let key = |subject: &str| Key { subject: subject.to_string(), year: 7 };
        assert_eq!(start(None), ("", i16::MIN));
        assert_eq!(start_within("person/", None), ("person/", i16::MIN));
        assert_eq!(start_within("person/", Some(&key("area/9"))), ("person/", i16::MIN));
        assert_eq!(start_within("person/", Some(&key("person/1"))), ("person/1", 7));
    }
}
