//! Files up and down (9101, 9102).

use std::io::{Cursor, Read as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::seat::{No, Seat};

/// Sends a text as a file (9101); gives what the platform calls it.
pub async fn send(seat: &mut Seat, text: &str, name: &str, institution: &str) -> Result<Value, No> {
    let input =
        json!({ "fsUploadIn": { "in": STANDARD.encode(text), "filename": name, "fixmedins_code": institution } });
    let (_, mut output) = seat.ask("9101", input).await?;
    Ok(output["fsUploadOut"].take())
}

/// Fetches the file that an answer tells of (9102): its text.
pub async fn fetch(seat: &mut Seat, told: &Value, institution: &str) -> Result<String, No> {
    let input = json!({ "fsDownloadIn": {
        "file_qury_no": told["file_qury_no"], "filename": told["filename"], "fixmedins_code": institution,
    } });
    let (_, output) = seat.ask("9102", input).await?;
    unpacked(&output["fsDownloadOut"]["in"])
        .ok_or_else(|| No::Failed(format!("文件 {} 打不开 (file cannot be read)", told["filename"])))
}

/// The text of a file as the platform sends it: Base64 of a ZIP with one file, or of the text itself.
fn unpacked(sent: &Value) -> Option<String> {
    let bytes = STANDARD.decode(sent.as_str()?).ok()?;
    if !bytes.starts_with(b"PK") {
        return String::from_utf8(bytes).ok();
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut text = String::new();
    archive.by_index(0).ok()?.read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_packed_or_not() {
        assert_eq!(unpacked(&json!(STANDARD.encode("甲\t乙"))), Some("甲\t乙".to_owned()));
        assert_eq!(unpacked(&json!(STANDARD.encode("PK\u{3}rubbish"))), None);
    }
}
