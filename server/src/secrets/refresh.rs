//! Refresh tokens: random, kept only as hashes, each good once.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

/// A refresh token in clear: shown to its owner, never stored.
pub struct RefreshToken(String);

impl RefreshToken {
    /// The token of these random bytes.
    pub fn random(random: [u8; 24]) -> RefreshToken {
        RefreshToken(BASE64URL.encode(random))
    }

    /// What the store keeps of it.
    pub fn hash(&self) -> String {
        hash_of(&self.0)
    }

    /// The token, for its owner.
    pub fn reveal(self) -> String {
        self.0
    }
}

/// The hash under which a presented token is looked up.
pub fn hash_of(token: &str) -> String {
    blake3::hash(token.as_bytes()).to_hex().to_string()
}
