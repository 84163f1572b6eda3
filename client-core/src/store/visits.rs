//! Outcomes of visits: the household list shows the last one.

use rusqlite::{Connection, OptionalExtension, named_params};
use sync_protocol::RecordId;

use super::ids::Key;
use crate::error::Result;
use crate::facts::Facts;

/// Takes a visit's outcome, and lets its household's line show the last one.
pub(crate) fn put(store: &Connection, record: i64, facts: &Facts<'_>) -> Result<()> {
    store.prepare_cached("DELETE FROM visits WHERE record = $record")?.execute(named_params! {"$record": record})?;
    let Some(root) = facts.root() else { return Ok(()) };
    if let Some(outcome) = facts.outcome.as_deref().filter(|_| facts.alive) {
        store
            .prepare_cached("INSERT INTO visits (record, root, outcome, at) VALUES ($record, $root, $outcome, $at)")?
            .execute(named_params! {
                "$record": record, "$root": root.key(), "$outcome": outcome, "$at": facts.updated.0,
            })?;
    }
    if let Some(last) = find_last(store, root)? {
        store
            .prepare_cached(
                "UPDATE households SET outcome = $outcome WHERE record = (SELECT record FROM records WHERE id = $root)",
            )?
            .execute(named_params! {"$outcome": last, "$root": root.key()})?;
    }
    Ok(())
}

/// The outcome of a household's last visit.
pub(crate) fn find_last(store: &Connection, root: RecordId) -> Result<Option<String>> {
    let mut query = store.prepare_cached("SELECT outcome FROM visits WHERE root = $root ORDER BY at DESC LIMIT 1")?;
    Ok(query.query_row(named_params! {"$root": root.key()}, |row| row.get(0)).optional()?)
}
