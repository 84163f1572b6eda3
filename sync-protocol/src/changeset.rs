//! Changesets: sealed, chained and signed ranges of one writer's saves (section 5).
//!
//! ```text
//! link 0      = hash of the writer's previous changeset (32 zero bytes before the first)
//! link i      = BLAKE3(link i-1 ‖ save hash i)          save hash = BLAKE3(save line)
//! message     = "tilik changeset 1\n" ‖ link k ‖ header line
//! signature   = Ed25519(writer's key, message)
//! hash        = BLAKE3(message)                         tag of save i = first 4 bytes of link i
//! ```
//!
//! Everything but the signature can be computed by both ends, so only the signature travels beside the lines.
//! A save that the law asked to erase travels as `!` and the 64 hex digits of its hash; the chain still verifies.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::clock::Clock;
use crate::ids::{Seen, Tag, UserId, WriterId};
use crate::limits;
use crate::verdict::Code;

const DOMAIN: &[u8] = b"tilik changeset 1\n";

/// The hash of a changeset: with writer and number, its identity.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChangesetHash(pub [u8; 32]);

impl ChangesetHash {
    /// What stands before a writer's first changeset.
    pub const NONE: ChangesetHash = ChangesetHash([0; 32]);
}

impl fmt::Display for ChangesetHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(self.0))
    }
}

impl fmt::Debug for ChangesetHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChangesetHash({self})")
    }
}

/// A text that is not base64 of the length asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not {0} bytes in base64 without padding")]
pub struct NotBytes(usize);

/// Reads exactly `N` bytes from base64 without padding.
pub fn bytes_of<const N: usize>(text: &str) -> Result<[u8; N], NotBytes> {
    BASE64.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(NotBytes(N))
}

/// Base64 without padding.
pub fn text_of(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

impl FromStr for ChangesetHash {
    type Err = NotBytes;

    fn from_str(text: &str) -> Result<Self, NotBytes> {
        bytes_of(text).map(ChangesetHash)
    }
}

impl Serialize for ChangesetHash {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ChangesetHash {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Who sealed what and when. Its canonical JSON is the changeset's first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    // Fields stand in the order of their names: serde writes them in this order, and canonical JSON asks for it.
    /// The person who pressed save.
    pub author: UserId,
    /// The writer's hybrid clock at sealing.
    pub clock: Clock,
    /// Versions of the forms that the saves were made with, `name@version`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<String>,
    /// The changeset that this one says again under a new writer, save for save; absent for what was never said before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Version of the changeset format.
    pub protocol: u32,
    /// Number of the last save.
    pub seq: u64,
    /// The writer.
    pub writer: WriterId,
}

/// A changeset by its identity: writer, number of its last save, hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Origin(pub WriterId, pub u64, pub ChangesetHash);

impl Header {
    /// The header's canonical line.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("a header is JSON")
    }

    /// Reads a verified header line of `saves` saves by `writer`.
    pub fn parse(line: &str, writer: WriterId, saves: usize) -> Result<Header, Code> {
        if line.len() > limits::HEADER_BYTES_MAX {
            return Err(Code::BadHeader);
        }
        crate::canonical::check(line).map_err(|_| Code::BadHeader)?;
        let header: Header = serde_json::from_str(line).map_err(|_| Code::BadHeader)?;
        let known = header.protocol >= 1 && header.protocol <= crate::version::CURRENT;
        let numbered = header.seq >= saves as u64 && header.seq <= limits::INTEGER_MAX as u64;
        if !known || !numbered || header.writer != writer || header.forms.len() > limits::FORMS_MAX {
            return Err(Code::BadHeader);
        }
        Ok(header)
    }

    /// Number of the first of `saves` saves.
    pub fn first(&self, saves: usize) -> u64 {
        self.seq + 1 - saves as u64
    }
}

/// A changeset's place in its writer's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// Tag of each save, in order.
    pub tags: Vec<Tag>,
    /// Hash of the changeset.
    pub hash: ChangesetHash,
    message: Vec<u8>,
}

impl Links {
    /// Computes the chain over exact bytes; the only refusal is an erased save's line that holds no hash.
    pub fn over(previous: ChangesetHash, header: &str, saves: &[&str]) -> Result<Links, Code> {
        let mut link = previous.0;
        let mut tags = Vec::with_capacity(saves.len());
        for save in saves {
            let mut hasher = blake3::Hasher::new();
            hasher.update(&link).update(&save_hash(save)?);
            link = *hasher.finalize().as_bytes();
            tags.push(Tag(u32::from_be_bytes([link[0], link[1], link[2], link[3]])));
        }
        let mut message = Vec::with_capacity(DOMAIN.len() + link.len() + header.len());
        message.extend_from_slice(DOMAIN);
        message.extend_from_slice(&link);
        message.extend_from_slice(header.as_bytes());
        let hash = ChangesetHash(*blake3::hash(&message).as_bytes());
        Ok(Links { tags, hash, message })
    }

    /// Checks the signature over the exact bytes.
    pub fn verify(&self, key: &WriterKey, signature: &SignatureBytes) -> Result<(), Code> {
        let signature = Signature::from_bytes(&signature.0);
        key.0.verify_strict(&self.message, &signature).map_err(|_| Code::BadSignature)
    }

    /// What the last save is seen as.
    pub fn last_seen(&self, seq: u64) -> Seen {
        Seen { save: seq, tag: *self.tags.last().expect("a changeset has a save") }
    }
}

/// The mark of an erased save's line.
pub const ERASED: char = '!';

fn save_hash(line: &str) -> Result<[u8; 32], Code> {
    let Some(hex) = line.strip_prefix(ERASED) else {
        return Ok(*blake3::hash(line.as_bytes()).as_bytes());
    };
    let hash = blake3::Hash::from_hex(hex).map_err(|_| Code::Malformed)?;
    Ok(*hash.as_bytes())
}

/// The line that stands in for an erased save.
pub fn erased_line(save: &str) -> String {
    format!("{ERASED}{}", blake3::hash(save.as_bytes()).to_hex())
}

/// An Ed25519 signature; base64 without padding in JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SignatureBytes(pub [u8; 64]);

impl fmt::Debug for SignatureBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(…)")
    }
}

impl Serialize for SignatureBytes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&text_of(&self.0))
    }
}

impl<'de> Deserialize<'de> for SignatureBytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        bytes_of(&text).map(SignatureBytes).map_err(serde::de::Error::custom)
    }
}

/// A writer's public key; base64 without padding in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriterKey(VerifyingKey);

impl WriterKey {
    /// The key's 32 bytes.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Accepts 32 bytes that are a point of the curve and not of small order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<WriterKey> {
        VerifyingKey::from_bytes(bytes).ok().filter(|key| !key.is_weak()).map(WriterKey)
    }

    /// Checks a signature over any message.
    pub fn verify(&self, message: &[u8], signature: &SignatureBytes) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(&signature.0)).is_ok()
    }
}

impl Serialize for WriterKey {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&text_of(&self.to_bytes()))
    }
}

impl<'de> Deserialize<'de> for WriterKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let bytes = bytes_of(&String::deserialize(from)?).map_err(serde::de::Error::custom)?;
        WriterKey::from_bytes(&bytes).ok_or_else(|| serde::de::Error::custom("not an Ed25519 public key"))
    }
}

/// A writer's secret key.
#[derive(Clone)]
pub struct Signer(SigningKey);

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(…)")
    }
}

impl Signer {
    /// The key made of these 32 secret random bytes.
    pub fn from_secret(secret: &[u8; 32]) -> Signer {
        Signer(SigningKey::from_bytes(secret))
    }

    /// The public half.
    pub fn key(&self) -> WriterKey {
        WriterKey(self.0.verifying_key())
    }

    /// Signs any message.
    pub fn sign(&self, message: &[u8]) -> SignatureBytes {
        SignatureBytes(self.0.sign(message).to_bytes())
    }

    /// Seals save lines into a changeset that follows `previous`.
    pub fn seal(&self, previous: ChangesetHash, header: &Header, saves: Vec<String>) -> Sealed {
        let line = header.to_line();
        let lines: Vec<&str> = saves.iter().map(String::as_str).collect();
        let links = Links::over(previous, &line, &lines).expect("fresh saves are not erased lines");
        let signature = self.sign(&links.message);
        Sealed { header: line, saves, signature, links }
    }
}

/// A changeset as its author keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Canonical header line.
    pub header: String,
    /// One canonical line per save.
    pub saves: Vec<String>,
    /// Over the chain and the header.
    pub signature: SignatureBytes,
    /// Its place in the chain.
    pub links: Links,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(seq: u64) -> Header {
        Header {
            author: UserId::from_u128(5),
            clock: Clock(1_700_000_000_000),
            forms: vec![],
            origin: None,
            protocol: 1,
            seq,
            writer: WriterId::from_u128(7),
        }
    }

    fn sealed() -> (Signer, Sealed) {
        let signer = Signer::from_secret(&[3; 32]);
        let saves = vec![r#"[{"a":1}]"#.to_owned(), r#"[{"a":2}]"#.to_owned()];
        let sealed = signer.seal(ChangesetHash::NONE, &header(2), saves);
        (signer, sealed)
    }

    fn check(key: &WriterKey, previous: ChangesetHash, header: &str, saves: &[&str], s: &SignatureBytes) -> bool {
        Links::over(previous, header, saves).is_ok_and(|links| links.verify(key, s).is_ok())
    }

    #[test]
    fn any_changed_byte_breaks_the_signature() {
        let (signer, sealed) = sealed();
        let key = signer.key();
        let saves: Vec<&str> = sealed.saves.iter().map(String::as_str).collect();
        let other = Signer::from_secret(&[4; 32]).key();
        let tampered = sealed.header.replace("\"seq\":2", "\"seq\":3");
        let swapped = [saves[1], saves[0]];
        let none = ChangesetHash::NONE;
        assert!(check(&key, none, &sealed.header, &saves, &sealed.signature));
        assert!(!check(&other, none, &sealed.header, &saves, &sealed.signature));
        assert!(!check(&key, ChangesetHash([1; 32]), &sealed.header, &saves, &sealed.signature));
        assert!(!check(&key, none, &tampered, &saves, &sealed.signature));
        assert!(!check(&key, none, &sealed.header, &swapped, &sealed.signature));
        assert!(!check(&key, none, &sealed.header, &saves[..1], &sealed.signature));
    }

    #[test]
    fn an_erased_save_still_verifies() {
        let (signer, sealed) = sealed();
        let erased = erased_line(&sealed.saves[0]);
        let saves = [erased.as_str(), sealed.saves[1].as_str()];
        assert!(check(&signer.key(), ChangesetHash::NONE, &sealed.header, &saves, &sealed.signature));
        assert_eq!(Links::over(ChangesetHash::NONE, &sealed.header, &["!zz"]), Err(Code::Malformed));
    }

    #[test]
    fn tags_commit_to_the_whole_history() {
        let (signer, first) = sealed();
        let next = |previous| signer.seal(previous, &header(3), vec!["[3]".to_owned()]).links.tags[0];
        assert_ne!(next(first.links.hash), next(ChangesetHash([9; 32])));
    }

    #[test]
    fn a_header_that_contradicts_its_changeset_is_refused() {
        let writer = WriterId::from_u128(7);
        let line = header(2).to_line();
        assert_eq!(Header::parse(&line, writer, 2), Ok(header(2)));
        assert_eq!(header(2).first(2), 1);
        assert_eq!(Header::parse(&line, WriterId::from_u128(8), 2), Err(Code::BadHeader));
        assert_eq!(Header::parse(&line, writer, 3), Err(Code::BadHeader));
        assert_eq!(Header::parse(&line.replace("\"protocol\":1", "\"protocol\":9"), writer, 2), Err(Code::BadHeader));
        assert_eq!(Header::parse("{}", writer, 1), Err(Code::BadHeader));
        let form = "f".repeat(limits::HEADER_BYTES_MAX);
        let long = Header { forms: vec![form], ..header(2) }.to_line();
        assert_eq!(Header::parse(&long, writer, 2), Err(Code::BadHeader));
    }
}
