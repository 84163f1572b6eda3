//! The outbox: sealed changesets, exact bytes, in the order of their numbers.

use rusqlite::{Connection, OptionalExtension, named_params};
use sync_protocol::changeset::{ChangesetHash, SignatureBytes};
use sync_protocol::{Code, RecordId, Sealed, Tag};

use super::lives::Life;
use crate::error::Result;
use crate::standing::SealedText;

/// A changeset as it is pushed.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) first: u64,
    pub(crate) seq: u64,
    pub(crate) hash: ChangesetHash,
    pub(crate) signature: SignatureBytes,
    pub(crate) header: String,
    pub(crate) payload: String,
}

fn packed(row: &rusqlite::Row<'_>) -> rusqlite::Result<Packed> {
    Ok(Packed {
        first: row.get::<_, i64>(0)? as u64,
        seq: row.get::<_, i64>(1)? as u64,
        hash: ChangesetHash(row.get(2)?),
        signature: SignatureBytes(row.get(3)?),
        header: row.get(4)?,
        payload: row.get(5)?,
    })
}

/// The next changesets behind a place, whatever became of them.
pub(crate) fn list_after(store: &Connection, place: u64, count: usize) -> Result<Vec<Packed>> {
    let mut query = store.prepare_cached(
        "SELECT first, seq, hash, signature, header, payload FROM changesets WHERE seq > $place ORDER BY seq LIMIT $count",
    )?;
    let rows = query.query_map(named_params! {"$place": place as i64, "$count": count as i64}, packed)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The texts of every changeset, in order.
pub(crate) fn list_texts(store: &Connection) -> Result<Vec<SealedText>> {
    let mut query = store.prepare_cached("SELECT first, header, payload, retold FROM changesets ORDER BY seq")?;
    let rows = query.query_map([], |row| {
        let payload: String = row.get(2)?;
        Ok(SealedText {
            first: row.get::<_, i64>(0)? as u64,
            header: row.get(1)?,
            saves: payload.split('\n').map(str::to_owned).collect(),
            retold: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every changeset that the server has neither stored nor refused.
pub(crate) fn list_unsent(store: &Connection) -> Result<Vec<Packed>> {
    let mut query = store.prepare_cached(
        "SELECT first, seq, hash, signature, header, payload FROM changesets
         WHERE stored = 0 AND refused IS NULL ORDER BY seq",
    )?;
    let rows = query.query_map([], packed)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Place and hash of the last changeset of a life that the device stands by.
pub(crate) fn last(store: &Connection, life: &Life) -> Result<Option<(u64, ChangesetHash)>> {
    let mut query = store.prepare_cached(
        "SELECT seq, hash FROM changesets WHERE seq BETWEEN $from AND $to AND retold = 0 ORDER BY seq DESC LIMIT 1",
    )?;
    let found = query
        .query_row(named_params! {"$from": life.place(0) as i64, "$to": life.place(u64::MAX) as i64}, |row| {
            Ok((row.get::<_, i64>(0)? as u64, ChangesetHash(row.get(1)?)))
        });
    Ok(found.optional()?)
}

/// Place and hash of every changeset of a life that the device stands by, in order.
pub(crate) fn list_hashes(store: &Connection, life: &Life) -> Result<Vec<(u64, ChangesetHash)>> {
    let mut query = store.prepare_cached(
        "SELECT seq, hash FROM changesets WHERE seq BETWEEN $from AND $to AND retold = 0 ORDER BY seq",
    )?;
    let rows = query
        .query_map(named_params! {"$from": life.place(0) as i64, "$to": life.place(u64::MAX) as i64}, |row| {
            Ok((row.get::<_, i64>(0)? as u64, ChangesetHash(row.get(1)?)))
        })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A changeset was sealed again under a later writer.
pub(crate) fn set_retold(store: &Connection, seq: u64) -> Result<()> {
    store
        .prepare_cached("UPDATE changesets SET retold = 1, stored = 1, refused = NULL WHERE seq = $seq")?
        .execute(named_params! {"$seq": seq as i64})?;
    Ok(())
}

/// How many saves were sealed in all lives, those not counted that were sealed again.
pub(crate) fn count_saves(store: &Connection) -> Result<u64> {
    let mut query =
        store.prepare_cached("SELECT coalesce(sum(seq - first + 1), 0) FROM changesets WHERE retold = 0")?;
    Ok(query.query_row([], |row| row.get::<_, i64>(0))? as u64)
}

/// Stores a changeset just sealed.
pub(crate) fn insert(store: &Connection, seq: u64, sealed: &Sealed, at_ms: i64) -> Result<()> {
    let tags: Vec<u8> = sealed.links.tags.iter().flat_map(|tag| tag.0.to_be_bytes()).collect();
    let mut statement = store.prepare_cached(
        "INSERT INTO changesets (seq, first, sealed_at, hash, signature, tags, header, payload)
         VALUES ($seq, $first, $sealed_at, $hash, $signature, $tags, $header, $payload)",
    )?;
    statement.execute(named_params! {
        "$seq": seq as i64,
        "$first": (seq + 1 - sealed.saves.len() as u64) as i64,
        "$sealed_at": at_ms,
        "$hash": sealed.links.hash.0,
        "$signature": sealed.signature.0,
        "$tags": tags,
        "$header": sealed.header,
        "$payload": sealed.saves.join("\n"),
    })?;
    Ok(())
}

/// The next changesets that the server has neither stored nor refused: a run without a gap, of `bytes` at most
/// (but at least one) and `count` at most. `true` where more are left after them.
pub(crate) fn next_unsent(store: &Connection, bytes: usize, count: usize) -> Result<(Vec<Packed>, bool)> {
    let mut query = store.prepare_cached(
        "SELECT first, seq, hash, signature, header, payload FROM changesets
         WHERE stored = 0 AND refused IS NULL ORDER BY seq LIMIT $limit",
    )?;
    let mut rows = query.query(named_params! {"$limit": count as i64 + 1})?;
    let mut run: Vec<Packed> = Vec::new();
    let mut size = 0;
    while let Some(row) = rows.next()? {
        let packed = packed(row)?;
        size += packed.header.len() + packed.payload.len();
        let follows = run.last().is_none_or(|last| last.seq + 1 == packed.first);
        let fits = run.is_empty() || (size <= bytes && run.len() < count);
        if !(follows && fits) {
            return Ok((run, true));
        }
        run.push(packed);
    }
    Ok((run, false))
}

/// Whether any changeset is neither stored nor refused.
pub(crate) fn has_unsent(store: &Connection) -> Result<bool> {
    let mut query =
        store.prepare_cached("SELECT EXISTS (SELECT 1 FROM changesets WHERE stored = 0 AND refused IS NULL)")?;
    Ok(query.query_row([], |row| row.get(0))?)
}

/// Hash of the changeset that ends just before save `first`.
pub(crate) fn hash_before(store: &Connection, first: u64) -> Result<ChangesetHash> {
    let mut query = store.prepare_cached("SELECT hash FROM changesets WHERE seq = $seq")?;
    let found = query.query_row(named_params! {"$seq": first as i64 - 1}, |row| row.get(0)).optional()?;
    Ok(found.map_or(ChangesetHash::NONE, ChangesetHash))
}

/// The server says that it stored everything within these numbers. Returns how many saves that is news of.
pub(crate) fn mark_stored(store: &Connection, from: u64, to: u64) -> Result<u64> {
    let mut query = store.prepare_cached(
        "UPDATE changesets SET stored = 1, refused = NULL WHERE stored = 0 AND seq <= $to AND first >= $from
         RETURNING seq - first + 1",
    )?;
    let rows = query.query_map(named_params! {"$from": from as i64, "$to": to as i64}, |row| row.get::<_, i64>(0))?;
    Ok(rows.sum::<rusqlite::Result<i64>>()? as u64)
}

/// The server says that it stored this very changeset. Returns how many saves that is news of.
pub(crate) fn mark_one_stored(store: &Connection, seq: u64, hash: ChangesetHash) -> Result<u64> {
    let mut query = store.prepare_cached(
        "UPDATE changesets SET stored = 1, refused = NULL WHERE stored = 0 AND seq = $seq AND hash = $hash
         RETURNING seq - first + 1",
    )?;
    let rows = query.query_map(named_params! {"$seq": seq as i64, "$hash": hash.0}, |row| row.get::<_, i64>(0))?;
    Ok(rows.sum::<rusqlite::Result<i64>>()? as u64)
}

/// The server misses everything between these, but for what waits there for its predecessor.
pub(crate) fn mark_missing(store: &Connection, from: u64, to: u64, waiting: &[(u64, u64)]) -> Result<()> {
    let mut query = store.prepare_cached(
        "SELECT first, seq FROM changesets WHERE stored = 1 AND retold = 0 AND seq BETWEEN $from AND $to",
    )?;
    let rows = query.query_map(named_params! {"$from": from as i64, "$to": to as i64}, |row| {
        Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64))
    })?;
    let mut statement = store.prepare_cached("UPDATE changesets SET stored = 0 WHERE seq = $seq")?;
    for (first, seq) in rows.collect::<rusqlite::Result<Vec<_>>>()? {
        if !waiting.iter().any(|(from, to)| *from <= first && seq <= *to) {
            statement.execute(named_params! {"$seq": seq as i64})?;
        }
    }
    Ok(())
}

/// The server did not store a changeset, and says why.
pub(crate) fn mark_refused(store: &Connection, seq: u64, code: Code) -> Result<()> {
    store
        .prepare_cached("UPDATE changesets SET refused = $code WHERE seq = $seq")?
        .execute(named_params! {"$seq": seq as i64, "$code": code.word()})?;
    Ok(())
}

/// Whether any changeset within these numbers is neither stored nor refused.
pub(crate) fn is_unsent(store: &Connection, first: u64, last: u64) -> Result<bool> {
    let mut query = store.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM changesets
         WHERE stored = 0 AND refused IS NULL AND first >= $first AND seq <= $last)",
    )?;
    Ok(query.query_row(named_params! {"$first": first as i64, "$last": last as i64}, |row| row.get(0))?)
}

/// Number of the changeset at a place among those pushed together.
pub(crate) fn nth_seq(store: &Connection, first: u64, last: u64, place: usize) -> Result<Option<u64>> {
    let mut query = store.prepare_cached(
        "SELECT seq FROM changesets WHERE first >= $first AND seq <= $last ORDER BY seq LIMIT 1 OFFSET $place",
    )?;
    let found = query
        .query_row(named_params! {"$first": first as i64, "$last": last as i64, "$place": place as i64}, |row| {
            row.get::<_, i64>(0)
        });
    Ok(found.optional()?.map(|seq| seq as u64))
}

/// Changesets that the server refused: first and last save, and why.
pub(crate) fn list_refused(store: &Connection) -> Result<Vec<(u64, u64, Code)>> {
    let mut query = store.prepare_cached(
        "SELECT first, seq, refused FROM changesets WHERE stored = 0 AND refused IS NOT NULL ORDER BY seq",
    )?;
    let rows = query.query_map([], |row| {
        let code: String = row.get(2)?;
        Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64, code.parse().unwrap_or(Code::Malformed)))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Saves that the server has not stored yet.
pub(crate) fn unsent_saves(store: &Connection) -> Result<u64> {
    let mut query =
        store.prepare_cached("SELECT coalesce(sum(seq - first + 1), 0) FROM changesets WHERE stored = 0")?;
    Ok(query.query_row([], |row| row.get::<_, i64>(0))? as u64)
}

/// A changeset taken out to read its saves again.
#[derive(Debug)]
pub(crate) struct Unpacked {
    pub(crate) first: u64,
    pub(crate) seq: u64,
    pub(crate) header: String,
    pub(crate) payload: String,
    pub(crate) tags: Vec<Tag>,
}

/// The changeset that holds a save.
pub(crate) fn find_holding(store: &Connection, save: u64) -> Result<Option<Unpacked>> {
    let mut query = store.prepare_cached(
        "SELECT first, seq, header, payload, tags FROM changesets WHERE seq >= $save ORDER BY seq LIMIT 1",
    )?;
    Ok(query.query_row(named_params! {"$save": save as i64}, unpack).optional()?)
}

/// Saves between two numbers, both excluded, whose changesets name a record. Reads the whole outbox between them.
pub(crate) fn list_naming(store: &Connection, id: RecordId, after: u64, before: u64) -> Result<Vec<u64>> {
    let mut query = store.prepare_cached(
        "SELECT first, seq FROM changesets
         WHERE seq > $after AND first < $before AND instr(payload, $id) > 0 ORDER BY seq",
    )?;
    let rows = query
        .query_map(named_params! {"$after": after as i64, "$before": before as i64, "$id": id.to_string()}, |row| {
            Ok(row.get::<_, i64>(0)? as u64..=row.get::<_, i64>(1)? as u64)
        })?;
    let ranges = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(ranges.into_iter().flatten().filter(|save| *save > after && *save < before).collect())
}

fn unpack(row: &rusqlite::Row<'_>) -> rusqlite::Result<Unpacked> {
    let tags: Vec<u8> = row.get(4)?;
    Ok(Unpacked {
        first: row.get::<_, i64>(0)? as u64,
        seq: row.get::<_, i64>(1)? as u64,
        header: row.get(2)?,
        payload: row.get(3)?,
        tags: tags.as_chunks::<4>().0.iter().map(|tag| Tag(u32::from_be_bytes(*tag))).collect(),
    })
}

/// Whether the server has said that it stored a changeset.
pub(crate) fn is_stored(store: &Connection, seq: u64) -> Result<bool> {
    let mut query = store.prepare_cached("SELECT stored FROM changesets WHERE seq = $seq")?;
    Ok(query.query_row(named_params! {"$seq": seq as i64}, |row| row.get(0)).optional()?.unwrap_or(false))
}

/// A changeset in a list: first and last save, when it was sealed, whether the server has stored or why it refused it.
pub(crate) struct Line {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) sealed_ms: i64,
    pub(crate) stored: bool,
    pub(crate) refused: Option<Code>,
}

/// Changesets whose saves come before this one, the newest first.
pub(crate) fn list_before(store: &Connection, save: u64, limit: usize) -> Result<Vec<Line>> {
    let mut query = store.prepare_cached(
        "SELECT first, seq, sealed_at, stored, refused FROM changesets
         WHERE seq < $save ORDER BY seq DESC LIMIT $limit",
    )?;
    let save = i64::try_from(save).unwrap_or(i64::MAX);
    let rows = query.query_map(named_params! {"$save": save, "$limit": limit as i64}, |row| {
        let refused: Option<String> = row.get(4)?;
        Ok(Line {
            first: row.get::<_, i64>(0)? as u64,
            last: row.get::<_, i64>(1)? as u64,
            sealed_ms: row.get(2)?,
            stored: row.get(3)?,
            refused: refused.map(|code| code.parse().unwrap_or(Code::Malformed)),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
