//! Where the interface is, and how a region wants to be spoken to: gateway, cipher, keys.

use std::fmt;
use std::rc::Rc;

use wire::cipher::{Hands, Signer, SoftwareKey, SoftwarePublicKey, Verifier};
use wire::gateway::Account;
use wire::{Profile, Secret};

use crate::Trouble;

/// An address of the interface: `http://host:port/path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Host and port, to connect to.
    pub host: String,
    /// Path, to post to.
    pub path: String,
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// When it is not one of plain HTTP.
    pub fn read(text: &str) -> Result<Address, Trouble> {
        let trouble = || {
            Trouble::new(
                format!("地址“{text}”用不了 (address)"),
                "写 http://主机:端口/national；有 TLS 的，在本机放一个代理",
            )
        };
        let rest = text.strip_prefix("http://").ok_or_else(trouble)?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, "national"));
        if host.is_empty() || host.contains('@') {
            return Err(trouble());
        }
        let host = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
        Ok(Address { host, path: format!("/{}", path.trim_end_matches('/')) })
    }
}

/// What the institution holds to vouch for itself and to seal.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// Account at the gateway.
    pub account: Option<Account>,
    /// Key of SM4, 16 bytes.
    pub sm4: Option<Secret>,
    /// Secret of HMAC-SM3.
    pub sm3: Option<Secret>,
    /// The institution's key of SM2, for trials: real ones lie in certified hardware.
    pub sm2: Option<Rc<SoftwareKey>>,
    /// The platform's public key of SM2.
    pub sm2_platform: Option<Rc<SoftwarePublicKey>>,
}

impl Keys {
    /// As the cipher takes them.
    pub fn hands(&self) -> Hands<'_> {
        Hands {
            sm4: self.sm4.as_ref(),
            sm3: self.sm3.as_ref(),
            signer: self.sm2.as_deref().map(|key| key as &dyn Signer),
            verifier: self.sm2_platform.as_deref().map(|key| key as &dyn Verifier),
        }
    }
}

/// The other side.
#[derive(Clone)]
pub struct Platform {
    /// Where.
    pub address: Address,
    /// How the region does it.
    pub profile: Profile,
    /// The institution's keys.
    pub keys: Keys,
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform").field("address", &self.address).field("profile", &self.profile.name).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let read = |text: &str| Address::read(text).map(|address| (address.host, address.path));
        let of = |host: &str, path: &str| Ok((host.to_owned(), path.to_owned()));
        assert_eq!(read("http://127.0.0.1:8080/national/"), of("127.0.0.1:8080", "/national"));
        assert_eq!(read("http://localhost"), of("localhost:80", "/national"));
        for text in ["https://a/b", "127.0.0.1:8080", "http:///x", "http://a@b/c"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
