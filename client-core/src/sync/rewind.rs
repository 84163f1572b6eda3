//! The server was restored from a backup and knows less than this device: rows that it has lost something of are set aside
//! and sent, then every area is pulled again whole. Own saves are sent again because the server asks for them.

use std::collections::HashMap;

use rusqlite::Connection;
use sync_protocol::exchange::{Answer, Cursor};
use sync_protocol::{Digest, WriterId};

use super::Progress;
use crate::error::Result;
use crate::rows::{OwnSaves, parsed};
use crate::store::cursors::{self, Standing};
use crate::store::lives::{self, Life};
use crate::store::meta::{self, Name};
use crate::store::{outbox, overlay, records, verdicts, witnesses};

/// Bytes of witness rows in one request.
const WITNESS_BYTES: usize = 512 << 10;

/// The server knows fewer own saves than it did: what it had decided of the others counts no more, and they lie over their
/// records until it has decided again.
pub(super) fn forget_verdicts(store: &Connection, life: Life, applied: u64) -> Result<()> {
    if applied >= life.applied {
        return Ok(());
    }
    let mut own = OwnSaves::new(store)?;
    for save in applied + 1..=life.applied {
        for id in own.records(save)? {
            if let Some(held) = records::find(store, id)? {
                overlay::add(store, held.record, save)?;
            }
        }
    }
    verdicts::forget(store, applied + 1, life.place(u64::MAX))?;
    // Decisions are counted anew as well: those still known are told again.
    lives::put(store, &Life { applied, decided: 0, ..life })
}

/// Sets aside what the server may have lost, and begins every area anew; all of it stands before any row is replaced.
pub(super) fn begin(store: &Connection, prefixes: &[(WriterId, u64)], progress: &mut Progress) -> Result<()> {
    let mut surely: HashMap<WriterId, u64> = prefixes.iter().copied().collect();
    for life in lives::list(store)?.iter() {
        if refills(store, life, life.place(surely.get(&life.writer).copied().unwrap_or(0)))? {
            // What it wrote itself it sends again under its own signature.
            surely.insert(life.writer, u64::MAX);
        }
    }
    witnesses::send_all_again(store)?;
    for (area, before) in cursors::list(store)? {
        for (id, text) in records::list_base_texts(store, area)? {
            let row = parsed(&text)?;
            let is_lost = row.context.iter().any(|(w, seen)| seen.save > surely.get(w).copied().unwrap_or(0));
            if is_lost {
                witnesses::add(store, id, &text)?;
                progress.report.witnesses += 1;
            }
        }
        let anew = Standing {
            cursor: Cursor::default(),
            digest: Digest::default(),
            due: None,
            moved: true,
            whole: true,
            ..before
        };
        cursors::put(store, area, &anew)?;
        records::mark_stale(store, area)?;
    }
    meta::clear(store, Name::Mark)?;
    meta::clear(store, Name::Scope)?;
    progress.more = true;
    Ok(())
}

/// Whether this device can send all its own saves again that the server may have lost.
fn refills(store: &Connection, life: &Life, from: u64) -> Result<bool> {
    let last = outbox::last(store, life)?.map_or(0, |(seq, _)| seq);
    Ok(from >= last || outbox::find_holding(store, from + 1)?.is_some_and(|found| found.first <= from + 1))
}

/// The next rows set aside to be sent, with their places.
pub(super) fn next_witnesses(store: &Connection) -> Result<Vec<(i64, String)>> {
    witnesses::next_unsent(store, WITNESS_BYTES)
}

/// Whether rows set aside are still to be sent.
pub(super) fn is_due(store: &Connection, progress: &Progress) -> Result<bool> {
    Ok(!progress.witness_stalled && witnesses::has_unsent(store)?)
}

/// The server has taken the first so many of those sent.
pub(super) fn take_witnessed(store: &Connection, answer: &Answer, progress: &mut Progress) -> Result<bool> {
    let sent = std::mem::take(&mut progress.witnesses_sent);
    for witness in sent.iter().take(answer.witnessed) {
        witnesses::mark_sent(store, *witness)?;
    }
    // An older server takes none: they stay set aside.
    progress.witness_stalled |= !sent.is_empty() && answer.witnessed == 0;
    Ok(!sent.is_empty() && answer.witnessed > 0)
}
