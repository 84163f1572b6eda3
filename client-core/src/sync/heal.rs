//! Digests: where the sum over an area's rows differs from the server's, the area is pulled again whole.

use sync_protocol::exchange::{AreaPage, Cursor};
use sync_protocol::{AreaId, Collection, Digest};

use super::Progress;
use super::landing::Landing;
use super::pages;
use crate::error::Result;
use crate::rows;
use crate::store::cursors::{self, Standing};
use crate::store::{outbox, overlay, records};

/// Whole pulls of one area on one day; after that it is reported, and work goes on.
const HEALS_PER_DAY_MAX: i64 = 2;
const DAY_MS: i64 = 86_400_000;

/// At the end of a whole pull, drops what it did not bring.
pub(crate) fn drop_undelivered(
    landing: &mut Landing<'_>,
    arrived: &[&AreaPage],
    progress: &mut Progress,
) -> Result<()> {
    for page in arrived.iter().filter(|page| page.digest.is_some()) {
        if !landing.standing(page.area)?.whole {
            continue;
        }
        for held in records::list_stale(landing.store, page.area)? {
            progress.report.evicted += u64::from(pages::evict(landing, held)?);
        }
        landing.standing(page.area)?.whole = false;
    }
    Ok(())
}

/// Areas at their head whose sums differ from the server's, and those where a change came to something not held.
pub(crate) fn list_different(landing: &mut Landing<'_>, arrived: &[&AreaPage]) -> Result<Vec<AreaId>> {
    let mut different: Vec<AreaId> = Vec::new();
    for page in arrived {
        let sum = landing.standing(page.area)?.digest;
        if page.digest.is_some_and(|theirs| theirs != sum) || landing.broken.contains(&page.area) {
            different.push(page.area);
        }
    }
    Ok(different)
}

/// Begins an area anew, or reports it where that was tried often enough today.
pub(crate) fn pull_whole(landing: &mut Landing<'_>, area: AreaId, progress: &mut Progress) -> Result<()> {
    let before = cursors::standing(landing.store, area)?;
    let today = landing.now_ms.div_euclid(DAY_MS);
    let heals = if before.heal_day == today { before.heals } else { 0 };
    if heals >= HEALS_PER_DAY_MAX {
        if !progress.report.mismatched.contains(&area) {
            progress.report.mismatched.push(area);
        }
        return Ok(());
    }
    let anew = Standing {
        cursor: Cursor::default(),
        digest: Digest::default(),
        moved: true,
        whole: true,
        heals: heals + 1,
        heal_day: today,
    };
    cursors::put(landing.store, area, &anew)?;
    records::mark_stale(landing.store, area)?;
    lay_again(landing, area)?;
    progress.more = true;
    Ok(())
}

/// Remembers again which own saves lie in an area. The server need not send back a record that only this device wrote,
/// so a pull from the beginning must find them over their records.
pub(crate) fn lay_again(landing: &mut Landing<'_>, area: AreaId) -> Result<()> {
    let last = outbox::last(landing.store)?.map_or(0, |(seq, _)| seq);
    for save in (1..=last).filter(|save| *save <= landing.applied && !landing.not_applied.contains(save)) {
        let writes = landing.own.writes(save)?.to_vec();
        for write in writes {
            let record = match records::find(landing.store, write.id)? {
                Some(held) if held.area == Some(area) => held.record,
                // Made here, evicted with its area, and now the area is back.
                None if write.context.is_empty() && stands_in(landing, area, &write)? => {
                    let mut row = rows::blank(write.collection, write.id);
                    landing.own.lay_over(&mut row, &[save])?;
                    rows::insert_own(landing.store, &row, area)?
                }
                _ => continue,
            };
            overlay::add(landing.store, record, save)?;
            landing.covered = true;
        }
    }
    Ok(())
}

fn stands_in(landing: &Landing<'_>, area: AreaId, write: &sync_protocol::RecordWrite) -> Result<bool> {
    use sync_protocol::save::reserved;
    if write.collection == Collection::Household {
        return Ok(write.registers.get(reserved::AREA).and_then(|v| v.as_text()) == Some(area.to_string()));
    }
    let Ok(Some(parent)) = write.parent() else { return Ok(false) };
    Ok(records::find(landing.store, parent)?.is_some_and(|held| held.area == Some(area)))
}
