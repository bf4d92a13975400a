//! Kind (b): `x-tif-*` headers with a SHA-256.
//!
//! The signature is the hex SHA-256 of timestamp, secret, nonce and timestamp, one behind the other. Upper and lower case
//! pass. The body is not covered.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{Account, Caller, Gateway, Headers, Keys, Refused, Stamp, clock, hex, in_time, same};
use crate::secret::Secret;

const ACCOUNT: &str = "x-tif-paasid";
const TIMESTAMP: &str = "x-tif-timestamp";
const NONCE: &str = "x-tif-nonce";
const SIGNATURE: &str = "x-tif-signature";

/// A gateway of kind (b).
#[derive(Clone, Debug)]
pub struct TifGateway {
    /// How far the sender's clock may be off, in seconds.
    pub window: i64,
}

impl Gateway for TifGateway {
    fn sign(&self, _body: &[u8], account: &Account, stamp: Stamp<'_>) -> Headers {
        let at = stamp.at.as_second().to_string();
        Headers::default()
            .with(ACCOUNT, &account.name)
            .with(TIMESTAMP, &at)
            .with(NONCE, stamp.nonce)
            .with(SIGNATURE, signature(&account.secret, &at, stamp.nonce))
    }

    fn check(&self, headers: &Headers, _body: &[u8], now: Timestamp, keys: Keys<'_>) -> Result<Caller, Refused> {
        let account = headers.one(ACCOUNT)?;
        let timestamp = headers.one(TIMESTAMP)?;
        let nonce = headers.one(NONCE)?;
        let given = headers.one(SIGNATURE)?;
        let at = clock(timestamp)?;
        in_time(at, now, self.window)?;
        let secret = keys(account).ok_or_else(|| Refused::Unknown(account.to_owned()))?;
        let expected = signature(&secret, timestamp, nonce);
        if !same(given.to_ascii_lowercase().as_bytes(), expected.as_bytes()) {
            return Err(Refused::Signature);
        }
        Ok(Caller { account: account.to_owned(), at: Some(at), nonce: nonce.to_owned() })
    }
}

fn signature(secret: &Secret, timestamp: &str, nonce: &str) -> String {
    let hash = Sha256::new()
        .chain_update(timestamp)
        .chain_update(secret.bytes())
        .chain_update(nonce)
        .chain_update(timestamp)
        .finalize();
    hex(&hash)
}
