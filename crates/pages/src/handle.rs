//! What stands in an address in the place of what must not: a person's number, words that were looked for, what a form says. A handle is
//! the text itself, sealed with the visitor's secret, which stands in a cookie: of use to that visitor alone, in every page of his and
//! after a restart too. Nothing is kept here.
//!
//! AES-256-GCM-SIV with one nonce: the same text has the same handle, and that is all that two handles tell.

use aes_gcm_siv::aead::{Aead, KeyInit};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// The one nonce: the cipher stands its being used again.
const NONCE: [u8; 12] = [0; 12];

/// The handle of a text for the visitor of a secret.
pub fn of(secret: &str, text: &str) -> String {
    // It fails for texts of many gigabytes only; no handle opens then.
    let sealed = cipher(secret).encrypt(Nonce::from_slice(&NONCE), text.as_bytes()).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(sealed)
}

/// The text of a handle, if it was made for this visitor.
pub fn text(secret: &str, handle: &str) -> Option<String> {
    let sealed = URL_SAFE_NO_PAD.decode(handle).ok()?;
    let text = cipher(secret).decrypt(Nonce::from_slice(&NONCE), sealed.as_slice()).ok()?;
    String::from_utf8(text).ok()
}

fn cipher(secret: &str) -> Aes256GcmSiv {
    let key: [u8; 32] = Sha256::digest(format!("handle {secret}").as_bytes()).into();
    Aes256GcmSiv::new(&key.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_of_use_to_its_visitor_alone() {
        let number = "11010519491231002X";
        let handle = of("one", number);
        assert_eq!(handle, of("one", number));
        assert!(
            !handle.contains("1101")
                && handle.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        );
        assert_eq!(text("one", &handle).as_deref(), Some(number));
        assert_eq!(text("another", &handle), None);
        for broken in ["", "nothing", "%", &handle[1..], &format!("{handle}A")] {
            assert_eq!(text("one", broken), None, "{broken}");
        }
    }
}
