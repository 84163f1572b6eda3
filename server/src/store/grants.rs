//! Grants: who may work in which areas, from when until when.

use serde::Serialize;
use sync_protocol::{AreaId, UserId};
use utoipa::ToSchema;

use crate::args;
use crate::store::db::{Columns, Result, Tx};
use crate::store::scope;

/// One grant: the area and all below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Grant {
    /// The grant.
    pub id: String,
    /// Who.
    #[schema(value_type = String)]
    pub user: UserId,
    /// Where.
    #[schema(value_type = String)]
    pub area: AreaId,
    /// From when; milliseconds since 1970.
    pub starts: i64,
    /// Until when; absent while open.
    pub ends: Option<i64>,
    /// Who gave it.
    #[schema(value_type = String)]
    pub granted_by: UserId,
}

fn grant(row: &Columns<'_>) -> Result<Grant> {
    Ok(Grant {
        id: row.string(0)?,
        user: row.parsed(1)?,
        area: row.parsed(2)?,
        starts: row.int(3)?,
        ends: row.opt_int(4)?,
        granted_by: row.parsed(5)?,
    })
}

/// Adds a grant.
pub fn add(tx: &Tx<'_>, grant: &Grant) -> Result<()> {
    scope::directory_changed(tx)?;
    tx.run(
        "INSERT INTO grants (id, user_id, area, starts, ends, granted_by) VALUES ($1, $2, $3, $4, $5, $6)",
        args![
            &grant.id,
            grant.user.to_string().as_str(),
            grant.area.to_string().as_str(),
            grant.starts,
            grant.ends,
            grant.granted_by.to_string().as_str()
        ],
    )?;
    Ok(())
}

/// The grant with this id.
pub fn find(tx: &Tx<'_>, id: &str) -> Result<Option<Grant>> {
    tx.row("SELECT id, user_id, area, starts, ends, granted_by FROM grants WHERE id = $1", args![id], grant)
}

/// Ends a grant at `now`, or never lets it begin; false if it had ended before.
pub fn end(tx: &Tx<'_>, id: &str, now: i64) -> Result<bool> {
    scope::directory_changed(tx)?;
    let ended = tx.run(
        "UPDATE grants SET ends = CASE WHEN starts > $2 THEN starts ELSE $2 END
         WHERE id = $1 AND (ends IS NULL OR ends > $2)",
        args![id, now],
    )?;
    Ok(ended > 0)
}

/// A person's grants, ended ones too.
pub fn list_of(tx: &Tx<'_>, user: UserId) -> Result<Vec<Grant>> {
    tx.rows(
        "SELECT id, user_id, area, starts, ends, granted_by FROM grants WHERE user_id = $1 ORDER BY starts, id LIMIT 10000",
        args![user.to_string().as_str()],
        grant,
    )
}

/// Every grant that is open at `at`.
pub fn list_open(tx: &Tx<'_>, at: i64) -> Result<Vec<Grant>> {
    tx.rows(
        "SELECT id, user_id, area, starts, ends, granted_by FROM grants
         WHERE starts <= $1 AND (ends IS NULL OR ends > $1) ORDER BY user_id, starts, id LIMIT 100000",
        args![at],
        grant,
    )
}

/// Every area that a person's grants open at `at` cover.
pub fn list_areas(tx: &Tx<'_>, user: UserId, at: i64) -> Result<Vec<AreaId>> {
    tx.rows(
        "WITH RECURSIVE below (id) AS (
             SELECT area FROM grants WHERE user_id = $1 AND starts <= $2 AND (ends IS NULL OR ends > $2)
             UNION SELECT a.id FROM areas a JOIN below b ON a.parent = b.id)
         SELECT id FROM below ORDER BY id",
        args![user.to_string().as_str(), at],
        |row| row.parsed(0),
    )
}
