//! Where a device stands in an area's history, and one stamp for all its areas.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, first_128};
use crate::ids::AreaId;

/// A point in an area's history: the change number and the salt of the commit that made it.
///
/// The salt is random and kept for ever: a cursor that the server does not know tells that the server was rewound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cursor {
    /// The area's change number; 0 before the first.
    pub seq: u64,
    /// Of the commit; 0 before the first.
    pub salt: Salt,
    /// The change number of the last cursor at which the device held the whole area: what partial rows and
    /// confirmations are relative to. Equal to `seq` unless pages of a longer pull are under way.
    pub since: u64,
}

/// Eight random bytes; 16 hex digits in JSON.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Salt(pub u64);

impl fmt::Display for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Salt({self})")
    }
}

impl Serialize for Salt {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Salt {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        u64::from_str_radix(&text, 16).map(Salt).map_err(serde::de::Error::custom)
    }
}

/// One hash over all cursors of a device: the first 128 bits of BLAKE3 over the areas that have ever changed, sorted by id,
/// each as 16 bytes of id, 8 bytes of change number and 8 bytes of salt, big endian. 32 hex digits in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScopeStamp(pub Digest);

impl ScopeStamp {
    /// The stamp of these cursors, in any order; those at change number 0 do not count.
    pub fn over(cursors: impl IntoIterator<Item = (AreaId, u64, Salt)>) -> ScopeStamp {
        let mut cursors: Vec<(AreaId, u64, Salt)> = cursors.into_iter().filter(|c| c.1 > 0).collect();
        cursors.sort_unstable_by_key(|c| c.0);
        let mut bytes = Vec::with_capacity(cursors.len() * 32);
        for (area, seq, salt) in cursors {
            bytes.extend_from_slice(&area.as_u128().to_be_bytes());
            bytes.extend_from_slice(&seq.to_be_bytes());
            bytes.extend_from_slice(&salt.0.to_be_bytes());
        }
        ScopeStamp(Digest(first_128(&bytes)))
    }
}
