//! What became of the device's own saves: stored, judged, missed or refused.

use rusqlite::Connection;
use sync_protocol::exchange::{Answer, VerdictRange, WriterState};
use sync_protocol::{Verdict, WriterId};

use super::{Asked, Progress};
use crate::error::Result;
use crate::store::meta::{self, Name};
use crate::store::{outbox, verdicts};

/// Takes what the answer says of the own writer; tells whether anything of it is news.
pub(crate) fn take(
    store: &Connection,
    writer: WriterId,
    answer: &Answer,
    asked: Asked,
    progress: &mut Progress,
) -> Result<bool> {
    let Some(state) = answer.writers.iter().find(|state| state.writer == writer) else {
        // No word of what was pushed: it is not stored for all we know.
        progress.push_stalled |= asked.pushed.is_some();
        return Ok(false);
    };
    let judged = take_verdicts(store, state, progress)? | take_decisions(store, state)?;
    let stored = take_stored(store, state, asked, progress)?;
    let backed_up = meta::number(store, Name::BackedUp)?;
    if state.backed_up as i64 > backed_up {
        meta::set(store, Name::BackedUp, state.backed_up as i64)?;
    }
    Ok(judged || stored)
}

fn take_verdicts(store: &Connection, state: &WriterState, progress: &mut Progress) -> Result<bool> {
    let known = meta::number(store, Name::Applied)? as u64;
    let last = outbox::last(store)?.map_or(0, |(seq, _)| seq);
    let mut applied = known;
    let mut ranges: Vec<VerdictRange> = state.verdicts.clone();
    ranges.sort_unstable_by_key(|range| range.first);
    for range in ranges {
        // Only what joins up counts, and nothing that this device never sealed.
        let (first, to) = (range.first.max(applied + 1), range.last.min(last));
        if range.first > applied + 1 || to < first {
            continue;
        }
        verdicts::put(store, first, to, range.verdict)?;
        if range.verdict == Verdict::AppliedWithConflict {
            progress.report.conflicts += to - first + 1;
        }
        applied = to;
    }
    if applied > known {
        meta::set(store, Name::Applied, applied as i64)?;
        // One answer tells a bounded number of verdicts.
        progress.verdicts_due = applied < state.applied.min(last);
    }
    Ok(applied > known)
}

/// What was decided later of saves that had another verdict.
fn take_decisions(store: &Connection, state: &WriterState) -> Result<bool> {
    let applied = meta::number(store, Name::Applied)? as u64;
    for decision in &state.decisions {
        let range = decision.verdict;
        if range.first >= 1 && range.first <= range.last && range.last <= applied {
            verdicts::decide(store, range, decision.under)?;
            // The server has its bytes, whatever it said of them before.
            outbox::mark_stored(store, range.first, range.last)?;
        }
    }
    if state.decisions.is_empty() {
        return Ok(false);
    }
    meta::set(store, Name::Decided, state.decided as i64)?;
    Ok(true)
}

fn take_stored(store: &Connection, state: &WriterState, asked: Asked, progress: &mut Progress) -> Result<bool> {
    if let Some(from) = state.push_from {
        outbox::mark_missing(store, from, &state.waiting)?;
    }
    let mut sent = outbox::mark_stored(store, 1, state.applied)?;
    for (first, last) in &state.waiting {
        sent += outbox::mark_stored(store, *first, *last)?;
    }
    progress.report.saves_sent += sent;
    let mut refused = false;
    if let Some((first, last)) = asked.pushed {
        for (place, code) in &state.refused {
            if let Some(seq) = outbox::nth_seq(store, first, last, *place)? {
                outbox::mark_refused(store, seq, *code)?;
                refused = true;
            }
        }
    }
    // A server that neither stores nor refuses what it is sent gets it again in another session, not for ever in this one.
    if let (Some((first, last)), 0, false) = (asked.pushed, sent, refused) {
        progress.push_stalled |= outbox::is_unsent(store, first, last)?;
    }
    Ok(sent > 0 || refused)
}
