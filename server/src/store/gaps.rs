//! Gaps in the numbers of a writer: what is missing, what waits behind it, and what was sealed.

use std::collections::BTreeMap;

use sync_protocol::WriterId;

use super::changesets;
use super::db::{Result, Tx};
use crate::args;
use crate::gaps::SealedGap;

/// A writer of which something waits for what is missing before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gaps {
    /// The writer.
    pub writer: WriterId,
    /// Ranges of saves that are not here, each with something behind it.
    pub missing: Vec<(u64, u64)>,
    /// Ranges of saves that wait.
    pub waiting: Vec<(u64, u64)>,
}

/// The gaps of a writer whose prefix ends at `applied`.
pub fn find(tx: &Tx<'_>, writer: WriterId, applied: u64) -> Result<Option<Gaps>> {
    let waiting = changesets::waiting_ranges(tx, writer, applied)?;
    let (mut missing, mut next) = (Vec::new(), applied + 1);
    for (first, last) in &waiting {
        if *first > next {
            missing.push((next, first - 1));
        }
        next = last + 1;
    }
    Ok((!missing.is_empty()).then_some(Gaps { writer, missing, waiting }))
}

/// Nobody will send these saves any more.
pub fn seal(tx: &Tx<'_>, writer: WriterId, (first, last): (u64, u64), reason: &str, now_ms: i64) -> Result<()> {
    tx.run(
        "INSERT INTO sealed_gaps (writer, first, last, sealed, reason) VALUES ($1, $2, $3, $4, $5)",
        args![&writer.to_string(), first, last, now_ms, reason],
    )?;
    Ok(())
}

/// Sealed gaps of which nothing has come, by writer.
pub fn list_sealed(tx: &Tx<'_>) -> Result<BTreeMap<WriterId, Vec<SealedGap>>> {
    let sealed = tx.rows(
        "SELECT g.writer, g.first, g.last, g.sealed, g.reason FROM sealed_gaps g
         WHERE NOT EXISTS (SELECT 1 FROM changesets c WHERE c.writer = g.writer AND c.seq BETWEEN g.first AND g.last)
         ORDER BY g.writer, g.first",
        args![],
        |row| {
            let gap =
                SealedGap { first: row.number(1)?, last: row.number(2)?, sealed: row.int(3)?, reason: row.string(4)? };
            Ok((row.parsed::<WriterId>(0)?, gap))
        },
    )?;
    let mut by_writer: BTreeMap<WriterId, Vec<SealedGap>> = BTreeMap::new();
    sealed.into_iter().for_each(|(writer, gap)| by_writer.entry(writer).or_default().push(gap));
    Ok(by_writer)
}

/// The first save number of a sealed gap that has still not come: to its device, everything from there on is missing.
pub fn find_open(tx: &Tx<'_>, writer: WriterId) -> Result<Option<u64>> {
    let sealed = tx.rows(
        "SELECT first, last FROM sealed_gaps WHERE writer = $1 ORDER BY first",
        args![&writer.to_string()],
        |row| Ok((row.number(0)?, row.number(1)?)),
    )?;
    for (first, last) in sealed {
        let mut next = first;
        for (from, to) in changesets::waiting_ranges(tx, writer, first - 1)? {
            if from > next {
                break;
            }
            next = to + 1;
        }
        if next <= last {
            return Ok(Some(next));
        }
    }
    Ok(None)
}
