//! What must not be seen: a shared secret or key that no log prints.

use std::fmt;

/// A shared secret; printing it for debugging shows only that there is one.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The secret of these bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Secret {
        Secret(bytes.into())
    }

    /// The key of SM4 that partners derive from it: the first 16 bytes of its SM3. An assumption of this program's, as the
    /// mode of SM4 is.
    pub fn sm4_key(&self) -> Secret {
        use sm3::{Digest as _, Sm3};
        Secret(Sm3::digest(&self.0).iter().take(16).copied().collect())
    }

    /// Its bytes, for a computation.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn the_key_of_sm4_is_the_beginning_of_the_sm3() {
        // The published example of SM3: "abc" gives 66c7f0f4 62eeedd9 d1f2d46b dc10e4e2 …
        let key = Secret::new("abc").sm4_key();
        assert_eq!(key.bytes()[..4], [0x66, 0xc7, 0xf0, 0xf4]);
        assert_eq!(key.bytes().len(), 16);
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
    }
}
