//! Attachments: files that a record names by their content (section 9.9). The record holds the name; the bytes travel apart.

use std::fmt;

use memchr::memmem;
use serde::{Deserialize, Serialize};

use crate::canonical::Value;
use crate::limits;

/// BLAKE3 over the exact bytes of a file; 64 hexadecimal digits in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobHash(pub [u8; 32]);

impl BlobHash {
    /// Digits of its text.
    const DIGITS: usize = 64;

    /// The hash of a file.
    pub fn of(bytes: &[u8]) -> BlobHash {
        BlobHash(*blake3::hash(bytes).as_bytes())
    }
}

impl fmt::Display for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl std::str::FromStr for BlobHash {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        let hash = blake3::Hash::from_hex(text).map_err(|_| ())?;
        if is_lower { Ok(BlobHash(*hash.as_bytes())) } else { Err(()) }
    }
}

impl Serialize for BlobHash {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BlobHash {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|()| serde::de::Error::custom("not a hash"))
    }
}

/// A register's value that names a file: what makes sense only together is one value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The file.
    pub blob: BlobHash,
    /// Its length.
    pub bytes: u64,
    /// What the answers call it.
    pub name: String,
    /// Its media type, such as `image/jpeg`.
    #[serde(rename = "type")]
    pub media: String,
}

impl Attachment {
    /// The attachment that a value names, if it names one.
    pub fn of(value: &Value) -> Option<Attachment> {
        // A look at the first bytes: almost no value is one.
        if !value.as_str().starts_with(BEGINS) {
            return None;
        }
        serde_json::from_str(value.as_str()).ok().filter(Attachment::is_bounded)
    }

    /// Its canonical text.
    ///
    /// # Panics
    ///
    /// If name or media type are longer than a value may be; [`Attachment::is_bounded`] tells.
    pub fn value(&self) -> Value {
        let json = serde_json::to_value(self).expect("texts and a number are JSON");
        Value::of(&json).expect("a bounded attachment is a short value")
    }

    /// Whether it keeps to the protocol's bounds.
    pub fn is_bounded(&self) -> bool {
        (1..=limits::BLOB_BYTES_MAX as u64).contains(&self.bytes)
            && (1..=limits::NAME_BYTES_MAX).contains(&self.name.len())
            && self.media.len() <= limits::NAME_BYTES_MAX
    }
}

/// How the canonical text of an attachment begins: its first key is the hash.
const BEGINS: &str = "{\"blob\":\"";

/// Whether a canonical text names a file; far cheaper than to look which.
pub fn is_in(text: &str) -> bool {
    memmem::find(text.as_bytes(), BEGINS.as_bytes()).is_some()
}

/// The files that a canonical text names, in a save's line as in a row: each attachment's object, wherever it stands.
///
/// Within a string the quotes would be escaped, so that nothing a person typed is taken for one.
pub fn mentions(text: &str) -> impl Iterator<Item = (BlobHash, &str)> {
    // A changeset may be megabytes, and nearly all name none.
    memmem::find_iter(text.as_bytes(), BEGINS).filter_map(|at| {
        let rest = &text[at..];
        let hash = rest.get(BEGINS.len()..BEGINS.len() + BlobHash::DIGITS)?.parse().ok()?;
        // Neither a hash, a number, a name's closing quote nor a media type holds a brace that is not in the name.
        let end = object_end(rest)?;
        Some((hash, &rest[..end]))
    })
}

/// Where the object that a text begins with ends.
fn object_end(text: &str) -> Option<usize> {
    let (mut in_string, mut escaped, mut depth) = (false, false, 0_usize);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' if !in_string => depth += 1,
            b'}' if !in_string => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo() -> Attachment {
        Attachment {
            blob: BlobHash::of(b"photo"),
            bytes: 5,
            name: "depan-{\"1\"}.jpg".to_owned(),
            media: "image/jpeg".to_owned(),
        }
    }

    #[test]
    fn an_attachment_reads_back_from_its_value() {
        let value = photo().value();
        assert!(value.as_str().starts_with(BEGINS) && value.as_str().ends_with("\"type\":\"image/jpeg\"}"));
        assert_eq!(Attachment::of(&value), Some(photo()));
        for other in ["\"photo.jpg\"", "{\"blob\":\"x\"}", "null", "{\"acc\":1}"] {
            assert_eq!(Attachment::of(&Value::new(other).expect("canonical")), None, "{other}");
        }
        let empty = Attachment { bytes: 0, ..photo() };
        assert_eq!(Attachment::of(&empty.value()), None, "a file without bytes is none");
    }

    #[test]
    fn every_attachment_of_a_line_is_found_and_nothing_that_was_typed() {
        let (one, two) = (photo().value(), Attachment { blob: BlobHash::of(b"2"), ..photo() }.value());
        let typed = Value::text(one.as_str());
        let line = format!("{{\"a\":{},\"b\":[{}],\"c\":{}}}", one.as_str(), two.as_str(), typed.as_str());
        let found: Vec<_> = mentions(&line).collect();
        assert_eq!(found, [(photo().blob, one.as_str()), (BlobHash::of(b"2"), two.as_str())]);
        for cut in 0..line.len() {
            if line.is_char_boundary(cut) {
                assert!(mentions(&line[..cut]).count() <= 2, "a text cut anywhere is read without harm");
            }
        }
        assert_eq!(mentions("{\"blob\":\"0123\"}").count(), 0);
    }
}
