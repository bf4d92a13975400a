//! Taking the fields of an envelope out of a JSON object.

use serde_json::{Map, Value};

use crate::fault::{Fault, FaultKind, Wanted};

/// A field of the envelope: its own name, what people call it, the longest text by the published table.
pub struct Name(pub &'static str, pub &'static str, pub &'static str, pub usize);

/// An object whose fields are taken out one by one; what is left over is unknown. Faults gather on the way.
pub struct Taken {
    fields: Map<String, Value>,
    pub faults: Vec<Fault>,
}

impl Taken {
    /// Reads the bytes of a message.
    pub fn read(bytes: &[u8]) -> Result<Taken, Vec<Fault>> {
        let found = match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => return Ok(Taken { fields, faults: Vec::new() }),
            Ok(_) => "不是对象".to_owned(),
            Err(error) => format!("第{}行第{}列不是 JSON", error.line(), error.column()),
        };
        let kind = FaultKind::Wrong(found, Wanted::Json);
        Err(vec![Fault { path: "$".to_owned(), name: "报文", english: "message", kind }])
    }

    /// A text that may be left out; a number is read as its text.
    pub fn text(&mut self, name: &Name) -> String {
        match self.fields.shift_remove(name.0) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            Some(other) => {
                self.fault(name, FaultKind::Wrong(other.to_string(), Wanted::Text(name.3)));
                String::new()
            }
        }
    }

    /// A text that must be there.
    pub fn must(&mut self, name: &Name) -> String {
        let before = self.faults.len();
        let text = self.text(name);
        if text.is_empty() && self.faults.len() == before {
            self.fault(name, FaultKind::Missing(Wanted::Text(name.3)));
        }
        text
    }

    /// A value as it is; null where it is not there.
    pub fn value(&mut self, name: &str) -> Value {
        self.fields.shift_remove(name).unwrap_or_default()
    }

    /// Whether a field of this name is (still) there.
    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Notes a fault.
    pub fn fault(&mut self, name: &Name, kind: FaultKind) {
        self.faults.push(Fault { path: name.0.to_owned(), name: name.1, english: name.2, kind });
    }

    /// What was not taken.
    pub fn rest(self) -> Map<String, Value> {
        self.fields
    }
}
