//! Lists of records from files: a JSON array of objects, or comma-separated values with a heading of field names, English or
//! Chinese.

use std::path::{Path, PathBuf};

use books::{FieldForm, InputKind};
use clap::ArgMatches;
use serde_json::{Map, Value};

use super::fields;
use crate::session::Lang;
use crate::stop::Stop;

/// A file named for a field that is a list of records.
pub struct List {
    field: FieldForm,
    inner: &'static [FieldForm],
    path: PathBuf,
}

/// The files that were named.
pub fn named(forms: &[FieldForm], matches: &ArgMatches) -> Vec<List> {
    let list = |field: &FieldForm| {
        let InputKind::Record(inner) = field.kind else { return None };
        let path = matches.get_one::<PathBuf>(&fields::id(field))?.clone();
        Some(List { field: *field, inner, path })
    };
    forms.iter().filter_map(list).collect()
}

impl List {
    /// The field and its records.
    ///
    /// # Errors
    /// When the file cannot be read, or is neither of the two forms.
    pub fn read(&self, lang: Lang) -> anyhow::Result<(String, Value)> {
        let text = fields::text_of(&self.path, lang)?;
        let records = match text.trim_start().starts_with('[') {
            true => serde_json::from_str(&text).map_err(|error| self.wrong(&error.to_string())),
            false => from_csv(&text, self.inner).map_err(|what| self.wrong(&what)),
        };
        Ok((self.field.name.to_owned(), records?))
    }

    fn wrong(&self, what: &str) -> anyhow::Error {
        let names: Vec<&str> = self.inner.iter().map(|field| field.name).collect();
        let cure = format!("写成 JSON 数组，或首行为列名的 CSV；各项：{}", names.join("、"));
        Stop::usage(format!("{} 读不懂：{what}", shown(&self.path)), cure).into()
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Records of comma-separated values. What stands in no cell is left out; whether it must be given, the command tells.
fn from_csv(text: &str, inner: &[FieldForm]) -> Result<Value, String> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let heading = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |name: &str| {
        let found = inner.iter().find(|field| field.name == name || field.zh == name);
        found.ok_or_else(|| format!("没有“{name}”这一列 (unknown column)"))
    };
    let columns = heading.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    let mut records = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| error.to_string())?;
        let cells = columns.iter().zip(&row).filter(|(_, cell)| !cell.is_empty());
        let record = cells.map(|(field, text)| Ok((field.name.to_owned(), cell(field, text)?)));
        records.push(Value::Object(record.collect::<Result<Map<_, _>, String>>()?));
    }
    Ok(Value::Array(records))
}

/// A cell as its field is written in JSON.
fn cell(field: &FieldForm, text: &str) -> Result<Value, String> {
    let single = match field.kind {
        InputKind::Integer => Value::from(text.parse::<i64>().map_err(|_| format!("{}：“{text}”不是整数", field.zh))?),
        InputKind::Flag => match text {
            "1" | "true" | "yes" | "是" => Value::Bool(true),
            "0" | "false" | "no" | "否" => Value::Bool(false),
            _ => return Err(format!("{}：“{text}”应为是或否 (yes or no)", field.zh)),
        },
        _ => Value::from(text),
    };
    Ok(if field.many { Value::Array(vec![single]) } else { single })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const fn field(name: &'static str, zh: &'static str, kind: InputKind) -> FieldForm {
        FieldForm { name, zh, en: "", kind, required: false, many: false }
    }

    const INNER: &[FieldForm] = &[
        field("sn", "流水号", InputKind::Text),
        field("amount", "金额", InputKind::Money),
        field("order", "序号", InputKind::Integer),
        field("main", "主诊断", InputKind::Flag),
    ];

    #[test]
    fn cells_are_written_as_their_fields_are() {
        let read = from_csv("流水号,amount,order,主诊断\n1,12.30,2,是\n2,,,\n", INNER).unwrap();
        assert_eq!(read, json!([{ "sn": "1", "amount": "12.30", "order": 2, "main": true }, { "sn": "2" }]));
        assert!(from_csv("sn,price\n1,2\n", INNER).unwrap_err().contains("price"));
        assert!(from_csv("order\nx\n", INNER).unwrap_err().contains("整数"));
    }
}
