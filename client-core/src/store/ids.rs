//! Ids as the 16-byte blobs that they are in SQL.

use sync_protocol::ids::DeviceId;
use sync_protocol::{AreaId, RecordId, UserId, WriterId};

/// An id that is a key in a table.
pub(crate) trait Key: Sized {
    /// As in SQL.
    fn key(self) -> [u8; 16];
    /// From SQL.
    fn of(key: [u8; 16]) -> Self;
}

macro_rules! key {
    ($($id:ident),*) => {$(
        impl Key for $id {
            fn key(self) -> [u8; 16] {
                self.as_u128().to_be_bytes()
            }
            fn of(key: [u8; 16]) -> Self {
                $id::from_u128(u128::from_be_bytes(key))
            }
        }
    )*};
}

key!(AreaId, DeviceId, RecordId, UserId, WriterId);

/// An id that may be missing.
pub(crate) fn maybe<T: Key>(key: Option<[u8; 16]>) -> Option<T> {
    key.map(T::of)
}
