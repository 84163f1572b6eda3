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

/// At the end of a whole pull of an area, drops what it did not bring.
///
/// `is_whole`: no page is missing. Then an area asked for from its beginning of which none came is one where the server has
/// nothing: after a restore, say, from a backup older than everything there.
pub(crate) fn drop_undelivered(
    landing: &mut Landing<'_>,
    arrived: &[&AreaPage],
    is_whole: bool,
    progress: &mut Progress,
) -> Result<()> {
    let mut ended: Vec<AreaId> = arrived.iter().filter(|page| page.digest.is_some()).map(|page| page.area).collect();
    if is_whole {
        let standings = cursors::list(landing.store)?;
        ended.extend(standings.iter().filter(|(_, s)| s.whole && s.cursor.seq == 0).map(|(area, _)| *area));
    }
    for area in ended {
        if !landing.standing(area)?.whole {
            continue;
        }
        for held in records::list_stale(landing.store, area)? {
            progress.report.evicted += u64::from(pages::evict(landing, held)?);
        }
        landing.standing(area)?.whole = false;
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
