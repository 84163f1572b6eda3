//! Row hashes and area digests: equal digests mean that both sides hold the same rows (section 7).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The first 128 bits of the BLAKE3 hash of a row's canonical text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RowHash(pub u128);

impl RowHash {
    /// Hash of a row's canonical text.
    pub fn of(text: &str) -> RowHash {
        RowHash(first_128(text.as_bytes()))
    }
}

/// The first 128 bits of BLAKE3, big endian.
pub(crate) fn first_128(bytes: &[u8]) -> u128 {
    let hash = blake3::hash(bytes);
    u128::from_be_bytes(*hash.as_bytes().first_chunk().expect("a BLAKE3 hash has 32 bytes"))
}

/// The sum of an area's row hashes modulo 2^128, kept incrementally.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Digest(pub u128);

impl Digest {
    /// A row came into the area.
    pub fn add(&mut self, row: RowHash) {
        self.0 = self.0.wrapping_add(row.0);
    }

    /// A row left the area, or is about to be replaced.
    pub fn remove(&mut self, row: RowHash) {
        self.0 = self.0.wrapping_sub(row.0);
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u128::from_str_radix(text, 16).map(Digest)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_does_not_depend_on_order_and_forgets_what_left() {
        let [a, b, c] = ["a", "b", "c"].map(RowHash::of);
        let mut one = Digest::default();
        let mut other = Digest::default();
        for row in [a, b, c] {
            one.add(row);
        }
        for row in [c, a] {
            other.add(row);
        }
        assert_ne!(one, other);
        one.remove(b);
        assert_eq!(one, other);
        assert_eq!(one.to_string().parse(), Ok(one));
    }
}
