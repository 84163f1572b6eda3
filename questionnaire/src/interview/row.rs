//! The identity of a repeat's row.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names a row of a repeat for as long as the interview lives, wherever it is moved: 16 hexadecimal digits. The id of
/// the person that the row is about may be derived from it, so it is drawn at random, not counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowId(String);

impl RowId {
    /// Makes an id of random bits.
    pub fn drawn(bits: u128) -> Self {
        RowId(format!("{:016x}", bits as u64))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RowId {
    fn from(text: &str) -> Self {
        RowId(text.to_owned())
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
