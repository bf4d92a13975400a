//! The cipher: how the content of a message is hidden, and how the message is signed.
//!
//! Two choices, by region. *Encryption*: none, or SM4 in CBC with PKCS#7 filling, as Base64 of the 16 bytes it begins with
//! and the ciphertext. *Signature* over the [canonical text](canonical) of the message with its content in clear: none, an
//! HMAC-SM3 under a shared secret, or SM2 (which has SM3 inside). That SM4, SM3 and SM2 are used is known; the mode and the
//! text under the signature are this program's assumption, modelled on the national portal's.
//!
//! What was changed on the way and what was encrypted under another key are one refusal: to tell them apart would help
//! only who tries keys. Signing is a trait, because production signs inside certified hardware; [`SoftwareKey`] is for
//! trials and for checking.

mod canonical;
mod keys;
mod sealing;

use std::fmt;

use crate::secret::Secret;

pub use canonical::canonical;
pub use keys::{SM2_USER, Signer, SoftwareKey, SoftwarePublicKey, Verifier};
pub use sealing::Message;

/// What a region asks of its messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cipher {
    /// How the content is hidden.
    pub encryption: Encryption,
    /// How the message is signed.
    pub signature: Signature,
}

/// How the content is hidden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encryption {
    /// Not at all.
    #[default]
    Plain,
    /// SM4.
    Sm4,
}

/// How the message is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signature {
    /// Not at all.
    #[default]
    None,
    /// HMAC-SM3 under the shared secret.
    Sm3,
    /// SM2.
    Sm2,
}

/// The keys of one side towards one partner; only those that the cipher asks for are needed.
#[derive(Clone, Copy, Default)]
pub struct Hands<'a> {
    /// Key of SM4, 16 bytes.
    pub sm4: Option<&'a Secret>,
    /// Secret of HMAC-SM3.
    pub sm3: Option<&'a Secret>,
    /// Signs what goes out.
    pub signer: Option<&'a dyn Signer>,
    /// Checks what comes in.
    pub verifier: Option<&'a dyn Verifier>,
}

/// Why a message is not sealed or not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsealed {
    /// The region encrypts, the message does not.
    Plain,
    /// The message is encrypted, the region does not.
    Encrypted(String),
    /// The message is signed in another way than the region's, or not at all.
    Otherwise(String, Signature),
    /// Opened, it is not what was signed; or it cannot be opened.
    Broken,
    /// A key that the cipher needs is not there, or has the wrong length.
    Key(&'static str),
    /// A field holds `&`, which the text under the signature joins with.
    Ampersand(String),
    /// The signing device gave no signature; what it said.
    Device(String),
}

impl Unsealed {
    /// A stable word.
    pub fn code(&self) -> &'static str {
        match self {
            Unsealed::Plain => "cipher-not-encrypted",
            Unsealed::Encrypted(_) => "cipher-encrypted",
            Unsealed::Otherwise(..) => "cipher-signed-otherwise",
            Unsealed::Broken => "cipher-broken",
            Unsealed::Key(_) => "cipher-key-missing",
            Unsealed::Ampersand(_) => "cipher-ampersand",
            Unsealed::Device(_) => "cipher-device",
        }
    }

    /// In Chinese: what is wrong and what to do.
    pub fn zh(&self) -> String {
        match self {
            Unsealed::Plain => "报文未加密：本地区要求 SM4 加密，enc_type 请填 SM4 并加密交易内容".to_owned(),
            Unsealed::Encrypted(with) => format!("报文已用 {with} 加密：本地区不加密，enc_type 请留空并发送明文"),
            Unsealed::Otherwise(found, wanted) => {
                format!("signtype 为“{found}”：本地区要求“{}”，请按此签名", wanted.word())
            }
            Unsealed::Broken => "报文无法解密或签名不符：请核对密钥，并确认报文在传输中未被改动".to_owned(),
            Unsealed::Key(name) => format!("缺少 {name} 密钥或长度不对：请在接入配置中补上"),
            Unsealed::Ampersand(field) => format!("字段 {field} 含有“&”，无法签名：请去掉该字符"),
            Unsealed::Device(said) => format!("签名设备未能签名（{said}）：请检查设备后重发"),
        }
    }

    /// In English.
    pub fn en(&self) -> String {
        match self {
            Unsealed::Plain => "the message is not encrypted: set enc_type to SM4 and encrypt the content".to_owned(),
            Unsealed::Encrypted(with) => {
                format!("the message is encrypted by {with}: leave enc_type empty, send it in clear")
            }
            Unsealed::Otherwise(found, wanted) => format!("signtype is \"{found}\": sign as \"{}\"", wanted.word()),
            Unsealed::Broken => {
                "the message cannot be opened or is not what was signed: check keys and transport".to_owned()
            }
            Unsealed::Key(name) => format!("the {name} key is missing or has the wrong length: add it to the settings"),
            Unsealed::Ampersand(field) => format!("field {field} holds \"&\" and cannot be signed: leave it out"),
            Unsealed::Device(said) => format!("the signing device failed ({said}): check it and send again"),
        }
    }
}

impl fmt::Display for Unsealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.zh())
    }
}

impl Signature {
    /// As `signtype` says it.
    pub fn word(self) -> &'static str {
        match self {
            Signature::None => "",
            Signature::Sm3 => "SM3",
            Signature::Sm2 => "SM2",
        }
    }
}

#[cfg(test)]
mod tests;
