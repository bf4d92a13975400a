//! Secrets, at the edge: passwords become argon2id hashes, tokens and keys become SHA-256 hashes. Nothing below sees the secret.

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Argon2, PasswordHash};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use books::Refusal;
use service::Trouble;
use sha2::{Digest as _, Sha256};

/// Letters of a password at least.
const SHORTEST: usize = 10;
/// Bytes of a password at most.
const LONGEST: usize = 256;

/// A hash of no password, with the parameters of new ones.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IG5vYm9keQ$rVdzMmBz0W3q0n1J0Jm3kq0p2wq4eFf1x2y3z4A5B6c";

/// The argon2id hash of a new password, with the parameters that OWASP names first (19 MiB, two passes).
///
/// # Errors
/// When the password is too short or too long, or the system gives no random bytes.
pub fn password(text: &str) -> Result<String, Refusal> {
    let letters = text.chars().count();
    if letters < SHORTEST || text.len() > LONGEST {
        return Err(Refusal::new("weak-password", "密码太短或太长", format!("用 {SHORTEST} 个字以上的密码")));
    }
    let failed = |_| Refusal::new("no-random", "系统不给随机数", "稍后重试");
    Argon2::default().hash_password(text.as_bytes()).map(|hash| hash.to_string()).map_err(failed)
}

/// Whether a password is that of a hash. Without a hash it takes as long, and is wrong.
pub fn is_password(text: &str, hash: Option<&str>) -> bool {
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else { return false };
    let right = Argon2::default().verify_password(text.as_bytes(), &parsed).is_ok();
    right && hash.is_some()
}

/// Letters of a secret.
pub(super) const LETTERS: usize = 43;

/// A new secret: 256 random bits as 43 letters.
///
/// # Errors
/// When the system gives no random bytes.
pub fn secret() -> Result<String, Trouble> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Trouble::new("no-random", format!("系统不给随机数：{error}"), "稍后重试"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The hash of a secret, in hex. A secret of 256 random bits needs no slow hash.
pub fn hash(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_no_other() {
        let kept = password("正确的马电池订书钉密码").unwrap();
        assert!(kept.starts_with("$argon2id$"));
        assert!(is_password("正确的马电池订书钉密码", Some(&kept)));
        assert!(!is_password("正确的马电池订书钉", Some(&kept)));
        assert!(!is_password("正确的马电池订书钉密码", None));
        assert_eq!(password("short").unwrap_err().code, "weak-password");
        assert_ne!(password("0123456789").unwrap(), password("0123456789").unwrap(), "salted");
    }

    #[test]
    fn nobody_takes_as_long_as_somebody() {
        let cost = |hash: &str| PasswordHash::new(hash).map(|hash| hash.params.to_string()).unwrap();
        assert_eq!(cost(NOBODY), cost(&password("0123456789").unwrap()));
    }
}
