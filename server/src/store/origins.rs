//! Changesets that were taken under another name than their first: a device that had to change its writer seals them again.

use sync_protocol::WriterId;
use sync_protocol::changeset::Origin;

use super::db::{Result, Tx};
use crate::args;

/// Notes that a changeset is taken under this writer and number, once.
pub fn add(tx: &Tx<'_>, origin: Origin, by: WriterId, by_seq: u64) -> Result<()> {
    tx.run(
        "INSERT INTO origins (writer, seq, hash, by, by_seq) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (writer, seq, hash) DO NOTHING",
        args![&origin.0.to_string(), origin.1, origin.2.0.as_slice(), &by.to_string(), by_seq],
    )?;
    Ok(())
}

/// Whether a changeset was taken under another name.
pub fn is_taken(tx: &Tx<'_>, origin: Origin) -> Result<bool> {
    let found = tx.row(
        "SELECT 1 FROM origins WHERE writer = $1 AND seq = $2 AND hash = $3",
        args![&origin.0.to_string(), origin.1, origin.2.0.as_slice()],
        |row| row.int(0),
    )?;
    Ok(found.is_some())
}

/// Whether a device has sealed the changeset again, whole, and it was taken so.
pub fn is_retold(tx: &Tx<'_>, origin: Origin) -> Result<bool> {
    let found = tx.row(
        "SELECT 1 FROM origins JOIN writers ON writers.id = origins.by
          WHERE origins.writer = $1 AND origins.seq = $2 AND origins.hash = $3 AND writers.user_id IS NOT NULL",
        args![&origin.0.to_string(), origin.1, origin.2.0.as_slice()],
        |row| row.int(0),
    )?;
    Ok(found.is_some())
}

/// Whether any changeset of a writer was taken under another name: of most writers none ever is.
pub fn has_any(tx: &Tx<'_>, writer: WriterId) -> Result<bool> {
    let found =
        tx.row("SELECT 1 FROM origins WHERE writer = $1 LIMIT 1", args![&writer.to_string()], |row| row.int(0))?;
    Ok(found.is_some())
}
