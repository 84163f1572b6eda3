//! Access tokens: HS256 JWTs with two claims, so short that an idle sync stays small.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

/// Seconds for which an access token is good.
pub const ACCESS_SECONDS: u32 = 15 * 60;

/// One sign-in or enrolment that has not ended: 12 random bytes in URL-safe base64.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);

impl SessionId {
    /// The id of these random bytes.
    pub fn random(random: [u8; 12]) -> SessionId {
        SessionId(BASE64URL.encode(random))
    }

    /// An id as it stands in the store.
    pub fn stored(text: String) -> SessionId {
        SessionId(text)
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a token opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// It was good once.
    #[error("the access token has expired")]
    Expired,
    /// This server never issued it.
    #[error("the access token is not one of this server")]
    Forged,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: SessionId,
    exp: i64,
}

/// Issues and reads access tokens.
pub struct AccessKey {
    sign: EncodingKey,
    verify: DecodingKey,
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessKey(…)")
    }
}

impl AccessKey {
    /// The key made of these 32 secret random bytes.
    pub fn from_secret(secret: &[u8; 32]) -> AccessKey {
        AccessKey { sign: EncodingKey::from_secret(secret), verify: DecodingKey::from_secret(secret) }
    }

    /// A token for `session`, good for [`ACCESS_SECONDS`] from now.
    pub fn issue(&self, session: &SessionId, now_ms: i64) -> String {
        let claims = Claims { sub: session.clone(), exp: now_ms / 1_000 + i64::from(ACCESS_SECONDS) };
        let mut header = Header::new(Algorithm::HS256);
        header.typ = None;
        jsonwebtoken::encode(&header, &claims, &self.sign).expect("two claims are JSON")
    }

    /// The session that a token of this server names, and the second since 1970 at which it was issued.
    pub fn session(&self, token: &str, now_ms: i64) -> Result<(SessionId, i64), BadToken> {
        let mut rules = Validation::new(Algorithm::HS256);
        // The library would ask the system's clock; the caller's says what counts.
        rules.validate_exp = false;
        let token = jsonwebtoken::decode::<Claims>(token, &self.verify, &rules).map_err(|_| BadToken::Forged)?;
        let Claims { sub, exp } = token.claims;
        if exp <= now_ms / 1_000 { Err(BadToken::Expired) } else { Ok((sub, exp - i64::from(ACCESS_SECONDS))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    #[test]
    fn a_token_names_its_session_until_it_expires() {
        let key = AccessKey::from_secret(&[1; 32]);
        let session = SessionId::random([2; 12]);
        let token = key.issue(&session, NOW);
        assert!(token.len() <= 130, "{} bytes ride on every request", token.len());
        assert_eq!(key.session(&token, NOW + 899_000), Ok((session, NOW / 1_000)));
        assert_eq!(key.session(&token, NOW + 900_000), Err(BadToken::Expired));
    }

    #[test]
    fn a_token_of_another_key_or_without_a_signature_is_forged() {
        let key = AccessKey::from_secret(&[1; 32]);
        let other = AccessKey::from_secret(&[2; 32]).issue(&SessionId::random([2; 12]), NOW);
        let unsigned =
            format!("{}.{}.", BASE64URL.encode(r#"{"alg":"none"}"#), other.split('.').nth(1).expect("claims"));
        for token in [other.as_str(), unsigned.as_str(), "", "a.b.c", "🔑"] {
            assert_eq!(key.session(token, NOW), Err(BadToken::Forged), "{token}");
        }
    }
}
