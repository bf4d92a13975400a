//! Keys for SM2: the traits that certified hardware fills in production, and keys in software for trials and checking.

use std::fmt;

use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};

use super::Unsealed;

/// The user id that SM2 mixes in where partners agree on none.
pub const SM2_USER: &str = "1234567812345678";

/// Signs texts by SM2 with SM3.
pub trait Signer {
    /// The signature: r and s, 32 bytes each.
    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, Unsealed>;
}

/// Checks SM2 signatures.
pub trait Verifier {
    /// Whether the signature (r and s, 32 bytes each) is that of the partner over the text.
    fn verify(&self, text: &[u8], signature: &[u8]) -> bool;
}

/// A private key held in memory; for trials, not for production.
pub struct SoftwareKey(SigningKey);

/// A partner's public key.
#[derive(Debug)]
pub struct SoftwarePublicKey(VerifyingKey);

impl SoftwareKey {
    /// Reads a private key, PKCS#8 in PEM, as `openssl genpkey -algorithm SM2` writes it.
    pub fn from_pem(pem: &str, user: &str) -> Result<SoftwareKey, Unsealed> {
        let secret = sm2::SecretKey::from_pkcs8_pem(pem).map_err(|_| Unsealed::Key("SM2"))?;
        SigningKey::new(user, &secret).map(SoftwareKey).map_err(|_| Unsealed::Key("SM2"))
    }

    /// The private key that is this number, 32 bytes; none where SM2 has no such key. For made-up keys of trials.
    pub fn from_bytes(bytes: &[u8; 32], user: &str) -> Result<SoftwareKey, Unsealed> {
        SigningKey::from_slice(user, bytes).map(SoftwareKey).map_err(|_| Unsealed::Key("SM2"))
    }

    /// Its public key.
    pub fn public(&self) -> SoftwarePublicKey {
        SoftwarePublicKey(self.0.verifying_key().clone())
    }
}

impl SoftwarePublicKey {
    /// Reads a public key in PEM, as `openssl pkey -pubout` writes it.
    pub fn from_pem(pem: &str, user: &str) -> Result<SoftwarePublicKey, Unsealed> {
        let public = sm2::PublicKey::from_public_key_pem(pem).map_err(|_| Unsealed::Key("SM2"))?;
        VerifyingKey::new(user, public).map(SoftwarePublicKey).map_err(|_| Unsealed::Key("SM2"))
    }
}

impl fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SoftwareKey(…)")
    }
}

impl Signer for SoftwareKey {
    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, Unsealed> {
        let signature = self.0.try_sign(text).map_err(|error| Unsealed::Device(error.to_string()))?;
        Ok(signature.to_bytes().to_vec())
    }
}

impl Verifier for SoftwarePublicKey {
    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify(text, &signature).is_ok())
    }
}
