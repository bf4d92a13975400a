//! Sealing what goes out and opening what comes in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sm3::Sm3;
use sm4::Sm4;

use super::{Cipher, Encryption, Hands, Signature, Unsealed, canonical};
use crate::envelope::{Reply, Request};
use crate::secret::Secret;

/// A message that can be sealed: a [`Request`] or a [`Reply`].
pub trait Message: Sized {
    /// The whole message.
    fn whole(&self) -> Value;
    /// What is hidden.
    fn content(&mut self) -> &mut Value;
    /// Signature, kind of signature, kind of encryption.
    fn marks(&mut self) -> [&mut String; 3];
}

impl Message for Request {
    fn whole(&self) -> Value {
        self.json()
    }

    fn content(&mut self) -> &mut Value {
        &mut self.input
    }

    fn marks(&mut self) -> [&mut String; 3] {
        [&mut self.cainfo, &mut self.signtype, &mut self.enc_type]
    }
}

impl Message for Reply {
    fn whole(&self) -> Value {
        self.json()
    }

    fn content(&mut self) -> &mut Value {
        &mut self.output
    }

    fn marks(&mut self) -> [&mut String; 3] {
        [&mut self.cainfo, &mut self.signtype, &mut self.enctype]
    }
}

impl Cipher {
    /// Signs a message and hides its content. `begin` is what SM4 begins with: 16 bytes never used before under this key.
    pub fn seal<M: Message>(&self, mut message: M, hands: Hands<'_>, begin: [u8; 16]) -> Result<M, Unsealed> {
        let encryption = if self.encryption == Encryption::Sm4 { "SM4" } else { "" };
        let [cainfo, signtype, enc_type] = message.marks();
        cainfo.clear();
        self.signature.word().clone_into(signtype);
        encryption.clone_into(enc_type);
        if self.signature != Signature::None {
            let signature = self.signed(&canonical(&message.whole())?, hands)?;
            *message.marks()[0] = STANDARD.encode(signature);
        }
        if self.encryption == Encryption::Sm4 {
            let key = key(hands.sm4)?;
            let hidden = encrypt(key, begin, message.content().to_string().as_bytes());
            *message.content() = STANDARD.encode(hidden).into();
        }
        Ok(message)
    }

    /// Opens a message and checks its signature. A content in clear that came as JSON in a text is read too.
    pub fn open<M: Message>(&self, mut message: M, hands: Hands<'_>) -> Result<M, Unsealed> {
        let [cainfo, signtype, enc_type] = message.marks();
        let cainfo = cainfo.clone();
        let otherwise = signtype.as_str() != self.signature.word();
        if otherwise && self.signature != Signature::None {
            return Err(Unsealed::Otherwise(signtype.clone(), self.signature));
        }
        match (self.encryption, enc_type.as_str()) {
            (Encryption::Plain, "") => read_text(message.content()),
            (Encryption::Plain, other) => return Err(Unsealed::Encrypted(other.to_owned())),
            (Encryption::Sm4, "SM4") => {
                let clear = decrypt(key(hands.sm4)?, message.content()).ok_or(Unsealed::Broken)?;
                *message.content() = clear;
            }
            (Encryption::Sm4, _) => return Err(Unsealed::Plain),
        }
        if self.signature != Signature::None && !self.matches(&message.whole(), &cainfo, hands)? {
            return Err(Unsealed::Broken);
        }
        Ok(message)
    }

    fn signed(&self, text: &str, hands: Hands<'_>) -> Result<Vec<u8>, Unsealed> {
        match self.signature {
            Signature::None => Ok(Vec::new()),
            Signature::Sm3 => Ok(mac(hands.sm3, text)?.finalize().into_bytes().to_vec()),
            Signature::Sm2 => hands.signer.ok_or(Unsealed::Key("SM2"))?.sign(text.as_bytes()),
        }
    }

    fn matches(&self, message: &Value, cainfo: &str, hands: Hands<'_>) -> Result<bool, Unsealed> {
        let text = canonical(message)?;
        let Ok(given) = STANDARD.decode(cainfo) else { return Ok(false) };
        match self.signature {
            Signature::None => Ok(true),
            // The comparison takes the same time wherever the two differ.
            Signature::Sm3 => Ok(mac(hands.sm3, &text)?.verify_slice(&given).is_ok()),
            Signature::Sm2 => Ok(hands.verifier.ok_or(Unsealed::Key("SM2"))?.verify(text.as_bytes(), &given)),
        }
    }
}

/// Some senders put the content in clear into a text; where that text is JSON, it is what it says.
fn read_text(content: &mut Value) {
    if let Value::String(text) = content
        && let Ok(read @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text)
    {
        *content = read;
    }
}

fn mac(secret: Option<&Secret>, text: &str) -> Result<Hmac<Sm3>, Unsealed> {
    let secret = secret.ok_or(Unsealed::Key("SM3"))?;
    let mut mac = Hmac::<Sm3>::new_from_slice(secret.bytes()).map_err(|_| Unsealed::Key("SM3"))?;
    mac.update(text.as_bytes());
    Ok(mac)
}

fn key(secret: Option<&Secret>) -> Result<[u8; 16], Unsealed> {
    secret.and_then(|secret| secret.bytes().try_into().ok()).ok_or(Unsealed::Key("SM4"))
}

/// What it begins with, then the ciphertext.
fn encrypt(key: [u8; 16], begin: [u8; 16], clear: &[u8]) -> Vec<u8> {
    let mut hidden = begin.to_vec();
    hidden.extend(cbc::Encryptor::<Sm4>::new(&key.into(), &begin.into()).encrypt_padded_vec::<Pkcs7>(clear));
    hidden
}

fn decrypt(key: [u8; 16], content: &Value) -> Option<Value> {
    let hidden = STANDARD.decode(content.as_str()?).ok()?;
    let (begin, hidden) = hidden.split_first_chunk::<16>()?;
    let cipher = cbc::Decryptor::<Sm4>::new(&key.into(), &(*begin).into());
    let clear = cipher.decrypt_padded_vec::<Pkcs7>(hidden).ok()?;
    serde_json::from_slice(&clear).ok()
}
