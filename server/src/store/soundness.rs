//! Reads everything that is stored, for the doctor.

use std::collections::BTreeMap;

use sync_protocol::changeset::{ChangesetHash, SignatureBytes};
use sync_protocol::{AreaId, Digest, RecordId, RowHash, WriterId};

use super::db::{Error, Result, Tx};
use super::feed;
use crate::args;

/// What the engine finds wrong with the file; `None` if nothing.
pub fn complaint(tx: &Tx<'_>) -> Result<Option<String>> {
    let told = tx.row("PRAGMA integrity_check(1)", args![], |row| row.string(0))?;
    Ok(told.filter(|told| told != "ok"))
}

/// Every row: its record, area, stored hash and text.
pub fn each_row(tx: &Tx<'_>, mut take: impl FnMut(RecordId, AreaId, RowHash, &str)) -> Result<()> {
    tx.each("SELECT id, area, hash, doc FROM records", args![], |row| {
        let hash = row.bytes(2)?.try_into().map_err(|_| Error::Stored("a row hash"))?;
        take(row.parsed(0)?, row.parsed(1)?, RowHash(u128::from_be_bytes(hash)), row.text(3)?);
        Ok(true)
    })
}

/// The sum that each area is said to have.
pub fn digests(tx: &Tx<'_>) -> Result<BTreeMap<AreaId, Digest>> {
    let areas: Vec<AreaId> = tx.rows("SELECT area FROM area_heads", args![], |row| row.parsed(0))?;
    areas.into_iter().map(|area| Ok((area, feed::head(tx, area)?.digest))).collect()
}

/// An area's sum is this; its head stays.
pub fn set_digest(tx: &Tx<'_>, area: AreaId, digest: Digest) -> Result<()> {
    tx.run(
        "UPDATE area_heads SET digest = $2 WHERE area = $1",
        args![&area.to_string(), digest.0.to_be_bytes().as_slice()],
    )?;
    Ok(())
}

/// A stored changeset, to be verified.
#[derive(Debug)]
pub struct Stored {
    /// Its writer.
    pub writer: WriterId,
    /// Numbers of its first and last save.
    pub saves: (u64, u64),
    /// Its hash.
    pub hash: ChangesetHash,
    /// Hash of the one before it.
    pub after: ChangesetHash,
    /// By the writer.
    pub signature: SignatureBytes,
    /// Exact header line.
    pub header: String,
    /// Exact save lines.
    pub payload: String,
}

/// Every changeset, those of one writer in their order.
pub fn each_changeset(tx: &Tx<'_>, mut take: impl FnMut(Stored) -> Result<()>) -> Result<()> {
    tx.each(
        "SELECT writer, first, seq, hash, after, signature, header, payload FROM changesets ORDER BY writer, seq",
        args![],
        |row| {
            let hash = |at| row.bytes(at)?.try_into().map(ChangesetHash).map_err(|_| Error::Stored("a hash"));
            take(Stored {
                writer: row.parsed(0)?,
                saves: (row.number(1)?, row.number(2)?),
                hash: hash(3)?,
                after: hash(4)?,
                signature: row.bytes(5)?.try_into().map(SignatureBytes).map_err(|_| Error::Stored("a signature"))?,
                header: row.string(6)?,
                payload: row.string(7)?,
            })?;
            Ok(true)
        },
    )
}

/// What a disk may do to a sum, a row and a changeset.
#[cfg(test)]
pub(crate) const HARMS: [&str; 3] = [
    "UPDATE area_heads SET digest = zeroblob(16)",
    "UPDATE records SET doc = replace(doc, 'true', 'false')",
    "UPDATE changesets SET payload = replace(payload, '_area', '_arex')",
];
