//! Files up and down (9101, 9102), and the spool in which they wait.
//!
//! A file is a ZIP with one text in it. It waits in memory under a number that cannot be guessed, until its time is over or the
//! server stops: what was brought up is brought again, what was made is asked for again. The spool is bounded, for all and for
//! each institution, so that nobody can fill it for others.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::DateTime;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::context::Context;
use super::fault::Fault;
use super::handlers::{Block, on};
use super::value::must;

/// The transactions of this block.
pub(super) const ALL: Block = &[on!("9101", up), on!("9102", down)];

/// For how long a file waits.
const KEPT: Duration = Duration::from_secs(2 * 60 * 60);
/// Bytes of all files at most.
const MOST: usize = 256 * 1024 * 1024;
/// Bytes of an institution's files at most.
const MOST_OF_ONE: usize = 64 * 1024 * 1024;
/// Bytes of a text that is taken out of its ZIP, at most.
const MOST_OPENED: u64 = 128 * 1024 * 1024;
/// What stands for the institution of files that are for all: those of catalogues.
const PUBLIC: &str = "plc";

/// The files that wait.
#[derive(Default)]
pub(crate) struct Files {
    waiting: Mutex<BTreeMap<String, Waiting>>,
    /// Lists are made one at a time, whoever asks for them.
    pub making: tokio::sync::Mutex<()>,
}

struct Waiting {
    /// The institution that may have it; nobody's own, where it is for all.
    owner: Option<String>,
    /// The institution whose share of the spool it takes.
    charged: String,
    name: String,
    bytes: Arc<[u8]>,
    since: Instant,
}

/// A file that was put into the spool.
pub(crate) struct Ticket {
    /// Number by which it is fetched (文件查询号).
    pub number: String,
    /// Its name.
    pub name: String,
    /// Until when it can be fetched.
    pub until: DateTime,
}

/// For whom a file is.
pub(crate) enum For {
    /// For the institution that sent the message.
    Sender,
    /// For everybody.
    All,
}

impl Files {
    /// Puts a file in, in the name of who sent the message.
    pub fn put(&self, context: &Context, whose: For, name: String, bytes: Vec<u8>) -> Result<Ticket, Fault> {
        let charged = context.institution().to_owned();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, file| file.since.elapsed() < KEPT);
        let all: usize = waiting.values().map(|file| file.bytes.len()).sum();
        let own: usize = waiting.values().filter(|file| file.charged == charged).map(|file| file.bytes.len()).sum();
        if own + bytes.len() > MOST_OF_ONE || all + bytes.len() > MOST {
            let message = "暂存的文件太多，放不下这个文件";
            return Err(Fault::new("spool-full", message, "先用9102取走已有的文件，或两小时后再试"));
        }
        let mut random = [0_u8; 12];
        let drawn = getrandom::fill(&mut random);
        drawn.map_err(|_| Fault::new("no-random", "系统不给随机数", "稍后用同一报文ID重发"))?;
        let number: String = random.iter().map(|byte| format!("{byte:02X}")).collect();
        let owner = matches!(whose, For::Sender).then(|| charged.clone());
        let until = context.came.checked_add(jiff::SignedDuration::try_from(KEPT).unwrap_or_default());
        let file = Waiting { owner, charged, name: name.clone(), bytes: bytes.into(), since: Instant::now() };
        waiting.insert(number.clone(), file);
        Ok(Ticket { number, name, until: until.unwrap_or(context.came) })
    }

    /// A file that waits for an institution: its name and bytes. Whether it is another's or nobody's is not told.
    pub fn get(&self, institution: &str, number: &str) -> Result<(String, Arc<[u8]>), Fault> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let file = waiting.get(number.trim()).filter(|file| file.since.elapsed() < KEPT);
        let file = file.filter(|file| file.owner.as_deref().is_none_or(|owner| owner == institution));
        file.map(|file| (file.name.clone(), Arc::clone(&file.bytes))).ok_or_else(|| {
            let message = format!("没有文件查询号为 {} 的文件，或已过下载截止时间", number.trim());
            Fault::new("unknown-file", message, "核对 file_qury_no；过期的重新查询或重新上传")
        })
    }
}

async fn up(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["fsUploadIn"];
    own(context, node)?;
    let bytes = bytes(&node["in"])?;
    let ticket = context.platform.files.put(context, For::Sender, must(node, "filename"), bytes)?;
    Ok(json!({ "fsUploadOut": {
        "file_qury_no": ticket.number,
        "filename": ticket.name,
        "fixmedins_code": context.institution(),
        "dld_endtime": wire::moment::spoken(ticket.until),
    } }))
}

async fn down(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["fsDownloadIn"];
    if must(node, "fixmedins_code") != PUBLIC {
        own(context, node)?;
    }
    let (name, bytes) = context.platform.files.get(context.institution(), &must(node, "file_qury_no"))?;
    Ok(json!({ "fsDownloadOut": { "filename": name, "in": STANDARD.encode(&bytes) } }))
}

/// Refuses a message about another institution's file.
fn own(context: &Context, node: &Value) -> Result<(), Fault> {
    let told = must(node, "fixmedins_code");
    if told == context.institution() {
        return Ok(());
    }
    let message = format!("fixmedins_code {told} 不是本机构 {}", context.institution());
    Err(Fault::new("other-institution", message, "填本机构编号；下载目录文件填 plc"))
}

/// The bytes of a file as senders write them: Base64, or a list of bytes, which some languages count from -128.
fn bytes(value: &Value) -> Result<Vec<u8>, Fault> {
    let wrong = || Fault::new("bad-file", "fsUploadIn.in（文件数据）不是文件的字节", "用 Base64 文字，或字节列表");
    match value {
        Value::String(text) => STANDARD.decode(text.trim()).map_err(|_| wrong()),
        Value::Array(list) => {
            let byte = |value: &Value| u8::try_from(value.as_i64()?.rem_euclid(256)).ok();
            let small = |value: &&Value| value.as_i64().is_some_and(|byte| (-128..256).contains(&byte));
            let bytes: Option<Vec<u8>> = list.iter().map(|value| Some(value).filter(small).and_then(byte)).collect();
            bytes.ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

/// A text as a ZIP with one file in it.
pub(crate) fn zipped(name: &str, text: &str) -> Result<Vec<u8>, Fault> {
    let write = || -> Result<Vec<u8>, zip::result::ZipError> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(text.as_bytes())?;
        Ok(zip.finish()?.into_inner())
    };
    write().map_err(|error| Fault::new("no-zip", format!("文件没有压缩成：{error}"), "稍后重发"))
}

/// The text of a file: of the first file of a ZIP, or the file itself.
pub(crate) fn unzipped(bytes: &[u8]) -> Result<String, Fault> {
    let wrong = |what: &str| Fault::new("bad-file", what, "上传 UTF-8 文字的 txt 文件，或只含一个 txt 的 zip 文件");
    if !bytes.starts_with(b"PK") {
        return String::from_utf8(bytes.to_vec()).map_err(|_| wrong("文件不是 UTF-8 文字"));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| wrong("zip 文件打不开"))?;
    let file = archive.by_index(0).map_err(|_| wrong("zip 文件里没有文件，或打不开"))?;
    let mut text = String::new();
    file.take(MOST_OPENED + 1).read_to_string(&mut text).map_err(|_| wrong("zip 里的文件不是 UTF-8 文字"))?;
    if text.len() as u64 > MOST_OPENED {
        return Err(wrong("zip 里的文件太大"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_back_out_of_its_zip() {
        let zip = zipped("1301.txt", "甲\t乙\n").unwrap();
        assert_eq!(unzipped(&zip).unwrap(), "甲\t乙\n");
        assert_eq!(unzipped("甲".as_bytes()).unwrap(), "甲");
        assert!(unzipped(b"PK\x03\x04rubbish").is_err() && unzipped(&[0xff, 0xfe]).is_err());
    }

    #[test]
    fn bytes_are_read_as_senders_write_them() {
        assert_eq!(bytes(&json!("UEs=")).unwrap(), b"PK");
        assert_eq!(bytes(&json!([80, -1, 255])).unwrap(), [80, 255, 255]);
        for bad in [json!("?"), json!([256]), json!([1.5]), json!({}), json!(null)] {
            assert!(bytes(&bad).is_err(), "{bad}");
        }
    }
}
