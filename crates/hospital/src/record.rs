//! Real messages for who builds the other side: each request and its answer in a file, numbered in the order of sending.
//!
//! As they are before sealing and after opening. Identity numbers are masked, unless they are asked for in clear.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::Trouble;

/// A folder of messages.
#[derive(Debug)]
pub struct Recorder {
    folder: PathBuf,
    clear: bool,
    last: Cell<u32>,
}

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
        Ok(Recorder { folder, clear, last: Cell::new(0) })
    }

    /// A number for a request and its answer.
    pub fn next(&self) -> u32 {
        self.last.set(self.last.get() + 1);
        self.last.get()
    }

    /// Writes one of the two. That a record cannot be written stops no visit; the folder then lacks it.
    pub fn write(&self, number: u32, infno: &str, part: &str, mut message: Value) {
        if !self.clear {
            mask(&mut message);
        }
        let text = serde_json::to_string_pretty(&message).unwrap_or_default();
        _ = fs::write(self.folder.join(format!("{number:06}-{infno}-{part}.json")), text + "\n");
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
    fn a_record_is_a_numbered_file_and_the_folder_is_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("day");
        let recorder = Recorder::new(path.clone(), false).unwrap();
        recorder.write(recorder.next(), "1101", "request", json!({"input": [{"certno": "11010519491231002X"}]}));
        let text = fs::read_to_string(path.join("000001-1101-request.json")).unwrap();
        assert!(text.contains("1101**********002X") && !text.contains("19491231"), "{text}");
        assert!(Recorder::new(path, false).is_err());
    }
}
