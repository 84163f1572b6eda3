//! Saves of which their own device says that nothing holds them any more: their gaps are sealed, so that what waits behind
//! them is judged. What comes for them after all is kept for a person, as with any sealed gap.

use std::sync::Arc;

use sync_protocol::WriterId;
use sync_protocol::exchange::Request;

use super::{Caller, Hub, judge};
use crate::store::audit::{self, Deed};
use crate::store::{Tx, db, gaps, writers};

/// Why these gaps are sealed, for the operator's list and the audit.
const REASON: &str = "Its device says that these saves are lost.";

/// Seals what the request's own writers miss for ever, one gap after the other, and judges what waited behind each.
pub(super) fn seal(hub: &Hub, caller: Caller, request: &Request) -> db::Result<()> {
    let lives = request.lives.iter().map(|life| (life.writer, &life.missing));
    for (id, missing) in lives.chain([(request.writer, &request.missing)]).filter(|(_, missing)| !missing.is_empty()) {
        // A carrier cannot know what another device holds.
        let found = hub.store.read(|tx| writers::find(tx, id))?;
        if found.is_none_or(|writer| writer.user != Some(caller.user)) {
            continue;
        }
        // What stands before a gap is judged before it is passed.
        judge::judge(hub, vec![id])?;
        while seal_next(hub, caller, id, missing.clone())? {
            judge::judge(hub, vec![id])?;
        }
    }
    Ok(())
}

/// Tells whether there was a gap that all of was told of.
fn seal_next(hub: &Hub, caller: Caller, id: WriterId, missing: Vec<(u64, u64)>) -> db::Result<bool> {
    let (now, ambient) = (hub.now_ms(), Arc::clone(&hub.ambient));
    hub.store.write(move |tx| {
        let Some(gap) = next_gap(tx, id, &missing)? else { return Ok(false) };
        gaps::seal(tx, id, gap, REASON, now)?;
        writers::set_applied(tx, id, gap.1)?;
        let subject = format!("{id}/{}", gap.1);
        audit::add(tx, &Deed::by(ambient.as_ref(), Some(caller.user), "gap.told", subject, REASON))?;
        Ok(true)
    })
}

/// The writer's first gap, where all of it was told.
fn next_gap(tx: &Tx<'_>, id: WriterId, missing: &[(u64, u64)]) -> db::Result<Option<(u64, u64)>> {
    let applied = writers::find(tx, id)?.map_or(0, |writer| writer.applied);
    let first = gaps::find(tx, id, applied)?.and_then(|found| found.missing.first().copied());
    let is_told = |(first, last): &(u64, u64)| missing.iter().any(|(from, to)| from <= first && last <= to);
    Ok(first.filter(|gap| gap.0 == applied + 1 && is_told(gap)))
}
