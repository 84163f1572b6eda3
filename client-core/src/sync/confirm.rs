//! Own saves that the server merged without anybody else's hand in the record: the base becomes what was seen already,
//! and no row has to come back.

use std::collections::HashMap;

use sync_protocol::exchange::AreaPage;
use sync_protocol::{AreaId, Row, RowHash};

use super::landing::Landing;
use super::pages;
use crate::error::Result;
use crate::rows;
use crate::store::overlay::{self, Covered};
use crate::store::records;

/// Merges own saves into the bases of records that no line has named; returns how many records that were.
pub(crate) fn own_saves(landing: &mut Landing<'_>, arrived: &[&AreaPage]) -> Result<u64> {
    // Only at an area's head it is known that no line named the record.
    let heads = arrived.iter().filter(|page| page.digest.is_some() && page.own > 0);
    let own: HashMap<AreaId, u64> = heads.map(|page| (page.area, page.own)).collect();
    if own.is_empty() || !landing.covered {
        return Ok(0);
    }
    let mut confirmed = 0;
    // A whole pull brings every row; what it has not brought is not there to be confirmed.
    for covered in overlay::list_covered(landing.store)?.into_iter().filter(|covered| !covered.stale) {
        if let Some(upto) = own.get(&covered.area) {
            confirmed += u64::from(confirm(landing, &covered, *upto)?);
        }
    }
    Ok(confirmed)
}

fn confirm(landing: &mut Landing<'_>, covered: &Covered, upto: u64) -> Result<bool> {
    let (first, last) = covered.saves;
    let all = last <= upto.min(landing.applied) && landing.not_applied.range(first..=last).next().is_none();
    if all {
        confirm_view(landing, covered)?;
        return Ok(true);
    }
    confirm_some(landing, covered, upto)
}

/// The base is the view from now on: nothing is rewritten.
fn confirm_view(landing: &mut Landing<'_>, covered: &Covered) -> Result<()> {
    if let Some(base) = covered.base {
        let hash = records::hash(landing.store, base)?;
        landing.standing(covered.area)?.digest.remove(hash);
        if base != covered.view {
            records::drop_doc(landing.store, base)?;
        }
    }
    landing.standing(covered.area)?.digest.add(covered.view_hash);
    records::confirm(landing.store, covered.record)?;
    overlay::clear(landing.store, covered.record)
}

/// Some saves are in the server's row, others are not yet or never: the base is built from those that are.
fn confirm_some(landing: &mut Landing<'_>, covered: &Covered, upto: u64) -> Result<bool> {
    let (due, over): (Vec<u64>, Vec<u64>) = overlay::list(landing.store, covered.record)?
        .into_iter()
        .partition(|save| *save <= upto && landing.is_merged(*save));
    if due.is_empty() {
        return Ok(false);
    }
    let mut held = records::held(landing.store, covered.record)?;
    let mut row = match held.base {
        Some(base) => {
            let hash = records::hash(landing.store, base)?;
            landing.standing(covered.area)?.digest.remove(hash);
            rows::parsed(&records::text(landing.store, base)?)?
        }
        None => Row::new(held.collection, held.id),
    };
    landing.own.lay_over(&mut row, &due)?;
    let text = row.to_text();
    let hash = RowHash::of(&text);
    landing.standing(covered.area)?.digest.add(hash);
    let doc = records::add_doc(landing.store, &text, hash)?;
    if let Some(old) = held.base.replace(doc).filter(|old| *old != held.view) {
        records::drop_doc(landing.store, old)?;
    }
    due.iter().try_for_each(|save| overlay::remove(landing.store, held.record, *save))?;
    landing.own.lay_over(&mut row, &over)?;
    rows::set_view(landing.store, &mut held, &row.to_text())?;
    Ok(true)
}

/// Forgets records that the server holds in none of the device's areas, once all that was saved on them is decided.
pub(crate) fn drop_nowhere(landing: &mut Landing<'_>) -> Result<u64> {
    if !landing.covered {
        return Ok(0);
    }
    let mut dropped = 0;
    for held in records::list_nowhere(landing.store)? {
        dropped += u64::from(pages::evict(landing, held)?);
    }
    Ok(dropped)
}
