//! Passwords: argon2id with fixed costs; a check costs the same whether or not the person exists.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

/// Memory of one hash, in KiB: 19 MiB, the least that OWASP asks of argon2id with two passes.
pub const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over that memory.
pub const PASSES: u32 = 2;
/// Lanes.
pub const LANES: u32 = 1;
/// Characters that a password has at least.
pub const CHARACTERS_MIN: usize = 10;
/// Bytes that a password has at most.
pub const BYTES_MAX: usize = 256;

/// Why a new password is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// Too easy to guess.
    #[error("a password needs at least {CHARACTERS_MIN} characters")]
    Short,
    /// Longer than anybody types.
    #[error("a password has at most {BYTES_MAX} bytes")]
    Long,
}

/// Whether a new password is acceptable.
pub fn check(password: &str) -> Result<(), BadPassword> {
    if password.chars().count() < CHARACTERS_MIN {
        return Err(BadPassword::Short);
    }
    if password.len() > BYTES_MAX { Err(BadPassword::Long) } else { Ok(()) }
}

/// Hashes a new password; takes tens of milliseconds and [`MEMORY_KIB`].
pub fn hash(password: &str, salt: &[u8; 16]) -> Result<String, BadPassword> {
    check(password)?;
    let hash = hasher().hash_password_with_salt(password.as_bytes(), salt).expect("fixed costs and a salt hash");
    Ok(hash.to_string())
}

/// Whether `password` is the one that was hashed; the same work is done where there is no hash.
pub fn holds(password: &str, hash: Option<&str>) -> bool {
    if password.len() > BYTES_MAX {
        return false;
    }
    match hash {
        Some(hash) => hasher().verify_password(password.as_bytes(), hash).is_ok(),
        None => {
            let _ = hasher().hash_password_with_salt(password.as_bytes(), &[0; 16]);
            false
        }
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the costs are within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_holds() {
        let hash = hash("correct horse", &[7; 16]).expect("long enough");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(holds("correct horse", Some(&hash)));
        assert!(!holds("correct horsf", Some(&hash)));
        assert!(!holds("correct horse", None));
        assert!(!holds("correct horse", Some("no hash")));
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert_eq!(hash("ninechars", &[7; 16]), Err(BadPassword::Short));
        assert_eq!(hash(&"x".repeat(300), &[7; 16]), Err(BadPassword::Long));
    }
}
