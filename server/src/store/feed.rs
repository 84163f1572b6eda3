//! The feed: an index on state. Per area and record one entry at its newest change number, a row or an eviction.

use sync_protocol::exchange::{Cursor, Salt};
use sync_protocol::{AreaId, Digest, RecordId, WriterId};

use super::db::{Columns, Error, Result, Tx};
use super::records::{self, Record};
use crate::args;

/// An area's newest change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// Change number.
    pub seq: u64,
    /// Of the commit that made it.
    pub salt: Salt,
    /// Sum over the area's rows.
    pub digest: Digest,
}

fn salt(row: &Columns<'_>, at: usize) -> Result<Salt> {
    row.bytes(at)?.try_into().map(|b| Salt(u64::from_be_bytes(b))).map_err(|_| Error::Stored("a salt"))
}

fn digest(row: &Columns<'_>, at: usize) -> Result<Digest> {
    row.bytes(at)?.try_into().map(|b| Digest(u128::from_be_bytes(b))).map_err(|_| Error::Stored("a digest"))
}

/// The area's head; the default where nothing ever changed.
pub fn head(tx: &Tx<'_>, area: AreaId) -> Result<Head> {
    let found =
        tx.row("SELECT seq, salt, digest FROM area_heads WHERE area = $1", args![&area.to_string()], |row| {
            Ok(Head { seq: row.number(0)?, salt: salt(row, 1)?, digest: digest(row, 2)? })
        })?;
    Ok(found.unwrap_or_default())
}

/// Moves an area's head, and remembers it for ever.
pub fn set_head(tx: &Tx<'_>, area: AreaId, head: &Head, mark: u64) -> Result<()> {
    let (id, salt, digest) = (area.to_string(), head.salt.0.to_be_bytes(), head.digest.0.to_be_bytes());
    tx.run(
        "INSERT INTO area_heads (area, seq, salt, digest) VALUES ($1, $2, $3, $4)
         ON CONFLICT (area) DO UPDATE SET seq = excluded.seq, salt = excluded.salt, digest = excluded.digest",
        args![&id, head.seq, salt.as_slice(), digest.as_slice()],
    )?;
    tx.run(
        "INSERT INTO head_history (area, seq, salt, mark) VALUES ($1, $2, $3, $4)",
        args![&id, head.seq, salt.as_slice(), mark],
    )?;
    Ok(())
}

/// Number of the last commit that changed an area.
pub fn mark(tx: &Tx<'_>) -> Result<u64> {
    Ok(tx.row("SELECT mark FROM marks WHERE id = 1", args![], |row| row.number(0))?.unwrap_or(0))
}

/// Number for a commit that changes areas.
pub fn next_mark(tx: &Tx<'_>) -> Result<u64> {
    tx.run("UPDATE marks SET mark = mark + 1 WHERE id = 1", args![])?;
    mark(tx)
}

/// Where the area stood at that mark.
pub fn head_at(tx: &Tx<'_>, area: AreaId, mark: u64) -> Result<Option<(u64, Salt)>> {
    tx.row(
        "SELECT seq, salt FROM head_history WHERE area = $1 AND mark <= $2 ORDER BY seq DESC LIMIT 1",
        args![&area.to_string(), mark],
        |row| Ok((row.number(0)?, salt(row, 1)?)),
    )
}

/// Whether this server ever gave out this cursor: whether it stood there, or further, with that salt.
///
/// A page that was cut has the salt of the head it was read at: what had moved behind its end by then is not in it.
pub fn knows(tx: &Tx<'_>, area: AreaId, cursor: Cursor) -> Result<bool> {
    if cursor.seq == 0 {
        return Ok(true);
    }
    let known = tx.row(
        "SELECT 1 FROM head_history WHERE area = $1 AND seq >= $2 AND salt = $3 ORDER BY seq LIMIT 1",
        args![&area.to_string(), cursor.seq, cursor.salt.0.to_be_bytes().as_slice()],
        |_| Ok(()),
    )?;
    Ok(known.is_some())
}

/// One entry of the feed.
#[derive(Debug)]
pub enum Entry {
    /// The record stands in the area.
    Row(Box<Record>),
    /// The record left the area, at this change number.
    Gone(RecordId, u64),
}

impl Entry {
    /// Its change number.
    pub fn seq(&self) -> u64 {
        match self {
            Entry::Row(record) => record.seq,
            Entry::Gone(_, seq) => *seq,
        }
    }
}

/// Hands over the area's entries after `seq`, in order, until `take` answers false.
///
/// `skip` is asked of a row's last writer and of the change number of the last change that its device cannot work out, before
/// the rest of the row is read.
pub fn each_after(
    tx: &Tx<'_>,
    area: AreaId,
    seq: u64,
    skip: impl Fn(WriterId, u64) -> bool,
    mut take: impl FnMut(Entry) -> Result<bool>,
) -> Result<()> {
    let id = area.to_string();
    // Evictions are few and small; rows stream between them.
    let mut gone = tx
        .rows("SELECT record, seq FROM evictions WHERE area = $1 AND seq > $2 ORDER BY seq", args![&id, seq], |row| {
            Ok(Entry::Gone(row.parsed(0)?, row.number(1)?))
        })?
        .into_iter()
        .peekable();
    let mut open = true;
    tx.each(
        concat!("SELECT ", records::columns!(), " FROM records WHERE area = $1 AND seq > $2 ORDER BY seq"),
        args![&id, seq],
        |row| {
            if skip(row.parsed(records::LAST_WRITER)?, row.number(records::OTHER_SEQ)?) {
                return Ok(true);
            }
            let record = records::read(row)?;
            while open && gone.peek().is_some_and(|g| g.seq() < record.seq) {
                open = gone.next().map(&mut take).transpose()?.unwrap_or(false);
            }
            open = open && take(Entry::Row(Box::new(record)))?;
            Ok(open)
        },
    )?;
    while open && let Some(entry) = gone.next() {
        open = take(entry)?;
    }
    Ok(())
}
