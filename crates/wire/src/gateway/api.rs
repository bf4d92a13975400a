//! Kind (a): `_api_*` headers with an HMAC-SHA1.
//!
//! The signature is Base64 of the HMAC-SHA1, under the account's secret, of the four other headers sorted by name and joined
//! as `name=value` with `&`. The body is not covered.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha1::Sha1;

use super::{Account, Caller, Gateway, Headers, Keys, Refused, Stamp, clock, in_time};
use crate::secret::Secret;

const NAME: &str = "_api_name";
const VERSION: &str = "_api_version";
const TIMESTAMP: &str = "_api_timestamp";
const KEY: &str = "_api_access_key";
const SIGNATURE: &str = "_api_signature";

/// A gateway of kind (a).
#[derive(Clone, Debug)]
pub struct ApiGateway {
    /// Name of the service that is called (`_api_name`), for signing; any name that is signed passes.
    pub name: String,
    /// Its version (`_api_version`), for signing.
    pub version: String,
    /// How far the sender's clock may be off, in seconds.
    pub window: i64,
}

impl Gateway for ApiGateway {
    fn sign(&self, _body: &[u8], account: &Account, stamp: Stamp<'_>) -> Headers {
        let at = stamp.at.as_millisecond().to_string();
        let headers = Headers::default()
            .with(NAME, &self.name)
            .with(VERSION, &self.version)
            .with(TIMESTAMP, &at)
            .with(KEY, &account.name);
        let signature = mac(&account.secret, &text(&account.name, &self.name, &at, &self.version));
        headers.with(SIGNATURE, signature.map(|mac| STANDARD.encode(mac.finalize().into_bytes())).unwrap_or_default())
    }

    fn check(&self, headers: &Headers, _body: &[u8], now: Timestamp, keys: Keys<'_>) -> Result<Caller, Refused> {
        let name = headers.one(NAME)?;
        let version = headers.one(VERSION)?;
        let timestamp = headers.one(TIMESTAMP)?;
        let key = headers.one(KEY)?;
        let signature = headers.one(SIGNATURE)?;
        let at = clock(timestamp)?;
        in_time(at, now, self.window)?;
        let secret = keys(key).ok_or_else(|| Refused::Unknown(key.to_owned()))?;
        let given = STANDARD.decode(signature).map_err(|_| Refused::Signature)?;
        let expected = mac(&secret, &text(key, name, timestamp, version)).ok_or(Refused::Signature)?;
        // The comparison takes the same time wherever the two differ.
        expected.verify_slice(&given).map_err(|_| Refused::Signature)?;
        Ok(Caller { account: key.to_owned(), at: Some(at), nonce: String::new() })
    }
}

/// The text that is signed: the names are in their order.
fn text(key: &str, name: &str, timestamp: &str, version: &str) -> String {
    format!("{KEY}={key}&{NAME}={name}&{TIMESTAMP}={timestamp}&{VERSION}={version}")
}

/// An HMAC takes a key of any length, so that there always is one.
fn mac(secret: &Secret, text: &str) -> Option<Hmac<Sha1>> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.bytes()).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}
