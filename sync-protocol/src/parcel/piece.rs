//! What a parcel of a file holds inside: line 1, and the bytes of the piece. Its writer signs it: nobody else fills a
//! person's share of the server's disk, nor puts wrong bytes before right ones.

use serde::{Deserialize, Serialize};

use super::Label;
use crate::changeset::{SignatureBytes, Signer, WriterKey};
use crate::limits::BLOB_PART_BYTES;
use crate::session::Minted;

const DOMAIN: &[u8] = b"tilik file piece 1\n";

/// Line 1 of what is inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Control {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    minted: Vec<Minted>,
    signature: SignatureBytes,
}

/// A piece of a file, taken out of its parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Writers that the server may not know yet.
    pub minted: Vec<Minted>,
    signature: SignatureBytes,
    /// The bytes of the piece.
    pub bytes: Vec<u8>,
}

impl Carried {
    /// What is encrypted into a parcel with this label.
    pub fn body(label: &Label, signer: &Signer, minted: Vec<Minted>, bytes: &[u8]) -> Vec<u8> {
        let signature = signer.sign(&message(label, bytes));
        let line = crate::exchange::control_body(&Control { minted, signature });
        [line.as_bytes(), bytes].concat()
    }

    /// Takes the inside of a parcel apart; `None` if it is none.
    pub fn parse(body: &[u8]) -> Option<Carried> {
        let end = body.iter().position(|byte| *byte == b'\n')?;
        let Control { minted, signature } = serde_json::from_slice(&body[..end]).ok()?;
        let bytes = body[end + 1..].to_vec();
        (bytes.len() <= BLOB_PART_BYTES).then_some(Carried { minted, signature, bytes })
    }

    /// Whether the writer with this key packed these bytes under this label.
    pub fn is_from(&self, key: &WriterKey, label: &Label) -> bool {
        key.verify(&message(label, &self.bytes), &self.signature)
    }
}

fn message(label: &Label, bytes: &[u8]) -> Vec<u8> {
    [DOMAIN, &label.to_bytes(), blake3::hash(bytes).as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BlobHash, WriterId};

    #[test]
    fn a_piece_is_its_writers_under_its_own_label_only() {
        let label = |from| Label::Piece { writer: WriterId::from_u128(7), blob: BlobHash([3; 32]), bytes: 9, from };
        let (signer, other) = (Signer::from_secret(&[1; 32]), Signer::from_secret(&[2; 32]));
        let body = Carried::body(&label(4), &signer, vec![], b"bytes");
        let carried = Carried::parse(&body).expect("is one");
        assert_eq!(carried.bytes, b"bytes");
        assert!(carried.is_from(&signer.key(), &label(4)));
        assert!(!carried.is_from(&signer.key(), &label(5)) && !carried.is_from(&other.key(), &label(4)));
        let changed = Carried { bytes: b"Bytes".to_vec(), ..carried };
        assert!(!changed.is_from(&signer.key(), &label(4)));
        assert!(Carried::parse(b"{}\n").is_none() && Carried::parse(b"no line").is_none());
    }
}
