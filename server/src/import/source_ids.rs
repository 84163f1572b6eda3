//! The id of an imported record derives from project, source and source row, so that the same file imported again finds its own records.

use sync_protocol::{AreaId, RecordId};

/// The id of the record that `row_key` of `source` stands for in `project`: a UUID of version 8 from BLAKE3 over the three, each after its length.
///
/// The lengths keep ("ab", "c") and ("a", "bc") apart.
pub fn source_id(project: &str, source: &str, row_key: &str) -> RecordId {
    RecordId::from_u128(derived([project, source, row_key]))
}

/// The id of the area with this code in `project`.
pub fn area_id(project: &str, code: &str) -> AreaId {
    AreaId::from_u128(derived([project, "areas", code]))
}

fn derived(parts: [&str; 3]) -> u128 {
    let mut hasher = blake3::Hasher::new_derive_key("tilik import source id v1");
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    // Version 8 in the high half of byte 6, the RFC 9562 variant in the top bits of byte 8.
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_row_always_has_the_same_id() {
        let id = source_id("jambi", "dtsen2025", "row-1");
        assert_eq!(id, source_id("jambi", "dtsen2025", "row-1"));
        let id = uuid::Uuid::from_u128(id.as_u128());
        assert_eq!(id.get_version_num(), 8);
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(source_id("ab", "c", "d"), source_id("a", "bc", "d"));
        assert_ne!(source_id("a", "b", "cd"), source_id("a", "bc", "d"));
    }
}
