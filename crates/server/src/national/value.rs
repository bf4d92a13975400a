//! Values of the interface: what came, read; what goes out, written.

use books::Answer;
use domain::Fen;
use serde_json::{Map, Value};

/// The text of a field: a number as its text; nothing where it is absent or empty.
pub(crate) fn text(node: &Value, name: &str) -> Option<String> {
    match node.get(name)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The text of a field that the dictionary has made sure of.
pub(crate) fn must(node: &Value, name: &str) -> String {
    text(node, name).unwrap_or_default()
}

/// Whether a yes-or-no field says yes.
pub(crate) fn yes(node: &Value, name: &str) -> bool {
    text(node, name).is_some_and(|text| text == "1")
}

/// Fields of a command: those that have a value.
pub(crate) fn fields<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    let given = pairs.into_iter().filter(|(_, value)| !value.is_null());
    given.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A text or nothing, as a value of a command's field.
pub(crate) fn given(node: &Value, name: &str) -> Value {
    text(node, name).map_or(Value::Null, Value::String)
}

/// The day of a field that has a day, or a moment of one.
pub(crate) fn day(node: &Value, name: &str) -> Option<String> {
    text(node, name).and_then(|day| day.get(..10).map(str::to_owned))
}

/// An amount in the words of the books (`"12.30"`), as a number of yuan; nothing where there is none.
pub(crate) fn yuan(value: Option<&Value>) -> Value {
    amount(value).map_or(Value::Null, |fen| wire::amount::yuan(fen.0))
}

/// An amount in the words of the books.
pub(crate) fn amount(value: Option<&Value>) -> Option<Fen> {
    Fen::parse_yuan(value?.as_str()?).ok()
}

/// A number that the books write as text, as a number.
pub(crate) fn number(text: &str) -> Value {
    serde_json::from_str::<serde_json::Number>(text).map_or(Value::Null, Value::Number)
}

/// A text of an answer; empty where it has none.
pub(crate) fn told<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A moment in the words of the books (`2022-03-01T09:30:00`), as the interface writes it.
pub(crate) fn moment(text: &str) -> Value {
    let seconds = text.split('.').next().unwrap_or_default();
    if seconds.is_empty() { Value::Null } else { Value::String(seconds.replace('T', " ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_empty_is_not_given() {
        let node = json!({ "a": " x ", "b": "", "c": null, "d": 12.5, "e": {} });
        let read = |name| text(&node, name);
        assert_eq!(
            [read("a"), read("b"), read("c"), read("d"), read("e")],
            [Some("x".to_owned()), None, None, Some("12.5".to_owned()), None]
        );
        assert_eq!(fields([("a", given(&node, "a")), ("b", given(&node, "b"))]).len(), 1);
    }

    #[test]
    fn amounts_and_moments_are_written_as_the_interface_has_them() {
        assert_eq!(wire::amount::fen(&yuan(Some(&json!("12.30")))), Some(1230));
        assert_eq!(wire::amount::fen(&yuan(Some(&json!("-0.05")))), Some(-5));
        assert_eq!(yuan(None), Value::Null);
        assert_eq!(moment("2022-03-01T09:30:00.123456"), json!("2022-03-01 09:30:00"));
        assert_eq!(number("0.8500"), json!(0.8500));
    }
}
