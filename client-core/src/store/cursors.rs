//! Where the device stands in each area, and the sum over the rows it holds of it.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use sync_protocol::exchange::{Cursor, Salt};
use sync_protocol::{AreaId, Digest};

use super::ids::Key;
use crate::error::Result;

/// One area's standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Standing {
    pub(crate) cursor: Cursor,
    pub(crate) digest: Digest,
    /// What the server says the sum is, where that is yet to be compared.
    pub(crate) due: Option<Digest>,
    /// Differs from what the last mark stands for.
    pub(crate) moved: bool,
    /// Is being pulled again whole.
    pub(crate) whole: bool,
    /// How often that was done on `heal_day`.
    pub(crate) heals: i64,
    pub(crate) heal_day: i64,
}

/// The standing in an area; the start of history where there is none.
pub(crate) fn standing(store: &Connection, area: AreaId) -> Result<Standing> {
    let mut query = store.prepare_cached(
        "SELECT area, seq, salt, since, digest, moved, whole, heals, heal_day, due FROM cursors WHERE area = $area",
    )?;
    let found = query.query_row(named_params! {"$area": area.key()}, read).optional()?;
    Ok(found.map(|(_, standing)| standing).unwrap_or_default())
}

/// Every standing.
pub(crate) fn list(store: &Connection) -> Result<Vec<(AreaId, Standing)>> {
    let mut query = store
        .prepare_cached("SELECT area, seq, salt, since, digest, moved, whole, heals, heal_day, due FROM cursors")?;
    let rows = query.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<(AreaId, Standing)> {
    let (digest, due): ([u8; 16], Option<[u8; 16]>) = (row.get(4)?, row.get(9)?);
    let standing = Standing {
        cursor: Cursor {
            seq: row.get::<_, i64>(1)? as u64,
            // SQLite's integers have a sign; the bits are what counts.
            salt: Salt(row.get::<_, i64>(2)? as u64),
            since: row.get::<_, i64>(3)? as u64,
        },
        digest: Digest(u128::from_be_bytes(digest)),
        due: due.map(|due| Digest(u128::from_be_bytes(due))),
        moved: row.get(5)?,
        whole: row.get(6)?,
        heals: row.get(7)?,
        heal_day: row.get(8)?,
    };
    Ok((AreaId::of(row.get(0)?), standing))
}

/// Stores an area's standing.
pub(crate) fn put(store: &Connection, area: AreaId, standing: &Standing) -> Result<()> {
    let mut statement = store.prepare_cached(
        "INSERT OR REPLACE INTO cursors (area, seq, salt, since, digest, moved, whole, heals, heal_day, due)
         VALUES ($area, $seq, $salt, $since, $digest, $moved, $whole, $heals, $heal_day, $due)",
    )?;
    statement.execute(named_params! {
        "$area": area.key(),
        "$seq": standing.cursor.seq as i64,
        "$salt": standing.cursor.salt.0 as i64,
        "$since": standing.cursor.since as i64,
        "$digest": standing.digest.0.to_be_bytes(),
        "$moved": standing.moved,
        "$whole": standing.whole,
        "$heals": standing.heals,
        "$heal_day": standing.heal_day,
        "$due": standing.due.map(|due| due.0.to_be_bytes()),
    })?;
    Ok(())
}

/// Areas whose sum is not what the server says, with what it says. Nothing is due any more afterwards.
pub(crate) fn take_different(store: &Connection) -> Result<Vec<(AreaId, Digest)>> {
    let mut query = store.prepare_cached("SELECT area, due FROM cursors WHERE due IS NOT NULL AND due <> digest")?;
    let rows = query.query_map([], |row| Ok((AreaId::of(row.get(0)?), Digest(u128::from_be_bytes(row.get(1)?)))))?;
    let different = rows.collect::<rusqlite::Result<_>>()?;
    store.prepare_cached("UPDATE cursors SET due = NULL WHERE due IS NOT NULL")?.execute([])?;
    Ok(different)
}

/// All cursors are what the mark just received stands for.
pub(crate) fn settle_all(store: &Connection) -> Result<()> {
    store.prepare_cached("UPDATE cursors SET moved = 0 WHERE moved = 1")?.execute([])?;
    Ok(())
}

/// Forgets an area.
pub(crate) fn drop(store: &Connection, area: AreaId) -> Result<()> {
    store.prepare_cached("DELETE FROM cursors WHERE area = $area")?.execute(named_params! {"$area": area.key()})?;
    Ok(())
}
