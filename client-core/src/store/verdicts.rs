//! What the server decided of the device's own saves, where it is not a plain "applied".

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, named_params};
use sync_protocol::{Code, Verdict};

use crate::error::Result;

/// Stores the verdict of a range of saves.
pub(crate) fn put(store: &Connection, first: u64, last: u64, verdict: Verdict) -> Result<()> {
    if verdict == Verdict::Applied {
        store
            .prepare_cached("DELETE FROM verdicts WHERE save BETWEEN $first AND $last")?
            .execute(named_params! {"$first": first as i64, "$last": last as i64})?;
        return Ok(());
    }
    let mut statement =
        store.prepare_cached("INSERT OR REPLACE INTO verdicts (save, word, code) VALUES ($save, $word, $code)")?;
    for save in first..=last {
        let code = verdict.code().map(Code::word);
        statement.execute(named_params! {"$save": save as i64, "$word": verdict.word(), "$code": code})?;
    }
    Ok(())
}

/// Saves that were judged and not merged.
pub(crate) fn list_not_applied(store: &Connection) -> Result<BTreeSet<u64>> {
    let mut query =
        store.prepare_cached("SELECT save FROM verdicts WHERE word NOT IN ('applied', 'applied_with_conflict')")?;
    let rows = query.query_map([], |row| row.get::<_, i64>(0).map(|save| save as u64))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Saves that a person should look at: judged and not merged, with the verdict.
pub(crate) fn list_attention(store: &Connection) -> Result<Vec<(u64, Verdict)>> {
    let mut query = store.prepare_cached(
        "SELECT save, word, code FROM verdicts WHERE word NOT IN ('applied', 'applied_with_conflict') ORDER BY save",
    )?;
    let rows = query.query_map([], |row| Ok((row.get::<_, i64>(0)? as u64, read(row)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many saves met another value.
pub(crate) fn conflicts(store: &Connection) -> Result<u64> {
    let mut query = store.prepare_cached("SELECT count(*) FROM verdicts WHERE word = 'applied_with_conflict'")?;
    Ok(query.query_row([], |row| row.get::<_, i64>(0))? as u64)
}

/// The stored verdict of a save; none for a plain "applied".
pub(crate) fn find(store: &Connection, save: u64) -> Result<Option<Verdict>> {
    let mut query = store.prepare_cached("SELECT save, word, code FROM verdicts WHERE save = $save")?;
    Ok(query.query_row(named_params! {"$save": save as i64}, read).optional()?)
}

/// The verdicts of a range of saves that are not a plain "applied".
pub(crate) fn list_special(store: &Connection, first: u64, last: u64) -> Result<Vec<(u64, Verdict)>> {
    let mut query = store
        .prepare_cached("SELECT save, word, code FROM verdicts WHERE save BETWEEN $first AND $last ORDER BY save")?;
    let rows = query.query_map(named_params! {"$first": first as i64, "$last": last as i64}, |row| {
        Ok((row.get::<_, i64>(0)? as u64, read(row)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Verdict> {
    let (word, code): (String, Option<String>) = (row.get(1)?, row.get(2)?);
    let code = code.and_then(|code| code.parse().ok());
    Verdict::from_parts(&word, code).ok_or(rusqlite::Error::InvalidQuery)
}
