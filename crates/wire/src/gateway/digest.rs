//! Kind (c): a vendor's gateway with an SM3 digest over headers and body.
//!
//! Such a gateway is known to exist, with SM4 for the content and SM3 for the digest; its header names and the text under
//! the digest are the vendor's and were not found. This is the honest general shape: an HMAC-SM3, under the account's
//! secret, over account, timestamp, nonce and the SM3 of the body, each on its line; the names of the headers are a matter of
//! the profile. The SM4 of the content is the [cipher](crate::cipher)'s.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sm3::{Digest as _, Sm3};

use super::{Account, Caller, Gateway, Headers, Keys, Refused, Stamp, clock, hex, in_time, same};
use crate::secret::Secret;

/// A gateway of kind (c).
#[derive(Clone, Debug)]
pub struct DigestGateway {
    /// Names of the headers.
    pub headers: DigestHeaders,
    /// How far the sender's clock may be off, in seconds.
    pub window: i64,
}

/// What a vendor calls the headers.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DigestHeaders {
    /// Of the account.
    pub account: String,
    /// Of the timestamp.
    pub timestamp: String,
    /// Of the nonce.
    pub nonce: String,
    /// Of the digest.
    pub digest: String,
}

impl Gateway for DigestGateway {
    fn sign(&self, body: &[u8], account: &Account, stamp: Stamp<'_>) -> Headers {
        let at = stamp.at.as_millisecond().to_string();
        let digest = digest(&account.secret, &account.name, &at, stamp.nonce, body).unwrap_or_default();
        Headers::default()
            .with(&self.headers.account, &account.name)
            .with(&self.headers.timestamp, at)
            .with(&self.headers.nonce, stamp.nonce)
            .with(&self.headers.digest, digest)
    }

    fn check(&self, headers: &Headers, body: &[u8], now: Timestamp, keys: Keys<'_>) -> Result<Caller, Refused> {
        let account = headers.one(&self.headers.account)?;
        let timestamp = headers.one(&self.headers.timestamp)?;
        let nonce = headers.one(&self.headers.nonce)?;
        let given = headers.one(&self.headers.digest)?;
        let at = clock(timestamp)?;
        in_time(at, now, self.window)?;
        let secret = keys(account).ok_or_else(|| Refused::Unknown(account.to_owned()))?;
        let expected = digest(&secret, account, timestamp, nonce, body).ok_or(Refused::Signature)?;
        if !same(given.to_ascii_lowercase().as_bytes(), expected.as_bytes()) {
            return Err(Refused::Signature);
        }
        Ok(Caller { account: account.to_owned(), at: Some(at), nonce: nonce.to_owned() })
    }
}

/// An HMAC takes a key of any length, so that there always is one.
fn digest(secret: &Secret, account: &str, timestamp: &str, nonce: &str, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sm3>::new_from_slice(secret.bytes()).ok()?;
    mac.update(format!("{account}\n{timestamp}\n{nonce}\n{}", hex(&Sm3::digest(body))).as_bytes());
    Some(hex(&mac.finalize().into_bytes()))
}
