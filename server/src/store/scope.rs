//! What a person may see and write: areas granted, with all below them.

use sync_protocol::exchange::{AreaNode, Directory, Round, Salt};
use sync_protocol::{AreaId, UserId};

use super::db::{Columns, Result, Tx};
use super::forms;
use crate::args;

/// Heads of all areas in a person's scope at that time; areas where nothing ever happened are left out.
///
/// `IN` and not `JOIN`: the planner takes a scope for large, and would read every head there is to join it.
pub fn heads(tx: &Tx<'_>, user: UserId, at_ms: i64) -> Result<Vec<(AreaId, u64, Salt)>> {
    tx.rows(
        "WITH RECURSIVE scope (id) AS (
            SELECT area FROM grants WHERE user_id = $1 AND starts <= $2 AND (ends IS NULL OR ends > $2)
            UNION SELECT areas.id FROM areas JOIN scope ON areas.parent = scope.id)
         SELECT area, seq, salt FROM area_heads WHERE area IN (SELECT id FROM scope) ORDER BY area",
        args![&user.to_string(), at_ms],
        |row| {
            let salt = row.bytes(2)?.try_into().map(u64::from_be_bytes).unwrap_or_default();
            Ok((row.parsed(0)?, row.number(1)?, Salt(salt)))
        },
    )
}

/// Whether a grant of the person covered the area at that time.
pub fn covers(tx: &Tx<'_>, user: UserId, area: AreaId, at_ms: i64) -> Result<bool> {
    let found = tx.row(
        "WITH RECURSIVE above (id, parent) AS (
            SELECT id, parent FROM areas WHERE id = $2
            UNION SELECT areas.id, areas.parent FROM areas JOIN above ON areas.id = above.parent)
         SELECT 1 FROM grants JOIN above ON grants.area = above.id
          WHERE grants.user_id = $1 AND starts <= $3 AND (ends IS NULL OR ends > $3) LIMIT 1",
        args![&user.to_string(), &area.to_string(), at_ms],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Whether there is such an area.
pub fn area_exists(tx: &Tx<'_>, area: AreaId) -> Result<bool> {
    Ok(tx.row("SELECT 1 FROM areas WHERE id = $1", args![&area.to_string()], |_| Ok(()))?.is_some())
}

fn node(row: &Columns<'_>, granted: bool) -> Result<AreaNode> {
    let level = row.text(2)?.parse().map_err(|()| super::db::Error::Stored("a level"))?;
    Ok(AreaNode {
        code: row.string(1)?,
        granted,
        id: row.parsed(0)?,
        level,
        name: row.string(3)?,
        parent: row.opt_parsed(4)?,
    })
}

/// How often anything that a [`directory`] tells has changed since the file was made.
pub fn directory_changes(tx: &Tx<'_>) -> Result<u64> {
    let changes = tx.row("SELECT changes FROM directory_changes WHERE id = 1", args![], |row| row.number(0))?;
    changes.ok_or(super::db::Error::Stored("a count"))
}

/// Notes a change of an area, a grant, a round, a published form or a person's name: every write of them calls it.
pub(super) fn directory_changed(tx: &Tx<'_>) -> Result<()> {
    tx.run("UPDATE directory_changes SET changes = changes + 1 WHERE id = 1", args![])?;
    Ok(())
}

/// When, after `at_ms`, a grant of the person next begins or ends by itself; `None` if none does.
pub fn next_turn(tx: &Tx<'_>, user: UserId, at_ms: i64) -> Result<Option<i64>> {
    let turn = tx.row(
        "SELECT min(turn) FROM (SELECT starts AS turn FROM grants WHERE user_id = $1 AND starts > $2
             UNION ALL SELECT ends FROM grants WHERE user_id = $1 AND ends > $2) turns",
        args![&user.to_string(), at_ms],
        |row| row.opt_int(0),
    )?;
    Ok(turn.flatten())
}

/// What a person's device needs to know beside rows.
pub fn directory(tx: &Tx<'_>, user: UserId, at_ms: i64) -> Result<Directory> {
    let user = user.to_string();
    let mut areas = tx.rows(
        "WITH RECURSIVE scope (id) AS (
            SELECT area FROM grants WHERE user_id = $1 AND starts <= $2 AND (ends IS NULL OR ends > $2)
            UNION SELECT areas.id FROM areas JOIN scope ON areas.parent = scope.id)
         SELECT id, code, level, name, parent FROM areas WHERE id IN (SELECT id FROM scope) ORDER BY code",
        args![&user, at_ms],
        |row| node(row, true),
    )?;
    let above = tx.rows(
        "WITH RECURSIVE above (id) AS (
            SELECT areas.parent FROM grants JOIN areas ON areas.id = grants.area
             WHERE user_id = $1 AND starts <= $2 AND (ends IS NULL OR ends > $2)
            UNION SELECT areas.parent FROM areas JOIN above ON areas.id = above.id)
         SELECT id, code, level, name, parent FROM areas WHERE id IN (SELECT id FROM above) ORDER BY code",
        args![&user, at_ms],
        |row| node(row, false),
    )?;
    let granted: std::collections::HashSet<AreaId> = areas.iter().map(|area| area.id).collect();
    areas.extend(above.into_iter().filter(|area| !granted.contains(&area.id)));
    let round = tx.row(
        "SELECT id, name, first_day, last_day FROM rounds ORDER BY first_day DESC, id DESC LIMIT 1",
        args![],
        |row| Ok(Round { from: row.string(2)?, id: row.parsed(0)?, name: row.string(1)?, to: row.opt_string(3)? }),
    )?;
    let people = tx.rows("SELECT id, display_name FROM users ORDER BY id LIMIT 10000", args![], |row| {
        Ok((row.parsed(0)?, row.string(1)?))
    })?;
    let forms = forms::list_offered(tx, &areas)?;
    let mut directory = Directory { areas, forms, round, people, stamp: String::new() };
    let text = serde_json::to_string(&directory).map_err(|_| super::db::Error::Stored("a directory"))?;
    directory.stamp = blake3::hash(text.as_bytes()).to_hex()[..16].to_owned();
    Ok(directory)
}
