//! Attachments as the store knows them: which drafts and saves name them, and how they stand at the server.

use std::collections::BTreeMap;

use rusqlite::{Connection, named_params};
use sync_protocol::{Attachment, BlobHash};

use crate::drafts::DraftId;
use crate::error::Result;

/// How an attachment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The server lacks it.
    Waiting,
    /// The server has it, and not every backup of it.
    Here,
    /// The server does not take it.
    Refused,
    /// Its bytes are gone from this device.
    Lost,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Here => "here",
            Self::Refused => "refused",
            Self::Lost => "lost",
        }
    }
}

/// Takes a file into a draft, under the name that the answers call it.
pub(crate) fn put_in_draft(store: &Connection, draft: DraftId, named: &Attachment) -> Result<()> {
    store
        .prepare_cached("INSERT OR IGNORE INTO attachments (hash, bytes) VALUES ($hash, $bytes)")?
        .execute(named_params! {"$hash": named.blob.0, "$bytes": named.bytes as i64})?;
    store
        .prepare_cached(
            "INSERT OR REPLACE INTO draft_attachments (draft, name, hash, media) VALUES ($draft, $name, $hash, $media)",
        )?
        .execute(named_params! {
            "$draft": draft.0, "$name": named.name, "$hash": named.blob.0, "$media": named.media,
        })?;
    Ok(())
}

/// The files that a draft's answers may name.
pub(crate) fn of_draft(store: &Connection, draft: DraftId) -> Result<BTreeMap<String, Attachment>> {
    let mut query = store.prepare_cached(
        "SELECT d.name, d.hash, a.bytes, d.media FROM draft_attachments d JOIN attachments a ON a.hash = d.hash
         WHERE d.draft = $draft",
    )?;
    let rows = query.query_map(named_params! {"$draft": draft.0}, |row| {
        let name: String = row.get(0)?;
        let bytes = row.get::<_, i64>(2)? as u64;
        Ok((name.clone(), Attachment { blob: BlobHash(row.get(1)?), bytes, name, media: row.get(3)? }))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A sealed save names these.
pub(crate) fn set_saved(store: &Connection, hashes: &[BlobHash]) -> Result<()> {
    let mut statement = store.prepare_cached("UPDATE attachments SET saved = 1 WHERE hash = $hash")?;
    for hash in hashes {
        statement.execute(named_params! {"$hash": hash.0})?;
    }
    Ok(())
}

/// Takes in a file that a save named before this store knew of it.
pub(crate) fn adopt(store: &Connection, hash: BlobHash, bytes: u64) -> Result<()> {
    store
        .prepare_cached("INSERT OR IGNORE INTO attachments (hash, bytes, saved) VALUES ($hash, $bytes, 1)")?
        .execute(named_params! {"$hash": hash.0, "$bytes": bytes as i64})?;
    Ok(())
}

/// Forgets what neither a save nor a draft names; returns it.
pub(crate) fn drop_unnamed(store: &Connection) -> Result<Vec<BlobHash>> {
    let mut statement = store.prepare_cached(
        "DELETE FROM attachments
         WHERE saved = 0 AND NOT EXISTS (SELECT 1 FROM draft_attachments d WHERE d.hash = attachments.hash)
         RETURNING hash",
    )?;
    let rows = statement.query_map([], |row| Ok(BlobHash(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Forgets a file that every backup of the server holds. Tells whether its bytes may go: no draft names it any more.
pub(crate) fn forget(store: &Connection, hash: BlobHash) -> Result<bool> {
    let gone = store
        .prepare_cached(
            "DELETE FROM attachments WHERE hash = $hash
             AND NOT EXISTS (SELECT 1 FROM draft_attachments d WHERE d.hash = attachments.hash)",
        )?
        .execute(named_params! {"$hash": hash.0})?;
    if gone == 0 {
        set_state(store, hash, State::Here)?;
    }
    Ok(gone > 0)
}

/// How a file stands from now on. Tells whether it stood otherwise.
pub(crate) fn set_state(store: &Connection, hash: BlobHash, state: State) -> Result<bool> {
    let changed = store
        .prepare_cached("UPDATE attachments SET state = $state WHERE hash = $hash AND state <> $state")?
        .execute(named_params! {"$hash": hash.0, "$state": state.word()})?;
    Ok(changed > 0)
}

/// A receipt tells how a file that waits stands. Tells whether that is news; of any other file it is none.
pub(crate) fn settle(store: &Connection, hash: BlobHash, state: State) -> Result<bool> {
    let changed = store
        .prepare_cached("UPDATE attachments SET state = $state WHERE hash = $hash AND saved = 1 AND state = 'waiting'")?
        .execute(named_params! {"$hash": hash.0, "$state": state.word()})?;
    Ok(changed > 0)
}

/// A file with its length.
pub(crate) type Sized = (BlobHash, u64);

/// Files of saves that the server lacks, by hash after one; with `again` also those that it has had or refused before.
pub(crate) fn list_due(store: &Connection, again: bool, after: Option<BlobHash>, most: usize) -> Result<Vec<Sized>> {
    let mut query = store.prepare_cached(
        "SELECT hash, bytes FROM attachments
         WHERE saved = 1 AND (state = 'waiting' OR ($again AND state IN ('here', 'refused'))) AND hash > $after
         ORDER BY hash LIMIT $most",
    )?;
    let after = after.map_or(Vec::new(), |hash| hash.0.to_vec());
    let rows = query.query_map(named_params! {"$again": again, "$after": after, "$most": most as i64}, |row| {
        Ok((BlobHash(row.get(0)?), row.get::<_, i64>(1)? as u64))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Files that were lost, and of which the server was not told.
pub(crate) fn list_lost(store: &Connection, most: usize) -> Result<Vec<BlobHash>> {
    let mut query = store
        .prepare_cached("SELECT hash FROM attachments WHERE saved = 1 AND state = 'lost' ORDER BY hash LIMIT $most")?;
    let rows = query.query_map(named_params! {"$most": most as i64}, |row| Ok(BlobHash(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every file that this store knows, and whether a save names it.
pub(crate) fn all(store: &Connection) -> Result<BTreeMap<BlobHash, bool>> {
    let mut query = store.prepare_cached("SELECT hash, saved FROM attachments")?;
    let rows = query.query_map([], |row| Ok((BlobHash(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Files of saves that the server lacks, their bytes, and those that it refused.
pub(crate) fn count_waiting(store: &Connection) -> Result<(u64, u64, u64)> {
    let mut query = store.prepare_cached(
        "SELECT count(*) FILTER (WHERE state = 'waiting'), coalesce(sum(bytes) FILTER (WHERE state = 'waiting'), 0),
                count(*) FILTER (WHERE state = 'refused')
         FROM attachments WHERE saved = 1",
    )?;
    let row = query.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))?;
    Ok((row.0 as u64, row.1 as u64, row.2 as u64))
}

/// Whether there is a file that the server may have and that not every backup of it holds.
pub(crate) fn has_kept(store: &Connection) -> Result<bool> {
    let mut query =
        store.prepare_cached("SELECT 1 FROM attachments WHERE saved = 1 AND state IN ('here', 'refused') LIMIT 1")?;
    Ok(query.exists([])?)
}
