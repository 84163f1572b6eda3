//! Parcels: what outbox files and bundles consist of, a changeset or a piece of a file each, readable by the server alone
//! (section 17). An entry of a changeset is the parcel that devices began with; see `entry`.
//!
//! A parcel stands by itself: whoever finds it, among torn or foreign bytes too, can carry it to the server.

mod piece;
mod sieve;

use crate::attachment::BlobHash;
use crate::changeset::ChangesetHash;
use crate::ids::WriterId;
use crate::limits::ENTRY_BYTES_MAX;

pub use piece::Carried;
pub use sieve::Sieve;

/// What every parcel begins with, of either kind.
const MAGIC_BYTES: usize = 8;
const CHANGESET_MAGIC: &[u8; MAGIC_BYTES] = b"\x89tilik1\n";
const PIECE_MAGIC: &[u8; MAGIC_BYTES] = b"\x89tilikf\n";
const LENGTH_BYTES: usize = 4;
const CHECK_BYTES: usize = 8;
/// Bytes before what the check is over.
const FRAME_BYTES: usize = MAGIC_BYTES + LENGTH_BYTES + CHECK_BYTES;

/// What stands on a parcel in clear: it names the parcel, whoever encrypted it and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// A sealed changeset.
    Changeset {
        /// Whose it is.
        writer: WriterId,
        /// Number of its last save.
        seq: u64,
        /// Its hash.
        hash: ChangesetHash,
    },
    /// A piece of a file.
    Piece {
        /// Who brings it.
        writer: WriterId,
        /// The file.
        blob: BlobHash,
        /// Its whole length.
        bytes: u64,
        /// Offset of the piece.
        from: u64,
    },
}

/// A parcel as it lies in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// What it is.
    pub label: Label,
    /// What only the server reads.
    pub sealed: Vec<u8>,
}

impl Label {
    const fn magic(&self) -> &'static [u8; MAGIC_BYTES] {
        match self {
            Label::Changeset { .. } => CHANGESET_MAGIC,
            Label::Piece { .. } => PIECE_MAGIC,
        }
    }

    /// The head of a parcel: 56 bytes of a changeset, 64 of a piece. Their number tells the kind.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Label::Changeset { writer, seq, hash } => {
                [writer.as_u128().to_be_bytes().as_slice(), &seq.to_be_bytes(), &hash.0].concat()
            }
            Label::Piece { writer, blob, bytes, from } => {
                let numbers = [bytes.to_be_bytes(), from.to_be_bytes()].concat();
                [writer.as_u128().to_be_bytes().as_slice(), &blob.0, &numbers].concat()
            }
        }
    }

    /// The label that these bytes are.
    pub fn from_bytes(bytes: &[u8]) -> Option<Label> {
        [CHANGESET_MAGIC, PIECE_MAGIC].into_iter().find_map(|magic| {
            let (label, rest) = Label::split(magic, bytes)?;
            rest.is_empty().then_some(label)
        })
    }

    fn split<'b>(magic: &[u8; MAGIC_BYTES], bytes: &'b [u8]) -> Option<(Label, &'b [u8])> {
        let (writer, rest) = bytes.split_first_chunk::<16>()?;
        let writer = WriterId::from_u128(u128::from_be_bytes(*writer));
        if magic == CHANGESET_MAGIC {
            let (seq, rest) = rest.split_first_chunk::<8>()?;
            let (hash, rest) = rest.split_first_chunk::<32>()?;
            let (seq, hash) = (u64::from_be_bytes(*seq), ChangesetHash(*hash));
            return Some((Label::Changeset { writer, seq, hash }, rest));
        }
        let (blob, rest) = rest.split_first_chunk::<32>()?;
        let (bytes, rest) = rest.split_first_chunk::<8>()?;
        let (from, rest) = rest.split_first_chunk::<8>()?;
        let (bytes, from) = (u64::from_be_bytes(*bytes), u64::from_be_bytes(*from));
        Some((Label::Piece { writer, blob: BlobHash(*blob), bytes, from }, rest))
    }
}

impl Parcel {
    /// The parcel as it stands in a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = [self.label.to_bytes().as_slice(), &self.sealed].concat();
        let length = u32::try_from(body.len()).expect("a parcel is bounded");
        [self.label.magic().as_slice(), &length.to_be_bytes(), &check(&body), &body].concat()
    }

    /// Every whole parcel among these bytes, in order; what is torn or foreign between them is passed over.
    pub fn list(bytes: &[u8]) -> Vec<Parcel> {
        let mut sieve = Sieve::default();
        sieve.feed(bytes);
        sieve.end();
        std::iter::from_fn(|| sieve.next_parcel()).collect()
    }
}

/// What a parcel's first bytes say of it.
enum First {
    /// It is whole, and this long.
    Whole(Parcel, usize),
    /// More bytes are needed to tell.
    Unknown,
    /// It is none. Bytes that were hashed to see it.
    None(usize),
}

/// Looks at bytes that begin with a magic.
fn first(bytes: &[u8]) -> First {
    let Some((magic, rest)) = bytes.split_first_chunk::<MAGIC_BYTES>() else { return First::Unknown };
    let Some((length, rest)) = rest.split_first_chunk::<LENGTH_BYTES>() else { return First::Unknown };
    let length = u32::from_be_bytes(*length) as usize;
    if length > ENTRY_BYTES_MAX {
        return First::None(0);
    }
    let Some((expected, rest)) = rest.split_first_chunk::<CHECK_BYTES>() else { return First::Unknown };
    let Some(body) = rest.get(..length) else { return First::Unknown };
    if check(body) != *expected {
        return First::None(length);
    }
    match Label::split(magic, body) {
        Some((label, sealed)) => First::Whole(Parcel { label, sealed: sealed.to_vec() }, FRAME_BYTES + length),
        None => First::None(length),
    }
}

fn is_magic(bytes: &[u8]) -> bool {
    bytes == CHANGESET_MAGIC || bytes == PIECE_MAGIC
}

fn check(body: &[u8]) -> [u8; CHECK_BYTES] {
    *blake3::hash(body).as_bytes().first_chunk().expect("a hash is longer")
}
