//! Bills from JSON: one object a line, one array, or objects one after another.
//!
//! Values are kept as they are written, so that `146.40` written as a number is seen to be one and refused: what wrote it may
//! already have rounded it.

use std::borrow::Cow;
use std::fmt;

use domain::{Diagnostic, Place};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Intake;
use super::columns::{Column, Named};
use super::header::unknown_column;
use super::row::{Layout, Raw, Row, Seat};
use super::text::Lines;

/// Reads one object a line.
pub(super) fn read_lines(text: &str, intake: &mut Intake<'_>) {
    let mut start = 0;
    for (index, line) in text.split('\n').enumerate() {
        let at = start;
        start += line.len() + 1;
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str::<Object<'_>>(line) {
            Ok(object) => read_object(&object, at, index + 1, intake),
            Err(error) => intake.unreadable(bad_json(intake.file, text, at, at + line.len(), &error)),
        }
    }
}

/// Reads one array of objects, or objects one after another.
pub(super) fn read(text: &str, intake: &mut Intake<'_>) {
    let raws = if text.trim_start().starts_with('[') {
        serde_json::from_str::<Vec<&RawValue>>(text)
    } else {
        serde_json::Deserializer::from_str(text).into_iter::<&RawValue>().collect()
    };
    let raws = match raws {
        Ok(raws) => raws,
        Err(error) => return intake.spoil(bad_json(intake.file, text, 0, text.len(), &error)),
    };
    let lines = Lines::of(text);
    for raw in raws {
        let start = offset(text, raw.get());
        let (line, _) = lines.place(start);
        match serde_json::from_str::<Object<'_>>(raw.get()) {
            Ok(object) => read_object(&object, start, line, intake),
            Err(error) => intake.unreadable(bad_json(intake.file, text, start, start + raw.get().len(), &error)),
        }
    }
}

/// An object with its keys in order and its values as written; a key that is there twice is kept twice.
struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Object<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Object<'de>, M::Error> {
                let mut entries = Vec::with_capacity(map.size_hint().unwrap_or(Column::COUNT));
                while let Some((Text(key), value)) = map.next_entry()? {
                    entries.push((key, value));
                }
                Ok(Object(entries))
            }
        }
        deserializer.deserialize_map(Keys)
    }
}

/// A JSON text, borrowed where nothing in it is escaped.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn read_object(object: &Object<'_>, start: usize, line: usize, intake: &mut Intake<'_>) {
    let mut layout = Layout::default();
    let mut named = Vec::with_capacity(object.0.len());
    let mut sound = true;
    for (index, (key, value)) in object.0.iter().enumerate() {
        let position = index + 1;
        let place = Place { file: intake.file.to_owned(), line, column: position, span: (start, start) };
        match Column::named(key) {
            Some(Named::Column { column, in_fen }) => {
                if layout.set(column, Seat { position, in_fen }).is_some() {
                    sound = false;
                    let message = format!("{}在同一对象中出现两次", column.label());
                    intake.findings.push(Diagnostic::error("repeated-column", place, message, "只留一个"));
                }
                named.push((column, *value));
            }
            Some(Named::Remark) => {}
            None => {
                sound = false;
                intake.findings.push(unknown_column(key, place));
            }
        }
    }
    let mut row = Row::new(line, start, &layout);
    for (column, value) in named {
        *row.cell_mut(column) = cell(column, value.get());
    }
    intake.take(&row, sound);
}

/// A value as a cell of its column.
fn cell(column: Column, value: &str) -> Raw<'_> {
    const ONE_VALUE: &str = "此列只填一个值，写作文本";
    match value.as_bytes() {
        b"null" => Raw::Absent,
        [b'"', ..] => match string(value) {
            Some(Cow::Borrowed(text)) => Raw::text(text),
            Some(Cow::Owned(text)) if text.trim().is_empty() => Raw::Absent,
            Some(Cow::Owned(text)) => Raw::Text(Cow::Owned(text.trim().to_owned())),
            None => Raw::Unfit("无法读出的文本".to_owned(), "核对转义"),
        },
        [b'[', ..] if column.is_list() => match serde_json::from_str::<Vec<Text<'_>>>(value) {
            Ok(texts) => Raw::List(texts.into_iter().map(|text| text.0).collect()),
            Err(_) => Raw::Unfit("含有非文本的列表".to_owned(), "列表中每项写作文本"),
        },
        [b'[', ..] => Raw::Unfit("列表".to_owned(), ONE_VALUE),
        [b'{', ..] => Raw::Unfit("对象".to_owned(), ONE_VALUE),
        b"true" | b"false" => Raw::Unfit(format!("布尔值 {value}"), ONE_VALUE),
        digits if digits.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-') => Raw::text(value),
        _ => Raw::Unfit(format!("浮点数 {value}"), "带小数的数写成文本（加双引号），如 \"146.40\"，以免丢失精度"),
    }
}

fn string(value: &str) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str(value).ok().map(Cow::Owned)
}

/// Where a part of a text starts in it.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr().saturating_sub(text.as_ptr().addr())
}

/// A fault of syntax, at the byte that the parser counted to.
fn bad_json(file: &str, text: &str, start: usize, end: usize, error: &serde_json::Error) -> Diagnostic {
    let before: usize = text[start..end].split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut at = (start + before + error.column().saturating_sub(1)).min(end);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let next = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    let place = Place { span: (at, next), line: 1, ..Place::file(file) };
    let why = error.to_string();
    // the parser's own place counts from the start of the object
    let why = why.split(" at line ").next().unwrap_or_default();
    let cure = "每张票据是一个 JSON 对象 {…}；.json 为数组，.jsonl 每行一个";
    Diagnostic::error("bad-json", place, format!("不是有效的 JSON：{why}"), cure)
}

/// Makes places exact: the value meant, with its physical line and column.
pub(super) fn draw(text: &str, findings: &mut [Diagnostic]) {
    for finding in findings.iter_mut().filter(|finding| finding.place.line > 0) {
        let place = &mut finding.place;
        if place.span.0 == place.span.1 {
            place.span = value_span(text, place.span.0, place.column);
        }
    }
    if findings.is_empty() {
        return;
    }
    findings.sort_by_key(|finding| finding.place.span.0);
    let lines = Lines::of(text);
    for finding in findings.iter_mut().filter(|finding| finding.place.line > 0) {
        let place = &mut finding.place;
        (place.line, place.column) = lines.place(place.span.0);
    }
}

/// Byte range of a value, by position from 1, in the object that starts at a byte; of the object's first line for position 0.
fn value_span(text: &str, start: usize, position: usize) -> (usize, usize) {
    let rest = text.get(start..).unwrap_or("");
    let mut objects = serde_json::Deserializer::from_str(rest).into_iter::<Object<'_>>();
    if let Some(Ok(object)) = objects.next()
        && let Some((_, value)) = object.0.get(position.wrapping_sub(1))
    {
        let from = offset(text, value.get());
        return (from, from + value.get().len());
    }
    (start, start + rest.lines().next().map_or(0, str::len))
}
