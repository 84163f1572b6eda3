//! What became of the device's own saves: stored, judged, missed or refused.

use std::collections::BTreeMap;

use rusqlite::Connection;
use sync_protocol::broken::{Rule, is_broken};
use sync_protocol::exchange::{Answer, VerdictRange, WriterState};
use sync_protocol::{Code, Verdict, WriterId};

use super::{Asked, Progress, decided};
use crate::error::Result;
use crate::store::lives::{self, Life};
use crate::store::{outbox, verdicts};

/// Takes what the answer says of the own writers; tells whether anything of it is news. `common`: of writers that have
/// another history on the server, the last place that both know.
pub(crate) fn take(
    store: &Connection,
    answer: &Answer,
    asked: Asked,
    common: &BTreeMap<WriterId, u64>,
    progress: &mut Progress,
) -> Result<bool> {
    let mut moved = note_vouched(store, answer, asked)?;
    let mut is_heard = false;
    let lives = lives::list(store)?;
    for state in &answer.writers {
        let Some(mut life) = lives.find(state.writer) else { continue };
        is_heard |= asked.pushed.is_some_and(|(first, _)| life.holds(first));
        let upto = common.get(&state.writer).copied();
        let judged = take_verdicts(store, state, &mut life, upto, progress)? | take_decisions(store, state, &mut life)?;
        let stored = take_stored(store, state, &life, upto, asked, progress)?;
        // Of another history of the writer, the backups hold no more than what both have.
        let backed_up = life.place(state.backed_up).min(upto.unwrap_or(u64::MAX));
        life.backed_up = life.backed_up.max(backed_up);
        lives::put(store, &life)?;
        moved |= judged || stored;
    }
    if answer.writers.iter().any(|state| state.refused.iter().any(|(_, code)| *code == Code::UnknownWriter)) {
        lives::vouch_for_all(store)?;
    }
    // No word of what was pushed: it is not stored for all we know.
    progress.push_stalled |= asked.pushed.is_some() && !is_heard;
    Ok(moved)
}

/// Who was vouched for is known now, but for those that the server did not take. A writer minted since the request was made
/// was not in it.
fn note_vouched(store: &Connection, answer: &Answer, asked: Asked) -> Result<bool> {
    let mut any = false;
    let lives = lives::list(store)?;
    let Some(asker) = lives.find(asked.writer) else { return Ok(false) };
    for life in lives.iter().filter(|life| life.vouch && life.life <= asker.life) {
        if answer.minted.iter().all(|(writer, _)| *writer != life.writer) {
            lives::put(store, &Life { vouch: false, ..*life })?;
            any = true;
        }
    }
    Ok(any)
}

fn take_verdicts(
    store: &Connection,
    state: &WriterState,
    life: &mut Life,
    upto: Option<u64>,
    progress: &mut Progress,
) -> Result<bool> {
    let known = life.applied;
    let last = upto.unwrap_or(outbox::last(store, life)?.map_or(life.place(0), |(seq, _)| seq));
    let mut ranges: Vec<VerdictRange> = state.verdicts.clone();
    ranges.sort_unstable_by_key(|range| range.first);
    for range in ranges {
        // Only what joins up counts, and nothing that this device never sealed.
        let (first, to) = (life.place(range.first).max(life.applied + 1), life.place(range.last).min(last));
        if life.place(range.first) > life.applied + 1 || to < first {
            continue;
        }
        verdicts::put(store, first, to, range.verdict)?;
        if range.verdict == Verdict::AppliedWithConflict {
            progress.report.conflicts += to - first + 1;
        }
        if range.verdict == Verdict::Rejected(Code::Repeated) {
            (first..=to).try_for_each(|place| decided::forget(store, place))?;
        }
        life.applied = to;
    }
    if life.applied > known {
        // One answer tells a bounded number of verdicts.
        progress.verdicts_due |= life.applied < life.place(state.applied).min(last);
    }
    Ok(life.applied > known)
}

/// What was decided later of saves that had another verdict.
fn take_decisions(store: &Connection, state: &WriterState, life: &mut Life) -> Result<bool> {
    for decision in &state.decisions {
        let told = decision.verdict;
        let range = VerdictRange { first: life.place(told.first), last: life.place(told.last), ..told };
        if told.first >= 1 && range.first <= range.last && range.last <= life.applied {
            verdicts::decide(store, range, decision.under)?;
            // The server has its bytes, whatever it said of them before.
            outbox::mark_stored(store, range.first, range.last)?;
        }
    }
    if state.decisions.is_empty() {
        return Ok(false);
    }
    life.decided = state.decided;
    Ok(true)
}

fn take_stored(
    store: &Connection,
    state: &WriterState,
    life: &Life,
    upto: Option<u64>,
    asked: Asked,
    progress: &mut Progress,
) -> Result<bool> {
    let waiting: Vec<(u64, u64)> =
        state.waiting.iter().map(|(first, last)| (life.place(*first), life.place(*last))).collect();
    if let Some(from) = state.push_from.filter(|_| !is_broken(Rule::RefillAsked)) {
        outbox::mark_missing(store, life.place(from), life.place(u64::MAX), &waiting)?;
    }
    let end = upto.unwrap_or(u64::MAX);
    let mut sent = outbox::mark_stored(store, life.place(1), life.place(state.applied).min(end))?;
    for (first, last) in waiting {
        sent += outbox::mark_stored(store, first, last.min(end))?;
    }
    progress.report.saves_sent += sent;
    let mut refused = false;
    let pushed = asked.pushed.filter(|(first, _)| life.holds(*first));
    // What was sealed again since needs no refusal.
    if let Some((first, last)) = pushed.filter(|_| upto.is_none()) {
        for (place, code) in &state.refused {
            // Another writer of this device vouches for it; then it is sent again.
            if *code == Code::UnknownWriter && life.life > 0 {
                continue;
            }
            if let Some(seq) = outbox::nth_seq(store, first, last, *place)? {
                outbox::mark_refused(store, seq, *code)?;
                refused = true;
            }
        }
    }
    // A server that neither stores nor refuses what it is sent gets it again in another session, not for ever in this one.
    if let (Some((first, last)), 0, false) = (pushed, sent, refused) {
        progress.push_stalled |= outbox::is_unsent(store, first, last)?;
    }
    Ok(sent > 0 || refused)
}
