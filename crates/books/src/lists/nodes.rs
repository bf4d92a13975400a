//! The nodes of a settlement sheet, as the national interface names them, read as far as they are checked.

use domain::{Date, Fen};
use serde_json::{Map, Value};

use crate::answer::Refusal;

/// Nodes of a sheet, and whether each is a list.
const NODES: &[(&str, bool)] = &[
    ("setlinfo", false),
    ("payinfo", true),
    ("opspdiseinfo", true),
    ("diseinfo", true),
    ("iteminfo", true),
    ("oprninfo", true),
    ("icuinfo", true),
    ("bldinfo", true),
];

/// A sheet.
pub(super) struct Nodes(Map<String, Value>);

impl Nodes {
    /// Reads a sheet.
    ///
    /// # Errors
    /// When it is no JSON, has other nodes than there are, or lacks what every sheet has.
    pub fn read(text: &str) -> Result<Nodes, Refusal> {
        let bad = |what: String| {
            Refusal::new("bad-sheet", what, "写成 JSON，节点为 setlinfo、payinfo、diseinfo、iteminfo 等")
        };
        let value = serde_json::from_str(text).map_err(|error| bad(format!("结算清单读不懂：{error}")))?;
        let Value::Object(nodes) = value else { return Err(bad("结算清单不是一组节点".to_owned())) };
        for (name, node) in &nodes {
            let fits = match NODES.iter().find(|(known, _)| known == name) {
                Some((_, true)) => node.as_array().is_some_and(|list| list.iter().all(Value::is_object)),
                Some((_, false)) => node.is_object(),
                None => return Err(bad(format!("结算清单没有 {name} 这个节点"))),
            };
            if !fits {
                return Err(bad(format!("节点 {name} 的形式不对")));
            }
        }
        for must in ["setlinfo", "iteminfo"] {
            if !nodes.contains_key(must) {
                return Err(bad(format!("结算清单缺少节点 {must}")));
            }
        }
        Ok(Nodes(nodes))
    }

    /// The same sheet always gives the same text.
    pub fn canonical(self) -> String {
        let mut value = Value::Object(self.0);
        value.sort_all_objects();
        value.to_string()
    }

    /// A field of the head.
    pub fn head(&self, field: &str) -> Option<&Value> {
        self.0.get("setlinfo")?.get(field).filter(|value| !blank(value))
    }

    /// The records of a list.
    pub fn list(&self, node: &str) -> &[Value] {
        self.0.get(node).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }
}

fn blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// A value as text: of a text or a number.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned())
}

/// A field of a record as text, where it is written.
pub(super) fn field(record: &Value, name: &str) -> Option<String> {
    record.get(name).filter(|value| !blank(value)).map(text)
}

/// An amount, with the place it stands at.
pub(super) fn amount(value: Option<&Value>, place: &str) -> Result<Fen, String> {
    let Some(value) = value.filter(|value| !blank(value)) else { return Err(format!("{place} 没有写")) };
    Fen::parse_yuan(&text(value)).map_err(|error| format!("{place}：{error}"))
}

/// A day, with or without a time after it.
pub(super) fn day(value: &Value, place: &str) -> Result<Date, String> {
    let text = text(value);
    let day = text.get(..10).and_then(|day| day.parse().ok());
    day.ok_or_else(|| format!("{place}：“{text}” 不是日期，写成 2022-03-01"))
}
