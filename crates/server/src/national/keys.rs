//! Accounts at the gateway: keys of institutions whose secrets the books keep sealed, because signatures are checked with them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use books::users::api_key;
use wire::Secret;
use wire::cipher::{SM2_USER, SoftwarePublicKey};

use super::fault::Fault;
use crate::bridge::Bridge;

/// For how long what the books say of an account is taken as said: one that is taken back is refused after that.
const REMEMBERED: Duration = Duration::from_secs(2);
/// How many accounts, known and unknown, are remembered at most.
const MOST: usize = 10_000;

/// An account.
pub(crate) struct Account {
    /// Its name, the id of the key.
    pub id: String,
    /// The institution.
    pub provider: String,
    /// Word of the role.
    pub role: String,
    /// The shared secret.
    pub secret: Secret,
    /// Key of SM4.
    pub sm4: Secret,
    /// The institution's public key of SM2.
    pub public: Option<SoftwarePublicKey>,
}

type Known = Option<Arc<Account>>;

/// The accounts that were asked for lately.
#[derive(Default)]
pub(crate) struct Accounts(Mutex<BTreeMap<String, (Instant, Known)>>);

impl Accounts {
    /// What is known of a name: nothing, that there is no such account, or the account.
    pub fn known(&self, name: &str) -> Option<Known> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(name).filter(|(since, _)| since.elapsed() < REMEMBERED).map(|(_, known)| known.clone())
    }

    /// Asks the books for an account.
    pub async fn load(&self, bridge: &Arc<Bridge>, name: &str) -> Result<Known, Fault> {
        let id = name.to_owned();
        let found = bridge.look(move |desk, books| {
            let Some(key) = api_key(desk, books, &id)? else { return Ok(None) };
            let Some(sealed) = &key.sealed else { return Ok(None) };
            let secret = books::people::open(desk, books::users::SECRET, sealed)?;
            Ok(Some((key.provider, key.role, secret, key.public_key)))
        });
        let found = found.await?.map(|(provider, role, secret, public)| {
            let public = public.and_then(|pem| SoftwarePublicKey::from_pem(&pem, SM2_USER).ok());
            let secret = Secret::new(secret);
            Arc::new(Account { id: name.to_owned(), provider, role, sm4: secret.sm4_key(), secret, public })
        });
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, (since, _)| since.elapsed() < REMEMBERED);
        }
        if known.len() < MOST {
            known.insert(name.to_owned(), (Instant::now(), found.clone()));
        }
        Ok(found)
    }
}
