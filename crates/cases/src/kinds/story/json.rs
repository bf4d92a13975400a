//! Values of a story: from TOML to JSON, references to earlier answers, paths into answers, and when two values are the same.

use std::collections::BTreeMap;

use domain::Fen;
use policy::reader::Reader;
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A TOML value as JSON: days as text, no floats.
pub(super) fn of_toml(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(_) => reader.integer(value).map_or(Value::Null, Value::from),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Datetime(day) => Value::from(day.to_string()),
        DeValue::Array(values) => values.iter().map(|value| of_toml(reader, value)).collect(),
        DeValue::Table(table) => Value::Object(object(reader, table)),
        DeValue::Float(_) => {
            reader.error("float", value.span(), "不得写成浮点数 (no floats)", "金额加引号写成文字，如 \"146.40\"");
            Value::Null
        }
    }
}

/// A TOML table as a JSON object.
pub(super) fn object(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Map<String, Value> {
    table.iter().map(|(key, value)| (key.get_ref().to_string(), of_toml(reader, value))).collect()
}

/// What references in a value name: `$name.field` gives `name`.
pub(super) fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => {
            let mut names = Vec::new();
            let mut rest = text.as_str();
            while let Some((_, reference, after)) = reference(rest) {
                names.extend(reference.split('.').next().map(str::to_owned));
                rest = after;
            }
            names
        }
        Value::Array(values) => values.iter().flat_map(names).collect(),
        Value::Object(fields) => fields.values().flat_map(names).collect(),
        _ => Vec::new(),
    }
}

/// The first reference of a text, `$name.field`, or `${name.field}` where more follows: what stands before, its path, what
/// stands after.
fn reference(text: &str) -> Option<(&str, &str, &str)> {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.';
    text.match_indices('$').find_map(|(at, _)| {
        let (before, rest) = (&text[..at], &text[at + 1..]);
        let (path, after) = match rest.strip_prefix('{') {
            Some(braced) => braced.split_once('}')?,
            None => {
                let end = rest.find(|c| !inside(c)).unwrap_or(rest.len());
                let path = rest[..end].trim_end_matches('.');
                (path, &rest[path.len()..])
            }
        };
        let named = path.starts_with(|c: char| c.is_ascii_alphabetic()) && path.contains('.');
        named.then_some((before, path, after))
    })
}

/// A value with its references replaced by what the named answers hold. A text that is one reference takes its value as it is.
///
/// # Errors
/// When an answer has no such field.
pub(super) fn filled(value: &Value, answers: &BTreeMap<String, Value>) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => filled_text(text, answers)?,
        Value::Array(values) => {
            Value::Array(values.iter().map(|value| filled(value, answers)).collect::<Result<_, _>>()?)
        }
        Value::Object(fields) => Value::Object(filled_object(fields, answers)?),
        other => other.clone(),
    })
}

/// As [`filled`], of the fields of an object.
///
/// # Errors
/// When an answer has no such field.
pub(super) fn filled_object(
    fields: &Map<String, Value>,
    answers: &BTreeMap<String, Value>,
) -> Result<Map<String, Value>, String> {
    fields.iter().map(|(name, value)| Ok((name.clone(), filled(value, answers)?))).collect()
}

fn filled_text(text: &str, answers: &BTreeMap<String, Value>) -> Result<Value, String> {
    let mut told = String::new();
    let mut rest = text;
    while let Some((before, path, after)) = reference(rest) {
        let (name, field) = path.split_once('.').unwrap_or((path, ""));
        let found = answers.get(name).and_then(|answer| at(answer, field));
        let found = found.ok_or_else(|| format!("“${path}” 没有值：答复“{name}”没有 {field} 这一项"))?;
        if before.is_empty() && after.is_empty() && told.is_empty() {
            return Ok(found);
        }
        told.push_str(before);
        told.push_str(&plain(&found));
        rest = after;
    }
    told.push_str(rest);
    Ok(Value::from(told))
}

/// What stands at a path: names and positions joined by dots; `len` is how many; `column=value` is the first row that has it.
pub(super) fn at(value: &Value, path: &str) -> Option<Value> {
    let mut here = value.clone();
    for segment in path.split('.') {
        here = match &here {
            Value::Object(fields) => fields.get(segment)?.clone(),
            Value::Array(values) if segment == "len" => Value::from(values.len()),
            Value::Array(values) => match segment.split_once('=') {
                Some((column, wanted)) => {
                    values.iter().find(|row| row.get(column).map(plain).as_deref() == Some(wanted))
                }
                None => values.get(segment.parse::<usize>().ok()?),
            }?
            .clone(),
            _ => return None,
        };
    }
    Some(here)
}

/// A value as a text.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether a value is as expected: a number may stand for an amount, and amounts are the same however many zeros they have.
pub(super) fn same(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Array(expected), Value::Array(got)) => {
            expected.len() == got.len() && expected.iter().zip(got).all(|(expected, got)| same(expected, got))
        }
        (Value::String(_) | Value::Number(_), Value::String(text)) => {
            let expected = plain(expected);
            let money = Fen::parse_yuan(text).ok().filter(|fen| fen.to_string() == *text);
            expected == *text || money.is_some_and(|fen| Fen::parse_yuan(&expected) == Ok(fen))
        }
        (Value::String(text), Value::Number(number)) => *text == number.to_string(),
        _ => expected == got,
    }
}

/// The expectations of nested tables, by path.
pub(super) fn paths(fields: Map<String, Value>) -> Vec<(String, Value)> {
    let mut paths = Vec::new();
    for (name, value) in fields {
        match value {
            Value::Object(inner) => {
                paths.extend(self::paths(inner).into_iter().map(|(path, value)| (format!("{name}.{path}"), value)));
            }
            value => paths.push((name, value)),
        }
    }
    paths
}
