//! Which of the device's own saves are not in a record's base yet.

use rusqlite::{Connection, named_params};
use sync_protocol::{AreaId, RowHash};

use super::ids::Key;
use crate::error::Result;

/// A save lies over a record.
pub(crate) fn add(store: &Connection, record: i64, save: u64) -> Result<()> {
    store
        .prepare_cached("INSERT OR IGNORE INTO overlay (record, save) VALUES ($record, $save)")?
        .execute(named_params! {"$record": record, "$save": save as i64})?;
    Ok(())
}

/// The saves over a record, in order.
pub(crate) fn list(store: &Connection, record: i64) -> Result<Vec<u64>> {
    let mut query = store.prepare_cached("SELECT save FROM overlay WHERE record = $record ORDER BY save")?;
    let rows =
        query.query_map(named_params! {"$record": record}, |row| row.get::<_, i64>(0).map(|save| save as u64))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A save is in the record's base now.
pub(crate) fn remove(store: &Connection, record: i64, save: u64) -> Result<()> {
    store
        .prepare_cached("DELETE FROM overlay WHERE record = $record AND save = $save")?
        .execute(named_params! {"$record": record, "$save": save as i64})?;
    Ok(())
}

/// All saves over a record are in its base now.
pub(crate) fn clear(store: &Connection, record: i64) -> Result<()> {
    store.prepare_cached("DELETE FROM overlay WHERE record = $record")?.execute(named_params! {"$record": record})?;
    Ok(())
}

/// A record with own saves over it, as confirming them needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Covered {
    pub(crate) record: i64,
    pub(crate) area: AreaId,
    /// First and last of the saves.
    pub(crate) saves: (u64, u64),
    pub(crate) base: Option<i64>,
    pub(crate) view: i64,
    pub(crate) view_hash: RowHash,
    pub(crate) stale: bool,
}

/// Every record of the device's areas with own saves over it.
pub(crate) fn list_covered(store: &Connection) -> Result<Vec<Covered>> {
    let mut query = store.prepare_cached(
        "SELECT o.record, r.area, min(o.save), max(o.save), r.base, r.view, d.hash, r.stale
         FROM overlay o JOIN records r ON r.record = o.record JOIN docs d ON d.doc = r.view
         WHERE r.area IS NOT NULL
         GROUP BY o.record",
    )?;
    let rows = query.query_map([], |row| {
        let hash: [u8; 16] = row.get(6)?;
        Ok(Covered {
            record: row.get(0)?,
            area: AreaId::of(row.get(1)?),
            saves: (row.get::<_, i64>(2)? as u64, row.get::<_, i64>(3)? as u64),
            base: row.get(4)?,
            view: row.get(5)?,
            view_hash: RowHash(u128::from_be_bytes(hash)),
            stale: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether any save lies over anything.
pub(crate) fn is_empty(store: &Connection) -> Result<bool> {
    let mut query = store.prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM overlay)")?;
    Ok(query.query_row([], |row| row.get(0))?)
}
