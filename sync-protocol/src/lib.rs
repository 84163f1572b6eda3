//! What travels between a Tilik device and its server, and how it merges.
//!
//! Types, rules, limits and versions; no I/O, no SQL, no clock, no async.
//! `docs/protocol.md` is the specification; each module here is one of its sections.

pub mod attachment;
pub mod blobs;
pub mod broken;
pub mod canonical;
pub mod carriage;
pub mod changeset;
pub mod clock;
pub mod digest;
pub mod entry;
pub mod exchange;
pub mod ids;
pub mod limits;
pub mod merge;
pub mod pairing;
pub mod parcel;
pub mod receipt;
pub mod row;
pub mod save;
pub mod session;
pub mod verdict;
pub mod version;

pub use attachment::{Attachment, BlobHash};
pub use canonical::Value;
pub use changeset::{Header, Sealed, Signer};
pub use clock::Clock;
pub use digest::{Digest, RowHash};
pub use ids::{AreaId, Collection, Dot, RecordId, Seen, Tag, UserId, WriterId};
pub use merge::{Register, Row, Sibling, Stamp, Write};
pub use save::{Context, RecordWrite, Save};
pub use verdict::{Code, Verdict};
