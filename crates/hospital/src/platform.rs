//! Where the interface is, and how a region wants to be spoken to: gateway, cipher, keys.

use std::fmt;
use std::rc::Rc;

use rustls_pki_types::ServerName;
use wire::cipher::{Encryption, Hands, SM2_USER, Signature, Signer, SoftwareKey, SoftwarePublicKey, Verifier};
use wire::gateway::Account;
use wire::profile::GatewayKind;
use wire::{Profile, Secret};

use crate::Trouble;
use crate::trust::Trust;

/// An address of the interface: `http://host:port/path` or `https://host:port/path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Host and port, to connect to.
    pub host: String,
    /// Path, to post to.
    pub path: String,
    /// The name that the certificate must be good for; none where the line is not secured.
    pub name: Option<ServerName<'static>>,
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// When it is not one of HTTP or HTTPS.
    pub fn read(text: &str) -> Result<Address, Trouble> {
        let trouble = || {
            Trouble::new(
                format!("地址“{text}”用不了 (address)"),
                "写 http://主机:端口/national 或 https://主机:端口/national",
            )
        };
        let plain = text.strip_prefix("http://").map(|rest| (rest, false, 80));
        let secured = || text.strip_prefix("https://").map(|rest| (rest, true, 443));
        let (rest, secure, port) = plain.or_else(secured).ok_or_else(trouble)?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, "national"));
        if host.is_empty() || host.contains('@') {
            return Err(trouble());
        }
        let (alone, host) = match host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()) {
            Some((alone, _)) => (alone, host.to_owned()),
            None => (host, format!("{host}:{port}")),
        };
        let alone = alone.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = if secure { Some(ServerName::try_from(alone).map_err(|_| trouble())?) } else { None };
        Ok(Address { host, path: format!("/{}", path.trim_end_matches('/')), name })
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
    /// With an account at the gateway: its secret signs, and seals where the region asks for it.
    #[must_use]
    pub fn account(self, name: &str, secret: &str) -> Keys {
        let secret = Secret::new(secret.trim().as_bytes());
        Keys {
            sm4: Some(secret.sm4_key()),
            sm3: Some(secret.clone()),
            account: Some(Account { name: name.to_owned(), secret }),
            ..self
        }
    }

    /// With the institution's own key of SM2 (PKCS#8 PEM), and the platform's public key (PEM).
    ///
    /// # Errors
    /// When a text is no such key.
    pub fn sm2(self, own: &str, platform: &str) -> Result<Keys, Trouble> {
        let unread = |which: &str, cure: &str| Trouble::new(format!("读不懂 SM2 {which}"), cure);
        let own = SoftwareKey::from_pem(own, SM2_USER)
            .map_err(|_| unread("私钥 (--sm2-key)", "写 PKCS#8 PEM，如 openssl genpkey -algorithm SM2 所得"))?;
        let platform = SoftwarePublicKey::from_pem(platform, SM2_USER)
            .map_err(|_| unread("平台公钥 (--platform-key)", "写 PEM，如 openssl pkey -pubout 所得"))?;
        Ok(Keys { sm2: Some(Rc::new(own)), sm2_platform: Some(Rc::new(platform)), ..self })
    }

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
    /// Whose certificates are taken as good, where the line is secured.
    pub trust: Option<Trust>,
}

impl Platform {
    /// Whether the institution holds all that the region asks of it.
    pub(crate) fn check(&self) -> Result<(), Trouble> {
        let asks = |what: &str| format!("接口配置“{}”要{what}", self.profile.name);
        let sealed = self.profile.cipher.encryption != Encryption::Plain;
        let signed = self.profile.cipher.signature;
        if (self.profile.gateway != GatewayKind::Open || sealed || signed == Signature::Sm3)
            && self.keys.account.is_none()
        {
            let cure =
                "经办机构发放账号（tongchou key issue --gateway）后，用 --account 写账号，--secret 写存放密钥的文件";
            return Err(Trouble::new(asks("接入账号 (account)"), cure));
        }
        if signed == Signature::Sm2 && (self.keys.sm2.is_none() || self.keys.sm2_platform.is_none()) {
            let cure = "用 --sm2-key 写本机构私钥的文件，--platform-key 写平台公钥的文件";
            return Err(Trouble::new(asks(" SM2 签名 (SM2 keys)"), cure));
        }
        Ok(())
    }
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
        let read = |text: &str| {
            let read = Address::read(text).ok();
            read.map(|address| (address.host, address.path, address.name.map(|name| name.to_str().into_owned())))
        };
        let of = |host: &str, path: &str, name: Option<&str>| {
            Some((host.to_owned(), path.to_owned(), name.map(str::to_owned)))
        };
        assert_eq!(read("http://127.0.0.1:8080/national/"), of("127.0.0.1:8080", "/national", None));
        assert_eq!(read("http://localhost"), of("localhost:80", "/national", None));
        assert_eq!(read("https://a.cn/b"), of("a.cn:443", "/b", Some("a.cn")));
        assert_eq!(read("https://[::1]:8443/b"), of("[::1]:8443", "/b", Some("::1")));
        for text in ["ftp://a/b", "127.0.0.1:8080", "http:///x", "http://a@b/c", "https://a b/c"] {
            assert!(Address::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_a_region_asks_and_the_institution_lacks_is_told() {
        let lacks = |profile: &str, keys: Keys| {
            let profile = Profile::named(profile).unwrap().unwrap();
            let address = Address::read("http://localhost").unwrap();
            Platform { address, profile, keys, trust: None }.check().err().map(|trouble| trouble.cure)
        };
        let account = || Keys::default().account("his", "s");
        assert_eq!(lacks("default", Keys::default()), None);
        assert_eq!(lacks("chongqing", account()), None);
        for (profile, keys, option) in [
            ("chongqing", Keys::default(), "--account"),
            ("example-ladder", Keys::default(), "--account"),
            ("example-gross", account(), "--sm2-key"),
        ] {
            assert!(lacks(profile, keys).unwrap().contains(option), "{profile}");
        }
        assert!(account().sm2("no key", "no key").unwrap_err().message.contains("--sm2-key"));
    }
}
