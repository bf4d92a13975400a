//! Identity data at rest: sealed with the region's key, found by a keyed index, shown masked.
//!
//! AES-256-GCM-SIV with a nonce taken from the plaintext, so that sealing is a function: the same number under the same key is
//! the same text, which the index tells anyway, and nothing else. Whoever has the database but not the key learns no number.

use std::fmt;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// A text sealed with the key of a vault, in hex: nonce, then cipher text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(pub String);

/// A sealed text does not open: another key, or damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaultError;

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("密文打不开：密钥不是这个库的，或数据已损坏 (wrong key or damaged)")
    }
}

impl std::error::Error for VaultError {}

/// The keys of a region's books.
#[derive(Clone)]
pub struct Vault {
    cipher: Aes256GcmSiv,
    nonce: [u8; 32],
    index: [u8; 32],
    input: [u8; 32],
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// The vault of a key. Each use has a key of its own, derived from it.
    pub fn new(key: &[u8; 32]) -> Vault {
        let derive = |purpose: &str| keyed(key, &[purpose.as_bytes()]);
        Vault {
            cipher: Aes256GcmSiv::new(&derive("seal").into()),
            nonce: derive("nonce"),
            index: derive("index"),
            input: derive("input"),
        }
    }

    /// Seals a text; `purpose` keeps one field's cipher text from standing in for another's.
    pub fn seal(&self, purpose: &str, text: &str) -> Sealed {
        let nonce = keyed(&self.nonce, &[purpose.as_bytes(), text.as_bytes()]);
        let nonce = &nonce[..12];
        let payload = Payload { msg: text.as_bytes(), aad: purpose.as_bytes() };
        // The cipher fails only beyond 64 GiB of text.
        let cipher = self.cipher.encrypt(Nonce::from_slice(nonce), payload).unwrap_or_default();
        Sealed(hex(nonce) + &hex(&cipher))
    }

    /// Opens a sealed text.
    ///
    /// # Errors
    /// When it was sealed with another key or for another purpose, or is damaged.
    pub fn open(&self, purpose: &str, sealed: &Sealed) -> Result<String, VaultError> {
        let bytes = unhex(&sealed.0).filter(|bytes| bytes.len() > 12).ok_or(VaultError)?;
        let (nonce, cipher) = bytes.split_at(12);
        let payload = Payload { msg: cipher, aad: purpose.as_bytes() };
        let text = self.cipher.decrypt(Nonce::from_slice(nonce), payload).map_err(|_| VaultError)?;
        String::from_utf8(text).map_err(|_| VaultError)
    }

    /// The index under which a number is found: 128 bits in hex.
    pub fn index(&self, kind: &str, number: &str) -> String {
        hex(&keyed(&self.index, &[kind.as_bytes(), number.as_bytes()])[..16])
    }

    /// The hash of a request's input, by which a repeat is told from another request under the same key.
    pub fn input(&self, text: &str) -> [u8; 32] {
        keyed(&self.input, &[text.as_bytes()])
    }

    /// A text that tells whether a key is this one, without telling the key.
    pub fn check(&self) -> String {
        hex(&keyed(&self.index, &[b"check"]))
    }
}

fn keyed(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // The block of SHA-256 is 64 bytes: a shorter key is filled up with zeros, as HMAC has it.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new(&block.into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Bytes in hex.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pairs = digits.chunks_exact(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    if digits.len().is_multiple_of(2) { pairs.collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_with_its_key_and_purpose_only() {
        let vault = Vault::new(&[7; 32]);
        let sealed = vault.seal("name", "甲");
        assert_eq!(vault.open("name", &sealed).as_deref(), Ok("甲"));
        assert_eq!(vault.open("number", &sealed), Err(VaultError));
        assert_eq!(Vault::new(&[8; 32]).open("name", &sealed), Err(VaultError));
        assert_eq!(vault.seal("name", "甲"), sealed);
        assert!(!sealed.0.contains("甲"));
        assert_ne!(vault.index("id-card", "1"), Vault::new(&[8; 32]).index("id-card", "1"));
    }

    #[test]
    fn damage_is_told() {
        let vault = Vault::new(&[7; 32]);
        let Sealed(text) = vault.seal("name", "甲");
        for broken in [&text[1..], &text[..20], "", "zz"] {
            assert_eq!(vault.open("name", &Sealed(broken.to_owned())), Err(VaultError));
        }
        let flipped = format!("{}{}", &text[..text.len() - 1], if text.ends_with('0') { '1' } else { '0' });
        assert_eq!(vault.open("name", &Sealed(flipped)), Err(VaultError));
    }
}
