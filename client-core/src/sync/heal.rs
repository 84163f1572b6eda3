//! Digests: where neither a page nor a walk (`walk.rs`) can put an area right, it is pulled again whole.

use sync_protocol::exchange::{AreaPage, Cursor};
use sync_protocol::{AreaId, Digest};

use super::Progress;
use super::landing::Landing;
use super::pages;
use crate::error::Result;
use crate::store::cursors::{self, Standing};
use crate::store::records;

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

/// Begins an area anew, or reports it where that was tried often enough today.
pub(crate) fn pull_whole(landing: &mut Landing<'_>, area: AreaId, progress: &mut Progress) -> Result<()> {
    let before = cursors::standing(landing.store, area)?;
    let Some((heals, heal_day)) = one_more(landing, &before, area, progress) else { return Ok(()) };
    let anew = Standing {
        cursor: Cursor::default(),
        digest: Digest::default(),
        due: None,
        moved: true,
        whole: true,
        heals,
        heal_day,
    };
    cursors::put(landing.store, area, &anew)?;
    records::mark_stale(landing.store, area)?;
    progress.more = true;
    Ok(())
}

/// The number and day of one more heal of an area; `None`, and a report, where there were enough today.
pub(super) fn one_more(
    landing: &Landing<'_>,
    before: &Standing,
    area: AreaId,
    progress: &mut Progress,
) -> Option<(i64, i64)> {
    let today = landing.now_ms.div_euclid(DAY_MS);
    let heals = if before.heal_day == today { before.heals } else { 0 };
    if heals < HEALS_PER_DAY_MAX {
        return Some((heals + 1, today));
    }
    if !progress.report.mismatched.contains(&area) {
        progress.report.mismatched.push(area);
    }
    None
}
