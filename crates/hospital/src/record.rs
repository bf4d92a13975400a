//! Real messages for who builds the other side: a file a transaction, numbered in the order of sending, with the request as it is
//! before sealing and the answer as it is after opening; and an index (`index.md`) that a person reads.
//!
//! Identity numbers are masked, unless they are asked for in clear.

use std::cell::Cell;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};
use wire::dictionary::transaction;

use crate::Trouble;

/// A folder of messages.
#[derive(Debug)]
pub struct Recorder {
    folder: PathBuf,
    clear: bool,
    last: Cell<u32>,
}

/// A transaction that is on its way.
pub struct Page {
    number: u32,
    infno: &'static str,
    request: Value,
}

/// The head of the index.
const HEAD: &str =
    "| 序号 No. | 交易 infno | 名称 name | 报文ID msgid | 就诊 visit | 结果 result |\n|---|---|---|---|---|---|\n";

impl Recorder {
    /// Makes the folder; it must be empty, so that no two days are mixed.
    pub fn new(folder: PathBuf, clear: bool) -> Result<Recorder, Trouble> {
        let shown = folder.display().to_string();
        let trouble = |error: std::io::Error| Trouble::new(format!("写不了 {shown}: {error}"), "换一个文件夹");
        fs::create_dir_all(&folder).map_err(trouble)?;
        if fs::read_dir(&folder).map_err(trouble)?.next().is_some() {
            let message = format!("文件夹 {shown} 不是空的 (not empty)");
            return Err(Trouble::new(message, "--record 写一个新的或空的文件夹"));
        }
        fs::write(folder.join("index.md"), HEAD).map_err(trouble)?;
        Ok(Recorder { folder, clear, last: Cell::new(0) })
    }

    /// Begins a page with what is sent.
    pub fn begin(&self, infno: &'static str, request: Value) -> Page {
        self.last.set(self.last.get() + 1);
        Page { number: self.last.get(), infno, request }
    }

    /// Writes a page with its answer, or why none came. That it cannot be written stops no visit; the folder then lacks it.
    pub fn end(&self, page: Page, tries: u32, answer: Result<Value, &str>) {
        let Page { number, infno, request } = page;
        let [zh, en] = transaction(infno).map_or(["", ""], |known| [known.zh, known.en]);
        let result = match &answer {
            Ok(reply) if reply["infcode"] == json!(0) => "成功 done".to_owned(),
            Ok(reply) => format!("拒绝 refused: {}", reply["err_msg"].as_str().unwrap_or_default()),
            Err(why) => format!("无应答 no answer: {why}"),
        };
        let answer = answer.unwrap_or_default();
        let visit = visit(&request["input"]).or_else(|| visit(&answer["output"])).unwrap_or_default();
        let file = format!("{number:06}-{infno}.json");
        let msgid = request["msgid"].as_str().unwrap_or_default().to_owned();
        let cells = [
            format!("[{number:06}]({file})"),
            infno.to_owned(),
            format!("{zh} {en}"),
            msgid,
            visit,
            self.shown(result),
        ];
        let row = cells.map(|cell| cell.replace('|', "\\|").replace(['\n', '\r'], " ")).join(" | ");
        let mut whole = json!({
            "number": number, "infno": infno, "name": zh, "english": en, "tries": tries, "request": request,
            "answer": answer,
        });
        if !self.clear {
            mask(&mut whole);
        }
        let text = serde_json::to_string_pretty(&whole).unwrap_or_default();
        _ = fs::write(self.folder.join(file), text + "\n");
        let index = fs::OpenOptions::new().append(true).open(self.folder.join("index.md"));
        _ = index.and_then(|mut index| writeln!(index, "| {row} |"));
    }

    fn shown(&self, text: String) -> String {
        if self.clear { text } else { masked(&text) }
    }
}

/// The number of the visit that a message is about, wherever it stands.
fn visit(message: &Value) -> Option<String> {
    match message {
        Value::Object(fields) => match fields.get("mdtrt_id").and_then(Value::as_str) {
            Some(found) if !found.is_empty() => Some(found.to_owned()),
            _ => fields.values().find_map(visit),
        },
        Value::Array(rows) => rows.iter().find_map(visit),
        _ => None,
    }
}

/// Masks identity numbers wherever they stand.
fn mask(value: &mut Value) {
    match value {
        Value::String(text) => *text = masked(text),
        Value::Array(rows) => rows.iter_mut().for_each(mask),
        Value::Object(fields) => fields.values_mut().for_each(mask),
        _ => {}
    }
}

/// A text with the middle of each identity number in it (17 digits and a digit or X) taken out.
fn masked(text: &str) -> String {
    const LENGTH: usize = 18;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        let (before, from) = rest.split_at(begin);
        let end = from.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        out.push_str(before);
        let digits = word.bytes().take(LENGTH - 1).all(|byte| byte.is_ascii_digit());
        if word.len() == LENGTH && digits && word.ends_with(|c: char| c.is_ascii_digit() || c == 'X' || c == 'x') {
            out.push_str(&format!("{}**********{}", &word[..4], &word[LENGTH - 4..]));
        } else {
            out.push_str(word);
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn identity_numbers_are_masked_and_other_numbers_are_not() {
        for (text, shown) in [
            ("11010519491231002X", "1101**********002X"),
            ("证件110105194912310021，", "证件1101**********0021，"),
            ("H50010100001202210311200000001", "H50010100001202210311200000001"),
            ("500101202210311200000000000001", "500101202210311200000000000001"),
            ("", ""),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn a_transaction_is_a_numbered_file_and_a_line_of_the_index() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("day");
        let recorder = Recorder::new(path.clone(), false).unwrap();
        let request =
            json!({ "msgid": "m1", "input": { "data": [{ "certno": "11010519491231002X", "mdtrt_id": "v|7" }] } });
        let page = recorder.begin("1101", request);
        recorder.end(page, 2, Ok(json!({ "infcode": -1, "err_msg": "11010519491231002X 未参保" })));
        let page = recorder.begin("2207", json!({ "msgid": "m2" }));
        recorder.end(page, 8, Err("cut"));
        let text = fs::read_to_string(path.join("000001-1101.json")).unwrap();
        assert!(text.contains("1101**********002X") && !text.contains("19491231"), "{text}");
        let whole: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&whole["tries"], &whole["name"]), (&json!(2), &json!("人员信息获取")));
        let index = fs::read_to_string(path.join("index.md")).unwrap();
        let lines: Vec<&str> = index.lines().skip(2).collect();
        assert_eq!(lines.len(), 2);
        assert!(
            lines[0].starts_with("| [000001](000001-1101.json) | 1101 | 人员信息获取 person | m1 | v\\|7 | 拒绝"),
            "{index}"
        );
        assert!(!index.contains("19491231") && lines[1].ends_with("无应答 no answer: cut |"), "{index}");
        assert!(Recorder::new(path, false).is_err());
    }
}
