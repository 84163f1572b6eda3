//! How the bytes of attachments travel: one message that asks, packs small files, sends parts of large ones and brings
//! receipts (section 9.9).
//!
//! A request is line 1, the control object, and after its line end the announced bytes of each piece one behind the other.
//! What arrived of a request that was cut counts: the next one asks, and goes on from there.

use serde::{Deserialize, Serialize};

use crate::attachment::BlobHash;
use crate::exchange::BadBody;
use crate::ids::WriterId;
use crate::limits;

/// Line 1 of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The files spoken of, each once.
    pub blobs: Vec<Piece>,
    /// Files that own records name and that the device has lost: nobody need wait for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<BlobHash>,
    /// A writer that is enrolled for whoever asks.
    pub writer: WriterId,
}

/// A file, and the part of it that the request brings. On the wire `[hash, bytes, from, len]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The file.
    pub blob: BlobHash,
    /// Its whole length.
    pub bytes: u64,
    /// Offset of the first byte that is brought.
    pub from: u64,
    /// How many are brought; 0 only asks.
    pub len: u64,
}

impl Piece {
    /// Asks how a file stands.
    pub fn ask(blob: BlobHash, bytes: u64) -> Piece {
        Piece { blob, bytes, from: 0, len: 0 }
    }
}

impl Serialize for Piece {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (self.blob, self.bytes, self.from, self.len).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Piece {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (blob, bytes, from, len) = Deserialize::deserialize(from)?;
        Ok(Piece { blob, bytes, from, len })
    }
}

/// The answer: how every file that the request spoke of stands now, in its order. `here` is a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// Each file with its standing.
    pub blobs: Vec<(BlobHash, Standing)>,
}

/// How a file stands at the server. On the wire `"here"`, `"backed_up"`, `{"wanted": from}` or `{"refused": code}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is stored durably and its hash is right.
    Here,
    /// Every backup that is kept for a restore holds it: the device may forget it.
    BackedUp,
    /// It goes on from this offset.
    Wanted(u64),
    /// It is not taken.
    Refused(BlobCode),
}

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlobCode {
    /// It is larger than a file may be, or has no bytes at all.
    TooLarge,
    /// The person has sent as much as the office allows.
    Quota,
}

impl BlobCode {
    /// The code's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Quota => "quota",
        }
    }
}

impl Delivery {
    /// Line 1, ready for the bytes.
    pub fn to_line(&self) -> Vec<u8> {
        crate::exchange::control_body(self).into_bytes()
    }

    /// Takes a body apart that may have been cut: of each piece the bytes that came. A body without a whole line 1 is none.
    pub fn parse(body: &[u8]) -> Result<(Delivery, Vec<&[u8]>), BadBody> {
        let end = body.iter().position(|byte| *byte == b'\n').ok_or(BadBody::Lines { announced: 1, found: 0 })?;
        let delivery: Delivery = serde_json::from_slice(&body[..end])
            .map_err(|e| BadBody::Control(format!("column {}, {:?}", e.column(), e.classify())))?;
        delivery.check()?;
        let mut rest = &body[end + 1..];
        let mut came = Vec::with_capacity(delivery.blobs.len());
        for piece in &delivery.blobs {
            let (bytes, behind) = rest.split_at(rest.len().min(piece.len as usize));
            came.push(bytes);
            rest = behind;
        }
        if rest.is_empty() {
            Ok((delivery, came))
        } else {
            Err(BadBody::TooMuch { what: "bytes", max: body.len() - rest.len() })
        }
    }

    fn check(&self) -> Result<(), BadBody> {
        let many = self.blobs.len().max(self.lost.len());
        if many > limits::BLOBS_MAX {
            return Err(BadBody::TooMuch { what: "files", max: limits::BLOBS_MAX });
        }
        let announced = self.blobs.iter().try_fold(0_u64, |sum, piece| sum.checked_add(piece.len));
        if announced.is_none_or(|bytes| bytes > limits::BLOB_PART_BYTES as u64) {
            return Err(BadBody::TooMuch { what: "bytes of files", max: limits::BLOB_PART_BYTES });
        }
        let mut hashes: Vec<BlobHash> = self.blobs.iter().map(|piece| piece.blob).collect();
        hashes.sort_unstable();
        if hashes.windows(2).any(|two| two[0] == two[1]) {
            return Err(BadBody::TooMuch { what: "the same file", max: 1 });
        }
        let beyond = |piece: &Piece| piece.from.checked_add(piece.len).is_none_or(|end| end > piece.bytes);
        if self.blobs.iter().any(|piece| piece.len > 0 && beyond(piece)) {
            return Err(BadBody::Control("a piece ends behind the end of its file".to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery() -> Delivery {
        let piece = |text: &str, from, len| Piece { blob: BlobHash::of(text.as_bytes()), bytes: 10, from, len };
        Delivery {
            blobs: vec![piece("a", 0, 10), piece("b", 4, 3), piece("c", 0, 0)],
            lost: vec![],
            writer: WriterId::from_u128(7),
        }
    }

    #[test]
    fn what_came_of_a_cut_body_is_told_piece_by_piece() {
        let line = delivery().to_line();
        let body = [line.as_slice(), b"0123456789", b"456"].concat();
        for cut in 0..=body.len() {
            match Delivery::parse(&body[..cut]) {
                Err(_) => assert!(cut < line.len(), "cut at {cut}"),
                Ok((control, came)) => {
                    let left = cut - line.len();
                    let lens: Vec<usize> = came.iter().map(|bytes| bytes.len()).collect();
                    assert_eq!(lens, [left.min(10), left.saturating_sub(10), 0], "cut at {cut}");
                    assert_eq!(control, delivery());
                }
            }
        }
        assert!(Delivery::parse(&[body.as_slice(), b"7"].concat()).is_err(), "more than was announced");
    }

    #[test]
    fn what_crosses_a_bound_is_refused_whole() {
        let refused = |change: fn(&mut Delivery)| {
            let mut delivery = delivery();
            change(&mut delivery);
            assert!(Delivery::parse(&delivery.to_line()).is_err(), "{delivery:?}");
        };
        refused(|d| d.blobs[0].from = 1);
        refused(|d| d.blobs[0].from = u64::MAX);
        refused(|d| d.blobs[1].blob = d.blobs[0].blob);
        refused(|d| (d.blobs[0].bytes, d.blobs[0].len) = (1 << 40, limits::BLOB_PART_BYTES as u64 + 1));
        refused(|d| d.lost = vec![BlobHash([0; 32]); limits::BLOBS_MAX + 1]);
        assert!(Delivery::parse(b"{}\n").is_err());
    }

    #[test]
    fn a_standing_is_a_word_or_an_object_of_one_key() {
        for (standing, text) in [
            (Standing::Here, "\"here\""),
            (Standing::BackedUp, "\"backed_up\""),
            (Standing::Wanted(4_096), "{\"wanted\":4096}"),
            (Standing::Refused(BlobCode::Quota), "{\"refused\":\"quota\"}"),
        ] {
            assert_eq!(serde_json::to_string(&standing).expect("JSON"), text);
            assert_eq!(serde_json::from_str::<Standing>(text).expect("reads"), standing);
        }
    }
}
