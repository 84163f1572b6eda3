//! What the server decided of the device's own saves, where it is not a plain "applied".

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, named_params};
use sync_protocol::exchange::VerdictRange;
use sync_protocol::{Code, Dot, Verdict, WriterId};

use super::ids::Key;
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

/// Stores what was decided of a range of saves that had another verdict. `under`: what the first of them was merged as.
pub(crate) fn decide(store: &Connection, range: VerdictRange, under: Option<(WriterId, u64)>) -> Result<()> {
    let mut statement = store.prepare_cached(
        "INSERT OR REPLACE INTO verdicts (save, word, code, under_writer, under_save)
         VALUES ($save, $word, $code, $under_writer, $under_save)",
    )?;
    for save in range.first..=range.last {
        statement.execute(named_params! {
            "$save": save as i64,
            "$word": range.verdict.word(),
            "$code": range.verdict.code().map(Code::word),
            "$under_writer": under.map(|(writer, _)| writer.key()),
            "$under_save": under.map(|(_, first)| (first + save - range.first) as i64),
        })?;
    }
    Ok(())
}

/// What was decided of these saves counts no more.
pub(crate) fn forget(store: &Connection, first: u64, last: u64) -> Result<()> {
    store
        .prepare_cached("DELETE FROM verdicts WHERE save BETWEEN $first AND $last")?
        .execute(named_params! {"$first": first as i64, "$last": last as i64})?;
    Ok(())
}

/// Judged saves that are in no row under their own name.
pub(crate) fn list_not_applied(store: &Connection) -> Result<BTreeSet<u64>> {
    let mut query = store.prepare_cached(
        "SELECT save FROM verdicts WHERE word NOT IN ('applied', 'applied_with_conflict') OR under_writer IS NOT NULL",
    )?;
    let rows = query.query_map([], |row| row.get::<_, i64>(0).map(|save| save as u64))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Saves that were merged under another name: number, and the name.
pub(crate) fn list_renamed(store: &Connection) -> Result<BTreeMap<u64, Dot>> {
    let mut query =
        store.prepare_cached("SELECT save, under_writer, under_save FROM verdicts WHERE under_writer IS NOT NULL")?;
    let rows = query.query_map([], |row| {
        let under = Dot { writer: WriterId::of(row.get(1)?), save: row.get::<_, i64>(2)? as u64 };
        Ok((row.get::<_, i64>(0)? as u64, under))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Saves that a person should look at: judged and not merged, and not seen since, with the verdict.
pub(crate) fn list_attention(store: &Connection) -> Result<Vec<(u64, Verdict)>> {
    let mut query = store.prepare_cached(
        "SELECT save, word, code FROM verdicts
         WHERE word NOT IN ('applied', 'applied_with_conflict') AND seen = 0 ORDER BY save",
    )?;
    let rows = query.query_map([], |row| Ok((row.get::<_, i64>(0)? as u64, read(row)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The person has seen what was decided of a save.
pub(crate) fn set_seen(store: &Connection, save: u64) -> Result<()> {
    store
        .prepare_cached("UPDATE verdicts SET seen = 1 WHERE save = $save")?
        .execute(named_params! {"$save": save as i64})?;
    Ok(())
}

/// Whether a range holds a save that is kept out and may be decided yet.
pub(crate) fn any_open(store: &Connection, first: u64, last: u64) -> Result<bool> {
    let mut query = store.prepare_cached(
        "SELECT 1 FROM verdicts WHERE save BETWEEN $first AND $last AND word IN ('quarantined', 'parked') LIMIT 1",
    )?;
    Ok(query.exists(named_params! {"$first": first as i64, "$last": last as i64})?)
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
