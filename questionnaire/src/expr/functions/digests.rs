//! Digests of text, as XForms 1.1 (section 7.8.1) names them.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::base64;

/// The digest of the text's UTF-8 bytes in `hex` or `base64`; `None` where the algorithm or the encoding has another
/// name.
pub(super) fn digest(text: &str, algorithm: &str, encoding: &str) -> Option<String> {
    let bytes = match algorithm {
        "MD5" => Md5::digest(text).to_vec(),
        "SHA-1" => Sha1::digest(text).to_vec(),
        "SHA-256" => Sha256::digest(text).to_vec(),
        "SHA-384" => Sha384::digest(text).to_vec(),
        "SHA-512" => Sha512::digest(text).to_vec(),
        _ => return None,
    };
    match encoding {
        "hex" => Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        "base64" => Some(base64::encode(&bytes)),
        _ => None,
    }
}

/// The first eight bytes of the text's SHA-256, as `randomize` makes a seed of a text that is not a number.
pub(super) fn seed(text: &str) -> i64 {
    let hash = Sha256::digest(text);
    hash.iter().take(8).fold(0_i64, |seed, byte| seed << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_digests_come_out() {
        for (algorithm, encoding, expected) in [
            ("MD5", "hex", "900150983cd24fb0d6963f7d28e17f72"),
            ("MD5", "base64", "kAFQmDzST7DWlj99KOF/cg=="),
            ("SHA-1", "hex", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("SHA-256", "base64", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
        ] {
            assert_eq!(digest("abc", algorithm, encoding).unwrap(), expected);
        }
        assert_eq!(digest("abc", "SHA-384", "hex").unwrap().len(), 96);
        assert_eq!(digest("abc", "SHA-512", "hex").unwrap().len(), 128);
        assert_eq!(digest("abc", "crc32", "hex"), None);
    }
}
