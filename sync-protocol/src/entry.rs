//! Entries of outbox files and bundles: one sealed changeset each, readable by the server alone (section 17).
//!
//! An entry stands by itself: whoever finds it, among torn or foreign bytes too, can carry it to the server.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use crypto_box::aead::Aead;
use crypto_box::{ChaChaBox, PublicKey, SecretKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::changeset::ChangesetHash;
use crate::ids::WriterId;
use crate::limits::ENTRY_BYTES_MAX;

/// What an entry begins with.
const MAGIC: &[u8; 8] = b"\x89tilik1\n";
const CHECK_BYTES: usize = 8;
const HEAD_BYTES: usize = 16 + 8 + 32;
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const IDENTITY_CONTEXT: &str = "tilik 2026 outbox identity 1";

/// The public key that entries are encrypted to; base64 without padding in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipient(pub [u8; 32]);

/// The server's key to entries.
#[derive(Clone)]
pub struct Identity(SecretKey);

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

/// A sealed changeset as it lies in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose it is.
    pub writer: WriterId,
    /// Number of its last save.
    pub seq: u64,
    /// Its hash.
    pub hash: ChangesetHash,
    /// The body of a request that pushes it, encrypted.
    pub sealed: Vec<u8>,
}

impl Identity {
    /// Derived from the secret of the root key, so that whoever keeps that one keeps this one.
    pub fn of_root(secret: &[u8; 32]) -> Identity {
        Identity(SecretKey::from(blake3::derive_key(IDENTITY_CONTEXT, secret)))
    }

    /// The public half.
    pub fn recipient(&self) -> Recipient {
        Recipient(*self.0.public_key().as_bytes())
    }

    /// Decrypts an entry; `None` if it is not for this server or was changed.
    pub fn open(&self, entry: &Entry) -> Option<Vec<u8>> {
        let (ephemeral, bytes) = entry.sealed.split_first_chunk::<KEY_BYTES>()?;
        let shared = ChaChaBox::new(&PublicKey::from(*ephemeral), &self.0);
        let nonce = nonce(ephemeral, &self.recipient());
        let opened = shared.decrypt(&nonce.into(), bytes).ok()?;
        // The head stands in clear before it, and inside: it is what the device said.
        opened.strip_prefix(&entry.head()).map(<[u8]>::to_vec)
    }
}

impl Recipient {
    /// Encrypts the body of a request that pushes this changeset. `secret`: 32 random bytes, used once.
    pub fn seal(&self, secret: [u8; 32], of: (WriterId, u64, ChangesetHash), body: &[u8]) -> Entry {
        let mut entry = Entry { writer: of.0, seq: of.1, hash: of.2, sealed: Vec::new() };
        let secret = SecretKey::from(secret);
        let ephemeral = *secret.public_key().as_bytes();
        let shared = ChaChaBox::new(&PublicKey::from(self.0), &secret);
        let text = [entry.head().as_slice(), body].concat();
        let bytes = shared.encrypt(&nonce(&ephemeral, self).into(), &*text).expect("a bounded body is encrypted");
        entry.sealed = [ephemeral.as_slice(), &bytes].concat();
        entry
    }
}

/// What a server says of the bundle that it was brought: JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// `[writer, first, last]`: saves that are durable on the server.
    pub stored: Vec<(WriterId, u64, u64)>,
}

/// A key that is used once needs no counter: the nonce follows from the two keys.
fn nonce(ephemeral: &[u8; 32], recipient: &Recipient) -> [u8; NONCE_BYTES] {
    let hash = blake3::hash(&[ephemeral.as_slice(), &recipient.0].concat());
    *hash.as_bytes().first_chunk().expect("a hash is longer")
}

impl Entry {
    fn head(&self) -> [u8; HEAD_BYTES] {
        let mut head = [0; HEAD_BYTES];
        head[..16].copy_from_slice(&self.writer.as_u128().to_be_bytes());
        head[16..24].copy_from_slice(&self.seq.to_be_bytes());
        head[24..].copy_from_slice(&self.hash.0);
        head
    }

    /// The entry as it stands in a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = [self.head().as_slice(), &self.sealed].concat();
        let length = u32::try_from(body.len()).expect("an entry is bounded");
        let check = check(&body);
        [MAGIC.as_slice(), &length.to_be_bytes(), &check, &body].concat()
    }

    /// Every whole entry among these bytes, in order; what is torn or foreign between them is passed over.
    pub fn list(mut bytes: &[u8]) -> Vec<Entry> {
        let mut entries = Vec::new();
        while let Some(at) = bytes.windows(MAGIC.len()).position(|window| window == MAGIC) {
            match Entry::first(&bytes[at..]) {
                Some((entry, length)) => {
                    entries.push(entry);
                    bytes = &bytes[at + length..];
                }
                None => bytes = &bytes[at + MAGIC.len()..],
            }
        }
        entries
    }

    fn first(bytes: &[u8]) -> Option<(Entry, usize)> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (expected, rest) = rest.split_first_chunk::<CHECK_BYTES>()?;
        let length = u32::from_be_bytes(*length) as usize;
        if !(HEAD_BYTES..=ENTRY_BYTES_MAX).contains(&length) {
            return None;
        }
        let body = rest.get(..length).filter(|body| check(body) == *expected)?;
        let (writer, after) = body.split_first_chunk::<16>()?;
        let (seq, after) = after.split_first_chunk::<8>()?;
        let (hash, sealed) = after.split_first_chunk::<32>()?;
        let writer = WriterId::from_u128(u128::from_be_bytes(*writer));
        let (seq, hash) = (u64::from_be_bytes(*seq), ChangesetHash(*hash));
        let entry = Entry { writer, seq, hash, sealed: sealed.to_vec() };
        Some((entry, MAGIC.len() + 4 + CHECK_BYTES + length))
    }
}

fn check(body: &[u8]) -> [u8; CHECK_BYTES] {
    *blake3::hash(body).as_bytes().first_chunk().expect("a hash is longer")
}

impl Serialize for Recipient {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&BASE64.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Recipient {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        crate::changeset::bytes_of(&String::deserialize(from)?).map(Recipient).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seq: u64, body: &[u8]) -> Entry {
        let to = Identity::of_root(&[1; 32]).recipient();
        to.seal([seq as u8; 32], (WriterId::from_u128(7), seq, ChangesetHash([2; 32])), body)
    }

    #[test]
    fn only_the_server_reads_an_entry_and_only_unchanged() {
        let entry = entry(1, b"Siti");
        assert!(!entry.to_bytes().windows(4).any(|window| window == b"Siti"));
        assert_eq!(Identity::of_root(&[1; 32]).open(&entry).as_deref(), Some(b"Siti".as_slice()));
        assert_eq!(Identity::of_root(&[2; 32]).open(&entry), None);
        assert_eq!(Identity::of_root(&[1; 32]).open(&Entry { seq: 2, ..entry.clone() }), None);
        let mut changed = entry;
        *changed.sealed.last_mut().expect("has bytes") ^= 1;
        assert_eq!(Identity::of_root(&[1; 32]).open(&changed), None);
    }

    #[test]
    fn torn_and_foreign_bytes_hurt_no_other_entry() {
        let [one, two, three] = [1, 2, 3].map(|seq| entry(seq, b"body"));
        let whole = [one.to_bytes(), two.to_bytes(), three.to_bytes()].concat();
        assert_eq!(Entry::list(&whole), [one.clone(), two.clone(), three.clone()]);
        for cut in 1..two.to_bytes().len() {
            let torn = [one.to_bytes(), two.to_bytes()[..cut].to_vec(), b"foreign".to_vec(), three.to_bytes()].concat();
            assert_eq!(Entry::list(&torn), [one.clone(), three.clone()], "cut at {cut}");
            let end = [one.to_bytes(), two.to_bytes()[..cut].to_vec()].concat();
            assert_eq!(Entry::list(&end), std::slice::from_ref(&one), "cut at {cut}");
        }
        let mut flipped = whole;
        flipped[one.to_bytes().len() + 40] ^= 1;
        assert_eq!(Entry::list(&flipped), [one, three]);
    }
}
