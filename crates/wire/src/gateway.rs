//! The gateway: which headers vouch for the sender of a request.
//!
//! Provinces differ; three kinds are known, and none for trials on one machine. Each refusal is its own, so that a vendor
//! sees what to put right: a header is missing, the clock is off, the account is unknown, the signature is wrong. What a
//! signature covers is the kind's own affair: kinds (a) and (b) leave the body open, as they do in use, and only TLS or a
//! [cipher](crate::cipher) guards it there; kind (c) covers it.
//!
//! A gateway keeps no record of what it has seen: a repeat within the clock's window is found by the message id.

mod api;
mod digest;
mod headers;
mod tif;

use std::fmt;

use jiff::Timestamp;

use crate::secret::Secret;

pub use api::ApiGateway;
pub use digest::{DigestGateway, DigestHeaders};
pub use headers::Headers;
pub use tif::TifGateway;

/// A sender's account at a gateway, and the secret shared with it.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its name, sent with each request.
    pub name: String,
    /// Its secret, never sent.
    pub secret: Secret,
}

/// What one request adds to its signature.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    /// The moment of sending.
    pub at: Timestamp,
    /// A word never used before by this account; kinds without one leave it out.
    pub nonce: &'a str,
}

/// Who a request comes from, as far as the gateway can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account; empty where the gateway is open.
    pub account: String,
    /// The sender's clock; none where the gateway is open.
    pub at: Option<Timestamp>,
    /// The nonce; empty for kinds without one.
    pub nonce: String,
}

/// The secret of an account, if there is such an account.
pub type Keys<'a> = &'a dyn Fn(&str) -> Option<Secret>;

/// One kind of gateway.
pub trait Gateway: fmt::Debug + Send + Sync {
    /// The headers that vouch for a request.
    fn sign(&self, body: &[u8], account: &Account, stamp: Stamp<'_>) -> Headers;

    /// Checks the headers of a request that came `now`; who sent it, or why it is refused.
    fn check(&self, headers: &Headers, body: &[u8], now: Timestamp, keys: Keys<'_>) -> Result<Caller, Refused>;
}

/// Why a gateway refuses; all are answered with HTTP 401.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A header is not there.
    Missing(String),
    /// A header stands twice, so that it is not clear which one counts.
    Twice(String),
    /// The sender's clock cannot be read.
    Unreadable(String),
    /// The sender's clock is further off than the window, in seconds: how far, and the window.
    Stale(i64, i64),
    /// There is no such account.
    Unknown(String),
    /// The signature is not that of this account over this request.
    Signature,
}

impl Refused {
    /// A stable word.
    pub fn code(&self) -> &'static str {
        match self {
            Refused::Missing(_) => "gateway-header-missing",
            Refused::Twice(_) => "gateway-header-twice",
            Refused::Unreadable(_) => "gateway-clock-unreadable",
            Refused::Stale(..) => "gateway-clock-off",
            Refused::Unknown(_) => "gateway-account-unknown",
            Refused::Signature => "gateway-signature-wrong",
        }
    }

    /// In Chinese: what is wrong and what to do.
    pub fn zh(&self) -> String {
        match self {
            Refused::Missing(header) => format!("请求头缺少 {header}：请按网关要求补上"),
            Refused::Twice(header) => format!("请求头 {header} 出现了两次：请只保留一个"),
            Refused::Unreadable(text) => {
                format!("请求头中的时间戳“{text}”无法识别：请填写 Unix 时间戳（10位秒或13位毫秒）")
            }
            Refused::Stale(off, window) => format!("时间戳与平台时间相差{off}秒，超过{window}秒：请校准本机时钟后重发"),
            Refused::Unknown(account) => format!("接入账号“{account}”不存在：请核对账号，或向经办机构申请"),
            Refused::Signature => "签名不正确：请核对密钥和签名算法".to_owned(),
        }
    }

    /// In English.
    pub fn en(&self) -> String {
        match self {
            Refused::Missing(header) => format!("header {header} is missing: add it as the gateway asks"),
            Refused::Twice(header) => format!("header {header} stands twice: send it once"),
            Refused::Unreadable(text) => {
                format!("timestamp \"{text}\" cannot be read: give Unix time in 10 or 13 digits")
            }
            Refused::Stale(off, window) => {
                format!("timestamp is {off} s off, more than {window} s: set the clock and send again")
            }
            Refused::Unknown(account) => format!("account \"{account}\" is unknown: check it, or apply for one"),
            Refused::Signature => "the signature is wrong: check the secret and the way of signing".to_owned(),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.zh())
    }
}

/// No gateway: everybody may call. For trials on one machine only.
#[derive(Clone, Copy, Debug)]
pub struct OpenGateway;

impl Gateway for OpenGateway {
    fn sign(&self, _body: &[u8], _account: &Account, _stamp: Stamp<'_>) -> Headers {
        Headers::default()
    }

    fn check(&self, _headers: &Headers, _body: &[u8], _now: Timestamp, _keys: Keys<'_>) -> Result<Caller, Refused> {
        Ok(Caller { account: String::new(), at: None, nonce: String::new() })
    }
}

/// Whether two byte strings are the same, in a time that does not depend on where they differ.
fn same(left: &[u8], right: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(left, right).into()
}

/// Holds the sender's clock against ours; the window, in seconds, holds in both directions and its end is in.
fn in_time(at: Timestamp, now: Timestamp, window: i64) -> Result<(), Refused> {
    let off = (now.as_millisecond() - at.as_millisecond()).abs();
    if off <= window * 1000 { Ok(()) } else { Err(Refused::Stale(off / 1000, window)) }
}

/// Reads a sender's clock: Unix time in seconds (10 digits) or milliseconds (13 digits).
fn clock(text: &str) -> Result<Timestamp, Refused> {
    let unreadable = || Refused::Unreadable(text.to_owned());
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(unreadable());
    }
    let number: i64 = text.parse().map_err(|_| unreadable())?;
    let read = match text.len() {
        10 => Timestamp::from_second(number),
        13 => Timestamp::from_millisecond(number),
        _ => return Err(unreadable()),
    };
    read.map_err(|_| unreadable())
}

/// Lower-case hex.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
