//! Writers: their keys, whom they belong to, and how far their saves have been judged.

use sync_protocol::changeset::WriterKey;
use sync_protocol::ids::DeviceId;
use sync_protocol::{UserId, WriterId};

use super::db::{Columns, Error, Result, Tx};
use crate::args;

/// A writer as the server knows it.
#[derive(Debug, Clone)]
pub struct Writer {
    /// Its id.
    pub id: WriterId,
    /// Verifies its signatures.
    pub key: WriterKey,
    /// Whom it was enrolled for; `None` for the server's own.
    pub user: Option<UserId>,
    /// When its device was reported stolen, milliseconds since 1970.
    pub stolen: Option<i64>,
    /// Last save of the contiguous prefix that has a verdict.
    pub applied: u64,
    /// Last save that the oldest kept backup covers.
    pub backed_up: u64,
}

/// Makes a writer known. A repeat with the same key changes nothing; another key under the same id is refused.
pub fn add(tx: &Tx<'_>, id: WriterId, key: &WriterKey, of: Option<(UserId, DeviceId)>, now_ms: i64) -> Result<()> {
    let (user, device) = (of.map(|o| o.0.to_string()), of.map(|o| o.1.to_string()));
    tx.run(
        "INSERT INTO writers (id, key, user_id, device_id, minted) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
        args![&id.to_string(), key.to_bytes().as_slice(), user.as_deref(), device.as_deref(), now_ms],
    )?;
    match find(tx, id)? {
        Some(writer) if writer.key == *key && writer.user == of.map(|o| o.0) => Ok(()),
        _ => Err(Error::Stored("a writer that nobody else has")),
    }
}

/// Makes a writer of the server's known that writes in this transaction only.
pub fn add_closed(tx: &Tx<'_>, id: WriterId, key: &WriterKey, now_ms: i64) -> Result<()> {
    tx.run(
        "INSERT INTO writers (id, key, minted, closed) VALUES ($1, $2, $3, $3)",
        args![&id.to_string(), key.to_bytes().as_slice(), now_ms],
    )?;
    Ok(())
}

/// The writer, if it is enrolled here.
pub fn find(tx: &Tx<'_>, id: WriterId) -> Result<Option<Writer>> {
    tx.row(
        "SELECT id, key, user_id, stolen, applied, backed_up FROM writers WHERE id = $1",
        args![&id.to_string()],
        read,
    )
}

/// The device that a writer was made on.
pub fn device_of(tx: &Tx<'_>, id: WriterId) -> Result<Option<DeviceId>> {
    let found =
        tx.row("SELECT device_id FROM writers WHERE id = $1", args![&id.to_string()], |row| row.opt_parsed(0))?;
    Ok(found.flatten())
}

fn read(row: &Columns<'_>) -> Result<Writer> {
    let key = row.bytes(1)?.try_into().ok().and_then(WriterKey::from_bytes).ok_or(Error::Stored("a public key"))?;
    Ok(Writer {
        id: row.parsed(0)?,
        key,
        user: row.opt_parsed(2)?,
        stolen: row.opt_int(3)?,
        applied: row.number(4)?,
        backed_up: row.number(5)?,
    })
}

/// The writer's saves up to this number have their verdicts.
pub fn set_applied(tx: &Tx<'_>, id: WriterId, applied: u64) -> Result<()> {
    tx.run("UPDATE writers SET applied = $2 WHERE id = $1", args![&id.to_string(), applied])?;
    Ok(())
}

/// Makes a writer known that another one of the same device vouches for: it is of the same person and device, and
/// reported stolen with it.
pub fn add_minted(tx: &Tx<'_>, id: WriterId, key: &WriterKey, previous: WriterId, now_ms: i64) -> Result<()> {
    tx.run(
        "INSERT INTO writers (id, key, user_id, device_id, minted, stolen)
         SELECT $1, $2, user_id, device_id, $3, stolen FROM writers WHERE id = $4",
        args![&id.to_string(), key.to_bytes().as_slice(), now_ms, &previous.to_string()],
    )?;
    Ok(())
}

/// A device was reported stolen: so was every writer of it.
pub fn set_stolen(tx: &Tx<'_>, device: DeviceId, at_ms: i64) -> Result<()> {
    tx.run(
        "UPDATE writers SET stolen = $2 WHERE device_id = $1 AND stolen IS NULL",
        args![&device.to_string(), at_ms],
    )?;
    Ok(())
}

/// The server's last writer is closed for ever when a new one is minted; its saves stay valid.
pub fn close_own(tx: &Tx<'_>, now_ms: i64) -> Result<()> {
    tx.run("UPDATE writers SET closed = $1 WHERE user_id IS NULL AND closed IS NULL", args![now_ms])?;
    Ok(())
}
