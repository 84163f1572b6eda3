//! The protocol's versions and the window in which two sides may talk.

use serde::{Deserialize, Serialize};

/// Protocol 1 (2026-11): the first.
pub const V1: u32 = 1;

/// The version this code writes.
pub const CURRENT: u32 = V1;

/// The oldest version that may still pull. Uploads are never gated by version: every changeset version ever published decodes.
pub const OLDEST: u32 = V1;

/// The lowest and highest version a side speaks, `[low, high]` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window(pub u32, pub u32);

impl Window {
    /// What this code speaks.
    pub const OURS: Window = Window(OLDEST, CURRENT);

    /// The highest version both sides speak, if there is one.
    pub fn common(self, other: Window) -> Option<u32> {
        let highest = self.1.min(other.1);
        (highest >= self.0.max(other.0)).then_some(highest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_common_version_is_spoken() {
        assert_eq!(Window(1, 3).common(Window(2, 5)), Some(3));
        assert_eq!(Window(1, 1).common(Window(2, 5)), None);
    }
}
