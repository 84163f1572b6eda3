//! Every bound of the protocol, named, with its unit last. Both sides check them; crossing one is a refusal by code.

/// Bytes of a request or answer after decompression.
pub const BODY_BYTES_MAX: usize = 4 << 20;
/// Bytes of a request as it arrives, still compressed.
pub const WIRE_BYTES_MAX: usize = 2 << 20;
/// How many times larger than its compressed form a body may be, once it is past [`RATIO_FREE_BYTES`].
pub const RATIO_MAX: usize = 200;
/// Bytes below which the compression ratio is not looked at.
pub const RATIO_FREE_BYTES: usize = 256 << 10;
/// Bytes of changesets that a device puts into one request, before compression.
pub const PUSH_BYTES: usize = 2 << 20;
/// Bytes of rows that the server puts into one answer, before compression (about 220 kB on the wire for survey data).
pub const PAGE_BYTES: usize = 1 << 20;
/// Changesets in one request.
pub const CHANGESETS_MAX: usize = 4_000;
/// Writers whose changesets one request may carry.
pub const WRITERS_MAX: usize = 64;
/// Saves in one changeset.
pub const SAVES_MAX: usize = 1_000;
/// Bytes of one changeset: its header line and save lines.
pub const CHANGESET_BYTES_MAX: usize = 1 << 20;
/// Bytes of one entry of an outbox file or bundle: a changeset with what it travels with, encrypted.
pub const ENTRY_BYTES_MAX: usize = 2 << 20;
/// Bytes of one header line.
pub const HEADER_BYTES_MAX: usize = 4 << 10;
/// Records that one save may touch.
pub const RECORDS_PER_SAVE_MAX: usize = 256;
/// Registers that one save may write on one record, and that one record may hold.
pub const REGISTERS_MAX: usize = 2_000;
/// Bytes of a register's name.
pub const NAME_BYTES_MAX: usize = 128;
/// Bytes of a register's value.
pub const VALUE_BYTES_MAX: usize = 64 << 10;
/// Levels of nesting in a register's value; lines and rows that hold values add their own.
pub const JSON_DEPTH_MAX: usize = 16;
/// Writers that one context may name.
pub const CONTEXT_MAX: usize = 512;
/// Siblings of one register that a screen lists; more are kept, and counted.
pub const SIBLINGS_SHOWN_MAX: usize = 16;
/// Areas whose cursors one request may name.
pub const AREAS_MAX: usize = 4_096;
/// Ranges of saves that one request may say are missing.
pub const MISSING_MAX: usize = 1_000;
/// Form versions that one header may name.
pub const FORMS_MAX: usize = 16;
/// Bytes of a form's package: the form with the tables beside it.
pub const PACKAGE_BYTES_MAX: usize = 32 << 20;
/// Bytes of a package that one answer brings.
pub const PACKAGE_PART_BYTES: usize = 1 << 20;
/// Entries of outbox files that one request may ask about.
pub const ENTRIES_MAX: usize = 512;
/// Bytes of entries that a device puts into one request, but at least one entry.
pub const ENTRIES_BYTES: usize = 512 << 10;
/// Bytes of one attached file.
pub const BLOB_BYTES_MAX: usize = 32 << 20;
/// Files that one request about attachments may speak of.
pub const BLOBS_MAX: usize = 512;
/// Bytes of files that one request brings, all pieces together.
pub const BLOB_PART_BYTES: usize = 512 << 10;
/// Bytes of a bundle that one request brings.
pub const BUNDLE_PART_BYTES: usize = 4 << 20;

/// Milliseconds that an authored clock may stand ahead of the time of receipt and still count in full.
pub const CLOCK_TOLERANCE_MS: i64 = 5 * 60 * 1_000;
/// Milliseconds ahead of server time beyond which a device restarts its clock.
pub const CLOCK_AHEAD_MS_MAX: i64 = 10 * 60 * 1_000;
/// Largest authored clock, in milliseconds since 1970: the last day of the year 9999.
pub const CLOCK_MS_MAX: i64 = 253_402_300_799_999;
/// Largest integer that may stand as a JSON number; anything of 16 digits is an identifier and stands as a string.
pub const INTEGER_MAX: i64 = 999_999_999_999_999;
