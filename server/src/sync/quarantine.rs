//! What operators do with held saves: release them or reject them, with all that waits for them.
//!
//! A save that was released has a new name, in rows and in the contexts of what its author saved after it. It may meet
//! another value; it never vanishes and never overwrites what its author had not seen.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use sync_protocol::exchange::Salt;
use sync_protocol::{Code, Dot, Verdict};
use utoipa::ToSchema;

use super::Hub;
use super::judge::Judgement;
use super::ladder;
use super::reissue::{Leave, Reissue};
use crate::ambient::Ambient;
use crate::store::db::Result;
use crate::store::held::{self, Held, HeldId};
use crate::store::{Tx, changesets, kept_aside};

/// Held saves that one request may decide on.
pub const DECIDED_MAX: usize = 1_000;
/// Saves that one transaction judges again because what they stood on has come.
const ARRIVED_MAX: u32 = 500;
/// Saves from before they were listed that one transaction looks into.
const UNREAD_MAX: u32 = 1_000;

/// The operator's desk, within a transaction of the caller, which writes the audit with it.
#[derive(Clone)]
pub struct Desk {
    ambient: Arc<dyn Ambient>,
    now_ms: i64,
    salt: Salt,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("now_ms", &self.now_ms).finish_non_exhaustive()
    }
}

/// What becomes of the saves that wait for a rejected one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dependants {
    /// They are rejected with it.
    Reject,
    /// They go on without it, as what their authors saved.
    Release,
}

/// What became of a held save.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// Merged, under a new name.
    Released {
        /// Which.
        #[schema(value_type = String)]
        save: HeldId,
        /// Whether a register now holds several values.
        conflict: bool,
        /// Whether it had waited and went on by itself.
        followed: bool,
    },
    /// Decided against.
    Rejected {
        /// Which.
        #[schema(value_type = String)]
        save: HeldId,
        /// Whether it went with another.
        followed: bool,
    },
    /// It cannot be merged as it is: it stays.
    Refused {
        /// Which.
        #[schema(value_type = String)]
        save: HeldId,
        /// Why.
        #[schema(value_type = String)]
        code: Code,
    },
    /// It waits for others: decide on those.
    Waits {
        /// Which.
        #[schema(value_type = String)]
        save: HeldId,
        /// For which.
        #[schema(value_type = Vec<String>)]
        on: Vec<HeldId>,
    },
    /// It is none that waits for a decision.
    Decided {
        /// Which.
        #[schema(value_type = String)]
        save: HeldId,
    },
}

impl Desk {
    /// The desk, now.
    pub fn at(hub: &Hub) -> Desk {
        Desk { ambient: Arc::clone(&hub.ambient), now_ms: hub.now_ms(), salt: hub.salt() }
    }

    /// Releases held saves, each writer's in their order, and whatever waited for them. Call it once in a transaction.
    pub fn release(&self, tx: &Tx<'_>, ids: &[HeldId]) -> Result<Vec<Outcome>> {
        let mut decisions = self.begin(tx);
        let mut left: BTreeSet<HeldId> = ids.iter().cloned().collect();
        // One of them may wait for another one of another writer.
        loop {
            let mut put_off = BTreeSet::new();
            let many = left.len();
            for id in left {
                if !decisions.release(&id)? {
                    put_off.insert(id);
                }
            }
            if put_off.is_empty() || put_off.len() == many {
                put_off.iter().try_for_each(|id| decisions.note_waits(id))?;
                return decisions.finish(self.salt);
            }
            left = put_off;
        }
    }

    /// Rejects held saves, and decides what waits for them. Call it once in a transaction.
    pub fn reject(&self, tx: &Tx<'_>, ids: &[HeldId], dependants: Dependants) -> Result<Vec<Outcome>> {
        let mut decisions = self.begin(tx);
        for id in ids {
            decisions.reject(id, dependants)?;
        }
        decisions.finish(self.salt)
    }

    fn begin<'t>(&self, tx: &'t Tx<'t>) -> Decisions<'t> {
        let reissue = Reissue::begin(tx, Arc::clone(&self.ambient), self.now_ms);
        Decisions { tx, now_ms: self.now_ms, reissue, outcomes: Vec::new() }
    }
}

/// The decisions of one transaction.
struct Decisions<'t> {
    tx: &'t Tx<'t>,
    now_ms: i64,
    reissue: Reissue<'t>,
    outcomes: Vec<Outcome>,
}

impl Decisions<'_> {
    /// Tells whether it came to an end: `false` if the save waits for another.
    fn release(&mut self, id: &HeldId) -> Result<bool> {
        let Some(held) = self.unsettled(id)? else { return Ok(true) };
        if held.verdict == Verdict::Parked {
            return Ok(false);
        }
        match self.reissue.judge(id, Leave::Operator)? {
            (Judgement { verdict, .. }, Some(under)) => self.settle(id, verdict, under, false)?,
            (Judgement { verdict: Verdict::Quarantined(code), .. }, None) => {
                self.outcomes.push(Outcome::Refused { save: id.clone(), code });
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn reject(&mut self, id: &HeldId, dependants: Dependants) -> Result<()> {
        let Some(held) = self.unsettled(id)? else { return Ok(()) };
        let code = match held.verdict.code() {
            Some(code) => code,
            None => reason(self.tx, id.dot)?,
        };
        self.turn_down(id, code, dependants)
    }

    /// Rejects a save, and with it whatever waits for it, directly or through others, if that is what was asked.
    fn turn_down(&mut self, id: &HeldId, code: Code, dependants: Dependants) -> Result<()> {
        self.note_rejected(id, code, false)?;
        if is_fork(id) {
            return Ok(());
        }
        if dependants == Dependants::Release {
            return self.go_on(id.dot);
        }
        // Not by recursion: a chain may be as long as a device has saves.
        let mut rejected = vec![id.dot];
        while let Some(dot) = rejected.pop() {
            for waiting in held::list_waiting_for(self.tx, dot)? {
                let id = HeldId::of(waiting);
                if held::find(self.tx, &id)?.is_some_and(|held| held.verdict == Verdict::Parked) {
                    self.note_rejected(&id, code, true)?;
                    rejected.push(waiting);
                }
            }
            held::free(self.tx, dot)?;
        }
        Ok(())
    }

    fn note_rejected(&mut self, id: &HeldId, code: Code, followed: bool) -> Result<()> {
        held::decide(self.tx, id, Verdict::Rejected(code), None, self.now_ms)?;
        self.outcomes.push(Outcome::Rejected { save: id.clone(), followed });
        if is_fork(id) { Ok(()) } else { held::set_waits(self.tx, id.dot, &[]) }
    }

    /// A held save that waits for a decision; of any other the outcome is noted.
    fn unsettled(&mut self, id: &HeldId) -> Result<Option<Held>> {
        let held = held::find(self.tx, id)?.filter(Held::is_unsettled);
        if held.is_none() {
            let followed = self.outcomes.iter().any(|outcome| outcome.save() == id);
            if !followed {
                self.outcomes.push(Outcome::Decided { save: id.clone() });
            }
        }
        Ok(held)
    }

    fn settle(&mut self, id: &HeldId, verdict: Verdict, under: Dot, followed: bool) -> Result<()> {
        held::decide(self.tx, id, verdict, Some(under), self.now_ms)?;
        let conflict = verdict == Verdict::AppliedWithConflict;
        self.outcomes.push(Outcome::Released { save: id.clone(), conflict, followed });
        if is_fork(id) { Ok(()) } else { self.go_on(id.dot) }
    }

    /// What waited for a save and for nothing else is judged now, in the order of its writers.
    fn go_on(&mut self, settled: Dot) -> Result<()> {
        let free = held::free(self.tx, settled)?;
        self.judge_again(free)
    }

    /// Judges held saves again, with the rights of their authors, and whatever waited for them.
    fn judge_again(&mut self, free: Vec<Dot>) -> Result<()> {
        let mut free: BTreeSet<Dot> = free.into_iter().collect();
        while let Some(dot) = free.pop_first() {
            let id = HeldId::of(dot);
            let Some(held) = held::find(self.tx, &id)?.filter(Held::is_unsettled) else { continue };
            let (judgement, under) = self.reissue.judge(&id, Leave::Author)?;
            let verdict = judgement.verdict;
            if verdict != held.verdict {
                held::decide(self.tx, &id, verdict, under, self.now_ms)?;
            }
            if under.is_some() {
                let conflict = verdict == Verdict::AppliedWithConflict;
                self.outcomes.push(Outcome::Released { save: id, conflict, followed: true });
                free.extend(held::free(self.tx, dot)?);
                continue;
            }
            held::set_waits(self.tx, dot, &judgement.waits)?;
            if let Some(record) = judgement.awaits {
                held::await_record(self.tx, dot, record)?;
            }
        }
        Ok(())
    }

    fn note_waits(&mut self, id: &HeldId) -> Result<()> {
        let on = held::list_waits(self.tx, id.dot)?.into_iter().map(HeldId::of).collect();
        self.outcomes.push(Outcome::Waits { save: id.clone(), on });
        Ok(())
    }

    fn finish(self, salt: Salt) -> Result<Vec<Outcome>> {
        self.reissue.batch.finish(salt)?;
        Ok(self.outcomes)
    }
}

impl Outcome {
    /// Which save.
    pub fn save(&self) -> &HeldId {
        match self {
            Outcome::Released { save, .. }
            | Outcome::Rejected { save, .. }
            | Outcome::Refused { save, .. }
            | Outcome::Waits { save, .. }
            | Outcome::Decided { save } => save,
        }
    }
}

fn is_fork(id: &HeldId) -> bool {
    id.life.hash().is_some()
}

/// Why that is held for which a parked save waits in the end.
fn reason(tx: &Tx<'_>, parked: Dot) -> Result<Code> {
    let (mut next, mut seen) = (vec![parked], BTreeSet::new());
    while let Some(dot) = next.pop() {
        if let Some(code) = held::find(tx, &HeldId::of(dot))?.and_then(|held| held.verdict.code()) {
            return Ok(code);
        }
        if seen.insert(dot) {
            next.extend(held::list_waits(tx, dot)?);
        }
    }
    Ok(Code::UnknownParent)
}

/// All that waits for a held save, directly or through others, each writer's in their order.
pub fn list_dependants(tx: &Tx<'_>, id: &HeldId) -> Result<Vec<HeldId>> {
    if is_fork(id) {
        return Ok(Vec::new());
    }
    let (mut next, mut found) = (vec![id.dot], BTreeSet::new());
    while let Some(dot) = next.pop() {
        next.extend(held::list_waiting_for(tx, dot)?.into_iter().filter(|dot| found.insert(*dot)));
    }
    Ok(found.into_iter().map(HeldId::of).collect())
}

/// Judges the saves again that were kept out because a record was missing which has come since.
pub(super) fn follow_arrivals(hub: &Hub) -> Result<()> {
    let mut most = ARRIVED_MAX;
    // Nothing is written where nothing has come, which is nearly always.
    while hub.store.read(held::has_arrived)? {
        let desk = Desk::at(hub);
        let judged = hub.store.write(move |tx| {
            let arrived = held::take_arrived(tx, most)?;
            let mut decisions = desk.begin(tx);
            decisions.judge_again(arrived)?;
            decisions.finish(desk.salt)
        });
        match judged {
            Ok(_) => {}
            Err(error) if !ladder::is_its_own(&error) => return Err(error),
            // One of them cannot be judged: each by itself now.
            Err(_) if most > 1 => most = 1,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a held save is left to a person");
                hub.store.write(|tx| held::take_arrived(tx, 1))?;
            }
        }
    }
    Ok(())
}

/// Looks into saves that were quarantined before they were listed: what they touch, and forks that were kept aside.
pub(super) fn read_older(hub: &Hub) -> Result<()> {
    let now_ms = hub.now_ms();
    while hub.store.write(move |tx| read_some(tx, now_ms))? {}
    Ok(())
}

fn read_some(tx: &Tx<'_>, now_ms: i64) -> Result<bool> {
    let unread = held::list_unread(tx, UNREAD_MAX)?;
    for id in &unread {
        let original = changesets::original(tx, id.dot)?;
        let tag = original.as_ref().and_then(|original| original.tag).unwrap_or(sync_protocol::Tag(0));
        let save = original.and_then(|original| sync_protocol::Save::parse(&original.line).ok());
        held::add_records(tx, id, &save.map_or_else(Vec::new, |save| super::judge::touched(&save)))?;
        held::set_tag(tx, id, tag)?;
    }
    let listed = kept_aside::list_older(tx, UNREAD_MAX, now_ms)?;
    Ok(!unread.is_empty() || listed)
}
