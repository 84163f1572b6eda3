//! The administrative tree, with validity and successors.

use serde::Serialize;
use sync_protocol::AreaId;
use sync_protocol::exchange::AreaLevel;
use utoipa::ToSchema;

use crate::args;
use crate::store::db::{Columns, Error, Result, Tx};
use crate::store::scope;

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Area {
    /// The node.
    #[schema(value_type = String)]
    pub id: AreaId,
    /// Official code, or the office's for RW and RT.
    pub code: String,
    /// Its level.
    #[schema(value_type = String, example = "rt")]
    pub level: AreaLevel,
    /// Its name.
    pub name: String,
    /// The node above it.
    #[schema(value_type = Option<String>)]
    pub parent: Option<AreaId>,
    /// Its code at the statistics office.
    pub bps_code: Option<String>,
    /// First day, ISO 8601.
    pub valid_from: Option<String>,
    /// Last day, ISO 8601.
    pub valid_to: Option<String>,
}

fn area(row: &Columns<'_>) -> Result<Area> {
    Ok(Area {
        id: row.parsed(0)?,
        code: row.string(1)?,
        level: row.parsed(2)?,
        name: row.string(3)?,
        parent: row.opt_parsed(4)?,
        bps_code: row.opt_string(5)?,
        valid_from: row.opt_string(6)?,
        valid_to: row.opt_string(7)?,
    })
}

/// Adds a node, or brings the one with its code up to date; the stored id stays. Returns that id.
pub fn put(tx: &Tx<'_>, area: &Area) -> Result<AreaId> {
    scope::directory_changed(tx)?;
    let id = tx.row(
        "INSERT INTO areas (id, code, level, name, parent, bps_code, valid_from, valid_to)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (code) DO UPDATE SET level = excluded.level, name = excluded.name, parent = excluded.parent,
             bps_code = excluded.bps_code, valid_from = excluded.valid_from, valid_to = excluded.valid_to
         RETURNING id",
        args![
            area.id.to_string().as_str(),
            &area.code,
            area.level.word(),
            &area.name,
            area.parent.map(|p| p.to_string()).as_ref(),
            area.bps_code.as_ref(),
            area.valid_from.as_ref(),
            area.valid_to.as_ref()
        ],
        |row| row.parsed(0),
    )?;
    id.ok_or(Error::Stored("the area that was just put"))
}

/// The node with this id.
pub fn find(tx: &Tx<'_>, id: AreaId) -> Result<Option<Area>> {
    tx.row(
        "SELECT id, code, level, name, parent, bps_code, valid_from, valid_to FROM areas WHERE id = $1",
        args![id.to_string().as_str()],
        area,
    )
}

/// The node with this code.
pub fn find_by_code(tx: &Tx<'_>, code: &str) -> Result<Option<Area>> {
    tx.row(
        "SELECT id, code, level, name, parent, bps_code, valid_from, valid_to FROM areas WHERE code = $1",
        args![code],
        area,
    )
}

/// The nodes directly below one; the top of the tree where `parent` is `None`.
pub fn list_below(tx: &Tx<'_>, parent: Option<AreaId>) -> Result<Vec<Area>> {
    let parent = parent.map(|p| p.to_string());
    tx.rows(
        "SELECT id, code, level, name, parent, bps_code, valid_from, valid_to FROM areas
         WHERE COALESCE(parent, '') = COALESCE($1, '') ORDER BY code LIMIT 10000",
        args![parent.as_ref()],
        area,
    )
}

/// The whole tree, by code: each node after the one above it.
pub fn list(tx: &Tx<'_>) -> Result<Vec<Area>> {
    tx.rows(
        "SELECT id, code, level, name, parent, bps_code, valid_from, valid_to FROM areas ORDER BY code LIMIT 100000",
        args![],
        area,
    )
}

/// A node and everything below it.
pub fn list_subtree(tx: &Tx<'_>, top: AreaId) -> Result<Vec<AreaId>> {
    tx.rows(
        "WITH RECURSIVE below (id) AS (
             SELECT id FROM areas WHERE id = $1
             UNION SELECT a.id FROM areas a JOIN below b ON a.parent = b.id)
         SELECT id FROM below",
        args![top.to_string().as_str()],
        |row| row.parsed(0),
    )
}

/// A node and everything above it, from the node up.
pub fn list_ancestry(tx: &Tx<'_>, bottom: AreaId) -> Result<Vec<Area>> {
    tx.rows(
        "WITH RECURSIVE above (id, up, height) AS (
             SELECT id, parent, 0 FROM areas WHERE id = $1
             UNION ALL SELECT a.id, a.parent, above.height + 1 FROM areas a JOIN above ON a.id = above.up
             WHERE above.height < 16)
         SELECT a.id, a.code, a.level, a.name, a.parent, a.bps_code, a.valid_from, a.valid_to
         FROM above JOIN areas a ON a.id = above.id ORDER BY above.height",
        args![bottom.to_string().as_str()],
        area,
    )
}

/// Names `successor` as what became of `area`.
pub fn add_successor(tx: &Tx<'_>, area: AreaId, successor: AreaId) -> Result<()> {
    tx.run(
        "INSERT INTO area_successors (area, successor) VALUES ($1, $2) ON CONFLICT (area, successor) DO NOTHING",
        args![area.to_string().as_str(), successor.to_string().as_str()],
    )?;
    Ok(())
}

/// What became of an area.
pub fn list_successors(tx: &Tx<'_>, area: AreaId) -> Result<Vec<AreaId>> {
    tx.rows(
        "SELECT successor FROM area_successors WHERE area = $1 ORDER BY successor",
        args![area.to_string().as_str()],
        |row| row.parsed(0),
    )
}
