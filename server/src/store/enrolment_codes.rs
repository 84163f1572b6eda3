//! One-time codes that make a device known; only their hashes.

use sync_protocol::ids::DeviceId;
use sync_protocol::{UserId, WriterId};

use crate::args;
use crate::store::db::{Result, Tx};

/// A code that was given out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenCode {
    /// For whom.
    pub user: UserId,
    /// Until when; milliseconds since 1970.
    pub expires_at: i64,
    /// When it was used, by which device and writer.
    pub used: Option<(i64, DeviceId, WriterId)>,
}

/// Gives out a code.
pub fn add(tx: &Tx<'_>, hash: &str, user: UserId, created_by: UserId, now: i64, expires_at: i64) -> Result<()> {
    tx.run(
        "INSERT INTO enrolment_codes (hash, user_id, created_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        args![hash, user.to_string().as_str(), created_by.to_string().as_str(), now, expires_at],
    )?;
    Ok(())
}

/// The code with this hash.
pub fn find(tx: &Tx<'_>, hash: &str) -> Result<Option<GivenCode>> {
    tx.row(
        "SELECT user_id, expires_at, used_at, device, writer FROM enrolment_codes WHERE hash = $1",
        args![hash],
        |row| {
            let used = match row.opt_int(2)? {
                Some(at) => Some((at, row.parsed(3)?, row.parsed(4)?)),
                None => None,
            };
            Ok(GivenCode { user: row.parsed(0)?, expires_at: row.int(1)?, used })
        },
    )
}

/// Marks a code as used.
pub fn use_up(tx: &Tx<'_>, hash: &str, device: DeviceId, writer: WriterId, now: i64) -> Result<()> {
    tx.run(
        "UPDATE enrolment_codes SET used_at = $2, device = $3, writer = $4 WHERE hash = $1 AND used_at IS NULL",
        args![hash, now, device.to_string().as_str(), writer.to_string().as_str()],
    )?;
    Ok(())
}
