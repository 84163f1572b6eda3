//! The directory: areas by name and place in the tree, and the people whose names stand beside values.

use rusqlite::{Connection, OptionalExtension, named_params};
use sync_protocol::exchange::{AreaLevel, AreaNode};
use sync_protocol::{AreaId, UserId};

use super::ids::{Key, maybe};
use crate::error::Result;

/// Replaces all areas and people by those that the server named.
pub(crate) fn replace(store: &Connection, areas: &[AreaNode], people: &[(UserId, String)]) -> Result<()> {
    store.execute_batch("DELETE FROM areas; DELETE FROM people;")?;
    let mut statement = store.prepare_cached(
        "INSERT OR REPLACE INTO areas (area, parent, level, code, name, granted)
         VALUES ($area, $parent, $level, $code, $name, $granted)",
    )?;
    for area in areas {
        statement.execute(named_params! {
            "$area": area.id.key(),
            "$parent": area.parent.map(AreaId::key),
            "$level": area.level.word(),
            "$code": area.code,
            "$name": area.name,
            "$granted": area.granted,
        })?;
    }
    let mut statement = store.prepare_cached("INSERT OR REPLACE INTO people (user, name) VALUES ($user, $name)")?;
    for (user, name) in people {
        statement.execute(named_params! {"$user": user.key(), "$name": name})?;
    }
    Ok(())
}

/// Every area known, with the number of households listed in it, by code.
pub(crate) fn list(store: &Connection) -> Result<Vec<(AreaNode, u64)>> {
    let mut query = store.prepare_cached(
        "SELECT area, parent, level, code, name, granted,
                (SELECT count(*) FROM households h WHERE h.area = a.area AND h.alive = 1 AND h.hidden = 0)
         FROM areas a ORDER BY code, name",
    )?;
    let rows = query.query_map([], |row| {
        let level: String = row.get(2)?;
        let node = AreaNode {
            code: row.get(3)?,
            granted: row.get(5)?,
            id: AreaId::of(row.get(0)?),
            level: level.parse().unwrap_or(AreaLevel::Rt),
            name: row.get(4)?,
            parent: maybe(row.get(1)?),
        };
        Ok((node, row.get::<_, i64>(6)? as u64))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether the device holds the rows of this area.
pub(crate) fn is_granted(store: &Connection, area: AreaId) -> Result<bool> {
    let mut query = store.prepare_cached("SELECT granted FROM areas WHERE area = $area")?;
    Ok(query.query_row(named_params! {"$area": area.key()}, |row| row.get(0)).optional()?.unwrap_or(false))
}

/// Whether everything that the device holds lies in this area or below it.
pub(crate) fn covers_all(store: &Connection, area: AreaId) -> Result<bool> {
    let mut query = store.prepare_cached(
        "WITH RECURSIVE below (area) AS (
             SELECT $area UNION SELECT a.area FROM areas a JOIN below b ON a.parent = b.area
         )
         SELECT NOT EXISTS (SELECT 1 FROM areas WHERE granted = 1 AND area NOT IN (SELECT area FROM below))",
    )?;
    Ok(query.query_row(named_params! {"$area": area.key()}, |row| row.get(0))?)
}

/// Areas that rows stand in or cursors are kept for, but that are granted no more.
pub(crate) fn list_lost(store: &Connection) -> Result<Vec<AreaId>> {
    let mut query = store
        .prepare_cached("SELECT area FROM cursors WHERE area NOT IN (SELECT area FROM areas WHERE granted = 1)")?;
    let rows = query.query_map([], |row| row.get(0).map(AreaId::of))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The name of a person.
pub(crate) fn find_person(store: &Connection, user: UserId) -> Result<Option<String>> {
    let mut query = store.prepare_cached("SELECT name FROM people WHERE user = $user")?;
    Ok(query.query_row(named_params! {"$user": user.key()}, |row| row.get(0)).optional()?)
}
