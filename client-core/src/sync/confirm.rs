//! Own saves that the server merged without anybody else's hand in the record: the base becomes what was seen already,
//! and no row has to come back.

use std::collections::HashMap;

use sync_protocol::exchange::AreaPage;
use sync_protocol::save::reserved;
use sync_protocol::{AreaId, Digest, RecordId, Row, RowHash};

use super::landing::Landing;
use super::pages;
use crate::error::Result;
use crate::rows;
use crate::store::overlay::{self, Covered};
use crate::store::records;

/// How own saves go into a record's base.
struct Planned {
    covered: Covered,
    /// Where the record stands on the server.
    area: AreaId,
    /// Hash of the base to be.
    hash: RowHash,
    /// The base to be with the saves that are not in it; `None`: it is the view.
    apart: Option<Apart>,
}

struct Apart {
    row: Row,
    text: String,
    due: Vec<u64>,
    over: Vec<u64>,
}

/// Merges own saves into the bases of records that no line has named; returns how many records that were.
///
/// A record that the server has sent before stands where it was: its area's head is enough to tell. Of one that it never
/// sent it is known only when every area is at its head (`is_whole`), or when the area's sum says so.
pub(crate) fn own_saves(landing: &mut Landing<'_>, arrived: &[&AreaPage], is_whole: bool) -> Result<u64> {
    let heads = arrived.iter().filter(|page| page.digest.is_some() && page.own > 0);
    let asker = landing.asker;
    let own: HashMap<AreaId, u64> = heads.map(|page| (page.area, asker.place(page.own))).collect();
    if !landing.covered || (own.is_empty() && !is_whole) {
        return Ok(0);
    }
    let mut confirmed = 0;
    let mut new: HashMap<AreaId, Vec<Planned>> = HashMap::new();
    let mut placed: HashMap<RecordId, AreaId> = HashMap::new();
    for covered in overlay::list_covered(landing.store)? {
        // One that has left the device's areas comes back by its row, if it comes.
        let Some(area) = covered.area else { continue };
        if covered.base.is_some() {
            let Some(upto) = own.get(&area) else { continue };
            if let Some(planned) = plan(landing, covered, *upto, &placed)? {
                apply(landing, planned)?;
                confirmed += 1;
            }
        } else if let Some(planned) = plan(landing, covered, asker.place(u64::MAX), &placed)? {
            placed.insert(planned.covered.id, planned.area);
            new.entry(planned.area).or_default().push(planned);
        }
    }
    for (area, planned) in new {
        if landing.standing(area)?.cursor.seq > 0 && (is_whole || is_due(landing, area, &planned)?) {
            confirmed += planned.len() as u64;
            planned.into_iter().try_for_each(|planned| apply(landing, planned))?;
        }
    }
    Ok(confirmed)
}

/// Whether the area's sum is what the server says once these are in it.
fn is_due(landing: &mut Landing<'_>, area: AreaId, planned: &[Planned]) -> Result<bool> {
    let standing = landing.standing(area)?;
    let mut sum: Digest = standing.digest;
    planned.iter().for_each(|planned| sum.add(planned.hash));
    Ok(standing.due == Some(sum))
}

fn plan(
    landing: &mut Landing<'_>,
    covered: Covered,
    upto: u64,
    placed: &HashMap<RecordId, AreaId>,
) -> Result<Option<Planned>> {
    let (first, last) = covered.saves;
    // What other writers of this device changed comes as rows.
    if landing.asker.holds(first)
        && last <= upto
        && landing.is_merged(last)
        && landing.not_applied.range(first..=last).next().is_none()
    {
        let area = area(landing, &covered, covered.root, covered.view_area, placed)?;
        return Ok(area.map(|area| Planned { covered, area, hash: covered.view_hash, apart: None }));
    }
    plan_apart(landing, covered, upto, placed)
}

/// Some saves are in the server's row, others are not yet or never.
fn plan_apart(
    landing: &mut Landing<'_>,
    covered: Covered,
    upto: u64,
    placed: &HashMap<RecordId, AreaId>,
) -> Result<Option<Planned>> {
    let (due, over): (Vec<u64>, Vec<u64>) = overlay::list(landing.store, covered.record)?
        .into_iter()
        .partition(|save| landing.asker.holds(*save) && *save <= upto && landing.is_merged(*save));
    if due.is_empty() {
        return Ok(None);
    }
    let mut row = match covered.base {
        Some(base) => rows::parsed(&records::text(landing.store, base)?)?,
        None => {
            let held = records::held(landing.store, covered.record)?;
            Row::new(held.collection, held.id)
        }
    };
    landing.own.lay_over(&mut row, &due)?;
    let root = row.collection.parent().and_then(|_| row.parsed(reserved::PARENT));
    let area = area(landing, &covered, root, row.parsed(reserved::AREA), placed)?;
    let text = row.to_text();
    let hash = RowHash::of(&text);
    Ok(area.map(|area| Planned { covered, area, hash, apart: Some(Apart { row, text, due, over }) }))
}

/// Where the server has a record: where it was, or else where its own saves put it.
fn area(
    landing: &Landing<'_>,
    covered: &Covered,
    root: Option<RecordId>,
    written: Option<AreaId>,
    placed: &HashMap<RecordId, AreaId>,
) -> Result<Option<AreaId>> {
    if covered.base.is_some() {
        return Ok(covered.area);
    }
    let Some(root) = root else { return Ok(written) };
    // Children follow their household, which was looked at before them.
    if let Some(area) = placed.get(&root) {
        return Ok(Some(*area));
    }
    Ok(records::find(landing.store, root)?.filter(|root| root.base.is_some()).and_then(|root| root.area))
}

fn apply(landing: &mut Landing<'_>, planned: Planned) -> Result<()> {
    let Planned { covered, area, hash, apart } = planned;
    if let Some(base) = covered.base {
        let old = records::hash(landing.store, base)?;
        landing.standing(area)?.digest.remove(old);
        if base != covered.view {
            records::drop_doc(landing.store, base)?;
        }
    }
    landing.standing(area)?.digest.add(hash);
    let Some(Apart { mut row, text, due, over }) = apart else {
        // Nothing is rewritten: the base is the view from now on.
        records::confirm(landing.store, covered.record, area)?;
        return overlay::clear(landing.store, covered.record);
    };
    let mut held = records::held(landing.store, covered.record)?;
    held.base = Some(records::add_doc(landing.store, &text, hash)?);
    held.area = Some(area);
    due.iter().try_for_each(|save| overlay::remove(landing.store, held.record, *save))?;
    if over.is_empty() {
        return rows::set_view_to_base(landing.store, &mut held, &text);
    }
    landing.own.lay_over(&mut row, &over)?;
    rows::set_view(landing.store, &mut held, &row.to_text())
}

/// Forgets records that the server holds in none of the device's areas, once all that was saved on them is decided.
/// With every area at its head, what has no base by now is nowhere.
pub(crate) fn drop_nowhere(landing: &mut Landing<'_>) -> Result<u64> {
    if !landing.covered {
        return Ok(0);
    }
    let mut dropped = 0;
    for held in records::list_baseless(landing.store)? {
        if overlay::list(landing.store, held.record)?.iter().all(|save| landing.is_decided(*save)) {
            dropped += u64::from(pages::evict(landing, held)?);
        }
    }
    Ok(dropped)
}
