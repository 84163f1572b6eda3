//! Where a record stands: a root in the area that its `_area` names, a child with its root; and who may write there.

use sync_protocol::broken::{Rule, is_broken};
use sync_protocol::save::reserved;
use sync_protocol::{AreaId, Code, Collection, RecordId, Row, UserId};

use super::batch::Batch;
use crate::store::db::Result;
use crate::store::records::{self, Recent, Record};

/// A record's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) root: RecordId,
    pub(super) area: AreaId,
}

/// The place that a row names. `earlier` knows the records worked out before it in the same save.
pub(super) fn find(
    batch: &mut Batch<'_>,
    row: &Row,
    earlier: impl Fn(RecordId) -> Option<(Collection, Found)>,
) -> Result<std::result::Result<Found, Code>> {
    let Some(parents) = row.collection.parent() else {
        let Some(area) = row.parsed(reserved::AREA) else { return Ok(Err(Code::UnknownArea)) };
        let exists = batch.area_exists(area)?;
        return Ok(if exists { Ok(Found { root: row.id, area }) } else { Err(Code::UnknownArea) });
    };
    let Some(parent) = row.parsed::<RecordId>(reserved::PARENT) else { return Ok(Err(Code::UnknownParent)) };
    let found = match earlier(parent) {
        Some(found) => Some(found),
        None => records::find(batch.tx, parent)?.map(|r| (r.collection, Found { root: r.root, area: r.area })),
    };
    Ok(match found {
        Some((collection, found)) if collection == parents => Ok(found),
        _ => Err(Code::UnknownParent),
    })
}

/// Whether a grant of the person, at that time, covered an area where the record stood or has left an eviction, and, for a
/// new or moved record, the area it comes to.
pub(super) fn may_write(
    batch: &mut Batch<'_>,
    user: UserId,
    at_ms: i64,
    id: RecordId,
    before: Option<&Record>,
    to: Found,
) -> Result<bool> {
    let Some(before) = before else { return batch.is_granted(user, to.area, at_ms) };
    if before.area != to.area && !batch.is_granted(user, to.area, at_ms)? {
        return Ok(false);
    }
    if batch.is_granted(user, before.area, at_ms)? {
        return Ok(true);
    }
    for area in records::left_areas(batch.tx, id)? {
        if batch.is_granted(user, area, at_ms)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// After a move: an eviction where the record stood, and for a household the same for all that belongs to it.
pub(super) fn leave(batch: &mut Batch<'_>, before: &Record, now: &Record, in_save: &[RecordId]) -> Result<()> {
    if before.area == now.area {
        return Ok(());
    }
    change_area(batch, before.id, before.area, now.area)?;
    if now.collection.parent().is_some() {
        return Ok(());
    }
    for child in records::list_of_root(batch.tx, now.id)? {
        // Those that the same save wrote find their new place themselves.
        if in_save.contains(&child.id) {
            continue;
        }
        change_area(batch, child.id, child.area, now.area)?;
        batch.remove(child.area, child.hash)?;
        batch.add(now.area, child.hash)?;
        let seq = batch.next_seq(now.area)?;
        records::put(batch.tx, &Record { area: now.area, seq, other_seq: seq, recent: Recent::whole(seq), ..child })?;
    }
    Ok(())
}

fn change_area(batch: &mut Batch<'_>, id: RecordId, from: AreaId, to: AreaId) -> Result<()> {
    let seq = batch.next_seq(from)?;
    if !is_broken(Rule::EvictionMove) {
        records::evict(batch.tx, from, id, seq)?;
    }
    records::readmit(batch.tx, to, id)
}
