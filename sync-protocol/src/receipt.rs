//! What a server says of a bundle that it was brought. Signed, for it comes back through anybody's hands (section 17).

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::attachment::BlobHash;
use crate::blobs::Standing;
use crate::changeset::{ChangesetHash, SignatureBytes, Signer, WriterKey};
use crate::ids::WriterId;

const DOMAIN: &str = "tilik receipt 1";

/// A receipt: JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// When it was given, milliseconds since 1970.
    pub at: i64,
    /// `[writer, seq, hash]`: changesets of the bundle that are durable on the server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changesets: Vec<(WriterId, u64, ChangesetHash)>,
    /// How each file of the bundle stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<(BlobHash, Standing)>,
    /// By the server's root key, which devices pinned when they were enrolled.
    pub signature: SignatureBytes,
    /// `[writer, first, last]`: saves that are durable, for devices that know of no more. Not signed, and read by no other.
    pub stored: Vec<(WriterId, u64, u64)>,
}

impl Receipt {
    /// Gives a receipt.
    pub fn issue(
        root: &Signer,
        at: i64,
        changesets: Vec<(WriterId, u64, ChangesetHash)>,
        files: Vec<(BlobHash, Standing)>,
        stored: Vec<(WriterId, u64, u64)>,
    ) -> Receipt {
        let signature = root.sign(message(at, &changesets, &files).as_bytes());
        Receipt { at, changesets, files, signature, stored }
    }

    /// Whether the holder of `root` gave it.
    pub fn is_from(&self, root: &WriterKey) -> bool {
        root.verify(message(self.at, &self.changesets, &self.files).as_bytes(), &self.signature)
    }
}

fn message(at: i64, changesets: &[(WriterId, u64, ChangesetHash)], files: &[(BlobHash, Standing)]) -> String {
    let mut text = format!("{DOMAIN}\n{at}\n");
    let infallible = "a String takes all that is written to it";
    for (writer, seq, hash) in changesets {
        writeln!(text, "changeset {writer} {seq} {}", crate::changeset::text_of(&hash.0)).expect(infallible);
    }
    for (blob, standing) in files {
        let standing = serde_json::to_string(standing).expect("a standing is JSON");
        writeln!(text, "file {blob} {standing}").expect(infallible);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_that_was_changed_is_nobodys() {
        let (root, other) = (Signer::from_secret(&[1; 32]), Signer::from_secret(&[2; 32]));
        let changeset = (WriterId::from_u128(7), 3, ChangesetHash([4; 32]));
        let file = (BlobHash([5; 32]), Standing::Wanted(9));
        let receipt = Receipt::issue(&root, 1, vec![changeset], vec![file], vec![]);
        let text = serde_json::to_string(&receipt).expect("JSON");
        let read: Receipt = serde_json::from_str(&text).expect("reads");
        assert!(read == receipt && read.is_from(&root.key()) && !read.is_from(&other.key()));
        let forged: [fn(&mut Receipt); 5] = [
            |receipt| receipt.at += 1,
            |receipt| receipt.changesets[0].1 += 1,
            |receipt| receipt.changesets.clear(),
            |receipt| receipt.files[0].1 = Standing::Here,
            |receipt| receipt.files.push((BlobHash([6; 32]), Standing::Here)),
        ];
        for forge in forged {
            let mut receipt = receipt.clone();
            forge(&mut receipt);
            assert!(!receipt.is_from(&root.key()), "{receipt:?}");
        }
        assert!(serde_json::from_str::<Receipt>(r#"{"stored":[]}"#).is_err(), "one that nobody signed is none");
    }
}
