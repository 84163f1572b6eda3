//! Entries of sealed changesets in outbox files and bundles, and the keys that parcels of any kind are encrypted with
//! (section 17).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use crypto_box::aead::Aead;
use crypto_box::{ChaChaBox, PublicKey, SecretKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::changeset::ChangesetHash;
use crate::ids::WriterId;
use crate::parcel::{Label, Parcel};

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
        self.open_parcel(&entry.clone().into())
    }

    /// Decrypts a parcel; `None` if it is not for this server or was changed.
    pub fn open_parcel(&self, parcel: &Parcel) -> Option<Vec<u8>> {
        let (ephemeral, bytes) = parcel.sealed.split_first_chunk::<KEY_BYTES>()?;
        let shared = ChaChaBox::new(&PublicKey::from(*ephemeral), &self.0);
        let nonce = nonce(ephemeral, &self.recipient());
        let opened = shared.decrypt(&nonce.into(), bytes).ok()?;
        // The label stands in clear before it, and inside: it is what the device said.
        opened.strip_prefix(parcel.label.to_bytes().as_slice()).map(<[u8]>::to_vec)
    }
}

impl Recipient {
    /// Encrypts the body of a request that pushes this changeset. `secret`: 32 random bytes, used once.
    pub fn seal(&self, secret: [u8; 32], of: (WriterId, u64, ChangesetHash), body: &[u8]) -> Entry {
        let (writer, seq, hash) = of;
        let sealed = self.seal_parcel(secret, Label::Changeset { writer, seq, hash }, body).sealed;
        Entry { writer, seq, hash, sealed }
    }

    /// Encrypts what a parcel with this label holds. `secret`: 32 random bytes, used once.
    pub fn seal_parcel(&self, secret: [u8; 32], label: Label, body: &[u8]) -> Parcel {
        let secret = SecretKey::from(secret);
        let ephemeral = *secret.public_key().as_bytes();
        let shared = ChaChaBox::new(&PublicKey::from(self.0), &secret);
        let text = [label.to_bytes().as_slice(), body].concat();
        let bytes = shared.encrypt(&nonce(&ephemeral, self).into(), &*text).expect("a bounded body is encrypted");
        Parcel { label, sealed: [ephemeral.as_slice(), &bytes].concat() }
    }
}

/// A key that is used once needs no counter: the nonce follows from the two keys.
fn nonce(ephemeral: &[u8; 32], recipient: &Recipient) -> [u8; NONCE_BYTES] {
    let hash = blake3::hash(&[ephemeral.as_slice(), &recipient.0].concat());
    *hash.as_bytes().first_chunk().expect("a hash is longer")
}

impl Entry {
    /// The entry as it stands in a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        Parcel::from(self.clone()).to_bytes()
    }

    /// Every whole entry of a changeset among these bytes, in order; what is torn or foreign between them is passed over.
    pub fn list(bytes: &[u8]) -> Vec<Entry> {
        Parcel::list(bytes).into_iter().filter_map(Entry::of).collect()
    }

    fn of(parcel: Parcel) -> Option<Entry> {
        let Label::Changeset { writer, seq, hash } = parcel.label else { return None };
        Some(Entry { writer, seq, hash, sealed: parcel.sealed })
    }
}

impl From<Entry> for Parcel {
    fn from(entry: Entry) -> Parcel {
        let Entry { writer, seq, hash, sealed } = entry;
        Parcel { label: Label::Changeset { writer, seq, hash }, sealed }
    }
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
