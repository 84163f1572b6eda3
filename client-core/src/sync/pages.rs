//! Area pages: rows and evictions into the base, cursors forward.

use sync_protocol::broken::{Rule, is_broken};
use sync_protocol::exchange::{AreaPage, PageLine, Received};
use sync_protocol::{AreaId, RecordId, Row, RowHash};

use super::Progress;
use super::landing::Landing;
use crate::error::{Error, Result};
use crate::facts::Facts;
use crate::rows;
use crate::store::overlay;
use crate::store::records::{self, Held};

/// Takes the pages of an answer; returns those that were taken.
pub(crate) fn take<'r>(
    landing: &mut Landing<'_>,
    received: &'r Received<'_>,
    progress: &mut Progress,
) -> Result<Vec<&'r AreaPage>> {
    let mut taken = Vec::new();
    for (page, lines) in received.pages() {
        // Rows that a walk has asked for move no cursor.
        if !page.healed.is_empty() {
            continue;
        }
        let standing = landing.standing(page.area)?;
        // From before where the device stands: nothing in it is news.
        if page.cursor.seq < standing.cursor.seq {
            continue;
        }
        for line in lines {
            match PageLine::parse(line).map_err(|_| Error::BadAnswer("a line that is neither row nor id"))? {
                PageLine::Row(text) => {
                    row(landing, page.area, text)?;
                    progress.report.rows_received += 1;
                }
                PageLine::Gone(id) => progress.report.evicted += u64::from(gone(landing, page.area, id)?),
            }
        }
        let standing = landing.standing(page.area)?;
        standing.moved |= standing.cursor != page.cursor;
        standing.cursor = page.cursor;
        standing.due = page.digest;
        taken.push(page);
    }
    Ok(taken)
}

/// A row, whole or in part, becomes the record's base; returns its id.
pub(super) fn row(landing: &mut Landing<'_>, area: AreaId, line: &str) -> Result<RecordId> {
    let facts = Facts::read(line).ok_or(Error::BadAnswer("a line that is not a row"))?;
    let id = facts.id;
    let held = records::find(landing.store, facts.id)?;
    if !facts.is_part {
        base(landing, area, held, line, &facts)?;
        return Ok(id);
    }
    let Some(from) = held.and_then(|held| held.base) else {
        // A change of something that is not here: only a whole pull helps.
        landing.broken.insert(area);
        return Ok(id);
    };
    let mut row = rows::parsed(&records::text(landing.store, from)?)?;
    let (part, _) = Row::parse_any(line).map_err(|_| Error::BadAnswer("a line that is not a row"))?;
    row.patch(part);
    let text = row.to_text();
    let facts = Facts::read(&text).ok_or(Error::BadAnswer("a line that is not a row"))?;
    base(landing, area, held, &text, &facts)?;
    Ok(id)
}

fn base(landing: &mut Landing<'_>, area: AreaId, held: Option<Held>, text: &str, facts: &Facts<'_>) -> Result<()> {
    let hash = RowHash::of(text);
    landing.standing(area)?.digest.add(hash);
    let doc = records::add_doc(landing.store, text, hash)?;
    let Some(mut held) = held else {
        rows::insert(landing.store, facts, Some(area), Some(doc), doc)?;
        return Ok(());
    };
    leave(landing, &held)?;
    // The old base goes here; where the view is the same doc, it goes when the view is pointed elsewhere.
    if let Some(old) = held.base.replace(doc).filter(|old| *old != held.view) {
        records::drop_doc(landing.store, old)?;
    }
    held.area = Some(area);
    held.stale = false;
    let over = still_over(landing, &held, facts)?;
    if over.is_empty() || is_broken(Rule::OverlayKept) {
        return rows::point_view(landing.store, &mut held, doc, facts);
    }
    let mut view = rows::parsed(text)?;
    landing.own.lay_over(&mut view, &over)?;
    rows::set_view(landing.store, &mut held, &view.to_text())
}

/// Own saves over a record that its new base does not hold; the others need not be remembered any more.
fn still_over(landing: &Landing<'_>, held: &Held, facts: &Facts<'_>) -> Result<Vec<u64>> {
    if !landing.covered {
        return Ok(Vec::new());
    }
    let mut still = Vec::new();
    for save in overlay::list(landing.store, held.record)? {
        let dot = landing.lives.dot(save)?;
        let is_seen = dot.save <= facts.seen(dot.writer);
        let is_held = landing.not_applied.contains(&save);
        if is_seen && !is_held {
            overlay::remove(landing.store, held.record, save)?;
        } else if !is_seen || !is_broken(Rule::QuarantineShown) {
            still.push(save);
        }
    }
    Ok(still)
}

/// The record is no longer in the area. Nothing happens if it stands in another one by now.
pub(crate) fn gone(landing: &mut Landing<'_>, area: AreaId, id: RecordId) -> Result<bool> {
    match records::find(landing.store, id)? {
        Some(held) if held.area == Some(area) || is_broken(Rule::EvictionElsewhere) => evict(landing, held),
        _ => Ok(false),
    }
}

/// The server holds the record in none of the device's areas. It goes, unless own saves on it are still undecided.
pub(crate) fn evict(landing: &mut Landing<'_>, mut held: Held) -> Result<bool> {
    leave(landing, &held)?;
    let over = if landing.covered { overlay::list(landing.store, held.record)? } else { Vec::new() };
    if over.iter().all(|save| landing.is_decided(*save)) || is_broken(Rule::EvictionUndecided) {
        records::delete(landing.store, &held)?;
        return Ok(true);
    }
    if let Some(base) = held.base.take().filter(|base| *base != held.view) {
        records::drop_doc(landing.store, base)?;
    }
    held.area = None;
    held.stale = false;
    records::update(landing.store, &held)?;
    Ok(false)
}

/// Takes a record's base out of its area's sum. A stale one is not in the sum: its area began anew.
fn leave(landing: &mut Landing<'_>, held: &Held) -> Result<()> {
    if let (Some(area), Some(base), false) = (held.area, held.base, held.stale) {
        let hash = records::hash(landing.store, base)?;
        landing.standing(area)?.digest.remove(hash);
    }
    Ok(())
}
