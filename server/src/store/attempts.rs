//! How often the judging of a changeset was begun and not brought to its end.

use sync_protocol::WriterId;

use super::db::{Result, Tx};
use crate::args;

/// The changesets right behind a writer's prefix were in hand when the server failed: each counts once, if none was counted.
pub fn mark(tx: &Tx<'_>, writer: WriterId, applied: u64) -> Result<()> {
    let id = writer.to_string();
    tx.run("DELETE FROM attempts WHERE writer = $1 AND seq <= $2", args![&id, applied])?;
    let (mut seqs, mut next) = (Vec::new(), applied + 1);
    tx.each(
        "SELECT first, seq FROM changesets WHERE writer = $1 AND seq > $2 ORDER BY seq",
        args![&id, applied],
        |row| {
            let (first, seq) = (row.number(0)?, row.number(1)?);
            let follows = first == next;
            if follows {
                seqs.push(seq);
                next = seq + 1;
            }
            Ok(follows)
        },
    )?;
    for seq in seqs {
        tx.run(
            "INSERT INTO attempts (writer, seq, attempts) VALUES ($1, $2, 1) ON CONFLICT (writer, seq) DO NOTHING",
            args![&id, seq],
        )?;
    }
    Ok(())
}

/// The first changeset behind the prefix that was in hand, and how often.
pub fn find_first(tx: &Tx<'_>, writer: WriterId, applied: u64) -> Result<Option<(u64, u64)>> {
    tx.row(
        "SELECT seq, attempts FROM attempts WHERE writer = $1 AND seq > $2 ORDER BY seq LIMIT 1",
        args![&writer.to_string(), applied],
        |row| Ok((row.number(0)?, row.number(1)?)),
    )
}

/// The judging of a changeset begins once more.
pub fn count(tx: &Tx<'_>, writer: WriterId, seq: u64) -> Result<()> {
    tx.run(
        "UPDATE attempts SET attempts = attempts + 1 WHERE writer = $1 AND seq = $2",
        args![&writer.to_string(), seq],
    )?;
    Ok(())
}

/// The judging of a changeset came to its end.
pub fn clear(tx: &Tx<'_>, writer: WriterId, seq: u64) -> Result<()> {
    tx.run("DELETE FROM attempts WHERE writer = $1 AND seq = $2", args![&writer.to_string(), seq])?;
    Ok(())
}
