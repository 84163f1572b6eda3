//! What a save stands on: what of it is not settled yet, and what of it was merged under another name.
//!
//! Of its own writer a save has seen everything with a smaller number than its context names: a device shows its own saves
//! until they are decided. Of another writer it has seen what the server's rows held, and those never held a save that is
//! held: only one that the context names itself was on its author's screen, before a backup was restored. In doubt both
//! values are kept.

use std::collections::BTreeMap;

use sync_protocol::broken::{Rule, is_broken};
use sync_protocol::ids::Seen;
use sync_protocol::merge::Standing;
use sync_protocol::{Context, Dot, RecordId, RecordWrite, Verdict, WriterId};

use super::batch::Batch;
use crate::store::changesets;
use crate::store::db::{Error, Result};
use crate::store::held::{self, Held, HeldId};

/// The unsettled saves that this write, sealed under `sealed`, has seen: all that wait for a person, and of those of one
/// writer that wait for others the last. That one waits for what came before it, and when it is settled the write is looked
/// at again: a long chain of saves costs each of them two lines, not one for every save before it.
pub(super) fn unsettled(batch: &mut Batch<'_>, sealed: Dot, write: &RecordWrite) -> Result<Vec<Dot>> {
    let seen = held_and_seen(batch, sealed, write)?;
    let mut unsettled = Vec::new();
    let mut parked: BTreeMap<WriterId, Dot> = BTreeMap::new();
    for held in seen.into_iter().filter(|held| held.is_unsettled() && !is_broken(Rule::QuarantineParks)) {
        match held.verdict {
            Verdict::Parked => drop(parked.insert(held.id.dot.writer, held.id.dot)),
            _ => unsettled.push(held.id.dot),
        }
    }
    unsettled.extend(parked.into_values());
    Ok(unsettled)
}

/// The unsettled saves that touch a record which stands nowhere.
pub(super) fn unsettled_on(batch: &mut Batch<'_>, record: RecordId) -> Result<Vec<Dot>> {
    if !batch.any_held()? {
        return Ok(Vec::new());
    }
    held::list_unsettled_touching(batch.tx, record)
}

/// The context with the names under which saves that it names were merged; `None` where there is no such save.
pub(super) fn renamed(batch: &mut Batch<'_>, sealed: Dot, write: &RecordWrite) -> Result<Option<Context>> {
    let mut context: Option<Context> = None;
    for held in held_and_seen(batch, sealed, write)? {
        let Some(under) = held.under.filter(|_| !is_broken(Rule::ReleaseNames)) else { continue };
        let tag = tag_of(batch, under)?;
        let renamed = context.get_or_insert_with(|| write.context.clone());
        let entry = renamed.entry(under.writer).or_insert(Seen { save: under.save, tag });
        if entry.save < under.save {
            *entry = Seen { save: under.save, tag };
        }
    }
    Ok(context)
}

/// The saves that are or were held and that the author of this write had on the screen.
fn held_and_seen(batch: &mut Batch<'_>, sealed: Dot, write: &RecordWrite) -> Result<Vec<Held>> {
    let mut found = Vec::new();
    if write.context.is_empty() || !batch.any_held()? {
        return Ok(found);
    }
    for (&writer, &seen) in &write.context {
        let dot = Dot { writer, save: seen.save };
        if batch.standing(writer, seen)? != Standing::Known {
            // A fork that was released: its writer's other saves name it by its own tag.
            found.extend(held::find_fork(batch.tx, dot, seen.tag)?.filter(|held| held.under.is_some()));
            continue;
        }
        if writer == sealed.writer {
            found.extend(held::list_touching(batch.tx, write.id, writer, seen.save)?);
        }
        // Named itself, it counts even where it could not be read what it touches.
        if found.last().is_none_or(|held| held.id != HeldId::of(dot)) {
            found.extend(held::find(batch.tx, &HeldId::of(dot))?);
        }
    }
    Ok(found)
}

fn tag_of(batch: &Batch<'_>, dot: Dot) -> Result<sync_protocol::Tag> {
    let around = changesets::tags_around(batch.tx, dot.writer, dot.save)?;
    let tag = around.and_then(|(first, tags)| tags.get((dot.save - first) as usize).copied());
    tag.ok_or(Error::Stored("the tag of a save that was merged"))
}
