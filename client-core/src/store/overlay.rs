//! Which of the device's own saves are not in a record's base yet.

use rusqlite::{Connection, named_params};
use sync_protocol::{AreaId, RecordId, RowHash};

use super::ids::{Key, maybe};
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

/// The records that a save lies over.
pub(crate) fn list_under(store: &Connection, save: u64) -> Result<Vec<i64>> {
    let mut query = store.prepare_cached("SELECT record FROM overlay WHERE save = $save ORDER BY record")?;
    let rows = query.query_map(named_params! {"$save": save as i64}, |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A record with own saves over it, as confirming them needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Covered {
    pub(crate) record: i64,
    pub(crate) id: RecordId,
    /// The household of a child.
    pub(crate) root: Option<RecordId>,
    pub(crate) area: Option<AreaId>,
    /// First and last of the saves.
    pub(crate) saves: (u64, u64),
    pub(crate) base: Option<i64>,
    pub(crate) view: i64,
    pub(crate) view_hash: RowHash,
    /// Where a household lives as this device shows it.
    pub(crate) view_area: Option<AreaId>,
}

/// Every record with own saves over it, households before what is in them; none that a whole pull has yet to bring.
pub(crate) fn list_covered(store: &Connection) -> Result<Vec<Covered>> {
    let mut query = store.prepare_cached(
        "SELECT o.record, r.root, r.area, min(o.save), max(o.save), r.base, r.view, d.hash, h.area, r.id
         FROM overlay o JOIN records r ON r.record = o.record JOIN docs d INDEXED BY docs_hashes ON d.doc = r.view
              LEFT JOIN households h ON h.record = o.record
         WHERE r.stale = 0
         GROUP BY o.record ORDER BY r.root IS NOT NULL, o.record",
    )?;
    let rows = query.query_map([], |row| {
        let hash: [u8; 16] = row.get(7)?;
        Ok(Covered {
            record: row.get(0)?,
            id: RecordId::of(row.get(9)?),
            root: maybe(row.get(1)?),
            area: maybe(row.get(2)?),
            saves: (row.get::<_, i64>(3)? as u64, row.get::<_, i64>(4)? as u64),
            base: row.get(5)?,
            view: row.get(6)?,
            view_hash: RowHash(u128::from_be_bytes(hash)),
            view_area: maybe(row.get(8)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether any save lies over anything.
pub(crate) fn is_empty(store: &Connection) -> Result<bool> {
    let mut query = store.prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM overlay)")?;
    Ok(query.query_row([], |row| row.get(0))?)
}
